"""What S3 says of itself: notifications of objects that came, changed or went, and the queue that they wait in.

What belongs in this package: understanding a notification, receiving and deleting messages. What does not: which of
them are done with, and what they lead to: the sensor decides that.
"""

from sparkify_dagster.events.notifications import StoredObject, announced_objects
from sparkify_dagster.events.queue import Announcements, Message, Received

__all__ = ["Announcements", "Message", "Received", "StoredObject", "announced_objects"]
