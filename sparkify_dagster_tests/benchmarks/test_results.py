"""What is kept of a session, and what of the sessions before it.

What belongs here: the file of results. What doesn't: how it is shown.
"""

import json
from pathlib import Path

from sparkify_dagster_tests.benchmarks.figures import Figure, at_most
from sparkify_dagster_tests.benchmarks.measuring.processes import Run
from sparkify_dagster_tests.benchmarks.telling.machine import machine, versions
from sparkify_dagster_tests.benchmarks.telling.results import Results

ORDER = ["limit", "songs", "peers"]


def session(folder: Path, *, cores: int = 2, duckdb: str = "2.0.0", pairs: int = 5) -> Results:
    return Results(folder, {"cores": cores}, {"duckdb": duckdb}, {"pairs": pairs}, ORDER)


def measured(results: Results, name: str, value: float) -> None:
    results.begin(name, f"About {name}")
    results.add(name, Figure("time", "×", [value], at_most(1), {"a": [Run(1.5, 1.25, 100.0, "said")]}))


def kept(folder: Path) -> dict:
    return json.loads((folder / "results.json").read_text())["benchmarks"]


def test_every_run_is_kept_with_the_figure_that_it_is_for(tmp_path: Path) -> None:
    measured(session(tmp_path), "limit", 0.5)
    (figure,) = kept(tmp_path)["limit"]["figures"]
    assert figure["met"] is True
    assert figure["values"] == [0.5]
    assert figure["runs"] == {"a": [{"seconds": 1.5, "cpu_seconds": 1.25, "peak_mb": 100.0}]}


def test_a_session_replaces_what_it_measured_and_leaves_the_rest_in_order(tmp_path: Path) -> None:
    first = session(tmp_path)
    first.add_versions({"dlt": "1"})
    measured(first, "songs", 1)
    measured(first, "limit", 1)
    measured(session(tmp_path, pairs=3), "songs", 2)
    assert list(kept(tmp_path)) == ["limit", "songs"]
    assert [kept(tmp_path)[name]["pairs"] for name in ("limit", "songs")] == [5, 3]
    assert kept(tmp_path)["songs"]["figures"][0]["median"] == 2
    assert json.loads((tmp_path / "results.json").read_text())["versions"] == {"dlt": "1", "duckdb": "2.0.0"}


def test_figures_of_another_machine_or_version_are_not_mixed_with_these(tmp_path: Path) -> None:
    measured(session(tmp_path), "limit", 1)
    measured(session(tmp_path, cores=8), "songs", 1)
    assert list(kept(tmp_path)) == ["songs"]
    measured(session(tmp_path, cores=8, duckdb="2.1.0"), "limit", 1)
    assert list(kept(tmp_path)) == ["limit"]


def test_what_was_measured_before_a_benchmark_broke_off_is_kept(tmp_path: Path) -> None:
    results = session(tmp_path)
    measured(results, "limit", 1)
    results.fail("limit", "no room")
    assert kept(tmp_path)["limit"]["broke_off"] == "no room"
    assert len(kept(tmp_path)["limit"]["figures"]) == 1


def test_the_machine_is_described_and_not_named() -> None:
    assert set(machine()) == {"cpu", "cores", "memory_gib", "os", "python"}
    assert set(versions()) == {"dagster", "duckdb"}
