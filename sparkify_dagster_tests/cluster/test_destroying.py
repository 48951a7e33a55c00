"""What `sparkify cluster destroy` removes, and what it leaves."""

import json
from typing import Any

import pytest

from sparkify_dagster.aws.services import BUCKETS, CLUSTERS, EC2, IAM
from sparkify_dagster_tests.cluster.cloud import LAKE, Cloud, security_groups
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, REGION

MANIFESTS = f"sparkify-manifests-{ACCOUNT}-{REGION}"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def nothing(held: dict[str, Any]) -> bool:
    return not any(held.values())


def test_nothing_is_left_of_what_create_made(cloud: Cloud) -> None:
    cloud.create("--read-all-buckets", "--tag", "team=a")

    done = cloud.run("destroy", "--yes")

    assert done.code == 0, done.err
    assert nothing(cloud.holds())
    assert "The platform 'sparkify' is gone." in done.out
    assert cloud.run("destroy", "--yes").out.startswith("There is nothing of a platform 'sparkify' in us-west-2")


def test_it_says_what_goes_and_asks_and_a_no_removes_nothing(cloud: Cloud) -> None:
    cloud.create()
    held = cloud.holds()
    cloud.asked.clear()

    done = cloud.run("destroy", stdin="\nn\n")

    assert done.code == 130
    for what in ("cluster", "parameter group", "subnet group", "security group", "bucket", "IAM role"):
        assert f"  remove the {what} 'sparkify" in done.out
    assert "Remove all this, with all that is in it? [y/N]" in done.out
    assert cloud.changes == []
    assert cloud.holds() == held


def test_where_nobody_can_be_asked_nothing_is_removed(cloud: Cloud) -> None:
    cloud.create()
    cloud.asked.clear()

    assert cloud.run("destroy", stdin="").code == 130
    assert cloud.changes == []


def test_whoever_is_asked_may_name_a_last_snapshot(cloud: Cloud) -> None:
    cloud.create()

    done = cloud.run("destroy", stdin="the-last\ny\n")

    assert done.code == 0, done.err
    assert "A last snapshot of the warehouse stays and is billed" in done.out
    held = cloud.holds()
    assert held.pop("snapshots")["the-last"]["sparkify:platform"] == "sparkify"
    assert nothing(held)


@pytest.mark.parametrize("name", ["Last", "-last", "last_one", "la--st"])
def test_a_snapshot_that_aws_would_not_name_so_is_refused_before_anything_goes(cloud: Cloud, name: str) -> None:
    cloud.create()
    cloud.asked.clear()

    assert "small letters, digits and single hyphens" in cloud.run("destroy", f"--final-snapshot={name}", "--yes").line
    assert "small letters, digits and single hyphens" in cloud.run("destroy", stdin=f"{name}\ny\n").line
    assert cloud.changes == []


def test_what_is_foretold_changes_nothing(cloud: Cloud) -> None:
    cloud.create()
    held = cloud.holds()
    cloud.asked.clear()

    done = cloud.run("destroy", "--dry-run", "--final-snapshot", "last")

    assert done.code == 0
    assert "would take the snapshot 'last' first" in done.out
    assert done.out.count("would remove the") == 6
    assert cloud.changes == []
    assert cloud.holds() == held


def test_the_snapshot_is_whole_before_the_cluster_goes_and_is_told_to_cost(cloud: Cloud) -> None:
    cloud.create()
    cloud.asked.clear()

    done = cloud.run("destroy", "--yes", "--final-snapshot", "last")

    assert cloud.changes[:2] == ["CreateClusterSnapshot", "DeleteCluster"]
    assert done.err.index("the snapshot 'last' is creating; waiting") < done.err.index("the cluster 'sparkify' is del")
    assert (
        "The snapshot 'last' stays, and is billed: `sparkify cluster destroy --remove-snapshots` removes it" in done.out
    )
    assert "snapshot 'last' (available, made for the platform) is billed until it is removed" in cloud.run("status").out


