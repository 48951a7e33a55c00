"""The charts: one function for each, from plain rows to a specification of Vega-Lite, made with Altair.

What belongs here: what is put where, named and formatted. The specifications filter and sum by themselves, by three
parameters: the page sets them as people choose months and level; anywhere else they stand for everything.
What doesn't: reading the rows (``figures``), the words (``descriptions``), and the colours (``theme``).
"""

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Any

import altair as alt

from sparkify_dagster.dashboard.descriptions import CHARTS, COHORTS_SHOWN, SHOWN, ChartDescription
from sparkify_dagster.dashboard.figures import Figures, Rows
from sparkify_dagster.dashboard.theme import plain_config

# Their values are set by whoever shows the chart.
FROM_MONTH = alt.param(name="from_month", value="0000-00")
TO_MONTH = alt.param(name="to_month", value="9999-99")
CHOSEN_LEVEL = alt.param(name="chosen_level", value="all")
LABEL_ROOM = alt.param(name="label_room", value=220)
"""Pixels that the names of things may take, beside their bars."""

_LEVELS = ["free", "paid", "unknown"]
_BROWSERS = ["Chrome", "Edge", "Firefox", "Internet Explorer", "Opera", "Safari", "other"]
_WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_HEIGHT = 240
_NOTE_CHARACTERS = 100
_STEP = 26
_LINES_STEP = 38
_NUMBER_ROOM = 34
"""Pixels that a cell needs for a number; in smaller ones, the colour and the tooltip tell."""

_BAR_WIDTH = alt.ExprRef("min(bandwidth('x'), 96)")
"""Of bars side by side: where there are few, they don't fill the chart."""

_OF_THE_MONTHS = "datum.month >= from_month && datum.month <= to_month"
_OF_THE_LEVEL = "chosen_level == 'all' || datum.level == chosen_level"
_COUNT = ",d"
_SHARE = ".2~%"


def draw(name: str, figures: Figures, width: int = 640) -> alt.Chart | alt.LayerChart:
    """The chart of that name, for a notebook or a picture: on white, and with its question as its title.

    Args:
        name: Its name.
        figures: What it shows.
        width: Its width in pixels.

    Raises:
        KeyError: There is none of that name.
    """
    chart = MAKERS[name](getattr(figures, description_of(name).figures))
    return chart.properties(width=width, autosize="pad", config=plain_config())


def description_of(name: str) -> ChartDescription:
    """What is said of a chart.

    Raises:
        KeyError: There is none of that name.
    """
    return {chart.name: chart for chart in CHARTS}[name]


def plays_by_month(rows: Rows) -> alt.Chart:
    """Bars of plays by month, stacked by level."""
    return (
        _chart("plays_by_month", rows)
        .mark_bar(width=_BAR_WIDTH)
        .encode(
            x=_month_axis("Log month"),
            y=_count_axis("y", "plays", "Plays"),
            color=_level_colour(),
            order=alt.Order("level:O"),
            tooltip=[_month_told(), alt.Tooltip("level:N", title="Level"), _told("plays", "Plays")],
        )
    )


def known_song_share(rows: Rows) -> alt.Chart:
    """Bars of the share of plays with a known song, by month."""
    return (
        _chart("known_song_share", rows)
        .transform_aggregate(plays="sum(plays)", known="sum(known)", groupby=["month"])
        .transform_filter("datum.plays > 0")
        .transform_calculate(share="datum.known / datum.plays")
        .mark_bar(width=_BAR_WIDTH)
        .encode(
            x=_month_axis("Log month"),
            y=_share_axis("share", "Share of plays (%)"),
            tooltip=[
                _month_told(),
                _told("share", "Share", _SHARE),
                _told("known", "Plays of known songs"),
                _told("plays", "All plays"),
            ],
        )
    )


def listeners(rows: Rows) -> alt.Chart:
    """Lines of listeners and sessions over time, by day, week or month."""
    period = alt.param(
        name="period",
        value="day",
        bind=alt.binding_radio(options=["day", "week", "month"], name="Count by"),
    )
    return (
        _chart("listeners", rows, filters=[_OF_THE_MONTHS, "datum.level == chosen_level", "datum.period == period"])
        .add_params(period)
        # The last week or month, still going on, would look like a fall. Where it is all there is, it is shown.
        .transform_joinaggregate(over="sum(is_over)")
        .transform_filter("datum.is_over || !datum.over")
        .transform_calculate(from_day="utcFormat(toDate(datum.start), '%Y-%m-%d')")
        .transform_fold(["listeners", "sessions"], as_=["what", "number"])
        .mark_line(point=alt.OverlayMarkDef(size=14, filled=True), strokeWidth=2)
        .encode(
            x=alt.X(
                "start:T",
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(title="First day of the day, week or month (UTC)", labelOverlap=True, grid=False),
            ),
            y=_count_axis("y", "number", "Listeners, sessions"),
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=["listeners", "sessions"])),
            tooltip=[
                alt.Tooltip("from_day:N", title="From"),
                alt.Tooltip("until:N", title="To"),
                alt.Tooltip("what:N", title="What"),
                _told("number", "Number"),
            ],
        )
    )


