"""Where pages go: to files, at once or not at all, to S3, and from the command line and Dagster."""

import base64
import re
import stat
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from sparkify_dagster.assets.dashboard import dashboard_assets
from sparkify_dagster.cli.commands import cli
from sparkify_dagster.dashboard.charts import MAKERS
from sparkify_dagster.dashboard.descriptions import CHARTS
from sparkify_dagster.dashboard.places import put_page
from sparkify_dagster.dashboard.publishing import publish
from sparkify_dagster.errors import SettingsError, SparkifyError
from sparkify_dagster.partitions.definition import log_months
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.settings import DashboardSettings, read_settings
from sparkify_dagster.tables import catalog
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster_tests.dashboard.conftest import FIRST_MONTH
from sparkify_dagster_tests.lake.places import S3Place

pytestmark = pytest.mark.filterwarnings("ignore:.*currently in beta")

ADDRESS = "https://example.org/sparkify/dashboard.html"


def test_every_chart_has_a_function_a_question_and_columns_that_there_are() -> None:
    assert set(MAKERS) == {chart.name for chart in CHARTS}
    for chart in CHARTS:
        assert chart.question.endswith("?")
        for source in chart.sources:
            assert catalog()[source.table].column(source.column)


def test_a_page_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    in_the_way = tmp_path / "dashboard.html"
    in_the_way.mkdir()

    with pytest.raises(SparkifyError, match=r"can't write .*dashboard\.html"):
        put_page(str(in_the_way), "page")

    assert list(tmp_path.iterdir()) == [in_the_way]


def test_a_page_may_be_read_by_others(tmp_path: Path) -> None:
    place = tmp_path / "new" / "dashboard.html"

    put_page(str(place), "page")

    assert stat.S_IMODE(place.stat().st_mode) & 0o044 == 0o044
    assert [path.name for path in place.parent.iterdir()] == ["dashboard.html"]


def test_pages_go_to_s3_as_html(filled: DuckDBWarehouse, s3_place: S3Place) -> None:
    destination = DashboardSettings(f"s3://{s3_place.bucket}/shown/dashboard.html", ADDRESS)

    published = publish(filled, destination, "2018-10", lambda: s3_place.client)

    assert published.url == "https://example.org/sparkify/reports/2018-10.html"
    found = s3_place.client.get_object(Bucket=s3_place.bucket, Key="shown/reports/2018-10.html")
    assert found["ContentType"] == "text/html; charset=utf-8"
    assert "<h1>Sparkify in October 2018</h1>" in found["Body"].read().decode()


def test_the_command_writes_the_file_and_says_where(
    filled: DuckDBWarehouse, small_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.close()
    monkeypatch.chdir(tmp_path)
    environment = {"SPARKIFY_DUCKDB_PATH": filled.location, "SPARKIFY_LAKE": str(small_lake)}

    done = CliRunner().invoke(cli, ["dashboard", "--output", "shown/page.html"], env=environment)

    assert done.exit_code == 0, done.output
    page = tmp_path / "shown" / "page.html"
    assert f"Wrote {page}: 4 months, 2018-08 to 2018-11, 1.0 MB." in done.stdout
    assert page.stat().st_size > 500_000


def test_the_command_says_what_to_do_where_nothing_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(cli, ["dashboard"])

    assert isinstance(done.exception, SparkifyError)
    assert "run `sparkify load`" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_the_dashboard_and_its_reports_are_assets(filled: DuckDBWarehouse, tmp_path: Path) -> None:
    class Filled(WarehouseResource):
        def open(self) -> Warehouse:
            return filled

    destination = DashboardSettings(str(tmp_path / "dashboard.html"), ADDRESS)
    dashboard, report = dashboard_assets(log_months(FIRST_MONTH), destination)
    resources = {"warehouse": Filled(location="here", lock_wait=1.0)}

    shown = _metadata(dg.materialize([dashboard], resources=resources), "dashboard")
    assert shown["url"] == dg.MetadataValue.url(ADDRESS)
    assert shown["bytes"].value == (tmp_path / "dashboard.html").stat().st_size
    assert (shown["first_month"].value, shown["last_month"].value) == ("2018-08", "2018-11")
    pictures = re.findall(r"\(data:image/png;base64,([^)]+)\)", shown["preview"].value)
    assert [base64.b64decode(picture)[:4] for picture in pictures] == [b"\x89PNG"] * 3
    assert len(shown["preview"].value) < 150_000

    shown = _metadata(dg.materialize([report], partition_key="2018-10", resources=resources), "monthly_report")
    page = (tmp_path / "reports" / "2018-10.html").read_text(encoding="utf-8")
    assert '"months":["2018-09","2018-10"]' in page
    assert '"from":"2018-10","to":"2018-10"' in page

    shown = _metadata(dg.materialize([report], partition_key="2018-12", resources=resources), "monthly_report")
    assert shown["nothing_to_show"].value.startswith("Nothing was played in 2018-12")
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["2018-10.html"]


def _metadata(result: dg.ExecuteInProcessResult, name: str) -> Any:
    (materialization,) = result.asset_materializations_for_node(name)
    return materialization.metadata


def test_one_follows_a_chart_to_the_columns_it_shows() -> None:
    for asset in dashboard_assets(log_months(FIRST_MONTH), DashboardSettings("/dashboard.html", None)):
        (spec,) = asset.specs
        lineage = spec.metadata["dagster/column_lineage"].deps_by_column
        assert [column.name for column in spec.metadata["dagster/column_schema"].columns] == list(lineage)
        upstream = {dep.asset_key for dep in spec.deps}
        assert {dep.asset_key for deps in lineage.values() for dep in deps} == upstream


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPARKIFY_DASHBOARD", "s3://bucket"),
        ("SPARKIFY_DASHBOARD", "shown/"),
        ("SPARKIFY_DASHBOARD", "https://example.org/dashboard.html"),
        ("SPARKIFY_DASHBOARD_URL", "https://user:secret@example.org/dashboard.html"),
        ("SPARKIFY_DASHBOARD_URL", "example.org/dashboard.html"),
        ("SPARKIFY_DASHBOARD_URL", "javascript:alert(1)"),
    ],
)
def test_settings_that_name_no_page_are_refused(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        read_settings({name: value}, tmp_path)
    assert "secret" not in str(refused.value)


def test_the_dashboard_goes_where_the_settings_say(tmp_path: Path) -> None:
    assert read_settings({}, tmp_path).dashboard == DashboardSettings(str(tmp_path / ".sparkify/dashboard.html"), None)

    on_s3 = {"SPARKIFY_DASHBOARD": "s3://bucket/a/d.html", "SPARKIFY_DASHBOARD_URL": ADDRESS}
    assert read_settings(on_s3, tmp_path).dashboard.report("2018-11") == DashboardSettings(
        "s3://bucket/a/reports/2018-11.html", "https://example.org/sparkify/reports/2018-11.html"
    )
