"""`sparkify cluster status`, `pause` and `resume` of a cluster."""

import re

import pytest

from sparkify_dagster.aws.services import CLUSTERS
from sparkify_dagster_tests.cluster.cloud import Cloud


def test_a_cluster_is_paused_and_resumed_and_waited_for(cloud: Cloud) -> None:
    cloud.create()

    paused = cloud.run("pause")
    assert paused.code == 0, paused.err
    assert "The cluster 'sparkify' is paused: from now on, only its storage costs." in paused.out
    assert "the cluster 'sparkify' is pausing; waiting" in paused.err
    assert cloud.holds()["clusters"]["sparkify"]["state"] == "paused"

    resumed = cloud.run("resume")
    assert resumed.code == 0, resumed.err
    assert "The cluster 'sparkify' is available, and costs by the hour again." in resumed.out
    assert "the cluster 'sparkify' is resuming; waiting" in resumed.err
    assert cloud.holds()["clusters"]["sparkify"]["state"] == "available"


def test_status_says_by_its_exit_code_whether_there_can_be_loads(cloud: Cloud) -> None:
    assert cloud.run("status").code == 1
    cloud.create()
    assert cloud.run("status").code == 0
    assert cloud.run("pause").code == 0
    assert cloud.run("status").code == 1


def test_status_shows_each_resource_and_what_matters_of_it(cloud: Cloud) -> None:
    cloud.create("--cidr", "8.8.4.4")
    done = cloud.run("status")

    assert re.search(
        r"IAM role +sparkify-redshift +there +ARN: arn:aws:iam::123456789012:role/sparkify-redshift", done.out
    )
    assert re.search(r"security group .* lets in: 10.1.2.3/32, 8.8.4.4/32", done.out)
    assert re.search(r"cluster +sparkify +available +endpoint: sparkify\.\S+:5439\n +nodes: 1 × ra3\.large\n", done.out)
    shown = [line.strip() for line in done.out.splitlines()]
    assert {"encrypted: yes", "reached from: the internet, for those let in", "TLS: required"} <= set(shown)
    assert any(line.startswith("secret: arn:") for line in shown)
    assert cloud.run("status", "--name", "other").out.count("not there") == 6


def test_status_of_a_platform_of_which_a_part_is_missing_or_of_others_is_not_0(cloud: Cloud) -> None:
    cloud.create()
    group = cloud.redshift.parameter_groups["sparkify-tls"]
    group.tags = []
    done = cloud.run("status")
    assert done.code == 1
    assert re.search(r"parameter group +sparkify-tls +belongs to others", done.out)

    del cloud.redshift.parameter_groups["sparkify-tls"]
    done = cloud.run("status")
    assert done.code == 1
    assert re.search(r"parameter group +sparkify-tls +not there", done.out)


def test_what_is_on_the_way_already_is_only_waited_for(cloud: Cloud) -> None:
    cloud.create()
    cloud.ask(CLUSTERS, "pause_cluster", ClusterIdentifier="sparkify")
    cloud.asked.clear()

    assert cloud.run("pause").code == 0
    assert cloud.changes == []
    assert cloud.run("pause").code == 0
    assert cloud.changes == []


def test_a_cluster_that_is_busy_with_the_contrary_is_left_alone(cloud: Cloud) -> None:
    cloud.create()
    cloud.redshift.clusters["sparkify"].status = "pausing"
    cloud.asked.clear()

    assert "the cluster 'sparkify' is pausing: try again when that is done" in cloud.run("resume").line
    assert cloud.changes == []


@pytest.mark.parametrize(
    ("command", "state", "told"),
    [
        ("pause", "available", "would pause the cluster 'sparkify'"),
        ("pause", "paused", "the cluster 'sparkify' is paused already"),
        ("resume", "available", "the cluster 'sparkify' is not paused"),
        ("resume", "paused", "would resume the cluster 'sparkify'"),
    ],
)
def test_what_is_foretold_changes_nothing(cloud: Cloud, command: str, state: str, told: str) -> None:
    cloud.create()
    cloud.redshift.clusters["sparkify"].status = state
    cloud.asked.clear()

    assert cloud.run(command, "--dry-run").out == f"{told}\n"
    assert cloud.changes == []


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_where_there_is_no_cluster_one_line_says_so(cloud: Cloud, command: str) -> None:
    line = cloud.run(command).line
    assert line == "there is no cluster 'sparkify' in us-west-2: `sparkify cluster create` makes it."


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_cluster_of_others_is_neither_paused_nor_resumed(cloud: Cloud, command: str) -> None:
    theirs = {"ClusterIdentifier": "sparkify", "NodeType": "ra3.large", "MasterUsername": "me"}
    cloud.ask(CLUSTERS, "create_cluster", ManageMasterPassword=True, **theirs)
    cloud.asked.clear()

    assert "the cluster 'sparkify' was not made by this command" in cloud.run(command).line
    assert cloud.changes == []
