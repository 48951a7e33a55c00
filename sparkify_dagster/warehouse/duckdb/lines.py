"""The lines of files as DuckDB's reader of CSV sees them: one column, in which nothing is special.

What belongs here: reading lines, and counting them. What doesn't: what they hold.
"""

from collections.abc import Sequence

from sparkify_dagster.loading.records import MAX_RECORD_BYTES
from sparkify_dagster.sqlfiles import quoted


def read_lines(paths: Sequence[str]) -> str:
    """A table function that gives ``line``, with ``filename`` and ``file_index`` (from 0); empty lines are NULL.

    It raises an error at what is no UTF-8, at a line longer than a record may be, and where lines end in two ways.
    """
    listed = ", ".join(quoted(path, "duckdb") for path in paths)
    return (
        # No text holds the delimiter: JSON allows no control characters in strings.
        f"read_csv([{listed}], columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '', "
        f"header = false, auto_detect = false, max_line_size = {MAX_RECORD_BYTES - 1}, "
        "hive_partitioning = false, compression = 'none')"
    )
