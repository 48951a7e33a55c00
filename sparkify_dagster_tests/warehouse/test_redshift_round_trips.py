"""How often a run speaks to Redshift and to S3: as often whatever there is, but for new files and pages of listings.

Counted are whole runs of the log job, with Dagster, ledger, builds and checks: the statements that reach the double,
its COPYs, and the requests of the platform's own clients to S3. What Redshift itself asks of S3 is not counted.

What belongs here: such counts. What doesn't: rows, which the tests of the contract compare, and time, of which the
double tells nothing. What follows from the counts for large lakes is in ``benchmarks/redshift_at_scale.md``.
"""

import gzip
import os
import re
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

import dagster as dg
import pytest
from botocore.client import BaseClient

from sparkify_dagster.aws import clients
from sparkify_dagster.job_names import LOAD_LOGS
from sparkify_dagster.lake.keys import months_between
from sparkify_dagster.location import build_defs
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.sensors.ledger import look_into_ledger
from sparkify_dagster.settings import RedshiftSettings, read_settings
from sparkify_dagster.tables import BASE_TABLES
from sparkify_dagster.warehouse.redshift import engine
from sparkify_dagster.warehouse.redshift.engine import RedshiftWarehouse
from sparkify_dagster_tests.engines import environment_of
from sparkify_dagster_tests.figures import Figure
from sparkify_dagster_tests.lake.places import S3Place
from sparkify_dagster_tests.lakes import play
from sparkify_dagster_tests.loading.loads import load_events, rows_of
from sparkify_dagster_tests.redshift.double import RedshiftDouble

from .days import days, key_of, lines, on

MONTH = "2018-11"
PAGE = 10
"""So many keys are on a page of a listing: few, so that a month has several."""

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_LOOK = 1 << 14
"""So many bytes are looked at, at either end of a file; one that is no larger than both is read at once."""


