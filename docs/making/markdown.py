"""Markdown that reads the same on a Git host and in the site.

What belongs here: tables, anchors, notices. What doesn't: what is said with them.
"""

from collections.abc import Iterable, Sequence


def page(title: str, made_from: str, *blocks: str) -> str:
    """A page that is written by a program, which it says itself.

    Args:
        title: Its heading.
        made_from: What is to be changed in its stead.
        blocks: Its paragraphs, tables and so on; empty ones are left out.
    """
    notice = f"<!-- Written by docs/making from {made_from}: change that, and run `make docs`. -->"
    return "\n\n".join([notice, f"# {title}", *(block.strip("\n") for block in blocks if block)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def anchor(name: str) -> str:
    """A place that links can lead to, where there is no heading."""
    return f'<a id="{name}"></a>'


def code(text: str) -> str:
    """Text as code."""
    return f"`{text}`"


def block(language: str, text: str) -> str:
    """Lines of code."""
    return f"```{language}\n{text.strip()}\n```"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
