"""How log files and songs get into Redshift: by which COPY, with which manifest, and what becomes of doubtful files.

What belongs here: what is true of loading into Redshift alone, and that it rejects what DuckDB rejects. What doesn't:
the tables that come of it, which the tests of the contract compare for both engines.
"""

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.lake import FolderLake, LakeFile, S3Lake
from sparkify_dagster.lake.keys import LOG_PART
from sparkify_dagster.tables import catalog
from sparkify_dagster.tables.jsonpaths import jsonpaths
from sparkify_dagster.warehouse.redshift import staging
from sparkify_dagster.warehouse.redshift.engine import RedshiftSession, RedshiftWarehouse
from sparkify_dagster_tests.lake.places import S3Place
from sparkify_dagster_tests.lakes import SONG
from sparkify_dagster_tests.loading.loads import ledger, load_events, load_songs, rows_of
from sparkify_dagster_tests.redshift.double import RedshiftDouble
from sparkify_dagster_tests.redshift.errors import ServerError

from .days import FIRST, days, key_of, lines, on


def copies_of(double: RedshiftDouble, action: Callable[[], Any]) -> list[str]:
    """The text of the COPYs that an action leads to."""
    double.copies.clear()
    action()
    return [copy.text for copy in double.copies]


def files_of_rows(warehouse: RedshiftWarehouse) -> dict[int, str]:
    """The name of the file of each event, by its session."""
    found = rows_of(
        warehouse,
        "SELECT e.session_id, f.file_key FROM staging_events AS e INNER JOIN load_files AS f ON e.file_id = f.file_id",
    )
    return {session: key.removeprefix("log_data/2018/11/")[:10] for session, key in found}


