"""What every lake does, whatever it is kept in."""

import gzip
from itertools import pairwise
from pathlib import Path

import pytest

from sparkify_dagster.errors import FileChanged, LakeError
from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.lake.base import MAX_IGNORED

from .places import NOVEMBER, SONG, Place

STRANGE_BUT_FINE = [
    "log_data/2018/11/a b.json",
    "log_data/2018/11/a+b.json",
    "log_data/2018/11/a%2Fb%20.json",
    'log_data/2018/11/it\'s "quoted"; drop table x; --.json',
    "log_data/2018/11/&<tag>?#=.json",
    "log_data/2018/11/naïve 🎵.json",
    "log_data/2018/11/deep/er/x.json.gz",
]


def only(lake: Lake, month: str = "2018-11") -> LakeFile:
    (file,) = lake.list_logs(month).files
    return file


def test_an_empty_lake_has_no_months_and_no_files(place: Place) -> None:
    assert place.lake.log_months() == []
    assert place.lake.list_logs("2018-11") == ([], [])
    assert place.lake.list_songs() == ([], [])
    assert place.lake.check() == "answers, 0 months of logs"


def test_months_are_sorted_and_only_those_that_hold_something(place: Place) -> None:
    for key in ("2019/01/b.json", "2018/12/_SUCCESS", "2018/02/deep/er/a.json", "2018/13/a.json", "notes/11/a.json"):
        place.put(f"log_data/{key}")
    place.put("log_data/readme.txt")
    assert place.lake.log_months() == ["2018-02", "2018-12", "2019-01"]


def test_check_counts_the_months(place: Place) -> None:
    place.put(NOVEMBER)
    assert place.lake.check() == "answers, 1 month of logs"
    place.put("log_data/2018/12/a.json")
    place.put(SONG)
    assert place.lake.check() == "answers, 2 months of logs"


def test_a_month_lists_its_own_files_sorted_by_key(place: Place) -> None:
    keys = ["log_data/2018/11/b.json", "log_data/2018/11/a/z.json", "log_data/2018/11/a-b.json", NOVEMBER]
    for key in (*keys, "log_data/2018/12/c.json", "log_data/2018/1/d.json", "log_data/2017/11/e.json", SONG):
        place.put(key, b"12345")
    files, ignored = place.lake.list_logs("2018-11")
    assert [file.key for file in files] == sorted(keys)
    assert {file.size for file in files} == {5}
    assert ignored == []


def test_songs_are_found_at_any_depth_sorted_by_key(place: Place) -> None:
    keys = [SONG, "song_data/A/B/D/TRABD.json.gz", "song_data/loose.json", "song_data/A/B/C/TRABCAA.json"]
    for key in (*keys, NOVEMBER):
        place.put(key)
    files, ignored = place.lake.list_songs()
    assert [file.key for file in files] == sorted(keys)
    assert ignored == []


def test_what_is_no_data_is_shown_as_ignored(place: Place) -> None:
    ignored = [f"log_data/2018/11/{name}" for name in (".x.json.swp", "_SUCCESS", "_temporary/0/x.json", "notes.txt")]
    for key in (*ignored, NOVEMBER, "song_data/A/.DS_Store"):
        place.put(key)
    listing = place.lake.list_logs("2018-11")
    assert [file.key for file in listing.files] == [NOVEMBER]
    assert listing.ignored == sorted(ignored)
    assert place.lake.list_songs() == ([], ["song_data/A/.DS_Store"])


def test_keys_that_could_forge_lines_or_paths_are_ignored_and_shown_escaped(place: Place) -> None:
    place.put("log_data/2018/11/forged\x1b[2Kline.json")
    place.put("log_data/2018/11/back\\slash.json")
    listing = place.lake.list_logs("2018-11")
    assert listing.files == []
    assert listing.ignored == ["log_data/2018/11/back\\slash.json", "log_data/2018/11/forged\\x1b[2Kline.json"]


