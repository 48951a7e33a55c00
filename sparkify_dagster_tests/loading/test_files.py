"""What becomes of files and of whole loads: what is loaded, what is refused, what stays, and what the ledger says.

What belongs here: a lake on this machine, loads of it, and the warehouse afterwards. What does not: the rules for one
record, lakes in S3, and two loads at once.
"""

import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sparkify_dagster.errors import FileChanged, SparkifyError, WarehouseError
from sparkify_dagster.lake import FolderLake
from sparkify_dagster.loading import LoadRequest, load
from sparkify_dagster.loading.careful import KEPT_OF_A_REFUSED_FILE
from sparkify_dagster.loading.ledger import PIECE_BYTES
from sparkify_dagster.loading.load import ATTEMPTS
from sparkify_dagster.loading.records import MAX_RECORD_BYTES
from sparkify_dagster.showing import printable
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.duckdb.engine import DuckDBSession
from sparkify_dagster_tests.lakes import SONG, event, write
from sparkify_dagster_tests.loading.loads import (
    MONTH_FOLDER,
    NOVEMBER,
    RestlessLake,
    everything,
    latest,
    ledger,
    load_events,
    load_songs,
    rejected,
    rows_of,
    sessions,
    songs,
    staged,
)

STRANGE_NAMES = [
    "[x]*?.json",
    "[a-z].json",
    "?.json",
    "**.json",
    'it\'s "quoted".json',
    "'; DROP TABLE staging_events; --.json",
    "a b  c.json",
    "naïve 🎵 {a,b}.json",
    "%41%2F.json",
    "~$HOME`id`.json",
    "$1 :month.json",
    "a=b&c#d.json",
    "deep/er/x.json",
]


