"""What is said with ``sparkify cluster create`` about one creation, beyond the settings.

What belongs here: who may connect, in which network, what it may cost; and which of it fits together.
What doesn't: names and sizes, which are settings (``settings.cluster``).
"""

import ipaddress
from dataclasses import dataclass, field

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings.cluster import DEFAULT_BASE_CAPACITY, DEFAULT_USAGE_LIMIT, ClusterSettings

MOST_ADDRESSES = 2**16
"""The most addresses of the open internet that one rule may let in: a network of one's own, not a country."""

# Those of RFC 1918 and RFC 6598. What Python calls private is more, such as 240.0.0.0/4, and in its earlier releases
# 0.0.0.0/1, whose first and last addresses are private.
_PRIVATE = tuple(
    ipaddress.IPv4Network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be made.

    Attributes:
        settings: Names and sizes.
        networks: Who may connect, as CIDR blocks.
        public: Whether it has an address on the internet.
        subnets: The subnets that it lies in; none for all of the default VPC.
        subnet_group: A subnet group that is there already, for a cluster; None for one that is made of the subnets.
        reads_all_buckets: Whether the role may read all buckets of the account, not only the lake's.
        base_capacity: The RPUs that a workgroup works with.
        usage_limit: The RPU-hours that a workgroup may take a day; it then takes no more queries until the next one.
        labels: Tags that the owner wants besides.
    """

    settings: ClusterSettings
    networks: tuple[str, ...] = ()
    public: bool = False
    subnets: tuple[str, ...] = ()
    subnet_group: str | None = None
    reads_all_buckets: bool = False
    base_capacity: int = DEFAULT_BASE_CAPACITY
    usage_limit: int = DEFAULT_USAGE_LIMIT
    labels: dict[str, str] = field(default_factory=dict)


def check_network(text: str) -> str:
    """Gives a CIDR block in its usual form; an address alone is a block of one.

    Raises:
        SettingsError: It is none, or lets in the world.
    """
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise SettingsError(f"--cidr {text} is no network: it is like 203.0.113.7/32 or 10.0.0.0/16.") from None
    if network.version != 4:
        raise SettingsError(f"--cidr {text} is of IPv6, which the cluster is not set up for: name one of IPv4.")
    if not is_private(str(network)) and network.num_addresses > MOST_ADDRESSES:
        raise SettingsError(f"--cidr {text} would let in the world: name the networks that you connect from.")
    return str(network)


def is_private(network: str) -> bool:
    """Whether a network is one that the internet does not know, such as that of a VPC."""
    return any(ipaddress.IPv4Network(network).subnet_of(private) for private in _PRIVATE)
