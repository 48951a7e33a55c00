"""Connecting to Redshift.

What belongs here: one connection, always over TLS and with the server verified; which failures may pass and are tried
again; and what each failure means to people.
What doesn't: finding out where and as whom (``login``), and what is said over the connection.

How the server is verified: the driver trusts Redshift's own authorities, which it brings along, and those of the
system. A private authority is trusted by naming its file in SSL_CERT_FILE, as with all that is built on OpenSSL.

No password and no token gets into an error: of the driver's exceptions come over only the kind and the server's own
words, and none is chained.
"""

import gc
import math
import socket
import ssl
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkify_dagster.aws.errors import Request, in_words
from sparkify_dagster.aws.services import REDSHIFT, SERVERLESS
from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.settings import RedshiftSettings
from sparkify_dagster.settings.values import MASK
from sparkify_dagster.showing import printable
from sparkify_dagster.warehouse.redshift.login import Login, find_login

if TYPE_CHECKING:
    import redshift_connector

PAUSES = (1.0, 3.0, 6.0)
"""Seconds before the second, third and fourth attempt."""

_MAX_MESSAGE_CHARACTERS = 300

# Insufficient resources (53300 is "too many connections"); restarts, resuming and maintenance; broken connections.
_MAY_PASS = ("53", "57P01", "57P02", "57P03", "08000", "08001", "08003", "08006")
_NOT_LET_IN = ("28",)
_NO_DATABASE = "3D000"

# Of PostgreSQL's protocol: the message's length, and a number that stands for the request.
_REQUEST_FOR_TLS = struct.pack("!ii", 8, 80877103)

