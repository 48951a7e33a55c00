"""Benchmarks: how fast the platform is, against the machine's limit, against other tools, and as data grows.

`make bench` runs them all, `python -m sparkify_dagster_tests.benchmarks --list` names them. A benchmark is not a test:
nothing here fails because a machine is slow. What is tested (``test_*.py``) is that the figures are worked out right,
and that the script that stands for the limit gives the platform's tables.

What belongs here: what is measured (``cases``), against what (``limit``, ``peers``, ``probes``), and the means to
measure and to tell. What doesn't: anything that the platform itself needs.
"""
