"""What the charts look like: on the page, and on paper or a screen of somebody else's.

What belongs here: colours, sizes and fonts, as Vega-Lite's configuration. What doesn't: what a chart shows. The charts
themselves name no colour, so that one and the same is drawn in each of these.
"""

from collections.abc import Sequence
from typing import Any

# Colours near those of Okabe and Ito, which people with any colour vision tell apart; at least 3:1 against the paper.
_ON_WHITE = {
    "ink": "#1d2733",
    "faint": "#566370",
    "line": "#dde3ea",
    "paper": "#ffffff",
    "categories": ("#0b6fb8", "#c2550a", "#0a7f63", "#a8468a", "#8a6d00", "#5b55c0", "#767676"),
    "heat": ("#eef5fb", "#cfe3f4", "#a3cbe9", "#6fadd9", "#2c78b3", "#1b609a", "#0c4a7d"),
}
_ON_BLACK = {
    "ink": "#e8edf3",
    "faint": "#a7b3c0",
    "line": "#34404d",
    "paper": "#18212b",
    "categories": ("#58b4f0", "#f59a4b", "#3cc8a2", "#e58cc6", "#e0c04a", "#a49ff5", "#a9a9a9"),
    "heat": ("#1d2b39", "#1f4261", "#235a88", "#2a6a9e", "#4a97d2", "#7fbcea", "#c4e3fa"),
}
SCHEMES = {"light": _ON_WHITE, "dark": _ON_BLACK}

_INKS = ("ink", "faint", "line", "paper")
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def css_variables(scheme: str) -> str:
    """The colours of a scheme ("light", "dark") as declarations of CSS."""
    colours = SCHEMES[scheme]
    named = [(name, str(colours[name])) for name in _INKS]
    numbered = [(f"{kind}-{n}", colour) for kind in ("categories", "heat") for n, colour in enumerate(colours[kind])]
    return " ".join(f"--{name}: {colour};" for name, colour in [*named, *numbered])


def page_config() -> dict[str, Any]:
    """The configuration for the page, where style sheets say which colours there are.

    So charts needn't be drawn again for another scheme, nor for print. Nothing may mix these colours: scales of colours
    have steps.
    """
    ranges = {kind: [f"var(--{kind}-{n})" for n in range(len(_ON_WHITE[kind]))] for kind in ("categories", "heat")}
    return _config([f"var(--{name})" for name in _INKS], ranges["categories"], ranges["heat"])


def plain_config() -> dict[str, Any]:
    """The configuration for pictures and notebooks: on white."""
    scheme = _ON_WHITE
    config = _config([str(scheme[name]) for name in _INKS], scheme["categories"], scheme["heat"])
    return {**config, "background": scheme["paper"]}


def _config(inks: Sequence[str], categories: Sequence[str], heat: Sequence[str]) -> dict[str, Any]:
    ink, faint, line, paper = inks
    steps = list(heat)
    return {
        "background": "transparent",
        "font": _FONT,
        "view": {"stroke": None},
        "range": {"category": list(categories), "heatmap": steps, "ramp": steps, "ordinal": steps},
        # The description and the table of a chart tell it all; hundreds of marks one by one would tell nobody anything.
        "mark": {"aria": False},
        "bar": {"color": categories[0]},
        "axis": {
            "aria": False,
            "labelColor": faint,
            "titleColor": faint,
            "titleFontWeight": "normal",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
        },
        "axisY": {"domain": False, "ticks": False},
        "legend": {
            "aria": False,
            "orient": "top",
            "direction": "horizontal",
            "columns": 4,
            "labelColor": ink,
            "titleColor": faint,
            "titleFontWeight": "normal",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "symbolType": "square",
        },
        "title": {"color": ink, "subtitleColor": faint, "anchor": "start"},
        "style": {"on-low-heat": {"color": ink, "fontSize": 12}, "on-high-heat": {"color": paper, "fontSize": 12}},
    }
