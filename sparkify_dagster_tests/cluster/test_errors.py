"""What goes wrong with `sparkify cluster` is one line, which says what to do; and nothing else happens."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from moto.ec2.models import ec2_backends
from moto.s3.models import s3_backends

from sparkify_dagster.aws.services import BUCKETS, CLUSTERS, EC2, IAM
from sparkify_dagster.cluster.callers_address import callers_address
from sparkify_dagster_tests.cluster.cloud import LAKE, Cloud, security_groups
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, REGION
from sparkify_dagster_tests.cluster.test_cut_off import CREATION, REMOVAL

CREATE = ("create", "--cidr", "10.1.2.3")
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
MANIFESTS = f"sparkify-manifests-{ACCOUNT}-{REGION}"


def refused(cloud: Cloud, *words: str, **environment: str) -> str:
    """The one line of a command that fails without having changed anything."""
    held = cloud.holds()
    cloud.asked.clear()
    line = cloud.run(*words, **environment).line
    assert cloud.changes == []
    assert cloud.holds() == held
    return line


@contextmanager
def bucket_in(cloud: Cloud, region: str, name: str) -> Iterator[None]:
    """A bucket in another region than the platform's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", region)
        cloud.ask(BUCKETS, "create_bucket", Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    try:
        yield
    finally:
        s3_backends[ACCOUNT]["aws"].buckets.pop(name)
        s3_backends.bucket_accounts.pop(name, None)


class TestTheRegion:
    @pytest.mark.parametrize("words", [CREATE, ("status",), ("pause",), ("resume",), ("destroy", "--yes")])
    def test_one_that_is_none_is_told_with_those_that_it_is_like(self, cloud: Cloud, words: tuple[str, ...]) -> None:
        line = refused(cloud, *words, AWS_DEFAULT_REGION="us-east-9")

        assert "AWS_DEFAULT_REGION is 'us-east-9', and there is no Redshift in such a region" in line
        assert "us-east-1" in line
        # Nobody was asked there: outside of tests there is nobody.
        assert cloud.asked == []

    @pytest.mark.parametrize("words", [CREATE, ("status",), ("destroy", "--yes")])
    def test_none_is_told(self, cloud: Cloud, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")

        assert "no region is set: set AWS_DEFAULT_REGION to that of the lake" in refused(cloud, *words)

    @pytest.mark.parametrize("words", [CREATE, ("status",), ("destroy", "--yes")])
    def test_a_platform_of_that_name_in_another_region_is_told(self, cloud: Cloud, words: tuple[str, ...]) -> None:
        cloud.create()
        elsewhere = {"AWS_DEFAULT_REGION": "eu-west-1", "SPARKIFY_LAKE": "s3://lake-elsewhere/l"}
        with bucket_in(cloud, "eu-west-1", "lake-elsewhere"):
            line = refused(cloud, *words, **elsewhere)

        assert "belongs to a platform 'sparkify' in us-west-2, and this is eu-west-1" in line
        assert "choose another --name" in line


class TestTheLake:
    def test_it_must_be_on_s3(self, cloud: Cloud) -> None:
        assert "Redshift loads from S3: set SPARKIFY_LAKE" in refused(cloud, *CREATE, SPARKIFY_LAKE="/data/lake")

    def test_it_must_be_there(self, cloud: Cloud) -> None:
        line = refused(cloud, *CREATE, SPARKIFY_LAKE="s3://no-such-lake/l")
        assert "There is no bucket 'no-such-lake' there: check SPARKIFY_LAKE" in line

    def test_it_must_be_allowed(self, cloud: Cloud) -> None:
        cloud.refused["HeadBucket"] = ("403", "Forbidden", 403)
        line = refused(cloud, *CREATE)
        assert f"Give the credentials in use the permission s3:ListBucket on bucket '{LAKE}'" in line

    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            ({"SPARKIFY_LAKE": "s3://far-away/l"}, "so set AWS_DEFAULT_REGION=us-east-2"),
            ({"SPARKIFY_MANIFESTS": "s3://far-away/m"}, "let SPARKIFY_MANIFESTS name one in the warehouse's region"),
        ],
    )
    def test_it_and_the_manifests_must_be_in_the_region(
        self, cloud: Cloud, settings: dict[str, str], told: str
    ) -> None:
        with bucket_in(cloud, "us-east-2", "far-away"):
            line = refused(cloud, *CREATE, **settings)

        assert "is in us-east-2, and the warehouse would be in us-west-2" in line
        assert told in line