_UNREACHABLE = (
    "Check REDSHIFT_HOST and REDSHIFT_PORT, that the cluster is not paused, and that its security group and VPC let "
    "this machine in"
)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an attempt failed.

    Attributes:
        reason: What happened and what to check, for people.
        may_pass: Whether another attempt may do better.
    """

    reason: str
    may_pass: bool


def connect(settings: RedshiftSettings, pause: Callable[[float], None] = time.sleep) -> "redshift_connector.Connection":
    """Connects, trying again where what fails may pass.

    Args:
        settings: Where to, and as whom.
        pause: Waits for so many seconds.

    Returns:
        A connection whose statements may take as long as they take.

    Raises:
        WarehouseError: There is no connection; the message says where to, as whom, why, and what to check.
    """
    login = find_login(settings)
    attempt = _attempt(settings, login)
    for seconds in PAUSES:
        if not (isinstance(attempt, _Failure) and attempt.may_pass):
            break
        # When logging in fails, the driver leaves its socket, and so a place at the server, to the garbage collector.
        gc.collect()
        pause(seconds)
        attempt = _attempt(settings, login)
    if isinstance(attempt, _Failure):
        times = f" (tried {len(PAUSES) + 1} times)" if attempt.may_pass else ""
        raise WarehouseError(f"cannot connect to Redshift at {_target(login)}: {attempt.reason}{times}.")
    return attempt


def _attempt(settings: RedshiftSettings, login: Login) -> "redshift_connector.Connection | _Failure":
    import redshift_connector  # noqa: PLC0415 takes long, and only Redshift needs it

    try:
        connection = redshift_connector.connect(
            host=login.host,
            port=login.port,
            database=login.database,
            ssl=True,
            sslmode=settings.sslmode,
            timeout=math.ceil(settings.connect_timeout),
            application_name="sparkify",
            # What lies between forgets connections on which nothing moves, often after 350 s; a COPY takes longer.
            tcp_keepalive=True,
            tcp_keepalive_idle=60,
            tcp_keepalive_interval=15,
            tcp_keepalive_count=8,
            # Kept statements would refer to temporary tables that are gone.
            max_prepared_statements=0,
            **_identity(settings, login),
        )
        # The driver's timeout stays on the socket, where it would cut off every statement that takes longer.
        connection._usock.settimeout(None)
    except Exception as error:
        # All of them: an answer that makes no sense comes out of the driver as a KeyError, or as struct.error.
        return _explained(error, settings, login)
    return connection


def _identity(settings: RedshiftSettings, login: Login) -> dict[str, Any]:
    if login.password:
        return {"user": login.user, "password": login.password.reveal()}
    # Not from the driver's memory: a password from there may be about to expire, or made for other credentials.
    by_iam = {"iam": True, "iam_disable_cache": True, "region": login.region}
    if settings.workgroup:
        return {**by_iam, "is_serverless": True, "serverless_work_group": settings.workgroup}
    return {**by_iam, "cluster_identifier": settings.cluster_identifier, "db_user": login.user}


def _target(login: Login) -> str:
    whom = f"user {login.user!r}" if login.user else "by IAM"
    return f"{login.host}:{login.port} (database {login.database!r}, {whom})"


def _explained(error: Exception, settings: RedshiftSettings, login: Login) -> _Failure:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from redshift_connector import Error, InterfaceError  # noqa: PLC0415

    if isinstance(error, BotoCoreError | ClientError):
        return _Failure(in_words(error, _request(settings)), may_pass=False)
    if isinstance(error, OSError):
        return _broken(error, settings)
    if not isinstance(error, Error):
        return _no_sense(type(error).__name__)
    # The driver puts what went wrong into the arguments: the server's fields, or words of its own and an OSError.
    if error.args and isinstance(error.args[0], dict):
        return _refused(error.args[0], settings, login)
    if isinstance(error.args[-1] if error.args else None, Exception):
        return _explained(error.args[-1], settings, login)
    words = str(error.args[0]) if error.args else ""
    if isinstance(error, InterfaceError) and words.startswith("Server refuses SSL") and _declines_tls(settings, login):
        return _Failure("it speaks no TLS, and without that nothing is said. Check REDSHIFT_HOST", may_pass=False)
    if isinstance(error, InterfaceError) and words.startswith(("Server refuses SSL", "BrokenPipe")):
        return _Failure(f"the server closed the connection. {_UNREACHABLE}", may_pass=True)
    return _no_sense(type(error).__name__)


def _declines_tls(settings: RedshiftSettings, login: Login) -> bool:
    """Asks for TLS once more: the driver has the same words for a no and for a connection that closes unanswered."""
    try:
        with socket.create_connection((login.host, login.port), settings.connect_timeout) as connection:
            connection.sendall(_REQUEST_FOR_TLS)
            return connection.recv(1) not in {b"", b"S"}
    except OSError:
        return False


def _request(settings: RedshiftSettings) -> Request:
    """What the driver asks of AWS for a login by IAM."""
    doing = "log in by IAM"
    if settings.workgroup:
        place, permission = f"workgroup {settings.workgroup!r}", "redshift-serverless:GetCredentials"
        return Request(SERVERLESS, doing, place, permission, "REDSHIFT_WORKGROUP")
    place, permission = f"cluster {settings.cluster_identifier!r}", "redshift:GetClusterCredentials"
    return Request(REDSHIFT, doing, place, permission, "REDSHIFT_CLUSTER_IDENTIFIER")


def _broken(error: OSError, settings: RedshiftSettings) -> _Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message.rstrip(".")
        name = " (or to the name in the certificate)" if settings.sslmode == "verify-full" else ""
        return _Failure(
            f"its certificate is not trusted: {why}. Check REDSHIFT_HOST{name}; a private authority is trusted by "
            "naming its file in SSL_CERT_FILE",
            may_pass=False,
        )
    # In the middle of a handshake, a connection that is closed comes as these two kinds of SSLError.
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _Failure(f"TLS fails ({error.reason or type(error).__name__}). Check REDSHIFT_HOST", may_pass=False)
    if isinstance(error, socket.gaierror):
        unknown = error.errno != socket.EAI_AGAIN
        return _Failure("no such host is known. Check REDSHIFT_HOST, and DNS", may_pass=not unknown)
    if isinstance(error, TimeoutError):
        waited = f"{math.ceil(settings.connect_timeout)} s"
        return _Failure(f"no answer within {waited} (REDSHIFT_CONNECT_TIMEOUT). {_UNREACHABLE}", may_pass=True)
    if isinstance(error, ConnectionRefusedError):
        return _Failure(f"the connection is refused. {_UNREACHABLE}", may_pass=True)
    return _Failure(f"the connection broke off ({type(error).__name__}). {_UNREACHABLE}", may_pass=True)


def _refused(fields: dict[str, str], settings: RedshiftSettings, login: Login) -> _Failure:
    code = fields.get("C", "")
    said = f"Redshift says {_quoted(fields.get('M', ''), login)!r} ({printable(code)})"
    if code.startswith(_NOT_LET_IN):
        return _Failure(f"{said}. {_advice_on_login(settings)}", may_pass=False)
    if code == _NO_DATABASE:
        return _Failure(f"{said}. Check REDSHIFT_DATABASE", may_pass=False)
    if code.startswith(_MAY_PASS):
        return _Failure(f"{said}. Try again later, or with fewer runs at once", may_pass=True)
    return _Failure(f"{said}. Check REDSHIFT_HOST, REDSHIFT_DATABASE and REDSHIFT_USER", may_pass=False)


def _advice_on_login(settings: RedshiftSettings) -> str:
    return {
        "secret": "Check user and password in the secret of REDSHIFT_SECRET_ARN",
        "password": "Check REDSHIFT_USER and REDSHIFT_PASSWORD",
        "workgroup": "Check that REDSHIFT_WORKGROUP's database lets this IAM identity in",
        "cluster": "Check that REDSHIFT_USER is a user of the database: logging in by IAM makes none",
    }[settings.login]


def _quoted(words: str, login: Login) -> str:
    """The server's words; they hold no password by rights, and not by mistake either."""
    if login.password:
        words = words.replace(login.password.reveal(), MASK)
    return printable(words)[:_MAX_MESSAGE_CHARACTERS].rstrip(". ")


def _no_sense(kind: str) -> _Failure:
    return _Failure(
        f"what answers makes no sense as Redshift ({kind}). Check REDSHIFT_HOST and REDSHIFT_PORT", may_pass=False
    )
