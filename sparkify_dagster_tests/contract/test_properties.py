"""Every table, of any lake: loaded and built at once, the warehouse holds what the oracle says.

What belongs here: what is true of a lake, however its files came. What doesn't: sequences of loads and builds
(``test_sequences``).
"""

from collections import Counter

import pytest
from hypothesis import given, settings

from sparkify_dagster_tests.lakes import SONG, play
from sparkify_dagster_tests.oracle import Files, Record, Row, expected_rows

from .budgets import QUICK, THOROUGH
from .deployment import STAGING, Deployment
from .strategies import lakes, plays_at_any_moment, plays_of_known_songs


def check_tables(deployment: Deployment, files: Files) -> None:
    """Loads and builds a lake at once, and compares every table with the oracle."""
    deployment.begin_anew()
    deployment.put_all(files)
    deployment.load_and_build_all()
    deployment.check(files)


@given(files=lakes())
@QUICK
def test_every_table_is_what_the_contract_says(on_duckdb: Deployment, files: Files) -> None:
    check_tables(on_duckdb, files)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@given(files=lakes())
@THOROUGH
def test_every_table_is_what_the_contract_says_of_many_lakes(on_duckdb: Deployment, files: Files) -> None:
    check_tables(on_duckdb, files)


@given(files=lakes())
@settings(QUICK, max_examples=3)
def test_redshift_holds_the_same(on_redshift: Deployment, files: Files) -> None:
    check_tables(on_redshift, files)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@given(files=lakes())
@settings(THOROUGH, max_examples=200)
def test_redshift_holds_the_same_of_many_lakes(on_redshift: Deployment, files: Files) -> None:
    check_tables(on_redshift, files)


@given(files=lakes())
@QUICK
def test_every_staged_row_can_be_traced_to_its_file(on_duckdb: Deployment, files: Files) -> None:
    on_duckdb.begin_anew()
    on_duckdb.put_all(files)
    on_duckdb.load_all()
    for table, part in zip(STAGING, ("log_data/", "song_data/"), strict=True):
        expected = {key: Counter(expected_rows(table, {key: files[key]})) for key in files if key.startswith(part)}
        assert on_duckdb.staged_by_file(table) == {key: rows for key, rows in expected.items() if rows}


@given(files=lakes())
@QUICK
def test_no_key_repeats_and_every_play_names_a_song_of_the_catalogue(on_duckdb: Deployment, files: Files) -> None:
    on_duckdb.begin_anew()
    on_duckdb.put_all(files)
    on_duckdb.load_and_build_all()
    keys = {table: [row[0] for row in on_duckdb.rows(table)] for table in ("songplays", "users", "songs", "artists")}
    for table, found in keys.items():
        assert len(found) == len(set(found)), table
    assert {song_id for _, _, _, _, song_id, *_ in on_duckdb.rows("songplays")} <= {None, *keys["songs"]}


@given(files=lakes())
@QUICK
def test_the_levels_of_a_user_leave_no_gap_and_do_not_overlap(on_duckdb: Deployment, files: Files) -> None:
    on_duckdb.begin_anew()
    on_duckdb.put_all(files)
    on_duckdb.load_all()
    on_duckdb.build("user_levels")
    stretches: dict[object, list[Row]] = {}
    for user_id, _, valid_from, valid_to, is_current in on_duckdb.rows("user_levels"):
        stretches.setdefault(user_id, []).append((valid_from, is_current, valid_to))
    for of_user in stretches.values():
        *former, last = sorted(of_user)
        ends = [valid_to for _, _, valid_to in former]
        assert ends == [valid_from for valid_from, _, _ in sorted(of_user)[1:]]
        assert not any(is_current for _, is_current, _ in former)
        assert last[1:] == (True, None)


@given(files=plays_of_known_songs())
@QUICK
def test_a_play_finds_the_song_that_the_contract_says(on_duckdb: Deployment, files: Files) -> None:
    on_duckdb.begin_anew()
    on_duckdb.put_all(files)
    on_duckdb.load_all()
    on_duckdb.build("songplays")
    on_duckdb.check(files, ["songplays"])


@given(files=plays_of_known_songs())
@settings(QUICK, max_examples=3)
def test_redshift_finds_the_same_song(on_redshift: Deployment, files: Files) -> None:
    check_tables(on_redshift, files)


@given(plays=plays_at_any_moment())
@QUICK
def test_every_moment_is_taken_apart_as_the_calendar_has_it(on_duckdb: Deployment, plays: list[Record]) -> None:
    files = {"log_data/2018/11/2018-11-01-events.json": plays}
    on_duckdb.begin_anew()
    on_duckdb.put_all(files)
    on_duckdb.load_all()
    for table in ("songplays", "time"):
        on_duckdb.build(table)
    on_duckdb.check(files, ["staging_events", "songplays", "time"])


def test_white_space_is_trimmed_from_the_ends_and_nothing_else_is(on_duckdb: Deployment) -> None:
    check_white_space(on_duckdb)


@pytest.mark.slow
def test_so_it_is_on_redshift(on_redshift: Deployment) -> None:
    check_white_space(on_redshift)


def check_white_space(deployment: Deployment) -> None:
    """Loads all characters at once: a play for each, with the character around title and artist."""
    characters = [chr(code) for code in range(1, 0x30000) if not 0xD800 <= code < 0xE000]
    doubtful = [character for character in characters if character.isspace() or not character.isprintable()]
    plays = [
        {**play(number), "song": f"{character}Uno{character}", "artist": f"{character}Duo", "length": 200.0}
        for number, character in enumerate(doubtful)
    ]
    files = {
        "log_data/2018/11/2018-11-01-events.json": plays,
        "song_data/A/A/A/TRAAA1.json": [{**SONG, "title": "Uno ", "artist_name": "\u3000Duo", "duration": 201.0}],
    }
    deployment.put_all(files)
    deployment.load_all()
    deployment.build("songplays")
    matched = {row[0]: row[4] for row in deployment.rows("songplays")}
    assert len(matched) == len(doubtful)
    assert sum(song_id is not None for song_id in matched.values()) == sum(map(str.isspace, doubtful))
    deployment.check(files, ["staging_events", "songplays"])
