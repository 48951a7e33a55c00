"""Processes that are killed while they load: the old rows or the new, and the next load needs no hand."""
