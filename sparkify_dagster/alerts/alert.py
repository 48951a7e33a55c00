"""What people are told, short enough for any channel.

What belongs here: an alert's parts and their bounds, several alerts made into one, and what a channel is.
What doesn't: what deserves an alert, and how a channel writes it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, Protocol

from sparkify_dagster.showing import printable

Severity = Literal["error", "warning"]

MOST_LINES = 16
MOST_ALERTS = 8
"""So many alerts are shown of those that are made into one."""

_LONGEST_TITLE = 120
_LONGEST_LINE = 250


@dataclass(frozen=True, slots=True)
class Alert:
    """What people are told.

    Attributes:
        title: What happened, in a line.
        lines: More about it, the most important first.
        severity: How bad it is.
        link: Where to look further.
    """

    title: str
    lines: tuple[str, ...]
    severity: Severity
    link: str | None = None


class Channel(Protocol):
    """A way to tell people."""

    @property
    def name(self) -> str:
        """What it is called, for a name in Dagster."""
        ...

    def send(self, alert: Alert) -> None:
        """Tells people; when this returns, the channel has taken it.

        Raises:
            SparkifyError: It has not, or nobody knows.
        """
        ...


def make_alert(title: str, lines: Iterable[str], severity: Severity, link: str | None = None) -> Alert:
    """An alert whose texts, wherever they come from, are printable and of a bounded length."""
    shown = list(islice(lines, MOST_LINES + 1))
    if len(shown) > MOST_LINES:
        shown[MOST_LINES - 1 :] = ["… and more."]
    return Alert(
        _fitting(title, _LONGEST_TITLE), tuple(_fitting(line, _LONGEST_LINE) for line in shown), severity, link
    )


def make_one(alerts: Sequence[Alert], link: str | None = None) -> Alert:
    """One alert of all: however many runs end at once, there is one message.

    Args:
        alerts: The alerts, at least one.
        link: Where to look further, where there are several.
    """
    if len(alerts) == 1:
        return alerts[0]
    # Errors first, or a flood of warnings would hide them.
    ranked = sorted(alerts, key=lambda alert: alert.severity != "error")
    share = max(MOST_LINES // len(alerts) - 1, 0)
    lines: list[str] = []
    for alert in ranked[:MOST_ALERTS]:
        lines += [f"{alert.title}:" if alert.lines[:share] else alert.title, *alert.lines[:share]]
    if len(ranked) > MOST_ALERTS:
        lines.append(f"… and {len(ranked) - MOST_ALERTS:,} more.")
    return make_alert(f"{len(alerts):,} things need a look", lines, ranked[0].severity, link)


def _fitting(text: str, length: int) -> str:
    text = printable(" ".join(text.split()))
    return text if len(text) <= length else f"{text[: length - 1]}…"
