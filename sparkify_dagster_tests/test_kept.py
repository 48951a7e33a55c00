"""What sqlglot made of the SQL, kept between processes: what is not whole, or of other texts, is never used."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster import kept as module
from sparkify_dagster.kept import kept
from sparkify_dagster.sqlfiles import quoted, read_sql, sql_names
from sparkify_dagster.tables import catalog
from sparkify_dagster.tables.parsing import parse_table

ROOT = Path(__file__).parent.parent
LOCATION = "from sparkify_dagster.definitions import defs; assert defs().get_repository_def().get_all_jobs()"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module._folder.cache_clear()
    yield tmp_path
    module._folder.cache_clear()


class Maker:
    """Counts how often something is made."""

    def __init__(self, made: Any = "made") -> None:
        self.made = made
        self.times = 0

    def __call__(self) -> Any:
        self.times += 1
        return self.made


def _pieces(cache: Path) -> list[Path]:
    return [path for path in cache.rglob("*") if path.is_file()]


def test_a_piece_is_made_once(cache: Path) -> None:
    make = Maker({"of": ["a text", None, 1]})

    assert [kept("kind", "text", make), kept("kind", "text", make)] == [make.made, make.made]
    assert make.times == 1
    assert len(_pieces(cache)) == 1


def test_other_texts_and_kinds_are_other_pieces(cache: Path) -> None:
    kept("kind", "text", Maker("one"))

    assert kept("kind", "text ", Maker("two")) == "two"
    assert kept("other", "text", Maker("three")) == "three"


def test_what_other_code_made_is_not_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept("kind", "text", Maker("old"))

    monkeypatch.setattr(module, "_MAKERS", module._MAKERS[1:])
    module._folder.cache_clear()

    assert kept("kind", "text", Maker("new")) == "new"


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe\x00", b'\n"made"', b'0\n"foreign"'])
def test_what_is_not_whole_is_made_again(content: bytes, cache: Path) -> None:
    kept("kind", "text", Maker())
    (piece,) = _pieces(cache)
    piece.write_bytes(content)
    again = Maker()

    assert kept("kind", "text", again) == "made"
    assert again.times == 1
    assert kept("kind", "text", Maker("not needed")) == "made"


@pytest.mark.parametrize("length", [1, 30, 64, 65, 68])
def test_a_piece_that_is_cut_off_is_made_again(length: int, cache: Path) -> None:
    kept("kind", "text", Maker())
    (piece,) = _pieces(cache)
    piece.write_bytes(piece.read_bytes()[:length])

    assert kept("kind", "text", Maker("again")) == "again"


def test_another_users_piece_is_not_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept("kind", "text", Maker("planted"))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    assert kept("kind", "text", Maker("own")) == "own"


def test_without_a_place_to_write_everything_is_made(cache: Path) -> None:
    (cache / "sparkify_dagster").write_text("in the way")
    make = Maker()

    assert [kept("kind", "text", make), kept("kind", "text", make)] == ["made", "made"]
    assert make.times == 2
    assert [path.name for path in _pieces(cache)] == ["sparkify_dagster"]


def test_without_a_home_everything_is_made(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setattr(Path, "home", no_home)
    module._folder.cache_clear()

    assert kept("kind", "text", Maker()) == "made"
    assert _pieces(cache) == []


def test_a_disk_that_fills_leaves_nothing_half_written(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)

    assert kept("kind", "text", Maker()) == "made"
    assert _pieces(cache) == []


def test_tables_from_the_cache_are_the_tables_of_the_ddl(cache: Path) -> None:
    parsed = {name: parse_table(read_sql(f"tables/{name}")) for name in sql_names("tables")}
    fresh = catalog.__wrapped__()
    found = catalog.__wrapped__()

    assert dict(fresh) == dict(found) == parsed
    assert len(_pieces(cache)) == len(parsed)
    assert [json.loads(path.read_text().partition("\n")[2]) for path in _pieces(cache)]


@pytest.mark.parametrize("text", ["plain", "it's", "''", "back\\slash\\'", "", "é\n\t"])
def test_a_text_is_quoted_as_sqlglot_quotes_it(text: str) -> None:
    from sparkify_dagster.dialects import literal

    assert quoted(text, "duckdb") == literal(text, "duckdb")
    assert quoted(text, "redshift") == literal(text, "redshift")


def _imported(code: str, modules: set[str], folder: Path, *arguments: str) -> set[str]:
    """Which of the modules a new process imports."""
    shown = f"import atexit, sys; atexit.register(lambda: print('\\n', *(sys.modules.keys() & {modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{shown}\n{code}", *arguments],
        env={"PYTHONPATH": str(ROOT), "PATH": "", "XDG_CACHE_HOME": str(folder / "cache")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_code_location_imports_no_engine_and_with_a_warm_cache_no_parser(tmp_path: Path) -> None:
    slow = {"duckdb", "redshift_connector", "boto3", "slack_sdk", "sqlglot", "dagster_aws", "dagster._core.scheduler"}

    assert _imported(LOCATION, slow, tmp_path) == {"sqlglot"}
    assert _imported(LOCATION, slow, tmp_path) == set()


def test_a_load_with_nothing_new_imports_neither_dagster_nor_with_a_warm_cache_the_parser(tmp_path: Path) -> None:
    (tmp_path / ".sparkify/lake/log_data").mkdir(parents=True)
    (tmp_path / ".sparkify/lake/song_data").mkdir()
    code = "from sparkify_dagster.cli import main; main()"
    create = "from sparkify_dagster.cli import main; sys.argv[1:] = ['tables', 'create']; main()"
    _imported(create, set(), tmp_path)
    slow = {"dagster", "boto3", "sqlglot"}

    assert _imported(code, slow, tmp_path, "load") == {"sqlglot"}
    assert _imported(code, slow, tmp_path, "load") == set()
