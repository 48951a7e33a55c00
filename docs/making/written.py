"""All pages and pictures that are made from the code, by their place below ``docs/``.

What belongs here: which there are. What doesn't: what is in them, and writing them.
"""

from collections.abc import Sequence
from pathlib import Path

from docs.making.checks import checks_page
from docs.making.commands import commands_page
from docs.making.diagram import diagram
from docs.making.flow import flow
from docs.making.groups import GROUPS
from docs.making.questions import questions_page
from docs.making.tables import lake_page, overview_page, table_page
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.tables import Table, catalog

_TABLES = "reference/tables"


def written() -> dict[str, str]:
    """The texts of all of them, by path."""
    return {
        f"{_TABLES}/index.md": overview_page(),
        **{f"{_TABLES}/{part}.md": lake_page(part) for part in (LOG_PART, SONG_PART)},
        **{f"{_TABLES}/{table.name}.md": table_page(table) for table in catalog().values()},
        "reference/commands.md": commands_page(),
        "reference/questions.md": questions_page(),
        "reference/checks.md": checks_page(),
        "pictures/data-flow.svg": flow(),
        **{f"pictures/tables-{group.name}.svg": diagram(_with_what_they_refer_to(group.tables)) for group in GROUPS},
    }


def _with_what_they_refer_to(names: Sequence[str]) -> list[Table]:
    tables = catalog()
    others = [key.table for name in names for key in tables[name].foreign_keys]
    return [tables[name] for name in dict.fromkeys([*names, *others])]


def made_before(docs: Path) -> set[str]:
    """Those that are there, of places where nothing else is."""
    return {
        path.relative_to(docs).as_posix()
        for pattern in (f"{_TABLES}/*.md", "pictures/*.svg")
        for path in docs.glob(pattern)
    }
