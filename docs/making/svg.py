"""Boxes, lines and text of a picture that can be read on a light and on a dark page.

What belongs here: how they look. What doesn't: where they stand.
"""

from xml.sax.saxutils import escape

LINE = 18
"""Height of a line of text, in pixels."""

LETTER = 7.25
"""Width of a letter of the monospaced font, in pixels."""

_STYLE = """
  :root { color-scheme: light dark; }
  svg { --ink: #1f2933; --soft: #52606d; --edge: #9aa5b1; --page: #ffffff; --head: #e4ecf5; --line: #3b6fb6; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e8edf2; --soft: #b3bfca; --edge: #5f6c7b; --page: #131820; --head: #24344a; --line: #86b3ee; }
  }
  text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--ink); }
  .soft { fill: var(--soft); }
  .bold { font-weight: 700; }
  .page, .box { fill: var(--page); }
  .box { stroke: var(--edge); }
  .head { fill: var(--head); stroke: var(--edge); }
  .line { fill: none; stroke: var(--line); stroke-width: 1.5; }
  marker path { fill: none; stroke: var(--line); stroke-width: 1.5; }
"""
_MARKERS = """<defs>
<marker id="many" markerWidth="12" markerHeight="12" refX="0" refY="6" orient="auto" markerUnits="userSpaceOnUse">
<path d="M0 1 L10 6 L0 11"/></marker>
<marker id="one" markerWidth="12" markerHeight="12" refX="12" refY="6" orient="auto" markerUnits="userSpaceOnUse">
<path d="M6 1 V11"/></marker>
<marker id="arrow" markerWidth="10" markerHeight="12" refX="9" refY="6" orient="auto" markerUnits="userSpaceOnUse">
<path d="M1 1 L9 6 L1 11"/></marker>
</defs>"""


def picture(width: float, height: float, title: str, parts: list[str]) -> str:
    """A whole picture."""
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">',
            f"<style>{_STYLE}</style>",
            _MARKERS,
            f'<rect class="page" width="{width:.0f}" height="{height:.0f}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def text(x: float, y: float, words: str, kind: str = "", *, middle: bool = False) -> str:
    """Words, from x on or around it; y is where they stand on."""
    anchor = ' text-anchor="middle"' if middle else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{anchor}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, kind: str = "box") -> str:
    """A box with its left upper corner at x and y."""
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4"/>'


def line(points: list[tuple[float, float]], start: str = "", end: str = "") -> str:
    """A line from left to right through points, with the marks named at its ends."""
    (x, y), *others = points
    path = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in others:
        middle = (x + to_x) / 2
        path.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    marks = "".join(f' marker-{where}="url(#{name})"' for where, name in (("start", start), ("end", end)) if name)
    return f'<path class="line" d="{" ".join(path)}"{marks}/>'
