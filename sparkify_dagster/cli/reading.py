"""What a command does to the process before it lets an engine read for it.

What belongs here: Ctrl-C and the time zone, which DuckDB takes from the process. What doesn't: reading.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def only_reading() -> Iterator[None]:
    """Has Ctrl-C end the process at once, and moments in UTC, as Redshift has them.

    DuckDB doesn't let Python look at signals while it works out rows. Whoever only reads leaves nothing undone.
    """
    os.environ["TZ"] = "UTC"
    time.tzset()
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
