"""What a tick may spend on listing: requests, and time.

What belongs here: counting both. What doesn't: what they are spent on (``listing``).
"""

import time

_MOST_REQUESTS = 20
# A tick has 60 s, and needs some of them for the queue and for the ledger.
_MOST_SECONDS = 20.0


class Budget:
    """What is left of a tick's requests and time.

    Attributes:
        left: Requests that may still be made.
    """

    def __init__(self, requests_a_page: int, kept: int = 0) -> None:
        """Begins a tick.

        Args:
            requests_a_page: What a page costs. Where it costs none, only time counts.
            kept: Requests that the tick needs for something else.
        """
        self.left = _MOST_REQUESTS - kept
        self._requests_a_page = requests_a_page
        self._end = time.monotonic() + _MOST_SECONDS

    def spend(self) -> None:
        """Counts a page."""
        self.left -= self._requests_a_page

    def share(self, leaving: int = 0, least: int = 1) -> "Share":
        """A part of the budget.

        Args:
            leaving: Requests that are left for others.
            least: Pages that are listed however late it is, so that a slow lake does not keep this from going on.
        """
        return Share(self, leaving, least)

    def keep_at_most(self, requests: int) -> None:
        """Gives up what is left above so many requests."""
        self.left = min(self.left, requests)

    def is_late(self) -> bool:
        """Whether the time is used up."""
        return time.monotonic() > self._end


class Share:
    """A part of a budget, for one purpose."""

    def __init__(self, budget: Budget, leaving: int, least: int) -> None:
        """See ``Budget.share``."""
        self._budget = budget
        self._leaving = leaving
        self._least = least

    def spend(self) -> None:
        """Counts a page."""
        self._least -= 1
        self._budget.spend()

    def allows_another(self) -> bool:
        """Whether another page may be listed."""
        return self._budget.left > self._leaving and (self._least > 0 or not self._budget.is_late())
