"""The pages of the documentation: which there are, their commands, links and places.

What belongs here: reading them. What doesn't: doing what they say (``doing``), and expectations.
"""

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parent.parent.parent

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_MENTION = re.compile(r"`((?:\.venv/bin/)?sparkify [^`…<]*|make [a-z-]+)`")
_COMMENT = re.compile(r"\s+#\s.*$")
_HERE = re.compile(r"<<'(\w+)'")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_IMAGE = re.compile(r'<img\s+src="([^"]+)"')
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')
_NOT_IN_SLUGS = re.compile(r"[^\w\- ]")
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*")


@dataclass(frozen=True, slots=True)
class Step:
    """What a page lets its reader do.

    Attributes:
        kind: "sh" for a command, "diff" for a change of files.
        text: The command, or the change.
    """

    kind: str
    text: str


def pages() -> list[str]:
    """All pages, by their path within the project: the README, docs, and what docs shows of other folders."""
    docs = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md")]
    tests = ["faults", "benchmarks/README", "benchmarks/redshift_at_scale", "benchmarks/results/results"]
    return sorted(["README.md", "deploy/README.md", *docs, *(f"sparkify_dagster_tests/{name}.md" for name in tests)])


def read(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def steps(page: str) -> list[Step]:
    """The commands of the blocks that are marked sh, and the changes of those marked diff, in their order."""
    found = []
    for indent, language, body in _FENCE.findall(read(page)):
        text = textwrap.dedent(body) if indent else body
        if language == "diff":
            found.append(Step("diff", text))
        elif language == "sh":
            found += [Step("sh", command) for command in _cut(text)]
    return found


def commands(page: str) -> list[str]:
    """The commands of a page."""
    return [step.text for step in steps(page) if step.kind == "sh"]


def mentions(page: str) -> list[str]:
    """The commands of `sparkify` and `make` that are mentioned in the text."""
    return _MENTION.findall(_FENCE.sub("", read(page)))


def calls(command: str) -> Iterator[list[str]]:
    """The programs that a line of the shell calls, each with its words."""
    words = shlex.shlex(command.split("<<'", maxsplit=1)[0], posix=True, punctuation_chars=True)
    words.whitespace_split = True
    called: list[str] = []
    redirected = False
    for word in [*words, ";"]:
        if set(word) <= set("<>"):
            redirected = True
        elif set(word) <= set("|&;()"):
            if called:
                yield called
            called = []
        elif redirected:
            redirected = False
        elif called or not _ASSIGNMENT.fullmatch(word):
            called.append(word)


def links(page: str) -> list[str]:
    """The targets of the links and pictures of a page, outside of code."""
    text = _CODE.sub("", _FENCE.sub("", read(page)))
    return [*_LINK.findall(text), *_IMAGE.findall(text)]


def places(page: str) -> set[str]:
    """The places of a page that links can lead to: headings, as Git hosts name them, and marks."""
    text = _FENCE.sub("", read(page))
    return {_slug(title) for title in _HEADING.findall(text)} | set(_ANCHOR.findall(text))


def aim(page: str, target: str) -> tuple[Path, str]:
    """The file or folder that a relative link leads to, and the place in it."""
    path, _, place = unquote(target).partition("#")
    return ((ROOT / page).parent / path).resolve() if path else ROOT / page, place


def _cut(block: str) -> Iterator[str]:
    """The commands of a block: a line each, those that go on with a backslash or a text that follows."""
    lines = iter(block.replace("\\\n", " ").splitlines())
    for line in lines:
        command = _COMMENT.sub("", line.strip())
        if not command or command.startswith("#"):
            continue
        if here := _HERE.search(command):
            text = [command]
            while text[-1] != here[1]:
                text.append(next(lines))
            yield "\n".join(text) + "\n"
        else:
            yield " ".join(command.split()) if "'" not in command and '"' not in command else command


def _slug(title: str) -> str:
    return _NOT_IN_SLUGS.sub("", title.replace("`", "").lower()).strip().replace(" ", "-")
