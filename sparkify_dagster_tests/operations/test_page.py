"""The page on operations: its commands exist, and those of the embedded platform do what it says, in its order."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import click
import pytest
from botocore import xform_name
from botocore.session import Session

from sparkify_dagster.cli.commands import cli

from .page import commands, mentions

ROOT = Path(__file__).parent.parent.parent

_COMPOSE = "docker compose -f deploy/compose.yaml"

NOT_RUN = {
    f"{_COMPOSE} exec code-server entrypoint sparkify status": "needs Docker",
    f"{_COMPOSE} exec -T postgres pg_dump --username dagster --format custom dagster > dagster.dump": "needs Docker",
    f"{_COMPOSE} run --rm daemon dagster instance migrate": "needs Docker",
    f"{_COMPOSE} up --detach --force-recreate code-server": "needs Docker",
    f"{_COMPOSE} up --detach --force-recreate postgres code-server webserver daemon": "needs Docker",
    f"{_COMPOSE} up --detach --force-recreate proxy": "needs Docker",
    "aws redshift create-cluster-snapshot --cluster-identifier dwh --snapshot-identifier before-upgrade": "needs AWS",
    "aws redshift-serverless create-snapshot --namespace-name dwh --snapshot-name before-upgrade": "needs AWS",
    (
        "aws redshift restore-from-cluster-snapshot --cluster-identifier dwh-2 --snapshot-identifier before-upgrade "
        "--iam-roles arn:aws:iam::123456789012:role/redshift-reads-s3"
    ): "needs AWS",
    (
        "aws redshift-serverless restore-from-snapshot --namespace-name dwh --workgroup-name dwh "
        "--snapshot-name before-upgrade"
    ): "needs AWS",
    "openssl passwd -6": "asks for a password at a terminal",
    "sparkify cluster pause": "needs AWS",
    "sparkify cluster policy create": "needs AWS",
    "sparkify cluster resume": "needs AWS",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What came of the commands that are run, one after the other, in an empty folder."""
    given = [command for command in commands() if command not in NOT_RUN]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARKIFY_", "DAGSTER_", "AWS_"))}
    programs = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "sparkify_dagster_tests.operations.page"],
        cwd=tmp_path_factory.mktemp("page"),
        env={**kept, "PATH": programs, "PYTHONPATH": str(ROOT)},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def said(outcomes: list[dict[str, Any]], command: str, number: int = 0) -> str:
    """What a command said that is on the page once or more."""
    return [outcome["said"] for outcome in outcomes if outcome["command"] == command][number]


def test_every_command_is_run_or_listed_with_the_reason_why_it_is_not() -> None:
    shown = commands()
    assert set(NOT_RUN) <= set(shown)
    others = {shlex.split(command)[0] for command in shown if command not in NOT_RUN}
    assert others == {"sparkify", "cp", "rm", "DAGSTER_HOME=$PWD/.sparkify/dagster"}


def test_every_command_succeeds(outcomes: list[dict[str, Any]]) -> None:
    assert [outcome for outcome in outcomes if outcome["code"] != 0] == []


def test_what_the_page_says_of_them_is_so(outcomes: list[dict[str, Any]]) -> None:
    assert "Everything is loaded." in said(outcomes, "sparkify status")
    assert said(outcomes, "sparkify backup backups/monday").startswith("backed up ")
    restored = said(outcomes, "sparkify restore backups/monday")
    assert "[y/N]" in restored
    assert "the former is now" in restored
    assert "All tables are as this version describes them." in said(outcomes, "sparkify tables upgrade")
    assert "dropped artists, " in said(outcomes, "sparkify tables drop")
    assert said(outcomes, "sparkify load --from 2018-11 --to 2018-11").startswith("Nothing is new")
    corrected, pruned = said(outcomes, "sparkify load", -1), said(outcomes, "sparkify load --prune")
    assert "staging_events: new or changed files: 1 " in corrected
    assert _rows_of_events(pruned) < _rows_of_events(corrected)


def _rows_of_events(shown: str) -> int:
    (row,) = [line.split() for line in shown.splitlines() if line.split()[:1] == ["staging_events"]]
    return int(row[1].replace(",", ""))


@pytest.mark.parametrize("command", sorted({c for c in [*commands(), *mentions()] if c.startswith("sparkify ")}))
def test_every_command_and_option_of_sparkify_exists(command: str) -> None:
    found: click.Command = cli
    context = click.Context(cli)
    words = shlex.split(command)[1:]
    while words and isinstance(found, click.Group):
        named = found.get_command(context, words.pop(0))
        assert named is not None, command
        found = named
    known = {name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("command", [command for command in NOT_RUN if command.startswith("aws ")])
def test_every_operation_and_option_of_aws_exists(command: str) -> None:
    _, service, operation, *words = shlex.split(command)
    # Typed by its class alone, whose properties pyright can't tell from their values.
    model = cast(Any, Session().get_service_model(service))
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    takes = model.operation_model(operations[operation]).input_shape
    given = {word.removeprefix("--") for word in words if word.startswith("--")}
    assert given <= {xform_name(name, "-") for name in takes.members}
    assert {xform_name(name, "-") for name in takes.required_members} <= given
