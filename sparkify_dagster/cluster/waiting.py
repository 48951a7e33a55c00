"""Waiting for AWS, which takes minutes.

What belongs here: looking again and again, telling how it goes, giving up. What doesn't: what is looked at.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sparkify_dagster.errors import SparkifyError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited.

    Attributes:
        first_seconds: The first pause between two looks; each is half as long again as the one before.
        longest_seconds: The longest pause.
        seconds: After which it is given up.
        tell_seconds: How often it is told, where nothing changes.
    """

    first_seconds: float = 1.0
    longest_seconds: float = 15.0
    seconds: float = 3600.0
    tell_seconds: float = 60.0

    def wait(self, title: str, look: Callable[[], str | None]) -> None:
        """Looks until there is nothing to wait for.

        Args:
            title: What is waited for.
            look: Says what state it is in; None where there is nothing more to wait for.

        Raises:
            SparkifyError: It took too long.
        """
        began = told_at = time.monotonic()
        told, pause = None, self.first_seconds
        while (state := look()) is not None:
            now = time.monotonic()
            if now - began > self.seconds:
                raise SparkifyError(
                    f"the {title} is still {state} after {self.seconds / 60:.0f} minutes: look at it in the console of "
                    "AWS; the same command takes up where it stopped."
                )
            if state != told or now - told_at >= self.tell_seconds:
                _log.info("the %s is %s; waiting", title, state)
                told, told_at = state, now
            time.sleep(pause)
            pause = min(pause * 1.5, self.longest_seconds)
