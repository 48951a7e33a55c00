"""The target that asks DuckDB: what its fast path takes is what the rules take, with the same values.

What belongs here: that target, on the machinery of the tests of both paths. What doesn't: targets that need no
warehouse (``targets``). It is some ten times slower than those, and so is left to the longer runs.
"""

import atexit
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sparkify_dagster_tests.loading.test_fast_path import BothPaths


def check_two_paths(content: bytes) -> None:
    """What the fast path takes of a file, the careful one takes too, whole and with the same values."""
    paths = _paths()
    (fast,) = paths.fast([content])
    if fast is None:
        return
    (careful,), (bad,) = paths.careful([content])
    assert not bad, f"the fast path takes what must be rejected: {bad}"
    assert fast == careful


@cache
def _paths() -> BothPaths:
    """One for all inputs, since making one takes longer than asking it; it goes with the process."""
    folder = TemporaryDirectory()
    paths = BothPaths(Path(folder.name))

    def close() -> None:
        paths.close()
        folder.cleanup()
        # What DuckDB still holds at the very end, it complains about.
        _paths.cache_clear()

    atexit.register(close)
    return paths
