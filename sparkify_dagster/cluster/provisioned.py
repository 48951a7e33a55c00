"""A cluster of Redshift.

What belongs here: making, pausing, resuming, removing it, and its snapshots. What doesn't: what it hangs on.
"""

from collections.abc import Mapping
from typing import Any

from sparkify_dagster.aws.services import CLUSTERS
from sparkify_dagster.cluster.resource import Found, Owner, tags_of
from sparkify_dagster.cluster.role import Role
from sparkify_dagster.cluster.security_group import SecurityGroup
from sparkify_dagster.cluster.warehouse import Endpoint, Snapshot, Warehouse, reached_from
from sparkify_dagster.cluster.wishes import Wishes
from sparkify_dagster.errors import SparkifyError

_NONE = ("ClusterNotFound", "ClusterNotFoundFault")
_DAYS_OF_AUTOMATED_SNAPSHOTS = 1
"""They are free as long as the cluster is there, and the lake holds all that is in it."""

_RESTING = frozenset({"available", "paused"})
_STUCK = frozenset(
    {
        "hardware-failure",
        "incompatible-hsm",
        "incompatible-network",
        "incompatible-parameters",
        "incompatible-restore",
        "storage-full",
    }
)
_REBOOT = "pending-reboot"

REQUIRED = "required"
"""What is said of TLS where it is in force."""


