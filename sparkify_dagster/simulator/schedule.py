"""When sessions take place: one listener is in one session at a time.

What belongs here: moving sessions apart within their month. What does not: when they are wished to begin, and what
happens in them.
"""

import numpy as np
import numpy.typing as npt


def lay_out(
    first_of_group: npt.NDArray[np.bool_],
    wished: npt.NDArray[np.int64],
    busy: npt.NDArray[np.int64],
    earliest: npt.NDArray[np.int64],
    latest: npt.NDArray[np.int64],
    may_run_over: bool,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Find starts as close to the wished ones as the order of each group's sessions allows.

    All times are in milliseconds from the same origin.

    Args:
        first_of_group: marks the first session of each group; the sessions of a group stand in the order of `wished`.
        wished: wished starts.
        busy: how long each session keeps the next one of its group waiting.
        earliest: the instant from which on each group may begin.
        latest: the instant until which each group's sessions end, or begin if they `may_run_over`.
        may_run_over: whether the last session of a group may end after `latest`.

    Returns:
        (starts, factors): a factor below 1 is the pace at which a session has to be gone through, for a group
        with more to do than there is time.
    """
    group = np.cumsum(first_of_group) - 1
    first = np.flatnonzero(first_of_group)
    is_last = np.append(first_of_group[1:], True)
    needed = np.where(is_last, 0, busy) if may_run_over else busy
    factor = np.minimum(1.0, (latest - earliest) / np.maximum(np.add.reduceat(needed, first), 1))[group]
    needed = np.floor(needed * factor).astype(np.int64)

    so_far = np.cumsum(needed)
    before = so_far - needed
    before -= before[first][group]
    total = np.add.reduceat(needed, first)[group]
    # No start is earlier than the one before it allows: a running maximum, with the groups kept apart by offsets.
    slack = np.maximum(wished, earliest[group]) - before
    apart = group * (np.ptp(slack) + 1)
    pushed = np.maximum.accumulate(slack + apart) - apart + before
    return np.minimum(pushed, latest[group] - total + before), factor
