"""The dashboard: figures of the analytics tables as charts, on one page that needs nothing else.

What belongs here: which charts there are, reading what they show, drawing them, the page around them, and putting it
where people find it. What doesn't: counting, which is done in the analytics tables, and Dagster's side (``assets``).
"""
