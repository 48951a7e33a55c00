"""What tests ask to go wrong, and when.

What belongs here: the rules, and finding the one that a statement meets. What doesn't: doing it.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sparkify_dagster_tests.redshift.errors import ServerError

Matching = str | Callable[[str], bool]
"""A regular expression, found anywhere in a statement whatever its case; or a function of the statement."""

Kind = Literal["fail", "cut before", "cut after", "delay"]


@dataclass
class Fault:
    """Something that goes wrong with statements.

    Attributes:
        kind: What happens.
        matching: To which statements.
        times: How many more times.
        error: The error, for ``fail``.
        seconds: How long, for ``delay``.
    """

    kind: Kind
    matching: Matching
    times: int = 1
    error: ServerError | None = None
    seconds: float = 0.0

    def meets(self, statement: str) -> bool:
        """Whether a statement is meant."""
        if callable(self.matching):
            return self.matching(statement)
        return re.search(self.matching, statement, re.IGNORECASE | re.DOTALL) is not None


class Faults:
    """The faults to come; several threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._refusals = 0

    def add(self, fault: Fault) -> None:
        """Asks for a fault."""
        with self._lock:
            self._faults.append(fault)

    def refuse_connections(self, times: int) -> None:
        """Asks for so many connections to be closed at once."""
        with self._lock:
            self._refusals = times

    def takes_connection(self) -> bool:
        """Whether the connection that has come is to be served."""
        with self._lock:
            if self._refusals:
                self._refusals -= 1
                return False
            return True

    def of(self, statement: str) -> list[Fault]:
        """The faults that a statement meets now; each then has one time less to go."""
        with self._lock:
            met = [fault for fault in self._faults if fault.meets(statement)]
            for fault in met:
                fault.times -= 1
            self._faults = [fault for fault in self._faults if fault.times > 0]
            return met

    def clear(self) -> None:
        """Forgets them all."""
        with self._lock:
            self._faults.clear()
            self._refusals = 0
