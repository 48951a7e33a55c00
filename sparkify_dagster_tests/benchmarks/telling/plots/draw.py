"""Draws the plots of a file of results beside it, and prints their names as JSON: `draw.py results.json`.

What belongs here: drawing with matplotlib, which is in this folder's lock alone. What doesn't: the project's modules,
which are not there.
"""

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
# Drawn anew from the same figures, a picture is the same file.
mpl.rcParams.update({"svg.hashsalt": "sparkify", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})

import matplotlib.pyplot as plt  # noqa: E402 after the choice of how to draw

_MOST_FOR_LINEAR = 3.0
"""What grows by more than this is drawn on a logarithmic axis."""

_MOST_SHOWN = 2.0
"""A target that is missed by more than this is missed."""


def draw_curve(figure: dict[str, Any], path: Path) -> None:
    """Draws how something grows: medians, with the lowest and the highest."""
    curve = figure["curve"]
    points = curve["points"]
    x = [point["x"] for point in points]
    y = [point["median"] for point in points]
    below = [point["median"] - point["low"] for point in points]
    above = [point["high"] - point["median"] for point in points]
    picture, axes = plt.subplots(figsize=(6, 4))
    axes.errorbar(x, y, yerr=[below, above], marker="o", capsize=3)
    axes.set_xscale("log")
    # What hardly grows shows as what it is on an axis that begins at 0.
    if max(y) > _MOST_FOR_LINEAR * min(y):
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0, top=1.2 * max(point["high"] for point in points))
    axes.set_xticks(x, [f"{value:,.0f}" for value in x])
    axes.minorticks_off()
    axes.set_xlabel(curve["x"])
    axes.set_ylabel(curve["y"])
    axes.set_title(f"{figure['what']} {curve['slope']:.2f}")
    _save(picture, path)


def draw_targets(figures: list[dict[str, Any]], path: Path) -> None:
    """Draws all ratios with a target: how much of what is allowed is used."""
    shown = [figure for figure in figures if figure["target"] and figure["unit"] in {"×", "s"}]
    picture, axes = plt.subplots(figsize=(10, 1 + 0.4 * len(shown)))
    for place, figure in enumerate(reversed(shown)):
        low, median, high = sorted(_used(figure, figure[end]) for end in ("low", "median", "high"))
        axes.barh(place, median, color="tab:green" if figure["met"] else "tab:red", alpha=0.7)
        axes.plot([low, high], [place, place], color="black", linewidth=1)
        axes.annotate(f" {median:.0%}", (min(max(high, 0), _MOST_SHOWN), place), va="center", annotation_clip=False)
    axes.axvline(1, color="black", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(shown)), [textwrap.fill(figure["what"], 60) for figure in reversed(shown)])
    axes.set_title("Share of what each target allows: less is better")
    axes.set_xlim(0, _MOST_SHOWN)
    _save(picture, path)


def _used(figure: dict[str, Any], value: float) -> float:
    target = figure["target"]
    return value / target["value"] if target["sense"] == "at most" else target["value"] / value


def _save(picture: Any, path: Path) -> None:
    picture.tight_layout()
    picture.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    plt.close(picture)


def main(results: Path) -> dict[str, str]:
    """Draws all; returns the names of the pictures by what they show."""
    sections = json.loads(results.read_text(encoding="utf-8"))["benchmarks"]
    figures = [figure for section in sections.values() for figure in section["figures"]]
    drawn: dict[str, str] = {}
    for figure in figures:
        if figure["curve"]:
            name = re.sub(r"[^a-z0-9]+", "-", figure["what"].lower()).strip("-") + ".svg"
            draw_curve(figure, results.with_name(name))
            drawn[figure["what"]] = name
    if any(figure["target"] for figure in figures):
        drawn["targets"] = "targets.svg"
        draw_targets(figures, results.with_name(drawn["targets"]))
    return drawn


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
