"""What keys mean, and which are refused."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sparkify_dagster.lake.keys import (
    check_month,
    is_data,
    is_month,
    is_safe,
    is_song,
    month_of,
    months_between,
    next_month,
)


@pytest.mark.parametrize(
    ("key", "month"),
    [
        ("log_data/2018/11/2018-11-01-events.json", "2018-11"),
        ("log_data/2018/11/2018-11-01-events.json.gz", "2018-11"),
        ("log_data/2018/11/01/part 0.json", "2018-11"),
        ("log_data/1970/01/x.json", "1970-01"),
        ("log_data/9999/12/x.json", "9999-12"),
        ("log_data/2018/11/2019-01-01-events.json", "2018-11"),
        ('log_data/2018/11/it\'s 100% + "new" 🎵; drop table x.json', "2018-11"),
    ],
)
def test_a_log_file_belongs_to_the_month_of_its_path(key: str, month: str) -> None:
    assert month_of(key) == month
    assert not is_song(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "log_data",
        "log_data/2018/11/",
        "log_data/2018/11/events.JSON",
        "log_data/2018/11/events.json.GZ",
        "log_data/2018/11/events.json.bak",
        "log_data/2018/11/events.csv",
        "log_data/2018/11/json",
        "log_data/2018/11/.json",
        "log_data/2018/11/.hidden.json",
        "log_data/2018/11/_temporary.json",
        "log_data/2018/11/_temporary/0/part.json",
        "log_data/2018/11/.snapshot/part.json",
        "log_data/2018/00/x.json",
        "log_data/2018/13/x.json",
        "log_data/1969/12/x.json",
        "log_data/2018/1/x.json",
        "log_data/18/11/x.json",
        "log_data/2018/x.json",
        "log_data/x.json",
        "log_data/२०१८/११/x.json",
        "log_data/2018/11//x.json",
        "log_data/2018/11/./x.json",
        "log_data/2018/11/../x.json",
        "log_data/2018/11/../../../etc/x.json",
        "log_data//2018/11/x.json",
        "/log_data/2018/11/x.json",
        "../log_data/2018/11/x.json",
        "log_data/2018/11/..\\x.json",
        "log_data/2018/11/x\0.json",
        "log_data/2018/11/x\n.json",
        "log_data/2018/11/x.json\n",
        "log_data/2018/11/x\x9b.json",
        "log_data/2018/11/x\udcff.json",
        "LOG_DATA/2018/11/x.json",
        "log_json_path.json",
        "song_data/2018/11/x.json",
    ],
)
def test_what_is_no_log_file_has_no_month(key: str) -> None:
    assert month_of(key) is None


@pytest.mark.parametrize(
    "key", ["song_data/A/B/C/TRABC.json", "song_data/TRABC.json.gz", "song_data/a b/é/1/2/3/4/5.json"]
)
def test_songs_may_lie_anywhere_below_their_part(key: str) -> None:
    assert is_song(key)
    assert is_data(key)
    assert month_of(key) is None


@pytest.mark.parametrize(
    "key",
    [
        "song_data",
        "song_data/",
        "song_data/A/B/C/",
        "song_data/A/.DS_Store",
        "song_data/A/_x.json",
        "song_data/../A.json",
        "song_data/A/..",
        "song_data/A.jsonl",
        "song_data_old/A.json",
        "log_data/2018/11/x.json",
    ],
)
def test_what_is_no_song(key: str) -> None:
    assert not is_song(key)


@pytest.mark.parametrize("key", ["a", "a/b.json", ".hidden/_x", "...", "a/..b", "C D/é 🎵"])
def test_safe_keys(key: str) -> None:
    assert is_safe(key)


@pytest.mark.parametrize(
    "key", ["", "/", "/a", "a/", "a//b", ".", "..", "a/..", "a/../b", "./a", "a\\b", "a\tb", "\0", "a\x85", "\ud800"]
)
def test_unsafe_keys(key: str) -> None:
    assert not is_safe(key)


PIECES = st.sampled_from(
    [
        "log_data",
        "song_data",
        "2018",
        "11",
        "13",
        "..",
        ".",
        "",
        "x.json",
        "y.json.gz",
        "\\",
        "\0",
        "_a",
        ".b",
        "\udc80",
    ]
)
KEYS = st.text() | st.lists(PIECES | st.text(max_size=5), max_size=8).map("/".join)
NAMES = st.text(min_size=1, max_size=20).map(lambda name: f"log_data/2018/11/{name}.json")


@given(KEYS | NAMES)
@example("log_data/2018/11/" + "a/" * 5000)
@example("log_data/2018/11/" + "a.json" * 5000 + "/")
def test_no_text_makes_the_functions_raise_and_what_they_accept_is_safe(key: str) -> None:
    month = month_of(key)
    if month is not None:
        assert is_month(month)
    if is_data(key):
        assert is_safe(key)
        key.encode()  # the ledger can hold it


@given(KEYS | NAMES)
def test_an_accepted_key_joined_to_a_folder_stays_below_it(key: str) -> None:
    if is_safe(key):
        root = Path("/no/such/root")
        resolved = (root / key).resolve()
        assert resolved.is_relative_to(root)
        assert resolved != root


MONTHS = st.builds(lambda year, month: f"{year}-{month:02d}", st.integers(1970, 9998), st.integers(1, 12))


@given(MONTHS)
def test_the_next_month_sorts_after_its_month_with_none_between(month: str) -> None:
    following = next_month(month)
    assert following > month
    assert months_between(month, following) == [month, following]


def test_months_go_on_over_the_end_of_a_year() -> None:
    assert next_month("2018-12") == "2019-01"
    assert months_between("2018-11", "2019-02") == ["2018-11", "2018-12", "2019-01", "2019-02"]


def test_a_range_of_months_includes_both_ends_and_may_be_empty() -> None:
    assert months_between("2018-11", "2018-11") == ["2018-11"]
    assert months_between("2018-11", "2018-10") == []


@pytest.mark.parametrize(
    "text",
    ["", "2018", "2018-1", "2018-13", "2018-00", "1969-12", "10000-01", "2018/11", " 2018-11", "2018-11\n", "२०१८-११"],
)
def test_what_is_no_month_is_named_in_the_error(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        check_month(text)


def test_there_is_no_month_after_the_last() -> None:
    assert check_month("9999-12") == "9999-12"
    with pytest.raises(ValueError, match="10000-01"):
        next_month("9999-12")
