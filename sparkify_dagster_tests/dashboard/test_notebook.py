"""The notebook runs on either engine as it is, and stores nothing of what it showed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.dashboard import charts
from sparkify_dagster.dashboard.figures import Figures, read_figures
from sparkify_dagster.settings import RedshiftSettings
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.dashboard.conftest import FIRST_MONTH, LAST_MONTH
from sparkify_dagster_tests.dashboard.filled import fill
from sparkify_dagster_tests.dashboard.notebooks import cells_of, run_notebook
from sparkify_dagster_tests.engines import environment_of
from sparkify_dagster_tests.lake.places import S3Place

NAME = "visualizations"


def _run(monkeypatch: pytest.MonkeyPatch, folder: Path, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    shown = run_notebook(NAME)
    drawn = [cell["image/svg+xml"] for cell in shown if "image/svg+xml" in cell]
    assert all(svg.startswith("<svg") and "<path" in svg for svg in drawn)
    assert len(drawn) == sum("charts.draw" in "".join(cell["source"]) for cell in cells_of(NAME)) > 5
    return shown


def test_it_shows_counts_rows_and_charts(
    filled: DuckDBWarehouse, small_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.close()
    place = {"SPARKIFY_DUCKDB_PATH": filled.location, "SPARKIFY_LAKE": str(small_lake)}

    shown = _run(monkeypatch, tmp_path, place)

    tables = [cell["text/html"] for cell in shown if "<table" in cell.get("text/html", "")]
    counted, sample = tables
    assert "<th>songplays</th>" in counted
    assert "songplay_id" in sample


def test_it_stores_no_outputs() -> None:
    assert [cell for cell in cells_of(NAME) if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.mark.slow
def test_redshift_gives_it_the_same_figures(
    redshift: RedshiftWarehouse,
    redshift_settings: RedshiftSettings,
    s3_place: S3Place,
    filled: DuckDBWarehouse,
    small_lake: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for path in small_lake.glob("*_data/**/*.json"):
        s3_place.put(path.relative_to(small_lake).as_posix(), path.read_bytes())
    fill(redshift, s3_place.lake, FIRST_MONTH, LAST_MONTH)

    assert _content(read_figures(redshift)) == _content(read_figures(filled))

    place = f"s3://{s3_place.bucket}"
    lake = {"SPARKIFY_LOG_DATA": f"{place}/raw/events", "SPARKIFY_SONG_DATA": f"{place}/songs"}
    _run(monkeypatch, tmp_path, {**environment_of(redshift_settings), **lake})


def _content(figures: Figures) -> dict[str, Any]:
    """The rows of all charts, in no order."""
    names = {charts.description_of(name).figures for name in charts.MAKERS}
    rows = {name: sorted(map(repr, getattr(figures, name))) for name in names}
    return {**rows, "months": figures.months, "days": [figures.first_day, figures.last_day]}