class Files:
    """The files of November 2018 and the songs of a lake; the events of each are known by their session number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, *numbers: int, bad: int = 0, fields: dict[str, Any] | None = None) -> Path:
        """Writes a file of good events with these session numbers, and of bad lines after them."""
        lines = [json.dumps({**event(sessionId=number), **(fields or {})}) for number in numbers]
        return self.put_raw(
            name, "\n".join([*lines, *[f'{{"bad": {number}' for number in range(bad)]]).encode() + b"\n"
        )

    def put_raw(self, name: str, content: bytes) -> Path:
        return write(self.folder / MONTH_FOLDER / name, content)

    def put_song(self, name: str, content: bytes | None = None, **fields: Any) -> Path:
        raw = json.dumps({**SONG, "song_id": name, **fields}).encode() if content is None else content
        return write(self.folder / "song_data" / "A" / f"{name}.json", raw)

    def delete(self, name: str) -> None:
        (self.folder / MONTH_FOLDER / name).unlink()


@pytest.fixture
def files(lake_folder: Path) -> Files:
    return Files(lake_folder)


def accounted(warehouse: DuckDBWarehouse) -> bool:
    """Whether for every file the records are those loaded and those rejected, and its rows are there."""
    staged_rows = dict(rows_of(warehouse, "SELECT file_id, COUNT(*) FROM staging_events GROUP BY file_id"))
    staged_rows |= dict(rows_of(warehouse, "SELECT file_id, COUNT(*) FROM staging_songs GROUP BY file_id"))
    rows = rows_of(warehouse, "SELECT file_id, records, rows_loaded, rows_rejected, removed_by FROM load_files")
    return all(
        records == loaded + bad and staged_rows.get(file_id, 0) == (loaded if removed_by is None else 0)
        for file_id, records, loaded, bad, removed_by in rows
    )


class TestRejectedRecords:
    def test_each_is_kept_with_file_line_and_reason(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        good = json.dumps(event()).encode()
        no_page = json.dumps(event(page=None)).encode()
        files.put_raw("a.json", b"\n".join([good, b"", b"\t" + no_page + b" \r", good, b'["Caf\xe9"]', b'{"cut": "li']))
        files.put("b.json", 7)
        report = load_events(lake, warehouse)
        assert (report.files, report.rows, report.rejected, report.refused) == (2, 3, 3, 0)
        assert [(found.name, found.line, found.encoding, found.raw) for found in rejected(warehouse)] == [
            ("a.json", 3, "text", no_page),
            ("a.json", 5, "base64", b'["Caf\xe9"]'),
            ("a.json", 6, "text", b'{"cut": "li'),
        ]
        assert [found.reason for found in rejected(warehouse)] == [
            "page is missing",
            "not UTF-8 at byte 6",
            "invalid JSON: Unterminated string starting at at character 9",
        ]
        row = latest(warehouse)["a.json"]
        assert (row.status, row.records, row.loaded, row.rejected) == ("loaded", 5, 2, 3)
        assert accounted(warehouse)

    def test_a_nul_is_kept_in_base64_since_no_other_engine_holds_it(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put_raw("a.json", json.dumps(event()).encode() + b"\n{\x00}\n")
        load_events(lake, warehouse)
        (found,) = rejected(warehouse)
        assert (found.encoding, found.raw) == ("base64", b"{\x00}")

    @pytest.mark.parametrize(
        "raw",
        [
            b"{" + b"x" * PIECE_BYTES,
            b"{" + b"x" * (PIECE_BYTES - 1),
            "é".encode() * PIECE_BYTES,
            b"x" + "🎵".encode() * PIECE_BYTES,
            b"\xff" * PIECE_BYTES,
            b"{" + b"x" * MAX_RECORD_BYTES,
        ],
        ids=["just too long", "just fits", "two bytes a character", "four bytes a character", "no text", "over 4 MB"],
    )
    def test_a_long_one_comes_in_pieces_that_join_to_the_original(
        self, raw: bytes, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put_raw("a.json", json.dumps(event()).encode() + b"\n" + raw + b"\n")
        load_events(lake, warehouse)
        (found,) = rejected(warehouse)
        assert found.raw == raw
        assert all(0 < len(piece.encode()) <= PIECE_BYTES for piece in found.pieces)
        assert (len(found.pieces) > 1) == (len(raw) > PIECE_BYTES or found.encoding == "base64")

    @pytest.mark.parametrize("begins", [b'{"x": "', b"  ", b""], ids=["as a record", "with blanks", "with anything"])
    def test_of_a_line_without_end_the_beginning_is_kept_and_the_memory_is_bounded(
        self, begins: bytes, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        filling = b" " if begins.isspace() else b"x"
        line = begins + filling * (64 << 20)
        files.put_raw("a.json", gzip.compress(line + b"\n" + json.dumps(event(sessionId=7)).encode(), 1))
        del line
        tracemalloc.start()
        load_events(lake, warehouse)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        (found,) = rejected(warehouse)
        assert found.reason == "longer than 4,194,304 bytes"
        assert (found.line, found.raw) == (1, (begins + filling * (MAX_RECORD_BYTES + 2))[: MAX_RECORD_BYTES + 2])
        assert sessions(warehouse) == [7]
        assert most < 40 << 20

    def test_those_of_a_replaced_version_stay_with_that_version(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, bad=2)
        load_events(lake, warehouse)
        files.put("a.json", 1, bad=1)
        load_events(lake, warehouse)
        assert len(rejected(warehouse)) == 3
        assert [(row.rejected, row.in_place) for row in ledger(warehouse)] == [(2, False), (1, True)]

    def test_events_of_another_month_are_not_rejected_and_stay_in_their_files_month(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, fields={"ts": 0})
        load_events(lake, warehouse)
        (row,) = rows_of(warehouse, "SELECT log_month, ts FROM staging_events")
        assert [str(value) for value in row] == ["2018-11-01", "1970-01-01 00:00:00"]


class TestWhatIsUnknown:
    def test_an_unknown_field_is_named_in_the_ledger_and_the_rows_load(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, 2, fields={"device": "phone", "beta": None})
        files.put("b.json", 3)
        report = load_events(lake, warehouse)
        assert (report.rows, report.rejected) == (3, 0)
        assert latest(warehouse)["a.json"].unknown_fields == "beta, device"
        assert latest(warehouse)["b.json"].unknown_fields is None

    def test_also_beside_bad_lines(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        files.put("a.json", 1, bad=1, fields={"device": "phone"})
        load_events(lake, warehouse)
        assert latest(warehouse)["a.json"].unknown_fields == "device"

    def test_also_in_gzip(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        files.put_raw("a.json", gzip.compress(json.dumps(event(device="phone")).encode() + b"\n"))
        load_events(lake, warehouse)
        assert latest(warehouse)["a.json"].unknown_fields == "device"

    def test_also_in_songs(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        files.put_song("SO1", genre="pop")
        load_songs(lake, warehouse)
        assert latest(warehouse)["A/SO1.json"].unknown_fields == "genre"

    def test_also_in_a_line_that_no_newline_ends(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put_raw("a.json", json.dumps(event(device="phone")).encode())
        load_events(lake, warehouse)
        assert latest(warehouse)["a.json"].unknown_fields == "device"

    def test_also_where_it_comes_only_at_the_end_of_a_file(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        """As it does when the service is changed in the course of a day."""
        before, after = json.dumps(event()).encode() + b"\n", json.dumps(event(device="phone")).encode() + b"\n"
        files.put_raw("a.json", before * 200 + after * 50)
        load_events(lake, warehouse)
        assert latest(warehouse)["a.json"].unknown_fields == "device"

    @pytest.mark.parametrize("name", [r"\ud800", r"a\u0000b", r"a\nb", r"\u001b[31m", "x" * 5_000, "🎵" * 2_000, ", "])
    @pytest.mark.parametrize("bad", [0, 1])
    def test_whatever_it_is_called_the_file_loads_and_the_name_can_be_shown(
        self, name: str, bad: int, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        line = json.dumps(event()).encode()[:-1] + f', "{name}": 1}}\n'.encode()
        files.put_raw("a.json", line + b"{\n" * bad)
        assert load_events(lake, warehouse).rows == 1
        named = latest(warehouse)["a.json"].unknown_fields
        assert named
        assert named == printable(named)
        assert len(named.encode()) <= 4096


class TestCompressedFiles:
    @pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
    def test_gzip_is_recognised_by_its_content(
        self, name: str, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("plain.json", 1)
        plain = (files.folder / MONTH_FOLDER / "plain.json").read_bytes()
        files.put_raw(name, gzip.compress(plain))
        load_events(lake, warehouse)
        assert sessions(warehouse) == [1, 1]

    def test_a_plain_file_named_gz_loads(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        files.put("a.json.gz", 1, 2)
        load_events(lake, warehouse)
        assert sessions(warehouse) == [1, 2]

    @pytest.mark.parametrize("kept", [2, 10, 100, -9, -8, -1])
    def test_of_a_cut_one_nothing_loads_and_the_others_do(
        self, kept: int, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        lines = "".join(json.dumps(event(sessionId=number)) + "\n" for number in range(500)).encode()
        files.put_raw("cut.json.gz", gzip.compress(lines)[:kept])
        files.put("whole.json", 7)
        report = load_events(lake, warehouse)
        assert (report.files, report.refused, report.rows) == (1, 1, 1)
        assert sessions(warehouse) == [7]
        row = latest(warehouse)["cut.json.gz"]
        assert (row.status, row.loaded, row.note) == ("refused", 0, "its gzip compression is broken or cut")
        assert accounted(warehouse)

    def test_one_with_a_changed_byte_or_with_something_after_it_is_refused(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        packed = gzip.compress(json.dumps(event()).encode() * 1)
        files.put_raw("changed.json", packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:])
        files.put_raw("followed.json", packed + b"garbage")
        assert load_events(lake, warehouse).refused == 2
        assert sessions(warehouse) == []

    def test_a_cut_one_leaves_the_rows_of_its_former_version(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, 2)
        load_events(lake, warehouse)
        files.put_raw("a.json", gzip.compress(json.dumps(event(sessionId=3)).encode() * 9)[:-4])
        load_events(lake, warehouse)
        assert sessions(warehouse) == [1, 2]
        assert [(row.status, row.in_place) for row in ledger(warehouse)] == [("loaded", True), ("refused", False)]

    def test_a_cut_song_leaves_the_rows_of_its_former_version(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put_song("SO1")
        load_songs(lake, warehouse)
        files.put_song("SO1", gzip.compress(json.dumps({**SONG, "song_id": "SO2"}).encode())[:-4])
        assert load_songs(lake, warehouse).refused == 1
        assert songs(warehouse) == ["SO1"]


class TestRefusedFiles:
    def test_one_with_too_many_bad_records_is_refused_whole_and_the_others_load(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("bad.json", *range(100), bad=11)
        files.put("good.json", 1_000)
        report = load_events(lake, warehouse)
        assert (report.files, report.refused, report.rows, report.rejected) == (1, 1, 1, 111)
        assert sessions(warehouse) == [1_000]
        row = latest(warehouse)["bad.json"]
        assert (row.status, row.records, row.loaded, row.rejected) == ("refused", 111, 0, 111)
        assert row.note == "11 of 111 records are bad, more than the share of 0.01"
        assert [found.line for found in rejected(warehouse)] == list(range(101, 112))
        assert accounted(warehouse)

    def test_its_former_rows_stay(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        files.put("a.json", 1, 2)
        load_events(lake, warehouse)
        before = staged(warehouse)
        files.put("a.json", 3, bad=11)
        report = load_events(lake, warehouse)
        assert (report.refused, report.replaced) == (1, 0)
        assert staged(warehouse) == before
        assert [(row.status, row.in_place) for row in ledger(warehouse)] == [("loaded", True), ("refused", False)]

    @pytest.mark.parametrize("good", [0, 10])
    def test_ten_bad_records_never_refuse_a_file(
        self, good: int, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", *range(good), bad=10)
        report = load_events(lake, warehouse)
        assert (report.files, report.refused, report.rows, report.rejected) == (1, 0, good, 10)

    def test_one_in_a_hundred_is_not_too_many(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        files.put("just.json", *range(1_089), bad=11)
        files.put("more.json", *range(1_088), bad=11)
        assert load_events(lake, warehouse).refused == 1
        assert {name: row.status for name, row in latest(warehouse).items()} == {
            "just.json": "loaded",
            "more.json": "refused",
        }

    @pytest.mark.parametrize(
        ("share", "status"), [(0.0, "refused"), (0.19, "refused"), (0.2, "loaded"), (1.0, "loaded")]
    )
    def test_the_share_is_a_setting(
        self, share: float, status: str, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", *range(80), bad=20)
        load_events(lake, warehouse, max_rejected=share)
        assert latest(warehouse)["a.json"].status == status

    def test_corrected_later_it_loads_and_replaces_its_former_rows(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1)
        files.put("b.json", 10)
        load_events(lake, warehouse)
        files.put("a.json", 1, 2, bad=11)
        load_events(lake, warehouse)
        files.put("a.json", 1, 2, 3)
        report = load_events(lake, warehouse)
        assert (report.files, report.refused, report.replaced, report.unchanged) == (1, 0, 1, 1)
        assert sessions(warehouse) == [1, 2, 3, 10]
        assert [row.in_place for row in ledger(warehouse) if row.name == "a.json"] == [False, False, True]

    def test_it_is_not_read_again_until_it_changes(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", bad=11)
        load_events(lake, warehouse)
        report = load_events(lake, warehouse)
        assert (report.load_id, report.unchanged) == (None, 1)

    def test_a_rebuild_with_another_share_takes_it(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, bad=11)
        load_events(lake, warehouse)
        load_events(lake, warehouse, rebuild=True, max_rejected=1.0)
        assert sessions(warehouse) == [1]

    def test_so_many_of_its_bad_records_are_kept_and_all_are_counted(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, bad=KEPT_OF_A_REFUSED_FILE + 5)
        load_events(lake, warehouse)
        assert len(rejected(warehouse)) == KEPT_OF_A_REFUSED_FILE
        assert latest(warehouse)["a.json"].records == KEPT_OF_A_REFUSED_FILE + 6


class TestChanges:
    def test_loading_again_changes_nothing(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        files.put("a.json", 1, 2)
        files.put("b.json", 3, bad=1)
        load_events(lake, warehouse)
        before = everything(warehouse)
        report = load_events(lake, warehouse)
        assert (report.load_id, report.files, report.rows, report.unchanged) == (None, 0, 0, 2)
        assert everything(warehouse) == before

    def test_an_overwritten_file_replaces_its_own_rows_and_no_others(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, 2)
        files.put("b.json", 1, 2)
        load_events(lake, warehouse)
        files.put("a.json", 2, 3)
        report = load_events(lake, warehouse)
        assert (report.files, report.replaced, report.unchanged, report.rows) == (1, 1, 1, 2)
        assert sessions(warehouse) == [1, 2, 2, 3]
        assert [(row.name, row.in_place) for row in ledger(warehouse)] == [
            ("a.json", False),
            ("b.json", True),
            ("a.json", True),
        ]
        assert accounted(warehouse)

    def test_the_same_content_written_again_leaves_the_same_rows(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, 2)
        load_events(lake, warehouse)
        content = "SELECT * EXCLUDE (file_id) FROM staging_events ORDER BY session_id"
        before = rows_of(warehouse, content)
        files.put("a.json", 1, 2)
        load_events(lake, warehouse)
        assert rows_of(warehouse, content) == before

    def test_an_overwritten_file_may_become_empty(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1)
        load_events(lake, warehouse)
        files.put_raw("a.json", b"")
        load_events(lake, warehouse)
        assert sessions(warehouse) == []
        assert [row.records for row in ledger(warehouse)] == [1, 0]

    def test_a_late_file_is_added_to_its_month_alone(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("b.json", 2)
        load_events(lake, warehouse)
        write(files.folder / "log_data/2018/10/late.json", json.dumps(event(sessionId=1)).encode())
        assert load_events(lake, warehouse).files == 0
        report = load_events(lake, warehouse, months=("2018-01", "2018-12"))
        assert list(report.months) == ["2018-10"]
        assert sessions(warehouse) == [1, 2]

    def test_a_deleted_file_keeps_its_rows_until_somebody_prunes(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1)
        files.put("b.json", 2)
        load_events(lake, warehouse)
        files.delete("a.json")
        report = load_events(lake, warehouse)
        assert (report.gone, report.pruned, report.load_id) == (1, 0, None)
        assert sessions(warehouse) == [1, 2]
        report = load_events(lake, warehouse, prune=True)
        assert (report.gone, report.pruned) == (1, 1)
        assert sessions(warehouse) == [2]
        assert {name: row.in_place for name, row in latest(warehouse).items()} == {"a.json": False, "b.json": True}
        assert load_events(lake, warehouse, prune=True).gone == 0

    def test_pruning_touches_only_the_months_that_were_asked_for(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        other = write(files.folder / "log_data/2018/10/a.json", json.dumps(event(sessionId=1)).encode())
        files.put("b.json", 2)
        load_events(lake, warehouse, months=("2018-10", "2018-11"))
        other.unlink()
        files.delete("b.json")
        load_events(lake, warehouse, prune=True)
        assert sessions(warehouse) == [1]

    def test_a_pruned_file_that_comes_back_is_loaded_again(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse, tmp_path: Path
    ) -> None:
        path = files.put("a.json", 1)
        load_events(lake, warehouse)
        aside = path.rename(tmp_path / "aside")
        load_events(lake, warehouse, prune=True)
        aside.rename(path)
        load_events(lake, warehouse)
        assert sessions(warehouse) == [1]

    def test_a_rebuild_keeps_the_same_rows(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        files.put("a.json", 1, 2, bad=1)
        files.put("b.json", 3)
        files.put("gone.json", 4)
        files.put("refused.json", 5)
        load_events(lake, warehouse)
        files.delete("gone.json")
        files.put("refused.json", 6, bad=11)
        load_events(lake, warehouse)
        before = staged(warehouse)
        report = load_events(lake, warehouse, rebuild=True)
        assert (report.files, report.replaced, report.refused, report.unchanged) == (2, 2, 1, 0)
        assert staged(warehouse) == before
        assert accounted(warehouse)

    def test_whatever_order_files_come_in_the_rows_are_the_same(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse, tmp_path: Path
    ) -> None:
        step_by_step = DuckDBWarehouse(tmp_path / "other.duckdb")
        for number, name in enumerate(["c.json", "a.json", "b.json"]):
            files.put(name, number, number + 10)
            load_events(lake, step_by_step)
        load_events(lake, warehouse)
        assert staged(warehouse) == staged(step_by_step)
        step_by_step.close()


class TestChangesMeanwhile:
    """A file that changes between the listing and the end of a load: all of one version counts, or nothing."""

    @pytest.mark.parametrize("moment", ["listed", "opened", "verified"])
    @pytest.mark.parametrize("bad", [0, 1], ids=["read as it is", "looked at closer"])
    def test_a_file_that_changes_once_loads_in_its_new_version(
        self, moment: str, bad: int, files: Files, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, 2, bad=bad)
        files.put("b.json", 10)

        def change(times: int) -> None:
            if times == 0:
                files.put("a.json", 3, 4, 5, bad=bad)

        restless = RestlessLake(files.folder, moment, change)
        report = load_events(restless, warehouse)
        assert restless.times > 0
        assert sessions(warehouse) == [3, 4, 5, 10]
        assert (report.rows, report.rejected) == (4, bad)
        held = restless.stat(f"{MONTH_FOLDER}/a.json")
        assert held is not None
        assert rows_of(warehouse, "SELECT etag FROM load_files WHERE file_key LIKE '%/a.json'") == [(held.etag,)]

    @pytest.mark.parametrize("moment", ["listed", "opened", "verified"])
    def test_a_file_that_keeps_changing_fails_the_load_and_leaves_the_former_rows(
        self, moment: str, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1)
        load_events(lake, warehouse)
        before = everything(warehouse)
        files.put("a.json", 2)
        files.put("b.json", 3)
        restless = RestlessLake(files.folder, moment, lambda times: void(files.put("a.json", 100 + times)))
        with pytest.raises(FileChanged, match=r"a\.json.*overwritten"):
            load_events(restless, warehouse)
        assert restless.times >= ATTEMPTS
        assert everything(warehouse) == before
        assert load_events(lake, warehouse).rows == 2

    @pytest.mark.parametrize("moment", ["listed", "opened", "verified"])
    @pytest.mark.parametrize("bad", [0, 1], ids=["read as it is", "looked at closer"])
    def test_a_file_that_is_deleted_meanwhile_is_not_loaded_and_the_others_are(
        self, moment: str, bad: int, files: Files, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, bad=bad)
        files.put("b.json", 2)

        def delete(times: int) -> None:
            if times == 0:
                files.delete("a.json")

        report = load_events(RestlessLake(files.folder, moment, delete), warehouse)
        assert report.rows == 1
        assert sessions(warehouse) == [2]
        assert list(latest(warehouse)) == ["b.json"]

    @pytest.mark.parametrize("moment", ["listed", "verified"])
    def test_a_song_that_changes_loads_in_its_new_version(
        self, moment: str, files: Files, warehouse: DuckDBWarehouse
    ) -> None:
        files.put_song("SO1", title="old")

        def change(times: int) -> None:
            if times == 0:
                files.put_song("SO1", title="new")

        load_songs(RestlessLake(files.folder, moment, change), warehouse)
        assert rows_of(warehouse, "SELECT title FROM staging_songs") == [("new",)]


def void(_: object) -> None:
    pass


class TestNames:
    def test_every_name_loads_its_own_content_once(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        for number, name in enumerate(STRANGE_NAMES):
            files.put(name, number)
        files.put("x.json", 100)
        files.put("abc.json", 101)
        report = load_events(lake, warehouse)
        assert (report.files, report.rows) == (len(STRANGE_NAMES) + 2, len(STRANGE_NAMES) + 2)
        found = rows_of(
            warehouse,
            "SELECT f.file_key, e.session_id "
            "FROM staging_events AS e INNER JOIN load_files AS f ON e.file_id = f.file_id",
        )
        expected = {**{name: number for number, name in enumerate(STRANGE_NAMES)}, "x.json": 100, "abc.json": 101}
        assert {key.removeprefix(f"{MONTH_FOLDER}/"): number for key, number in found} == expected

    @pytest.mark.parametrize("bad", [0, 1])
    def test_one_of_them_can_be_replaced_and_no_other_file_is_touched(
        self, bad: int, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        for number, name in enumerate(STRANGE_NAMES):
            files.put(name, number, bad=bad)
        load_events(lake, warehouse)
        files.put(STRANGE_NAMES[0], 1_000, bad=bad)
        report = load_events(lake, warehouse)
        assert (report.files, report.replaced) == (1, 1)
        assert sessions(warehouse) == [*range(1, len(STRANGE_NAMES)), 1_000]

    def test_songs_may_be_called_anything_too(self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse) -> None:
        for number, name in enumerate(STRANGE_NAMES):
            files.put_song(name, song_id=f"SO{number:02}")
        load_songs(lake, warehouse)
        assert songs(warehouse) == [f"SO{number:02}" for number in range(len(STRANGE_NAMES))]

    @pytest.mark.parametrize("name", ["[x]*?", "it's", 'a "b" \\ c', "🎵 {a,b}", "'); DROP TABLE loads; --", "%s"])
    def test_so_may_the_folder_of_the_lake(self, name: str, tmp_path: Path, warehouse: DuckDBWarehouse) -> None:
        folder = tmp_path / name
        files = Files(folder)
        files.put("a.json", 1)
        files.put("b.json", 2, bad=1)
        files.put_raw("c.json", gzip.compress(json.dumps(event(sessionId=3)).encode()))
        files.put_song("SO1")
        lake = FolderLake(folder / "log_data", folder / "song_data", "the lake")
        load_events(lake, warehouse)
        load_songs(lake, warehouse)
        assert (sessions(warehouse), songs(warehouse)) == ([1, 2, 3], ["SO1"])

    @pytest.mark.parametrize("text", ["'; DROP TABLE staging_events; --", "$1", ":run_id", '"', "\\", "🎵", "%s", "{}"])
    def test_values_are_stored_as_they_are(
        self, text: str, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, fields={"artist": text, "userAgent": text, "song": text})
        files.put("b.json", 1, bad=1, fields={"artist": text, "userAgent": text, "song": text})
        files.put_raw("c.json", f"{text} {text}".encode())
        load(LoadRequest("staging_events", text, months=NOVEMBER), lake, warehouse)
        assert rows_of(warehouse, "SELECT DISTINCT artist, user_agent, song FROM staging_events") == [(text,) * 3]
        assert rejected(warehouse)[-1].raw == f"{text} {text}".encode()
        assert rows_of(warehouse, "SELECT run_id FROM loads") == [(text,)]


class TestSongFiles:
    def test_a_file_is_one_record_on_however_many_lines(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put_song("pretty", json.dumps({**SONG, "song_id": "SO1"}, indent=4).encode())
        files.put_song(
            "crlf", json.dumps({**SONG, "song_id": "SO2"}, indent=4).replace("\n", "\r\n").encode() + b"\r\n"
        )
        files.put_song("mark", b"\xef\xbb\xbf" + json.dumps({**SONG, "song_id": "SO3"}).encode())
        files.put_song("packed", gzip.compress(json.dumps({**SONG, "song_id": "SO4"}, indent=1).encode()))
        files.put_song("packed mark", gzip.compress(b"\xef\xbb\xbf" + json.dumps({**SONG, "song_id": "SO5"}).encode()))
        report = load_songs(lake, warehouse)
        assert (report.files, report.rows, report.rejected) == (5, 5, 0)
        assert songs(warehouse) == ["SO1", "SO2", "SO3", "SO4", "SO5"]

    @pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
    def test_an_empty_one_is_in_the_ledger_without_rows(
        self, content: bytes, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put_song("SO1", content)
        load_songs(lake, warehouse)
        row = latest(warehouse)["A/SO1.json"]
        assert (row.status, row.records, row.loaded, row.rejected) == ("loaded", 0, 0, 0)

    def test_two_records_in_a_file_are_one_that_is_rejected(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        content = b'{"song_id": "SO1"}\n{"song_id": "SO2"}'
        files.put_song("SO1", content)
        load_songs(lake, warehouse)
        (found,) = rejected(warehouse)
        assert (found.name, found.line, found.raw) == ("A/SO1.json", 1, content)
        assert songs(warehouse) == []

    def test_a_song_whose_new_version_is_broken_is_rejected_and_its_former_row_goes(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        """One bad record is no reason to refuse a file, so the file's new version counts: it has no good record."""
        files.put_song("SO1")
        files.put_song("SO2")
        load_songs(lake, warehouse)
        files.put_song("SO1", b'{"song_id": "SO1", "year": "soon"}')
        report = load_songs(lake, warehouse)
        assert (report.files, report.rejected, report.refused, report.replaced) == (1, 1, 0, 1)
        assert songs(warehouse) == ["SO2"]
        assert rejected(warehouse)[0].reason == "year is the text 'soon' where an integer belongs"
        assert accounted(warehouse)

    def test_full_precision_and_nothing_but_empty_text_becomes_null(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put_song("SO1", artist_latitude=-35.14968123456789, artist_location="", year=0, duration=0.1)
        load_songs(lake, warehouse)
        row = rows_of(
            warehouse, "SELECT artist_latitude, artist_longitude, artist_location, year, duration FROM staging_songs"
        )
        assert row == [(-35.14968123456789, None, None, 0, 0.1)]


def failing(method: Callable[..., None], table: str) -> Callable[..., None]:
    """A method of the session that fails at one table, as a warehouse does whose disk is full."""

    def insert(session: DuckDBSession, name: str, *arguments: Any) -> None:
        if name == table:
            fail()
        method(session, name, *arguments)

    return insert


def fail() -> NoReturn:
    raise WarehouseError("the disk is full")


class TestTransactions:
    @pytest.mark.parametrize("table", ["loads", "load_files", "rejected_records", "build_removed"])
    def test_rows_and_ledger_come_together_or_not_at_all(
        self, table: str, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files.put("a.json", 1)
        load_events(lake, warehouse)
        before = everything(warehouse)
        files.put("a.json", 2, bad=1)
        files.put("b.json", 3)
        with monkeypatch.context() as patched:
            patched.setattr(DuckDBSession, "insert", failing(DuckDBSession.insert, table))
            with pytest.raises(WarehouseError, match="disk is full"):
                load_events(lake, warehouse)
        assert everything(warehouse) == before
        assert load_events(lake, warehouse).rows == 2
        assert sessions(warehouse) == [2, 3]

    def test_nothing_is_there_when_the_first_load_fails(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files.put("a.json", 1)
        files.put_song("SO1")
        monkeypatch.setattr("sparkify_dagster.loading.ledger.record_load", lambda *_, **__: fail())
        for load_one in (load_events, load_songs):
            with pytest.raises(WarehouseError):
                load_one(lake, warehouse)
        assert not any(everything(warehouse).values())

    def test_an_interruption_leaves_nothing_and_locks_nothing(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files.put("a.json", 1)

        def interrupt(*_: object, **__: object) -> NoReturn:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("sparkify_dagster.loading.ledger.record_load", interrupt)
            with pytest.raises(KeyboardInterrupt):
                load_events(lake, warehouse)
        assert not any(everything(warehouse).values())
        assert load_events(lake, warehouse).rows == 1

    def test_no_temporary_files_stay(
        self,
        files: Files,
        lake: FolderLake,
        warehouse: DuckDBWarehouse,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(temporary))
        files.put("a.json", 1, bad=1)
        files.put("[b].json", 2)
        files.put_raw("c.json", gzip.compress(b"{}\n"))
        files.put_raw("d.json", gzip.compress(b"{}\n" * 50)[:-4])
        load_events(lake, warehouse)
        with monkeypatch.context() as patched:
            patched.setattr("sparkify_dagster.loading.ledger.record_load", lambda *_, **__: fail())
            with pytest.raises(SparkifyError):
                load_events(lake, warehouse, rebuild=True)
        assert list(temporary.iterdir()) == []

    def test_the_report_and_the_ledger_say_the_same(
        self, files: Files, lake: FolderLake, warehouse: DuckDBWarehouse
    ) -> None:
        files.put("a.json", 1, 2, bad=1)
        files.put("b.json", bad=11)
        load_events(lake, warehouse)
        size = files.put("a.json", 1, 2, 3, bad=2).stat().st_size
        report = load_events(lake, warehouse)
        assert (report.files, report.bytes, report.rows, report.rejected, report.replaced) == (1, size, 3, 2, 1)
        (row,) = rows_of(
            warehouse,
            "SELECT files_loaded, files_refused, files_removed, bytes_loaded, rows_loaded, rows_rejected, run_id, "
            "table_name FROM loads ORDER BY load_id DESC LIMIT 1",
        )
        assert row == (1, 0, 1, size, 3, 2, "t", "staging_events")
        month = report.months["2018-11"]
        assert (month.files, month.bytes, month.rows, month.rejected) == (1, size, 3, 2)
