"""What of a run deserves an alert.

What belongs here: pure functions from a run and its events to what is told of them, or nothing. What doesn't: reading
the event log, and sending.

Told are: that it failed; failed checks of severity ERROR; files that its load refused; records that its load rejected.
A check that fails at each run for the same reason, such as a file that stays refused, is told once.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg

from sparkify_dagster.alerts.alert import Alert, Severity, make_alert
from sparkify_dagster.alerts.finished import Finished
from sparkify_dagster.alerts.run_events import examples_of, found_by, reason_of
from sparkify_dagster.assets.staging import BAD_FILES
from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START

_MOST_EXAMPLES = 3
_MOST_TABLES = 4

# It only warns, but where a run is cut off between its COMMIT and its event, nothing else tells what it rejected.
_COUNTS_REJECTED = "no_rejected_records"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a run deserves an alert.

    Attributes:
        alert: It; None where nothing does.
        failing: Names for the findings of the checks that fail now, by check.
    """

    alert: Alert | None
    failing: dict[str, str]


@dataclass(slots=True)
class _Told:
    """What is told of a run, piece by piece."""

    pieces: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    severity: Severity = "warning"


def judge(finished: Finished, failing: Mapping[str, str], ui_url: str | None = None) -> Verdict:
    """Says what of a run deserves an alert.

    Args:
        finished: The run.
        failing: Names for the findings that were told of the checks that fail.
        ui_url: Where people reach the UI.
    """
    told = _Told()
    _tell_failure(finished, told)
    rejected = _tell_rejected(finished, told)
    now_failing = _tell_checks(finished, told, failing, rejected)
    if not told.pieces:
        return Verdict(None, now_failing)
    link = f"{ui_url}/runs/{finished.run.run_id}" if ui_url else None
    title = f"{_name(finished.run)}: {', '.join(told.pieces)}"
    return Verdict(make_alert(title, told.lines, told.severity, link), now_failing)


def _name(run: dg.DagsterRun) -> str:
    """What was run, and for which log months."""
    name = run.job_name
    if name.startswith("__"):
        # Dagster's own job for whatever is materialized by hand.
        tables = sorted(key.to_user_string() for key in run.asset_selection or ())
        name = f"materialization of {', '.join(tables[:_MOST_TABLES])}{', …' if tables[_MOST_TABLES:] else ''}"
    month = run.tags.get("dagster/partition")
    months = [month] if month else [run.tags[tag] for tag in (RANGE_START, RANGE_END) if tag in run.tags]
    return f"{name} {' to '.join(dict.fromkeys(months))}" if months else name


def _tell_failure(finished: Finished, told: _Told) -> None:
    if not finished.failed:
        return
    told.severity = "error"
    told.pieces.append("failed")
    steps = _of(finished, dg.DagsterEventType.STEP_FAILURE)
    told.lines += [f"{event.step_key}: {reason_of(event.step_failure_data)}" for event in steps]
    if not steps:
        # It could not be launched, or its process is gone.
        engine = [event for event in _of(finished, dg.DagsterEventType.ENGINE_EVENT) if event.engine_event_data.error]
        told.lines += [f"{event.message}: {reason_of(event.engine_event_data)}" for event in engine[-1:]]
        told.lines += [event.message or "" for event in _of(finished, dg.DagsterEventType.RUN_FAILURE)]
    retry = finished.run.tags.get("dagster/retry_number")
    again = "Dagster runs it again by itself." if finished.is_retried else "It is not run again by itself."
    told.lines.append(f"This was retry {retry}. {again}" if retry else again)


def _tell_rejected(finished: Finished, told: _Told) -> list[str]:
    """Tells of the records that the loads rejected; returns the keys of the files."""
    files: list[str] = []
    for metadata in _loads(finished):
        refused, rejected = _count(metadata, "files_refused"), _count(metadata, "rows_rejected")
        table = metadata.get(BAD_FILES)
        named = [record.data for record in table.records] if isinstance(table, dg.TableMetadataValue) else []
        if refused:
            told.severity = "error"
            told.pieces.append(_counted(refused, "file", "refused"))
        if rejected:
            told.pieces.append(_counted(rejected, "record", "rejected"))
        for file in named:
            files.append(str(file["file"]))
            refusal = "refused whole, " if file["status"] == "refused" else ""
            count = _counted(int(str(file["records_rejected"])), "record", "rejected")
            told.lines.append(f"{file['file']}: {refusal}{count}: {file['reason']}")
        others = rejected - sum(int(str(file["records_rejected"])) for file in named)
        if others > 0:
            told.lines.append(f"… and {_counted(others, 'record', 'rejected')} of other files.")
    return files


def _loads(finished: Finished) -> Iterator[Mapping[str, dg.MetadataValue]]:
    """What each load told. A run of several months tells the same with each of them."""
    seen: set[dg.AssetKey] = set()
    for entry in finished.events:
        materialization = entry.asset_materialization
        if materialization and "rows_rejected" in materialization.metadata and materialization.asset_key not in seen:
            seen.add(materialization.asset_key)
            yield materialization.metadata


def _tell_checks(
    finished: Finished, told: _Told, failing: Mapping[str, str], rejected: Sequence[str]
) -> dict[str, str]:
    """Tells of the checks that fail, unless the same was told before; returns what fails now."""
    now_failing = dict(failing)
    news: list[dg.AssetCheckEvaluation] = []
    for event in _of(finished, dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        check = event.asset_check_evaluation_data
        name = f"{check.asset_key.to_user_string()}.{check.check_name}"
        former = now_failing.pop(name, "")
        if check.passed:
            continue
        if check.severity != dg.AssetCheckSeverity.ERROR and check.check_name != _COUNTS_REJECTED:
            continue
        now_failing[name] = _finding(check)
        if _is_news(check, former, rejected):
            news.append(check)
    if any(check.severity == dg.AssetCheckSeverity.ERROR for check in news):
        told.severity = "error"
    if news:
        told.pieces.append(_counted(len(news), "check", "failed"))
    for check in news:
        told.lines.append(f"{check.asset_key.to_user_string()}.{check.check_name}: {found_by(check):,} found")
        # What the load told is not told again.
        examples = [line for line in examples_of(check) if not any(key in line for key in rejected)]
        told.lines.extend(examples[:_MOST_EXAMPLES])
    return now_failing


def _of(finished: Finished, kind: dg.DagsterEventType) -> list[dg.DagsterEvent]:
    return [entry.get_dagster_event() for entry in finished.events if entry.dagster_event_type == kind]


def _is_news(check: dg.AssetCheckEvaluation, former: str, rejected: Sequence[str]) -> bool:
    if check.severity == dg.AssetCheckSeverity.ERROR:
        return _finding(check) != former
    return not rejected and found_by(check) > int(former.partition(" ")[0] or 0)


def _finding(check: dg.AssetCheckEvaluation) -> str:
    """A name for what a check found: the number, and what it is where all of it is shown."""
    found, examples = found_by(check), sorted(examples_of(check))
    # Of more, any few are shown, and others the next time.
    shown = "\n".join(examples) if len(examples) == found else ""
    return f"{found} {hashlib.sha256(shown.encode('utf-8', errors='replace')).hexdigest()[:12]}"


def _count(metadata: Mapping[str, dg.MetadataValue], name: str) -> int:
    value = metadata.get(name)
    return value.value if isinstance(value, dg.IntMetadataValue) and value.value else 0


def _counted(number: int, thing: str, fate: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'} {fate}"
