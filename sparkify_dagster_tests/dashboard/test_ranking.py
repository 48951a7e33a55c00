"""Whatever months and level somebody chooses, what then is on top is on the page."""

from itertools import combinations_with_replacement

from hypothesis import given
from hypothesis import strategies as st

from sparkify_dagster.dashboard.ranking import on_top

MONTHS = ["2018-09", "2018-10", "2018-11"]
LEVELS = ["free", "paid"]

counts = st.dictionaries(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from(MONTHS), st.sampled_from(LEVELS)), st.integers(1, 4)
)


@given(counts, st.integers(1, 3))
def test_the_names_kept_are_those_that_some_choice_puts_on_top(
    plays: dict[tuple[str, str, str], int], first: int
) -> None:
    names = sorted({name for name, _, _ in plays})
    expected: set[str] = set()
    for begin, end in combinations_with_replacement(MONTHS, 2):
        for levels in (*([level] for level in LEVELS), LEVELS):
            sums = {
                name: sum(
                    number
                    for (other, month, level), number in plays.items()
                    if other == name and begin <= month <= end and level in levels
                )
                for name in names
            }
            expected |= {*sorted(names, key=lambda name: (-sums[name], name))[:first]}

    kept = on_top([(*key, number) for key, number in plays.items()], MONTHS, first)

    assert kept == sorted(expected)
