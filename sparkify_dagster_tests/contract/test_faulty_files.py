"""Files that are not as they should be: what becomes of them, of the others, and what is said of it, on both engines.

What belongs here: a fault a test, made to happen in a lake that is loaded. What doesn't: every value and every kind of
bad record, which ``loading`` tries on DuckDB and ``warehouse.test_engines_agree`` holds Redshift to.
"""

import gzip
import json
from typing import Any

import pytest

from sparkify_dagster.checks.check import Check, Finding, Scope
from sparkify_dagster.checks.written import written_checks
from sparkify_dagster.loading import LoadReport, LoadRequest, load
from sparkify_dagster.loading.ledger import utc_now
from sparkify_dagster.loading.records import MAX_RECORD_BYTES
from sparkify_dagster_tests.lakes import SONG, event, play
from sparkify_dagster_tests.loading.loads import latest, rejected, rows_of, sessions
from sparkify_dagster_tests.oracle import Record

from .deployment import ALL_MONTHS, STAGING, Deployment

NOVEMBER = "log_data/2018/11/2018-11-01-events.json"
NOVEMBER_TOO = "log_data/2018/11/2018-11-02-events.json"
DECEMBER = "log_data/2018/12/2018-12-01-events.json"
SONG_FILE = "song_data/A/B/C/TR1.json"
DAY = 86_400_000
CHECKS = {f"{check.table}.{check.name}": check for check in written_checks()}


def line(**fields: Any) -> bytes:
    return json.dumps(event(**fields)).encode()


def look(deployment: Deployment, name: str) -> tuple[Check, Finding]:
    """Looks with a check, at all months."""
    with deployment.warehouse.reading() as session:
        return CHECKS[name], CHECKS[name].find(Scope(session, deployment.lake, None, utc_now()))


def shown(finding: Finding) -> list[dict[str, Any]]:
    """The examples of what was found."""
    return [dict(zip(finding.columns, example, strict=True)) for example in finding.examples]


def load_with_share(deployment: Deployment, share: float, *, rebuild: bool = False) -> LoadReport:
    request = LoadRequest("staging_events", "test", ALL_MONTHS, rebuild=rebuild, max_rejected=share)
    return load(request, deployment.lake, deployment.warehouse)


def test_bad_records_are_kept_with_file_line_and_reason_and_the_others_load(deployment: Deployment) -> None:
    bad = [
        (b'["an array"]', "not a JSON object but an array"),
        (line() + b" more", "invalid JSON: Extra data at character"),
        (b'{"ts": 1, "page": "Caf\xe9"}', "not UTF-8 at byte"),
        (b'{"ts": 1, "page": "\\ud800"}', "page holds a lone surrogate"),
        (line(page=None), "page is missing"),
        (json.dumps({"page": "Home"}).encode(), "ts is missing"),
        (line(ts="soon"), "ts is a text where an integer belongs"),
        (line(itemInSession=39.7), "itemInSession is 39.7 where an integer belongs"),
        (line(page=7), "page is a number where text belongs"),
        (b'{"cut": "li', "invalid JSON: Unterminated string"),
    ]
    content = b"\n".join(part for raw, _ in bad for part in (line(sessionId=5), raw))
    deployment.put_bytes(NOVEMBER, content)
    deployment.put(NOVEMBER_TOO, [event(sessionId=7, ts=event()["ts"] + DAY)])
    report = deployment.load_events()
    assert (report.files, report.refused, report.rows, report.rejected) == (2, 0, len(bad) + 1, len(bad))
    assert sessions(deployment.warehouse) == [5] * len(bad) + [7]
    found = rejected(deployment.warehouse)
    assert [(record.line, record.raw) for record in found] == [(2 * n + 2, raw) for n, (raw, _) in enumerate(bad)]
    for record, (_, reason) in zip(found, bad, strict=True):
        assert record.name == "2018-11-01-events.json"
        assert record.reason.startswith(reason)
    check, finding = look(deployment, "staging_events.no_rejected_records")
    assert check.warns
    assert finding.found == len(bad)


