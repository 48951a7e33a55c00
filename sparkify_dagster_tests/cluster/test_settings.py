"""The settings of what is set up: what follows from what is set, and what is refused."""

from pathlib import Path

import pytest

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings.cluster import ClusterSettings, check_creation, read_cluster

NOWHERE = Path("/nowhere")


def read(environment: dict[str, str], **options: str) -> ClusterSettings:
    return read_cluster(options, environment, NOWHERE)


def test_with_all_defaults() -> None:
    assert read({"SPARKIFY_LAKE": "s3://lake/sparkify/"}) == ClusterSettings(
        name="sparkify",
        node_type="ra3.large",
        nodes=1,
        database="sparkify",
        user="sparkify",
        port=5439,
        role="sparkify-redshift",
        lake=("s3://lake/sparkify",),
        lake_setting="s3://lake/sparkify/",
        manifests=None,
    )


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"SPARKIFY_CLUSTER": "music", "REDSHIFT_CLUSTER_IDENTIFIER": "other"}, "music"),
        ({"REDSHIFT_CLUSTER_IDENTIFIER": "dwhCluster"}, "dwhcluster"),
        ({"REDSHIFT_WORKGROUP": "music-group"}, "music-group"),
    ],
)
def test_whoever_names_a_warehouse_to_load_into_means_that_one(environment: dict[str, str], name: str) -> None:
    assert read(environment).name == name


def test_what_is_said_with_the_command_wins() -> None:
    settings = read({"SPARKIFY_CLUSTER": "music"}, SPARKIFY_CLUSTER="art")
    assert (settings.name, settings.role) == ("art", "art-redshift")


@pytest.mark.parametrize(
    ("environment", "lake"),
    [
        ({"SPARKIFY_LAKE": "/data/lake"}, ()),
        ({}, ()),
        ({"SPARKIFY_LOG_DATA": "s3://a/logs", "SPARKIFY_SONG_DATA": "s3://b/songs"}, ("s3://a/logs", "s3://b/songs")),
        ({"SPARKIFY_LAKE": "s3://a/l", "SPARKIFY_SONG_DATA": "s3://b/songs"}, ("s3://a/l", "s3://b/songs")),
        ({"SPARKIFY_LAKE": "s3://a", "SPARKIFY_LOG_JSONPATHS": "s3://b/paths.json"}, ("s3://a",)),
    ],
)
def test_the_role_reads_each_part_of_the_lake_that_is_on_s3(environment: dict[str, str], lake: tuple[str, ...]) -> None:
    assert read(environment).lake == lake


def test_dwh_cfg_is_what_the_tutorials_make_a_cluster_by(tmp_path: Path) -> None:
    (tmp_path / "dwh.cfg").write_text(
        "[DWH]\nDWH_CLUSTER_TYPE=multi-node\nDWH_NUM_NODES=4\nDWH_NODE_TYPE=dc2.large\n"
        "DWH_CLUSTER_IDENTIFIER=dwhCluster\nDWH_DB=dwh\nDWH_DB_USER=dwhuser\nDWH_DB_PASSWORD=Passw0rd\n"
        "DWH_PORT=5439\nDWH_IAM_ROLE_NAME=dwhRole\n"
        "[S3]\nLOG_DATA='s3://udacity-dend/log_data'\nLOG_JSONPATH='s3://udacity-dend/log_json_path.json'\n"
        "SONG_DATA='s3://udacity-dend/song_data'\n"
    )
    settings = read_cluster(None, {"SPARKIFY_DWH_CFG": "dwh.cfg"}, tmp_path)

    assert settings == ClusterSettings(
        name="dwhcluster",
        node_type="dc2.large",
        nodes=4,
        database="dwh",
        user="dwhuser",
        port=5439,
        role="dwhRole",
        lake=("s3://udacity-dend/log_data", "s3://udacity-dend/song_data"),
        lake_setting=None,
        manifests=None,
    )


