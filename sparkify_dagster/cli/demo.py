"""``sparkify demo``: a lake, a load, a look.

What belongs here: the demo's lake, and what is shown of it. What doesn't: simulating and loading.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from sparkify_dagster.cli.analytics import bring_up_to_date
from sparkify_dagster.cli.formats import write_table
from sparkify_dagster.cli.generate import write_lake
from sparkify_dagster.cli.load import LoadOptions, run_load
from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.cli.output import say
from sparkify_dagster.errors import LakeError
from sparkify_dagster.partitions.months import current_month, first_day
from sparkify_dagster.questions import Question, questions
from sparkify_dagster.settings import Settings

MONTHS = 4
EVENTS = 80_000
SONGS = 1_000
USERS = 400


def run_demo(settings: Settings) -> int:
    """Makes a sample lake if there is none, loads it, and shows what came of it; returns the exit code."""
    if not settings.lake.startswith("s3://") and not _has_lake(settings):
        _make_lake(Path(settings.lake))
    code = run_load(settings, LoadOptions()) or bring_up_to_date(settings, with_dashboard=True)
    for name in ("top_songs", "subscriptions"):
        _show_answer(settings, questions()[name])
    say(f"\nThe dashboard is a file, for a browser:  {settings.dashboard.place}")
    say("All answers:  sparkify analyze   The UI:  sparkify up   (in a clone: .venv/bin/sparkify …)")
    return code


def _has_lake(settings: Settings) -> bool:
    lake = lake_of(settings)
    try:
        return bool(lake.log_months() or lake.list_songs().files)
    except LakeError:
        return False


def _make_lake(folder: Path) -> None:
    first = _months_before(current_month(), MONTHS - 1)
    lake = write_lake(folder, events=EVENTS, months=MONTHS, songs=SONGS, users=USERS, first_month=first, seed=1)
    say(f"Made a sample lake of {lake.songs:,} songs and {len(lake.months)} months of logs in {folder}.\n")
    # The simulator writes whole months; what has not happened yet is no log.
    today = datetime.now(UTC).date()
    for path in (lake.folder / "log_data").rglob("*-events.json"):
        if date.fromisoformat(path.name[:10]) > today:
            path.unlink()


def _months_before(month: str, count: int) -> str:
    day = first_day(month)
    number = day.year * 12 + day.month - 1 - count
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _show_answer(settings: Settings, question: Question) -> None:
    warehouse = warehouse_of(settings, read_only=True)
    with warehouse.reading() as session:
        answer = session.select(question.statement)
    warehouse.close()
    say()
    write_table(question.title, answer.columns, answer.rows)
