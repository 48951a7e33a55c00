"""The subnet group: where in the network a cluster may lie.

What belongs here: the group. What doesn't: the subnets, which are there already.
"""

from collections.abc import Callable

from sparkify_dagster.aws.services import CLUSTERS
from sparkify_dagster.cluster.network import NO_SUBNET_GROUP, Network
from sparkify_dagster.cluster.resource import Found, Owner, Resource, tags_of


class SubnetGroup(Resource):
    """The group.

    Args:
        owner: The platform.
        name: Its name.
        network: Finds what it is made of; only ``differs``, ``prepare``, ``make`` and ``adjust`` ask.
        borrowed: Whether it is one that is there already.
    """

    kind = "subnet group"
    service = CLUSTERS
    setting = "--subnet-group"

    def __init__(self, owner: Owner, name: str, network: Callable[[], Network], *, borrowed: bool = False) -> None:
        super().__init__(owner, name)
        self.borrowed = borrowed
        self._network = network

    def look(self) -> Found | None:
        """Looks for it."""
        answer = self.ask(
            "describe_cluster_subnet_groups",
            "redshift:DescribeClusterSubnetGroups",
            missing=NO_SUBNET_GROUP,
            ClusterSubnetGroupName=self.name,
        )
        if answer is None or not answer["ClusterSubnetGroups"]:
            return None
        group = answer["ClusterSubnetGroups"][0]
        subnets = sorted(subnet["SubnetIdentifier"] for subnet in group["Subnets"])
        return Found(tags_of(group.get("Tags")), facts={"subnets": ", ".join(subnets)})

    def differs(self, found: Found) -> tuple[str, ...]:
        """Whether it is made of others than those that are wanted."""
        if self.borrowed or found.facts["subnets"] == ", ".join(self._network().subnets):
            return ()
        return ("subnets",)

    def prepare(self) -> None:
        """Finds the network."""
        self._network()

    def make(self) -> None:
        """Makes it."""
        self.ask(
            "create_cluster_subnet_group",
            "redshift:CreateClusterSubnetGroup",
            doing=f"make the {self.title}",
            ClusterSubnetGroupName=self.name,
            Description=f"Where the warehouse of the platform {self.owner.name} may lie",
            SubnetIds=list(self._network().subnets),
            Tags=self.tag_list(),
        )

    def adjust(self, found: Found) -> None:
        """Makes it of the subnets that are wanted."""
        self.ask(
            "modify_cluster_subnet_group",
            "redshift:ModifyClusterSubnetGroup",
            doing=f"change the {self.title}",
            ClusterSubnetGroupName=self.name,
            SubnetIds=list(self._network().subnets),
        )

    def remove(self) -> None:
        """Removes it."""
        self.ask(
            "delete_cluster_subnet_group",
            "redshift:DeleteClusterSubnetGroup",
            doing=f"remove the {self.title}",
            missing=NO_SUBNET_GROUP,
            ClusterSubnetGroupName=self.name,
        )
