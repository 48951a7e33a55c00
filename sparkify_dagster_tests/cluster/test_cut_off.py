"""A `sparkify cluster create` or `destroy` that is cut off at any moment: it goes on, or is taken back.

A process is gone just after AWS has done the n-th thing that was asked of it, for each n that there is.
"""

from typing import Any

import pytest

from sparkify_dagster.aws.services import BUCKETS
from sparkify_dagster_tests.cluster.cloud import Cloud, Killed
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, REGION
from sparkify_dagster_tests.cluster.workgroups import Workgroups

MANIFESTS = f"sparkify-manifests-{ACCOUNT}-{REGION}"
COMMON = (
    "CreateRole",
    "PutRolePolicy",
    "CreateBucket",
    "PutBucketTagging",
    "PutPublicAccessBlock",
    "PutBucketEncryption",
    "PutBucketPolicy",
    "PutBucketLifecycleConfiguration",
    "CreateSecurityGroup",
    "AuthorizeSecurityGroupIngress",
)
CREATION = (
    *COMMON,
    "CreateClusterSubnetGroup",
    "CreateClusterParameterGroup",
    "ModifyClusterParameterGroup",
    "CreateCluster",
)
SERVERLESS_CREATION = (*COMMON, "CreateNamespace", "CreateWorkgroup", "CreateUsageLimit")
REMAINDER = ("DeleteSecurityGroup", "DeleteObjects", "DeleteBucket", "DeleteRolePolicy", "DeleteRole")
REMOVAL = (
    "CreateClusterSnapshot",
    "DeleteCluster",
    "DeleteClusterParameterGroup",
    "DeleteClusterSubnetGroup",
    # The first attempt comes too early.
    "DeleteSecurityGroup",
    *REMAINDER,
)
SERVERLESS_REMOVAL = ("CreateSnapshot", "DeleteUsageLimit", "DeleteWorkgroup", "DeleteNamespace", *REMAINDER)
SERVERLESS_ONLY = ("CreateWorkgroup", "DeleteWorkgroup")

_whole: dict[bool, Any] = {}


@pytest.fixture(params=[False, True], ids=["cluster", "serverless"])
def kind(request: pytest.FixtureRequest, workgroups: Workgroups) -> list[str]:
    """The option that says what kind of warehouse it is."""
    return ["--serverless"] if request.param else []


def moments(creation: tuple[str, ...], serverless: tuple[str, ...], quick: tuple[str, ...]) -> Any:
    """Every moment at which the process may go.

    Args:
        creation: What is done with a cluster.
        serverless: What is done with Redshift Serverless.
        quick: The moments, with a cluster, that are tried each time; all others are on request.
    """
    return pytest.mark.parametrize(
        ("words", "after"),
        [
            pytest.param(
                words,
                number,
                id=f"{'serverless' if words else 'cluster'}-{number}-{operation}",
                marks=[] if operation in (SERVERLESS_ONLY if words else quick) else [pytest.mark.slow],
            )
            for words, operations in (([], creation), (["--serverless"], serverless))
            for number, operation in enumerate(operations, start=1)
        ],
    )


def holds(cloud: Cloud, workgroups: Workgroups) -> dict[str, Any]:
    return {**cloud.holds(), **{f"serverless {kind}": there for kind, there in workgroups.holds().items()}}


def nothing(held: dict[str, Any]) -> bool:
    return not any(held.values())


def whole(cloud: Cloud, workgroups: Workgroups, words: list[str]) -> Any:
    """What there is after a creation that nothing cut off; there must be nothing yet."""
    if bool(words) not in _whole:
        cloud.create(*words)
        _whole[bool(words)] = holds(cloud, workgroups)
        assert cloud.run("destroy", "--yes").code == 0
        assert nothing(holds(cloud, workgroups))
    return _whole[bool(words)]


def cut(cloud: Cloud, after: int, *words: str) -> None:
    """Runs a command that is cut off."""
    cloud.asked.clear()
    cloud.cut_after = after
    with pytest.raises(Killed):
        cloud.run(*words)
    cloud.cut_after = None


def put_something(cloud: Cloud) -> None:
    """Leaves in the bucket what a killed load leaves."""
    cloud.ask(BUCKETS, "put_object", Bucket=MANIFESTS, Key="copy/left", Body=b"{}")


def test_these_are_all_moments_of_a_creation_and_of_a_removal(
    cloud: Cloud, workgroups: Workgroups, kind: list[str]
) -> None:
    cloud.create(*kind)
    assert cloud.changes == list(SERVERLESS_CREATION if kind else CREATION)

    put_something(cloud)
    cloud.asked.clear()
    assert cloud.run("destroy", "--yes", "--final-snapshot", "last").code == 0
    assert cloud.changes == list(SERVERLESS_REMOVAL if kind else REMOVAL)


