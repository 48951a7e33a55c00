"""What moto lacks of Redshift, S3 and EC2 for a platform to be set up, paused and taken down on it.

What belongs here: additions to moto's own backends and answers, in the shapes of botocore's models; the package says
which. What doesn't: asking, and expectations.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import xmltodict
from moto.core.responses import ActionResult
from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.iam.models import AWSManagedPolicy, iam_backends
from moto.redshift.exceptions import ClusterNotFoundError, RedshiftClientError
from moto.redshift.models import Cluster, RedshiftBackend, Snapshot, redshift_backends
from moto.redshift.responses import RedshiftResponse
from moto.s3.models import FakeBucket, s3_backends
from moto.s3.responses import S3Response
from moto.secretsmanager.models import secretsmanager_backends

ACCOUNT = "123456789012"
REGION = "us-west-2"
LOOKS = 1
"""So often something is seen in a state before the next one comes."""

_NODE_TYPES = {"dc2.large", "ra3.large", "ra3.xlplus", "ra3.4xlarge", "ra3.16xlarge"}
_DELETABLE = {"available", "paused", "incompatible-network", "storage-full"}


class MoreCluster(Cluster):
    """A cluster whose states last."""

    looks = 0
    then: str | None = None
    master_password_secret_arn: str | None = None
    default_iam_role_arn: str | None = None
    pending_reboot = False
    place: tuple[str, int] | None = None

    def last(self, state: str, then: str) -> None:
        """Puts it into a state for some looks."""
        self.status, self.then, self.looks = state, then, LOOKS

    def settle(self) -> None:
        """Counts a look."""
        self.looks -= 1
        if self.then is not None and self.looks < 0:
            self.status, self.then = self.then, None

    def demand(self, *states: str) -> None:
        if self.status not in states:
            raise RedshiftClientError("InvalidClusterState", f"The cluster is {self.status}.")

    @property
    def endpoint(self) -> Any:
        if self.status == "creating":
            return None
        host, port = self.place or (self.address, self.port)
        return {"Address": host, "Port": port}

    @property
    def cluster_parameter_group_status_list(self) -> list[dict[str, str]]:
        state = "pending-reboot" if self.pending_reboot else "in-sync"
        return [{"ParameterGroupName": group.name, "ParameterApplyStatus": state} for group in self.parameter_groups]


class MoreRedshift(RedshiftBackend):
    """Redshift in one region of an account.

    Attributes:
        place: Where new clusters are said to listen; None for a name that moto makes up.
        parameters: What parameter groups were set to.
    """

    def __init__(self) -> None:
        super().__init__(REGION, ACCOUNT)
        self.place: tuple[str, int] | None = None
        self.parameters: dict[str, dict[str, str]] = {}
        self.lingering: dict[str, int] = {}

    def create_cluster(self, **wanted: Any) -> Any:
        if wanted["node_type"] not in _NODE_TYPES:
            raise RedshiftClientError("InvalidParameterValue", f"Invalid node type: {wanted['node_type']}")
        for name, there, code in (
            (wanted["cluster_subnet_group_name"], self.subnet_groups, "ClusterSubnetGroupNotFoundFault"),
            (wanted["cluster_parameter_group_name"], self.parameter_groups, "ClusterParameterGroupNotFound"),
        ):
            if name and name not in there:
                raise RedshiftClientError(code, f"There is no {name}.")
        cluster: Any = super().create_cluster(**wanted)
        cluster.__class__ = MoreCluster
        cluster.place = self.place
        cluster.last("creating", "available")
        return cluster

    def manage_password(self, cluster: Any) -> None:
        name = f"redshift!{cluster.cluster_identifier}-{cluster.master_username}"
        content = {"username": cluster.master_username, "password": f"Aa1{secrets.token_urlsafe(24)}"}
        made = secretsmanager_backends[ACCOUNT][REGION].create_secret(
            name, json.dumps(content), None, None, [], None, None, [], False
        )
        cluster.master_password_secret_arn = json.loads(made)["ARN"]

    def describe_clusters(self, cluster_identifier: str | None = None, tag_keys: list[str] | None = None) -> Any:
        for cluster in list[Any](self.clusters.values()):
            if cluster_identifier in {None, cluster.cluster_identifier}:
                cluster.settle()
                if cluster.status == "gone":
                    self._let_go(cluster)
        return super().describe_clusters(cluster_identifier, tag_keys)

    def pause_cluster(self, cluster_id: str) -> Any:
        return self._change(cluster_id, "available", "pausing", "paused")

    def resume_cluster(self, cluster_id: str) -> Any:
        return self._change(cluster_id, "paused", "resuming", "available")

    def modify_cluster(self, **wanted: Any) -> Any:
        cluster = self._change(wanted["cluster_identifier"], "available", "modifying", "available")
        if name := wanted.pop("cluster_parameter_group_name", None):
            cluster.cluster_parameter_group_name = [name]
            cluster.pending_reboot = True
        for key in set(wanted) - {"cluster_identifier"}:
            setattr(cluster, key, wanted[key])
        return cluster

    def modify_roles(self, name: str, add: list[str], remove: list[str], default: str | None) -> Any:
        cluster = self._change(name, "available", "modifying", "available")
        cluster.iam_roles_arn = sorted({*cluster.iam_roles_arn, *add} - set(remove))
        cluster.default_iam_role_arn = default
        return cluster

    def delete_cluster(self, **wanted: Any) -> Any:
        cluster = self._cluster(wanted["cluster_identifier"])
        cluster.demand(*_DELETABLE)
        cluster.last("deleting", "gone")
        return cluster

    def _let_go(self, cluster: Any) -> None:
        super().delete_cluster(
            cluster_identifier=cluster.cluster_identifier,
            skip_final_snapshot=True,
            final_cluster_snapshot_identifier=None,
        )
        # Its network cards go a while after it.
        self.lingering.update(dict.fromkeys(cluster.vpc_security_group_ids, LOOKS))
        if cluster.master_password_secret_arn:
            secretsmanager_backends[ACCOUNT][REGION].delete_secret(
                cluster.master_password_secret_arn, None, force_delete_without_recovery=True
            )

    def holds(self, security_group: str) -> bool:
        """Whether a network card hangs on a security group; asking makes time go by."""
        used = any(security_group in cluster.vpc_security_group_ids for cluster in self.clusters.values())
        left = self.lingering.get(security_group, 0)
        self.lingering[security_group] = left - 1
        return used or left > 0

    def create_cluster_subnet_group(self, cluster_subnet_group_name: str, *rest: Any, **wanted: Any) -> Any:
        if cluster_subnet_group_name in self.subnet_groups:
            raise RedshiftClientError("ClusterSubnetGroupAlreadyExists", "It is there already.")
        return super().create_cluster_subnet_group(cluster_subnet_group_name, *rest, **wanted)

    def delete_cluster_subnet_group(self, subnet_identifier: str) -> Any:
        if any(cluster.cluster_subnet_group_name == subnet_identifier for cluster in self.clusters.values()):
            raise RedshiftClientError("InvalidClusterSubnetGroupStateFault", "A cluster uses it.")
        return super().delete_cluster_subnet_group(subnet_identifier)

    def create_cluster_parameter_group(self, cluster_parameter_group_name: str, *rest: Any, **wanted: Any) -> Any:
        if cluster_parameter_group_name in self.parameter_groups:
            raise RedshiftClientError("ClusterParameterGroupAlreadyExists", "It is there already.")
        return super().create_cluster_parameter_group(cluster_parameter_group_name, *rest, **wanted)

    def delete_cluster_parameter_group(self, parameter_group_name: str) -> Any:
        if any(parameter_group_name in cluster.cluster_parameter_group_name for cluster in self.clusters.values()):
            raise RedshiftClientError("InvalidClusterParameterGroupState", "A cluster uses it.")
        self.parameters.pop(parameter_group_name, None)
        return super().delete_cluster_parameter_group(parameter_group_name)

    def modify_parameters(self, name: str, parameters: list[dict[str, str]]) -> None:
        self.describe_cluster_parameter_groups(name)
        wanted = {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in parameters}
        there = self.parameters.setdefault(name, {})
        for cluster in self.clusters.values():
            if name in cluster.cluster_parameter_group_name and {**there, **wanted} != there:
                cluster.pending_reboot = True  # type: ignore[attr-defined]
        there.update(wanted)

    def create_cluster_snapshot(
        self,
        cluster_identifier: str,
        snapshot_identifier: str,
        region_name: str,
        tags: list[dict[str, str]] | None,
        snapshot_type: str = "manual",
    ) -> Snapshot:
        if snapshot_type == "manual":
            self._cluster(cluster_identifier).demand("available")
        snapshot: Any = super().create_cluster_snapshot(
            cluster_identifier, snapshot_identifier, region_name, tags, snapshot_type
        )
        snapshot.looks = 0
        if snapshot_type == "manual":
            snapshot.status, snapshot.looks = "creating", LOOKS
        return snapshot

    def describe_cluster_snapshots(
        self,
        cluster_identifier: str | None = None,
        snapshot_identifier: str | None = None,
        snapshot_type: str | None = None,
    ) -> list[Snapshot]:
        found: list[Any] = super().describe_cluster_snapshots(cluster_identifier, snapshot_identifier, snapshot_type)
        for snapshot in found:
            snapshot.looks -= 1
            if snapshot.status == "creating" and snapshot.looks < 0:
                snapshot.status = "available"
        return [snapshot for snapshot in found if snapshot_type in {None, snapshot.snapshot_type}]

    def _cluster(self, name: str) -> Any:
        if name not in self.clusters:
            raise ClusterNotFoundError(name)
        return self.clusters[name]

    def _change(self, name: str, demanded: str, state: str, then: str) -> Any:
        cluster = self._cluster(name)
        cluster.demand(demanded)
        cluster.last(state, then)
        return cluster


@contextmanager
def more() -> Iterator[None]:
    """Adds to moto's answers, for as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        # Whatever is put there by ``empty_redshift``: moto's own comes back.
        patch.setitem(redshift_backends[ACCOUNT], REGION, MoreRedshift())
        for name, answer in _REDSHIFT.items():
            patch.setattr(RedshiftResponse, name, answer, raising=False)
        patch.setattr(SecurityGroupBackend, "delete_security_group", _delete_security_group)
        patch.setattr(FakeBucket, "get_permission", _get_permission)
        patch.setattr(S3Response, "_bucket_response_put", _bucket_response_put)
        patch.setattr(S3Response, "_bucket_response", _bucket_response)
        # moto knows AWS's own policies only on request, and then all of them, which takes long.
        policy: Any = AWSManagedPolicy(
            "AmazonS3ReadOnlyAccess",
            ACCOUNT,
            "us-east-1",
            path="/",
            document='{"Statement": []}',
            default_version_id="v1",
        )
        patch.setitem(iam_backends[ACCOUNT]["aws"].managed_policies, policy.arn, policy)
        yield


