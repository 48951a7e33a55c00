"""The pages of the tables, from their DDL: columns, keys, accepted values, and where each column comes from.

What belongs here: what of a description stands where. What doesn't: reading the DDL (``sparkify_dagster.tables``).
"""

from collections.abc import Iterable, Iterator

from docs.making.groups import GROUPS, Group, group_of
from docs.making.markdown import anchor, block, code, page, table
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.sqlfiles import sql_names
from sparkify_dagster.tables import MONTHLY_TABLES, Column, Table, catalog

_PARTS = {
    LOG_PART: "Event logs of the service, as they arrive: a file a day, a JSON object a line, gzip or not, below "
    "`log_data/YYYY/MM/`. Each record becomes a row of [staging_events](staging_events.md).",
    SONG_PART: "The song catalogue, as it arrives: a JSON object a file, below `song_data/`. Each record becomes a row "
    "of [staging_songs](staging_songs.md).",
}
_BUILDS = {"star": "transformations", "analytics": "analytics"}
_ROOT = "../../.."


def overview_page() -> str:
    """The page that leads to all others."""
    return page(
        "Tables",
        "sql/tables",
        "Every table has a page: columns, types, meaning, keys, accepted values, and where each column comes from, "
        f"down to the keys of the JSON in [log_data]({LOG_PART}.md) and [song_data]({SONG_PART}.md). All of it is made "
        "from the DDL in `sql/tables/`, which is in Redshift's dialect; DuckDB's, the columns in the UI, COPY's "
        "JSONPaths and the checks of keys, references and accepted values are made from it too.",
        "In the pictures a key is bold, and `*` marks what is never NULL. Many rows at the fork of a line refer "
        "to one at its bar.",
        *(part for group in GROUPS for part in _group(group)),
    )


def table_page(described: Table) -> str:
    """The page of a table."""
    return page(
        described.name,
        f"sql/tables/{described.name}.sql",
        described.description,
        _facts(described),
        "## Columns",
        table(("column", "type", "meaning", "from"), (_row(column, described) for column in described.columns)),
        _references(described),
        _made_of_it(described.name),
        "## DDL",
        "In Redshift's dialect; DuckDB's is made from it.",
        block("sql", described.ddl),
    )


def lake_page(part: str) -> str:
    """The page of a part of the lake: the keys of its JSON."""
    rows = [
        (anchor(key) + code(key), _link(reader.name, column.name), column.description)
        for reader in catalog().values()
        for key, column in reader.keys_of(part).items()
    ]
    return page(
        part,
        "sql/tables",
        _PARTS[part],
        "## Keys",
        "What else a record holds is left out, and a check names it.",
        table(("key", "column", "meaning"), rows),
    )


def _group(group: Group) -> Iterator[str]:
    yield f"## {group.title}"
    yield group.about
    yield table(
        ("table", "what it holds", "partitions"),
        (
            (f"[{name}]({name}.md)", catalog()[name].description, "log months" if name in MONTHLY_TABLES else "")
            for name in group.tables
        ),
    )
    yield f"![The tables of {group.name}, with their columns and keys](../../pictures/tables-{group.name}.svg)"


def _facts(described: Table) -> str:
    group = group_of(described.name)
    facts = [f"Group: [{group.name}](index.md#{group.name})."]
    if described.primary_key:
        facts.append(f"Key: {_columns(described.primary_key)}.")
    if described.name in MONTHLY_TABLES:
        facts.append("Partitions: log months.")
    folder = _BUILDS.get(group.name)
    if folder and described.name in sql_names(folder):
        path = f"sql/{folder}/{described.name}.sql"
        facts.append(f"Built by [{path}]({_ROOT}/{path}).")
    return " ".join(facts)


def _row(column: Column, of: Table) -> tuple[str, str, str, str]:
    rules = [] if column.nullable else ["not null"]
    if column.name in of.primary_key:
        rules.append("key")
    return (
        anchor(column.name) + code(column.name),
        ", ".join([column.type_text, *rules]),
        column.description,
        _sources(column),
    )


def _sources(column: Column) -> str:
    """Where a column comes from, by table."""
    tables = _unique(source.table for source in column.sources)
    return "; ".join(
        f"[{name}]({name}.md): "
        + ", ".join(f"[{each.column}]({name}.md#{each.column})" for each in column.sources if each.table == name)
        for name in tables
    )


def _references(described: Table) -> str:
    lines = [
        f"- {_columns(key.columns)} refers to [{key.table}]({key.table}.md) ({_columns(key.table_columns)})."
        for key in described.foreign_keys
    ]
    lines += [
        f"- [{other.name}]({other.name}.md) ({_columns(key.columns)}) refers to {_columns(key.table_columns)}."
        for other in catalog().values()
        for key in other.foreign_keys
        if key.table == described.name
    ]
    return "\n".join(["## References", "", *lines]) if lines else ""


def _made_of_it(name: str) -> str:
    made = [
        (code(source.column), _link(other.name, column.name))
        for other in catalog().values()
        for column in other.columns
        for source in column.sources
        if source.table == name
    ]
    if not made:
        return ""
    order = [column.name for column in catalog()[name].columns]
    columns = sorted({column for column, _ in made}, key=lambda text: order.index(text.strip("`")))
    rows = [(column, ", ".join(link for of, link in made if of == column)) for column in columns]
    return "## What is made from it\n\n" + table(("column", "becomes"), rows)


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _columns(names: Iterable[str]) -> str:
    return ", ".join(map(code, names))


def _link(name: str, column: str) -> str:
    return f"[{name}.{column}]({name}.md#{column})"
