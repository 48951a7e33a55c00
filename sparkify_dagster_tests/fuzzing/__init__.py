"""Fuzzing: what takes bytes from elsewhere is given all kinds of bytes, and must keep its promises.

`make test` tries some hundreds of inputs on each target, the same each time; `make test-full` tries others for a minute
each; `python -m sparkify_dagster_tests.fuzzing --target records --seconds 600` goes on for as long as one likes, led by
the coverage of the code where atheris is installed.

What belongs here: the targets, their inputs, the runner, and what has been found. What doesn't: the examples that a
person thinks of, which lie with the tests of each module.
"""

NAMES = ("records", "files", "keys", "notifications", "two-paths")
"""The targets. Here, because what is fuzzed must not be imported before its lines can be watched."""