class Cluster(Warehouse):
    """The cluster.

    Args:
        owner: The platform.
        wishes: What it is to be.
        role: The role that it reads S3 with.
        security_group: Who may connect.
        subnet_group: The name of its subnet group.
        parameter_group: The name of its parameter group.
    """

    kind = "cluster"
    service = CLUSTERS
    setting = "--name"

    def __init__(
        self,
        owner: Owner,
        wishes: Wishes,
        *,
        role: Role,
        security_group: SecurityGroup,
        subnet_group: str,
        parameter_group: str,
    ) -> None:
        super().__init__(owner, wishes.settings.name)
        self._wishes = wishes
        self._role = role
        self._security_group = security_group
        self._subnet_group = subnet_group
        self._parameter_group = parameter_group

    @property
    def costs(self) -> str | None:
        """What it costs."""
        settings = self._wishes.settings
        return f"{settings.nodes} × {settings.node_type} by the hour until it is paused, and the storage in use"

    def look(self) -> Found | None:
        """Looks for it."""
        cluster = self._described()
        if cluster is None:
            return None
        state = str(cluster["ClusterStatus"])
        endpoint = cluster.get("Endpoint") or {}
        return Found(
            tags_of(cluster.get("Tags")),
            state=state,
            facts={
                "endpoint": f"{endpoint['Address']}:{endpoint.get('Port')}" if endpoint.get("Address") else "none yet",
                "nodes": f"{cluster.get('NumberOfNodes')} × {cluster.get('NodeType')}",
                "database": str(cluster.get("DBName")),
                "encrypted": "yes" if cluster.get("Encrypted") else "no",
                "reached from": reached_from(cluster.get("PubliclyAccessible")),
                "TLS": self._tls(cluster),
                "secret": str(cluster.get("MasterPasswordSecretArn") or "none"),
            },
            changing=state not in _RESTING | _STUCK,
        )

    def differs(self, found: Found) -> tuple[str, ...]:
        """What can be changed while it is there, and is not as it is wanted."""
        cluster = self._described() or {}
        self._check_fixed(cluster, found)
        changes = tuple(self._changes(cluster))
        if changes and found.state == "paused":
            raise SparkifyError(
                f"the {self.title} has other {', '.join(changes)} than it should, and is paused: `sparkify cluster "
                "resume` first; nothing was changed."
            )
        return changes

    def make(self) -> None:
        """Makes it; the password is made by AWS and kept in Secrets Manager."""
        settings, wishes = self._wishes.settings, self._wishes
        nodes: dict[str, Any] = {"ClusterType": "single-node"}
        if settings.nodes > 1:
            nodes = {"ClusterType": "multi-node", "NumberOfNodes": settings.nodes}
        self.ask(
            "create_cluster",
            "redshift:CreateCluster",
            doing=f"make the {self.title}",
            setting="--name, --node-type, --nodes",
            ClusterIdentifier=self.name,
            NodeType=settings.node_type,
            DBName=settings.database,
            MasterUsername=settings.user,
            ManageMasterPassword=True,
            Port=settings.port,
            Encrypted=True,
            PubliclyAccessible=wishes.public,
            IamRoles=[self._role.arn],
            DefaultIamRoleArn=self._role.arn,
            VpcSecurityGroupIds=[self._security_group.id],
            ClusterSubnetGroupName=self._subnet_group,
            ClusterParameterGroupName=self._parameter_group,
            AutomatedSnapshotRetentionPeriod=_DAYS_OF_AUTOMATED_SNAPSHOTS,
            Tags=self.tag_list(),
            **nodes,
        )

    def adjust(self, found: Found) -> None:
        """Gives it role, security group and parameter group, and the address that is wanted."""
        named = {"ClusterIdentifier": self.name}
        doing = f"change the {self.title}"
        changes = self._changes(self._described() or {})
        roles = changes.pop("role", None)
        if changes:
            parameters = {name: value for change in changes.values() for name, value in change.items()}
            self.ask("modify_cluster", "redshift:ModifyCluster", doing=doing, **parameters, **named)
        if roles:
            # AWS takes one change at a time.
            self.owner.patience.wait(self.title, self.ready)
            self.ask("modify_cluster_iam_roles", "redshift:ModifyClusterIamRoles", doing=doing, **roles, **named)

    def remove(self) -> None:
        """Begins to remove it, with the snapshots that AWS took of itself."""
        self.ask(
            "delete_cluster",
            "redshift:DeleteCluster",
            doing=f"remove the {self.title}",
            missing=_NONE,
            ClusterIdentifier=self.name,
            SkipFinalClusterSnapshot=True,
        )

    def ready(self) -> str | None:
        """What AWS is doing with it; None while it rests.

        Raises:
            SparkifyError: It is stuck, or gone.
        """
        cluster = self._described()
        if cluster is None:
            raise SparkifyError(f"the {self.title} is gone while it was waited for: somebody removed it.")
        state = str(cluster["ClusterStatus"])
        if state in _STUCK:
            raise SparkifyError(
                f"the {self.title} is stuck ({state}): look at it in the console of AWS, or destroy it."
            )
        return None if state in _RESTING else state

    def gone(self) -> str | None:
        """What AWS is doing with it until it is gone."""
        cluster = self._described()
        return None if cluster is None else str(cluster["ClusterStatus"])

    def endpoint(self) -> Endpoint:
        """Says where it is."""
        cluster = self._described() or {}
        endpoint = cluster.get("Endpoint") or {}
        if not endpoint.get("Address"):
            raise SparkifyError(f"the {self.title} is {cluster.get('ClusterStatus', 'gone')} and has no address yet.")
        return Endpoint(endpoint["Address"], int(endpoint["Port"]), cluster.get("MasterPasswordSecretArn"))

    def snapshots(self) -> list[Snapshot]:
        """Lists the manual snapshots."""
        client = self.owner.account.client(self.service)
        listed: list[Snapshot] = []
        with client.asking(
            f"list the snapshots of the {self.title}", self.title, "redshift:DescribeClusterSnapshots", self.setting
        ) as redshift:
            pages = redshift.get_paginator("describe_cluster_snapshots").paginate(SnapshotType="manual")
            for page in pages:
                listed += [
                    Snapshot(
                        snapshot["SnapshotIdentifier"],
                        str(snapshot["Status"]),
                        Found(tags_of(snapshot.get("Tags"))).belongs_to(self.owner.name),
                    )
                    for snapshot in page["Snapshots"]
                    if snapshot["ClusterIdentifier"] == self.name
                ]
        return listed

    def take_snapshot(self, name: str) -> None:
        """Begins a snapshot."""
        self.ask(
            "create_cluster_snapshot",
            "redshift:CreateClusterSnapshot",
            doing=f"take the snapshot {name!r}",
            setting="--final-snapshot",
            SnapshotIdentifier=name,
            ClusterIdentifier=self.name,
            Tags=self.tag_list(),
        )

    def remove_snapshot(self, name: str) -> None:
        """Removes a snapshot."""
        self.ask(
            "delete_cluster_snapshot",
            "redshift:DeleteClusterSnapshot",
            doing=f"remove the snapshot {name!r}",
            missing=("ClusterSnapshotNotFound", "ClusterSnapshotNotFoundFault"),
            SnapshotIdentifier=name,
        )

    def pause(self) -> None:
        """Pauses it."""
        self.ask("pause_cluster", "redshift:PauseCluster", doing=f"pause the {self.title}", ClusterIdentifier=self.name)

    def resume(self) -> None:
        """Resumes it."""
        self.ask(
            "resume_cluster", "redshift:ResumeCluster", doing=f"resume the {self.title}", ClusterIdentifier=self.name
        )

    @property
    def subnet_group(self) -> str | None:
        """The subnet group that it lies in; None while there is no cluster."""
        return (self._described() or {}).get("ClusterSubnetGroupName")

    def _changes(self, cluster: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """What differs, and the parameters of a request that changes it."""
        groups = [group["VpcSecurityGroupId"] for group in cluster.get("VpcSecurityGroups", ())]
        parameters = [group["ParameterGroupName"] for group in cluster.get("ClusterParameterGroups", ())]
        roles = [role["IamRoleArn"] for role in cluster.get("IamRoles", ())]
        changes: dict[str, dict[str, Any]] = {}
        if self._role.arn not in roles or cluster.get("DefaultIamRoleArn") != self._role.arn:
            changes["role"] = {"AddIamRoles": [self._role.arn], "DefaultIamRoleArn": self._role.arn}
        if self._security_group.id not in groups:
            changes["security group"] = {"VpcSecurityGroupIds": [self._security_group.id]}
        if self._parameter_group not in parameters:
            changes["parameter group"] = {"ClusterParameterGroupName": self._parameter_group}
        if bool(cluster.get("PubliclyAccessible")) != self._wishes.public:
            changes["reachability"] = {"PubliclyAccessible": self._wishes.public}
        return changes

    def _tls(self, cluster: Mapping[str, Any]) -> str:
        groups = cluster.get("ClusterParameterGroups", ())
        states = {group["ParameterGroupName"]: group.get("ParameterApplyStatus") for group in groups}
        if self._parameter_group not in states:
            return "left to a parameter group of others"
        return "required from the next reboot on" if states[self._parameter_group] == _REBOOT else REQUIRED

    def _check_fixed(self, cluster: Mapping[str, Any], found: Found) -> None:
        settings = self._wishes.settings
        # A cluster that is being made has no address yet.
        port = (cluster.get("Endpoint") or {}).get("Port", settings.port)
        there = {"nodes": found.facts["nodes"], "database": found.facts["database"], "port": str(port)}
        wanted = {
            "nodes": f"{settings.nodes} × {settings.node_type}",
            "database": settings.database,
            "port": str(settings.port),
        }
        for fact, value in wanted.items():
            if there[fact] != value:
                raise SparkifyError(
                    f"the {self.title} is there with {fact} {there[fact]}, and the settings say {value}: it is not "
                    "changed by this command; set what it has, or change it in the console of AWS."
                )

    def _described(self) -> Any:
        answer = self.ask("describe_clusters", "redshift:DescribeClusters", missing=_NONE, ClusterIdentifier=self.name)
        return answer["Clusters"][0] if answer and answer["Clusters"] else None
