"""The messages of a tick: which log months they announce, and which of them are done with.

What belongs here: that. What doesn't: the queue's requests, and listing the lake.

A message is done with once each month that it announces has been listed since, and what that showed to be new has been
asked for: both stand in the cursor that the tick begins with. Until then it is left in the queue, and comes again. It
is never remembered which messages came: twice, late or in any order, they lead to a listing and no more.
"""

from collections.abc import Collection
from logging import Logger
from typing import NamedTuple

from sparkify_dagster.events import Announcements, Message, Received
from sparkify_dagster.lake import Lake
from sparkify_dagster.sensors.cursor import Cursor


class _Open(NamedTuple):
    message: Message
    stretches: list[str]


class Mail:
    """The messages that a tick received.

    Attributes:
        at: When they were received, by the clock of the queue; None without a queue, or where it does not say.
        stretches: What is to be listed of the log months that are announced, for the oldest messages first; None
            without a queue.
        said: What went wrong, and what was strange, in words for a person; it is logged as well.
    """

    def __init__(
        self,
        announcements: Announcements | None,
        lake: Lake,
        partitions: Collection[str],
        former: Cursor,
        log: Logger,
    ) -> None:
        """Receives messages, and deletes those that are done with.

        Args:
            announcements: The queue, if there is one.
            lake: The lake whose files count.
            partitions: The log months that count.
            former: What was remembered at the beginning of the tick.
            log: The tick's log.
        """
        self._announcements = announcements
        received = announcements.receive() if announcements else Received()
        self.at = received.at
        self.said: list[str] = []
        self._log = log
        if received.problem:
            self._say(f"Without the queue of announcements, the lake is listed slowly: {received.problem}.")
        self._open: list[_Open] = []
        done: list[Message] = []
        for message in sorted(received.messages, key=lambda message: message.sent or 0.0):
            announced = {month for stored in message.objects or [] if (month := lake.log_month_at(*stored))}
            stretches = [
                stretch
                for month in sorted(announced.intersection(partitions))
                for stretch in former.not_listed_since(month, message.sent)
            ]
            if stretches:
                self._open.append(_Open(message, stretches))
            else:
                done.append(message)
        waiting = dict.fromkeys(stretch for entry in self._open for stretch in entry.stretches)
        self.stretches = [*waiting] if announcements else None
        if strange := sum(message.objects is None for message in done):
            self._say(f"Deleted from the queue, since they are no notifications of S3: {strange} messages.")
        self._delete(done)

    def let_go(self, outstanding: Collection[str]) -> None:
        """Deletes the messages that announce nothing new, now that the lake was listed.

        Args:
            outstanding: The stretches that were not listed, or that hold something else than before.
        """
        self._delete([entry.message for entry in self._open if not set(entry.stretches).intersection(outstanding)])

    def _delete(self, messages: list[Message]) -> None:
        if self._announcements and messages and (problem := self._announcements.delete(messages)):
            self._say(f"Messages of the queue come again: {problem}.")

    def _say(self, line: str) -> None:
        self._log.warning(line)
        self.said.append(line)
