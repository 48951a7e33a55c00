"""The queue of announcements as a resource. It imports boto3 only when the queue is asked something.

What belongs here: whether there is a queue, and which. What doesn't: receiving from it.
"""

from abc import abstractmethod

import dagster as dg
from pydantic import Field

from sparkify_dagster.events import Announcements


class AnnouncementsResource(dg.ConfigurableResource):
    """What announces that files come into the lake."""

    @abstractmethod
    def get(self) -> Announcements | None:
        """The queue; None where nothing announces anything, and the lake is listed instead."""


class NoAnnouncementsResource(AnnouncementsResource):
    """Nothing announces new files: no SPARKIFY_EVENTS_QUEUE is set, and the log sensor lists the lake instead."""

    def get(self) -> Announcements | None:
        """None."""
        return None


class SqsAnnouncementsResource(AnnouncementsResource):
    """The queue of SQS to which S3 announces new files; the log sensor receives from it."""

    queue: str = Field(description="The queue's URL.")

    def get(self) -> Announcements | None:
        """The queue."""
        return Announcements(self.queue)
