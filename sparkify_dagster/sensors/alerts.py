"""The alert sensors: what goes wrong in a run reaches people, by each channel that the settings name.

A tick looks at the runs that ended since, and for sensors that have seen nothing for long, and sends one message of all
that deserves it. Only what a channel has taken
is remembered as told: where it does not answer, the tick says so and the next one tries again. Each channel has a
sensor of its own, so that one which is broken neither keeps the other from being told nor makes it be told twice.

(Dagster's own sensors for failed runs go on to the next run also where sending fails.)

What belongs here: the tick. What doesn't: what deserves an alert, and sending it (``alerts``).
"""

import time

import dagster as dg

from sparkify_dagster.alerts import Alert, Channel
from sparkify_dagster.alerts.alert import make_alert, make_one
from sparkify_dagster.alerts.finished import finished, new_ends
from sparkify_dagster.alerts.judging import judge
from sparkify_dagster.alerts.memory import Memory
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.resources.channels import ChannelsResource
from sparkify_dagster.sensors.blindness import SECONDS_OF_PATIENCE, blind_sensors

SECONDS_BETWEEN_TICKS = 30


def alert_sensor(channel: str, ui_url: str | None) -> dg.SensorDefinition:
    """The sensor that tells people by a channel.

    Args:
        channel: Its name.
        ui_url: Where people reach the UI, for links.
    """

    @dg.sensor(
        name=f"alerts_to_{channel}",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
        description="Tells people of failed runs and checks, refused files, rejected records, and blind sensors.",
    )
    def alerts(context: dg.SensorEvaluationContext, channels: ChannelsResource) -> dg.SensorResult | dg.SkipReason:
        try:
            return _tick(context, channels.get()[channel], ui_url)
        except SparkifyError as error:
            context.log.warning(f"An alert is not told yet: {error}")
            return dg.SkipReason(f"Not told yet; the next tick tries again. {error}")

    return alerts


def _tick(context: dg.SensorEvaluationContext, channel: Channel, ui_url: str | None) -> dg.SensorResult:
    now = time.time()
    memory = Memory.read(context.cursor)
    if memory is None:
        return _said("What ends from now on is told.", Memory(began=now, until=now))
    blind, failing = _look_for_blindness(context.instance, memory, now, ui_url)
    alerts = list(blind)
    origin = context.code_location_origin
    ends = new_ends(context.instance, memory, now)
    for end in ends:
        run = finished(context.instance, end, origin.location_name if origin else None)
        if run is not None:
            verdict = judge(run, failing, ui_url)
            failing = verdict.failing
            alerts += [verdict.alert] if verdict.alert else []
    if alerts:
        channel.send(make_one(alerts, f"{ui_url}/runs" if ui_url else None))
    said = f"Told of {len(alerts) - len(blind)} of {len(ends)} runs that ended." if ends else "No run ended."
    said += "".join(f" Told of {alert.title}." for alert in blind)
    return _said(said, memory.after({end.run_id: end.moment for end in ends}, failing, now))


def _look_for_blindness(
    instance: dg.DagsterInstance, memory: Memory, now: float, ui_url: str | None
) -> tuple[list[Alert], dict[str, str]]:
    """Alerts of sensors that have become blind, and what fails now: told once, until they see again."""
    blind = {f"sensor {name}": (name, reason) for name, reason in blind_sensors(instance, now)}
    link = f"{ui_url}/automation" if ui_url else None
    minutes = round(SECONDS_OF_PATIENCE / 60)
    alerts = [
        make_alert(f"{name}: can't look", [f"For {minutes} minutes, nothing new was seen: {reason}"], "error", link)
        for failing, (name, reason) in blind.items()
        if failing not in memory.failing
    ]
    still = {name: found for name, found in memory.failing.items() if not name.startswith("sensor ")}
    return alerts, {**still, **dict.fromkeys(blind, "1")}


def _said(reason: str, memory: Memory) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=dg.SkipReason(reason), cursor=memory.write())
