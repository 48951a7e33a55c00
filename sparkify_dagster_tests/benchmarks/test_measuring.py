"""What is measured of a process, and what is seen of it.

What belongs here: that figures are of the right process, and that failures are told. What doesn't: how fast anything
is.
"""

import sys
from pathlib import Path

import pytest

from sparkify_dagster_tests.benchmarks.lakes import cut_files, link_part, log_files, log_months
from sparkify_dagster_tests.benchmarks.measuring.opened import can_watch, watching
from sparkify_dagster_tests.benchmarks.measuring.processes import Command, CommandFailed, run
from sparkify_dagster_tests.lakes import play, write_log, write_song

_HOLD = "import time; held = bytearray(100_000_000); time.sleep({seconds})"


def python(program: str, folder: Path, **environment: str) -> Command:
    return Command([sys.executable, "-I", "-S", "-c", program], folder, environment)


def test_a_run_has_its_own_time_memory_output_folder_and_settings(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SPARKIFY_LAKE", "elsewhere")
    said = "import os; print(os.getcwd(), os.environ.get('SPARKIFY_LAKE'), os.environ['SET'])"
    program = f"{said}; {_HOLD.format(seconds=0.1)}"
    took = run(python(program, tmp_path, SET="here"))
    assert took.output.split() == [str(tmp_path), "None", "here"]
    assert took.seconds > 0.1
    assert took.cpu_seconds < took.seconds
    assert 100 < took.peak_mb < 150


def test_memory_is_not_that_of_whoever_measures(tmp_path: Path) -> None:
    held = bytearray(200_000_000)
    assert run(python("pass", tmp_path)).peak_mb < 100
    del held


@pytest.mark.skipif(sys.platform != "linux", reason="what children hold together is known on Linux alone")
def test_memory_is_that_of_a_process_and_its_children_together(tmp_path: Path) -> None:
    child = f"subprocess.run([sys.executable, '-I', '-S', '-c', {_HOLD.format(seconds=0.8)!r}])"
    program = f"import subprocess, sys; {_HOLD.format(seconds=0)}; {child}"
    assert run(python(program, tmp_path)).peak_mb > 200


def test_a_failure_shows_what_was_said(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"(?s)ended with code 3.*half a result.*what went wrong"):
        run(
            python(
                "import sys; print('half a result'); print('what went wrong', file=sys.stderr); sys.exit(3)", tmp_path
            )
        )


def test_what_is_stuck_is_killed_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="was stuck"):
        run(python("import time; time.sleep(60)", tmp_path), longest=0.2)


@pytest.mark.skipif(not can_watch(), reason="needs inotify")
def test_files_that_another_process_opens_are_seen_and_listings_are_not(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    opened = write_log(lake, "2018-11-01", [play()])
    write_log(lake, "2018-11-02", [play()])
    with watching(lake) as seen:
        run(python(f"import os; list(os.walk({str(lake)!r})); open({str(opened)!r}).read()", tmp_path))
    assert seen == {opened}
    with watching(lake) as seen:
        list(lake.rglob("*"))
    assert seen == set()


def test_a_part_of_a_lake_is_of_the_same_files(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    paths = [write_log(lake, day, [play(1), play(2), play(3)]) for day in ("2018-11-30", "2018-12-01")]
    song = write_song(lake, "TRABC", {})
    assert log_files(lake) == paths
    assert log_months(lake) == ["2018/11", "2018/12"]
    part = link_part(lake, tmp_path / "part", lambda path: path == paths[1])
    (kept,) = log_files(part)
    assert kept.samefile(paths[1])
    assert (part / song.relative_to(lake)).samefile(song)
    cut = log_files(cut_files(lake, tmp_path / "cut", 2))
    assert [path.name for path in cut[:2]] == ["2018-11-30-events-0000.json", "2018-11-30-events-0001.json"]
    assert b"".join(path.read_bytes() for path in cut[:2]) == paths[0].read_bytes()
