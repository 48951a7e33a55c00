"""The workgroup: address and compute; and the snapshots of what it works on.

What belongs here: making, changing and removing it. What doesn't: what it may compute a day (``usage_limit``).
"""

from collections.abc import Mapping
from typing import Any

from sparkify_dagster.cluster.resource import Found, Owner
from sparkify_dagster.cluster.security_group import SecurityGroup
from sparkify_dagster.cluster.serverless.namespace import Namespace
from sparkify_dagster.cluster.serverless.part import NOT_THERE, READY, ServerlessPart
from sparkify_dagster.cluster.warehouse import Endpoint, Snapshot, Warehouse, reached_from
from sparkify_dagster.cluster.wishes import Wishes
from sparkify_dagster.errors import SparkifyError

_TLS = {"parameterKey": "require_ssl", "parameterValue": "true"}


class Workgroup(ServerlessPart, Warehouse):
    """The workgroup.

    Args:
        owner: The platform.
        wishes: What it is to be.
        namespace: The namespace that it works on.
        security_group: Who may connect.
    """

    kind = "workgroup"

    def __init__(self, owner: Owner, wishes: Wishes, *, namespace: Namespace, security_group: SecurityGroup) -> None:
        super().__init__(owner, wishes.settings.name)
        self._wishes = wishes
        self._namespace = namespace
        self._security_group = security_group

    @property
    def costs(self) -> str | None:
        """What it costs."""
        return f"{self._wishes.base_capacity} RPUs and more by the second while a query runs, 60 s at least each time"

    def look(self) -> Found | None:
        """Looks for it."""
        workgroup = self.described()
        if workgroup is None:
            return None
        endpoint = workgroup.get("endpoint") or {}
        return Found(
            self.tags_of(workgroup["workgroupArn"]),
            state=str(workgroup["status"]).lower(),
            facts={
                "endpoint": f"{endpoint['address']}:{endpoint.get('port')}" if endpoint.get("address") else "none yet",
                "base capacity": f"{workgroup.get('baseCapacity')} RPU",
                "reached from": reached_from(workgroup.get("publiclyAccessible")),
            },
            changing=workgroup["status"] != READY,
        )

    def differs(self, found: Found) -> tuple[str, ...]:
        """What is not as it is wanted."""
        return tuple(self._changes())

    def make(self) -> None:
        """Makes it; the namespace must be ready."""
        subnets = {"subnetIds": list(self._wishes.subnets)} if self._wishes.subnets else {}
        self.ask(
            "create_workgroup",
            "redshift-serverless:CreateWorkgroup",
            doing=f"make the {self.title}",
            setting="--name, --base-capacity, --subnet",
            workgroupName=self.name,
            namespaceName=self._namespace.name,
            baseCapacity=self._wishes.base_capacity,
            publiclyAccessible=self._wishes.public,
            securityGroupIds=[self._security_group.id],
            configParameters=[_TLS],
            port=self._wishes.settings.port,
            tags=self.tag_list(),
            **subnets,
        )

    def adjust(self, found: Found) -> None:
        """Brings it to what is wanted. AWS takes one parameter at a time, and is waited for between them."""
        for change in self._changes().values():
            self.owner.patience.wait(self.title, self.ready)
            self.ask(
                "update_workgroup",
                "redshift-serverless:UpdateWorkgroup",
                doing=f"change the {self.title}",
                workgroupName=self.name,
                **change,
            )

    def remove(self) -> None:
        """Begins to remove it."""
        self.ask(
            "delete_workgroup",
            "redshift-serverless:DeleteWorkgroup",
            doing=f"remove the {self.title}",
            missing=NOT_THERE,
            workgroupName=self.name,
        )

    def endpoint(self) -> Endpoint:
        """Says where it is."""
        workgroup = self.described() or {}
        endpoint = workgroup.get("endpoint") or {}
        if not endpoint.get("address"):
            state = str(workgroup.get("status", "gone")).lower()
            raise SparkifyError(f"the {self.title} is {state} and has no address yet.")
        return Endpoint(endpoint["address"], int(endpoint["port"]), self._namespace.secret_arn)

    def snapshots(self) -> list[Snapshot]:
        """Lists the namespace's snapshots; recovery points, which AWS makes of itself, are not among them."""
        client = self.owner.account.client(self.service)
        listed: list[Snapshot] = []
        doing = f"list the snapshots of the {self._namespace.title}"
        with client.asking(doing, self.title, "redshift-serverless:ListSnapshots", self.setting) as serverless:
            for page in serverless.get_paginator("list_snapshots").paginate():
                listed += [
                    Snapshot(
                        snapshot["snapshotName"],
                        str(snapshot["status"]).lower(),
                        Found(self.tags_of(snapshot["snapshotArn"])).belongs_to(self.owner.name),
                    )
                    for snapshot in page["snapshots"]
                    if snapshot["namespaceName"] == self._namespace.name
                ]
        return listed

    def take_snapshot(self, name: str) -> None:
        """Begins a snapshot of the namespace."""
        self.ask(
            "create_snapshot",
            "redshift-serverless:CreateSnapshot",
            doing=f"take the snapshot {name!r}",
            setting="--final-snapshot",
            namespaceName=self._namespace.name,
            snapshotName=name,
            tags=self.tag_list(),
        )

    def remove_snapshot(self, name: str) -> None:
        """Removes a snapshot."""
        self.ask(
            "delete_snapshot",
            "redshift-serverless:DeleteSnapshot",
            doing=f"remove the snapshot {name!r}",
            missing=NOT_THERE,
            snapshotName=name,
        )

    def check_pauses(self) -> None:
        """Says that there is nothing to pause."""
        raise SparkifyError(
            f"the {self.title} is neither paused nor resumed: while no query runs, it takes no compute, and it wakes "
            "by itself. To let nothing wake it, stop the sensors, or lower its usage limit in the console of AWS."
        )

    def pause(self) -> None:
        """There is nothing to pause."""
        self.check_pauses()

    def resume(self) -> None:
        """There is nothing to resume."""
        self.check_pauses()

    def _changes(self) -> dict[str, dict[str, Any]]:
        """What differs, and the one parameter of a request that changes it."""
        workgroup, wishes = self.described() or {}, self._wishes
        parameters = {parameter["parameterKey"]: parameter["parameterValue"] for parameter in _parameters(workgroup)}
        changes: dict[str, dict[str, Any]] = {}
        if self._security_group.id not in workgroup.get("securityGroupIds", ()):
            changes["security group"] = {"securityGroupIds": [self._security_group.id]}
        if workgroup.get("baseCapacity") != wishes.base_capacity:
            changes["base capacity"] = {"baseCapacity": wishes.base_capacity}
        if parameters.get(_TLS["parameterKey"]) != _TLS["parameterValue"]:
            changes["requirement of TLS"] = {"configParameters": [_TLS]}
        if bool(workgroup.get("publiclyAccessible")) != wishes.public:
            changes["reachability"] = {"publiclyAccessible": wishes.public}
        return changes

    def described(self) -> Any:
        """What AWS says of it."""
        answer = self.ask(
            "get_workgroup", "redshift-serverless:GetWorkgroup", missing=NOT_THERE, workgroupName=self.name
        )
        return None if answer is None else answer["workgroup"]

    @property
    def arn(self) -> str | None:
        """Its ARN, which AWS makes up; None while it is not there."""
        workgroup = self.described()
        return None if workgroup is None else str(workgroup["workgroupArn"])


def _parameters(workgroup: Mapping[str, Any]) -> list[Mapping[str, str]]:
    return list(workgroup.get("configParameters", ()))
