"""Who listens: the registered listeners, with their lasting traits.

What belongs here: the invention of listeners, when they come and go, how much and what they like to hear. What does
not: what changes from visit to visit.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sparkify_dagster.simulator import habits, words
from sparkify_dagster.simulator.catalogue import Catalogue
from sparkify_dagster.simulator.chance import cumulative, draw
from sparkify_dagster.simulator.months import DAY_MS, HOUR_MS, Month

# What a listener can be asked to do in a month: to listen through most of the waking hours.
MAX_EVENTS_A_MONTH = 8_000

_FAVOURITES = 6
_LEAVING_SHARE_A_MONTH = 0.03
_NEWCOMER_GROWTH = 1.06
_LATEST_DEBUT = 6


@dataclass(frozen=True)
class Listeners:
    """The listeners in the order of their registration, one entry of each column a listener.

    Attributes:
        joined: the month they registered in, -1 for those who came before the first.
        left: the last month they are active in.
        debut: the month they are heard in at the latest.
        registration: epoch milliseconds (UTC).
        arrival: the earliest instant of their first event, epoch milliseconds (UTC).
        activity: how much they listen, as a weight.
        stamina: how long their sessions are, as a factor.
        pays: whether they have the paid level when the lake begins.
        place: position in `words.LISTENER_PLACES`.
        hours_from_utc: offset of their time zone. Habits keep to standard time all the year.
        hour_profile: row of `habits.HOUR_PROFILES`.
        weekday_profile: row of `habits.WEEKDAY_PROFILES`.
        favourites: their favourite artists, one row a listener.
        female: whether they gave their gender as F.
        first_name: position in the list of first names of their gender.
        last_name: position in `words.LAST_NAMES`.
        agent: position in `words.USER_AGENTS`.
    """

    joined: npt.NDArray[np.int32]
    left: npt.NDArray[np.int32]
    debut: npt.NDArray[np.int32]
    registration: npt.NDArray[np.int64]
    arrival: npt.NDArray[np.int64]
    activity: npt.NDArray[np.float64]
    stamina: npt.NDArray[np.float64]
    pays: npt.NDArray[np.bool_]
    place: npt.NDArray[np.intp]
    hours_from_utc: npt.NDArray[np.int64]
    hour_profile: npt.NDArray[np.intp]
    weekday_profile: npt.NDArray[np.intp]
    favourites: npt.NDArray[np.int32]
    female: npt.NDArray[np.bool_]
    first_name: npt.NDArray[np.int64]
    last_name: npt.NDArray[np.int64]
    agent: npt.NDArray[np.intp]

    @property
    def count(self) -> int:
        """The number of listeners."""
        return self.joined.size

    def active(self, month: Month) -> npt.NDArray[np.intp]:
        """The listeners who are active in the month."""
        return np.flatnonzero((self.joined <= month.index) & (month.index <= self.left))

    def due(self, month: Month) -> npt.NDArray[np.intp]:
        """The listeners whose debut falls into the month."""
        return np.flatnonzero(self.debut == month.index)


def invent_listeners(rng: np.random.Generator, count: int, months: list[Month], catalogue: Catalogue) -> Listeners:
    """Invent listeners: some registered before the first month, ever more in each month after.

    Args:
        rng: source of chance.
        count: how many.
        months: the months of the lake.
        catalogue: what there is to like.
    """
    joined = _draw_joined(rng, count, len(months))
    left = np.maximum(joined, 0) + rng.geometric(_LEAVING_SHARE_A_MONTH, count) - 1
    # The service is never without a listener.
    left[:1] = len(months)
    # Those who came before may show up late; if all of them did at once, the first month would be out of proportion.
    slack = min(_LATEST_DEBUT, len(months))
    activity = rng.lognormal(0, 1.2, count)
    place = draw(rng, cumulative([weight for _, _, weight in words.LISTENER_PLACES]), count)
    hours_from_utc = np.array([hours for _, hours, _ in words.LISTENER_PLACES], dtype=np.int64)[place]
    hour_profile = draw(rng, cumulative(habits.HOUR_PROFILE_SHARES), count)
    weekday_profile = draw(rng, cumulative(habits.WEEKDAY_PROFILE_SHARES), count)
    registration = _draw_registration(rng, joined, months, weekday_profile, hour_profile, hours_from_utc)
    in_order = np.lexsort((registration, joined))
    registration = registration[in_order]
    # Who listens more is more likely to pay.
    rank = np.argsort(np.argsort(activity)) / max(count, 1)
    pays = (joined < 0) & (rng.random(count) < 0.05 + 0.6 * rank**2)
    female = rng.random(count) < 0.54
    return Listeners(
        joined=joined,
        left=left.astype(np.int32),
        debut=np.where(joined < 0, rng.integers(0, np.minimum(left + 1, slack), count), joined).astype(np.int32),
        registration=registration,
        arrival=registration + rng.integers(20_000, 600_000, count),
        activity=activity,
        stamina=rng.lognormal(0, 0.25, count) * np.where(pays, 1.15, 1.0),
        pays=pays,
        place=place[in_order],
        hours_from_utc=hours_from_utc[in_order],
        hour_profile=hour_profile[in_order],
        weekday_profile=weekday_profile[in_order],
        favourites=_draw_favourites(rng, count, catalogue),
        female=female,
        first_name=rng.integers(0, np.where(female, len(words.FEMALE_NAMES), len(words.MALE_NAMES)), count),
        last_name=rng.integers(0, len(words.LAST_NAMES), count),
        agent=draw(rng, cumulative([weight for _, weight in words.USER_AGENTS]), count),
    )


def _draw_joined(rng: np.random.Generator, count: int, months: int) -> npt.NDArray[np.int32]:
    before = 6 + months / 4
    shares = np.concatenate([[before], _NEWCOMER_GROWTH ** np.arange(months)])
    joined = np.sort(draw(rng, cumulative(shares), count)).astype(np.int32) - 1
    joined[:1] = -1
    return joined


def _draw_registration(
    rng: np.random.Generator,
    joined: npt.NDArray[np.int32],
    months: list[Month],
    weekday_profile: npt.NDArray[np.intp],
    hour_profile: npt.NDArray[np.intp],
    hours_from_utc: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    registration = np.empty(joined.size, dtype=np.int64)
    early = np.flatnonzero(joined < 0)
    registration[early] = months[0].start_ms - (HOUR_MS + rng.exponential(45 * DAY_MS, early.size)).astype(np.int64)
    for month in months:
        who = np.flatnonzero(joined == month.index)
        since = habits.draw_instants(
            rng,
            month,
            habits.draw_day_steps(rng, month),
            weekday_profile[who],
            hour_profile[who],
            hours_from_utc[who],
            np.zeros(who.size, dtype=np.int64),
        )
        # Nobody registers in the last days of a month: there must be time left for what they do in it.
        registration[who] = month.start_ms + since % (int(month.days * 0.9) * DAY_MS)
    return registration


def _draw_favourites(rng: np.random.Generator, count: int, catalogue: Catalogue) -> npt.NDArray[np.int32]:
    if not catalogue.songs:
        return np.zeros((count, 0), dtype=np.int32)
    liked = draw(rng, cumulative(catalogue.artist_weights**0.8), count * _FAVOURITES)
    return liked.astype(np.int32).reshape(count, _FAVOURITES)