def empty_redshift() -> MoreRedshift:
    """Puts an empty Redshift into the region."""
    redshift_backends[ACCOUNT][REGION] = made = MoreRedshift()
    return made


_create_cluster_of_moto: Any = RedshiftResponse.create_cluster
_delete_security_group_of_moto: Any = SecurityGroupBackend.delete_security_group
_get_permission_of_moto: Any = FakeBucket.get_permission
_bucket_response_put_of_moto: Any = S3Response._bucket_response_put
_bucket_response_of_moto: Any = S3Response._bucket_response


def _create_cluster(self: Any) -> ActionResult:
    result = _create_cluster_of_moto(self)
    cluster = self.redshift_backend.clusters[self._get_param("ClusterIdentifier")]
    cluster.default_iam_role_arn = self._get_param("DefaultIamRoleArn")
    if self._get_bool_param("ManageMasterPassword", False):
        self.redshift_backend.manage_password(cluster)
    return result


def _modify_cluster_iam_roles(self: Any) -> ActionResult:
    cluster = self.redshift_backend.modify_roles(
        self._get_param("ClusterIdentifier"),
        self._get_param("AddIamRoles", []),
        self._get_param("RemoveIamRoles", []),
        self._get_param("DefaultIamRoleArn"),
    )
    return ActionResult({"Cluster": cluster})


