"""`sparkify up` and the addresses that the UI may listen on; a running one is looked at in ``ui.test_ui``."""

import os
import signal
import subprocess
import sys
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sparkify_dagster.cli.commands import up
from sparkify_dagster.cli.up import start
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import Settings, read_settings
from sparkify_dagster_tests.ui.server import free_port, wait_for


class Started(Exception):
    """Instead of becoming Dagster's process."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings, in a process that becomes no other."""

    def execute(program: str, words: list[str]) -> None:
        raise Started(words)

    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(os, "execv", execute)
    # Not every machine has every kind of address.
    monkeypatch.setattr("sparkify_dagster.cli.up._refuse_taken_port", lambda host, port: None)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setattr("sparkify_dagster.cli.up.serve_beside", lambda file, host, port: f"http://{host}:{port}/d.html")
    monkeypatch.delenv("SPARKIFY_DASHBOARD_URL", raising=False)
    return read_settings({}, tmp_path)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "fe80::1", "dagster.example.org", "127.0.0.1.nip.io"])
def test_an_address_that_others_can_reach_is_refused_unless_it_is_said_to_be_public(
    host: str, settings: Settings
) -> None:
    with pytest.raises(SparkifyError) as refused:
        start(settings, host=host, port=3000, public=False)
    assert str(refused.value) == f"{host} can be reached by others, and the UI asks for no password: add --public."


def test_one_that_is_said_to_be_public_is_warned_of(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Started) as started:
        start(settings, host="0.0.0.0", port=3000, public=True)
    words = started.value.args[0]
    assert words[words.index("-h") + 1] == "0.0.0.0"
    said = capsys.readouterr().err
    assert said.startswith("Warning: the UI on 0.0.0.0 asks for no password")
    assert said.count("\n") == 1


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("::1", "[::1]")])
def test_this_machines_own_addresses_need_no_word(
    host: str, shown: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Started):
        start(settings, host=host, port=3000, public=False)
    said = capsys.readouterr()
    assert said.err == ""
    assert f"http://{shown}:3000 " in said.out


def test_nobody_has_to_say_that_it_is_for_this_machine_alone() -> None:
    (host,) = [option.default for option in up.params if option.name == "host"]
    assert host == "127.0.0.1"


def test_the_dashboard_is_served_beside_the_ui_where_nobody_else_can_reach_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Started):
        start(settings, host="0.0.0.0", port=3000, public=True)
    assert "SPARKIFY_DASHBOARD_URL" not in os.environ
    with pytest.raises(Started):
        start(settings, host="127.0.0.1", port=3000, public=False)
    assert os.environ["SPARKIFY_DASHBOARD_URL"] == "http://127.0.0.1:3001/d.html"
    monkeypatch.delenv("SPARKIFY_DASHBOARD_URL")


def test_what_serves_the_dashboard_gives_no_other_file_and_ends_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    for name in ("dashboard.html", "reports/2018-11.html", "warehouse.duckdb", "reports/x.html"):
        (tmp_path / name).write_text(name)
    port = free_port()
    script = (
        "import sys, time; from pathlib import Path; from sparkify_dagster.cli.serving import serve_beside; "
        f"serve_beside(Path({str(tmp_path / 'dashboard.html')!r}), '127.0.0.1', {port}); sys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    try:
        wait_for("the dashboard", lambda: _answer(port, "/dashboard.html") == "dashboard.html", 30)
        assert _answer(port, "/reports/2018-11.html?month=1") == "reports/2018-11.html"
        others = ("/warehouse.duckdb", "/reports/x.html", "/reports/../warehouse.duckdb", "/%2e%2e/etc/passwd", "/x")
        assert [_answer(port, path) for path in others] == [None] * len(others)
    finally:
        parent.kill()
        parent.communicate()
    wait_for("its end", lambda: _answer(port, "/dashboard.html") is None, 30)


def _answer(port: int, path: str) -> str | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read().decode() if answer.status == HTTPStatus.OK else None
    except OSError:
        return None
    finally:
        connection.close()
