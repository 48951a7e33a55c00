"""A short name for a set of file versions.

What belongs here: that name. What doesn't: the files.
"""

import hashlib
from collections.abc import Iterable

from sparkify_dagster.lake import LakeFile


def digest(files: Iterable[LakeFile]) -> str:
    """A name made of keys and etags: another set of versions has another name."""
    text = hashlib.sha256()
    for file in sorted(files):
        text.update(f"{file.key}\0{file.etag}\0".encode("utf-8", errors="surrogateescape"))
    return text.hexdigest()[:20]
