"""Which runs of a code server count as alive: asked as Dagster's monitoring asks, over gRPC."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import dagster as dg
import grpc
import pytest
import yaml

# The true protocol, and what code servers write into runs; Dagster has no public names for them.
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.__generated__ import dagster_api_pb2
from dagster._grpc.__generated__.dagster_api_pb2_grpc import DagsterApiServicer, add_DagsterApiServicer_to_server
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value, serialize_value

from sparkify_dagster.launching import CodeServerRunLauncher
from sparkify_dagster_tests.deployment.processes import DEPLOY

SETTLE, WITHOUT_ANSWER, SILENCE = 15, 900, 7200


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def short() -> None:
    """Is soon done."""
    nothing()


class CodeServer(DagsterApiServicer):
    """A code server that knows of some runs, for as long as a `with` lasts; at the port of another that there was."""

    def __init__(self, *runs: str, port: int = 0) -> None:
        self.runs = set(runs)
        self._server = grpc.server(ThreadPoolExecutor(2))
        add_DagsterApiServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.stop(None).wait()

    def CanCancelExecution(self, request: Any, context: Any) -> Any:  # noqa: N802 the protocol's name
        """Says whether a run is at work here."""
        asked = deserialize_value(request.serialized_can_cancel_execution_request, CanCancelExecutionRequest)
        result = serialize_value(CanCancelExecutionResult(can_cancel=asked.run_id in self.runs))
        return dagster_api_pb2.CanCancelExecutionReply(serialized_can_cancel_execution_result=result)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float) -> None:
        """Lets so many seconds pass."""
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the launcher looks at."""
    clock = Clock()
    monkeypatch.setattr("sparkify_dagster.launching.code_server.monotonic", clock)
    return clock


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster with the launcher of deploy/dagster.yaml."""
    launcher = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))["run_launcher"]
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump({"run_launcher": launcher, "telemetry": {"enabled": False}}))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def health(instance: dg.DagsterInstance, run: str) -> tuple[str, str | None]:
    """What the launcher says of a run."""
    launcher, found = instance.run_launcher, instance.get_run_by_id(run)
    assert isinstance(launcher, CodeServerRunLauncher)
    assert launcher.supports_check_run_worker_health
    assert found is not None
    result = launcher.check_run_worker_health(found)
    return result.status.value, result.msg


def begun(instance: dg.DagsterInstance, port: int | None, seconds_ago: float = 1.0) -> str:
    """The id of a run that a code server began, and of which nothing was heard since."""
    where = {GRPC_INFO_TAG: json.dumps({"host": "127.0.0.1", "port": port})} if port else {}
    run = instance.create_run_for_job(short, tags=where)
    start = dg.DagsterEvent(event_type_value=dg.DagsterEventType.RUN_START.value, job_name="short")
    instance.report_dagster_event(start, run.run_id, timestamp=time.time() - seconds_ago)
    return run.run_id


ALIVE = ("RUNNING", None)


def test_a_run_that_its_code_server_works_on_is_alive_however_long(instance: dg.DagsterInstance, clock: Clock) -> None:
    with CodeServer() as server:
        run = begun(instance, server.port)
        server.runs.add(run)
        for _ in range(3):
            assert health(instance, run) == ALIVE
            clock.after(SILENCE)


def test_a_run_that_the_code_server_at_its_address_does_not_know_is_gone_once_that_has_settled(
    instance: dg.DagsterInstance, clock: Clock
) -> None:
    with CodeServer() as server:
        run = begun(instance, server.port)
        assert health(instance, run) == ALIVE
        clock.after(SETTLE - 1)
        assert health(instance, run) == ALIVE
        clock.after(1)
        why = f"the code server at 127.0.0.1:{server.port}, which started the run, knows nothing of it: it was cut off"
        assert health(instance, run) == ("FAILED", why)


def test_a_code_server_that_does_not_answer_for_a_while_fails_no_run(
    instance: dg.DagsterInstance, clock: Clock
) -> None:
    with CodeServer() as server:
        run = begun(instance, server.port)
    assert health(instance, run) == ALIVE
    clock.after(WITHOUT_ANSWER - 1)
    assert health(instance, run) == ALIVE
    with CodeServer(run, port=server.port):
        assert health(instance, run) == ALIVE
    # It was heard of again: what was before counts no more.
    clock.after(WITHOUT_ANSWER - 1)
    assert health(instance, run) == ALIVE
    clock.after(WITHOUT_ANSWER - 1)
    assert health(instance, run) == ALIVE


def test_a_code_server_that_is_replaced_is_given_the_time_to_settle_from_when_it_answers(
    instance: dg.DagsterInstance, clock: Clock
) -> None:
    with CodeServer() as former:
        run = begun(instance, former.port)
    assert health(instance, run) == ALIVE
    clock.after(SETTLE + 1)
    with CodeServer(port=former.port):
        assert health(instance, run) == ALIVE
        clock.after(SETTLE)
        assert health(instance, run)[0] == "FAILED"


def test_a_code_server_that_never_answers_again_has_left_its_runs(instance: dg.DagsterInstance, clock: Clock) -> None:
    with CodeServer() as server:
        run = begun(instance, server.port)
    assert health(instance, run) == ALIVE
    clock.after(WITHOUT_ANSWER)
    status, why = health(instance, run)
    assert status == "FAILED"
    assert "doesn't answer" in str(why)


def test_a_run_of_which_nothing_was_heard_for_hours_is_given_up_whoever_claims_it(instance: dg.DagsterInstance) -> None:
    with CodeServer() as server:
        run = begun(instance, server.port, seconds_ago=SILENCE + 1)
        server.runs.add(run)
        assert health(instance, run) == (
            "FAILED",
            f"nothing was heard of the run for {SILENCE} seconds: it was cut off",
        )


def test_a_run_that_no_code_server_began_is_alive_while_it_is_heard_of(instance: dg.DagsterInstance) -> None:
    assert health(instance, begun(instance, None)) == ALIVE
    assert health(instance, begun(instance, None, seconds_ago=SILENCE + 1))[0] == "FAILED"
