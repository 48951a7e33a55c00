"""Processes that do at once what people and sensors do.

What belongs here: what runs in these processes, and starting them together. What doesn't: expectations.
"""

import multiprocessing
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

from sparkify_dagster_tests.kills.victim import Platform, move_in, run_command_line

# One process has imported Dagster, and forks the others: they begin at once, and close together.
_PROCESSES = multiprocessing.get_context("forkserver")

_SECONDS_TO_END = 120.0


@dataclass(frozen=True)
class Outcome:
    """What a process came to: its exit code, and what it printed."""

    code: int
    printed: str


def at_once(platform: Platform, *works: Sequence[str]) -> list[Outcome]:
    """Does works at the same time, each in a process of its own.

    Args:
        platform: Where.
        works: The words of a command line of `sparkify`, or ["sensors"]: ticks the sensors, and runs what they want.
    """
    barrier = _PROCESSES.Barrier(len(works))
    platform.scratch.mkdir(exist_ok=True)
    processes = [
        _PROCESSES.Process(target=_work, args=(platform, barrier, number, list(words)))
        for number, words in enumerate(works)
    ]
    for process in processes:
        process.start()
    outcomes: list[Outcome] = []
    for number, process in enumerate(processes):
        process.join(_SECONDS_TO_END)
        printed = (platform.folder / f"printed-{number}").read_text()
        assert process.exitcode is not None, f"it never ends:\n{printed}"
        outcomes.append(Outcome(process.exitcode, printed))
    return outcomes


def _work(platform: Platform, barrier: Barrier, number: int, words: list[str]) -> None:
    move_in(platform, platform.folder / f"printed-{number}")
    barrier.wait(_SECONDS_TO_END)
    if words == ["sensors"]:
        sys.exit(_obey_sensors())
    run_command_line(words)


def _obey_sensors() -> int:
    """Ticks both sensors, and does the runs that they ask for, until they ask for nothing."""
    import dagster as dg

    from sparkify_dagster.cli.home import prepare_home
    from sparkify_dagster.location import build_defs
    from sparkify_dagster.settings import read_settings

    settings = read_settings()
    prepare_home(settings)
    definitions = build_defs(settings)
    repository = definitions.get_repository_def()
    cursors: dict[str, str | None] = {}
    with dg.DagsterInstance.get() as instance:
        for _ in range(10):
            requests = [
                request
                for name in ("new_logs", "new_songs")
                for request in _tick(definitions, repository.get_sensor_def(name), instance, cursors)
            ]
            if not requests and all(cursors.values()):
                return 0
            for request in requests:
                result = _run(definitions, request, instance)
                if not result.success:
                    return 1
    return 2


def _tick(definitions: Any, sensor: Any, instance: Any, cursors: dict[str, str | None]) -> Sequence[Any]:
    import dagster as dg

    resources = {name: definitions.resources[name] for name in ("lake", "announcements", "warehouse_reader")}
    with dg.build_sensor_context(
        instance=instance,
        cursor=cursors.get(sensor.name),
        repository_def=definitions.get_repository_def(),
        resources={name: resources[name] for name in sensor.required_resource_keys},
    ) as context:
        data = sensor.evaluate_tick(context)
    cursors[sensor.name] = data.cursor
    return data.run_requests or []


def _run(definitions: Any, request: Any, instance: Any) -> Any:
    from sparkify_dagster.partitions.definition import RANGE_END, RANGE_START

    month = request.partition_key
    tags = {RANGE_START: month, RANGE_END: month} if month else request.tags
    job = definitions.resolve_job_def(request.job_name or "load_logs")
    return job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
