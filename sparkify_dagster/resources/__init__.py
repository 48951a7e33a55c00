"""Dagster's resources: the lake and the warehouse, as assets, checks and sensors get them.

What belongs here: opening and closing them around a run. What doesn't: what they do.
"""
