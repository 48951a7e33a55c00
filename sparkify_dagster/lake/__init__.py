"""The lake: the files that the warehouse is made from, in a folder or in S3.

What belongs in this package: naming, listing, reading and copying the lake's files. What does not: what is in them,
which of them are loaded, and settings (the places come in as arguments).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sparkify_dagster.aws.clients import s3_client
from sparkify_dagster.errors import LakeError
from sparkify_dagster.lake.base import Lake, LakeFile, Listing
from sparkify_dagster.lake.folder import FolderLake
from sparkify_dagster.lake.s3 import S3Lake

__all__ = ["FolderLake", "Lake", "LakeFile", "Listing", "S3Lake", "open_lake"]


def open_lake(logs: str, songs: str, location: str, client_factory: Callable[[], Any] | None = None) -> Lake:
    """Gives the lake whose parts are at these places. Nothing is looked at yet.

    Args:
        logs: Where the years of log files lie: a folder's path or "s3://bucket/prefix".
        songs: Where the song files lie; of the same kind.
        location: Where the lake is, for people; without credentials.
        client_factory: Makes the client for S3, when the first request is made; by default ``s3_client``.

    Raises:
        LakeError: The parts are of two kinds, or of one that is not known.
    """
    kinds = {_kind(logs), _kind(songs)}
    if kinds == {"s3"}:
        return S3Lake(client_factory or s3_client, logs, songs, location)
    if kinds == {""}:
        return FolderLake(Path(logs), Path(songs), location)
    if kinds == {"", "s3"}:
        raise LakeError("the logs and the songs must both lie in folders or both in S3. Correct SPARKIFY_LAKE")
    unknown = ", ".join(f"{kind}://" for kind in sorted(kinds - {"", "s3"}))
    raise LakeError(f"a lake lies in a folder or in S3 (s3://bucket/prefix), not in {unknown}. Correct SPARKIFY_LAKE")


def _kind(place: str) -> str:
    """Gives the scheme of an address, "" for a path."""
    scheme, separator, _ = place.partition("://")
    return scheme if separator else ""