def test_a_snapshot_that_fails_keeps_the_cluster(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.create()
    take = cloud.redshift.create_cluster_snapshot

    def fails(*words: Any, **more: Any) -> Any:
        snapshot = take(*words, **more)
        snapshot.status = "failed"
        return snapshot

    monkeypatch.setattr(cloud.redshift, "create_cluster_snapshot", fails)
    assert (
        "the snapshot 'last' failed; nothing was removed" in cloud.run("destroy", "--yes", "--final-snapshot=last").line
    )
    assert cloud.holds()["clusters"]


def test_a_paused_cluster_gives_no_snapshot_and_goes_without(cloud: Cloud) -> None:
    cloud.create()
    assert cloud.run("pause").code == 0

    line = cloud.run("destroy", "--yes", "--final-snapshot", "last").line
    assert "is paused, and AWS takes snapshots of running ones only: `sparkify cluster resume` first" in line
    assert cloud.run("destroy", "--yes").code == 0
    assert nothing(cloud.holds())


@pytest.mark.parametrize("state", ["incompatible-network", "storage-full"])
def test_a_cluster_that_is_stuck_is_removed(cloud: Cloud, state: str) -> None:
    cloud.create()
    cloud.redshift.clusters["sparkify"].status = state
    assert f"the cluster 'sparkify' is stuck ({state})" in cloud.run("create", "--cidr", "10.1.2.3").line

    assert cloud.run("destroy", "--yes").code == 0
    assert nothing(cloud.holds())


def test_snapshots_of_the_platform_go_on_request_and_those_of_others_stay(cloud: Cloud) -> None:
    cloud.create()
    theirs = {"SnapshotIdentifier": "by-hand", "ClusterIdentifier": "sparkify"}
    cloud.ask(CLUSTERS, "create_cluster_snapshot", **theirs)
    assert cloud.run("destroy", "--yes", "--final-snapshot", "last").code == 0

    done = cloud.run("destroy", "--yes", "--remove-snapshots")

    assert done.code == 0
    assert list(cloud.holds()["snapshots"]) == ["by-hand"]
    assert "The snapshot 'by-hand' stays, and is billed: others made it." in done.out


def test_what_others_made_under_like_names_stays(cloud: Cloud) -> None:
    cloud.create()
    (mine,) = security_groups()
    cloud.ask(IAM, "create_role", RoleName="sparkify-redshift-2", AssumeRolePolicyDocument=TRUST)
    cloud.ask(
        EC2,
        "create_security_group",
        GroupName="sparkify-redshift-2",
        Description="x",
        VpcId=mine.vpc_id,
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": "sparkify:platform", "Value": "sparkify2"}]}
        ],
    )
    other = f"{MANIFESTS}-2"
    cloud.ask(BUCKETS, "create_bucket", Bucket=other, CreateBucketConfiguration={"LocationConstraint": REGION})
    names = {"ParameterGroupName": "sparkify-tls2", "ParameterGroupFamily": "redshift-1.0", "Description": "x"}
    cloud.ask(CLUSTERS, "create_cluster_parameter_group", **names)
    second = cloud.create("--name", "sparkify2")
    assert second.code == 0

    assert cloud.run("destroy", "--yes").code == 0

    held = cloud.holds()
    assert set(held["clusters"]) == {"sparkify2"}
    assert set(held["roles"]) == {"sparkify-redshift-2", "sparkify2-redshift"}
    assert set(held["buckets"]) == {other, f"sparkify2-manifests-{ACCOUNT}-{REGION}"}
    assert set(held["parameter groups"]) == {"sparkify-tls2", "sparkify2-tls"}
    assert set(held["subnet groups"]) == {"sparkify2"}
    # The other platform took the group that carries its tag for its own.
    assert set(held["security groups"]) == {"sparkify-redshift-2"}


