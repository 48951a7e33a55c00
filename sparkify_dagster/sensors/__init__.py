"""The sensors: what newly arrives in the lake leads to runs, and what goes wrong in a run reaches people.

What belongs here: finding out what is new, and asking for runs, or telling of them. What doesn't: loading.
"""

from sparkify_dagster.sensors.alerts import alert_sensor
from sparkify_dagster.sensors.analytics import analytics_sensor
from sparkify_dagster.sensors.logs import logs_sensor
from sparkify_dagster.sensors.songs import songs_sensor

__all__ = ["alert_sensor", "analytics_sensor", "logs_sensor", "songs_sensor"]
