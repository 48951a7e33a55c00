"""The address that the internet sees this machine under.

What belongs here: asking a service of AWS for it. What doesn't: whom it is let in by.
"""

import http.client
import ipaddress
import urllib.request

from sparkify_dagster.errors import SparkifyError

SERVICE = "https://checkip.amazonaws.com"
_SECONDS = 10.0
_LONGEST = 64


def callers_address(service: str = SERVICE) -> str:
    """Finds out the address of this machine.

    Args:
        service: Who is asked.

    Raises:
        SparkifyError: It does not tell; the message says how to do without.
    """
    try:
        with urllib.request.urlopen(service, timeout=_SECONDS) as answer:  # noqa: S310 AWS's, or the tests' own
            return str(ipaddress.IPv4Address(answer.read(_LONGEST).decode("ascii").strip()))
    except (OSError, ValueError, http.client.HTTPException):
        raise SparkifyError(
            f"{service} does not tell this machine's address: name the network that you connect from by --cidr, such "
            "as --cidr 203.0.113.7/32."
        ) from None
