"""What is remembered of what was told stays small, and no clock makes it forget."""

import pytest

from sparkify_dagster.alerts.memory import SECONDS_LOOKED_BACK, Memory


def test_it_is_understood_as_it_was_written() -> None:
    memory = Memory(1.5, 2.5, {"run": 2.25}, {"staging_events.no_refused_files": "1 0123456789ab"})

    assert Memory.read(memory.write()) == memory


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "no JSON",
        "[]",
        "[1, 2]",
        "7",
        "{}",
        '{"began": "soon", "until": 2}',
        '{"began": 1, "until": true}',
        '{"began": 1, "until": 2, "told": []}',
        '{"began": 1, "until": 2, "told": {"run": "then"}}',
        '{"began": 1, "until": 2, "failing": {"check": 7}}',
        '{"began": 1, "until": 2, "failing": {"check": "many"}}',
        '{"began": 1, "until": 2, "more": 3}',
        "[" * 100_000,
    ],
)
def test_what_cannot_be_understood_counts_as_lost(text: str | None) -> None:
    assert Memory.read(text) is None


def test_runs_that_are_not_looked_at_again_are_forgotten() -> None:
    memory = Memory(0, 0)
    for number in range(100):
        moment = number * SECONDS_LOOKED_BACK / 10
        memory = memory.after({f"run {number}": moment}, {}, now=moment)

    assert len(memory.told) == 11
    assert all(moment >= memory.looked_at_from(memory.until) for moment in memory.told.values())


def test_a_run_that_ends_twice_is_told_of_twice() -> None:
    memory = Memory(0, 0).after({"run": 5.0}, {}, now=9)

    assert memory.knows("run", 5.0)
    assert not memory.knows("run", 6.0)
    assert not memory.knows("other", 5.0)


def test_the_clock_of_another_machine_that_is_ahead_hides_nothing() -> None:
    memory = Memory(0, 0).after({"run": 50_000.0}, {}, now=10_000)

    assert memory.looked_at_from(10_000) < 10_000
    assert memory.knows("run", 50_000.0)


def test_a_clock_that_was_set_back_hides_nothing_later() -> None:
    memory = Memory(0, 0).after({"run": 50_000.0}, {}, now=50_000)

    assert memory.looked_at_from(10_000) < 10_000
