"""The rehearsal: a deployment that starts with one command, and leaves nothing behind."""

import base64
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkify_dagster_tests.deployment.nginx import what_is_missing
from sparkify_dagster_tests.lakes import SONG, play, write_log, write_song
from sparkify_dagster_tests.ui.server import environment, free_port, wait_for

COMMAND = [sys.executable, "-m", "sparkify_dagster_tests.deployment"]
ROOT = Path(__file__).parent.parent.parent


class Rehearsal:
    """A rehearsal that runs."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self._log = folder / "printed"
        with self._log.open("wb") as out:
            self.process = subprocess.Popen(
                [*COMMAND, *words], cwd=ROOT, env=environment(TMPDIR=str(self.temporary)), stdout=out, stderr=out
            )

    @property
    def printed(self) -> str:
        """What it printed so far."""
        return self._log.read_text(encoding="utf-8")

    def said(self, words: str) -> re.Match[str]:
        """Waits until it says something."""

        def found() -> re.Match[str] | None:
            match = re.search(words, self.printed)
            assert match or self.process.poll() is None, self.printed
            return match

        return wait_for(words, found, 120, every=0.1)


@pytest.fixture
def rehearsal(lake_folder: Path, tmp_path: Path) -> Iterator[Rehearsal]:
    """A rehearsal on a lake with a day and a song."""
    write_log(lake_folder, "2018-11-01", [play(1)])
    write_song(lake_folder, "TR1", SONG)
    rehearsal = Rehearsal(tmp_path, "--port", str(free_port()), "--lake", str(lake_folder))
    yield rehearsal
    # As Ctrl-C does it: its own processes end with it.
    rehearsal.process.send_signal(signal.SIGINT)
    rehearsal.process.wait(60)


@pytest.mark.slow
def test_it_loads_its_lake_behind_a_password_and_leaves_nothing_behind(rehearsal: Rehearsal) -> None:
    lacking = what_is_missing()
    if lacking:
        pytest.skip(lacking)
    told = rehearsal.said(r"The UI is at (\S+) \(user (\S+), password (\S+)\)")
    authority = rehearsal.said(r"--cacert (\S+)")[1]
    rehearsal.said(r"load_logs 2018-11 +SUCCESS")
    secret = base64.b64encode(f"{told[2]}:{told[3]}".encode()).decode()
    request = urllib.request.Request(f"{told[1]}/server_info", headers={"Authorization": f"Basic {secret}"})
    trusted = ssl.create_default_context(cafile=authority)
    with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:
        assert "dagster_version" in json.load(answer)
    rehearsal.process.send_signal(signal.SIGINT)
    assert rehearsal.process.wait(60) == 0
    assert rehearsal.printed.endswith("\nEnded.\n")
    assert "Traceback" not in rehearsal.printed
    assert list(rehearsal.temporary.iterdir()) == []


def test_a_port_that_is_taken_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*COMMAND, "--port", str(port)], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr == f"Error: can't listen on 127.0.0.1:{port} (Address already in use): choose another --port.\n"


def test_a_lake_that_is_not_there_is_refused_in_one_line() -> None:
    missing = Path(tempfile.gettempdir()) / "no-such-lake"
    words = ["--port", str(free_port()), "--lake", str(missing)]
    ended = subprocess.run([*COMMAND, *words], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Error: there is no lake at {missing}")
    assert ended.stderr.count("\n") == 1
