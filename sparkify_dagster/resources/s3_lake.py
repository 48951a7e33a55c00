"""A lake on S3 as a resource, on Dagster's S3Resource. Imported only where the lake is on S3.

What belongs here: its client. What doesn't: reading it.
"""

import dagster as dg
from dagster_aws.s3 import S3Resource

from sparkify_dagster.lake import Lake, open_lake
from sparkify_dagster.resources.lake import LakeResource


class S3LakeResource(LakeResource):
    """The lake, in buckets of S3: the source of all that is loaded."""

    s3: dg.ResourceDependency[S3Resource]

    def get(self) -> Lake:
        """The lake."""
        return open_lake(self.logs, self.songs, self.location, self.s3.get_client)
