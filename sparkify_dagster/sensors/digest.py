"""A short name for a set of file versions.

What belongs here: that name. What doesn't: the files.
"""

import hashlib
from collections.abc import Iterable

from sparkify_dagster.lake import LakeFile

NOTHING = "0" * 20
"""The name of no files at all."""

NEVER_LISTED = ""
DIFFERENT = "?"
"""The versions are not those of the name that they had; which they are has yet to be seen."""

OUTSTANDING = frozenset({NEVER_LISTED, DIFFERENT})
"""They stand where a name should."""


def digest(files: Iterable[LakeFile], before: str = NOTHING) -> str:
    """A name made of keys and etags: another set of versions has another name.

    Args:
        files: The files.
        before: The name of other files, all with keys before these; the name is then of all together.
    """
    name = before
    for file in sorted(files):
        text = f"{name}\0{file.key}\0{file.etag}"
        name = hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()[:20]
    return name
