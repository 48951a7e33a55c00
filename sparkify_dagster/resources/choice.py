"""Chooses the resources that the settings ask for.

What belongs here: that choice. What doesn't: the resources.
"""

from typing import Any

from sparkify_dagster.resources.announcements import (
    AnnouncementsResource,
    NoAnnouncementsResource,
    SqsAnnouncementsResource,
)
from sparkify_dagster.resources.lake import FolderLakeResource
from sparkify_dagster.settings import Settings


def lake_resource(settings: Settings) -> Any:
    """The lake."""
    places = {"logs": settings.log_data, "songs": settings.song_data, "location": settings.lake}
    if settings.log_data.startswith("s3://"):
        from dagster_aws.s3 import S3Resource  # noqa: PLC0415 costs two seconds, so only where it is used

        from sparkify_dagster.resources.s3_lake import S3LakeResource  # noqa: PLC0415

        return S3LakeResource(s3=S3Resource(), **places)
    return FolderLakeResource(**places)


def announcements_resource(settings: Settings) -> AnnouncementsResource:
    """The queue that announces new log files, if there is one."""
    return SqsAnnouncementsResource(queue=settings.events_queue) if settings.events_queue else NoAnnouncementsResource()
