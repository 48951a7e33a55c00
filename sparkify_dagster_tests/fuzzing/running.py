"""Runs a target for a time.

What belongs here: the two ways to run it, with hypothesis's inputs and led by coverage, and what each reports. What
doesn't: the command line (``__main__``), and anything of a target.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from hypothesis import HealthCheck, Phase, given, seed, settings

if TYPE_CHECKING:
    # Not before atheris watches imports.
    from sparkify_dagster_tests.fuzzing.catalogue import Target

_A_ROUND = 200
_MOST_BYTES = 4_096
_NO_HEALTH_CHECKS: list[Any] = list(HealthCheck)


def has_coverage_guidance() -> bool:
    """Whether atheris is installed; it is no part of the lock, for it has no wheels for some machines."""
    return importlib.util.find_spec("atheris") is not None


def run_for(target: Target, seconds: float, first_seed: int) -> int:
    """Tries a target's inputs for so many seconds; returns how many were tried.

    Args:
        target: The target.
        seconds: How long; the round that is going on then is ended.
        first_seed: What the first round's inputs follow from; the next one's from the next number.

    Raises:
        AssertionError: A promise is broken; hypothesis adds the smallest input that it found.
    """
    tried = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:

        @seed(first_seed + tried)
        @settings(
            max_examples=_A_ROUND,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=_NO_HEALTH_CHECKS,
        )
        @given(target.inputs)
        def a_round(data: bytes) -> None:
            nonlocal tried
            if time.monotonic() < end:
                tried += 1
                target.check(data)

        a_round()
    return tried


def run_led_by_coverage(name: str, seconds: int, corpus: Path) -> NoReturn:
    """Tries what leads to lines not seen before; ends the process, with 0 if nothing was found.

    Args:
        name: The target's; nothing of the platform may have been imported yet.
        seconds: How long.
        corpus: Where inputs that led somewhere are kept; the next run goes on from them. What is found lies beside it.
    """
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["sparkify_dagster"]):
        from sparkify_dagster_tests.fuzzing.catalogue import TARGETS
    target = TARGETS[name]
    corpus.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(target.seeds()):
        if len(content) <= _MOST_BYTES:
            (corpus / f"seed-{number:05}").write_bytes(content)
    words = corpus.with_suffix(".words")
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words if word))
    options = [f"-max_total_time={seconds}", f"-max_len={_MOST_BYTES}", f"-dict={words}", "-print_final_stats=1"]
    found = f"-artifact_prefix={corpus.parent}{os.sep}found-{name}-"
    atheris.Setup([sys.argv[0], *options, found, str(corpus)], target.check)
    atheris.Fuzz()
    raise SystemExit


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)
