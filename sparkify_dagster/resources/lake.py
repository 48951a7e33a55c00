"""A lake in a folder as a resource. The lake on S3 is in ``s3_lake``, so that boto3 is imported only where it is used.

What belongs here: its places. What doesn't: reading it.
"""

from abc import abstractmethod

import dagster as dg
from pydantic import Field

from sparkify_dagster.lake import Lake, open_lake


class LakeResource(dg.ConfigurableResource):
    """A lake."""

    logs: str = Field(description="Where the logs are.")
    songs: str = Field(description="Where the songs are.")
    location: str = Field(description="Where the lake is, for people.")

    @abstractmethod
    def get(self) -> Lake:
        """The lake."""


class FolderLakeResource(LakeResource):
    """The lake, in folders of this machine: the source of all that is loaded."""

    def get(self) -> Lake:
        """The lake."""
        return open_lake(self.logs, self.songs, self.location)