class TestCopy:
    @pytest.mark.parametrize("count", [1, 2, 30])
    def test_a_month_is_one_copy_whatever_its_number_of_files(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble, count: int
    ) -> None:
        for day in days(count):
            s3_place.put(key_of(day), lines(on(day, 0), on(day, 1)))
        (text,) = copies_of(double, lambda: load_events(s3_place.lake, redshift))
        assert "build_incoming" in text
        assert "GZIP" not in text
        assert rows_of(redshift, "SELECT COUNT(*) AS n FROM staging_events") == [(2 * count,)]

    def test_each_compression_is_a_copy_of_its_own(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble
    ) -> None:
        for number, day in enumerate(days(9)):
            content = lines(on(day, 0))
            # Packed ones are recognised by their first bytes, whatever they are called.
            packed = number % 3
            s3_place.put(key_of(day, ".gz" if packed == 2 else ""), gzip.compress(content) if packed else content)
        texts = copies_of(double, lambda: load_events(s3_place.lake, redshift))
        assert sorted("GZIP" in text for text in texts) == [False, True]
        assert rows_of(redshift, "SELECT COUNT(*) AS n FROM staging_events") == [(9,)]

    def test_the_statements_do_not_grow_with_the_files(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble
    ) -> None:
        said: list[int] = []
        for day in days(30):
            s3_place.put(key_of(day), lines(on(day, 0)))
            if day.day in {1, 2, 30}:
                double.statements.clear()
                load_events(s3_place.lake, redshift, rebuild=True)
                said.append(len(double.statements))
        # The first one replaces nothing.
        assert said[1] == said[2]
        assert said[1] < 50

    def test_the_manifest_names_just_the_new_files_and_all_are_mandatory(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written: dict[str, bytes] = {}
        put_object = s3_place.client.put_object

        def keeping(**arguments: Any) -> Any:
            written[arguments["Key"].rpartition("-")[2]] = arguments["Body"]
            return put_object(**arguments)

        s3_place.put(key_of(FIRST), lines(on(FIRST)))
        load_events(s3_place.lake, redshift)
        new = days(3)[1:]
        for day in new:
            s3_place.put(key_of(day), lines(on(day)))
        monkeypatch.setattr(s3_place.client, "put_object", keeping)
        load_events(s3_place.lake, redshift)
        addresses = [f"s3://{s3_place.bucket}/{s3_place.s3_key(key_of(day))}" for day in new]
        assert json.loads(written["manifest.json"]) == {"entries": [{"url": a, "mandatory": True} for a in addresses]}
        assert written["jsonpaths.json"].decode() == jsonpaths(catalog()["staging_events"], LOG_PART)

    def test_nothing_is_left_below_the_manifests(self, redshift: RedshiftWarehouse, s3_place: S3Place) -> None:
        s3_place.put(key_of(FIRST), lines(on(FIRST)) + b"{")
        s3_place.put("song_data/A/B/C/TR1.json", json.dumps(SONG).encode())
        load_events(s3_place.lake, redshift)
        load_songs(s3_place.lake, redshift)
        found = s3_place.client.list_objects_v2(Bucket=s3_place.bucket, Prefix="manifests/")
        assert found["KeyCount"] == 0

    def test_songs_by_the_hundred_are_packed_into_one_object_and_copied_once(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble
    ) -> None:
        for number in range(120):
            song = {**SONG, "song_id": f"SO{number}"}
            s3_place.put(f"song_data/A/B/C/TR{number}.json", json.dumps(song).encode())
        double.copies.clear()
        load_songs(s3_place.lake, redshift)
        (copy,) = double.copies
        assert len(copy.files) == 1
        assert copy.rows == 120
        assert len(ledger(redshift)) == 120

    def test_many_rows_are_packed_into_several_objects_of_one_copy(
        self,
        redshift: RedshiftWarehouse,
        s3_place: S3Place,
        double: RedshiftDouble,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(staging, "PACKED_BYTES", 1_000)
        for number in range(20):
            song = {**SONG, "song_id": f"SO{number}"}
            s3_place.put(f"song_data/A/B/C/TR{number}.json", json.dumps(song).encode())
        double.copies.clear()
        load_songs(s3_place.lake, redshift)
        (copy,) = double.copies
        assert len(copy.files) > 2
        assert copy.rows == 20

    def test_every_statement_of_a_load_names_its_run(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble
    ) -> None:
        s3_place.put(key_of(FIRST), lines(on(FIRST)))
        double.statements.clear()
        load_events(s3_place.lake, redshift)
        labels = {s.label for s in double.statements if s.text.startswith(("COPY", "INSERT", "UPDATE", "LOCK"))}
        assert labels - {"sparkify create tables"} == {"sparkify t"}


class TestWhoseRows:
    def test_a_row_belongs_to_the_file_of_its_day(self, redshift: RedshiftWarehouse, s3_place: S3Place) -> None:
        for day in days(5):
            s3_place.put(key_of(day), lines(on(day, 0, sessionId=day.day), on(day, 1, sessionId=100 + day.day)))
        load_events(s3_place.lake, redshift)
        assert files_of_rows(redshift) == {n: f"2018-11-0{n % 100}" for d in (0, 100) for n in range(d + 1, d + 6)}

    def test_an_event_of_another_day_belongs_to_its_file_all_the_same(
        self, redshift: RedshiftWarehouse, s3_place: S3Place
    ) -> None:
        one, two, three = days(3)
        s3_place.put(key_of(one), lines(on(one, sessionId=1), on(two, sessionId=2)))
        s3_place.put(key_of(two), lines(on(two, sessionId=3)))
        s3_place.put(key_of(three), lines(on(three, sessionId=4), on(date(2018, 12, 24), sessionId=5)))
        load_events(s3_place.lake, redshift)
        found = files_of_rows(redshift)
        assert found == {1: str(one), 2: str(one), 3: str(two), 4: str(three), 5: str(three)}

    def test_so_does_one_in_the_middle_of_a_large_file_where_nobody_looks(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble
    ) -> None:
        one, two = days(2)
        many = [on(one, number, sessionId=number) for number in range(200)]
        s3_place.put(key_of(one), lines(*many[:100], on(two, sessionId=900), *many[100:]))
        s3_place.put(key_of(two), lines(on(two, sessionId=901)))
        assert len(lines(*many)) > 60_000
        texts = copies_of(double, lambda: load_events(s3_place.lake, redshift))
        assert len(texts) > 1
        found = files_of_rows(redshift)
        assert (found[900], found[901]) == (str(one), str(two))
        assert len(found) == 202

    def test_a_file_that_is_alone_may_hold_any_day(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble
    ) -> None:
        s3_place.put("log_data/2018/11/whatever.json", lines(on(FIRST), on(days(9)[-1])))
        (text,) = copies_of(double, lambda: load_events(s3_place.lake, redshift))
        assert "build_incoming" in text

    @pytest.mark.parametrize("names", [("a.json", "b.json"), ("2018-11-01-a.json", "2018-11-01-b.json")])
    def test_files_that_share_a_day_or_name_none_keep_their_rows_apart(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, names: tuple[str, str]
    ) -> None:
        for number, name in enumerate(names):
            s3_place.put(f"log_data/2018/11/{name}", lines(on(FIRST, sessionId=number)))
        load_events(s3_place.lake, redshift)
        s3_place.put(f"log_data/2018/11/{names[0]}", lines(on(FIRST, sessionId=7)))
        load_events(s3_place.lake, redshift)
        assert sorted(files_of_rows(redshift)) == [1, 7]

    def test_what_the_load_views_tell_late_is_waited_for(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late = LateViews(monkeypatch, times=2)
        for day in days(3):
            s3_place.put(key_of(day), lines(on(day)))
        texts = copies_of(double, lambda: load_events(s3_place.lake, redshift))
        assert len(texts) == 1
        assert late.asked == 3

    def test_where_they_never_tell_every_file_is_looked_at_closer(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        LateViews(monkeypatch, times=1_000)
        for day in days(3):
            s3_place.put(key_of(day), lines(on(day, sessionId=day.day)))
        load_events(s3_place.lake, redshift)
        assert files_of_rows(redshift) == {day.day: str(day) for day in days(3)}


class LateViews:
    """Load views that know nothing of a COPY yet, so many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self.asked = 0
        run = RedshiftSession.run

        def late(session: RedshiftSession, name: str, parameters: Any = None) -> Any:
            found = run(session, name, parameters)
            if name == "redshift/scanned_files":
                self.asked += 1
                return [] if self.asked <= times else found
            return found

        monkeypatch.setattr(RedshiftSession, "run", late)
        monkeypatch.setattr(staging, "_PAUSES", (0.0, 0.0, 0.0))


class ChangingLake(S3Lake):
    """A lake of which something changes after the ends of a file were looked at, and before COPY reads it."""

    def __init__(self, place: S3Place, change: Callable[[], None]) -> None:
        place_of = f"s3://{place.bucket}"
        super().__init__(lambda: place.client, f"{place_of}/raw/events", f"{place_of}/songs", "the restless lake")
        self._change: Callable[[], None] | None = change

    def ends(self, file: LakeFile, length: int) -> tuple[bytes, bytes]:
        ends = super().ends(file, length)
        change, self._change = self._change, None
        if change is not None:
            change()
        return ends


class TestChanges:
    def test_a_file_that_changes_before_it_is_copied_is_loaded_as_it_is_then(
        self, redshift: RedshiftWarehouse, s3_place: S3Place
    ) -> None:
        s3_place.put(key_of(FIRST), lines(on(FIRST, sessionId=1)))
        lake = ChangingLake(s3_place, lambda: s3_place.put(key_of(FIRST), lines(on(FIRST, sessionId=2))))
        load_events(lake, redshift)
        assert files_of_rows(redshift) == {2: str(FIRST)}
        (row,) = rows_of(redshift, "SELECT etag FROM load_files")
        assert row == (s3_place.lake.list_logs("2018-11").files[0].etag,)

    def test_a_file_that_is_deleted_before_it_is_copied_is_not_loaded(
        self, redshift: RedshiftWarehouse, s3_place: S3Place
    ) -> None:
        one, two = days(2)
        s3_place.put(key_of(one), lines(on(one, sessionId=1)))
        s3_place.put(key_of(two), lines(on(two, sessionId=2)))
        load_events(ChangingLake(s3_place, lambda: s3_place.delete(key_of(two))), redshift)
        assert files_of_rows(redshift) == {1: str(one)}

    @pytest.mark.parametrize("statement", ["^COPY", "INSERT INTO staging_events", "INSERT INTO loads", "^COMMIT"])
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_lost_connection_leaves_no_row_twice_and_none_out(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble, statement: str, when: Any
    ) -> None:
        redshift.create_tables()
        for day in days(2):
            s3_place.put(key_of(day), lines(on(day)))
        double.drop_connection(statement, when)
        report = load_events(s3_place.lake, redshift)
        assert report.rows == 2
        assert rows_of(redshift, "SELECT COUNT(*) AS n FROM staging_events") == [(2,)]
        assert rows_of(redshift, "SELECT COUNT(*) AS n FROM loads") == [(1,)]

    def test_a_copy_that_may_not_read_is_said_in_one_line(
        self, redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble
    ) -> None:
        s3_place.put(key_of(FIRST), lines(on(FIRST)))
        denied = ServerError("XX000", "S3ServiceException:Access Denied,Status 403,Error AccessDenied")
        double.fail_next("^COPY", denied)
        with pytest.raises(WarehouseError, match="Access Denied"):
            load_events(s3_place.lake, redshift)
        assert rows_of(redshift, "SELECT COUNT(*) AS n FROM staging_events") == [(0,)]

    def test_a_lake_that_redshift_cannot_read_is_said_in_one_line(
        self, redshift: RedshiftWarehouse, lake: FolderLake, lake_folder: Path
    ) -> None:
        path = lake_folder / key_of(FIRST)
        path.parent.mkdir(parents=True)
        path.write_bytes(lines(on(FIRST)))
        with pytest.raises(WarehouseError, match="SPARKIFY_LAKE"):
            load_events(lake, redshift)