def test_strange_keys_are_listed_and_read_like_any_other(place: Place, tmp_path: Path) -> None:
    for number, key in enumerate(STRANGE_BUT_FINE):
        place.put(key, str(number).encode())
    files = place.lake.list_logs("2018-11").files
    assert sorted(file.key for file in files) == sorted(STRANGE_BUT_FINE)
    contents = {file.key: place.lake.read(file) for file in files}
    assert contents == {key: str(number).encode() for number, key in enumerate(STRANGE_BUT_FINE)}
    assert [place.lake.stat(file.key) for file in files] == files
    copies = place.lake.fetch(files, tmp_path / "copies")
    assert [path.read_bytes() for path in copies] == [contents[file.key] for file in files]


def test_a_month_that_is_none_is_refused(place: Place) -> None:
    for month in ("2018-13", "2018/11", "../11", ""):
        with pytest.raises(ValueError, match="not a month"):
            place.lake.list_logs(month)


def test_stat_says_what_a_listing_would(place: Place) -> None:
    place.put(NOVEMBER, b"one")
    place.put(SONG, b"three")
    assert place.lake.stat(NOVEMBER) == only(place.lake)
    assert place.lake.stat(SONG) == place.lake.list_songs().files[0]
    assert place.lake.stat("log_data/2018/11/2018-11-01-events.json.gz") is None
    assert place.lake.stat("log_data/2018/12/none.json") is None


def test_stat_does_not_take_the_beginning_of_a_key_for_the_key(place: Place) -> None:
    place.put("log_data/2018/11/a.json.gz")
    assert place.lake.stat("log_data/2018/11/a.json") is None


def test_stat_finds_nothing_under_keys_that_are_no_data(place: Place) -> None:
    place.put("log_data/2018/11/_SUCCESS")
    place.put(NOVEMBER)
    for key in ("log_data/2018/11/_SUCCESS", "log_data/2018/11", "", "x", "log_data/2018/11/../11/x.json", "a\0\udcff"):
        assert place.lake.stat(key) is None


def test_stat_finds_nothing_under_a_key_too_long_to_exist(place: Place) -> None:
    place.put(NOVEMBER)
    assert place.lake.stat(f"log_data/2018/11/{'x' * 900}.json") is None


def test_the_etag_stays_as_long_as_the_content(place: Place) -> None:
    place.put(NOVEMBER, b"one")
    before = only(place.lake)
    assert only(place.lake) == before
    place.put(NOVEMBER, b"two")
    after = only(place.lake)
    assert after.key == before.key
    assert after.etag != before.etag
    assert after.size == before.size
    assert '"' not in after.etag


def test_read_gives_the_bytes_as_stored(place: Place) -> None:
    packed = gzip.compress(b'{"page": "NextSong"}\n')
    everything = bytes(range(256)) * 9000
    for name, content in (("a.json", b""), ("b.json", packed), ("c.json.gz", packed), ("d.json", everything)):
        place.put(f"log_data/2018/11/{name}", content)
    files = place.lake.list_logs("2018-11").files
    assert [place.lake.read(file) for file in files] == [b"", packed, packed, everything]
    assert [file.size for file in files] == [0, len(packed), len(packed), len(everything)]


def test_reading_what_was_overwritten_since_fails_and_names_the_file(place: Place, tmp_path: Path) -> None:
    place.put(NOVEMBER, b"one")
    listed = only(place.lake)
    place.put(NOVEMBER, b"two")
    for attempt in (lambda: place.lake.read(listed), lambda: place.lake.fetch([listed], tmp_path / "copies")):
        with pytest.raises(FileChanged, match="overwritten") as caught:
            attempt()
        assert NOVEMBER in str(caught.value)
    assert place.lake.read(only(place.lake)) == b"two"


def test_reading_what_was_deleted_since_fails_and_names_the_file(place: Place, tmp_path: Path) -> None:
    place.put(NOVEMBER, b"one")
    place.put(SONG)
    listed = only(place.lake)
    place.delete(NOVEMBER)
    assert place.lake.stat(NOVEMBER) is None
    for attempt in (lambda: place.lake.read(listed), lambda: place.lake.fetch([listed], tmp_path / "copies")):
        with pytest.raises(FileChanged, match="is gone") as caught:
            attempt()
        assert NOVEMBER in str(caught.value)


