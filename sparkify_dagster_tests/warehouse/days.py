"""Log files of days of November 2018 and after.

What belongs here: their keys and their events. What doesn't: what becomes of them.
"""

import json
from datetime import date, timedelta
from typing import Any

from sparkify_dagster_tests.lakes import EVENT, MILLISECONDS_A_DAY, play

FIRST = date(2018, 11, 1)


def key_of(day: date, ending: str = "") -> str:
    return f"log_data/{day:%Y/%m}/{day}-events.json{ending}"


def on(day: date, number: int = 0, **fields: Any) -> dict[str, Any]:
    """A play on a day."""
    return play(number, **{"ts": EVENT["ts"] + (day - FIRST).days * MILLISECONDS_A_DAY + number * 60_000, **fields})


def lines(*records: dict[str, Any]) -> bytes:
    return "".join(f"{json.dumps(fields)}\n" for fields in records).encode()


def days(count: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in range(count)]
