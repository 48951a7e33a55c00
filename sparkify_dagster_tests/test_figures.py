"""Figures that tests note are kept in a file, with or without several workers.

What belongs here: a pytest of its own, with tests made up for it. What doesn't: the figures of the platform's tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster_tests.figures import Collecting, lines

ROOT = Path(__file__).parent.parent
TESTS = """
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

FEW = settings(max_examples=20, derandomize=True, database=None, deadline=None)

class Machine(RuleBasedStateMachine):
    @rule()
    def nothing(self):
        pass

Machine.TestCase.settings = FEW
TestMachine = Machine.TestCase

def test_kills(figure):
    figure("kills", count=100, seconds=1.5)

def test_kills_in_vain(figure):
    figure("kills in vain", count=100)
    assert False

def test_left_out():
    pytest.skip("for no reason")

@FEW
@given(st.integers(0, 10**6))
def test_property(number):
    assert number >= 0

def test_machine_within_a_test():
    run_state_machine_as_test(Machine, settings=FEW)

@pytest.fixture
def broken():
    yield
    raise ValueError

def test_whose_fixture_fails_afterwards(broken):
    pass
"""


@pytest.fixture(scope="module", params=[[], ["-n", "1"]], ids=["one process", "a worker"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The figures of a run of these tests."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "test_made_up.py").write_text(TESTS)
    plugins = ["xdist", "_hypothesis_pytestplugin", "sparkify_dagster_tests.figures", "no:cacheprovider"]
    options = ["-q", *(word for plugin in plugins for word in ("-p", plugin)), "--figures", "figures.json"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *request.param, "test_made_up.py"],
        cwd=folder,
        # Without the plugins that others bring, of which some take seconds to start.
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    return json.loads((folder / "figures.json").read_text())


def test_what_tests_that_pass_note_is_kept(written: dict[str, Any]) -> None:
    assert written["figures"] == [
        {"name": "kills", "count": 100, "seconds": 1.5, "test": "test_made_up.py::test_kills"}
    ]


def test_each_test_counts_once(written: dict[str, Any]) -> None:
    counts = written["tests"]
    assert (counts["passed"], counts["failed"], counts["skipped"]) == (4, 2, 1)
    assert counts["seconds"] >= 0


def test_the_examples_of_properties_and_of_state_machines_are_counted(written: dict[str, Any]) -> None:
    examples = written["examples"]
    by_test = {found["test"].rpartition("::")[2]: found["valid"] for found in examples["most"]}
    assert by_test["test_property"] == 20
    assert by_test.keys() == {"test_property", "test_machine_within_a_test", "runTest"}
    assert min(by_test.values()) > 0
    assert (examples["tests"], examples["valid"]) == (3, sum(by_test.values()))


def test_machine_and_versions_are_kept_and_no_name_or_path(written: dict[str, Any]) -> None:
    assert written["machine"].keys() == {"cores", "memory_gib", "platform", "python"}
    assert {"dagster", "duckdb", "hypothesis", "postgresql", "pytest"} == written["versions"].keys()
    text = json.dumps(written)
    assert os.uname().nodename not in text
    assert str(ROOT) not in text


@pytest.mark.parametrize("code", [pytest.ExitCode.INTERRUPTED, pytest.ExitCode.NO_TESTS_COLLECTED])
def test_a_run_that_did_not_end_leaves_the_file_of_the_last_one(tmp_path: Path, code: pytest.ExitCode) -> None:
    path = tmp_path / "figures.json"
    path.write_text("{}")
    Collecting(path, ROOT).pytest_sessionfinish(code)
    assert path.read_text() == "{}"


def test_figures_are_shown_as_lines() -> None:
    figures = {
        "date": "2026-11-21 12:00 UTC",
        "commit": "abc1234",
        "machine": {"cores": 2, "memory_gib": 24, "platform": "Linux x86_64", "python": "3.11.7"},
        "versions": {"duckdb": "2.0.0"},
        "tests": {"passed": 3_000, "failed": 0, "skipped": 1, "seconds": 3_600},
        "examples": {"tests": 40, "valid": 12_345, "invalid": 6, "most": []},
        "figures": [{"name": "random kills on DuckDB", "test": "x.py::test", "count": 1_000, "old rows": 400}],
    }
    assert lines(figures) == [
        "2026-11-21 12:00 UTC, commit abc1234, 2 cores, 24 GiB, Linux x86_64, Python 3.11.7, duckdb 2.0.0:",
        "",
        "- 3,000 tests passed, 0 failed, 1 were skipped, in 3,600 seconds",
        "- 12,345 examples of 40 properties",
        "- random kills on DuckDB: count 1,000, old rows 400",
    ]
