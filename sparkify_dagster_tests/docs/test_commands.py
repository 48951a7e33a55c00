"""Every command of the documentation: it exists, and it does what its page says, in the page's order."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import click
import pytest
from botocore import xform_name
from botocore.session import Session

from sparkify_dagster.cli.commands import cli

from .pages import ROOT, calls, commands, mentions, pages, steps

TUTORIAL, OPERATIONS = "docs/tutorial.md", "docs/operations.md"
EXTEND, CONTRIBUTE = "docs/how-to/extend.md", "docs/how-to/contribute.md"
BACKFILL, BAD_FILES = "docs/how-to/backfill.md", "docs/how-to/bad-files.md"

CHECKOUTS = {TUTORIAL, EXTEND}
"""Pages that are done in a checkout."""

QUICK = [TUTORIAL, OPERATIONS]
OTHERS = ["docs/how-to/own-lake.md", BACKFILL, BAD_FILES, "docs/how-to/day-to-day.md", EXTEND]

AFTER = {"docs/how-to/day-to-day.md": BACKFILL}
"""Pages that begin where another one ended."""

_ELSEWHERE = "serves until Ctrl-C: cli/test_up.py and ui/test_ui.py start it"

NOT_RUN = {
    "README.md": {"make test": "runs these tests", ".venv/bin/sparkify up": _ELSEWHERE},
    TUTORIAL: {".venv/bin/sparkify up": _ELSEWHERE},
    "docs/how-to/day-to-day.md": {"sparkify up": _ELSEWHERE},
    CONTRIBUTE: {
        "make setup": "the tests run in what it makes",
        "make lint": "a build machine runs it",
        "make test": "runs these tests",
        "make test-full": "runs these tests",
        "make docs": "test_site.py does what it does",
        "make pictures": "takes minutes",
        "make linkcheck": "needs the network",
    },
    OPERATIONS: {
        **{
            command: "needs Docker"
            for command in commands(OPERATIONS)
            if command.startswith("docker compose -f deploy/compose.yaml ")
        },
        **{command: "needs AWS" for command in commands(OPERATIONS) if command.startswith("aws ")},
        "openssl passwd -6": "asks for a password at a terminal",
        "sparkify cluster pause": "needs AWS",
        "sparkify cluster policy create": "needs AWS",
        "sparkify cluster resume": "needs AWS",
    },
}
"""Commands that are not run, by page, with the reason."""

PAGES_NOT_RUN = {
    "README.md": "all of its commands are the tutorial's",
    "deploy/README.md": "needs Docker, AWS or Kubernetes",
    CONTRIBUTE: "NOT_RUN has a reason for each",
    "docs/how-to/live-tests.md": "needs a true Redshift",
    "docs/how-to/redshift.md": "needs AWS; the tests of cluster/ run all of it against doubles",
    "docs/how-to/s3.md": "needs AWS; cli/test_lake_on_s3.py runs the same against moto",
    "docs/production.md": "needs AWS; the tests of cluster/ run all of it against doubles",
    "sparkify_dagster_tests/benchmarks/README.md": "takes an hour",
}

Outcomes = dict[str, list[dict[str, Any]]]


def checkout(folder: Path, page: str) -> None:
    """Makes a folder that is to a page what a checkout is: a copy of what it changes, and the environment."""
    (folder / ".venv").mkdir(parents=True)
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "dagster.yaml"):
        shutil.copy2(ROOT / name, folder)
    # As new as if it had been installed just now.
    (folder / ".venv" / ".installed").touch()
    if page == EXTEND:
        unwanted = shutil.ignore_patterns("__pycache__")
        for name in ("sparkify_dagster", "sql"):
            shutil.copytree(ROOT / name, folder / name, ignore=unwanted)


def do(names: list[str], folder: Path) -> Outcomes:
    """Does pages, one after the other, each in a folder of its own."""
    folders = {name: folder / name.replace("/", "_") for name in names}
    for name, place in folders.items():
        if name in CHECKOUTS:
            checkout(place, name)
        elif name not in AFTER:
            place.mkdir()
    given = [
        {
            "page": name,
            "folder": str(folders[name]),
            "after": str(folders[AFTER[name]]) if name in AFTER else None,
            # Where a page changes the code, each command must see what it is now.
            "in_this_process": name != EXTEND,
            "steps": [asdict(step) for step in steps(name) if step.text not in NOT_RUN.get(name, {})],
        }
        for name in names
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARKIFY_", "DAGSTER_", "AWS_"))}
    programs = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    code = f".{os.pathsep}{ROOT}"
    done = subprocess.run(
        [sys.executable, "-m", "sparkify_dagster_tests.docs.doing"],
        cwd=ROOT,
        env={**kept, "PATH": programs, "PYTHONPATH": code, "MAKEFLAGS": ""},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What came of the pages that everybody begins with, and of that for bad days."""
    return do(QUICK, tmp_path_factory.mktemp("quick"))


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What came of the other pages."""
    return do(OTHERS, tmp_path_factory.mktemp("others"))


def said(outcomes: Outcomes, page: str, command: str, number: int = 0) -> str:
    """What a command said that is on a page once or more."""
    found: list[str] = [outcome["said"] for outcome in outcomes[page] if outcome["step"] == command]
    return found[number]


def test_every_page_with_commands_is_done_or_has_a_reason_why_it_is_not() -> None:
    with_commands = {page for page in pages() if steps(page)}
    assert with_commands == {*QUICK, *OTHERS, *PAGES_NOT_RUN}


@pytest.mark.parametrize("page", sorted(NOT_RUN))
def test_what_is_not_run_is_on_its_page(page: str) -> None:
    shown = set(commands(page))
    assert set(NOT_RUN[page]) <= shown


def test_the_commands_of_the_readme_are_those_of_the_tutorial() -> None:
    assert set(commands("README.md")) - set(NOT_RUN["README.md"]) <= set(commands(TUTORIAL)) - set(NOT_RUN[TUTORIAL])


def test_of_the_page_for_contributors_each_command_has_a_reason() -> None:
    assert set(NOT_RUN[CONTRIBUTE]) == set(commands(CONTRIBUTE))


@pytest.mark.parametrize("page", QUICK)
def test_every_step_of_the_first_pages_succeeds(quick: Outcomes, page: str) -> None:
    assert [outcome for outcome in quick[page] if outcome["code"] != 0] == []


def test_the_tutorial_leads_to_an_answer_and_a_dashboard(quick: Outcomes) -> None:
    assert said(quick, TUTORIAL, ".venv/bin/sparkify load").startswith("Nothing is new")
    answer = said(quick, TUTORIAL, ".venv/bin/sparkify analyze --question listeners_by_month --format csv")
    # The demo has four months, of which the current one may still be without a play.
    assert len([line for line in answer.splitlines() if re.match(r"\d{4}-\d\d", line)]) >= 3
    assert "dashboard.html" in said(quick, TUTORIAL, ".venv/bin/sparkify dashboard --output dashboard.html")
    assert "Everything is loaded." not in said(quick, TUTORIAL, ".venv/bin/sparkify status", -1)


def test_what_the_page_on_operations_says_is_so(quick: Outcomes) -> None:
    def told(command: str, number: int = 0) -> str:
        return said(quick, OPERATIONS, command, number)

    assert "Everything is loaded." in told("sparkify status")
    assert told("sparkify backup backups/monday").startswith("backed up ")
    restored = told("sparkify restore backups/monday")
    assert "[y/N]" in restored
    assert "the former is now" in restored
    assert "All tables are as this version describes them." in told("sparkify tables upgrade")
    assert "dropped artists, " in told("sparkify tables drop")
    assert told("sparkify load --from 2018-11 --to 2018-11").startswith("Nothing is new")
    corrected, pruned = told("sparkify load", -1), told("sparkify load --prune")
    assert "staging_events: new or changed files: 1 " in corrected
    assert _rows_of_events(pruned) < _rows_of_events(corrected)


@pytest.mark.slow
@pytest.mark.parametrize("page", OTHERS)
def test_every_step_of_the_other_pages_succeeds(others: Outcomes, page: str) -> None:
    assert [outcome for outcome in others[page] if outcome["code"] != 0] == []


@pytest.mark.slow
def test_what_the_other_pages_say_is_so(others: Outcomes) -> None:
    assert "pending" in said(others, BACKFILL, "sparkify status")
    refused = next(outcome["said"] for outcome in others[BAD_FILES] if outcome["step"].startswith("sparkify load ||"))
    assert "as it says" in refused
    assert "2018-11-04-events.json" in refused
    assert "yesterday" in said(others, BAD_FILES, "sparkify rejects --month 2018-11 --full")
    query = 'sparkify query "SELECT SUM(h.plays) AS plays, SUM(h.known_plays) AS known FROM plays_by_hour AS h"'
    assert not re.search(r"\d", said(others, EXTEND, query).partition("known")[2])
    assert re.search(r"\d", said(others, EXTEND, query, -1).partition("known")[2])
    assert "songs_have_a_year" in said(others, EXTEND, "sparkify load --rebuild")


def _rows_of_events(shown: str) -> int:
    (row,) = [line.split() for line in shown.splitlines() if line.split()[:1] == ["staging_events"]]
    return int(row[1].replace(",", ""))


def _calls(program: str) -> list[list[str]]:
    shown = [call for page in pages() for command in commands(page) for call in calls(command)]
    mentioned = [shlex.split(mention) for page in pages() for mention in mentions(page) if mention.startswith(program)]
    return [call[1:] for call in [*shown, *mentioned] if Path(call[0]).name == program]


def test_every_command_and_option_of_sparkify_exists() -> None:
    wrong = {}
    for words in _calls("sparkify"):
        try:
            _parse(words)
        except click.MissingParameter:
            # Mentioned, without what it is to be done to.
            continue
        except (click.ClickException, KeyError) as error:
            wrong[" ".join(words)] = str(error)
    assert wrong == {}


def _parse(words: list[str]) -> None:
    found: click.Command = cli
    context = click.Context(cli)
    words = list(words)
    while words and isinstance(found, click.Group):
        name = words.pop(0)
        named = found.get_command(context, name)
        if named is None:
            raise KeyError(name)
        found = named
    if not isinstance(found, click.Group):
        found.make_context(found.name, words)


def test_every_target_of_make_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    called = [words for words in _calls("make") if words]
    assert called
    assert {words[0] for words in called} <= targets


@pytest.mark.parametrize("words", [words for words in _calls("aws") if words[0].startswith("redshift")], ids=" ".join)
def test_every_operation_and_option_of_aws_exists(words: list[str]) -> None:
    service, operation, *options = words
    # Typed by its class alone, whose properties pyright can't tell from their values.
    model = cast(Any, Session().get_service_model(service))
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    takes = model.operation_model(operations[operation]).input_shape
    given = {word.removeprefix("--") for word in options if word.startswith("--")}
    assert given <= {xform_name(name, "-") for name in takes.members}
    assert {xform_name(name, "-") for name in takes.required_members} <= given
