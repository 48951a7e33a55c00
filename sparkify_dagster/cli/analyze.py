"""``sparkify analyze``: what the tables hold, and the answers to the questions of ``sql/questions``.

What belongs here: which tables and questions are shown, and in which shape. What doesn't: bringing the tables of
analytics up to date, and how values look (``formats``).
"""

import sys
from collections.abc import Sequence
from typing import Any

from sparkify_dagster.cli.formats import as_json, json_answer, speak_utf8, write_csv, write_table
from sparkify_dagster.cli.opening import warehouse_of
from sparkify_dagster.cli.output import counted, say, show_table
from sparkify_dagster.cli.reading import only_reading
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.questions import Question, questions
from sparkify_dagster.settings import Settings
from sparkify_dagster.tables import ANALYTICS_TABLES, LAKE_TABLES, STAR_TABLES
from sparkify_dagster.warehouse import Session
from sparkify_dagster.warehouse.counts import count_rows
from sparkify_dagster.warehouse.samples import sample_rows

ROWS_IN_A_SAMPLE = 5

_TABLES = (*LAKE_TABLES, *STAR_TABLES, *ANALYTICS_TABLES)


def list_questions() -> None:
    """Shows the names of the questions, and what they ask."""
    show_table("", ["name", "question"], [[question.name, question.title] for question in questions().values()])


def run_analyze(settings: Settings, names: Sequence[str], form: str) -> int:
    """Shows tables and answers, after the tables of analytics were brought up to date.

    Args:
        settings: The settings.
        names: The questions; none for all of them, and the tables besides.
        form: One of ``FORMATS``.

    Returns:
        The exit code: not 0 where bringing the tables up to date failed; what is there is shown all the same.

    Raises:
        SparkifyError: There is no such question; it is asked for as CSV, and is not one; nothing is loaded.
    """
    asked = _asked(names)
    if form == "csv" and len(asked) != 1:
        raise SparkifyError("CSV is for the answer to one question: name it with --question; --list shows all.")
    _check_loaded(settings)
    from sparkify_dagster.cli.analytics import bring_up_to_date  # noqa: PLC0415 it may have to import Dagster

    code = bring_up_to_date(settings)
    warehouse = warehouse_of(settings, read_only=True)
    try:
        with only_reading(), warehouse.reading() as session:
            _show(session, asked, form, with_tables=not names)
    finally:
        warehouse.close()
    return code


def _asked(names: Sequence[str]) -> list[Question]:
    known = questions()
    for name in names:
        if name not in known:
            raise SparkifyError(f"There is no question {name!r}. There are: {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names or known)]


def _check_loaded(settings: Settings) -> None:
    warehouse = warehouse_of(settings, read_only=True)
    try:
        loaded = False
        if warehouse.tables():
            with warehouse.reading() as session:
                loaded = session.run("ledger/last_load") != [(0,)]
    finally:
        warehouse.close()
    if not loaded:
        raise SparkifyError(f"Nothing is loaded into {warehouse.location} yet: run `sparkify load` first.")


def _show(session: Session, asked: Sequence[Question], form: str, *, with_tables: bool) -> None:
    if form == "table":
        if with_tables:
            _show_samples(session)
        for number, question in enumerate(asked):
            if with_tables or number:
                say()
            _show_answer(session, question)
    elif form == "csv":
        answer = session.select(asked[0].statement)
        speak_utf8()
        write_csv(answer.columns, answer.rows)
    else:
        speak_utf8()
        say(as_json(_as_object(session, asked, with_tables=with_tables), indented=True))
    # A reader that has gone is noticed here, and not when Python ends.
    sys.stdout.flush()


def _show_samples(session: Session) -> None:
    for number, table in enumerate(_TABLES):
        if number:
            say()
        sample = sample_rows(session, table, ROWS_IN_A_SAMPLE)
        rows = counted(count_rows(session, table), "row")
        if not sample.rows:
            say(f"{table}: {rows}")
            continue
        write_table(f"{table}: {rows}", sample.columns, sample.rows)


def _show_answer(session: Session, question: Question) -> None:
    answer = session.select(question.statement)
    write_table(question.title, answer.columns, answer.rows)
    if question.notes:
        say(f"  {question.notes}")


def _as_object(session: Session, asked: Sequence[Question], *, with_tables: bool) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for question in asked:
        answer = session.select(question.statement)
        whole[question.name] = {"title": question.title, **json_answer(answer.columns, answer.rows)}
    if with_tables:
        whole["tables"] = {table: _table(session, table) for table in _TABLES}
    return whole


def _table(session: Session, table: str) -> dict[str, Any]:
    sample = sample_rows(session, table, ROWS_IN_A_SAMPLE)
    return {"rows": count_rows(session, table), "sample": json_answer(sample.columns, sample.rows)["rows"]}
