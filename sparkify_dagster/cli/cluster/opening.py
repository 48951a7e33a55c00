"""The account and the settings that the commands work with.

What belongs here: reading them. What doesn't: what is done with them.
"""

from sparkify_dagster.cluster.account import Account
from sparkify_dagster.cluster.platform import Platform, plan_platform
from sparkify_dagster.cluster.resource import PlatformKind
from sparkify_dagster.cluster.wishes import Wishes
from sparkify_dagster.settings.cluster import ClusterSettings, read_cluster


def the_account() -> Account:
    """The account that the credentials are of."""
    return Account()


def the_platform(name: str | None, kind: PlatformKind | None = None) -> Platform:
    """The platform of a name, as it is there; the settings' own where no name is said."""
    return plan_platform(the_account(), Wishes(settings_of(name)), kind)


def settings_of(name: str | None, *, nodes: int | None = None, node_type: str | None = None) -> ClusterSettings:
    """The settings, with what was said with the command in the place of some."""
    options = {
        "SPARKIFY_CLUSTER": name,
        "SPARKIFY_CLUSTER_NODES": None if nodes is None else str(nodes),
        "SPARKIFY_CLUSTER_NODE_TYPE": node_type,
        # Whoever says how many means no other.
        "SPARKIFY_CLUSTER_TYPE": None if nodes is None else ("multi-node" if nodes > 1 else "single-node"),
    }
    return read_cluster({variable: value for variable, value in options.items() if value is not None})