class TestNamesThatAreTaken:
    @pytest.mark.parametrize(
        ("what", "setting"),
        [
            ("IAM role 'sparkify-redshift'", "SPARKIFY_CLUSTER_ROLE"),
            (f"bucket '{MANIFESTS}'", "SPARKIFY_MANIFESTS"),
            ("security group 'sparkify-redshift'", "--name"),
            ("parameter group 'sparkify-tls'", "--name"),
            ("subnet group 'sparkify'", "--subnet-group"),
            ("cluster 'sparkify'", "--name"),
        ],
    )
    def test_what_others_have_is_not_touched(self, cloud: Cloud, what: str, setting: str) -> None:
        vpc = cloud.ask(EC2, "describe_vpcs", Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        subnets = cloud.ask(EC2, "describe_subnets", Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        theirs = {
            "IAM role": partial(
                cloud.ask, IAM, "create_role", RoleName="sparkify-redshift", AssumeRolePolicyDocument=TRUST
            ),
            "bucket": partial(
                cloud.ask,
                BUCKETS,
                "create_bucket",
                Bucket=MANIFESTS,
                CreateBucketConfiguration={"LocationConstraint": REGION},
            ),
            "security group": partial(
                cloud.ask, EC2, "create_security_group", GroupName="sparkify-redshift", Description="x", VpcId=vpc
            ),
            "parameter group": partial(
                cloud.ask,
                CLUSTERS,
                "create_cluster_parameter_group",
                ParameterGroupName="sparkify-tls",
                ParameterGroupFamily="redshift-1.0",
                Description="x",
            ),
            "subnet group": partial(
                cloud.ask,
                CLUSTERS,
                "create_cluster_subnet_group",
                ClusterSubnetGroupName="sparkify",
                Description="x",
                SubnetIds=[subnets[0]["SubnetId"]],
            ),
            "cluster": partial(
                cloud.ask,
                CLUSTERS,
                "create_cluster",
                ClusterIdentifier="sparkify",
                NodeType="ra3.large",
                MasterUsername="me",
                ManageMasterPassword=True,
            ),
        }
        theirs[what.partition(" '")[0]]()
        for cluster in cloud.redshift.clusters.values():
            cluster.last("available", "available")  # type: ignore[attr-defined]

        line = refused(cloud, *CREATE)

        assert f"there is a {what} already, and it was not made for the platform 'sparkify'" in line
        assert f"choose another name by {setting}; nothing was changed" in line

    def test_a_bucket_of_another_account_is_not_touched(self, cloud: Cloud) -> None:
        theirs = s3_backends["999999999999"]["aws"].create_bucket(MANIFESTS, REGION)
        try:
            line = refused(cloud, *CREATE)
        finally:
            del s3_backends["999999999999"]["aws"].buckets[MANIFESTS]
            s3_backends.bucket_accounts.pop(MANIFESTS)

        assert f"cannot look for the bucket '{MANIFESTS}': S3 at" in line
        assert "answers 403" in line
        assert theirs.public_access_block is None

    def test_a_cluster_is_not_made_where_a_workgroup_is(self, cloud: Cloud, workgroups: Any) -> None:
        cloud.create("--serverless")
        assert "its warehouse is serverless: destroy it first, or choose another --name" in refused(cloud, *CREATE)

    def test_two_security_groups_with_the_platforms_tag_are_not_chosen_from(self, cloud: Cloud) -> None:
        cloud.create()
        (mine,) = security_groups()
        tags = [{"Key": "sparkify:platform", "Value": "sparkify"}]
        cloud.ask(
            EC2,
            "create_security_group",
            GroupName="copied",
            Description="x",
            VpcId=mine.vpc_id,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
        )
        assert "there are 2 security groups of the platform 'sparkify'" in refused(cloud, *CREATE)


def permission(operation: str) -> str:
    """The permission of a changing operation, as IAM calls it."""
    services = {
        "Role": "iam",
        "Bucket": "s3",
        "Public": "s3",
        "Objects": "s3",
        "Security": "ec2",
        "Cluster": "redshift",
    }
    renamed = {
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "DeleteObjects": "DeleteObject",
    }
    (service,) = {service for word, service in services.items() if word in operation}
    return f"{service}:{renamed.get(operation, operation)}"


def denial(operation: str) -> tuple[str, str, int]:
    if operation.endswith(("SecurityGroup", "SecurityGroupIngress")):
        return "UnauthorizedOperation", "You are not authorized to perform this operation.", 403
    return "AccessDenied", f"User: arn:aws:iam::{ACCOUNT}:user/me is not authorized to perform: {operation}", 403


def each(operations: Iterable[str], quick: tuple[str, ...]) -> Any:
    """Each of these operations; those that are not quick on request."""
    return pytest.mark.parametrize(
        "operation",
        [pytest.param(name, marks=[] if name in quick else [pytest.mark.slow]) for name in sorted(set(operations))],
    )


class TestPermissions:
    @each(CREATION, quick=("CreateBucket", "AuthorizeSecurityGroupIngress", "CreateCluster"))
    def test_the_one_that_create_lacks_is_named_and_then_it_goes_on(self, cloud: Cloud, operation: str) -> None:
        cloud.refused[operation] = denial(operation)
        done = cloud.run(*CREATE)
        assert f"Give the credentials in use the permission {permission(operation)} on " in done.line
        assert "What was made stays. The same command goes on from here" in done.err

        del cloud.refused[operation]
        cloud.create()

    @each(REMOVAL, quick=("DeleteObjects",))
    def test_the_one_that_destroy_lacks_is_named_and_then_it_goes_on(self, cloud: Cloud, operation: str) -> None:
        cloud.create()
        cloud.ask(BUCKETS, "put_object", Bucket=MANIFESTS, Key="copy/left", Body=b"{}")
        cloud.refused[operation] = denial(operation)
        done = cloud.run("destroy", "--yes", "--final-snapshot", "last")
        assert f"Give the credentials in use the permission {permission(operation)} on " in done.line
        assert "What is left stays. The same command goes on from here." in done.err

    @pytest.mark.parametrize(("command", "operation"), [("pause", "PauseCluster"), ("resume", "ResumeCluster")])
    def test_the_one_that_pause_and_resume_lack_is_named(self, cloud: Cloud, command: str, operation: str) -> None:
        cloud.create()
        if command == "resume":
            assert cloud.run("pause").code == 0
        cloud.refused[operation] = denial(operation)

        assert f"the permission {permission(operation)} on cluster 'sparkify'" in cloud.run(command).line

    @pytest.mark.parametrize(
        ("operation", "named"),
        [
            ("GetRole", "iam:GetRole"),
            ("DescribeSecurityGroups", "ec2:DescribeSecurityGroups"),
            ("DescribeClusters", "redshift:DescribeClusters"),
            ("DescribeClusterSnapshots", "redshift:DescribeClusterSnapshots"),
        ],
    )
    def test_the_one_that_status_lacks_is_named(self, cloud: Cloud, operation: str, named: str) -> None:
        cloud.create()
        cloud.refused[operation] = denial("x")

        assert f"the permission {named} on " in cloud.run("status").line

    def test_objects_that_may_not_be_deleted_keep_the_bucket(self, cloud: Cloud) -> None:
        cloud.create()
        cloud.ask(BUCKETS, "put_object", Bucket=MANIFESTS, Key="copy/left", Body=b"{}")
        denied = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:DeleteObject",
            "Resource": f"arn:aws:s3:::{MANIFESTS}/*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
        cloud.ask(BUCKETS, "put_bucket_policy", Bucket=MANIFESTS, Policy=policy)

        line = cloud.run("destroy", "--yes").line
        assert f"cannot empty the bucket '{MANIFESTS}': S3 answers AccessDenied for 'copy/left'" in line
        assert "s3:DeleteObjectVersion" in line

    def test_wrong_credentials_are_told(self, cloud: Cloud) -> None:
        cloud.refused["GetCallerIdentity"] = ("InvalidClientTokenId", "The security token is invalid.", 403)
        assert "The AWS credentials are wrong or have expired" in refused(cloud, *CREATE)


LIMITS = {
    "CreateCluster": ("ClusterQuotaExceeded", "Redshift"),
    "CreateClusterSubnetGroup": ("ClusterSubnetGroupQuotaExceeded", "Redshift"),
    "CreateClusterParameterGroup": ("ClusterParameterGroupQuotaExceeded", "Redshift"),
    "CreateRole": ("LimitExceeded", "IAM"),
    "CreateSecurityGroup": ("SecurityGroupLimitExceeded", "EC2"),
    "AuthorizeSecurityGroupIngress": ("RulesPerSecurityGroupLimitExceeded", "EC2"),
    "CreateBucket": ("TooManyBuckets", "S3"),
}


@each(LIMITS, quick=("CreateCluster", "CreateSecurityGroup", "CreateBucket"))
def test_a_limit_of_the_account_is_told(cloud: Cloud, operation: str) -> None:
    code, service = LIMITS[operation]
    cloud.refused[operation] = (code, "AWS's own words", 400)
    line = cloud.run(*CREATE).line
    assert f"answers {code} (AWS's own words)" in line
    assert f"The account has reached a limit of {service}: remove something, or ask AWS to raise it" in line


@pytest.mark.parametrize(
    ("operation", "code", "told"),
    [
        ("CreateCluster", "InsufficientClusterCapacity", "AWS has none of these left in the region at the moment"),
        ("CreateRole", "EntityAlreadyExists", "is taken: choose another one by SPARKIFY_CLUSTER_ROLE"),
        ("CreateBucket", "BucketAlreadyExists", "is taken: choose another one by SPARKIFY_MANIFESTS"),
        ("CreateCluster", "ClusterAlreadyExists", "is taken: choose another one by --name"),
    ],
)
def test_what_is_not_to_be_had_is_told(cloud: Cloud, operation: str, code: str, told: str) -> None:
    cloud.refused[operation] = (code, "AWS's own words", 400)
    line = cloud.run(*CREATE).line
    assert told in line
    assert f"answers {code} (AWS's own words)" in line


def test_an_unknown_kind_of_node_is_told_with_the_option_that_names_it(cloud: Cloud) -> None:
    line = cloud.run(*CREATE, "--node-type", "dc9.large").line

    assert "Invalid node type: dc9.large" in line
    assert "choose otherwise by --name, --node-type, --nodes" in line


def test_a_region_without_a_default_vpc_is_told_before_anything_is_made(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for vpc in ec2_backends[ACCOUNT][REGION].vpcs.values():
        monkeypatch.setattr(vpc, "is_default", "false")

    assert "the region us-west-2 has no default VPC: name the subnets" in refused(cloud, *CREATE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--subnet", "subnet-12345678"], "InvalidSubnetID.NotFound"),
        (["--subnet-group", "none-such"], "there is no subnet group 'none-such' in us-west-2: check --subnet-group"),
        (["--subnet", "s", "--subnet-group", "g"], "exclude each other"),
        (["--serverless", "--nodes", "2"], "are for a cluster"),
        (["--cidr", "0.0.0.0/0"], "--cidr 0.0.0.0/0 would let in the world"),
        (["--cidr", "2001:db8::/32"], "is of IPv6"),
        (["--cidr", "home"], "--cidr home is no network: it is like"),
        (["--tag", "aws:x=y"], "it is KEY=VALUE"),
        (["--tag", "sparkify:platform=other"], "it is KEY=VALUE"),
        (["--tag", "novalue"], "it is KEY=VALUE"),
    ],
)
def test_options_that_do_not_fit_are_told(cloud: Cloud, words: list[str], told: str) -> None:
    assert told in refused(cloud, "create", "--cidr", "10.1.2.3", *words)


def test_subnets_of_two_networks_are_told(cloud: Cloud) -> None:
    vpc = cloud.ask(EC2, "create_vpc", CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    subnet = cloud.ask(EC2, "create_subnet", VpcId=vpc, CidrBlock="10.78.0.0/24")["Subnet"]["SubnetId"]
    default = cloud.ask(EC2, "describe_subnets", Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    try:
        line = refused(cloud, *CREATE, "--subnet", subnet, "--subnet", default[0]["SubnetId"])
    finally:
        cloud.ask(EC2, "delete_subnet", SubnetId=subnet)
        cloud.ask(EC2, "delete_vpc", VpcId=vpc)
    assert "are of 2 VPCs: name those of one by --subnet" in line


def test_where_the_own_address_is_not_told_it_is_said_how_to_do_without(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = partial(callers_address, "http://127.0.0.1:9")
    monkeypatch.setattr("sparkify_dagster.cli.cluster.creating.callers_address", nobody)

    assert "does not tell this machine's address: name the network" in refused(cloud, "create")


def test_an_aws_that_cannot_be_reached_is_told(cloud: Cloud) -> None:
    line = refused(cloud, "status", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "takes no connection" in line


def test_a_policy_of_no_command_is_told(cloud: Cloud) -> None:
    assert "there is no policy for 'restart': there are those for create, status" in refused(cloud, "policy", "restart")
