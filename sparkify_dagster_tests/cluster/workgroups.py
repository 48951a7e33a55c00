"""Redshift Serverless as botocore's Stubber: answers that follow from what was asked before.

Each request is checked against the service's model by boto3 itself, and each answer by the Stubber. What may be asked
in which state is from AWS's documentation; the rule that an update of a workgroup has one parameter is in its model.

What belongs here: namespaces, workgroups, usage limits, snapshots. What doesn't: expectations.
"""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from botocore.stub import Stubber
from moto.secretsmanager.models import secretsmanager_backends

from sparkify_dagster.aws.clients import make_client
from sparkify_dagster.aws.services import WORKGROUPS
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, LOOKS, REGION

_made: list[Any] = []


class _Refusal(Exception):
    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


@dataclass
class Thing:
    """A namespace, workgroup or snapshot."""

    facts: dict[str, Any]
    tags: dict[str, str]
    looks: int = LOOKS
    then: str | None = "AVAILABLE"

    def settle(self) -> None:
        self.looks -= 1
        if self.then and self.looks < 0:
            self.facts["status"], self.then = self.then, None

    def last(self, state: str, then: str) -> None:
        self.facts["status"], self.then, self.looks = state, then, LOOKS


@dataclass
class Workgroups:
    """The service.

    Attributes:
        refused: Answers of operations that refuse, by operation: code, words, status.
    """

    refused: dict[str, tuple[str, str, int]]
    namespaces: dict[str, Thing] = field(default_factory=dict)
    workgroups: dict[str, Thing] = field(default_factory=dict)
    limits: dict[str, dict[str, Any]] = field(default_factory=dict)
    snapshots: dict[str, Thing] = field(default_factory=dict)

    def client(self) -> Any:
        """A client that this answers, from now on; there is one for all tests, since making it takes long."""
        if not _made:
            _made.append(make_client(WORKGROUPS))
            _made.append(Stubber(_made[0]))
            _made[1].activate()
        client, stubber = _made

        def answer(params: dict[str, Any], model: Any, **_: Any) -> None:
            method = _snake(model.name)
            if model.name in self.refused:
                code, words, status = self.refused[model.name]
                stubber.add_client_error(method, code, words, status, expected_params=params)
                return
            try:
                stubber.add_response(method, getattr(self, method)(**params), params)
            except _Refusal as refusal:
                stubber.add_client_error(method, refusal.code, refusal.words, 400, expected_params=params)

        event = "provide-client-params.redshift-serverless"
        client.meta.events.unregister(event, unique_id="tests-answer")
        client.meta.events.register(event, answer, unique_id="tests-answer")
        return client

    def holds(self) -> dict[str, Any]:
        """All that there is, without made-up names."""
        made_up = ("Arn", "Id", "endpoint", "adminPasswordSecretArn", "securityGroupIds", "creationDate")
        things = {"namespaces": self.namespaces, "workgroups": self.workgroups, "snapshots": self.snapshots}
        return {
            **{
                kind: {
                    name: {
                        "tags": thing.tags,
                        **{fact: value for fact, value in thing.facts.items() if not fact.endswith(made_up)},
                    }
                    for name, thing in there.items()
                }
                for kind, there in things.items()
            },
            "limits": [
                {fact: value for fact, value in limit.items() if not fact.endswith(made_up)}
                for limit in self.limits.values()
            ],
        }

    def create_namespace(self, namespaceName: str, tags: list[dict[str, str]], **wanted: Any) -> Any:  # noqa: N803
        if namespaceName in self.namespaces:
            raise _Refusal("ConflictException", "It is there already.")
        wanted.pop("manageAdminPassword")
        secret = json.loads(
            secretsmanager_backends[ACCOUNT][REGION].create_secret(
                f"redshift!{namespaceName}-{wanted['adminUsername']}",
                json.dumps({"username": wanted["adminUsername"], "password": f"Aa1{uuid.uuid4()}"}),
                None,
                None,
                [],
                None,
                None,
                [],
                False,
            )
        )
        facts = {
            **wanted,
            # As AWS writes roles here.
            "iamRoles": [f"IamRole(applyStatus=in-sync, iamRoleArn={arn})" for arn in wanted["iamRoles"]],
            "namespaceName": namespaceName,
            "adminPasswordSecretArn": secret["ARN"],
            "status": "MODIFYING",
            **_named("namespace"),
        }
        self.namespaces[namespaceName] = Thing(facts, _tags(tags))
        return {"namespace": facts}

    def get_namespace(self, namespaceName: str) -> Any:  # noqa: N803
        return {"namespace": _look(self.namespaces, namespaceName).facts}

    def update_namespace(self, namespaceName: str, **wanted: Any) -> Any:  # noqa: N803
        namespace = _available(self.namespaces, namespaceName)
        namespace.facts.update(wanted)
        namespace.last("MODIFYING", "AVAILABLE")
        return {"namespace": namespace.facts}

    def delete_namespace(self, namespaceName: str) -> Any:  # noqa: N803
        namespace = _available(self.namespaces, namespaceName)
        if any(workgroup.facts["namespaceName"] == namespaceName for workgroup in self.workgroups.values()):
            raise _Refusal("ConflictException", "There is a workgroup of this namespace.")
        namespace.last("DELETING", "GONE")
        secretsmanager_backends[ACCOUNT][REGION].delete_secret(
            namespace.facts["adminPasswordSecretArn"], None, force_delete_without_recovery=True
        )
        return {"namespace": namespace.facts}

    def create_workgroup(self, workgroupName: str, tags: list[dict[str, str]], **wanted: Any) -> Any:  # noqa: N803
        _available(self.namespaces, wanted["namespaceName"])
        if workgroupName in self.workgroups:
            raise _Refusal("ConflictException", "It is there already.")
        port = wanted.get("port", 5439)
        facts = {
            "publiclyAccessible": False,
            **wanted,
            "workgroupName": workgroupName,
            "status": "CREATING",
            "endpoint": {
                "address": f"{workgroupName}.{ACCOUNT}.{REGION}.redshift-serverless.amazonaws.com",
                "port": port,
            },
            **_named("workgroup"),
        }
        self.workgroups[workgroupName] = Thing(facts, _tags(tags))
        return {"workgroup": facts}

    def get_workgroup(self, workgroupName: str) -> Any:  # noqa: N803
        return {"workgroup": _look(self.workgroups, workgroupName).facts}

    def update_workgroup(self, workgroupName: str, **wanted: Any) -> Any:  # noqa: N803
        if len(wanted) != 1:
            raise _Refusal("ValidationException", "You can't update multiple parameters in one request.")
        workgroup = _available(self.workgroups, workgroupName)
        workgroup.facts.update(wanted)
        workgroup.last("MODIFYING", "AVAILABLE")
        return {"workgroup": workgroup.facts}

    def delete_workgroup(self, workgroupName: str) -> Any:  # noqa: N803
        workgroup = _available(self.workgroups, workgroupName)
        workgroup.last("DELETING", "GONE")
        arn = workgroup.facts["workgroupArn"]
        self.limits = {name: limit for name, limit in self.limits.items() if limit["resourceArn"] != arn}
        return {"workgroup": workgroup.facts}

    def create_usage_limit(self, **wanted: Any) -> Any:
        if wanted["resourceArn"] not in {workgroup.facts["workgroupArn"] for workgroup in self.workgroups.values()}:
            raise _Refusal("ResourceNotFoundException", "There is no such workgroup.")
        if any(limit["period"] == wanted["period"] for limit in self.limits.values()):
            raise _Refusal("ConflictException", "There is such a limit already.")
        limit = {**wanted, "usageLimitId": str(uuid.uuid4())}
        self.limits[limit["usageLimitId"]] = limit
        return {"usageLimit": limit}

    def list_usage_limits(self, resourceArn: str, usageType: str) -> Any:  # noqa: N803
        asked = (resourceArn, usageType)
        found = [limit for limit in self.limits.values() if (limit["resourceArn"], limit["usageType"]) == asked]
        # The service's model knows no empty list of limits.
        return {"usageLimits": found} if found else {}

    def update_usage_limit(self, usageLimitId: str, **wanted: Any) -> Any:  # noqa: N803
        self.limits[usageLimitId].update(wanted)
        return {"usageLimit": self.limits[usageLimitId]}

    def delete_usage_limit(self, usageLimitId: str) -> Any:  # noqa: N803
        return {"usageLimit": self.limits.pop(usageLimitId)}

    def create_snapshot(self, namespaceName: str, snapshotName: str, tags: list[dict[str, str]]) -> Any:  # noqa: N803
        _available(self.namespaces, namespaceName)
        if snapshotName in self.snapshots:
            raise _Refusal("ConflictException", "There is such a snapshot already.")
        facts = {"snapshotName": snapshotName, "namespaceName": namespaceName, "status": "CREATING"}
        facts.update(_named("snapshot"))
        self.snapshots[snapshotName] = Thing(facts, _tags(tags))
        return {"snapshot": facts}

    def list_snapshots(self) -> Any:
        for snapshot in self.snapshots.values():
            snapshot.settle()
        return {"snapshots": [snapshot.facts for snapshot in self.snapshots.values()]}

    def delete_snapshot(self, snapshotName: str) -> Any:  # noqa: N803
        return {"snapshot": self.snapshots.pop(snapshotName).facts}

    def list_tags_for_resource(self, resourceArn: str) -> Any:  # noqa: N803
        for there in (self.namespaces, self.workgroups, self.snapshots):
            for thing in there.values():
                if resourceArn in thing.facts.values():
                    return {"tags": [{"key": key, "value": value} for key, value in thing.tags.items()]}
        raise _Refusal("ResourceNotFoundException", "There is no such thing.")


def _snake(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


def _named(kind: str) -> dict[str, str]:
    name = str(uuid.uuid4())
    identified = {} if kind == "snapshot" else {f"{kind}Id": name}
    return {**identified, f"{kind}Arn": f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:{kind}/{name}"}


def _tags(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in tags}


def _look(there: dict[str, Thing], name: str) -> Thing:
    if name in there:
        there[name].settle()
        if there[name].facts["status"] == "GONE":
            del there[name]
    if name not in there:
        raise _Refusal("ResourceNotFoundException", f"There is no {name}.")
    return there[name]


def _available(there: dict[str, Thing], name: str) -> Thing:
    if name not in there:
        raise _Refusal("ResourceNotFoundException", f"There is no {name}.")
    if there[name].facts["status"] != "AVAILABLE":
        raise _Refusal("ConflictException", f"{name} is {there[name].facts['status']}.")
    return there[name]
