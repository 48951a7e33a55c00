"""The JSONPaths of a table, made from its description.

What belongs here: the list that Redshift's COPY reads the JSON with: in the order of the columns, and as many.
What doesn't: uploading it.
"""

import json
from collections.abc import Iterable

from sparkify_dagster.tables.description import Table


def jsonpaths(table: Table, part: str) -> str:
    """The text of a JSONPaths file for the records of a part of the lake.

    Args:
        table: The staging table.
        part: The part of the lake that its columns are read from, such as ``log_data``.
    """
    return jsonpaths_of_keys(table.keys_of(part))


def jsonpaths_of_keys(keys: Iterable[str]) -> str:
    """The text of a JSONPaths file for JSON with these keys, in this order."""
    return json.dumps({"jsonpaths": [f"$['{key}']" for key in keys]}, indent=4)
