"""A plugin of pytest that writes down what was collected: each test with its fixtures, parameters and markers.

It is loaded by name, into a pytest that runs nothing: `-p sparkify_dagster_tests.collected --collected FILE`.

What belongs here: that, as JSON. What doesn't: what is made of it (``fault_table``).
"""

import json
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "sparkify_dagster_tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option."""
    parser.addoption("--collected", required=True, metavar="FILE", help="write what was collected to a file")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Writes the file."""
    found = [_described(item) for item in session.items if isinstance(item, pytest.Function)]
    Path(str(session.config.getoption("--collected"))).write_text(json.dumps(found))


def _described(item: pytest.Function) -> dict[str, Any]:
    name, _, _ = item.nodeid.removeprefix(f"{PACKAGE}/").partition("[")
    return {
        "test": name,
        "parameters": item.callspec.id if hasattr(item, "callspec") else "",
        "fixtures": sorted(_place(item, fixture) for fixture in item.fixturenames),
        "markers": sorted({marker.name for marker in item.iter_markers()}),
        "engines": sorted({str(engine) for marker in item.iter_markers("engine") for engine in marker.args}),
    }


def _place(item: pytest.Function, fixture: str) -> str:
    """A fixture's name with the module that it is of, since several modules call theirs alike."""
    definitions = item._fixtureinfo.name2fixturedefs.get(fixture)
    if not definitions:
        return fixture
    return f"{definitions[-1].func.__module__}.{fixture}".removeprefix(f"{PACKAGE}.")