def top_songs(rows: Rows) -> alt.Chart:
    """Bars of the most played songs."""
    # A second line has the artist, and both together are to stand beside the bar.
    return _top("top_songs", rows, "song", "Song", step=_LINES_STEP, offset=-7)


def top_artists(rows: Rows) -> alt.Chart:
    """Bars of the most played artists."""
    return _top("top_artists", rows, "artist", "Artist", step=_LINES_STEP)


def top_places(rows: Rows) -> alt.Chart:
    """Bars of the places with the most plays."""
    return _top("top_places", rows, "place", "Place")


def plays_by_weekday_and_hour(rows: Rows) -> alt.Chart:
    """A heat map of plays by weekday and hour."""
    weekdays = str(_WEEKDAYS)
    return (
        _chart("plays_by_weekday_and_hour", rows, height=alt.Step(_STEP))
        .transform_aggregate(plays="sum(plays)", groupby=["weekday", "hour"])
        .transform_impute("plays", key="hour", groupby=["weekday"], value=0, keyvals=list(range(24)))
        .transform_calculate(
            weekday_name=f"{weekdays}[datum.weekday]", time="format(datum.hour, '02') + ':00'", until="datum.hour + 1"
        )
        .mark_rect()
        .encode(
            x=alt.X("hour:O", axis=alt.Axis(title="Hour of the day (UTC)", labelAngle=0, labelOverlap=True)),
            y=alt.Y("weekday_name:N", sort=[*_WEEKDAYS[1:], _WEEKDAYS[0]], title=None),
            color=alt.Color(
                "plays:Q",
                scale=alt.Scale(type="quantize", nice=True),
                legend=alt.Legend(title="Plays", format=",.0f", gradientLength=240),
            ),
            tooltip=[
                alt.Tooltip("weekday_name:N", title="Weekday"),
                alt.Tooltip("time:N", title="From (UTC)"),
                _told("plays", "Plays"),
            ],
        )
    )


def session_lengths(rows: Rows) -> alt.Chart:
    """Bars of sessions by class of length."""
    return (
        _chart("session_lengths", rows, height=alt.Step(_STEP))
        .transform_aggregate(
            sessions="sum(sessions)", plays="sum(plays)", hours="sum(hours)", groupby=["minutes", "length"]
        )
        .transform_joinaggregate(altogether="sum(sessions)")
        .transform_calculate(share="datum.sessions / datum.altogether", plays_each="datum.plays / datum.sessions")
        .mark_bar()
        .encode(
            y=alt.Y("length:N", sort=alt.SortField("minutes"), title="Length"),
            x=_count_axis("x", "sessions", "Sessions"),
            tooltip=[
                alt.Tooltip("length:N", title="Length"),
                _told("sessions", "Sessions"),
                _told("share", "Share of sessions", _SHARE),
                _told("plays_each", "Plays a session", ",.1f"),
                _told("hours", "Hours together", ",.0f"),
            ],
        )
    )


def subscriptions(rows: Rows) -> alt.Chart:
    """Bars of listeners by month, stacked by level."""
    return (
        _chart("subscriptions", rows, filters=[_OF_THE_MONTHS])
        .transform_calculate(paying="datum.paid / (datum.free + datum.paid)")
        .transform_fold(["free", "paid"], as_=["level", "number"])
        .mark_bar(width=_BAR_WIDTH)
        .encode(
            x=_month_axis("Month"),
            y=_count_axis("y", "number", "Listeners at the month’s end"),
            color=_level_colour(),
            order=alt.Order("level:O"),
            tooltip=[
                _month_told(),
                alt.Tooltip("level:N", title="Level"),
                _told("number", "Listeners"),
                _told("paying", "Share that pays", _SHARE),
            ],
        )
    )


def level_changes(rows: Rows) -> alt.Chart:
    """Bars of upgrades, upwards, and downgrades, downwards, by month."""
    return (
        _chart("level_changes", rows, filters=[_OF_THE_MONTHS])
        .transform_fold(["upgrades", "downgrades"], as_=["what", "number"])
        .transform_calculate(height="datum.what == 'upgrades' ? datum.number : -datum.number")
        .mark_bar(width=_BAR_WIDTH)
        .encode(
            x=_month_axis("Month"),
            y=alt.Y(
                "height:Q",
                axis=alt.Axis(
                    title="Upgrades up, downgrades down",
                    labelExpr=_short("abs(datum.value)"),
                    tickMinStep=1,
                    tickCount=5,
                ),
            ),
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=["upgrades", "downgrades"])),
            tooltip=[_month_told(), alt.Tooltip("what:N", title="What"), _told("number", "Listeners")],
        )
    )


