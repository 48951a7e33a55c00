"""A deployment's processes, killed one after the other with SIGKILL and started again, while runs are at work.

The steps build on each other, and each is a fixture that does it once: a run takes seconds, and so do the processes to
come up. In each of them DuckDB's file is taken: a run then waits in the middle of its load for as long as the test
wants.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from sparkify_dagster_tests.deployment.processes import DATABASE, HOST
from sparkify_dagster_tests.deployment.site import MONTHS, Site, site_in
from sparkify_dagster_tests.life.machine import events, launch, switch_sensors, wait_until
from sparkify_dagster_tests.ui.server import wait_for

MISSED = "PostgreSQL can't be reached, and is waited for"
SQLITE = b"SQLite format 3\0"

_INSTANCE = "{ instance { info runLauncher { name } } }"


@dataclass(frozen=True)
class Interrupted:
    """Two runs, the second in the queue behind the first, and what was interrupted meanwhile.

    Attributes:
        first: The id of the first.
        second: The id of the second.
        without_webserver: How the first was after the webserver was replaced.
        without_daemon: How both were after a while without the daemon.
        ended: How both ended.
    """

    first: str
    second: str
    without_webserver: str
    without_daemon: tuple[str, str]
    ended: tuple[str, str]


@dataclass(frozen=True)
class Replaced:
    """A run whose code server was killed, and the run that was begun by itself in its place."""

    run: str
    again: str


@pytest.fixture(scope="module")
def site(s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A deployment on a lake with a day and a song; its sensors are off."""
    with site_in(tmp_path_factory.mktemp("deployment"), s3_endpoint) as site:
        yield site


@pytest.fixture(scope="module")
def interrupted(site: Site) -> Interrupted:
    """While a run is at work, webserver, daemon and PostgreSQL are killed one after the other, and started again."""
    production = site.production
    with site.machine.taken():
        first = site.begun()
        production.webserver.kill()
        production.webserver.start()
        production.webserver.wait_until_up()
        without_webserver = site.status(first)
        production.daemon.kill()
        second = launch(production.webserver, MONTHS)
        without_daemon = site.status(first), site.status(second)
        production.daemon.start()
        wait_for("the daemon", lambda: "won't launch more" in production.daemon.printed, 60, every=0.1)
        production.database.crash()
    # The run goes on and has things to tell, and there is nobody to tell them to.
    wait_for("somebody who misses it", lambda: MISSED in production.daemon.printed, 60, every=0.05)
    production.database.start_again()
    wait_for("the webserver", lambda: site.knows_all_of(first), 60, every=0.1)
    for run in (first, second):
        wait_until(production.webserver, run, "SUCCESS")
    site.machine.check()
    return Interrupted(first, second, without_webserver, without_daemon, (site.status(first), site.status(second)))


@pytest.fixture(scope="module")
def replaced(site: Site, interrupted: Interrupted) -> Replaced:
    """The code server is killed with the run that it works on, and started again."""
    production = site.production
    site.day_arrives(2)
    with site.machine.taken():
        run = site.begun()
        wait_for("what it printed so far", lambda: "err.partial" in site.kept(run), 60, every=0.1)
        production.code_server.kill()
        production.code_server.start()
        wait_until(production.webserver, run, "FAILURE")
        again = wait_for("a second try", lambda: site.second_try(run), 60, every=0.2)
        wait_until(production.webserver, again, "STARTED")
    wait_until(production.webserver, again, "SUCCESS")
    site.machine.check()
    return Replaced(run, again)


@pytest.fixture(scope="module")
def arrived(site: Site, interrupted: Interrupted) -> str:
    """How the run ended that a sensor asked for when a day arrived."""
    switch_sensors(site.production.webserver, on=True, names={"new_logs"})
    site.day_arrives(3)

    def ended() -> str | None:
        runs = [run for run in site.production.webserver.runs() if run["tags"].get("dagster/sensor_name") == "new_logs"]
        return next((run["status"] for run in runs if run["endTime"]), None)

    status = wait_for("the run of the sensor", ended, 120, every=0.2)
    site.machine.check()
    return status


def test_a_run_goes_on_while_the_webserver_is_replaced(interrupted: Interrupted) -> None:
    assert (interrupted.without_webserver, interrupted.ended[0]) == ("STARTED", "SUCCESS")


def test_a_run_goes_on_without_the_daemon_and_another_waits_in_the_queue_for_its_return(
    interrupted: Interrupted,
) -> None:
    assert interrupted.without_daemon == ("STARTED", "QUEUED")
    assert interrupted.ended == ("SUCCESS", "SUCCESS")


def test_a_run_goes_on_when_postgresql_fails_and_comes_back_and_nothing_is_missing_in_its_log(
    site: Site, interrupted: Interrupted
) -> None:
    said = events(site.production.webserver, interrupted.first)
    began = [line for line in said if line.startswith("Started execution of step")]
    ended = [line for line in said if line.startswith("Finished execution of step")]
    assert len(began) == len(ended) > 10


@pytest.mark.slow
def test_the_run_of_a_code_server_that_is_killed_is_marked_and_tried_again_by_itself(
    site: Site, replaced: Replaced
) -> None:
    said = " ".join(events(site.production.webserver, replaced.run))
    assert "which started the run, knows nothing of it: it was cut off" in said
    again = site.production.webserver.run(replaced.again)
    assert (again["status"], again["tags"]["dagster/retry_number"]) == ("SUCCESS", "1")


@pytest.mark.slow
def test_what_a_killed_run_printed_until_then_is_kept_and_shown(site: Site, replaced: Replaced) -> None:
    (kept,) = [text for name, text in site.kept(replaced.run).items() if name == "err.partial"]
    assert b"staging_events" in kept
    assert site.shown(replaced.run).encode() == kept


@pytest.mark.slow
def test_what_a_run_printed_is_in_the_bucket_and_shown(site: Site, replaced: Replaced) -> None:
    kept = site.kept(replaced.again)["err"]
    assert b"songplays" in kept
    assert site.shown(replaced.again).encode() == kept


def test_sensors_load_what_arrives(arrived: str) -> None:
    assert arrived == "SUCCESS"


def test_all_state_is_in_postgresql(site: Site, arrived: str) -> None:
    login = site.production.login
    with psycopg.connect(
        host=HOST, port=login.port, dbname=DATABASE, user=login.user, password=login.password
    ) as connection:
        rows = connection.execute("SELECT run_id FROM runs").fetchall()
    assert {run for (run,) in rows} == {run["runId"] for run in site.production.webserver.runs()}
    # Beside them Dagster makes empty folders for telemetry where it can; the image lets it not.
    assert {path.name for path in site.production.home.rglob("*") if path.is_file()} == {
        "dagster.yaml",
        "workspace.yaml",
    }
    files = [path for path in site.folder.rglob("*") if path.is_file()]
    assert len(files) > len(site.machine.files)
    assert [path for path in files if path.read_bytes().startswith(SQLITE)] == []


def test_postgresqls_password_is_neither_printed_nor_shown(site: Site, arrived: str) -> None:
    said = str(site.production.webserver.ask(_INSTANCE))
    assert "CodeServerRunLauncher" in said
    processes = (site.production.code_server, site.production.webserver, site.production.daemon)
    for text in (said, *(process.printed for process in processes)):
        assert site.production.login.password not in text
