"""Which parts of the lake a tick lists.

A tick makes at most 20 requests, of which each gives a page of up to 1,000 keys; a lake of fewer pages is listed whole
each time. Of a larger one a tick lists

- the newest month that the lake holds, and whatever is newer; the month before it as well, if there is room for both,
  no queue announces what is new, and nothing of the next kind waits;
- what is announced, what was never listed, and what was seen to differ, each stretch within a tick (``walking``);
- and with all that is left, two requests at least, one stretch after the other, in a round.

With a tick each 30 s, and 1,000 pages:

- a million songs are seen for the first time in 59 ticks, and then again in each 53, which are 27 minutes;
- a million logs, 9 pages a month for ten years, in 119 ticks, an hour, and then again in each 330, which are 2.8 hours:
  17 of the 20 requests go to the newest two months;
- of a million logs in one month, that month is too large for a tick, and is listed in turn.

A log file a day for ten years is 4 pages, all of which each tick lists, however many songs lie beside them. What is new
in the middle of a round is found when the round comes there, and then, if several ticks listed the stretch, is listed
again in the next. Requests that are repeated, since a busy S3 asks for it, are not counted. Where listing costs none,
as in a folder, only time is bounded.

What belongs here: that choice. What doesn't: comparing what is found.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sparkify_dagster.lake import Lake, LakeFile
from sparkify_dagster.sensors.budget import Budget
from sparkify_dagster.sensors.digest import NEVER_LISTED, NOTHING
from sparkify_dagster.sensors.spaces import Logs, Songs
from sparkify_dagster.sensors.stretches import Stretches, beginning_of, group_of, is_first
from sparkify_dagster.sensors.walking import Place, Survey, at_beginning

_LEAST_IN_TURN = 2
# With the newest month, as large, and the least in turn, all that a tick may ask for.
_MOST_PAGES_OF_LOGS = 9
_MOST_PAGES_OF_SONGS = 17
# For the first month of the logs, which is asked for with a run.
_KEPT_FOR_A_RUN = 1


class Tour(NamedTuple):
    """What a tick has listed.

    Attributes:
        files: The files of the stretches that were listed within the tick.
        seen: Names for the file versions of those whose listing took several ticks, and ended in this one.
        stretches: All stretches there are now, sorted.
        turn: Where the round goes on; None where it begins.
        newest: Where the listing of the newest months goes on; None where it begins.
    """

    files: dict[str, list[LakeFile]]
    seen: dict[str, str]
    stretches: list[str]
    turn: Place | None
    newest: Place | None

    def has_seen(self, stretch: str) -> bool:
        """Whether the listing of a stretch came to its end in the tick."""
        return stretch in self.files or stretch in self.seen

    def has_seen_all(self, group: str) -> bool:
        """Whether that of all stretches of a group did."""
        return all(self.has_seen(stretch) for stretch in self.stretches if group_of(stretch) == group)


def list_songs(lake: Lake, known: Mapping[str, str], turn: Place | None) -> Tour:
    """Lists songs.

    Args:
        lake: The lake.
        known: The stretches that are known, and names for their file versions.
        turn: Where the round goes on.

    Raises:
        LakeError: The lake does not answer, or not fully.
    """
    space = Songs(lake)
    survey = Survey(space, {space.origin: NEVER_LISTED, **known}, _MOST_PAGES_OF_SONGS)
    budget = Budget(lake.requests_a_page, _KEPT_FOR_A_RUN)
    _list_outstanding(survey, [], budget, _MOST_PAGES_OF_SONGS)
    turn = _list_in_turn(survey, turn, budget)
    return _tour(survey, space.origin, turn, None)


def list_logs(
    lake: Lake,
    space: Logs,
    known: Mapping[str, str],
    announced: Sequence[str] | None,
    turn: Place | None,
    newest: Place | None,
) -> Tour:
    """Lists logs.

    Args:
        lake: The lake.
        space: What of it counts.
        known: The stretches that are known, and names for their file versions.
        announced: Stretches that hold something new, the most urgent first; None without a queue. With a queue, few
            have their turn, to spare requests.
        turn: Where the round goes on.
        newest: Where the listing of the newest months goes on.

    Raises:
        LakeError: The lake does not answer, or not fully.
    """
    budget = Budget(lake.requests_a_page)
    stretches = {space.origin: NEVER_LISTED, **dict.fromkeys(announced or [], NEVER_LISTED), **known}
    if not known and (month := _newest_month(space, budget)):
        stretches.setdefault(month, NEVER_LISTED)
    survey = Survey(space, stretches, _MOST_PAGES_OF_LOGS)
    urgent = any(map(survey.is_outstanding, stretches)) or bool(announced)
    months = sorted({group_of(stretch) for stretch, name in stretches.items() if name != NOTHING})
    # One that takes several ticks leaves room for others meanwhile.
    crowded = urgent or newest is not None
    if months:
        share = budget.share(_LEAST_IN_TURN + (_MOST_PAGES_OF_LOGS if crowded else 0))
        alone = crowded or announced is not None
        first = months[-1] if alone else _first_of_the_newest(survey.stretches.names, months)
        begin = _resumed(survey.stretches, newest) or at_beginning(first)
        newest = survey.walk(begin, share, lambda _: True)
    _list_outstanding(survey, announced or [], budget, _MOST_PAGES_OF_LOGS)
    if announced is not None:
        budget.keep_at_most(_LEAST_IN_TURN)
    turn = _list_in_turn(survey, turn, budget)
    return _tour(survey, space.origin, turn, newest)


def _newest_month(space: Logs, budget: Budget) -> str | None:
    """The last month with logs, for which few pages are asked, however many months there are; None without any."""
    low, high = 0, len(space.months)
    newest = None
    # Of the months from low on, the newest is looked for before high.
    while low < high:
        middle = (low + high) // 2
        budget.spend()
        page = next(space.pages(beginning_of(space.months[middle])))
        if page.files or page.last is not None:
            newest, low = space.months[middle], middle + 1
        else:
            high = middle
    return newest


def _first_of_the_newest(stretches: Sequence[str], months: Sequence[str]) -> str:
    """The last month but one, if a tick has room for both; else the last."""
    both = [stretch for stretch in stretches if group_of(stretch) in months[-2:]]
    return months[-2:][0] if len(both) <= len(months[-2:]) else months[-1]


def _list_outstanding(survey: Survey, announced: Sequence[str], budget: Budget, most_pages: int) -> None:
    share = budget.share(_LEAST_IN_TURN, most_pages)
    waiting = [*announced, *filter(survey.is_outstanding, survey.stretches.names)]
    urgent = {*announced}

    def wanted(stretch: str) -> bool:
        return stretch not in survey.files and (stretch in urgent or survey.is_outstanding(stretch))

    for stretch in waiting:
        if wanted(stretch) and share.allows_another():
            survey.walk(at_beginning(stretch), share, wanted)


def _list_in_turn(survey: Survey, turn: Place | None, budget: Budget) -> Place | None:
    """Lists from where the round stands, and from the beginning to there; returns where it goes on."""
    share = budget.share()

    names = survey.stretches.names
    begin = _resumed(survey.stretches, turn) or at_beginning(names[0])
    for stretch in _from(names, begin.stretch):
        # There was no room for what is outstanding, so there is none here.
        if not survey.is_done(stretch) and not survey.is_outstanding(stretch):
            place = begin if stretch == begin.stretch else at_beginning(stretch)
            stopped = place
            if share.allows_another():
                stopped = survey.walk(place, share, lambda other: not survey.is_done(other))
            if stopped:
                return stopped
    return None


def _from(names: Sequence[str], first: str) -> list[str]:
    """The stretches from one on, then those before it."""
    return [*(name for name in names if name >= first), *(name for name in names if name < first)]


def _resumed(stretches: Stretches, place: Place | None) -> Place | None:
    """A place, if it is still one: the stretch may be gone, or cut."""
    if place is None or place.stretch not in stretches.names or stretches.after(place.after) != place.stretch:
        return None
    return place


def _tour(survey: Survey, origin: str, turn: Place | None, newest: Place | None) -> Tour:
    files = dict(survey.files)
    stretches = survey.stretches
    for stretch in sorted(files, reverse=True):
        following = stretches.following(stretch)
        alone = following is None or group_of(following) != group_of(stretch)
        # Nothing is there any more: it becomes a part of the one before.
        if not files[stretch] and stretch != origin and (alone or not is_first(stretch)):
            stretches.remove(stretch)
            del files[stretch]
    # Where another listing of the tick came to it as well, that one tells more.
    seen = {stretch: name for stretch, name in survey.seen.items() if stretch not in survey.files}
    return Tour(files, seen, stretches.names, turn, newest)
