"""What the service shows: views of its pages, and the steps of one or more views that a visitor takes.

What belongs here: which views there are, what they look like in the log, how steps are made of them, and how often
they are taken. What does not: who takes them when.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from sparkify_dagster.simulator.chance import cumulative

FREE, PAID = 0, 1
LEVELS = ("free", "paid")


class View(IntEnum):
    """A page as seen by somebody logged in, or (`_OUT`) by nobody in particular."""

    NEXT_SONG = 0
    HOME = 1
    HOME_OUT = 2
    LOGOUT = 3
    LOGIN_OUT = 4
    ABOUT = 5
    ABOUT_OUT = 6
    HELP = 7
    HELP_OUT = 8
    SETTINGS = 9
    SAVE_SETTINGS = 10
    ERROR = 11
    UPGRADE = 12
    SUBMIT_UPGRADE = 13
    DOWNGRADE = 14
    SUBMIT_DOWNGRADE = 15


@dataclass(frozen=True)
class Look:
    """What a view looks like in the log.

    Attributes:
        page: name of the page.
        logged_in: whether the event names the listener.
        method: HTTP method.
        status: HTTP status.
        mean_seconds: mean time until the visitor's next view.
    """

    page: str
    logged_in: bool
    method: str
    status: int
    mean_seconds: float


LOOKS: dict[View, Look] = {
    View.NEXT_SONG: Look("NextSong", True, "PUT", 200, 0),
    View.HOME: Look("Home", True, "GET", 200, 20),
    View.HOME_OUT: Look("Home", False, "GET", 200, 30),
    View.LOGOUT: Look("Logout", True, "PUT", 307, 3),
    View.LOGIN_OUT: Look("Login", False, "PUT", 307, 4),
    View.ABOUT: Look("About", True, "GET", 200, 45),
    View.ABOUT_OUT: Look("About", False, "GET", 200, 45),
    View.HELP: Look("Help", True, "GET", 200, 60),
    View.HELP_OUT: Look("Help", False, "GET", 200, 60),
    View.SETTINGS: Look("Settings", True, "GET", 200, 40),
    View.SAVE_SETTINGS: Look("Save Settings", True, "PUT", 307, 3),
    View.ERROR: Look("Error", True, "GET", 404, 8),
    View.UPGRADE: Look("Upgrade", True, "GET", 200, 40),
    View.SUBMIT_UPGRADE: Look("Submit Upgrade", True, "PUT", 307, 3),
    View.DOWNGRADE: Look("Downgrade", True, "GET", 200, 40),
    View.SUBMIT_DOWNGRADE: Look("Submit Downgrade", True, "PUT", 307, 3),
}
LOGGED_IN = np.array([LOOKS[view].logged_in for view in View])
MEAN_SECONDS = np.array([LOOKS[view].mean_seconds for view in View], dtype=np.float32)


class Step(IntEnum):
    """What a visitor does next: a view, or several that belong together."""

    NOTHING = 0
    PLAY = 1
    GO_HOME = 2
    READ_ABOUT = 3
    READ_HELP = 4
    LOOK_AT_SETTINGS = 5
    SAVE_SETTINGS = 6
    MEET_ERROR = 7
    LOOK_AT_PLAN = 8
    CHANGE_PLAN = 9
    KEEP_PLAN = 10
    LOG_OUT_AND_IN = 11
    LOG_OUT_AND_BROWSE = 12
    LOG_IN = 13
    LOG_OUT = 14
    LEAVE_BY_LOGOUT = 15
    VISIT_HOME = 16
    VISIT_ABOUT = 17
    VISIT_HELP = 18
    VISIT_TWICE = 19


# The views of a step, for a free and for a paid visitor. `CHANGE_PLAN` changes the level after its second view;
# `KEEP_PLAN` is a change of mind, and as long.
_BOTH: dict[Step, tuple[View, ...]] = {
    Step.NOTHING: (),
    Step.PLAY: (View.NEXT_SONG,),
    Step.GO_HOME: (View.HOME,),
    Step.READ_ABOUT: (View.ABOUT,),
    Step.READ_HELP: (View.HELP,),
    Step.LOOK_AT_SETTINGS: (View.SETTINGS,),
    Step.SAVE_SETTINGS: (View.SETTINGS, View.SAVE_SETTINGS, View.HOME),
    Step.MEET_ERROR: (View.ERROR,),
    Step.LOG_OUT_AND_IN: (View.LOGOUT, View.HOME_OUT, View.LOGIN_OUT, View.HOME),
    Step.LOG_OUT_AND_BROWSE: (View.LOGOUT, View.HOME_OUT, View.ABOUT_OUT, View.LOGIN_OUT, View.HOME),
    Step.LOG_IN: (View.LOGIN_OUT, View.HOME),
    Step.LOG_OUT: (View.LOGOUT, View.HOME_OUT),
    Step.LEAVE_BY_LOGOUT: (View.LOGOUT,),
    Step.VISIT_HOME: (View.HOME_OUT,),
    Step.VISIT_ABOUT: (View.HOME_OUT, View.ABOUT_OUT),
    Step.VISIT_HELP: (View.HOME_OUT, View.HELP_OUT, View.HOME_OUT),
    Step.VISIT_TWICE: (View.HOME_OUT, View.HOME_OUT),
}
_FREE_OR_PAID: dict[Step, tuple[tuple[View, ...], tuple[View, ...]]] = {
    Step.LOOK_AT_PLAN: ((View.UPGRADE,), (View.DOWNGRADE,)),
    Step.CHANGE_PLAN: (
        (View.UPGRADE, View.SUBMIT_UPGRADE, View.HOME),
        (View.DOWNGRADE, View.SUBMIT_DOWNGRADE, View.HOME),
    ),
    Step.KEEP_PLAN: ((View.UPGRADE, View.HELP, View.HOME), (View.DOWNGRADE, View.HELP, View.HOME)),
}
_VIEWS = [_FREE_OR_PAID.get(step) or (_BOTH[step], _BOTH[step]) for step in Step]

STEP_LENGTH = np.array([len(free) for free, _ in _VIEWS], dtype=np.int8)
# [step, level, position] -> view
STEP_VIEWS = np.zeros((len(Step), 2, int(STEP_LENGTH.max())), dtype=np.int8)
for _step, _levels in enumerate(_VIEWS):
    for _level, _views in enumerate(_levels):
        STEP_VIEWS[_step, _level, : len(_views)] = _views


class StepTable:
    """Steps with the shares in which they are taken."""

    def __init__(self, shares: dict[Step, float]) -> None:
        self._steps = np.array(list(shares), dtype=np.int8)
        self._cumulative = cumulative(list(shares.values()))

    def draw(self, rng: np.random.Generator, count: int) -> npt.NDArray[np.int8]:
        """Draw `count` steps."""
        chance = rng.random(count, dtype=np.float32)
        return self._steps[np.searchsorted(self._cumulative, chance, side="right")]


WITHIN = StepTable(
    {
        Step.PLAY: 0.9070,
        Step.GO_HOME: 0.0465,
        Step.LOOK_AT_SETTINGS: 0.0060,
        Step.SAVE_SETTINGS: 0.0012,
        Step.READ_HELP: 0.0068,
        Step.READ_ABOUT: 0.0042,
        Step.MEET_ERROR: 0.0020,
        Step.LOOK_AT_PLAN: 0.0085,
        Step.CHANGE_PLAN: 0.0012,
        Step.LOG_OUT_AND_IN: 0.0100,
        Step.LOG_OUT_AND_BROWSE: 0.0016,
    }
)
OPENINGS = StepTable({Step.NOTHING: 0.24, Step.GO_HOME: 0.62, Step.LOG_IN: 0.14})
CLOSINGS = StepTable({Step.NOTHING: 0.72, Step.LOG_OUT: 0.18, Step.LEAVE_BY_LOGOUT: 0.06, Step.GO_HOME: 0.04})
ANONYMOUS = StepTable({Step.VISIT_HOME: 0.55, Step.VISIT_TWICE: 0.2, Step.VISIT_ABOUT: 0.15, Step.VISIT_HELP: 0.1})
