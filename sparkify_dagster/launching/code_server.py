"""The run launcher of a deployment whose runs are subprocesses of a code server, in a container of its own.

No process number tells from another container whether a run lives, but the code server that started it knows, and each
run says which one that is. A code server that is replaced has a successor at the same address, which knows nothing of
its runs: they went with its container.

What belongs here: what Dagster's monitoring asks this launcher. What doesn't: how often it asks, and for how long a
doubt may last, which is in deploy/dagster.yaml.
"""

import time
from collections.abc import Mapping
from enum import StrEnum
from time import monotonic
from typing import Any, Self

import dagster as dg

# Dagster has no public names for what launchers are configured with, ask code servers and answer.
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import ConfigurableClassData, deserialize_value

_ANSWER_SECONDS = 10
"""How long a code server may take to answer: it looks into its memory."""

_ALIVE = CheckRunHealthResult(WorkerStatus.RUNNING)


class _Answer(StrEnum):
    WORKS = "works on it"
    KNOWS_NOTHING = "knows nothing of it"
    NONE = "doesn't answer"


class CodeServerRunLauncher(dg.DefaultRunLauncher):
    """Launches runs in code servers, and asks these whether a run that began is still at work.

    What a code server says once is not believed at once: one that is being replaced does not answer for a while, and
    its successor is known to the rest of Dagster a moment later. A run that is given up too early does no harm to the
    tables: its second try waits for the warehouse's lock.

    Args:
        inst_data: Dagster's own.
        seconds_to_settle: How long a code server that answers must have said that it doesn't know a run.
        seconds_without_answer: How long it may not answer at all.
        seconds_of_silence: How long nothing may be heard of a run, whoever works on it.
    """

    def __init__(
        self,
        inst_data: ConfigurableClassData | None = None,
        *,
        seconds_to_settle: int = 15,
        seconds_without_answer: int = 900,
        seconds_of_silence: int = 7200,
    ) -> None:
        super().__init__(inst_data)
        self._patience = {_Answer.KNOWS_NOTHING: seconds_to_settle, _Answer.NONE: seconds_without_answer}
        self._seconds_of_silence = seconds_of_silence
        self._doubts: dict[str, tuple[_Answer, float]] = {}

    @classmethod
    def config_type(cls) -> dict[str, dg.Field]:
        """What deploy/dagster.yaml may say of it."""
        names = ("seconds_to_settle", "seconds_without_answer", "seconds_of_silence")
        return {name: dg.Field(dg.IntSource, is_required=False) for name in names}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> Self:
        """Makes it of what deploy/dagster.yaml says."""
        return cls(inst_data, **config_value)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether ``check_run_worker_health`` may be called: yes."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Says whether somebody works on a run that began."""
        if self._seconds_since_heard_of(run) > self._seconds_of_silence:
            return _gone(f"nothing was heard of the run for {self._seconds_of_silence} seconds")
        client = self._get_grpc_client_for_termination(run.run_id)
        # One of `sparkify load` has no code server, and one that has ended meanwhile is none of monitoring's affair.
        if client is None:
            return _ALIVE
        answer = _ask(client, run.run_id)
        if answer is _Answer.WORKS:
            self._doubts.pop(run.run_id, None)
            return _ALIVE
        if self._seconds_of_doubt(run, answer) < self._patience[answer]:
            return _ALIVE
        del self._doubts[run.run_id]
        return _gone(f"the code server at {client.host}:{client.port}, which started the run, {answer}")

    def _seconds_since_heard_of(self, run: dg.DagsterRun) -> float:
        records = self._instance.get_records_for_run(run.run_id, limit=1, ascending=False).records
        return time.time() - records[0].event_log_entry.timestamp if records else 0.0

    def _seconds_of_doubt(self, run: dg.DagsterRun, answer: _Answer) -> float:
        """For how long the answer has been the same."""
        now = monotonic()
        before, since = self._doubts.get(run.run_id, (None, now))
        if before is not answer:
            since = now
        self._doubts[run.run_id] = answer, since
        return now - since


def _ask(client: DagsterGrpcClient, run_id: str) -> _Answer:
    try:
        said = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run_id), timeout=_ANSWER_SECONDS)
    except DagsterUserCodeUnreachableError:
        return _Answer.NONE
    works = deserialize_value(said, CanCancelExecutionResult).can_cancel
    return _Answer.WORKS if works else _Answer.KNOWS_NOTHING


def _gone(why: str) -> CheckRunHealthResult:
    return CheckRunHealthResult(WorkerStatus.FAILED, f"{why}: it was cut off")
