"""The network that the warehouse lies in.

What belongs here: the VPC and subnets that are there already. What doesn't: anything that is made in them.
"""

from dataclasses import dataclass

from sparkify_dagster.aws.services import CLUSTERS, EC2
from sparkify_dagster.cluster.account import Account
from sparkify_dagster.errors import SparkifyError

_SETTING = "--subnet"

NO_SUBNET_GROUP = ("ClusterSubnetGroupNotFoundFault", "ClusterSubnetGroupNotFound")
"""Codes of answers that mean that there is no such group."""


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC, and subnets of it.

    Attributes:
        vpc: The VPC.
        subnets: The subnets.
    """

    vpc: str
    subnets: tuple[str, ...]


def find_network(account: Account, subnets: tuple[str, ...], subnet_group: str | None = None) -> Network:
    """Finds the VPC of subnets or of a subnet group; where none are given, the default VPC with all of its own.

    Raises:
        SparkifyError: There is none, or the subnets are of several.
    """
    if subnet_group is not None:
        return _network_of(account, subnet_group)
    if not subnets:
        vpc = _default_vpc(account)
        return Network(vpc, _subnets_of(account, vpc))
    answer = account.ask(
        EC2,
        "describe_subnets",
        "ec2:DescribeSubnets",
        doing=f"look for the subnets {', '.join(subnets)}",
        place=f"subnet {subnets[0]!r}",
        setting=_SETTING,
        SubnetIds=list(subnets),
    )
    vpcs = sorted({subnet["VpcId"] for subnet in answer["Subnets"]})
    if len(vpcs) != 1:
        raise SparkifyError(f"the subnets {', '.join(subnets)} are of {len(vpcs)} VPCs: name those of one by --subnet.")
    return Network(vpcs[0], tuple(sorted(subnets)))


def _network_of(account: Account, subnet_group: str) -> Network:
    answer = account.ask(
        CLUSTERS,
        "describe_cluster_subnet_groups",
        "redshift:DescribeClusterSubnetGroups",
        doing=f"look for the subnet group {subnet_group!r}",
        place=f"subnet group {subnet_group!r}",
        setting="--subnet-group",
        missing=NO_SUBNET_GROUP,
        ClusterSubnetGroupName=subnet_group,
    )
    if answer is None:
        raise SparkifyError(f"there is no subnet group {subnet_group!r} in {account.region}: check --subnet-group.")
    group = answer["ClusterSubnetGroups"][0]
    return Network(group["VpcId"], tuple(sorted(subnet["SubnetIdentifier"] for subnet in group["Subnets"])))


def _default_vpc(account: Account) -> str:
    answer = account.ask(
        EC2,
        "describe_vpcs",
        "ec2:DescribeVpcs",
        doing="look for the default VPC",
        place="default VPC",
        setting=_SETTING,
        Filters=[{"Name": "is-default", "Values": ["true"]}],
    )
    if not answer["Vpcs"]:
        raise SparkifyError(
            f"the region {account.region} has no default VPC: name the subnets that the warehouse is to lie in by "
            "--subnet."
        )
    return str(answer["Vpcs"][0]["VpcId"])


def _subnets_of(account: Account, vpc: str) -> tuple[str, ...]:
    answer = account.ask(
        EC2,
        "describe_subnets",
        "ec2:DescribeSubnets",
        doing=f"look for the subnets of {vpc}",
        place=f"VPC {vpc!r}",
        setting=_SETTING,
        Filters=[{"Name": "vpc-id", "Values": [vpc]}],
    )
    return tuple(sorted(subnet["SubnetId"] for subnet in answer["Subnets"]))
