"""The page: one file of HTML that holds all that it shows, and connects to nothing.

What belongs here: putting figures, specifications, scripts and styles into one text, so that nothing in the data can
become a part of the page. What doesn't: the charts (``charts``), and where the file goes (``places``). The page's own
HTML, CSS and JavaScript are files in ``page/``.
"""

import base64
import hashlib
import importlib.metadata
import json
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from sparkify_dagster.dashboard.charts import MAKERS
from sparkify_dagster.dashboard.descriptions import CHARTS, MOST_MONTHS, ChartDescription
from sparkify_dagster.dashboard.figures import Figures, Rows
from sparkify_dagster.dashboard.theme import css_variables, page_config
from sparkify_dagster.kept import kept

_FILES = Path(__file__).parent / "page"

_MONTHS_AT_FIRST = 12
"""The page opens on so many months, the latest; the others are a click away."""

_SNIPPET = "window.vegaEmbed = vegaEmbed;"

_KEY_FIGURES = ("plays", "listeners", "sessions", "known", "paid")


def make_page(figures: Figures, title: str, chosen: tuple[str, str] | None = None) -> str:
    """The page as HTML.

    Args:
        figures: What it shows.
        title: Its title.
        chosen: The first and last month ("YYYY-MM") that it opens on; by default the latest twelve.
    """
    library, script = _library(), _file("page.js")
    first, last = chosen or (figures.months[-_MONTHS_AT_FIRST:][0], figures.months[-1])
    return Template(_file("page.html")).substitute(
        policy=_policy(library, script),
        title=escape(title),
        style=Template(_file("page.css")).substitute(light=css_variables("light"), dark=css_variables("dark")),
        first_day=escape(figures.first_day),
        last_day=escape(figures.last_day),
        made_at=f"{figures.made_at:%Y-%m-%d at %H:%M}",
        warehouse=escape(figures.warehouse),
        key_figures="\n".join(map(_key_figure, _KEY_FIGURES)),
        limit=f" Months before the latest {MOST_MONTHS} are left out." if len(figures.months) == MOST_MONTHS else "",
        charts="\n".join(_card(chart, figures) for chart in CHARTS),
        figures=_as_script(
            {
                "months": figures.months,
                "wholeMonths": figures.whole_months,
                "lastDay": figures.last_day,
                "from": first,
                "to": last,
                "config": page_config(),
                "rows": {name: pack(getattr(figures, name)) for name in sorted({chart.figures for chart in CHARTS})},
                "charts": list(map(_chart, CHARTS)),
            }
        ),
        library=library,
        script=script,
    )


def pack(rows: Rows) -> dict[str, Any]:
    """Rows with the names of the columns once, and each text of a column once: a fifth of the size."""
    columns = list(rows[0]) if rows else []
    texts: list[list[str] | None] = []
    packed: list[list[Any]] = []
    for column in columns:
        values = [row[column] for row in rows]
        if values and all(isinstance(value, str) for value in values):
            different = sorted(set(values))
            place = {text: number for number, text in enumerate(different)}
            texts.append(different)
            packed.append([place[value] for value in values])
        else:
            texts.append(None)
            packed.append(values)
    return {"columns": columns, "texts": texts, "rows": list(zip(*packed, strict=True))}


def _chart(chart: ChartDescription) -> dict[str, Any]:
    # The page has title and rows of its own, these for several charts.
    spec = MAKERS[chart.name]([]).to_dict()
    for name in ("title", "data", "config"):
        spec.pop(name, None)
    return {
        "name": chart.name,
        "rows": chart.figures,
        "spec": spec,
        "columns": list(_columns(spec)),
        "order": chart.order,
    }


def _columns(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What the tooltips tell, as the columns of the chart's table."""
    encoding = (spec["layer"][0] if "layer" in spec else spec)["encoding"]
    for told in encoding["tooltip"]:
        yield {"field": told["field"], "title": told["title"], "format": told.get("format")}


def _card(chart: ChartDescription, figures: Figures) -> str:
    return Template(_file("card.html")).substitute(
        name=chart.name,
        width=" wide" if chart.wide else "",
        question=escape(chart.question),
        note=escape(chart.note),
        nothing=escape(chart.nothing),
        more=_never_played(figures) if chart.name == "songs_never_played" else "",
    )


def _never_played(figures: Figures) -> str:
    """How many songs were never played, and the newest of them as a table."""
    never, songs = (sum(row[name] for row in figures.never_played) for name in ("never_played", "songs"))
    if not never:
        return ""
    rows = "\n".join(
        f"<tr><td>{escape(song['title'])}</td><td>{escape(song['artist'])}</td>"
        f'<td class="of-numbers">{song["year"] or "–"}</td></tr>'
        for song in figures.never_played_songs
    )
    return (
        f'<p class="told">{never:,} of {songs:,} songs ({never / songs:.1%}) were never played. The newest:</p>\n'
        '<div class="scroll"><table>\n'
        f'<tr><th>Song</th><th>Artist</th><th class="of-numbers">Year</th></tr>\n{rows}\n</table></div>'
    )


def _key_figure(name: str) -> str:
    return f'<div id="figure-{name}"><dt></dt><dd class="number"></dd><dd class="compared"></dd></div>'


def _policy(*scripts: str) -> str:
    """What a browser lets the page do: run these scripts, use its own styles, and connect to nothing."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def _as_script(values: Mapping[str, Any]) -> str:
    """JSON that can stand in a script: no text in it ends the script or begins a comment."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _library() -> str:
    """Vega, Vega-Lite and Vega-Embed."""
    version = importlib.metadata.version("vl-convert-python")
    text = kept("javascript", f"{version} {_SNIPPET}", _bundled)
    # Nothing in it ends a script; were it so in another release, it would be a text, where this means the same.
    return text.replace("</script", "<\\/script")


def _bundled() -> str:
    import vl_convert  # noqa: PLC0415 a program of 90 MB

    return vl_convert.javascript_bundle(_SNIPPET)


def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")
