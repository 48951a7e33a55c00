"""The policies of the commands hold what the commands ask for, and nothing that has no reason.

What is recorded is each request with the permission that the command would name if it were denied. That AWS asks for
just these is from its documentation, and not tested against AWS. moto's own enforcement of policies knows neither
conditions nor, for most services, resources; here a policy is looked at with the resource that a request is about.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult

from sparkify_dagster.aws import clients
from sparkify_dagster.aws.services import BUCKETS, IAM
from sparkify_dagster.cluster import account
from sparkify_dagster_tests.cluster.cloud import Cloud
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, REGION
from sparkify_dagster_tests.cluster.policies import LAKE as EXAMPLE
from sparkify_dagster_tests.cluster.policies import NEVER_PAUSED, policies
from sparkify_dagster_tests.cluster.workgroups import Workgroups

MANIFESTS = f"sparkify-manifests-{ACCOUNT}-{REGION}"

# As AWS's Service Authorization Reference has it, where the action is not called as the operation is.
ACTIONS = {
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "PutPublicAccessBlock"): "s3:PutBucketPublicAccessBlock",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "PutBucketEncryption"): "s3:PutEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "PutBucketLifecycleConfiguration"): "s3:PutLifecycleConfiguration",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "DeleteObjects"): "s3:DeleteObject",
}

# What AWS asks of whoever makes one of the requests, beside that request's own permission.
ASKED_BESIDES = {
    "iam:TagRole": "CreateRole with tags",
    "iam:PassRole": "CreateCluster and CreateNamespace with a role",
    "iam:CreateServiceLinkedRole": "the first cluster or workgroup of an account",
    "iam:ListInstanceProfilesForRole": "DeleteRole, which looks for instances that have it",
    "s3:PutBucketOwnershipControls": "CreateBucket with ObjectOwnership",
    "s3:TagResource": "CreateBucket with tags",
    "s3:DeleteObjectVersion": "DeleteObjects with versions",
    "ec2:CreateTags": "CreateSecurityGroup with tags",
    "ec2:DescribeAccountAttributes": "CreateCluster and CreateWorkgroup, which look at the network",
    "ec2:DescribeAddresses": "CreateCluster and CreateWorkgroup, which look at the network",
    "ec2:DescribeAvailabilityZones": "CreateCluster and CreateWorkgroup, which look at the network",
    "ec2:DescribeInternetGateways": "CreateCluster and CreateWorkgroup, which look at the network",
    "redshift:CreateTags": "what is made with tags",
    "redshift-serverless:TagResource": "what is made with tags",
    "secretsmanager:CreateSecret": "a password that AWS manages",
    "secretsmanager:DeleteSecret": "a password that AWS manages",
    "secretsmanager:DescribeSecret": "a password that AWS manages",
    "secretsmanager:GetRandomPassword": "a password that AWS manages",
    "secretsmanager:RotateSecret": "a password that AWS manages",
    "secretsmanager:TagResource": "a password that AWS manages",
    "secretsmanager:UpdateSecret": "a password that AWS manages",
}

# A platform of one kind is looked for as if it were of the other, too: what is there is not known before.
SERVERLESS = pytest.mark.parametrize("words", [[], ["--serverless"]], ids=["cluster", "serverless"])


@contextmanager
def permissions_recorded(cloud: Cloud) -> Iterator[list[tuple[str, str, str, dict[str, Any]]]]:
    """Records service, operation, permission and parameters of each request."""
    named: list[str] = []
    recorded: list[tuple[str, str, str, dict[str, Any]]] = []
    explaining = clients.explaining

    @contextmanager
    def noting(request: Any) -> Iterator[None]:
        named.append(request.permission)
        try:
            with explaining(request):
                yield
        finally:
            named.pop()

    class Recorder(list[Any]):
        def append(self, asked: Any) -> None:
            super().append(asked)
            recorded.append((asked.service, asked.operation, named[-1], asked.parameters))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "explaining", noting)
        patch.setattr(account, "explaining", noting)
        cloud.asked = Recorder()
        yield recorded
        cloud.asked = list(cloud.asked)


def scenario(cloud: Cloud, workgroups: Workgroups, words: list[str]) -> dict[str, list[Any]]:
    """What each command asks for: on nothing, on what is whole, on what has changed, and on what is left."""
    asked: dict[str, list[Any]] = {}

    def run(*command: str) -> None:
        with permissions_recorded(cloud) as recorded:
            cloud.run(*command)
        asked.setdefault(command[0], []).extend(recorded)

    create = ("create", "--cidr", "10.1.2.3", *words)
    theirs = {"Bucket": MANIFESTS}
    region = {"LocationConstraint": REGION}
    cloud.ask(BUCKETS, "create_bucket", CreateBucketConfiguration=region, **theirs)
    for command in ("status", "pause", "resume"):
        run(command)
    cloud.ask(BUCKETS, "delete_bucket", **theirs)
    run("destroy", "--yes")
    run(*create)
    run("status")
    run(*create)
    _change_everything(cloud, workgroups, bool(words))
    run(*create, "--cidr", "8.8.4.4", "--read-all-buckets")
    run(*create)
    run(*create, "--read-all-buckets")
    run("pause")
    run("status")
    run("resume")
    cloud.ask(BUCKETS, "put_object", Bucket=MANIFESTS, Key="copy/left", Body=b"{}")
    run("destroy", "--yes", "--final-snapshot", "last")
    run("destroy", "--yes", "--remove-snapshots", *words)
    return asked


def _change_everything(cloud: Cloud, workgroups: Workgroups, serverless: bool) -> None:
    cloud.ask(IAM, "delete_role_policy", RoleName="sparkify-redshift", PolicyName="sparkify-lake")
    cloud.ask(BUCKETS, "delete_public_access_block", Bucket=MANIFESTS)
    if serverless:
        workgroups.namespaces["sparkify"].facts["iamRoles"] = []
        workgroups.workgroups["sparkify"].facts["baseCapacity"] = 128
        next(iter(workgroups.limits.values()))["amount"] = 1
    else:
        cloud.redshift.clusters["sparkify"].iam_roles_arn = []
        cloud.redshift.parameters["sparkify-tls"].clear()
        group = cloud.redshift.subnet_groups["sparkify"]
        group.subnet_ids = group.subnet_ids[:1]


def policy(cloud: Cloud, command: str, words: list[str]) -> dict[str, Any]:
    done = cloud.run("policy", command, *words)
    assert done.code == 0, done.err
    return json.loads(done.out)


def actions(document: dict[str, Any]) -> set[str]:
    return {action for statement in document["Statement"] for action in statement["Action"]}


def resource(service: str, operation: str, parameters: dict[str, Any]) -> str:
    """The ARN of what a request is about; "*" where AWS knows no single one for it."""
    if service == "iam":
        return f"arn:aws:iam::{ACCOUNT}:role/{parameters['RoleName']}"
    if service == "s3":
        inside = "/copy/left" if operation == "DeleteObjects" else ""
        return f"arn:aws:s3:::{parameters['Bucket']}{inside}"
    if service == "ec2" and not operation.startswith("Describe"):
        return f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1"
    if (service == "redshift" and operation == "DescribeClusterParameters") or not operation.startswith("Describe"):
        named = {
            "SnapshotIdentifier": "snapshot:sparkify/",
            "ClusterIdentifier": "cluster:",
            "ParameterGroupName": "parametergroup:",
            "ClusterSubnetGroupName": "subnetgroup:",
        }
        for parameter, kind in named.items():
            if service == "redshift" and parameter in parameters:
                return f"arn:aws:redshift:{REGION}:{ACCOUNT}:{kind}{parameters[parameter]}"
    return "*"


def allows(document: dict[str, Any], action: str, arn: str) -> bool:
    # What conditions allow is of what is handed to whom; without them moto can look at the rest.
    statements = [{key: value for key, value in one.items() if key != "Condition"} for one in document["Statement"]]
    result = IAMPolicy(json.dumps({**document, "Statement": statements})).is_action_permitted(action, arn)
    return result == PermissionResult.PERMITTED


@SERVERLESS
def test_each_request_is_in_the_policy_of_its_command_and_each_action_has_a_reason(
    cloud: Cloud, workgroups: Workgroups, words: list[str]
) -> None:
    documents = {
        command: policy(cloud, command, words)
        for command in ("create", "status", "destroy", *(() if words else NEVER_PAUSED))
    }
    # What is refused where there is no cluster only looks.
    documents.setdefault("pause", documents["status"])
    documents.setdefault("resume", documents["status"])

    asked = scenario(cloud, workgroups, words)

    for command, requests in asked.items():
        assert requests
        for service, operation, permission, parameters in requests:
            if operation == "GetCallerIdentity":
                assert permission == "sts:GetCallerIdentity"  # which everybody may
                continue
            expected = ACTIONS.get((service, operation), f"{service}:{operation}")
            assert permission == expected, (command, operation)
            arn = resource(service, operation, parameters)
            assert allows(documents[command], permission, arn), (command, permission, arn)
        used = {permission for _, _, permission, _ in requests}
        if not words or command not in NEVER_PAUSED:
            unused = actions(documents[command]) - used - set(ASKED_BESIDES)
            assert not unused, (command, unused)


@SERVERLESS
@pytest.mark.parametrize("command", ["create", "status", "destroy", "load"])
def test_no_policy_grants_all_of_a_service_or_changes_beyond_the_platform(
    cloud: Cloud, command: str, words: list[str]
) -> None:
    for statement in policy(cloud, command, words)["Statement"]:
        assert statement["Effect"] == "Allow"
        assert not [action for action in statement["Action"] if "*" in action]
        if statement["Resource"] == ["*"] and "Condition" not in statement:
            changing = {
                action
                for action in statement["Action"]
                if not action.partition(":")[2].startswith(("Describe", "Get", "List"))
            }
            assert all(action.startswith("redshift-serverless:") for action in changing), changing


def test_what_a_load_asks_for_is_in_its_policy(cloud: Cloud) -> None:
    package = Path(clients.__file__).parent.parent
    sources = [*package.glob("lake/*.py"), *package.glob("warehouse/redshift/*.py")]
    named = {
        permission
        for source in sources
        for permission in re.findall(r'"((?:s3|secretsmanager):[A-Za-z]+)"', source.read_text())
    }

    assert named == actions(policy(cloud, "load", []))


def test_a_policy_is_printed_without_asking_what_is_there(cloud: Cloud) -> None:
    policy(cloud, "create", [])
    assert [asked.operation for asked in cloud.asked] == ["GetCallerIdentity"]


def test_a_workgroup_has_no_policy_for_pausing(cloud: Cloud) -> None:
    assert "is neither paused nor resumed" in cloud.run("policy", "pause", "--serverless").line


@pytest.mark.parametrize("path", policies(), ids=lambda path: "/".join(path.parts[-2:]))
def test_the_files_are_what_is_printed(cloud: Cloud, path: Path) -> None:
    words = ["--serverless"] if path.parent.name == "serverless" else []
    printed = cloud.run("policy", path.stem, *words, SPARKIFY_LAKE=EXAMPLE).out

    assert path.read_text() == policies()[path] == printed, "python -m sparkify_dagster_tests.cluster.policies"
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters without white space.
    assert len("".join(printed.split())) <= 6144


def test_there_are_no_other_files(cloud: Cloud) -> None:
    (folder,) = {path.parent for path in policies() if path.parent.name == "policies"}
    assert {path for path in folder.rglob("*") if path.is_file()} == set(policies())
