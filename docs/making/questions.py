"""The page of the questions, from ``sql/questions``.

What belongs here: what of a question is told. What doesn't: reading and asking it.
"""

from docs.making.markdown import block, page, table
from sparkify_dagster.questions import questions


def questions_page() -> str:
    """Every question, with the SQL that answers it."""
    asked = questions().values()
    return page(
        "Questions",
        "sql/questions",
        "`sparkify analyze` answers all of them, `sparkify analyze --question NAME` one; with `--format csv` or "
        "`--format json` for other programs. How to add one: [Add to it](../how-to/extend.md#a-question).",
        table(("name", "question"), ((f"[{each.name}](#{each.name})", each.title) for each in asked)),
        *(
            part
            for each in asked
            for part in (f"## {each.name}", each.title, each.notes, block("sql", f"{each.statement.strip()};"))
        ),
    )