def change_rates(rows: Rows) -> alt.Chart:
    """Lines of conversion and churn by month."""
    rates = {
        "conversion": "datum.upgrades / (datum.free + datum.upgrades - datum.downgrades)",
        "churn": "datum.downgrades / (datum.paid - datum.upgrades + datum.downgrades)",
    }
    return (
        _chart("change_rates", rows, filters=[_OF_THE_MONTHS])
        .transform_calculate(**rates)
        .transform_fold(["conversion", "churn"], as_=["what", "rate"])
        # Nobody was free, or nobody paid: then there is no rate.
        .transform_filter("isFinite(datum.rate)")
        .mark_line(point=alt.OverlayMarkDef(size=50, filled=True), strokeWidth=2)
        .encode(
            x=_month_axis("Month"),
            y=_share_axis("rate", "Share of listeners (%)"),
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=["conversion", "churn"])),
            tooltip=[
                _month_told(),
                alt.Tooltip("what:N", title="What"),
                _told("rate", "Rate", _SHARE),
                _told("upgrades", "Upgrades"),
                _told("downgrades", "Downgrades"),
            ],
        )
    )


def retention(rows: Rows) -> alt.LayerChart:
    """A heat map of the share of each cohort that listened, by months since it came."""
    base = (
        _layer()
        .transform_filter(_OF_THE_MONTHS)
        .transform_filter("datum.cohort >= from_month || from_month == to_month")
        .transform_window(newest="dense_rank()", sort=[alt.SortField("cohort", order="descending")])
        .transform_filter(f"datum.newest <= {COHORTS_SHOWN}")
        .transform_calculate(
            share="datum.listeners / datum.size",
            cohort_name=_month_name("datum.cohort"),
            month_name=_month_name("datum.month"),
        )
        .encode(
            x=alt.X("later:O", axis=alt.Axis(title="Months since the cohort came", labelAngle=0)),
            y=alt.Y("cohort_name:N", sort=alt.SortField("cohort"), axis=alt.Axis(title="Cohort")),
            tooltip=[
                alt.Tooltip("cohort_name:N", title="Cohort"),
                alt.Tooltip("later:Q", title="Months later"),
                alt.Tooltip("month_name:N", title="Month"),
                _told("share", "Listened", _SHARE),
                _told("listeners", "Listeners"),
                _told("size", "Size of the cohort"),
            ],
        )
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "share:Q",
            scale=alt.Scale(type="quantize", domain=[0, 1]),
            legend=alt.Legend(title="Share that listened", format=".0%", gradientLength=240),
        )
    )
    numbers = [
        base.transform_filter(has_number)
        .mark_text(style=style, opacity=alt.ExprRef(f"bandwidth('x') < {_NUMBER_ROOM} ? 0 : 1"))
        .encode(text=alt.Text("share:Q", format=".0%"))
        # Of the steps of colour, the upper three need another ink.
        for style, has_number in (("on-low-heat", "datum.share < 4 / 7"), ("on-high-heat", "datum.share >= 4 / 7"))
    ]
    return _finished(alt.layer(cells, *numbers), "retention", rows, height=alt.Step(_STEP))


def devices(rows: Rows) -> alt.Chart:
    """Bars of plays by device, stacked by browser."""
    return (
        _chart("devices", rows, height=alt.Step(_STEP))
        .transform_aggregate(plays="sum(plays)", groupby=["device", "browser"])
        .transform_joinaggregate(altogether="sum(plays)")
        .transform_joinaggregate(of_device="sum(plays)", groupby=["device"])
        .transform_calculate(share="datum.plays / datum.altogether")
        .mark_bar()
        .encode(
            y=alt.Y("device:N", sort=alt.SortField("of_device", order="descending"), title="Device or system"),
            x=_count_axis("x", "plays", "Plays"),
            color=alt.Color("browser:N", legend=alt.Legend(title=None, columns=2), scale=alt.Scale(domain=_BROWSERS)),
            order=alt.Order("browser:O"),
            tooltip=[
                alt.Tooltip("device:N", title="Device"),
                alt.Tooltip("browser:N", title="Browser"),
                _told("plays", "Plays"),
                _told("share", "Share of plays", _SHARE),
            ],
        )
    )


