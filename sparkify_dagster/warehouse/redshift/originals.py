"""What has to be known of log files before COPY may read them as they are.

COPY tells of no row which file it came from. Where it reads several files at once, a row belongs to the file of its
UTC day; so each must be the only file of its day, and the staging proves by its counts that each holds that day only.

What belongs here: the look at the beginning and the end of each file: whether it is packed, whether it is whole,
whether its lines are records. What doesn't: COPY.
"""

import gzip
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO

from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.lake.packing import BROKEN, is_packed
from sparkify_dagster.warehouse.base import Batch, IncomingFile

_LOOK_BYTES = 16_384
_READERS = 16
_CHUNK = 1 << 20
_MOST_CHARACTERS_OF_A_NAME = 256
_DAY = re.compile(r"(?:.*/)?(\d{4}-\d{2}-\d{2})[^/]*")
# Not at the end of what was read, where a moment may be cut.
_MOMENT = re.compile(rb'"ts"[ \t]*:[ \t]*(\d{1,15})\b(?!\Z)')


@dataclass(frozen=True, slots=True)
class Original:
    """A log file that COPY may read.

    Attributes:
        incoming: The file.
        packed: Whether it is gzip.
        day: The day that its name begins with; None where it begins with none.
        address: Where COPY reads it.
    """

    incoming: IncomingFile
    packed: bool
    day: date | None
    address: str

    @property
    def name(self) -> str:
        """Its name in the system views, which keep the first 256 characters of an address."""
        return self.address[:_MOST_CHARACTERS_OF_A_NAME]


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of a file; without a tail, the head is all of it."""

    incoming: IncomingFile
    packed: bool
    whole: bool
    head: bytes
    tail: bytes

    @property
    def lines(self) -> list[bytes]:
        """The lines that were seen from their beginning to their end."""
        head = self.head.split(b"\n")
        return [*head[:-1], *self.tail.split(b"\n")[1:]] if self.tail else head


def look_at_originals(batch: Batch) -> tuple[list[Original], set[int]]:
    """Looks at the originals of a batch.

    Returns:
        Those that COPY may read, without the empty ones; and the file_ids of those that need a closer look.

    Raises:
        FileChanged: The lake no longer holds the version that was listed.
    """
    filled = [incoming for incoming in batch.originals if incoming.file.size]
    with ThreadPoolExecutor(_READERS) as pool:
        looks = list(pool.map(lambda incoming: _look(batch, incoming), filled))
    good: list[Original] = []
    bad: set[int] = set()
    for look in looks:
        file_id = look.incoming.file_id
        batch.look_at(file_id, look.head)
        batch.look_at(file_id, look.tail)
        day = _day_in_name(look.incoming.file.key)
        original = Original(look.incoming, look.packed, day, _address(batch, look.incoming))
        if not look.whole or not all(map(batch.is_good, look.lines)) or _has_another_day(look, day):
            bad.add(file_id)
        else:
            good.append(original)
    return good, bad | _without_day_of_their_own(good)


def groups_of(originals: Sequence[Original]) -> list[list[Original]]:
    """The files that one COPY can read: one group for each compression met."""
    groups = [[original for original in originals if original.packed is packed] for packed in (False, True)]
    return [group for group in groups if group]


def _look(batch: Batch, incoming: IncomingFile) -> _Look:
    head, tail = batch.lake.ends(incoming.file, _LOOK_BYTES)
    if not is_packed(head):
        return _Look(incoming, False, True, head, tail)
    # Whether a packed file is whole only its last bytes tell, and only to who unpacks it.
    content = batch.lake.read(incoming.file) if tail else head
    try:
        with gzip.open(BytesIO(content)) as file:
            head, tail = file.read(_LOOK_BYTES), b""
            while chunk := file.read(_CHUNK):
                tail = (tail + chunk)[-_LOOK_BYTES:]
    except BROKEN:
        return _Look(incoming, True, False, b"", b"")
    return _Look(incoming, True, True, head, tail)


def _address(batch: Batch, incoming: IncomingFile) -> str:
    address = batch.lake.address(incoming.file)
    if address is None:
        raise WarehouseError("Redshift reads files from S3 only: set SPARKIFY_LAKE to s3://bucket/prefix.")
    return address


def _day_in_name(key: str) -> date | None:
    match = _DAY.fullmatch(key)
    if match is None:
        return None
    with suppress(ValueError):
        return date.fromisoformat(match[1])
    return None


def _has_another_day(look: _Look, day: date | None) -> bool:
    """Whether an event at either end of a file is not of the file's day: late and early ones lie there."""
    if day is None:
        return False
    moments = (int(text) for part in (look.head, look.tail) for text in _MOMENT.findall(part))
    return any(datetime.fromtimestamp(moment / 1000, UTC).date() != day for moment in moments if moment < 10**14)


def _without_day_of_their_own(originals: Sequence[Original]) -> set[int]:
    """Files that can't share a COPY with others, since a row of theirs could as well be another file's."""
    bad: set[int] = set()
    for group in groups_of(originals):
        if len(group) > 1:
            days = Counter(original.day for original in group)
            bad |= {o.incoming.file_id for o in group if o.day is None or days[o.day] > 1}
    return bad
