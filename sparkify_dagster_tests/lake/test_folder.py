"""What is particular to a lake in folders: links, folders that are missing, files that change under one's hands."""

import io
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.errors import FileChanged, LakeError
from sparkify_dagster.lake import FolderLake, LakeFile
from sparkify_dagster.lake import folder as folder_module

from .places import NOVEMBER, SONG, FolderPlace


def only(place: FolderPlace) -> LakeFile:
    (file,) = place.lake.list_logs("2018-11").files
    return file


def test_a_lake_without_any_folder_says_what_to_do(tmp_path: Path) -> None:
    lake = FolderLake(tmp_path / "log_data", tmp_path / "song_data", "./lake")
    forgotten = LakeFile(NOVEMBER, "e", 1)
    asked: list[Callable[[], Any]] = [
        lake.log_months,
        lambda: lake.list_logs("2018-11"),
        lake.list_songs,
        lambda: lake.stat(NOVEMBER),
        lambda: lake.read(forgotten),
        lake.check,
    ]
    for ask in asked:
        with pytest.raises(LakeError) as caught:
            ask()
        message = str(caught.value)
        for word in (str(tmp_path / "log_data"), str(tmp_path / "song_data"), "sparkify generate", "SPARKIFY_LAKE"):
            assert word in message


def test_one_missing_folder_is_an_empty_part_and_the_check_says_so(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    place.put(NOVEMBER)
    assert place.lake.list_songs() == ([], [])
    assert place.lake.stat(SONG) is None
    assert place.lake.check() == f"answers, 1 month of logs; there is no folder {place.songs}"


def test_a_file_in_the_place_of_a_part_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log_data").write_bytes(b"")
    lake = FolderLake(tmp_path / "log_data", tmp_path / "song_data", "here")
    with pytest.raises(LakeError, match="is not a folder"):
        lake.log_months()


def test_the_lake_stays_where_it_is_when_the_process_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lake = FolderLake(Path("log_data"), Path("song_data"), "here")
    for folder in ("song_data", "log_data/2018/11"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.json").write_bytes(b"{}")
    monkeypatch.chdir("/")
    assert [file.key for file in lake.list_songs().files] == ["song_data/x.json"]
    assert lake.log_months() == ["2018-11"]


def test_empty_folders_are_no_months(folder_place: FolderPlace) -> None:
    (folder_place.logs / "2018" / "11" / "deep").mkdir(parents=True)
    assert folder_place.lake.log_months() == []


def test_files_are_read_in_place(folder_place: FolderPlace) -> None:
    folder_place.put(NOVEMBER, b"here")
    path = folder_place.lake.local_path(only(folder_place))
    assert path == folder_place.path(NOVEMBER)
    assert path is not None
    assert path.read_bytes() == b"here"


def test_there_is_no_path_to_a_file_that_is_gone(folder_place: FolderPlace) -> None:
    folder_place.put(NOVEMBER)
    listed = only(folder_place)
    folder_place.delete(NOVEMBER)
    with pytest.raises(FileChanged, match="is gone"):
        folder_place.lake.local_path(listed)


def test_links_that_lead_out_are_ignored_and_never_read(folder_place: FolderPlace, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_bytes(b"secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.json").write_bytes(b"secret")
    # A neighbour whose name begins with the part's.
    (tmp_path / "lake" / "elsewhere2").mkdir()
    (tmp_path / "lake" / "elsewhere2" / "y.json").write_bytes(b"secret")
    folder_place.put(SONG)
    links = {"out": secret, "neighbour": tmp_path / "lake" / "elsewhere2" / "y.json", "nowhere": tmp_path / "none"}
    for name, target in links.items():
        (folder_place.songs / f"{name}.json").symlink_to(target)
    (folder_place.songs / "folder").symlink_to(tmp_path / "outside")

    listing = folder_place.lake.list_songs()
    assert [file.key for file in listing.files] == [SONG]
    ignored = [f"song_data/{name}" for name in ("folder", "neighbour.json", "nowhere.json", "out.json")]
    assert listing.ignored == ignored

    state = secret.stat()
    for key in (*ignored, "song_data/folder/x.json"):
        assert folder_place.lake.stat(key) is None
    for key in ("song_data/out.json", "song_data/folder/x.json"):
        forged = LakeFile(key, f"{state.st_mtime_ns:x}-{state.st_size:x}", state.st_size)
        for attempt in (folder_place.lake.read, folder_place.lake.local_path):
            with pytest.raises(FileChanged):
                attempt(forged)


def test_links_to_files_inside_the_part_count(folder_place: FolderPlace) -> None:
    folder_place.put(SONG, b"song")
    (folder_place.songs / "again.json").symlink_to(folder_place.path(SONG))
    files = folder_place.lake.list_songs().files
    assert [file.key for file in files] == [SONG, "song_data/again.json"]
    assert [folder_place.lake.read(file) for file in files] == [b"song", b"song"]
    assert folder_place.lake.stat("song_data/again.json") == files[1]


def test_links_to_folders_are_ignored_so_loops_end(folder_place: FolderPlace) -> None:
    folder_place.put(SONG)
    (folder_place.songs / "A" / "loop").symlink_to(folder_place.songs)
    listing = folder_place.lake.list_songs()
    assert [file.key for file in listing.files] == [SONG]
    assert listing.ignored == ["song_data/A/loop"]


def test_a_linked_month_is_ignored_and_shown(folder_place: FolderPlace, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.json").write_bytes(b"{}")
    (folder_place.logs / "2018").mkdir()
    (folder_place.logs / "2018" / "11").symlink_to(tmp_path / "outside")
    assert folder_place.lake.log_months() == []
    assert folder_place.lake.list_logs("2018-11") == ([], ["log_data/2018/11"])


def test_the_part_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk" / "2018" / "11").mkdir(parents=True)
    (tmp_path / "disk" / "2018" / "11" / "x.json").write_bytes(b"{}")
    (tmp_path / "disk" / "2018" / "11" / "y.json").symlink_to("x.json")
    (tmp_path / "log_data").symlink_to(tmp_path / "disk")
    lake = FolderLake(tmp_path / "log_data", tmp_path / "song_data", "here")
    assert lake.log_months() == ["2018-11"]
    assert [file.key for file in lake.list_logs("2018-11").files] == [
        "log_data/2018/11/x.json",
        "log_data/2018/11/y.json",
    ]


def test_pipes_are_ignored_and_nothing_waits_for_them(folder_place: FolderPlace) -> None:
    os.mkfifo(folder_place.songs / "pipe.json")
    assert folder_place.lake.list_songs() == ([], ["song_data/pipe.json"])
    assert folder_place.lake.stat("song_data/pipe.json") is None
    with pytest.raises(FileChanged):
        folder_place.lake.read(LakeFile("song_data/pipe.json", "0-0", 0))


def test_a_folder_in_the_place_of_a_file_is_no_file(folder_place: FolderPlace) -> None:
    (folder_place.songs / "A.json").mkdir()
    assert folder_place.lake.list_songs() == ([], [])
    assert folder_place.lake.stat("song_data/A.json") is None


def test_names_that_are_not_utf_8_are_ignored_and_can_be_shown(folder_place: FolderPlace) -> None:
    try:
        (folder_place.songs / os.fsdecode(b"caf\xe9.json")).write_bytes(b"{}")
    except OSError:
        pytest.skip("this file system takes no such names")
    listing = folder_place.lake.list_songs()
    assert listing == ([], ["song_data/caf\\udce9.json"])


def test_names_that_forge_lines_are_shown_on_one(folder_place: FolderPlace) -> None:
    folder_place.put("song_data/a\nERROR b.json")
    assert folder_place.lake.list_songs() == ([], ["song_data/a\\x0aERROR b.json"])


def test_a_touched_file_is_another_version_of_the_same_size(folder_place: FolderPlace) -> None:
    folder_place.put(NOVEMBER, b"same")
    before = only(folder_place)
    folder_place.put(NOVEMBER, b"same")
    assert only(folder_place).etag != before.etag


def test_an_etag_is_made_of_time_and_size(folder_place: FolderPlace) -> None:
    folder_place.put(NOVEMBER, b"x" * 255)
    os.utime(folder_place.path(NOVEMBER), ns=(0, 0xABC))
    assert only(folder_place) == LakeFile(NOVEMBER, "abc-ff", 255)


class _MeddlingStream(io.FileIO):
    """A file that somebody writes to while it is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        Path(os.fsdecode(self.name)).write_bytes(b"something else")
        return content or b""


def test_a_file_written_to_while_it_is_read_is_seen(folder_place: FolderPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_place.put(NOVEMBER, b"one")
    listed = only(folder_place)
    monkeypatch.setattr(folder_module, "open", lambda path, _: _MeddlingStream(path), raising=False)
    with pytest.raises(FileChanged, match="overwritten"):
        folder_place.lake.read(listed)


def test_a_file_replaced_while_it_is_read_gives_the_version_asked_for(
    folder_place: FolderPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_place.put(NOVEMBER, b"one")
    listed = only(folder_place)
    (tmp_path / "new").write_bytes(b"two")

    def open_then_replace(path: str, mode: str) -> Any:
        stream = io.FileIO(path, mode)
        (tmp_path / "new").replace(path)
        return stream

    monkeypatch.setattr(folder_module, "open", open_then_replace, raising=False)
    assert folder_place.lake.read(listed) == b"one"


def test_a_file_deleted_between_the_look_and_the_opening_is_gone(
    folder_place: FolderPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_place.put(NOVEMBER, b"one")
    listed = only(folder_place)

    def delete_then_open(path: str, mode: str) -> Any:
        os.unlink(path)
        return open(path, mode)

    monkeypatch.setattr(folder_module, "open", delete_then_open, raising=False)
    with pytest.raises(FileChanged, match="is gone"):
        folder_place.lake.read(listed)


def _denied(path: Any, *_: Any, **__: Any) -> Any:
    raise PermissionError(13, "Permission denied", path)


def test_an_unreadable_file_is_named(
    folder_place: FolderPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_place.put(NOVEMBER)
    listed = only(folder_place)
    monkeypatch.setattr(folder_module, "open", _denied, raising=False)
    for attempt in (lambda: folder_place.lake.read(listed), lambda: folder_place.lake.fetch([listed], tmp_path / "c")):
        with pytest.raises(LakeError, match=r"cannot read .*2018-11-01-events\.json: Permission denied"):
            attempt()


def test_an_unreadable_folder_is_named_and_never_an_empty_one(
    folder_place: FolderPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_place.put(NOVEMBER)
    folder_place.put(SONG)
    monkeypatch.setattr(os, "scandir", _denied)
    for ask in (folder_place.lake.log_months, folder_place.lake.list_songs, folder_place.lake.check):
        with pytest.raises(LakeError, match=r"cannot read .*Permission denied"):
            ask()


def test_permissions_that_are_really_missing_are_named(folder_place: FolderPlace) -> None:
    folder_place.put(SONG)
    listed = folder_place.lake.list_songs().files[0]
    folder_place.path(SONG).chmod(0)
    if os.access(folder_place.path(SONG), os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(LakeError, match="Permission denied"):
        folder_place.lake.read(listed)
    folder_place.path(SONG).parent.chmod(0)
    try:
        with pytest.raises(LakeError, match="Permission denied"):
            folder_place.lake.list_songs()
        with pytest.raises(LakeError, match="Permission denied"):
            folder_place.lake.stat(SONG)
    finally:
        folder_place.path(SONG).parent.chmod(0o755)


def test_files_and_folders_that_disappear_during_a_listing_are_not_there(
    folder_place: FolderPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/1.json", "a/2.json", "b/1.json", "c.json"):
        folder_place.put(f"song_data/{name}")
    look = folder_module._entries

    def look_then_delete(path: str) -> list[os.DirEntry[str]]:
        entries = look(path)
        if Path(path) == folder_place.songs:
            (folder_place.songs / "b" / "1.json").unlink()
            (folder_place.songs / "b").rmdir()
            (folder_place.songs / "c.json").unlink()
        if Path(path).name == "a":
            (folder_place.songs / "a" / "1.json").unlink()
        return entries

    monkeypatch.setattr(folder_module, "_entries", look_then_delete)
    assert [file.key for file in folder_place.lake.list_songs().files] == ["song_data/a/2.json"]


def test_listing_while_files_come_and_go_never_fails(folder_place: FolderPlace) -> None:
    folder_place.put("song_data/stays.json")
    stop = threading.Event()

    def meddle() -> None:
        while not stop.is_set():
            for number in range(30):
                folder_place.put(f"song_data/{number % 3}/{number}.json")
            for number in range(30):
                folder_place.delete(f"song_data/{number % 3}/{number}.json")

    meddler = threading.Thread(target=meddle)
    meddler.start()
    try:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            assert "song_data/stays.json" in {file.key for file in folder_place.lake.list_songs().files}
    finally:
        stop.set()
        meddler.join()


def test_thousands_of_files_are_listed_in_a_moment(folder_place: FolderPlace) -> None:
    for number in range(30):
        above = folder_place.songs / f"{number:02d}"
        above.mkdir()
        for name in range(100):
            (above / f"{name}.json").touch()
    started = time.process_time()
    listing = folder_place.lake.list_songs()
    assert len(listing.files) == 3000
    # It takes some 0.02 s of the processor; the limit is for what would make it quadratic.
    assert time.process_time() - started < 0.5


def test_a_lake_shows_its_location(tmp_path: Path) -> None:
    lake = FolderLake(tmp_path / "a", tmp_path / "b", "./lake")
    assert lake.location == "./lake"
    assert repr(lake) == "FolderLake('./lake')"