@pytest.mark.parametrize(
    ("environment", "nodes"),
    [
        ({"SPARKIFY_CLUSTER_TYPE": "single-node"}, 1),
        ({"SPARKIFY_CLUSTER_TYPE": "multi-node"}, 2),
        ({"SPARKIFY_CLUSTER_NODES": "3"}, 3),
        ({"SPARKIFY_CLUSTER_TYPE": "multi-node", "SPARKIFY_CLUSTER_NODES": "128"}, 128),
    ],
)
def test_type_and_number_of_nodes_go_together(environment: dict[str, str], nodes: int) -> None:
    assert read(environment).nodes == nodes


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"REDSHIFT_PORT": "5430"}, "REDSHIFT_PORT is 5430: AWS lets Redshift listen on 5431 to 5455, and on 8191 to"),
        ({"REDSHIFT_PORT": "5456"}, "REDSHIFT_PORT"),
        ({"SPARKIFY_LAKE": "/data/lake"}, "Redshift loads from S3: set SPARKIFY_LAKE"),
        ({"SPARKIFY_MANIFESTS": "s3://lake/l/log_data/copy"}, "inside the lake's own s3://lake/l/log_data"),
        (
            {"SPARKIFY_SONG_DATA": "s3://songs/all", "SPARKIFY_MANIFESTS": "s3://songs/all"},
            "inside the lake's own s3://songs/all",
        ),
    ],
)
def test_what_matters_where_something_is_made_is_looked_at_there(environment: dict[str, str], named: str) -> None:
    settings = read({"SPARKIFY_LAKE": "s3://lake/l", **environment})
    with pytest.raises(SettingsError, match=named):
        check_creation(settings)
    check_creation(read({"SPARKIFY_LAKE": "s3://lake/l", "SPARKIFY_MANIFESTS": "s3://lake/l/copy"}))
    for port in ("5431", "5455", "8191", "8215"):
        check_creation(read({"SPARKIFY_LAKE": "s3://lake/l", "REDSHIFT_PORT": port}))


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"SPARKIFY_CLUSTER": "2fast"}, "SPARKIFY_CLUSTER is '2fast'.*letter in front"),
        ({"SPARKIFY_CLUSTER": "a--b"}, "SPARKIFY_CLUSTER"),
        ({"SPARKIFY_CLUSTER": "a-"}, "SPARKIFY_CLUSTER"),
        ({"SPARKIFY_CLUSTER": "a_b"}, "SPARKIFY_CLUSTER"),
        ({"SPARKIFY_CLUSTER": "a" * 26}, "SPARKIFY_CLUSTER.*up to 25"),
        ({"REDSHIFT_CLUSTER_IDENTIFIER": "x" * 63}, "REDSHIFT_CLUSTER_IDENTIFIER"),
        ({"REDSHIFT_WORKGROUP": "-"}, "REDSHIFT_WORKGROUP"),
        ({"SPARKIFY_CLUSTER_NODE_TYPE": "large"}, "SPARKIFY_CLUSTER_NODE_TYPE is 'large'.*ra3.large"),
        ({"SPARKIFY_CLUSTER_NODE_TYPE": "ra3.large; drop"}, "SPARKIFY_CLUSTER_NODE_TYPE"),
        ({"SPARKIFY_CLUSTER_TYPE": "many"}, "SPARKIFY_CLUSTER_TYPE is 'many': it is single-node or multi-node"),
        ({"SPARKIFY_CLUSTER_NODES": "0"}, "SPARKIFY_CLUSTER_NODES"),
        ({"SPARKIFY_CLUSTER_NODES": "129"}, "SPARKIFY_CLUSTER_NODES"),
        ({"SPARKIFY_CLUSTER_NODES": "two"}, "SPARKIFY_CLUSTER_NODES"),
        ({"SPARKIFY_CLUSTER_NODES": "²"}, "SPARKIFY_CLUSTER_NODES"),
        ({"SPARKIFY_CLUSTER_TYPE": "single-node", "SPARKIFY_CLUSTER_NODES": "4"}, "contradict each other"),
        ({"SPARKIFY_CLUSTER_TYPE": "multi-node", "SPARKIFY_CLUSTER_NODES": "1"}, "contradict each other"),
        ({"REDSHIFT_DATABASE": "Dwh"}, "REDSHIFT_DATABASE is 'Dwh'"),
        ({"REDSHIFT_DATABASE": "a-b"}, "REDSHIFT_DATABASE"),
        ({"REDSHIFT_USER": "1user"}, "REDSHIFT_USER"),
        ({"REDSHIFT_PORT": "0"}, "REDSHIFT_PORT is '0': it is a whole number from 1 to 65535"),
        ({"REDSHIFT_PORT": "x"}, "REDSHIFT_PORT"),
        ({"SPARKIFY_CLUSTER_ROLE": "a b"}, "SPARKIFY_CLUSTER_ROLE"),
        ({"SPARKIFY_CLUSTER_ROLE": "r" * 65}, "SPARKIFY_CLUSTER_ROLE"),
        ({"SPARKIFY_MANIFESTS": "s3://bucket"}, "SPARKIFY_MANIFESTS is 's3://bucket': it is s3://bucket/prefix"),
        ({"SPARKIFY_MANIFESTS": "manifests"}, "SPARKIFY_MANIFESTS"),
        ({"SPARKIFY_MANIFESTS": "s3://"}, "SPARKIFY_MANIFESTS"),
        ({"SPARKIFY_LAKE": "s3:///prefix"}, "SPARKIFY_LAKE"),
        ({"SPARKIFY_DWH_CFG": "none.cfg"}, "SPARKIFY_DWH_CFG"),
    ],
)
def test_what_is_wrong_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        read(environment)
    assert "\n" not in str(caught.value)
