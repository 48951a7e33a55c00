"""Every link of the documentation that stays within the project leads somewhere."""

import re

import pytest

from docs.making.site import guests, sections

from .pages import ROOT, aim, links, pages, places, read

_OUTSIDE = re.compile(r"[a-z]+:")


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_to_a_file_and_a_place_that_are_there(page: str) -> None:
    lost = []
    for target in links(page):
        if _OUTSIDE.match(target):
            continue
        file, place = aim(page, target)
        if not file.exists() or (place and place not in places(file.relative_to(ROOT).as_posix())):
            lost.append(target)
    assert lost == []


def test_the_index_leads_to_every_page_of_the_site() -> None:
    listed = {name for names in sections(read("docs/index.md")).values() for name in names}
    there = {page.removeprefix("docs/").removesuffix(".md") for page in pages() if page.startswith("docs/")}
    assert listed == {page for page in there if not page.startswith("reference/tables/")} - {"index"} | {
        "reference/tables/index"
    }


def test_links_to_other_sites_are_encrypted_and_those_that_look_whether_they_answer_find_them() -> None:
    found = {target for page in pages() for target in links(page) if _OUTSIDE.match(target)}
    assert found
    assert {target for target in found if not target.startswith("https://")} == set()
    # What the site shows is what `make linkcheck` looks at.
    shown = {page for page in pages() if page.startswith("docs/")}
    shown |= {path.relative_to(ROOT).as_posix() for path in guests(ROOT / "docs")}
    assert {page for page in pages() if any(_OUTSIDE.match(target) for target in links(page))} <= {*shown, "README.md"}
