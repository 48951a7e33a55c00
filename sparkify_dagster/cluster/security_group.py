"""The security group: who may connect to the warehouse's port.

What belongs here: the group and its rules. What doesn't: which networks are let in at all (``wishes``).
"""

from collections.abc import Callable, Iterable
from typing import Any

from sparkify_dagster.aws.services import EC2
from sparkify_dagster.cluster.network import Network
from sparkify_dagster.cluster.resource import PLATFORM_TAG, Found, Owner, Resource, tags_of
from sparkify_dagster.errors import SparkifyError

_RULE = "sparkify cluster"
"""What the rules are described as that ``sparkify cluster`` makes; others stay as they are."""


class SecurityGroup(Resource):
    """The group.

    Args:
        owner: The platform.
        name: Its name.
        port: The port that is let in.
        networks: Who is let in, as CIDR blocks.
        network: Finds the VPC that it is for; only ``prepare`` and ``make`` ask.

    Attributes:
        id: What AWS calls it; known once it was looked for and is there.
    """

    kind = "security group"
    service = EC2
    setting = "--name"

    def __init__(
        self, owner: Owner, name: str, *, port: int, networks: tuple[str, ...], network: Callable[[], Network]
    ) -> None:
        super().__init__(owner, name)
        self.id = ""
        self._port = port
        self._networks = networks
        self._network = network

    def look(self) -> Found | None:
        """Looks for it by its tag and, so that no other is in its place, by its name."""
        group = self._find({"tag:" + PLATFORM_TAG: self.owner.name}) or self._find({"group-name": self.name})
        if group is None:
            return None
        self.id = group["GroupId"]
        lets_in = ", ".join(sorted({network for network, _ in _open_to(group)})) or "nobody"
        return Found(tags_of(group.get("Tags")), facts={"lets in": lets_in, "VPC": group["VpcId"]})

    def differs(self, found: Found) -> tuple[str, ...]:
        """Whether it lets in others than those that are wanted."""
        return ("networks that it lets in",) if any(self._changes()) else ()

    def prepare(self) -> None:
        """Finds the network."""
        self._network()

    def make(self) -> None:
        """Makes it."""
        answer = self.ask(
            "create_security_group",
            "ec2:CreateSecurityGroup",
            doing=f"make the {self.title}",
            GroupName=self.name,
            Description=f"Who may connect to the warehouse of the platform {self.owner.name}",
            VpcId=self._network().vpc,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": self.tag_list()}],
        )
        self.id = answer["GroupId"]
        self._change(set(), self._wanted())

    def adjust(self, found: Found) -> None:
        """Lets in who is wanted, and nobody else whom an earlier creation let in."""
        self._change(*self._changes())

    def remove(self) -> None:
        """Removes it."""
        self.ask(
            "delete_security_group",
            "ec2:DeleteSecurityGroup",
            doing=f"remove the {self.title}",
            missing=("InvalidGroup.NotFound", "DependencyViolation"),
            GroupId=self.id,
        )

    def gone(self) -> str | None:
        """AWS keeps it for as long as a network card of the warehouse hangs on it, a minute or two longer than that."""
        if self.look() is None:
            return None
        self.remove()
        return "still in use" if self.look() else None

    def _find(self, filters: dict[str, str]) -> Any:
        answer = self.ask(
            "describe_security_groups",
            "ec2:DescribeSecurityGroups",
            Filters=[{"Name": name, "Values": [value]} for name, value in filters.items()],
        )
        groups = answer["SecurityGroups"]
        if len(groups) > 1 and PLATFORM_TAG in str(filters):
            raise SparkifyError(
                f"there are {len(groups)} security groups of the platform {self.owner.name!r} "
                f"({', '.join(group['GroupId'] for group in groups)}): remove those that are not in use."
            )
        return groups[0] if groups else None

    def _wanted(self) -> set[tuple[str, int]]:
        return {(network, self._port) for network in self._networks}

    def _changes(self) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
        """The rules of earlier creations that have to go, and those that are missing, whoever makes them."""
        answer = self.ask("describe_security_groups", "ec2:DescribeSecurityGroups", GroupIds=[self.id])
        group, wanted = answer["SecurityGroups"][0], self._wanted()
        return set(_open_to(group, description=_RULE)) - wanted, wanted - set(_open_to(group))

    def _change(self, closed: set[tuple[str, int]], opened: set[tuple[str, int]]) -> None:
        if opened:
            self.ask(
                "authorize_security_group_ingress",
                "ec2:AuthorizeSecurityGroupIngress",
                doing=f"let in {_networks(opened)} by the {self.title}",
                setting="--cidr",
                GroupId=self.id,
                IpPermissions=_permissions(opened),
            )
        if closed:
            self.ask(
                "revoke_security_group_ingress",
                "ec2:RevokeSecurityGroupIngress",
                doing=f"shut out {_networks(closed)} by the {self.title}",
                missing=("InvalidPermission.NotFound",),
                GroupId=self.id,
                IpPermissions=_permissions(closed),
            )


def _open_to(group: Any, description: str | None = None) -> Iterable[tuple[str, int]]:
    """The networks and ports that a group lets in; a rule for several ports or protocols counts as port 0."""
    for permission in group.get("IpPermissions", ()):
        one = permission.get("IpProtocol") == "tcp" and permission.get("FromPort") == permission.get("ToPort")
        for block in permission.get("IpRanges", ()):
            if description in {None, block.get("Description")}:
                yield block["CidrIp"], permission["FromPort"] if one else 0


def _permissions(rules: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [
        {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "IpRanges": [{"CidrIp": network, "Description": _RULE}],
        }
        for network, port in sorted(rules)
    ]


def _networks(rules: Iterable[tuple[str, int]]) -> str:
    return ", ".join(sorted(network for network, _ in rules))
