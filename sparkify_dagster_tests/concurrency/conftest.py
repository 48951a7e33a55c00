"""The platforms of ``kills``, for many processes at once."""

from sparkify_dagster_tests.kills.conftest import on_duckdb, on_redshift, scene_of_each

__all__ = ["on_duckdb", "on_redshift", "scene_of_each"]
