"""The table of faults (``faults.md``): what it says, and whether the tests bear it out.

What belongs here: reading such a table, finding out on which engines a test runs, and wording what is wrong. What
doesn't: collecting the tests (``collected``), and the table itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DUCKDB, REDSHIFT = "DuckDB", "Redshift"
NONE = "–"

_ROW = re.compile(r"\|(.*)\|")
_TEST = re.compile(r"`([^`]+)`")

# Where neither a fixture nor a parameter tells, a test says it: @pytest.mark.engine("duckdb").
_ENGINES = {"duckdb": DUCKDB, "redshift": REDSHIFT}
_ON_DUCKDB = (
    "cli.test_cli.sparkify",
    "cli.test_lake_on_s3.sparkify",
    "conftest.warehouse",
    "events.conftest.announced",
    "life.test_killed_runs.platform",
    "loading.conftest.warehouse_path",
    "loading.test_fast_path.narrow",
    "loading.test_fast_path.paths",
    "loading.test_full_disk.disk",
    "test_large_lakes.million",
    "test_large_lakes.settled",
    "test_runs.small",
    "test_sensors.watched",
    "ui.conftest.platform",
)
_FIXTURES = {
    **{fixture: {DUCKDB} for fixture in _ON_DUCKDB},
    "conftest.double": {REDSHIFT},
    "warehouse.test_engines_agree.either": {DUCKDB, REDSHIFT},
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        fault: The fault, in the words of the list of faults.
        tests: The tests, as node ids relative to the folder of the tests and without parameters.
        engines: The engines that they run on, as the table says it.
    """

    fault: str
    tests: tuple[str, ...]
    engines: str


@dataclass(frozen=True, slots=True)
class Collected:
    """A test as it was collected, with one set of parameters.

    Attributes:
        test: Its node id, relative to the folder of the tests and without parameters.
        parameters: The id of its parameters; empty where it has none.
        fixtures: All fixtures that it needs, each with its module.
        markers: The names of its markers.
        engines: What its marker ``engine`` says.
    """

    test: str
    parameters: str = ""
    fixtures: Sequence[str] = ()
    markers: Sequence[str] = ()
    engines: Sequence[str] = ()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Collected":
        """Makes it of what the plugin wrote."""
        return cls(**values)

    @property
    def runs_on(self) -> set[str]:
        """The engines that it runs on; none where it touches no warehouse."""
        if self.engines:
            return {_ENGINES[name] for name in self.engines}
        named = {engine for name, engine in _ENGINES.items() if name in self.parameters}
        return named.union(*(_FIXTURES.get(fixture, set()) for fixture in self.fixtures))


def read_rows(markdown: str) -> list[Row]:
    """Gives the rows of the table in a text.

    Raises:
        ValueError: A row has not three cells.
    """
    rows: list[Row] = []
    for fault, *cells in _cells(markdown):
        if len(cells) != 2:
            raise ValueError(f"the row of {fault!r} has {len(cells) + 1} cells, and not three")
        rows.append(Row(fault, tuple(_TEST.findall(cells[0])), cells[1]))
    return rows


def read_faults(markdown: str) -> list[str]:
    """Gives the faults of the list of faults: the first cells of its table."""
    return [fault for fault, *_ in _cells(markdown)]


def wrong_with(rows: Iterable[Row], collected: Iterable[Collected]) -> list[str]:
    """Says what is wrong with each row: no test, one that is not there or that never runs offline, or other engines."""
    tests: dict[str, list[Collected]] = {}
    for one in collected:
        if "live" not in one.markers:
            tests.setdefault(one.test, []).append(one)
    found: list[str] = []
    for row in rows:
        found += _wrong_with_tests(row, tests)
        engines = engines_of(one for name in row.tests for one in tests.get(name, []))
        if row.tests and row.engines != engines:
            found.append(f"{row.fault}: the tests run on {engines}, and the table says {row.engines}")
    return found


def differences(rows: Iterable[Row], faults: Iterable[str]) -> list[str]:
    """Says which faults the table lacks, and which it has that the list of faults lacks."""
    named, known = [row.fault for row in rows], list(faults)
    return [
        *(f"{fault}: the table has no row for it" for fault in known if fault not in named),
        *(f"{fault}: no such fault is in the list" for fault in named if fault not in known),
        *(f"{fault}: the table has it twice" for fault in sorted(set(named)) if named.count(fault) > 1),
    ]


def engines_of(tests: Iterable[Collected]) -> str:
    """Gives the engines that tests run on, as the table says it."""
    return ", ".join(sorted(set().union(*(one.runs_on for one in tests)))) or NONE


def _wrong_with_tests(row: Row, tests: Mapping[str, Sequence[Collected]]) -> list[str]:
    if not row.tests:
        return [f"{row.fault}: no test"]
    found: list[str] = []
    for name in row.tests:
        if name not in tests:
            found.append(f"{row.fault}: there is no test {name}, or a live one only")
        elif all("slow" in one.markers for one in tests[name]):
            found.append(f"{row.fault}: {name} is slow, and make test leaves it out")
    return found


def _cells(markdown: str) -> list[list[str]]:
    """The cells of a table's rows, without its head."""
    matches = [_ROW.fullmatch(line.strip()) for line in markdown.splitlines()]
    return [[cell.strip() for cell in match[1].split("|")] for match in matches if match][2:]
