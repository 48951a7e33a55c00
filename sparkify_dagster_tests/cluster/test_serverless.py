"""`sparkify cluster` with Redshift Serverless, which is botocore's Stubber here; all else is moto's."""

import re

import pytest

from sparkify_dagster_tests.cluster.cloud import Cloud
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, REGION
from sparkify_dagster_tests.cluster.workgroups import Workgroups

TAGS = {"sparkify:platform": "sparkify", "sparkify:kind": "serverless", "sparkify:region": REGION}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/sparkify-redshift"
CREATE = ("create", "--serverless", "--cidr", "10.1.2.3")


def parameters(cloud: Cloud, operation: str) -> dict[str, object]:
    (asked,) = [asked for asked in cloud.asked if asked.operation == operation]
    return asked.parameters


def test_namespace_workgroup_and_limit_are_made_in_this_order_each_when_the_last_is_ready(
    cloud: Cloud, workgroups: Workgroups
) -> None:
    done = cloud.create("--serverless")

    assert workgroups.holds() == {
        "namespaces": {
            "sparkify": {
                "namespaceName": "sparkify",
                "dbName": "sparkify",
                "adminUsername": "sparkify",
                "iamRoles": [f"IamRole(applyStatus=in-sync, iamRoleArn={ROLE})"],
                "status": "AVAILABLE",
                "tags": TAGS,
            }
        },
        "workgroups": {
            "sparkify": {
                "workgroupName": "sparkify",
                "namespaceName": "sparkify",
                "baseCapacity": 8,
                "publiclyAccessible": False,
                "configParameters": [{"parameterKey": "require_ssl", "parameterValue": "true"}],
                "port": 5439,
                "status": "AVAILABLE",
                "tags": TAGS,
            }
        },
        "snapshots": {},
        "limits": [{"usageType": "serverless-compute", "amount": 24, "period": "daily", "breachAction": "deactivate"}],
    }
    made = parameters(cloud, "CreateNamespace")
    assert made["manageAdminPassword"] is True
    assert "adminUserPassword" not in made
    assert made["defaultIamRoleArn"] == ROLE
    assert cloud.holds()["secrets"] == ["redshift!sparkify-sparkify"]
    assert re.search(r"REDSHIFT_HOST +sparkify\.\S+\.redshift-serverless\.amazonaws\.com", done.out)
    assert "REDSHIFT_WORKGROUP" not in done.out


def test_its_role_is_for_redshift_serverless_too(cloud: Cloud, workgroups: Workgroups) -> None:
    cloud.create("--serverless")

    (statement,) = cloud.holds()["roles"]["sparkify-redshift"]["trust"]["Statement"]
    assert statement["Principal"] == {"Service": ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]}
    assert statement["Condition"]["StringLike"]["sts:ExternalId"] == [
        f"arn:aws:redshift:{REGION}:{ACCOUNT}:dbuser:sparkify/*",
        f"arn:aws:redshift:{REGION}:{ACCOUNT}:dbuser:serverless-{ACCOUNT}-*/*",
    ]


def test_creating_twice_is_creating_once(cloud: Cloud, workgroups: Workgroups) -> None:
    cloud.create("--serverless", "--write-env")
    cloud.asked.clear()

    cloud.create("--serverless", "--write-env")
    assert cloud.changes == []


def test_what_differs_is_changed_one_parameter_at_a_time(cloud: Cloud, workgroups: Workgroups) -> None:
    cloud.create("--serverless")
    workgroups.workgroups["sparkify"].facts["configParameters"] = []
    workgroups.namespaces["sparkify"].facts["iamRoles"] = []
    cloud.asked.clear()

    done = cloud.run(*CREATE, "--base-capacity", "16", "--usage-limit", "5", "--public")

    assert done.code == 0, done.err
    assert cloud.changes == ["UpdateNamespace", *["UpdateWorkgroup"] * 3, "UpdateUsageLimit"]
    held = workgroups.holds()
    workgroup = held["workgroups"]["sparkify"]
    assert (workgroup["baseCapacity"], workgroup["publiclyAccessible"]) == (16, True)
    assert workgroup["configParameters"] == [{"parameterKey": "require_ssl", "parameterValue": "true"}]
    assert held["namespaces"]["sparkify"]["iamRoles"] == [ROLE]
    assert held["limits"][0]["amount"] == 5


