"""The pages and pictures that are made from the code are as the code is now, and the settings are all there."""

import ast
import re
from collections.abc import Iterator

from docs.making.written import made_before, written
from sparkify_dagster_tests.ui.pictures import NAMES

from .pages import ROOT, read

_VARIABLE = re.compile(r"(?:SPARKIFY|REDSHIFT|DAGSTER)_[A-Z_]*[A-Z]")
_SHOWN = re.compile(r"`((?:SPARKIFY|REDSHIFT|DAGSTER)_[A-Z_]*[A-Z])`")


def test_what_is_made_from_the_code_is_up_to_date() -> None:
    wanted = written()
    docs = ROOT / "docs"
    there = {path: (docs / path).read_text(encoding="utf-8") for path in wanted if (docs / path).exists()}
    differing = [path for path in wanted if there.get(path) != wanted[path]]
    assert (differing, made_before(docs) - set(wanted)) == ([], set()), "run `make docs`"


def test_the_page_of_settings_has_those_that_the_code_reads() -> None:
    table = [line for line in read("docs/reference/settings.md").splitlines() if line.startswith("| `")]
    shown = [name for line in table for name in _SHOWN.findall(line.split(" | ")[0])]
    assert sorted(shown) == sorted(set(_read()))


def _read() -> Iterator[str]:
    """The variables that the settings name, in whatever way."""
    for path in (ROOT / "sparkify_dagster" / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _VARIABLE.fullmatch(node.value):
                yield node.value


def test_the_pictures_are_those_that_the_script_takes() -> None:
    there = {path.stem for path in (ROOT / "docs" / "pictures").glob("*.png")}
    assert there == set(NAMES)
