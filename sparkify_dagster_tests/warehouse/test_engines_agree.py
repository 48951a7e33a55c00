"""Both engines take the same records, with the same values, and reject the others for the same reasons.

What belongs here: files that readers of JSON disagree about, loaded into DuckDB and into Redshift. What doesn't: the
tables that are built from them, which the tests of the contract compare.
"""

import gzip
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.loading import LoadReport
from sparkify_dagster.loading.records import RecordValidator
from sparkify_dagster.tables import catalog
from sparkify_dagster.warehouse import Warehouse
from sparkify_dagster.warehouse.duckdb import DuckDBWarehouse
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.lake.places import FolderPlace, S3Place
from sparkify_dagster_tests.lakes import event
from sparkify_dagster_tests.loading.literals import FIELDS, record, values_for
from sparkify_dagster_tests.loading.loads import latest, load_events, rejected, rows_of

from .days import FIRST, days, key_of, on

GOOD = json.dumps(event()).encode()
FILES = {
    "plain.json": GOOD + b"\n" + GOOD,
    "blank.json": b"\n\n" + GOOD + b"\r\n\n" + GOOD + b"\n \n",
    "bad line.json": GOOD + b'\n{"cut": ',
    "two in a line.json": GOOD + GOOD + b"\n" + GOOD,
    "over two lines.json": GOOD.replace(b", ", b",\n"),
    "array.json": b"[" + GOOD + b"]",
    "mark.json": b"\xef\xbb\xbf" + GOOD,
    "latin.json": GOOD + b'\n{"ts": 1, "page": "\xe9"}',
    "packed.json": gzip.compress(GOOD),
    "packed.json.gz": gzip.compress(GOOD + b"\nx\n"),
    "cut.json.gz": gzip.compress(GOOD * 50)[:-3],
    "refused.json": b"x\n" * 11 + GOOD,
    "empty.json": b"",
    "spaces.json": b" \n\n",
    "long.json": GOOD + b'\n{"ts": 1, "page": "Home", "x": "' + b"y" * (4 << 20) + b'"}\n' + GOOD,
    "new field.json": GOOD[:-1] + b', "mood": "blue"}',
    "page twice.json": GOOD[:-1] + b', "page": "NextSong"}',
    "surrogate.json": GOOD + b'\n{"ts": 1, "page": "\\ud800"}',
    "no ts.json": GOOD + b'\n{"page": "Home"}',
    "no page.json": GOOD + b'\n{"ts": 1541105830796}',
    "page that is none.json": GOOD + b'\n{"ts": 1541105830796, "page": 7}',
    "fraction.json": GOOD + b'\n{"ts": 1541105830796.5, "page": "Home"}\n{"ts": 1, "page": "Home", "status": 39.7}',
    "windows.json": GOOD + b"\r\n" + GOOD + b"\r\n",
    "twice.json": GOOD[:-1] + b', "mood": 1, "mood": 2}',
    'it\'s "quoted"; DROP TABLE loads; --.json': GOOD,
    "naïve 🎵 %41+.json": GOOD,
    "deep/er/x.json": GOOD,
}


Redshift = tuple[S3Place, RedshiftWarehouse]


@pytest.fixture
def on_double(s3_place: S3Place, redshift: RedshiftWarehouse) -> Redshift:
    """An empty lake on S3, and an empty Redshift: its double."""
    return s3_place, redshift


@pytest.fixture(params=["on_double", pytest.param("live", marks=pytest.mark.live)])
def either(request: pytest.FixtureRequest) -> Redshift:
    """The double, and on request a true Redshift."""
    return request.getfixturevalue(request.param)


def compare_engines(contents: Mapping[str, bytes], either: Redshift, folder: Path, **request: Any) -> LoadReport:
    """Loads the same files into both engines, and compares rows, rejected records and files."""
    s3_place, redshift = either
    place = FolderPlace(folder)
    for key, content in contents.items():
        place.put(key, content)
        s3_place.put(key, content)
    duckdb = DuckDBWarehouse(folder / "warehouse.duckdb")
    load_events(place.lake, duckdb, **request)
    report = load_events(s3_place.lake, redshift, **request)
    assert rejected(redshift) == rejected(duckdb)
    assert latest(redshift) == latest(duckdb)
    assert staged_by_key(redshift) == staged_by_key(duckdb)
    duckdb.close()
    return report


def staged_by_key(warehouse: Warehouse) -> list[str]:
    columns = ", ".join(f"s.{column.name}" for column in catalog()["staging_events"].columns[:-1])
    query = f"SELECT f.file_key, {columns} FROM staging_events AS s INNER JOIN load_files AS f ON s.file_id = f.file_id"
    return sorted(repr(row) for row in rows_of(warehouse, query))


def test_both_engines_agree_on_difficult_files(either: Redshift, tmp_path: Path) -> None:
    contents = {f"log_data/2018/11/{name}": content for name, content in FILES.items()}
    report = compare_engines(contents, either, tmp_path)
    assert report.refused == 3


def test_both_engines_agree_on_difficult_files_of_a_day_each(either: Redshift, tmp_path: Path) -> None:
    contents = {
        key_of(day): content.replace(b"1541105830796", str(on(day)["ts"]).encode())
        for day, content in zip(days(len(FILES)), FILES.values(), strict=True)
    }
    compare_engines(contents, either, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("field", [*FIELDS, "unknown"])
def test_both_engines_agree_on_every_value_worth_trying(
    either: Redshift, tmp_path: Path, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file a value and a day a file, so that COPY reads them all at once and each stands for itself."""
    # What the look at a file's ends would find is to be found by what COPY brought.
    monkeypatch.setattr(RecordValidator, "accepts", lambda validator, raw: True)
    literals = [literal for literal in values_for(field) if "\n" not in literal]
    contents = {}
    for number, literal in enumerate(literals):
        day = FIRST + timedelta(days=number)
        fields = {"ts": str(on(day)["ts"]), "sessionId": str(number), field: literal}
        contents[key_of(day)] = record(fields)
    compare_engines(contents, either, tmp_path, months=("2018-11", "2020-12"))
