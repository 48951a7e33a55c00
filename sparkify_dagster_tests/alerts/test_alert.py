"""An alert is short and printable, however much there is to tell."""

from hypothesis import given
from hypothesis import strategies as st

from sparkify_dagster.alerts.alert import MOST_ALERTS, MOST_LINES, make_alert, make_one


@given(st.text(), st.lists(st.text(), max_size=40))
def test_no_text_leaves_its_line_or_its_bounds(title: str, lines: list[str]) -> None:
    alert = make_alert(title, [f"{line}{line * 200}" for line in lines], "error")

    assert len(alert.lines) <= MOST_LINES
    assert len("\n".join([alert.title, *alert.lines])) < 4_200
    assert all(len(line.splitlines()) <= 1 for line in [alert.title, *alert.lines])
    # No lone surrogate is in it, which no channel could write.
    "".join([alert.title, *alert.lines]).encode()


def test_what_is_left_out_is_said() -> None:
    assert make_alert("t", map(str, range(MOST_LINES)), "error").lines[-1] == str(MOST_LINES - 1)
    assert make_alert("t", map(str, range(MOST_LINES + 1)), "error").lines[-1] == "… and more."


def test_one_alert_of_many_shows_errors_before_warnings_and_a_few_lines_of_each() -> None:
    warnings = [make_alert(f"warning {number}", ["why", "more"], "warning") for number in range(3)]
    error = make_alert("error", ["why", "more"], "error")

    alert = make_one([*warnings, error], "https://ui.example.org/runs")

    assert (alert.title, alert.severity, alert.link) == ("4 things need a look", "error", "https://ui.example.org/runs")
    assert alert.lines[:3] == ("error:", "why", "more")
    assert alert.lines[3] == "warning 0:"


def test_one_alert_is_itself() -> None:
    alert = make_alert("t", ["why"], "warning", "https://ui.example.org/runs/1")

    assert make_one([alert], "https://ui.example.org/runs") is alert


def test_of_very_many_alerts_as_many_are_named_as_fit() -> None:
    alert = make_one([make_alert(f"run {number}: failed", ["why"], "error") for number in range(100)])

    assert len(alert.lines) <= MOST_LINES
    assert alert.lines[0] == "run 0: failed"
    assert alert.lines[-1] == f"… and {100 - MOST_ALERTS} more."
