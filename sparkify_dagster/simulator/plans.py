"""Which plan, free or paid, a listener is on at each step.

What belongs here: upgrades and downgrades, and the level from then on. What does not: how they show in the log.
"""

import numpy as np
import numpy.typing as npt

from sparkify_dagster.simulator.pages import FREE, PAID, Step
from sparkify_dagster.simulator.sessions import NOBODY, Sessions, Steps

# Of the paying listeners who are about to give up their plan, those who do.
_DOWNGRADE_SHARE = 0.3
# Of the visitors who are not logged in, those whose last level was the paid one.
_ANONYMOUS_PAID_SHARE = 0.3


def settle_plans(
    rng: np.random.Generator, sessions: Sessions, steps: Steps, level: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Decide the changes of plan among the steps.

    Args:
        rng: source of chance.
        sessions: the sessions.
        steps: their steps; a change of plan that is not made after all becomes `Step.KEEP_PLAN` in place.
        level: the level of each listener before the sessions; brought up to date in place.

    Returns:
        The level at the beginning of each step.
    """
    anonymous = sessions.listener == NOBODY
    at_first = np.where(anonymous, rng.random(sessions.count) < _ANONYMOUS_PAID_SHARE, level[sessions.listener])
    changes = _decide(rng, sessions, steps, level)
    changed_before = np.zeros(steps.kind.size + 1, dtype=np.int32)
    changed_before[changes + 1] = 1
    np.cumsum(changed_before, out=changed_before)
    first_step = np.searchsorted(steps.session, np.arange(sessions.count))
    marks = sessions.first_of_listener()
    first_session = np.maximum.accumulate(np.where(marks, np.arange(sessions.count), 0))
    elsewhere = changed_before[first_step[first_session]]
    parity = (changed_before[:-1] - elsewhere[steps.session]) & 1
    return at_first.astype(np.uint8)[steps.session] ^ parity.astype(np.uint8)


def _decide(
    rng: np.random.Generator, sessions: Sessions, steps: Steps, level: npt.NDArray[np.uint8]
) -> npt.NDArray[np.intp]:
    """The steps that change a plan; they are few, so a plain loop may take them in their order."""
    candidates = np.flatnonzero(steps.kind == Step.CHANGE_PLAN)
    determined = rng.random(candidates.size) < _DOWNGRADE_SHARE
    made = np.ones(candidates.size, dtype=bool)
    for i, listener in enumerate(sessions.listener[steps.session[candidates]].tolist()):
        if level[listener] == FREE:
            level[listener] = PAID
        elif determined[i]:
            level[listener] = FREE
        else:
            made[i] = False
    steps.kind[candidates[~made]] = Step.KEEP_PLAN
    return candidates[made]
