"""The log sensor with a queue: what is announced is asked for at once, the rest is found in turn, nothing is lost."""

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from sparkify_dagster.location import build_defs
from sparkify_dagster.resources.announcements import SqsAnnouncementsResource
from sparkify_dagster.sensors import budget, cursor, listing
from sparkify_dagster.sensors.stretches import group_of
from sparkify_dagster_tests.events.announced import Announced
from sparkify_dagster_tests.events.conftest import MONTHS, SECRET
from sparkify_dagster_tests.events.test_notifications import eventbridge_message, s3_message, sns_message
from sparkify_dagster_tests.lakes import play


def late(known: Announced, month: str = "2018-08", day: int = 2) -> None:
    known.bucket.log(f"{month}-{day:02}", [play(day, sessionId=5)])


def slowly(known: Announced) -> None:
    """Makes the lake one of which a tick lists a part, from its beginning on: each file takes a request."""
    known.bucket.page = 1
    known.remember(turn=[])


def news(known: Announced, key: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    return s3_message(f"raw/{key}", name, known.bucket.name)


def test_at_first_everything_is_listed_as_far_as_the_time_goes(
    announced: Announced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "_MOST_SECONDS", -1.0)
    monkeypatch.setattr(listing, "_MOST_PAGES_OF_LOGS", 2)
    announced.bucket.page = 1

    found = announced.months()
    assert found
    assert set(found) < {*MONTHS}
    monkeypatch.setattr(budget, "_MOST_SECONDS", 60.0)
    assert sorted({*found, *announced.months(), *announced.months()}) == MONTHS


def test_what_is_announced_is_asked_for_in_the_next_tick_and_other_months_are_not_listed(known: Announced) -> None:
    slowly(known)
    late(known, "2018-10")

    assert known.months() == ["2018-10"]
    # The last month, and two pages in turn, with the second of which the listing of July begins.
    assert known.listed == ["2018-06", "2018-10", "2018-12"]
    known.tick()
    assert known.listed == ["2018-07", "2018-08", "2018-10", "2018-12"]


def test_a_message_is_deleted_once_the_run_is_asked_for_and_not_before(known: Announced) -> None:
    late(known)

    (first,) = known.tick()
    assert first.partition_key == "2018-08"
    assert known.bucket.waiting() == 1
    # Nothing is loaded yet: the same run is asked for again, and Dagster starts none for the same key.
    (again,) = known.tick()
    assert again.run_key == first.run_key
    assert known.bucket.waiting() == 0


def test_a_tick_that_is_cut_off_leaves_its_message_and_the_next_asks_for_the_same_run(known: Announced) -> None:
    late(known)
    before = known.cursor
    (lost,) = known.tick()
    known.cursor = before

    (again,) = known.tick()

    assert again.run_key == lost.run_key
    assert known.bucket.waiting() == 1
    known.tick()
    assert known.bucket.waiting() == 0


def test_a_lost_cursor_loses_no_message(known: Announced) -> None:
    late(known)
    known.tick()
    known.cursor = None

    assert known.months() == ["2018-08"]
    assert known.bucket.waiting() == 1


def test_a_warehouse_that_does_not_answer_leaves_the_message_in_the_queue(known: Announced) -> None:
    late(known)
    content = known.warehouse.read_bytes()
    known.warehouse.write_text("this is no database")

    assert known.months() == []
    assert known.bucket.waiting() == 1
    known.warehouse.write_bytes(content)
    assert known.months() == ["2018-08"]


def test_messages_twice_in_any_order_and_of_deleted_files_do_no_harm(known: Announced) -> None:
    key = "log_data/2018/08/2018-08-02-events.json"
    known.bucket.send(news(known, key, "ObjectRemoved:Delete"))
    late(known)
    known.bucket.send(news(known, key), news(known, key))
    known.bucket.delete("log_data/2018/09/2018-09-01-events.json")
    assert known.months() == ["2018-08"]
    known.load()

    assert known.months() == []
    assert known.bucket.waiting() == 0
    known.bucket.send(news(known, key), news(known, key, "ObjectRemoved:Delete"))
    assert known.months() == []
    assert known.bucket.waiting() == 0


def test_while_a_month_changes_all_the_time_its_messages_are_deleted_all_the_same(
    known: Announced, monkeypatch: pytest.MonkeyPatch
) -> None:
    late(known, day=2)
    assert known.months() == ["2018-08"]
    # Had more time gone by than clocks differ by:
    monkeypatch.setattr(cursor, "_CLOCKS_DIFFER_BY", 0.0)
    known.remember(listed={"2018-08": time.time()})
    time.sleep(0.01)
    late(known, day=3)

    assert known.months() == ["2018-08"]
    assert known.bucket.waiting() == 1


def test_a_message_that_was_sent_before_the_month_was_listed_is_deleted_without_listing(known: Announced) -> None:
    slowly(known)
    late(known, "2018-10")
    known.remember(listed={"2018-10": time.time() + 60})

    assert known.months() == []
    assert known.bucket.waiting() == 0
    assert "2018-10" not in known.listed


def test_what_tells_of_no_log_file_is_deleted_at_once_and_what_is_strange_is_said(known: Announced) -> None:
    here = known.bucket.name
    known.bucket.send(
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": here},
        s3_message("raw/song_data/A/B/C/TR1.json", bucket=here),
        s3_message("raw/log_data/2018/08/../../../x.json", bucket=here),
        s3_message("raw/log_data/2018/08/x.json", bucket="another"),
        s3_message("raw/log_data/1999/01/x.json", bucket=here),
        "garbage",
        '{"Records": 7}',
    )
    slowly(known)

    assert known.months() == []
    assert known.bucket.waiting() == 0
    assert known.listed == ["2018-06", "2018-12"]
    assert "no notifications of S3: 2 messages" in known.skipped


def test_keys_of_all_kinds_are_recognised(known: Announced) -> None:
    names = ["a b", "a+b", 'it\'s "x"', "100%", "a%2Bb", "🎵 – é", "x;DROP TABLE users--"]
    for month, name in zip(MONTHS, names, strict=True):
        known.bucket.put(f"log_data/2018/{month[5:]}/{name}.json")

    assert known.months() == MONTHS


def test_messages_by_way_of_sns_and_eventbridge_count_too(known: Announced) -> None:
    here = known.bucket.name
    slowly(known)
    late(known, "2018-09")
    late(known, "2018-10")
    known.bucket.empty_queue()
    wrapped = sns_message(s3_message("raw/log_data/2018/09/2018-09-02-events.json", bucket=here))
    bridged = eventbridge_message("raw/log_data/2018/10/2018-10-02-events.json")
    bridged["detail"]["bucket"]["name"] = here
    known.bucket.send(wrapped, bridged)

    assert known.months() == ["2018-09", "2018-10"]


@pytest.mark.parametrize("month", ["2018-06", "2018-09", "2018-12"])
def test_what_was_never_announced_is_found_in_a_round(known: Announced, month: str) -> None:
    late(known, month)
    known.bucket.empty_queue()

    assert month in [found for _ in range(4) for found in known.months()]


def test_a_round_goes_on_however_much_is_announced(known: Announced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_MOST_SECONDS", -1.0)
    slowly(known)
    listed = set()
    for day in range(2, 12):
        late(known, "2018-12", day)
        known.months()
        listed.update(map(group_of, known.listed))

    assert listed == {*MONTHS}


@pytest.mark.parametrize("queue", ["gone", "nowhere"])
def test_without_its_queue_the_sensor_says_so_and_lists_slowly(
    known: Announced, definitions: dg.Definitions, queue: str
) -> None:
    url = {"gone": f"{known.bucket.queue}-gone", "nowhere": "http://127.0.0.1:9/1/nowhere"}[queue]
    without = Announced(definitions, known.bucket, known.warehouse, url)
    without.cursor = known.cursor
    slowly(without)
    late(known, "2018-09")

    assert without.months() == []
    assert url in without.skipped
    assert "listed slowly" in without.skipped
    assert SECRET not in without.skipped
    assert "2018-09" in [month for _ in range(3) for month in without.months()]
    # Once it answers again, nothing of what waited in it is lost, and nothing is asked for twice.
    known.cursor = without.cursor
    known.months()
    known.months()
    assert known.bucket.waiting() == 0


def test_a_new_month_is_asked_for_and_one_that_is_gone_is_forgotten(known: Announced) -> None:
    slowly(known)
    known.bucket.log("2019-01-01", [play(0, sessionId=9)])
    known.bucket.delete("log_data/2018/06/2018-06-01-events.json")

    assert known.months() == ["2019-01"]
    known.months()
    known.months()
    assert cursor.Cursor.read(known.cursor).groups == [*MONTHS[1:], "2019-01"]
    assert known.bucket.waiting() == 0


def test_what_is_loaded_is_seen_to_be_loaded_without_listing_it(known: Announced) -> None:
    late(known, "2018-10")
    assert known.months() == ["2018-10"]
    known.bucket.empty_queue()
    slowly(known)
    known.load()

    assert known.months() == []
    assert known.skipped == "All that the lake holds is loaded."
    assert known.listed == ["2018-06", "2018-12"]
    assert known.months() == []
    assert known.skipped == "Nothing is new in 3 of 7 months."


def test_what_was_asked_for_stays_asked_for_until_it_is_loaded(known: Announced) -> None:
    late(known, "2018-10")
    assert known.months() == ["2018-10"]
    known.bucket.empty_queue()

    slowly(known)
    assert known.months() == []
    assert known.skipped == "Not seen to be loaded yet: 1 months."
    # Long after, the ledger is left alone for a while.
    known.remember(since=time.time() - 86_400, asked=time.time() - 60)
    known.warehouse.unlink()
    assert known.months() == []
    assert "Nothing is new in 3 of 7 months. What was asked for is not loaded yet" in known.skipped


def test_the_cursor_of_120_months_stays_small() -> None:
    many = [f"{year}-{month:02}" for year in range(2018, 2028) for month in range(1, 13)]
    whole = cursor.Cursor(dict.fromkeys(many, "0" * 20), dict.fromkeys(many, time.time()), open=many, wanted="0" * 20)

    assert len(whole.write()) < 16_000
    assert cursor.Cursor.read(whole.write()) == whole


@pytest.mark.parametrize(
    "text",
    [
        "not JSON",
        "[]",
        "null",
        "7",
        '{"digests": {"2018-11": "0"}, "settled": true}',
        '{"digests": ["2018-11"]}',
        '{"digests": {"2018-11": 7}}',
        '{"rounds": {"2018-11": 7}}',
        '{"listed": {"2018-11": "soon"}}',
        '{"open": [7]}',
        '{"outside": [7]}',
        '{"turn": ["2018-11"]}',
        '{"newest": "2018-11"}',
        '{"since": "then"}',
        "[" * 100_000,
    ],
)
def test_a_cursor_that_cannot_be_understood_counts_as_lost(text: str) -> None:
    assert cursor.Cursor.read(text) == cursor.Cursor()


def test_the_ledger_is_asked_ever_more_seldom_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: clock)
    remembered = cursor.Cursor(open=["2018-11"], since=clock, asked=clock)
    asked = []
    for _ in range(2 * 60 * 24):
        clock += 30
        if remembered.is_due():
            remembered.asked = clock
            asked.append(clock - remembered.since)

    assert asked[:10] == [30.0 * number for number in range(1, 11)]
    assert len(asked) < 80
    assert max(later - earlier for earlier, later in pairwise(asked)) == 3600
    clock = 900_000.0
    assert remembered.is_due()


def test_the_settings_choose_the_queue_and_the_definitions_use_it(
    known: Announced, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    resources = build_defs(known.settings).resources or {}
    assert isinstance(resources["announcements"], SqsAnnouncementsResource)
    known.resources = {name: resources[name] for name in known.resources}
    slowly(known)
    late(known, "2018-10")

    assert known.months() == ["2018-10"]
    # Here it stays hidden for a while, and is not lost.
    known.tick()
    assert known.bucket.waiting() == 1


def test_without_a_queue_nothing_is_imported_for_it(tmp_path: Path) -> None:
    code = "import sys; from sparkify_dagster.definitions import defs; defs(); sys.exit('boto3' in sys.modules)"
    environment = {"PYTHONPATH": str(Path(__file__).parent.parent.parent), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()
