"""A warehouse that is loaded once, for tests that only ask it things."""

import os
import shutil
from pathlib import Path

import pytest

from sparkify_dagster_tests.cli.test_cli import DECEMBER_MS, Shell
from sparkify_dagster_tests.lakes import SONG, event, play, write_log, write_song


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, made_home: Path) -> Shell:
    """`sparkify` on a loaded warehouse of a song and two months with a day each, which no test may change."""
    folder = tmp_path_factory.mktemp("loaded")
    lake = folder / "lake"
    write_song(lake, "TR1", SONG)
    write_log(lake, "2018-11-01", [event(), play(1), play(2, level="paid", location='Zürich, "CH"\x1b[31m')])
    write_log(lake, "2018-12-01", [play(0, sessionId=2, ts=DECEMBER_MS)])
    shutil.copytree(made_home, folder / ".sparkify" / "dagster")
    shell = Shell(folder)
    shell.environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SPARKIFY_", "DAGSTER_", "AWS_", "REDSHIFT_"))
    }
    shell.environment |= {"TZ": "America/New_York", "SPARKIFY_LAKE": "lake", "SPARKIFY_FIRST_MONTH": "2018-11"}
    done = shell("load")
    assert done.returncode == 0, done.stderr
    return shell