@pytest.mark.parametrize("tags", [[], [{"Key": "sparkify:platform", "Value": "other"}]], ids=["no tags", "another's"])
def test_what_bears_the_platforms_names_without_its_tags_stays(cloud: Cloud, tags: list[dict[str, str]]) -> None:
    cloud.ask(IAM, "create_role", RoleName="sparkify-redshift", AssumeRolePolicyDocument=TRUST, Tags=tags)
    cloud.ask(BUCKETS, "create_bucket", Bucket=MANIFESTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    cloud.ask(BUCKETS, "put_bucket_tagging", Bucket=MANIFESTS, Tagging={"TagSet": tags})
    names = {"ParameterGroupName": "sparkify-tls", "ParameterGroupFamily": "redshift-1.0", "Description": "x"}
    cloud.ask(CLUSTERS, "create_cluster_parameter_group", Tags=tags, **names)
    cluster = {"ClusterIdentifier": "sparkify", "NodeType": "ra3.large", "MasterUsername": "me", "Tags": tags}
    cloud.ask(CLUSTERS, "create_cluster", ManageMasterPassword=True, **cluster)
    cloud.redshift.clusters["sparkify"].status = "available"
    held = cloud.holds()

    done = cloud.run("destroy", "--yes")

    assert done.out == "There is nothing of a platform 'sparkify' in us-west-2 to remove.\n"
    assert cloud.holds() == held


def test_a_borrowed_bucket_and_what_is_in_it_stay(cloud: Cloud) -> None:
    cloud.create(SPARKIFY_MANIFESTS=f"s3://{LAKE}/manifests")
    cloud.ask(BUCKETS, "put_object", Bucket=LAKE, Key="manifests/left", Body=b"{}")

    done = cloud.run("destroy", "--yes", SPARKIFY_MANIFESTS=f"s3://{LAKE}/manifests")

    assert done.code == 0
    assert f"the bucket '{LAKE}' was not made for the platform, and stays" in done.out
    assert nothing(cloud.holds())
    assert cloud.ask(BUCKETS, "get_object", Bucket=LAKE, Key="manifests/left")["Body"].read() == b"{}"


def test_all_versions_and_delete_markers_go_with_the_bucket(cloud: Cloud) -> None:
    cloud.create()
    enabled = {"Status": "Enabled"}
    cloud.ask(BUCKETS, "put_bucket_versioning", Bucket=MANIFESTS, VersioningConfiguration=enabled)
    for key in ("copy/a", "copy/ü &<>", "copy/a"):
        cloud.ask(BUCKETS, "put_object", Bucket=MANIFESTS, Key=key, Body=b"{}")
    cloud.ask(BUCKETS, "delete_object", Bucket=MANIFESTS, Key="copy/a")

    done = cloud.run("destroy", "--yes")

    assert done.code == 0, done.err
    assert nothing(cloud.holds())


@pytest.mark.slow
def test_more_objects_than_one_request_lists_go_with_the_bucket(cloud: Cloud) -> None:
    cloud.create()
    for number in range(1005):
        cloud.ask(BUCKETS, "put_object", Bucket=MANIFESTS, Key=f"copy/{number}", Body=b"{}")
    cloud.asked.clear()

    assert cloud.run("destroy", "--yes").code == 0
    assert cloud.changes.count("DeleteObjects") == 2
    assert nothing(cloud.holds())


def test_policies_that_somebody_put_on_the_role_do_not_keep_it(cloud: Cloud) -> None:
    cloud.create()
    statement = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    more = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.ask(IAM, "put_role_policy", RoleName="sparkify-redshift", PolicyName="more", PolicyDocument=more)
    read = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    cloud.ask(IAM, "attach_role_policy", RoleName="sparkify-redshift", PolicyArn=read)

    assert cloud.run("destroy", "--yes").code == 0
    assert cloud.holds()["roles"] == {}


def test_settings_that_create_wrote_lead_destroy_to_the_same(cloud: Cloud) -> None:
    cloud.create(
        "--write-env", SPARKIFY_CLUSTER="music", SPARKIFY_CLUSTER_ROLE="reader", SPARKIFY_MANIFESTS="s3://own-one/m"
    )
    assert list(cloud.holds()["roles"]) == ["reader"]

    assert cloud.run("destroy", "--yes").code == 0
    assert nothing(cloud.holds())
