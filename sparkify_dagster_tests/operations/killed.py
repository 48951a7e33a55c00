"""A process that kills itself with SIGKILL, which nothing can catch, at a call of a function.

What belongs here: what runs in that process, and starting it. What doesn't: expectations.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from sparkify_dagster.backups import back_up, read_manifest, restore
from sparkify_dagster.settings import read_settings

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


def killed_while_backing_up(at: str, number: int, environment: Mapping[str, str], destination: Path) -> None:
    """Backs up in a process that is killed before a function's number-th call ("module:name")."""
    _run(_back_up, at, number, environment, destination)


def killed_while_restoring(at: str, number: int, environment: Mapping[str, str], source: Path) -> None:
    """Restores in a process that is killed before a function's number-th call ("module:name")."""
    _run(_restore, at, number, environment, source)


def _run(work: Callable[..., None], *arguments: object) -> None:
    process = _PROCESSES.Process(target=work, args=arguments)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def _back_up(at: str, number: int, environment: Mapping[str, str], destination: Path) -> None:
    _arm(at, number)
    back_up(read_settings(environment), destination)


def _restore(at: str, number: int, environment: Mapping[str, str], source: Path) -> None:
    _arm(at, number)
    restore(read_settings(environment), source, read_manifest(source))


def _arm(at: str, number: int) -> None:
    module, _, name = at.partition(":")
    *owners, attribute = name.split(".")
    owner: Any = import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    original = getattr(owner, attribute)
    calls = 0

    def call(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    setattr(owner, attribute, call)
