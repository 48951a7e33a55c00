"""Chooses the resources that the settings ask for.

What belongs here: that choice. What doesn't: the resources.
"""

from typing import Any

from sparkify_dagster.resources.lake import FolderLakeResource
from sparkify_dagster.resources.warehouse import DuckDBResource
from sparkify_dagster.settings import Settings


def lake_resource(settings: Settings) -> Any:
    """The lake."""
    places = {"logs": settings.log_data, "songs": settings.song_data, "location": settings.lake}
    if settings.log_data.startswith("s3://"):
        from dagster_aws.s3 import S3Resource  # noqa: PLC0415 costs two seconds, so only where it is used

        from sparkify_dagster.resources.s3_lake import S3LakeResource  # noqa: PLC0415

        return S3LakeResource(s3=S3Resource(), **places)
    return FolderLakeResource(**places)


def warehouse_resource(settings: Settings, *, read_only: bool = False) -> DuckDBResource:
    """The warehouse; for reading, one that does not wait for a writer."""
    return DuckDBResource(
        path=str(settings.duckdb_path),
        read_only=read_only,
        lock_wait=0.0 if read_only else settings.lock_wait,
    )
