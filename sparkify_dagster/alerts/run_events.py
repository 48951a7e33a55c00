"""What the events of a run say, in words for people: those of an alert, and of ``sparkify load``.

What belongs here: the one line that an event comes down to. What doesn't: which events are told, and to whom.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from sparkify_dagster.errors import SparkifyError


def reason_of(failure: Any) -> str:
    """Why a step, or a launch, failed, in one line: the platform's own words, else those of the error at the bottom.

    Args:
        failure: What the event holds; Dagster has no public name for its type.
    """
    own = {kind.__name__ for kind in _kinds(SparkifyError)}
    error = failure.error if failure is not None else None
    while error is not None and error.cls_name not in own and error.cause is not None:
        error = error.cause
    text = " ".join((error.message if error is not None else "unknown error").split())
    name, _, message = text.partition(": ")
    return message if name.rpartition(".")[2].isidentifier() and message else text


def found_by(check: dg.AssetCheckEvaluation) -> int:
    """Number of what should not be; 0 where the check does not count."""
    found = check.metadata.get("found")
    return found.value if isinstance(found, dg.IntMetadataValue) and found.value else 0


def examples_of(check: dg.AssetCheckEvaluation) -> list[str]:
    """A few of what a check found, a line each."""
    table = check.metadata.get("examples")
    records = table.records if isinstance(table, dg.TableMetadataValue) else []
    return [", ".join(f"{key} {value}" for key, value in record.data.items()) for record in records]


def _kinds(error: type[SparkifyError]) -> Iterator[type[SparkifyError]]:
    yield error
    for kind in error.__subclasses__():
        yield from _kinds(kind)
