"""Every fault has its tests, and they run on the engines that the table of faults says.

What belongs here: the table (``faults.md``) held against the tests as pytest collects them and against the list of
faults, and that what is wrong with a table is found. What doesn't: the tests of the faults.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sparkify_dagster_tests.fault_table import Collected, Row, differences, read_faults, read_rows, wrong_with

TESTS = Path(__file__).parent
ROWS = read_rows((TESTS / "faults.md").read_text(encoding="utf-8"))
LIST = TESTS.parent.parent / "shared" / "faults.md"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> list[Collected]:
    """All tests of the files that the table names."""
    files = sorted({name.partition("::")[0] for row in ROWS for name in row.tests})
    missing = [name for name in files if not (TESTS / name).is_file()]
    assert not missing, f"the table names files that are not there: {', '.join(missing)}"
    written = tmp_path_factory.mktemp("collected") / "tests.json"
    options = ["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "sparkify_dagster_tests.collected"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--collected", str(written), *(str(TESTS / name) for name in files)],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return [Collected.of(values) for values in json.loads(written.read_text())]


def test_each_fault_has_tests_that_are_there_and_run_on_the_engines_that_are_said(collected: list[Collected]) -> None:
    assert wrong_with(ROWS, collected) == []


def test_the_table_has_a_row_for_each_fault_and_no_other() -> None:
    if not LIST.is_file():
        pytest.skip("the list of faults (../shared/faults.md) is not here")
    assert differences(ROWS, read_faults(LIST.read_text(encoding="utf-8"))) == []


class TestTheChecker:
    TABLE = """
# Faults

Words before it.

| fault | tests | engines |
|---|---|---|
| a file overwritten (new etag) | `a.py::test_one`<br>`b/c.py::TestX::test_two` | DuckDB, Redshift |
| `../` in a key | | – |
"""
    ROW = Row("a fault", ("a.py::test_one",), "DuckDB")
    ON_DUCKDB = Collected("a.py::test_one", fixtures=["conftest.warehouse"])
    ON_REDSHIFT = Collected("a.py::test_one", fixtures=["conftest.double", "conftest.redshift"])

    def test_a_table_is_read(self) -> None:
        assert read_rows(self.TABLE) == [
            Row("a file overwritten (new etag)", ("a.py::test_one", "b/c.py::TestX::test_two"), "DuckDB, Redshift"),
            Row("`../` in a key", (), "–"),
        ]
        assert read_faults(self.TABLE) == ["a file overwritten (new etag)", "`../` in a key"]

    def test_a_row_that_is_cut_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="the row of 'half' has 2 cells"):
            read_rows(self.TABLE + "| half | `a.py::test_one` |\n")

    def test_a_row_that_is_right_is_no_matter(self) -> None:
        assert wrong_with([self.ROW], [self.ON_DUCKDB]) == []

    def test_a_row_without_a_test_is_found(self) -> None:
        assert wrong_with([Row("a fault", (), "–")], []) == ["a fault: no test"]

    def test_a_misspelt_test_is_found(self) -> None:
        row = Row("a fault", ("a.py::test_one", "a.py::test_onne"), "DuckDB")
        assert wrong_with([row], [self.ON_DUCKDB]) == ["a fault: there is no test a.py::test_onne, or a live one only"]

    def test_a_test_that_is_live_alone_is_found(self) -> None:
        live = Collected("a.py::test_one", parameters="duckdb", markers=["live"])
        assert len(wrong_with([self.ROW], [live])) == 2

    def test_a_test_that_is_slow_alone_is_found(self) -> None:
        slow = Collected("a.py::test_one", parameters="duckdb", markers=["slow"])
        assert wrong_with([self.ROW], [slow]) == ["a fault: a.py::test_one is slow, and make test leaves it out"]
        assert wrong_with([self.ROW], [slow, self.ON_DUCKDB]) == []

    @pytest.mark.parametrize(
        ("tests", "engines"),
        [
            ([ON_REDSHIFT], "Redshift"),
            ([ON_DUCKDB, ON_REDSHIFT], "DuckDB, Redshift"),
            ([Collected("a.py::test_one", parameters="a-redshift-2")], "Redshift"),
            ([Collected("a.py::test_one", markers=["engine"], engines=["redshift"])], "Redshift"),
            ([Collected("a.py::test_one")], "–"),
            ([Collected("a.py::test_one", fixtures=["cli.test_redshift.sparkify", "conftest.double"])], "Redshift"),
        ],
    )
    def test_wrong_engines_are_found(self, tests: list[Collected], engines: str) -> None:
        found = wrong_with([self.ROW], tests)
        assert found == [f"a fault: the tests run on {engines}, and the table says DuckDB"]

    def test_parameters_that_are_live_do_not_count(self) -> None:
        live = Collected("a.py::test_one", parameters="live_redshift", markers=["live"])
        assert wrong_with([self.ROW], [self.ON_DUCKDB, live]) == []

    def test_a_marker_says_more_than_fixtures(self) -> None:
        marked = Collected("a.py::test_one", fixtures=["conftest.double"], markers=["engine"], engines=["duckdb"])
        assert wrong_with([self.ROW], [marked]) == []

    def test_a_fault_that_the_table_lacks_is_found_and_one_too_many_and_one_twice(self) -> None:
        rows = [self.ROW, Row("another", (), "–"), self.ROW]
        assert differences(rows, ["a fault", "a third"]) == [
            "a third: the table has no row for it",
            "another: no such fault is in the list",
            "a fault: the table has it twice",
        ]
        assert differences([self.ROW], ["a fault"]) == []
