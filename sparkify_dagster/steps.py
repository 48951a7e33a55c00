"""The steps of a load or a build, by name.

Each is logged, at level DEBUG, once it is done: the log of a run that was cut off ends with the last of them. Whatever
the step, the warehouse then holds the old rows or the new ones; the tests kill processes at each of them.

What belongs here: the names. What doesn't: what is done in a step.
"""

import logging
from enum import StrEnum

_log = logging.getLogger(__name__)


class Step(StrEnum):
    """A step of a load or a build, in the order of a load."""

    LISTED = "listed"
    """The lake has told its files; no transaction is open yet."""

    VALIDATED = "validated"
    """Files that need a closer look are validated record by record."""

    REPLACED = "replaced"
    """The rows of former versions are taken out."""

    MANIFEST = "manifest"
    """It is settled which files exactly the warehouse reads: for Redshift, the manifest is on S3."""

    COPIED = "copied"
    """The warehouse has read them."""

    VERIFIED = "verified"
    """The lake still holds the versions that were listed."""

    LEDGER = "ledger"
    """Load, files and rejected records are in the ledger."""

    BUILT = "built"
    """A table of the star has taken in what is new."""

    COMMITTING = "before commit"
    """All is done but the commit."""

    COMMITTED = "after commit"
    """The transaction is committed."""


def reached(step: Step) -> None:
    """Tells that a step is done."""
    _log.debug("%s", step)
