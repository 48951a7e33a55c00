"""What Sphinx does to pages that are written for a Git host as well.

What belongs here: the order of the pages, as ``index.md`` lists them; pages that lie elsewhere in the project, taken in
where a page of one link stands for them; places in tables that links lead to. What doesn't: settings (``conf.py``).
"""

import re
from collections.abc import Mapping
from os.path import relpath
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

INDEX = "index"

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
"""A link or a picture: its mark, its text and its target."""

_STANDS_FOR = re.compile(r"<!-- The site shows (\S+) here\. -->")
_ANCHOR = re.compile(r'<a id="([^"]+)">')
_ELSEWHERE = re.compile(r"[a-z]+:|#")
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, bool]:
    """Tells Sphinx of what is done here."""
    app.connect("source-read", _read)
    app.connect("doctree-read", _name_anchors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def guests(docs: Path) -> dict[Path, Path]:
    """The files elsewhere in the project that the site shows, and the pages that stand for them."""
    found = ((page, _STANDS_FOR.search(page.read_text(encoding="utf-8"))) for page in sorted(docs.rglob("*.md")))
    return {(page.parent / stands[1]).resolve(): page for page, stands in found if stands}


def sections(index: str) -> Mapping[str, list[str]]:
    """The pages that the index lists below each of its headings, as their names without ending."""
    _, *parts = _SECTION.split(index)
    return {
        title: [target.removesuffix(".md") for mark, _, target in LINK.findall(body) if not mark and _is_page(target)]
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    }


def _is_page(target: str) -> bool:
    return target.endswith(".md") and not target.startswith("../")


def _read(app: Sphinx, docname: str, source: list[str]) -> None:
    docs = Path(app.srcdir)
    page = docs / f"{docname}.md"
    text = source[0]
    origin = page
    if stands := _STANDS_FOR.search(text):
        origin = (page.parent / stands[1]).resolve()
        app.env.note_dependency(str(origin))
        text = origin.read_text(encoding="utf-8")
    if docname == INDEX:
        text += "".join(_toctree(title, pages) for title, pages in sections(text).items() if pages)
    elif docname == "reference/tables/index":
        pages = dict.fromkeys(target for mark, _, target in LINK.findall(text) if not mark and target.endswith(".md"))
        text += _toctree("", [target.removesuffix(".md") for target in pages])
    source[0] = _with_links(text, origin, page, docs)


def _toctree(title: str, pages: list[str]) -> str:
    return "\n".join(["", "", "```{toctree}", ":hidden:", f":caption: {title}" if title else "", "", *pages, "```", ""])


def _with_links(text: str, origin: Path, page: Path, docs: Path) -> str:
    """The text with links that lead where they did, now that it stands on a page of the site."""
    shown = guests(docs)

    def moved(link: re.Match[str]) -> str:
        mark, words, target = link.groups()
        if _ELSEWHERE.match(target):
            return link[0]
        path, hash_, place = target.partition("#")
        aim = (origin.parent / path).resolve()
        aim = shown.get(aim, aim)
        if aim.is_dir() or (aim.suffix == ".md" and docs not in aim.parents):
            # A Git host shows these; the site has no page for them.
            return words
        return f"{mark}[{words}]({relpath(aim, page.parent)}{hash_}{place})"

    return LINK.sub(moved, text)


def _name_anchors(app: Sphinx, doctree: nodes.document) -> None:
    """Lets links lead to places that are marked by HTML, as they do on a Git host."""
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for raw in doctree.findall(nodes.raw):
        for name in _ANCHOR.findall(raw.astext()):
            slugs[name] = (raw.line, name, name)
