"""The figures for people: `results.md`.

What belongs here: Markdown made from what is in `results.json`. What doesn't: figures that are not in it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

TARGETS = "targets"
"""What the picture of all targets is called among the plots."""

Kept = Mapping[str, Any]


def report(results: Kept, plots: Mapping[str, str]) -> str:
    """The report.

    Args:
        results: What `results.json` holds.
        plots: Names of picture files, by what they show.
    """
    return "\n".join(_lines(results, plots)) + "\n"


def figure_line(figure: Kept) -> str:
    """A figure in a line, as it is told while benchmarks run."""
    target = f", {_target(figure)}: {_verdict(figure)}" if figure["target"] else ""
    return f"{figure['what']}: {_measured(figure)}{target}"


def _lines(results: Kept, plots: Mapping[str, str]) -> Iterator[str]:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    yield "# What was measured"
    yield ""
    yield (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['os']}, "
        f"Python {machine['python']}, {versions}."
    )
    yield ""
    yield "Medians, with the lowest and the highest in brackets. `results.json` has every run."
    judged = [figure for section in results["benchmarks"].values() for figure in section["figures"] if figure["target"]]
    met = sum(bool(figure["met"]) for figure in judged)
    yield ""
    yield f"{met} of {len(judged)} targets are met."
    if TARGETS in plots:
        yield ""
        yield f"![Share of what each target allows]({plots[TARGETS]})"
    for name, section in results["benchmarks"].items():
        yield from _section(name, section, plots)


def _section(name: str, section: Kept, plots: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"## {section['title']}"
    yield ""
    sizes = "" if section["sizes"] == "full" else " **Small sizes, to try it: the targets are not meant for them.**"
    yield f"`{name}`, {section['date']}, commit {section['commit']}, {section['pairs']} pairs.{sizes}"
    if why := section.get("broke_off"):
        yield ""
        yield f"**It broke off:** {why.splitlines()[0]}"
    if section["figures"]:
        yield ""
        yield "| what | target | measured | |"
        yield "|---|---|---|---|"
    for figure in section["figures"]:
        yield f"| {figure['what']} | {_target(figure)} | {_measured(figure)} | {_verdict(figure)} |"
    notes = [(figure["what"], figure["note"]) for figure in section["figures"] if figure["note"]]
    if notes:
        yield ""
    for what, note in notes:
        yield f"- {what}: {' '.join(note.split())}"
    for what, file in plots.items():
        if any(figure["what"] == what for figure in section["figures"]):
            yield ""
            yield f"![{what}]({file})"


def _target(figure: Kept) -> str:
    target = figure["target"]
    if not target:
        return ""
    if target["value"] == 0:
        return "none"
    sign = "≤" if target["sense"] == "at most" else "≥"
    return f"{sign} {_number(target['value'], '')} {figure['unit']}".strip()


def _measured(figure: Kept) -> str:
    unit = figure["unit"]
    median = f"{_number(figure['median'], unit)} {unit}".strip()
    if len(figure["values"]) == 1:
        return median
    return f"{median} ({_number(figure['low'], unit)}–{_number(figure['high'], unit)})"


def _verdict(figure: Kept) -> str:
    return {None: "", True: "met", False: "**not met**"}[figure["met"]]


def _number(value: float, unit: str) -> str:
    if float(value).is_integer() and unit not in {"×", "s", "MB"}:
        return f"{value:,.0f}"
    if unit == "MB":
        return f"{value:,.1f}"
    # Below ten, the second digit after the point is the third that counts.
    return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"
