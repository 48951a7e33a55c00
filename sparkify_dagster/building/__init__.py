"""From the staging tables into the star schema, and from there into analytics: each table takes in what came since.

What belongs here: which of the transformations runs, from where on, and the note of it in the ledger, in one
transaction. What doesn't: the transformations themselves, which are SQL.
"""

from sparkify_dagster.building.build import (
    BuildReport,
    BuildRequest,
    build,
    build_version,
)

__all__ = ["BuildReport", "BuildRequest", "build", "build_version"]