def songs_never_played(rows: Rows) -> alt.Chart:
    """Bars of songs never played by decade of release."""
    return (
        _chart("songs_never_played", rows, filters=[])
        .transform_calculate(share="datum.never_played / datum.songs")
        .transform_filter("datum.never_played > 0")
        .mark_bar(width=_BAR_WIDTH)
        .encode(
            x=alt.X("decade:O", axis=alt.Axis(title="Decade of release", labelAngle=0, labelOverlap=True)),
            y=_count_axis("y", "never_played", "Songs never played"),
            tooltip=[
                alt.Tooltip("decade:N", title="Decade"),
                _told("never_played", "Never played"),
                _told("songs", "Songs in the catalogue"),
                _told("share", "Share", _SHARE),
            ],
        )
    )


MAKERS: dict[str, Callable[[Rows], alt.Chart | alt.LayerChart]] = {
    maker.__name__: maker
    for maker in (
        plays_by_month,
        known_song_share,
        listeners,
        top_songs,
        top_artists,
        plays_by_weekday_and_hour,
        session_lengths,
        subscriptions,
        level_changes,
        change_rates,
        retention,
        top_places,
        devices,
        songs_never_played,
    )
}
"""The functions by the names of their charts."""


def _top(name: str, rows: Rows, thing: str, title: str, step: int = _STEP, offset: int = 0) -> alt.Chart:
    return (
        _chart(name, rows, height=alt.Step(step))
        .transform_aggregate(plays="sum(plays)", groupby=[thing, "order"])
        .transform_window(
            rank="row_number()",
            sort=[alt.SortField("plays", order="descending"), alt.SortField("order")],
        )
        .transform_filter(f"datum.rank <= {SHOWN} && datum.plays > 0")
        .transform_calculate(name=f"replace(datum.{thing}, '\\n', ' – ')")
        .mark_bar()
        .encode(
            y=alt.Y(
                f"{thing}:N",
                sort=alt.SortField("rank"),
                axis=alt.Axis(
                    title=None,
                    labelLimit=alt.ExprRef("label_room"),
                    labelExpr="split(datum.label, '\\n')",
                    labelOffset=offset,
                ),
            ),
            x=_count_axis("x", "plays", "Plays"),
            tooltip=[
                alt.Tooltip("rank:Q", title="Rank"),
                alt.Tooltip("name:N", title=title),
                _told("plays", "Plays"),
            ],
        )
    )


def _chart(name: str, rows: Rows, *, filters: Sequence[str] | None = None, height: Any = _HEIGHT) -> alt.Chart:
    """A chart of the rows that the filters let through."""
    chart = _layer()
    for condition in (_OF_THE_MONTHS, _OF_THE_LEVEL) if filters is None else filters:
        chart = chart.transform_filter(condition)
    if description_of(name).by_month:
        chart = chart.transform_calculate(month_name=_month_name("datum.month"))
    return _finished(chart, name, rows, height=height)


def _layer() -> alt.Chart:
    return alt.Chart()


def _finished(chart: Any, name: str, rows: Rows, *, height: Any) -> Any:
    """The chart with what each one has."""
    description = description_of(name)
    return chart.add_params(FROM_MONTH, TO_MONTH, CHOSEN_LEVEL, LABEL_ROOM).properties(
        data=alt.InlineData(values=[dict(row) for row in rows]),
        title=alt.TitleParams(text=description.question, subtitle=wrap(description.note, _NOTE_CHARACTERS)),
        description=f"{description.question} {description.note}",
        width="container",
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def _month_axis(title: str) -> alt.X:
    return alt.X(
        "month:O",
        axis=alt.Axis(
            title=title, labelExpr=_month_name("datum.value"), labelAngle=0, labelOverlap=True, labelSeparation=6
        ),
    )


def _count_axis(channel: str, field: str, title: str) -> Any:
    make = alt.X if channel == "x" else alt.Y
    return make(
        f"{field}:Q",
        axis=alt.Axis(title=title, labelExpr=_short("datum.value"), tickMinStep=1, tickCount=5, labelFlush=False),
    )


def _short(value: str) -> str:
    """A count as axes show it: 9,500 and 12k; nothing for what lies between two counts."""
    return f"{value} % 1 ? '' : abs({value}) < 1e4 ? format({value}, ',d') : format({value}, '~s')"


def _share_axis(field: str, title: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=alt.Scale(zero=True), axis=alt.Axis(title=title, format="~%", tickCount=5))


def _level_colour() -> alt.Color:
    # A level that is unknown is rare: the note tells its colour.
    return alt.Color("level:N", legend=alt.Legend(title=None, values=_LEVELS[:2]), scale=alt.Scale(domain=_LEVELS))


def _month_name(value: str) -> str:
    return f"utcFormat(toDate({value} + '-01'), '%b %Y')"


def _month_told() -> alt.Tooltip:
    return alt.Tooltip("month_name:N", title="Month")


def _told(field: str, title: str, form: str = _COUNT) -> alt.Tooltip:
    return alt.Tooltip(f"{field}:Q", title=title, format=form)