class Requests:
    """Counts what the clients of S3 ask for, and makes pages small. The double reads S3 without a client."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: Counter[str] = Counter()
        ask = BaseClient._make_api_call
        lock = threading.Lock()

        def counting(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
            with lock:
                self.asked[operation] += 1
            more = {"MaxKeys": PAGE} if operation == "ListObjectsV2" else {}
            return ask(client, operation, {**more, **arguments})

        monkeypatch.setattr(BaseClient, "_make_api_call", counting)


@dataclass(frozen=True)
class Said:
    """What a run said.

    Attributes:
        statements: Statements that reached Redshift, by their first word.
        copies: COPYs among them.
        asked: Requests to S3, by operation.
    """

    statements: Counter[str]
    copies: int
    asked: Counter[str]


class Platform:
    """A lake on S3, and the platform on Redshift, whose runs are counted."""

    def __init__(self, place: S3Place, double: RedshiftDouble, requests: Requests, environment: dict[str, str]) -> None:
        self.place = place
        self._double = double
        self._requests = requests
        self._job = build_defs(read_settings(environment)).resolve_job_def(LOAD_LOGS)
        self._instance = dg.DagsterInstance.ephemeral()

    def put(self, day: date, listeners: int, events: int) -> None:
        """Writes the file of a day: some plays of each listener, each in a session of a day and listener."""
        records = [
            on(day, number * listeners + user, userId=str(user + 1), sessionId=day.toordinal() * 100 + user)
            for number in range(events)
            for user in range(listeners)
        ]
        self.place.put(key_of(day), lines(*records))

    def run(self) -> Said:
        """Runs the log job for the month, on a connection of its own, as a process of its own would."""
        self._double.statements.clear()
        self._double.copies.clear()
        self._requests.asked.clear()
        tags = {RANGE_START: MONTH, RANGE_END: MONTH}
        assert self._job.execute_in_process(instance=self._instance, tags=tags, run_config=QUIET).success
        words = Counter(statement.text.split()[0].upper() for statement in self._double.statements)
        return Said(words, len(self._double.copies), Counter(self._requests.asked))


@dataclass(frozen=True)
class Size:
    """How much there is.

    Attributes:
        files: Files of the month.
        listeners: Listeners in each file.
        events: Events of each listener in each file.
        before: First and last month that are loaded before.
    """

    files: int
    listeners: int
    events: int
    before: tuple[str, str]

    @property
    def years(self) -> int:
        """Years of the lake, each a request to find out its months."""
        return len({month[:4] for month in (*self.before, MONTH)})


SMALL = Size(files=2, listeners=1, events=1, before=("2018-10", "2018-10"))
LARGE = Size(files=25, listeners=7, events=2, before=("2017-12", "2018-03"))


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    return Requests(monkeypatch)


@pytest.fixture
def platform(
    redshift_settings: RedshiftSettings,
    redshift: RedshiftWarehouse,
    s3_place: S3Place,
    double: RedshiftDouble,
    requests: Requests,
    monkeypatch: pytest.MonkeyPatch,
) -> Platform:
    """The platform with its tables, and an empty lake; its clients are one that is there: to make some takes long."""
    monkeypatch.setattr(clients, "make_client", lambda service, **where: s3_place.client)
    redshift.create_tables()
    bucket = f"s3://{s3_place.bucket}"
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(("AWS_", "SSL_", "NO_PROXY"))},
        **environment_of(redshift_settings),
        "SPARKIFY_LAKE": bucket,
        "SPARKIFY_LOG_DATA": f"{bucket}/raw/events",
        "SPARKIFY_SONG_DATA": f"{bucket}/songs",
        "SPARKIFY_FIRST_MONTH": "2017-01",
    }
    return Platform(s3_place, double, requests, environment)


def grow(platform: Platform, size: Size, redshift: RedshiftWarehouse) -> None:
    """Puts and loads the months before, which are not counted."""
    for month in months_between(*size.before):
        platform.put(first_day(month), size.listeners, size.events)
    load_events(platform.place.lake, redshift, months=size.before)
    redshift.close()


def expected_requests(size: Size, files: int, new: int) -> Counter[str]:
    """What a run asks of S3 for small files: the listing, a look at each new file, the second look, and the check."""
    pages = ceil(files / PAGE)
    return Counter(
        # Twice the years and months, thrice the month; and what an earlier load may have left below the manifests.
        ListObjectsV2=2 * (1 + size.years) + 3 * pages + 1,
        GetObject=new,
        # Manifest and JSONPaths, which are removed together.
        PutObject=2,
        DeleteObjects=1,
        HeadBucket=1,
    )


def test_a_run_says_the_same_whatever_there_is(
    platform: Platform, redshift: RedshiftWarehouse, double: RedshiftDouble, figure: Figure
) -> None:
    """A whole month, and then a day more: few or many files, events, listeners, and months that are loaded already."""
    whole: list[Said] = []
    daily: list[Said] = []
    looks: list[int] = []
    for size in (SMALL, LARGE):
        forget(platform, redshift)
        grow(platform, size, redshift)
        *files, last = days(size.files + 1)
        for day in files:
            platform.put(day, size.listeners, size.events)
        whole.append(platform.run())
        assert whole[-1].asked == expected_requests(size, size.files, new=size.files)

        platform.put(last, size.listeners, size.events)
        daily.append(platform.run())
        assert daily[-1].asked == expected_requests(size, size.files + 1, new=1)

        double.statements.clear()
        look_into_ledger(redshift, "staging_events", first_day(MONTH), first_day(MONTH))
        looks.append(len(double.statements))
        plays = (size.files + 1) * size.listeners * size.events
        assert rows_of(redshift, f"SELECT COUNT(*) AS n FROM songplays WHERE log_month = '{MONTH}-01'") == [(plays,)]

    for small, large in (whole, daily):
        assert small.statements == large.statements
        assert small.copies == large.copies == 1
    # What has plays already costs no statement more than what has none.
    assert whole[0].statements == daily[0].statements
    assert looks[0] == looks[1]
    figure("statements of a run on Redshift", **whole[0].statements, total=whole[0].statements.total(), look=looks[0])
    figure("requests to S3 of a run that loads 25 files, of 10 a page and two years", **whole[1].asked)


def forget(platform: Platform, redshift: RedshiftWarehouse) -> None:
    """Empties lake and tables."""
    platform.place.empty()
    with redshift.transaction("t") as session:
        for table in set(BASE_TABLES) - {"warehouse_lock"}:
            session.query(f"DELETE FROM {table}")


def test_a_new_file_is_looked_at_in_so_many_requests_as_its_kind_takes(
    redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble, requests: Requests
) -> None:
    """Small: all of it at once. Larger: both ends. Packed: the whole of it besides, and a COPY for packed files."""
    plain = lines(*(play(number) for number in range(150)))
    # Text that packs badly, for a packed file that is large as well.
    noise = [os.urandom(300).hex() for _ in range(150)]
    packed = gzip.compress(lines(*(play(number, userAgent=f"Mozilla {text}") for number, text in enumerate(noise))))
    assert min(len(plain), len(packed)) > 2 * _LOOK
    asked: list[int] = []
    for number, (ending, content) in enumerate([("", lines(play())), ("", plain), (".gz", packed)]):
        s3_place.put(f"log_data/2018/11/2018-11-01-{number}.json{ending}", content)
        requests.asked.clear()
        load_events(s3_place.lake, redshift)
        asked.append(requests.asked["GetObject"])
    assert asked == [1, 2, 3]
    assert ["GZIP" in copy.text for copy in double.copies] == [False, False, True]


def test_a_moment_that_the_look_at_a_file_cuts_is_not_taken_for_one_of_another_day(
    redshift: RedshiftWarehouse, s3_place: S3Place, double: RedshiftDouble
) -> None:
    """Else one large file in forty is read by the platform and not by COPY."""
    cut = re.compile(rb'"ts": \d{5}$')
    beginning = (lines(play(userAgent=f"M{'x' * number}")) for number in range(400))
    content = next(
        text for first in beginning if cut.search((text := first + lines(*map(play, range(1, 150))))[:_LOOK])
    )
    s3_place.put("log_data/2018/11/2018-11-01-events.json", content)
    load_events(s3_place.lake, redshift)
    (copy,) = double.copies
    assert "build_incoming" in copy.text
    assert copy.rows == 150


@pytest.mark.parametrize("count", [2, 24])
def test_files_that_share_a_day_are_read_by_the_platform_and_not_by_copy(
    redshift: RedshiftWarehouse,
    s3_place: S3Place,
    double: RedshiftDouble,
    requests: Requests,
    count: int,
    figure: Figure,
) -> None:
    """As files of hours are, where a load takes more than one: what a COPY would read at once, one process reads."""
    for hour in range(count):
        s3_place.put(f"log_data/2018/11/2018-11-01-{hour:02}-events.json", lines(on(days(1)[0], hour, sessionId=hour)))
    redshift.create_tables()
    double.statements.clear()
    requests.asked.clear()

    load_events(s3_place.lake, redshift)

    (copy,) = double.copies
    assert "build_incoming" not in copy.text
    assert (len(copy.files), copy.rows) == (1, count)
    # Each file is looked at, and then fetched whole.
    assert requests.asked["GetObject"] == 2 * count
    assert len(double.statements) < 40
    figure(f"statements of a load of {count} files of one day", total=len(double.statements))


@pytest.mark.parametrize("count", [5, 9])
def test_the_ledger_of_many_files_is_one_copy_more(
    redshift: RedshiftWarehouse,
    s3_place: S3Place,
    double: RedshiftDouble,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
) -> None:
    monkeypatch.setattr(engine, "_MOST_ROWS_INSERTED", 4)
    for day in days(count):
        s3_place.put(key_of(day), lines(on(day)))
    load_events(s3_place.lake, redshift)
    # The days of the files, the files themselves, and their versions in the ledger.
    assert [copy.text.split()[1] for copy in double.copies] == ["build_incoming", "build_days", "load_files"]
