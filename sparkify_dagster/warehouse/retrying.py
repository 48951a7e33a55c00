"""Tries a transaction again that the warehouse gave up.

What belongs here: how often, and with which pauses. What doesn't: which errors mean that nothing was committed, which
each engine knows.
"""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from sparkify_dagster.errors import TransactionLost

_log = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often a transaction is tried, the first time included."""

FIRST_PAUSE = 0.5
"""Seconds before the second attempt; each further pause is twice as long, give or take a quarter."""

T = TypeVar("T")


def retrying(attempt: Callable[[], T], pause: Callable[[float], None] = time.sleep) -> T:
    """Runs a whole transaction, and runs it again where nothing of it was committed and nothing is wrong.

    Args:
        attempt: The transaction, from its beginning to its commit.
        pause: Waits for so many seconds.

    Raises:
        TransactionLost: It was given up each time.
    """
    seconds = FIRST_PAUSE
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except TransactionLost as lost:
            _log.info("beginning again: %s", lost)
        # Two runs that got into each other's way must not meet again.
        pause(seconds * random.uniform(0.75, 1.25))
        seconds *= 2
    return attempt()
