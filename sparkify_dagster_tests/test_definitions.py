"""The code location: what Dagster is told of the platform."""

from pathlib import Path

import dagster as dg
import pytest

from sparkify_dagster.location import build_defs
from sparkify_dagster.partitions.months import current_month
from sparkify_dagster.settings import read_settings
from sparkify_dagster.tables import ANALYTICS_TABLES, DERIVED_TABLES, LAKE_TABLES, MONTHLY_TABLES, Column, catalog


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / ".sparkify/lake/log_data/2025/03").mkdir(parents=True)
    (folder / ".sparkify/lake/log_data/2025/03/2025-03-01-events.json").touch()
    return build_defs(read_settings({}, folder))


def _specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


SHOWN = {*ANALYTICS_TABLES} - {"plays_by_listener"} | {"songs", "artists"}
"""The tables that the dashboard shows."""


def _description(column: Column) -> str:
    sources = ", ".join(f"[{source.table}.{source.column}](/assets/{source.table})" for source in column.sources)
    return f"{column.description} From: {sources}." if sources else column.description


def test_the_assets_are_the_parts_of_the_lake_and_the_tables(definitions: dg.Definitions) -> None:
    groups = {name: spec.group_name for name, spec in _specs(definitions).items()}

    assert groups == {
        "log_data": "lake",
        "song_data": "lake",
        "staging_events": "staging",
        "staging_songs": "staging",
        "songplays": "star",
        "users": "star",
        "user_levels": "star",
        "songs": "star",
        "artists": "star",
        "time": "star",
        **dict.fromkeys((*ANALYTICS_TABLES, "dashboard", "monthly_report"), "analytics"),
    }


def test_what_each_asset_comes_from(definitions: dg.Definitions) -> None:
    comes_from = {
        name: {dep.asset_key.to_user_string() for dep in spec.deps} for name, spec in _specs(definitions).items()
    }

    assert comes_from == {
        "log_data": set(),
        "song_data": set(),
        "staging_events": {"log_data"},
        "staging_songs": {"song_data"},
        "songplays": {"staging_events", "staging_songs"},
        "users": {"staging_events"},
        "user_levels": {"staging_events"},
        "songs": {"staging_songs"},
        "artists": {"staging_songs"},
        "time": {"songplays"},
        **{name: {"songplays"} for name in ANALYTICS_TABLES[:8]},
        "retention": {"plays_by_listener"},
        "subscriptions": {"user_levels", "plays_by_month"},
        "songs_never_played": {"songs", "artists", "plays_by_song"},
        **dict.fromkeys(("dashboard", "monthly_report"), SHOWN),
    }


def test_every_asset_has_owner_kinds_description_and_columns(definitions: dg.Definitions) -> None:
    for name, spec in _specs(definitions).items():
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.description, name
        assert spec.metadata["dagster/column_schema"].columns, name


@pytest.mark.parametrize("name", LAKE_TABLES + DERIVED_TABLES)
def test_the_columns_shown_are_those_of_the_ddl(definitions: dg.Definitions, name: str) -> None:
    table = catalog()[name]
    schema = _specs(definitions)[name].metadata["dagster/column_schema"]

    assert [(column.name, column.type, column.description) for column in schema.columns] == [
        (column.name, column.type_text.lower(), _description(column)) for column in table.columns
    ]
    assert [column.constraints.nullable for column in schema.columns] == [column.nullable for column in table.columns]


def test_columns_can_be_followed_from_the_star_to_a_key_of_the_json(definitions: dg.Definitions) -> None:
    specs = _specs(definitions)

    def sources(table: str, column: str) -> set[tuple[str, str]]:
        lineage = specs[table].metadata["dagster/column_lineage"].deps_by_column
        return {(dep.asset_key.to_user_string(), dep.column_name) for dep in lineage[column]}

    assert sources("time", "hour") == {("songplays", "start_time")}
    assert sources("songplays", "start_time") == {("staging_events", "ts")}
    assert sources("staging_events", "ts") == {("log_data", "ts")}
    assert "ts" in {column.name for column in specs["log_data"].metadata["dagster/column_schema"].columns}


def test_tags_tell_what_an_asset_is_about_and_how_far_it_is_from_the_source(definitions: dg.Definitions) -> None:
    tags = {name: (spec.tags["domain"], spec.tags["tier"]) for name, spec in _specs(definitions).items()}

    assert {name: tags[name] for name in ("log_data", "songplays", "songs", "staging_songs", "plays_by_month")} == {
        "log_data": ("listening", "source"),
        "songplays": ("listening", "silver"),
        "songs": ("catalogue", "silver"),
        "staging_songs": ("catalogue", "bronze"),
        "plays_by_month": ("listening", "gold"),
    }


def test_where_logs_come_daily_what_follows_from_them_is_promised_daily(tmp_path: Path) -> None:
    (tmp_path / f"lake/log_data/{current_month().replace('-', '/')}").mkdir(parents=True)
    (tmp_path / f"lake/log_data/{current_month().replace('-', '/')}/a.json").touch()
    specs = _specs(build_defs(read_settings({"SPARKIFY_LAKE": str(tmp_path / "lake")}, tmp_path)))

    promised = {name for name, spec in specs.items() if spec.freshness_policy is not None}
    assert promised >= {"staging_events", "songplays", "users", "user_levels", "time", "plays_by_month"}
    assert not promised & {"staging_songs", "songs", "artists", "log_data", "song_data"}