def _modify_cluster_subnet_group(self: Any) -> ActionResult:
    (group,) = self.redshift_backend.describe_cluster_subnet_groups(self._get_param("ClusterSubnetGroupName"))
    group.subnet_ids = self._get_param("SubnetIds", [])
    return ActionResult({"ClusterSubnetGroup": group})


def _modify_cluster_parameter_group(self: Any) -> ActionResult:
    name = self._get_param("ParameterGroupName")
    self.redshift_backend.modify_parameters(name, self._get_param("Parameters", []))
    return ActionResult({"ParameterGroupName": name, "ParameterGroupStatus": "Your parameter group has been updated."})


def _describe_cluster_parameters(self: Any) -> ActionResult:
    backend, name, wanted = self.redshift_backend, self._get_param("ParameterGroupName"), self._get_param("Source")
    own, parameters = backend.parameters.get(name, {}), []
    for parameter in backend.describe_cluster_parameters(name):
        key = parameter["ParameterName"]
        source = "user" if key in own else "engine-default"
        if wanted in {None, source}:
            value = own.get(key, parameter["ParameterValue"])
            parameters.append({**parameter, "ParameterValue": value, "Source": source})
    return ActionResult({"Parameters": parameters})


_REDSHIFT = {
    "create_cluster": _create_cluster,
    "modify_cluster_iam_roles": _modify_cluster_iam_roles,
    "modify_cluster_subnet_group": _modify_cluster_subnet_group,
    "modify_cluster_parameter_group": _modify_cluster_parameter_group,
    "describe_cluster_parameters": _describe_cluster_parameters,
}