def test_a_refused_file_keeps_its_former_rows_and_an_error_names_file_reason_and_line(deployment: Deployment) -> None:
    deployment.put(NOVEMBER, [event(sessionId=1)])
    deployment.put(DECEMBER, [play(0, sessionId=2, ts=1_543_622_400_000)])
    deployment.load_events()
    deployment.put_bytes(NOVEMBER, line(sessionId=3) + b"\n" + b"{\n" * 11)
    deployment.put(NOVEMBER_TOO, [event(sessionId=4, ts=event()["ts"] + DAY)])
    report = deployment.load_events()
    assert (report.files, report.refused, report.replaced) == (1, 1, 0)
    assert sessions(deployment.warehouse) == [1, 2, 4]
    row = latest(deployment.warehouse)["2018-11-01-events.json"]
    assert (row.status, row.records, row.loaded, row.rejected) == ("refused", 12, 0, 12)
    check, finding = look(deployment, "staging_events.no_refused_files")
    assert not check.warns
    (example,) = shown(finding)
    assert example["file_key"] == NOVEMBER
    assert example["reason"] == "11 of 12 records are bad, more than the share of 0.01"
    assert example["first_bad_line"] == 2


@pytest.mark.parametrize(("bad", "share", "refused"), [(10, 0.0, 0), (11, 0.11, 0), (11, 0.1, 1)])
def test_ten_bad_records_never_refuse_a_file_and_more_do_above_the_share(
    deployment: Deployment, bad: int, share: float, refused: int
) -> None:
    good = [line(sessionId=number) for number in range(100 - bad)]
    deployment.put_bytes(NOVEMBER, b"\n".join([*good, *[b"{"] * bad]))
    assert load_with_share(deployment, share).refused == refused
    assert len(sessions(deployment.warehouse)) == (0 if refused else 100 - bad)
    # What another share refused, it takes when it is asked to load it again.
    assert load_with_share(deployment, 1.0, rebuild=True).refused == 0
    assert len(sessions(deployment.warehouse)) == 100 - bad


def test_a_new_field_loads_and_one_warning_names_it(deployment: Deployment) -> None:
    deployment.put(NOVEMBER, [event(mood="blue") for _ in range(3)])
    deployment.put(NOVEMBER_TOO, [event(ts=event()["ts"] + DAY)])
    deployment.put(SONG_FILE, [{**SONG, "genre": "soul"}])
    deployment.load_all()
    deployment.load_all()
    for table, key, field in zip(STAGING, (NOVEMBER, SONG_FILE), ("mood", "genre"), strict=True):
        check, finding = look(deployment, f"{table}.no_unknown_fields")
        assert check.warns
        assert shown(finding) == [{"file_key": key, "unknown_fields": field}]
    assert len(sessions(deployment.warehouse)) == 4


def test_an_event_of_another_month_loads_in_its_files_month_and_a_check_warns(deployment: Deployment) -> None:
    late = play(1, ts=1_543_622_400_000)
    deployment.put(NOVEMBER, [play(0), late])
    deployment.load_and_build_all()
    deployment.check({NOVEMBER: [play(0), late]})
    for table in ("staging_events", "songplays"):
        months = rows_of(deployment.warehouse, f"SELECT DISTINCT t.log_month FROM {table} AS t")
        assert [str(month) for (month,) in months] == ["2018-11-01"]
    check, finding = look(deployment, "staging_events.events_in_month")
    assert check.warns
    (example,) = shown(finding)
    assert (example["file_key"], str(example["ts"])) == (NOVEMBER, "2018-12-01 00:00:00")


def test_a_deleted_file_keeps_its_rows_and_a_check_warns_until_somebody_prunes(deployment: Deployment) -> None:
    deployment.put(NOVEMBER, [play(0)])
    deployment.put(DECEMBER, [play(0, sessionId=2, ts=1_543_622_400_000)])
    deployment.put(SONG_FILE, [SONG])
    deployment.load_all()
    deployment.delete(DECEMBER)
    deployment.delete(SONG_FILE)
    deployment.load_all()
    for table, key in zip(STAGING, (DECEMBER, SONG_FILE), strict=True):
        check, finding = look(deployment, f"{table}.no_files_gone")
        assert check.warns
        assert shown(finding) == [{"file_key": key}]
    deployment.load_all(prune=True)
    assert all(look(deployment, f"{table}.no_files_gone")[1].passed for table in STAGING)
    assert sessions(deployment.warehouse) == [1]


