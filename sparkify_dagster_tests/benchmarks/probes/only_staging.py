"""Loads the staging tables of a lake, and builds nothing: what the star schema is built from.

What belongs here: that. What doesn't: measuring it.
"""

from sparkify_dagster.cli.opening import lake_of, warehouse_of
from sparkify_dagster.settings import read_settings
from sparkify_dagster_tests.benchmarks.probes.without_dagster import make_tables

if __name__ == "__main__":
    settings = read_settings()
    make_tables(lake_of(settings), warehouse_of(settings), builds=False)
