"""Telling people: what of a run is told, by which channel, and that nothing of it is lost."""
