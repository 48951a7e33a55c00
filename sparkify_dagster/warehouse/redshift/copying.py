"""COPY, as the platform uses it: JSON, through JSONPaths, of exactly the files of a manifest.

What belongs here: its text, since COPY takes no bound values, and running it. What doesn't: what is copied where.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkify_dagster.sqlfiles import quoted
from sparkify_dagster.warehouse.base import Session

MOST_ERRORS = 100_000
"""The most records that COPY can leave out before it fails; as many as it allows."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A COPY.

    Attributes:
        table: The table to copy into.
        columns: Its columns, in the order of the JSONPaths.
        manifest: Address of the manifest.
        jsonpaths: Address of the JSONPaths.
        role: The ARN of the role that reads S3, several with commas, or ``default``.
        region: The region of the manifest and all files; None for the cluster's own.
        packed: Whether the files are gzip.
        lenient: Whether bad records are left out, and noted in the error views.
    """

    table: str
    columns: Sequence[str]
    manifest: str
    jsonpaths: str
    role: str
    region: str | None
    packed: bool
    lenient: bool

    def statement(self) -> str:
        """Its text.

        COMPUPDATE is off, lest it change the encoding of an empty table; so is STATUPDATE, which would analyze one.
        EMPTYASNULL makes "" in texts NULL, as the contract has it.
        """
        options = [
            f"COPY {self.table} ({', '.join(self.columns)})",
            f"FROM {quoted(self.manifest, 'redshift')}",
            "IAM_ROLE default" if self.role == "default" else f"IAM_ROLE {quoted(self.role, 'redshift')}",
            f"REGION {quoted(self.region, 'redshift')}" if self.region else "",
            f"FORMAT AS JSON {quoted(self.jsonpaths, 'redshift')}",
            "MANIFEST",
            "GZIP" if self.packed else "",
            "TIMEFORMAT 'epochmillisecs'",
            "EMPTYASNULL",
            f"MAXERROR {MOST_ERRORS}" if self.lenient else "",
            "COMPUPDATE OFF",
            "STATUPDATE OFF",
        ]
        return "\n".join(option for option in options if option)


def run_copy(session: Session, copy: Copy) -> int:
    """Runs it; returns the number of rows that it loaded."""
    session.query(copy.statement())
    ((rows,),) = session.run("redshift/copied_rows")
    return int(str(rows))
