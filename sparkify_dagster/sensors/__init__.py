"""The sensors: what newly arrives in the lake leads to runs.

What belongs here: finding out what is new, and asking for runs. What doesn't: loading.
"""

from sparkify_dagster.sensors.logs import logs_sensor
from sparkify_dagster.sensors.songs import songs_sensor

__all__ = ["logs_sensor", "songs_sensor"]