def test_nothing_is_promised_of_a_lake_of_old_logs(definitions: dg.Definitions) -> None:
    assert not [name for name, spec in _specs(definitions).items() if spec.freshness_policy is not None]


def test_each_table_names_its_sql_and_in_a_clone_links_to_it(definitions: dg.Definitions) -> None:
    metadata = _specs(definitions)["songplays"].metadata

    assert metadata["sql_files"] == "sql/tables/songplays.sql, sql/transformations/songplays.sql"
    references = metadata["dagster/code_references"].code_references
    assert [Path(reference.file_path).is_file() for reference in references] == [True] * 3


def test_months_begin_with_the_first_of_the_lake(definitions: dg.Definitions) -> None:
    for name in MONTHLY_TABLES:
        partitions = _specs(definitions)[name].partitions_def
        assert isinstance(partitions, dg.MonthlyPartitionsDefinition)
        assert partitions.get_first_partition_key() == "2025-03"
        assert partitions.get_last_partition_key() == current_month()


def test_the_first_month_is_a_setting(tmp_path: Path) -> None:
    definitions = build_defs(read_settings({"SPARKIFY_FIRST_MONTH": "2018-11"}, tmp_path))

    partitions = _specs(definitions)["songplays"].partitions_def
    assert partitions is not None
    assert partitions.get_first_partition_key() == "2018-11"


def test_without_a_lake_the_code_location_loads_all_the_same(tmp_path: Path) -> None:
    definitions = build_defs(read_settings({}, tmp_path))

    partitions = _specs(definitions)["songplays"].partitions_def
    assert partitions is not None
    assert partitions.get_partition_keys() == [current_month()]


def test_every_partitioned_asset_takes_a_range_in_one_run(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()

    for name in MONTHLY_TABLES:
        policy = repository.assets_defs_by_key[dg.AssetKey(name)].backfill_policy
        assert policy == dg.BackfillPolicy.single_run(), name


def test_all_work_on_the_warehouse_shares_one_pool(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()

    pools = {assets.op.pool for assets in repository.assets_defs_by_key.values() if assets.is_executable}
    assert pools == {"warehouse"}


def test_the_jobs_and_sensors(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()

    assert {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")} == {
        "load_lake",
        "load_logs",
        "load_songs",
        "load_catalogue",
        "make_monthly_report",
        "reconcile",
        "refresh_analytics",
    }
    assert {sensor.name: sensor.default_status for sensor in repository.sensor_defs} == {
        "new_logs": dg.DefaultSensorStatus.RUNNING,
        "new_songs": dg.DefaultSensorStatus.RUNNING,
        "stale_analytics": dg.DefaultSensorStatus.RUNNING,
    }


def test_whom_the_settings_name_a_sensor_tells(tmp_path: Path) -> None:
    environment = {
        "SPARKIFY_SLACK_WEBHOOK": "https://hooks.slack.com/services/T/B/x",
        "SPARKIFY_SNS_TOPIC": "arn:aws:sns:eu-west-1:123456789012:alerts",
    }
    sensors = build_defs(read_settings(environment, tmp_path)).get_repository_def().sensor_defs

    assert {sensor.name: sensor.default_status for sensor in sensors if sensor.name.startswith("alerts")} == {
        "alerts_to_slack": dg.DefaultSensorStatus.RUNNING,
        "alerts_to_sns": dg.DefaultSensorStatus.RUNNING,
    }


def test_the_checks_and_which_of_them_block(definitions: dg.Definitions) -> None:
    checks: dict[str, set[str]] = {}
    for key in definitions.get_repository_def().asset_graph.asset_check_keys:
        blocking = definitions.get_repository_def().asset_graph.get_check_spec(key).blocking
        checks.setdefault(key.asset_key.to_user_string(), set()).add(f"{key.name}{' blocks' if blocking else ''}")

    loads = {
        "all_files_loaded",
        "records_accounted blocks",
        "no_refused_files",
        "no_rejected_records",
        "no_unknown_fields",
        "no_files_gone",
        "reference_file_id",
        "not_null blocks",
    }
    assert {table for table, names in checks.items() if "sums_agree" in names} == {*ANALYTICS_TABLES}
    assert {table: names for table, names in checks.items() if table not in ANALYTICS_TABLES} == {
        "staging_events": loads
        | {"accepted_auth", "accepted_gender", "accepted_level", "accepted_method", "accepted_page"}
        | {"events_in_month", "freshness"},
        "staging_songs": loads,
        "songplays": {
            "not_null blocks",
            "unique_key blocks",
            "accepted_level",
            "plays_match_events blocks",
            "known_song_share",
            "reference_artist_id",
            "reference_song_id",
            "reference_start_time",
            "reference_user_id",
        },
        "users": {"not_null blocks", "unique_key blocks", "accepted_gender", "accepted_level"},
        "user_levels": {"not_null blocks", "accepted_level", "levels_contiguous blocks", "reference_user_id"},
        "songs": {"not_null blocks", "unique_key blocks", "reference_artist_id"},
        "artists": {"not_null blocks", "unique_key blocks"},
        "time": {"not_null blocks", "unique_key blocks", "accepted_weekday"},
    }
