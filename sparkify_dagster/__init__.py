"""sparkify_dagster: the data platform of a music-streaming service, from JSON in a lake to a star schema."""