def test_byte_order_marks_line_ends_blank_lines_and_empty_files_are_accepted(deployment: Deployment) -> None:
    contents = {
        "mark.json": b"\xef\xbb\xbf" + line(sessionId=1),
        "windows.json": line(sessionId=2) + b"\r\n" + line(sessionId=3) + b"\r\n",
        "blank.json": b"\n \n" + line(sessionId=4) + b"\n\n\t\n" + line(sessionId=5) + b"\n\n",
        "empty.json": b"",
        "only blank.json": b"\r\n \n",
    }
    for name, content in contents.items():
        deployment.put_bytes(f"log_data/2018/11/{name}", content)
    report = deployment.load_events()
    assert (report.files, report.rejected, report.refused) == (len(contents), 0, 0)
    assert sessions(deployment.warehouse) == [1, 2, 3, 4, 5]
    found = latest(deployment.warehouse)
    assert {name: found[name].records for name in contents} == dict(zip(contents, (1, 2, 2, 0, 0), strict=True))
    assert deployment.load_events().load_id is None


@pytest.mark.parametrize("name", ["2018-11-01-events.json", "2018-11-01-events.json.gz"])
def test_gzip_is_known_by_its_first_bytes_and_of_a_cut_one_nothing_loads(deployment: Deployment, name: str) -> None:
    packed = gzip.compress(b"\n".join(line(sessionId=number) for number in range(500)))
    deployment.put_bytes(f"log_data/2018/11/{name}", packed[:-9])
    deployment.put(NOVEMBER_TOO, [event(sessionId=700, ts=event()["ts"] + DAY)])
    assert deployment.load_events().refused == 1
    assert sessions(deployment.warehouse) == [700]
    assert latest(deployment.warehouse)[name].note == "its gzip compression is broken or cut"
    deployment.put_bytes(f"log_data/2018/11/{name}", packed)
    assert deployment.load_events().rows == 500


def test_a_line_over_4_mb_is_rejected_and_the_others_load(deployment: Deployment) -> None:
    long = b'{"ts": 1, "page": "Home", "x": "' + b"y" * MAX_RECORD_BYTES + b'"}'
    deployment.put_bytes(NOVEMBER, b"\n".join([line(sessionId=1), long, line(sessionId=2)]))
    deployment.load_events()
    assert sessions(deployment.warehouse) == [1, 2]
    (record,) = rejected(deployment.warehouse)
    assert (record.line, record.reason, record.raw) == (2, "longer than 4,194,304 bytes", long[: MAX_RECORD_BYTES + 2])


STRANGE = [
    "'; DROP TABLE staging_events; --",
    'it\'s "quoted" $1 :month %s {0}',
    "naïve 🎵 \\ %41+&=?#",
    "$$; COMMIT; DELETE FROM loads; --",
]


def test_quotes_emoji_and_sql_in_keys_and_values_are_nothing_but_text(deployment: Deployment) -> None:
    files: dict[str, list[Record]] = {}
    for number, text in enumerate(STRANGE):
        name = f"{text.replace(chr(92), '')}.json"
        texts = dict.fromkeys(("artist", "song", "userAgent", "location", "firstName"), text)
        files[f"log_data/2018/11/{name}"] = [play(number) | texts, event(page=text, sessionId=None)]
        song = dict.fromkeys(("title", "artist_name", "artist_location"), text)
        files[f"song_data/{name}"] = [SONG | song | {"song_id": f"SO{number}"}]
    deployment.put_all(files)
    deployment.load_and_build_all()
    deployment.check(files)
    changed, _, deleted, *_ = files
    files[changed] = [play(9) | {"song": STRANGE[1], "userAgent": STRANGE[2]}]
    deployment.put(changed, files[changed])
    deployment.delete(deleted)
    del files[deleted]
    deployment.put_bytes("log_data/2018/11/bad.json", "\n".join(STRANGE).encode())
    deployment.load_all(prune=True)
    deployment.build_all()
    deployment.check(files)
    assert [record.raw.decode() for record in rejected(deployment.warehouse)] == STRANGE
