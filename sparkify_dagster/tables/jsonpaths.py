"""The JSONPaths of a staging table, made from its description.

What belongs here: the list that Redshift's COPY reads the JSON with: in the order of the columns, and as many.
What doesn't: uploading it.
"""

import json

from sparkify_dagster.tables.description import Table


def jsonpaths(table: Table, part: str) -> str:
    """The text of a JSONPaths file.

    Args:
        table: The staging table.
        part: The part of the lake that its columns are read from, such as ``log_data``.
    """
    return json.dumps({"jsonpaths": [f"$['{key}']" for key in table.keys_of(part)]}, indent=4)
