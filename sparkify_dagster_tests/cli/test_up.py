"""`sparkify up` and the addresses that the UI may listen on; a running one is looked at in ``ui.test_ui``."""

import os
import signal
from pathlib import Path

import pytest

from sparkify_dagster.cli.commands import up
from sparkify_dagster.cli.up import start
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import Settings, read_settings


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