def test_fetch_copies_in_the_order_asked_under_made_up_names(place: Place, tmp_path: Path) -> None:
    for number in range(40):
        place.put(f"song_data/A/{number:02d}.json", str(number).encode())
    place.put("log_data/2018/11/x.json.gz", b"packed")
    files = [*reversed(place.lake.list_songs().files), only(place.lake)]
    folder = tmp_path / "new" / "folder"
    paths = place.lake.fetch(files, folder)
    assert [path.read_bytes() for path in paths] == [
        *(str(number).encode() for number in reversed(range(40))),
        b"packed",
    ]
    assert paths == [folder / f"{number:06d}.json" for number in range(41)]
    assert sorted(folder.iterdir()) == paths


def test_fetch_of_nothing_gives_nothing(place: Place, tmp_path: Path) -> None:
    assert place.lake.fetch([], tmp_path / "copies") == []


def test_fetch_fails_as_a_whole_if_one_file_has_changed(place: Place, tmp_path: Path) -> None:
    for number in range(20):
        place.put(f"song_data/A/{number:02d}.json", b"old")
    files = place.lake.list_songs().files
    place.put("song_data/A/07.json", b"new")
    with pytest.raises(FileChanged, match=r"song_data/A/07\.json"):
        place.lake.fetch(files, tmp_path / "copies")


def test_a_place_that_cannot_be_written_is_named(place: Place, tmp_path: Path) -> None:
    place.put(NOVEMBER)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LakeError, match="cannot write") as caught:
        place.lake.fetch([only(place.lake)], tmp_path / "file")
    assert str(tmp_path / "file") in str(caught.value)
    (tmp_path / "copies" / "000000.json").mkdir(parents=True)
    with pytest.raises(LakeError, match=r"cannot write .*000000\.json"):
        place.lake.fetch([only(place.lake)], tmp_path / "copies")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device here that is always full")
def test_a_full_disk_is_named_as_such(place: Place, tmp_path: Path) -> None:
    place.put(NOVEMBER, b"x" * 100_000)
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "000000.json").symlink_to("/dev/full")
    with pytest.raises(LakeError, match=r"cannot write .*No space left"):
        place.lake.fetch([only(place.lake)], tmp_path / "copies")


@pytest.mark.parametrize(
    "key", ["log_data/../secret.json", "log_data/2018/11/../../x.json", "/etc/passwd", "x", "", "song_data/\0.json"]
)
def test_made_up_keys_are_refused(place: Place, tmp_path: Path, key: str) -> None:
    place.put(NOVEMBER)
    forged = LakeFile(key, "e", 1)
    for attempt in (
        lambda: place.lake.read(forged),
        lambda: place.lake.local_path(forged),
        lambda: place.lake.fetch([forged], tmp_path / "copies"),
    ):
        with pytest.raises(LakeError, match="refused"):
            attempt()


def test_at_most_a_thousand_ignored_keys_are_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_IGNORED == 1000
    for module in ("folder", "s3"):
        monkeypatch.setattr(f"sparkify_dagster.lake.{module}.MAX_IGNORED", 3)
    for number in range(5):
        place.put(f"song_data/{number}.txt")
    place.put(SONG)
    listing = place.lake.list_songs()
    assert len(listing.ignored) == 3
    assert [file.key for file in listing.files] == [SONG]


def test_pages_together_are_the_listing_and_go_on_after_any_key(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkify_dagster.lake.folder._PAGE_KEYS", 3)
    names = [
        "a.json",
        "a-b.json",
        "a/z.json",
        "a/b/c.json",
        "a b.json",
        "b.json",
        "é.json",
        "🎵.json",
        "notes.txt",
        "c/_x",
    ]
    for name in names:
        place.put(f"log_data/2018/11/{name}")
        place.put(f"song_data/{name}")
    for listed, pages in (
        (place.lake.list_logs("2018-11").files, place.lake.log_pages),
        (place.lake.list_songs().files, place.lake.song_pages),
    ):
        assert len(listed) == 8
        for after in ("", *(file.key for file in listed), f"{listed[2].key}!", f"{listed[-1].key}zzz"):
            found = [*pages(after=after)]
            assert [file for page in found for file in page.files] == [file for file in listed if file.key > after]
            assert [page.last is None for page in found] == [False] * (len(found) - 1) + [True]
            for page, following in pairwise(found):
                assert all(file.key <= (page.last or "") for file in page.files)
                assert all(file.key > (page.last or "") for file in following.files)
