"""Dagster's instance of the embedded platform: as Dagster's own, for several processes and threads at once."""
