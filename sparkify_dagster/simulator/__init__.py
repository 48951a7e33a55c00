"""A simulated lake: the event logs and song files of an invented music-streaming service.

What belongs here: all that invents a lake and writes it as files, in the shape of the real one. What does not:
anything that reads a lake, or that only knows about warehouses.
"""

from sparkify_dagster.simulator.lake import SimulatedLake, generate_lake

__all__ = ["SimulatedLake", "generate_lake"]
