"""A store of a million objects, whose listings are made as they are asked for.

What belongs here: a client of S3 that answers listings, and a clock on which they take their time. What doesn't:
expectations.
"""

from bisect import bisect_right
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any


class Clock:
    """A clock that goes on when it is told to; it stands in for the module ``time``."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic


class Store:
    """A bucket, as far as its listings go.

    Args:
        keys: What it holds.
        clock: It goes on with each request.
        page: How many of them an answer holds.
        seconds: How long a request takes.
    """

    meta = SimpleNamespace(endpoint_url="http://store")

    def __init__(self, keys: Sequence[str], clock: Clock, page: int = 1000, seconds: float = 0.15) -> None:
        self._keys = sorted(keys)
        self._etags = dict.fromkeys(self._keys, '"1"')
        self._clock = clock
        self._page = page
        self._seconds = seconds
        self.requests: list[dict[str, Any]] = []

    def put(self, key: str, etag: str = "1") -> None:
        """Writes an object, over a former one."""
        if key not in self._etags:
            self._keys.insert(bisect_right(self._keys, key), key)
        self._etags[key] = f'"{etag}"'

    def delete(self, *keys: str) -> None:
        """Takes objects away."""
        for key in keys:
            del self._etags[key]
        self._keys = sorted(self._etags)

    def list_objects_v2(self, **question: Any) -> dict[str, Any]:
        """Answers as S3 does."""
        self.requests.append(question)
        self._clock.now += self._seconds
        if "Delimiter" in question:
            return {"IsTruncated": False, "CommonPrefixes": [{"Prefix": name} for name in self._folders(question)]}
        prefix = question["Prefix"]
        after = question.get("ContinuationToken", question.get("StartAfter", ""))
        begin = max(bisect_right(self._keys, after), self._first(prefix))
        end = min(begin + self._page, self._behind(prefix))
        entries = [{"Key": key, "ETag": self._etags[key], "Size": 2} for key in self._keys[begin:end]]
        more = end < self._behind(prefix)
        token = {"NextContinuationToken": self._keys[end - 1]} if more else {}
        return {"IsTruncated": more, "Contents": entries, **token}

    def _folders(self, question: dict[str, Any]) -> list[str]:
        prefix, found = question["Prefix"], []
        place = self._first(prefix)
        while place < self._behind(prefix):
            folder, separator, _ = self._keys[place][len(prefix) :].partition("/")
            found += [f"{prefix}{folder}/"] if separator else []
            place = self._behind(f"{prefix}{folder}/") if separator else place + 1
        return found

    def _first(self, prefix: str) -> int:
        return bisect_right(self._keys, prefix)

    def _behind(self, prefix: str) -> int:
        return bisect_right(self._keys, f"{prefix}\U0010ffff")
