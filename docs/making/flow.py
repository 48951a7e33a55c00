"""The picture of how data flows: from the lake through the groups of tables to people.

What belongs here: what stands where, and what is said of the ways between. What doesn't: how it is drawn (``svg``).
"""

from docs.making.groups import GROUPS
from docs.making.svg import LETTER, LINE, box, line, picture, text
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART

_MARGIN = 16
_PADDING = 10
_STREET = 84
_TOP = 72
_WAYS = ("load", "build", "count", "show")


def flow() -> str:
    """The picture, as SVG."""
    tables = {group.name: group.tables for group in GROUPS}
    stations = [
        ("lake", (LOG_PART, SONG_PART)),
        ("staging", tables["staging"]),
        ("star", tables["star"]),
        ("analytics", tables["analytics"]),
        ("people", ("dashboard", "analyze", "query", "notebook")),
    ]
    tallest = max(len(names) for _, names in stations)
    middle = _TOP + LINE * (tallest + 2) / 2
    parts, x = [], float(_MARGIN)
    edges: list[tuple[float, float]] = []
    for title, names in stations:
        width = max(len(word) for word in (title, *names)) * LETTER + 2 * _PADDING
        parts += _station(x, middle, width, title, names)
        edges.append((x, x + width))
        x += width + _STREET
    for (_, left), (right, _), way in zip(edges, edges[1:], _WAYS, strict=False):
        parts.append(line([(left + 4, middle), (right - 4, middle)], end="arrow"))
        parts.append(text((left + right) / 2, middle - 10, way, "soft", middle=True))
    width = edges[-1][1] + _MARGIN
    bottom = _TOP + LINE * (tallest + 2) + 20
    parts += _strip(edges[1][0], edges[3][1], 16, "Dagster: sensors, partitions, jobs, checks after each table")
    parts += _strip(edges[1][0], edges[3][1], bottom, f"ledger: {', '.join(tables['ledger'])}")
    return picture(width, bottom + LINE * 2 + _MARGIN, "From the lake to people, and what keeps the books", parts)


def _station(x: float, middle: float, width: float, title: str, names: tuple[str, ...]) -> list[str]:
    height = LINE * (len(names) + 2)
    y = middle - height / 2
    return [
        box(x, y, width, height),
        box(x, y, width, LINE * 1.5, "head"),
        text(x + _PADDING, y + LINE, title, "bold"),
        *(text(x + _PADDING, y + LINE * (number + 2.4), name) for number, name in enumerate(names)),
    ]


def _strip(left: float, right: float, y: float, words: str) -> list[str]:
    needed = len(words) * LETTER + 2 * _PADDING
    spare = max(0.0, needed - (right - left)) / 2
    return [
        box(left - spare, y, right - left + 2 * spare, LINE * 1.8),
        text((left + right) / 2, y + LINE * 1.15, words, "soft", middle=True),
    ]