@moments(
    CREATION,
    SERVERLESS_CREATION,
    quick=("CreateSecurityGroup", "CreateCluster"),
)
def test_a_creation_that_is_cut_off_goes_on_and_makes_the_same(
    cloud: Cloud, workgroups: Workgroups, words: list[str], after: int
) -> None:
    expected = whole(cloud, workgroups, words)
    cut(cloud, after, "create", "--cidr", "10.1.2.3", *words)
    assert holds(cloud, workgroups) != expected or after == len(SERVERLESS_CREATION if words else CREATION)

    cloud.create(*words)

    assert holds(cloud, workgroups) == expected


@moments(CREATION, SERVERLESS_CREATION, quick=("CreateBucket",))
def test_a_creation_that_is_cut_off_is_taken_back_and_leaves_nothing(
    cloud: Cloud, workgroups: Workgroups, words: list[str], after: int
) -> None:
    cut(cloud, after, "create", "--cidr", "10.1.2.3", *words)
    assert not nothing(holds(cloud, workgroups))

    done = cloud.run("destroy", "--yes")

    assert done.code == 0, done.err
    assert nothing(holds(cloud, workgroups))


@moments(REMOVAL, SERVERLESS_REMOVAL, quick=("DeleteCluster",))
def test_a_removal_that_is_cut_off_goes_on_by_the_same_command_and_takes_one_snapshot(
    cloud: Cloud, workgroups: Workgroups, words: list[str], after: int
) -> None:
    cloud.create(*words)
    put_something(cloud)
    same = ("destroy", "--yes", "--final-snapshot", "last")
    cut(cloud, after, *same)

    done = cloud.run(*same)

    if words and SERVERLESS_REMOVAL[after - 1] == "DeleteUsageLimit":
        # All that matters is still there: whether this snapshot is of just now, nothing tells.
        assert "leave out --final-snapshot if that is the last one" in done.line
        done = cloud.run("destroy", "--yes")
    assert done.code == 0, done.err
    held = holds(cloud, workgroups)
    snapshots = held.pop("snapshots") or held.pop("serverless snapshots")
    assert list(snapshots) == ["last"]
    assert nothing({**held, "serverless snapshots": {}})


def test_an_old_snapshot_is_not_taken_for_the_last_one(cloud: Cloud, workgroups: Workgroups, kind: list[str]) -> None:
    cloud.create(*kind)
    assert cloud.run("destroy", "--yes", "--final-snapshot", "last").code == 0
    cloud.create(*kind)
    held = holds(cloud, workgroups)

    line = cloud.run("destroy", "--yes", "--final-snapshot", "last").line

    assert "there is a snapshot 'last' already: give the new one another name" in line
    assert holds(cloud, workgroups) == held


@pytest.mark.parametrize("command", ["create", "destroy"])
def test_who_stops_a_command_by_hand_is_told_how_it_goes_on(cloud: Cloud, command: str) -> None:
    if command == "destroy":
        cloud.create()
    cloud.asked.clear()
    cloud.cut_after, cloud.cut_with = 2, KeyboardInterrupt
    words = ["create", "--cidr", "10.1.2.3"] if command == "create" else ["destroy", "--yes"]

    done = cloud.run(*words)

    assert done.code == 130
    assert done.err.splitlines()[-1] == "sparkify: stopped."
    assert "The same command goes on from here" in done.err


def test_who_stops_waiting_by_hand_is_told_how_it_goes_on(
    cloud: Cloud, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(clock, "sleep", stopped)
        done = cloud.run("create", "--cidr", "10.1.2.3")
    assert done.code == 130
    assert "the cluster 'sparkify' is creating; waiting" in done.err
    assert "The same command goes on from here, `sparkify cluster destroy` removes it" in done.err
    assert done.err.splitlines()[-1] == "sparkify: stopped."

    cloud.asked.clear()
    cloud.create()
    assert cloud.changes == []


def test_what_takes_too_long_is_given_up_and_goes_on_next_time(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkify_dagster_tests.cluster.moto_more.LOOKS", 10_000)
    line = cloud.run("create", "--cidr", "10.1.2.3").line
    assert "the cluster 'sparkify' is still creating after 60 minutes" in line
    assert "the same command takes up where it stopped" in line

    cloud.redshift.clusters["sparkify"].looks = 0  # type: ignore[attr-defined]
    cloud.create()
    assert cloud.holds()["clusters"]["sparkify"]["state"] == "available"
