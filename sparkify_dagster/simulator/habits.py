"""When people listen: the hours and days that they prefer, in their own time zone.

What belongs here: profiles of hours and weekdays, and draws of instants by them. What does not: who has which habit.
"""

import numpy as np
import numpy.typing as npt

from sparkify_dagster.simulator.chance import cumulative
from sparkify_dagster.simulator.months import DAY_MS, HOUR_MS, Month


def _hours(*peaks: tuple[float, float, float], base: float = 0.04) -> npt.NDArray[np.float64]:
    """Weights of the 24 hours: round peaks of (hour, width in hours, height) over a base."""
    hours = np.arange(24)
    weights = np.full(24, base)
    for hour, width, height in peaks:
        distance = np.minimum((hours - hour) % 24, (hour - hours) % 24)
        weights += height * np.exp(-0.5 * (distance / width) ** 2)
    return weights


# One row a profile; commuters, office listeners, evenings, night owls, early birds, all day long.
HOUR_PROFILES = np.array(
    [
        _hours((8, 1.2, 1.0), (18, 1.4, 1.0)),
        _hours((10, 1.5, 1.0), (15, 2.0, 1.1)),
        _hours((20, 2.2, 1.2)),
        _hours((23.5, 2.2, 1.2), (17, 2.0, 0.2), base=0.02),
        _hours((6.5, 1.5, 1.0), (13, 2.5, 0.3)),
        _hours((14, 5.0, 1.0), base=0.08),
    ]
)
HOUR_PROFILE_SHARES = (0.2, 0.25, 0.25, 0.08, 0.07, 0.15)

# One row a profile, Monday first: workdays, weekends, all days alike, Friday and Saturday.
WEEKDAY_PROFILES = np.array(
    [
        [1.1, 1.15, 1.2, 1.15, 1.0, 0.35, 0.3],
        [0.5, 0.5, 0.5, 0.6, 0.9, 1.5, 1.4],
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        [0.7, 0.7, 0.8, 1.0, 1.6, 1.5, 0.7],
    ]
)
WEEKDAY_PROFILE_SHARES = (0.5, 0.15, 0.25, 0.1)

_HOUR_STEPS = cumulative(HOUR_PROFILES)


def draw_day_steps(rng: np.random.Generator, month: Month) -> npt.NDArray[np.float64]:
    """Draw how busy the days of the month are, for each weekday profile, as cumulative shares."""
    weekdays = (month.first_weekday + np.arange(month.days)) % 7
    return cumulative(WEEKDAY_PROFILES[:, weekdays] * rng.lognormal(0, 0.08, month.days))


def draw_instants(
    rng: np.random.Generator,
    month: Month,
    day_steps: npt.NDArray[np.float64],
    weekday_profile: npt.NDArray[np.integer],
    hour_profile: npt.NDArray[np.integer],
    hours_from_utc: npt.NDArray[np.integer],
    first_day: npt.NDArray[np.integer],
) -> npt.NDArray[np.int64]:
    """Draw an instant of the month for each entry, by its habits.

    Args:
        rng: source of chance.
        month: the month.
        day_steps: cumulative shares of its days, one row a weekday profile.
        weekday_profile: rows of `WEEKDAY_PROFILES`.
        hour_profile: rows of `HOUR_PROFILES`.
        hours_from_utc: offsets of the time zones.
        first_day: the earliest local day of the month, from 0.

    Returns:
        Milliseconds since the start of the month.
    """
    count = weekday_profile.size
    before = np.concatenate([np.zeros((day_steps.shape[0], 1)), day_steps], axis=1)[weekday_profile, first_day]
    day = _draw_from_rows(day_steps, weekday_profile, before + (1 - before) * rng.random(count))
    hour = _draw_from_rows(_HOUR_STEPS, hour_profile, rng.random(count))
    local = day * DAY_MS + hour * HOUR_MS + rng.integers(0, HOUR_MS, count)
    # The last local evening reaches into the next month: it stands for the first one, that began in the month before.
    return (local - hours_from_utc * HOUR_MS) % (month.days * DAY_MS)


def _draw_from_rows(
    steps: npt.NDArray[np.float64], rows: npt.NDArray[np.integer], chance: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """For each entry, the column of its row of cumulative shares that its chance (0 to 1) falls in."""
    width = steps.shape[1]
    # Shifted by its number, each row has its own stretch of one rising sequence.
    rising = (steps + np.arange(steps.shape[0])[:, None]).ravel()
    column = np.searchsorted(rising, rows + chance, side="right") - rows * width
    return np.clip(column, 0, width - 1).astype(np.int64)
