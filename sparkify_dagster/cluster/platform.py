"""The platform: its resources, in the order in which they are made.

What belongs here: which resources there are, what they are called, and which of them hang on which.
What doesn't: making and removing them (``creating``, ``destroying``).
"""

from dataclasses import dataclass, replace
from functools import cache, partial

from sparkify_dagster.cluster.account import Account
from sparkify_dagster.cluster.bucket import Bucket
from sparkify_dagster.cluster.network import find_network
from sparkify_dagster.cluster.parameter_group import ParameterGroup
from sparkify_dagster.cluster.provisioned import Cluster
from sparkify_dagster.cluster.resource import KIND_TAG, REGION_TAG, Found, Owner, PlatformKind, Resource
from sparkify_dagster.cluster.role import Role
from sparkify_dagster.cluster.security_group import SecurityGroup
from sparkify_dagster.cluster.serverless import Namespace, UsageLimit, Workgroup
from sparkify_dagster.cluster.subnet_group import SubnetGroup
from sparkify_dagster.cluster.waiting import Patience
from sparkify_dagster.cluster.warehouse import Warehouse
from sparkify_dagster.cluster.wishes import Wishes
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings.values import bucket_of

_MANIFESTS_PREFIX = "copy"


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform, there or to be made.

    Attributes:
        owner: Its name and kind.
        role: The role that Redshift reads S3 with.
        warehouse: Its cluster or workgroup.
        manifests: Where the manifests of COPY go: ``s3://bucket/prefix``.
        database: The database.
        resources: All of it, in the order in which it is made.
    """

    owner: Owner
    role: Role
    warehouse: Warehouse
    manifests: str
    database: str
    resources: tuple[Resource, ...]


def plan_platform(
    account: Account, wishes: Wishes, kind: PlatformKind | None = None, patience: Patience | None = None
) -> Platform:
    """Says what a platform is made of.

    Args:
        account: Where it is.
        wishes: What it is to be; for one that is there, the settings in it.
        kind: Of which kind it is to be; None for the kind of the one that is there.
        patience: How long AWS is waited for.

    Raises:
        SparkifyError: One of that name is there in another region, or is of another kind.
    """
    there = _kind_there(account, wishes)
    if kind and there and kind != there:
        raise SparkifyError(
            f"the platform {wishes.settings.name!r} is there, and its warehouse is {there}: destroy it first, or "
            "choose another --name."
        )
    owner = Owner(account, wishes.settings.name, kind or there or "provisioned", wishes.labels, patience or Patience())
    return planned(owner, _with_subnet_group(owner, wishes) if there == "provisioned" else wishes)


def planned(owner: Owner, wishes: Wishes) -> Platform:
    """Says what a platform is made of, without asking AWS what is there."""
    settings, name = wishes.settings, owner.name
    account = owner.account
    network = cache(partial(find_network, account, wishes.subnets, wishes.subnet_group))
    manifests = settings.manifests or f"s3://{name}-manifests-{account.number}-{account.region}/{_MANIFESTS_PREFIX}"
    role = Role(
        owner,
        settings.role,
        lake=settings.lake,
        manifests=manifests,
        reads_all_buckets=wishes.reads_all_buckets,
    )
    bucket = Bucket(owner, bucket_of(manifests), borrowed=settings.manifests is not None)
    group = SecurityGroup(owner, f"{name}-redshift", port=settings.port, networks=wishes.networks, network=network)
    if owner.kind == "serverless":
        namespace = Namespace(owner, wishes, role)
        workgroup = Workgroup(owner, wishes, namespace=namespace, security_group=group)
        limit = UsageLimit(owner, wishes, workgroup)
        return Platform(
            owner, role, workgroup, manifests, settings.database, (role, bucket, group, namespace, workgroup, limit)
        )
    subnets = SubnetGroup(owner, wishes.subnet_group or name, network, borrowed=wishes.subnet_group is not None)
    parameters = ParameterGroup(owner, f"{name}-tls")
    cluster = Cluster(
        owner,
        wishes,
        role=role,
        security_group=group,
        subnet_group=subnets.name,
        parameter_group=parameters.name,
    )
    return Platform(
        owner, role, cluster, manifests, settings.database, (role, bucket, group, subnets, parameters, cluster)
    )


def _kind_there(account: Account, wishes: Wishes) -> PlatformKind | None:
    """The kind of the platform that is there, even if only a part of it is; None where none is.

    Raises:
        SparkifyError: It is in another region.
    """
    # Its own kind is not known yet, and is of no weight for looking.
    asked = planned(Owner(account, wishes.settings.name, "provisioned"), wishes)
    for resource in asked.resources:
        found = resource.look()
        if found is not None and found.belongs_to(wishes.settings.name):
            _check_region(resource, found, account)
            return "serverless" if found.tags.get(KIND_TAG) == "serverless" else "provisioned"
    return None


def _with_subnet_group(owner: Owner, wishes: Wishes) -> Wishes:
    """With the subnet group that the cluster lies in, where that is another than the platform's own."""
    warehouse = planned(owner, wishes).warehouse
    if wishes.subnet_group is not None or not isinstance(warehouse, Cluster):
        return wishes
    group = warehouse.subnet_group
    return wishes if group in {None, owner.name} else replace(wishes, subnet_group=group)


def _check_region(resource: Resource, found: Found, account: Account) -> None:
    region = found.tags.get(REGION_TAG, account.region)
    if region != account.region:
        raise SparkifyError(
            f"the {resource.title} belongs to a platform {resource.owner.name!r} in {region}, and this is "
            f"{account.region}: set AWS_DEFAULT_REGION to {region}, or choose another --name."
        )
