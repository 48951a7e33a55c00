"""A sensor of the lake that sees nothing for long is told of: no run fails then, since none begins."""

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from sparkify_dagster.errors import LakeError
from sparkify_dagster.sensors.blindness import SECONDS_OF_PATIENCE, cannot_look
from sparkify_dagster_tests.alerts.receiver import Receiver
from sparkify_dagster_tests.alerts.told import Told

DENIED = cannot_look(LakeError("cannot list bucket 'lake': s3:ListBucket is denied")).skip_message or ""
LONG = int(SECONDS_OF_PATIENCE) + 60
DENIED_TOLD = [
    ":red_circle: *new_logs: can't look*",
    "For 15 minutes, nothing new was seen: cannot list bucket 'lake': s3:ListBucket is denied",
]


@pytest.fixture
def told(told: Told, tmp_path: Path) -> Iterator[Told]:
    """A platform that keeps ticks, too."""
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as kept:
        told.instance = kept
        yield told


def ticked(told: Told, *ticks: tuple[int, str], sensor: str = "new_logs") -> None:
    """A sensor has ticked so many seconds ago, and said this; no word means that it asked for a run."""
    location = InProcessCodeLocationOrigin(LoadableTargetOrigin(module_name="sparkify_dagster.definitions"))
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(location, "__repository__"), sensor)
    state = InstigatorState(
        origin, InstigatorType.SENSOR, InstigatorStatus.DECLARED_IN_CODE, SensorInstigatorData(min_interval=30)
    )
    if told.instance.get_instigator_state(state.instigator_origin_id, state.selector_id) is None:
        told.instance.add_instigator_state(state)
    for ago, said in ticks:
        told.instance.create_tick(
            TickData(
                instigator_origin_id=state.instigator_origin_id,
                instigator_name=sensor,
                instigator_type=InstigatorType.SENSOR,
                status=TickStatus.SKIPPED if said else TickStatus.SUCCESS,
                timestamp=time.time() - ago,
                skip_reason=said or None,
                run_ids=[] if said else ["a-run"],
                selector_id=state.selector_id,
            )
        )


def test_one_that_could_not_look_for_long_is_told_once(told: Told, receiver: Receiver) -> None:
    ticked(told, (LONG, DENIED), (400, DENIED), (10, DENIED))
    assert told.tick() == "No run ended. Told of new_logs: can't look."
    assert told.tick() == "No run ended."
    (text,) = receiver.texts
    assert text.splitlines() == DENIED_TOLD


def test_it_is_told_again_where_it_has_seen_in_between(told: Told, receiver: Receiver) -> None:
    ticked(told, (LONG, DENIED), (10, DENIED))
    told.tick()
    ticked(told, (5, "Nothing is new in 3 months."))
    assert told.tick() == "No run ended."
    # Ticks of another quarter of an hour, later.
    told.instance.schedule_storage.wipe()  # pyright: ignore[reportOptionalMemberAccess]
    ticked(told, (LONG, DENIED), (10, DENIED))
    told.tick()
    assert len(receiver.texts) == 2


def test_what_passes_is_not_told(told: Told, receiver: Receiver) -> None:
    ticked(told, (LONG, DENIED), (400, "Nothing is new in 3 months."), (10, DENIED))
    ticked(told, (60, DENIED), (10, DENIED), sensor="new_songs")
    assert told.tick() == "No run ended."
    ticked(told, (0, ""))
    assert told.tick() == "No run ended."
    assert receiver.texts == []


def test_a_sensor_of_somebody_else_is_not_told(told: Told, receiver: Receiver) -> None:
    ticked(told, (LONG, DENIED), (10, DENIED), sensor="another")
    assert told.tick() == "No run ended."


def test_it_is_told_beside_runs_and_again_where_it_was_not_taken(told: Told, receiver: Receiver) -> None:
    ticked(told, (LONG, DENIED), (10, DENIED))
    assert told.run("load_lake", "2018-11").success
    assert told.tick() == "Told of 0 of 1 runs that ended. Told of new_logs: can't look."
    assert len(receiver.texts) == 1
