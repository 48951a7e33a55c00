"""The partitions: log months, as Dagster and as the tables write them.

What belongs here: the partition definition and the dates of months. What doesn't: anything loaded for a month.
"""