def _delete_security_group(self: Any, name: str | None = None, group_id: str | None = None) -> None:
    redshift: Any = redshift_backends[ACCOUNT][REGION]
    if group_id and redshift.holds(group_id):
        raise DependencyViolationError(f"{group_id} has a dependent object")
    _delete_security_group_of_moto(self, name, group_id)


def _get_permission(self: Any, action: str, resource: str) -> Any:
    whole = self.policy
    try:
        if whole is not None:
            policy = json.loads(whole)
            statements = policy["Statement"]
            kept = [one for one in statements if one.get("Condition") != {"Bool": {"aws:SecureTransport": "false"}}]
            self.policy = json.dumps({**policy, "Statement": kept}).encode()
        return _get_permission_of_moto(self, action, resource)
    finally:
        self.policy = whole


def _bucket_response(self: Any, request: Any, full_url: str) -> Any:
    expected = request.headers.get("x-amz-expected-bucket-owner")
    bucket = self.parse_bucket_name_from_url(request, full_url)
    if expected and bucket in s3_backends.bucket_accounts and s3_backends.bucket_accounts[bucket][1] != expected:
        return 403, {}, ""
    return _bucket_response_of_moto(self, request, full_url)


def _bucket_response_put(self: Any, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    is_new = bucket_name not in s3_backends.bucket_accounts
    answer = _bucket_response_put_of_moto(self, request, bucket_name, querystring)
    if is_new:
        # moto remembers those of a bucket of that name that is gone.
        self.backend.put_bucket_tagging(bucket_name, {})
    if is_new and self.body:
        tags = (xmltodict.parse(self.body).get("CreateBucketConfiguration") or {}).get("Tags")
        if tags:
            listed = tags["Tag"] if isinstance(tags["Tag"], list) else [tags["Tag"]]
            self.backend.put_bucket_tagging(bucket_name, {tag["Key"]: tag["Value"] for tag in listed})
    return answer
