"""An account of AWS for tests: what is in it, what was asked of it, and what goes wrong there.

What belongs here: running ``sparkify cluster`` against moto in this process, recording, refusing, cutting off, and
showing what moto holds. What doesn't: what moto lacks (``moto_more``), Serverless (``workgroups``), expectations.
"""

import gc
import io
import json
import logging
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSResponse
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends

from sparkify_dagster.aws.clients import make_client
from sparkify_dagster.aws.services import Service
from sparkify_dagster.cli import main
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, REGION, MoreRedshift

LAKE = f"sparkify-lake-{uuid.uuid4().hex[:8]}"
_READING = ("Get", "List", "Describe", "Head")
_made: dict[Any, Any] = {}


class Killed(BaseException):
    """The process is gone, just after AWS did what was asked."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line of an error."""
        assert self.code == 1, self
        assert "Traceback" not in self.err
        (line,) = [line for line in self.err.splitlines() if line.startswith("sparkify: ")]
        assert self.err.splitlines()[-1] == line
        return line.removeprefix("sparkify: ")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as boto3 got it."""

    service: str
    operation: str
    parameters: dict[str, Any]

    @property
    def changes(self) -> bool:
        return not self.operation.startswith(_READING)


@dataclass
class Cloud:
    """The account; AWS's variables must be set.

    Attributes:
        redshift: moto's Redshift.
        asked: What was asked, in order. It may be cleared.
        cut_after: After so many changing requests, the process is gone; None for never.
        cut_with: How.
        refused: Answers of operations that refuse, by operation: code, words, status.
        stubs: Clients of services that moto does not know, by service.
    """

    redshift: MoreRedshift
    asked: list[Asked] = field(default_factory=list)
    cut_after: int | None = None
    cut_with: type[BaseException] = Killed
    refused: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    stubs: dict[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> list[str]:
        """The operations that changed something, or tried to."""
        return [asked.operation for asked in self.asked if asked.changes]

    def client(self, service: Service) -> Any:
        """A client as the platform would make it; what it does is recorded, and may be refused."""
        if service.name in self.stubs:
            return self.stubs[service.name]
        key = (service, os.environ.get("AWS_DEFAULT_REGION"), os.environ.get("AWS_ENDPOINT_URL"))
        if key not in _made:
            _made[key] = make_client(service)
        return _made[key]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listens to all clients, those to come included."""
        with patch("sparkify_dagster.cli.cluster.opening.Account", self._account):
            yield

    def run(self, *words: str, stdin: str = "", **environment: str) -> Done:
        """Runs ``sparkify cluster …`` in this process.

        Raises:
            Killed: It was cut off.
        """
        out, err = io.StringIO(), io.StringIO()
        thresholds, logger = gc.get_threshold(), logging.getLogger("sparkify_dagster")
        kept = logger.level, logger.propagate, logger.handlers
        code = 0
        try:
            with (
                patch.dict(os.environ, environment),
                patch.object(sys, "argv", ["sparkify", "cluster", *words]),
                patch.object(sys, "stdin", io.StringIO(stdin)),
                redirect_stdout(out),
                redirect_stderr(err),
                self.listening(),
            ):
                main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            gc.set_threshold(*thresholds)
            logger.level, logger.propagate, logger.handlers = kept
        return Done(code, out.getvalue(), err.getvalue())

    def create(self, *words: str, **environment: str) -> Done:
        """Creates a platform that must come about."""
        done = self.run("create", "--cidr", "10.1.2.3", *words, **environment)
        assert done.code == 0, done.err
        return done

    def ask(self, service: Service, operation: str, **parameters: Any) -> Any:
        """Asks AWS as somebody else would; this is not recorded."""
        kept = list(self.asked), self.refused, self.cut_after
        self.refused, self.cut_after = {}, None
        try:
            return getattr(self.client(service), operation)(**parameters)
        finally:
            self.asked[:], self.refused, self.cut_after = kept

    def holds(self) -> dict[str, Any]:
        """All that the account has of Redshift, roles, security groups, buckets and secrets, without made-up names."""
        return {
            "clusters": {name: _described_cluster(cluster) for name, cluster in self.redshift.clusters.items()},
            "subnet groups": {
                name: [sorted(group.subnet_ids), _tags(group.tags)]
                for name, group in self.redshift.subnet_groups.items()
            },
            "parameter groups": {
                name: [self.redshift.parameters.get(name), _tags(group.tags)]
                for name, group in self.redshift.parameter_groups.items()
                if not name.startswith("default.")
            },
            "snapshots": {
                name: _tags(snapshot.tags)
                for name, snapshot in self.redshift.snapshots.items()
                if snapshot.snapshot_type == "manual"
            },
            "roles": {role.name: _described_role(role) for role in iam_backends[ACCOUNT]["aws"].roles.values()},
            "security groups": {group.name: _described_group(group) for group in security_groups()},
            "buckets": {
                name: _described_bucket(bucket)
                for name, bucket in s3_backends[ACCOUNT]["aws"].buckets.items()
                if name != LAKE and bucket.region_name == REGION
            },
            "secrets": sorted(secret.name for secret in secretsmanager_backends[ACCOUNT][REGION].secrets.values()),
        }

    def _account(self) -> Any:
        from sparkify_dagster.cluster.account import Account

        return Account(self._listened_to)

    def _listened_to(self, service: Service) -> Any:
        client = self.client(service)
        # Each is told of this cloud alone: clients outlive a test.
        hearing = {"provide-client-params": self._hear, "before-call": self._refuse, "after-call": self._cut}
        if service.name in self.stubs:
            # What is stubbed refuses by itself.
            del hearing["before-call"]
        for event, hear in hearing.items():
            name = f"{event}.{client.meta.service_model.service_id.hyphenize()}"
            client.meta.events.unregister(name, unique_id=f"tests-{event}")
            client.meta.events.register(name, hear, unique_id=f"tests-{event}")
        return client

    def _hear(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.asked.append(Asked(model.service_model.service_name, model.name, dict(params)))

    def _refuse(self, model: Any, **_: Any) -> Any:
        if model.name not in self.refused:
            return None
        code, words, status = self.refused[model.name]
        answer = {"Error": {"Code": code, "Message": words}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return AWSResponse("", status, {}, None), answer

    def _cut(self, **_: Any) -> None:
        if self.cut_after is not None and len(self.changes) >= self.cut_after and self.asked[-1].changes:
            raise self.cut_with


def security_groups() -> list[Any]:
    """The security groups of the region that did not come with a VPC."""
    groups = ec2_backends[ACCOUNT][REGION].groups
    return [group for of_vpc in groups.values() for group in of_vpc.values() if group.name != "default"]


def forget_everything() -> None:
    """Empties what tests of other files share with these: roles, security groups, secrets and buckets of the region."""
    iam_backends[ACCOUNT]["aws"].roles.clear()
    ec2 = ec2_backends[ACCOUNT][REGION]
    for group in security_groups():
        ec2.groups[group.vpc_id].pop(group.id)
        ec2.tags.pop(group.id, None)
    secretsmanager_backends[ACCOUNT][REGION].reset()
    buckets = s3_backends[ACCOUNT]["aws"].buckets
    for name in [name for name, bucket in buckets.items() if bucket.region_name == REGION]:
        del buckets[name]
        s3_backends.bucket_accounts.pop(name, None)


def _described_cluster(cluster: Any) -> dict[str, Any]:
    return {
        "state": cluster.status,
        "nodes": (cluster.node_type, cluster.number_of_nodes),
        "database": (cluster.db_name, cluster.master_username, cluster.port),
        "password": (cluster.master_user_password, bool(cluster.master_password_secret_arn)),
        "encrypted": cluster.encrypted,
        "public": cluster.publicly_accessible,
        "roles": (cluster.iam_roles_arn, cluster.default_iam_role_arn),
        "groups": [
            [group.name for group in cluster.vpc_security_groups],
            cluster.cluster_subnet_group_name,
            cluster.cluster_parameter_group_name,
        ],
        "automated snapshots": cluster.automated_snapshot_retention_period,
        "tags": _tags(cluster.tags),
    }


def _described_role(role: Any) -> dict[str, Any]:
    return {
        "trust": json.loads(role.assume_role_policy_document),
        "policies": {name: json.loads(policy) for name, policy in role.policies.items()},
        "attached": sorted(role.managed_policies),
        "tags": _tags(role.tags),
    }


def _described_group(group: Any) -> dict[str, Any]:
    rules = sorted(
        (rule.ip_range["CidrIp"], rule.ip_range.get("Description", ""), rule.ip_protocol, rule.from_port, rule.to_port)
        for rule in group.ingress_rules
    )
    return {"lets in": rules, "VPC": group.vpc_id, "tags": {tag["key"]: tag["value"] for tag in group.get_tags()}}


def _described_bucket(bucket: Any) -> dict[str, Any]:
    block = bucket.public_access_block
    return {
        "closed": None if block is None else block.to_config_dict(),
        "encryption": bucket.encryption,
        "policy": None if bucket.policy is None else json.loads(bucket.policy),
        "lifecycle": [(rule.id, rule.status, rule.expiration_days) for rule in bucket.rules],
        "ownership": bucket.ownership_rule,
        "tags": s3_backends[ACCOUNT]["aws"].tagger.get_tag_dict_for_resource(bucket.arn),
    }


def _tags(tags: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or ()}