def test_subnets_that_are_named_are_those_of_the_workgroup(cloud: Cloud, workgroups: Workgroups) -> None:
    from sparkify_dagster.aws.services import EC2

    subnets = cloud.ask(EC2, "describe_subnets", Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    named = sorted(subnet["SubnetId"] for subnet in subnets)[:3]
    cloud.create("--serverless", *[word for subnet in named for word in ("--subnet", subnet)])

    assert parameters(cloud, "CreateWorkgroup")["subnetIds"] == named


def test_what_is_foretold_changes_nothing(cloud: Cloud, workgroups: Workgroups) -> None:
    foretold = cloud.create("--serverless", "--dry-run")
    assert foretold.out.count("would make") == 6
    assert cloud.changes == []

    cloud.create("--serverless")
    cloud.asked.clear()
    foretold = cloud.run("destroy", "--dry-run")
    assert foretold.out.count("would remove") == 6
    assert cloud.changes == []


def test_status_shows_it_and_its_exit_code_says_whether_there_can_be_loads(
    cloud: Cloud, workgroups: Workgroups
) -> None:
    cloud.create("--serverless")
    done = cloud.run("status")
    assert done.code == 0
    assert re.search(r"usage limit +sparkify-a-day +there +amount: 24 RPU-hours a day, then deactivate", done.out)
    assert "base capacity: 8 RPU" in done.out

    workgroups.limits.clear()
    done = cloud.run("status")
    assert done.code == 1
    assert re.search(r"usage limit +sparkify-a-day +not there", done.out)


@pytest.mark.parametrize("words", [["pause"], ["resume"], ["pause", "--dry-run"], ["resume", "--dry-run"]])
def test_it_is_neither_paused_nor_resumed_and_says_why(cloud: Cloud, workgroups: Workgroups, words: list[str]) -> None:
    cloud.create("--serverless")
    cloud.asked.clear()

    line = cloud.run(*words).line
    assert "the workgroup 'sparkify' is neither paused nor resumed: while no query runs, it takes no compute" in line
    assert cloud.changes == []


def test_it_goes_in_the_order_in_which_aws_lets_it_after_its_snapshot(cloud: Cloud, workgroups: Workgroups) -> None:
    cloud.create("--serverless")
    cloud.asked.clear()

    done = cloud.run("destroy", "--yes", "--final-snapshot", "last")

    assert done.code == 0, done.err
    assert cloud.changes[:4] == ["CreateSnapshot", "DeleteUsageLimit", "DeleteWorkgroup", "DeleteNamespace"]
    held = workgroups.holds()
    assert held.pop("snapshots")["last"]["tags"] == TAGS
    assert not any(held.values())
    assert not any(cloud.holds().values())


def test_the_snapshot_that_stays_goes_by_the_command_that_is_told(cloud: Cloud, workgroups: Workgroups) -> None:
    cloud.create("--serverless")
    done = cloud.run("destroy", "--yes", "--final-snapshot", "last")
    (command,) = re.findall(r"and is billed: `sparkify cluster (.*)` removes it", done.out)

    assert cloud.run(*command.split(), "--yes").code == 0
    assert workgroups.snapshots == {}


def test_the_name_of_a_namespace_that_others_have_is_not_taken(cloud: Cloud, workgroups: Workgroups) -> None:
    cloud.create("--serverless")
    for thing in (workgroups.namespaces, workgroups.workgroups):
        thing["sparkify"].tags.clear()
    cloud.asked.clear()

    assert "there is a namespace 'sparkify' already, and it was not made for the platform" in cloud.run(*CREATE).line
    assert cloud.changes == []
    # What is theirs stays, with its limit.
    held = workgroups.holds()
    done = cloud.run("destroy", "--yes")
    assert done.out.count("was not made for the platform, and stays") == 3
    assert workgroups.holds() == held


def test_another_database_is_not_made_of_a_namespace_that_is_there(cloud: Cloud, workgroups: Workgroups) -> None:
    cloud.create("--serverless")
    line = cloud.run(*CREATE, REDSHIFT_DATABASE="dwh").line
    assert "is there with database sparkify, and the settings say dwh: that cannot be changed" in line


@pytest.mark.parametrize(
    ("operation", "code", "status", "told"),
    [
        ("CreateNamespace", "AccessDeniedException", 400, "the permission redshift-serverless:CreateNamespace on"),
        ("CreateWorkgroup", "AccessDeniedException", 400, "the permission redshift-serverless:CreateWorkgroup on"),
        ("CreateUsageLimit", "AccessDeniedException", 400, "the permission redshift-serverless:CreateUsageLimit on"),
        ("CreateWorkgroup", "ServiceQuotaExceededException", 402, "reached a limit of Redshift Serverless"),
        ("CreateWorkgroup", "InsufficientCapacityException", 400, "AWS has none of these left in the region"),
        ("CreateWorkgroup", "ValidationException", 400, "choose otherwise by --name, --base-capacity, --subnet"),
    ],
)
def test_what_is_refused_is_one_line(
    cloud: Cloud, workgroups: Workgroups, operation: str, code: str, status: int, told: str
) -> None:
    cloud.refused[operation] = (code, "AWS's own words", status)
    line = cloud.run(*CREATE).line
    assert told in line
    assert "AWS's own words" in line
