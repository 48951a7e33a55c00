"""What takes longer than a moment: PostgreSQL or the code server away for a while, or told to end in good order."""

import time
from collections.abc import Iterator

import pytest

from sparkify_dagster_tests.deployment.site import MONTHS, Site, site_in
from sparkify_dagster_tests.life.machine import events, launch, wait_until
from sparkify_dagster_tests.ui.server import wait_for

pytestmark = pytest.mark.slow

SECONDS_WITHOUT_POSTGRESQL = 60
"""What it takes for another one to take its place. Dagster by itself gives up after a quarter."""


@pytest.fixture(scope="module")
def site(s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A deployment on a lake with a day and a song; its sensors are off."""
    with site_in(tmp_path_factory.mktemp("deployment"), s3_endpoint) as site:
        yield site


def test_a_run_goes_on_when_postgresql_is_away_for_a_minute(site: Site) -> None:
    production = site.production
    with site.machine.taken():
        run = site.begun()
        production.database.crash()
    time.sleep(SECONDS_WITHOUT_POSTGRESQL)
    production.database.start_again()
    wait_for("the webserver", lambda: site.knows_all_of(run), 60, every=0.1)
    wait_until(production.webserver, run, "SUCCESS")
    site.machine.check()


def test_a_code_server_that_is_told_to_end_lets_its_run_finish_first(site: Site) -> None:
    production = site.production
    site.day_arrives(2)
    with site.machine.taken():
        run = site.begun()
        production.code_server.tell_to_end()
        # Monitoring asks for the run meanwhile, several times.
        time.sleep(5)
        assert site.status(run) == "STARTED"
        assert production.code_server.exit_code() is None
    wait_until(production.webserver, run, "SUCCESS")
    wait_for("the end of the code server", lambda: production.code_server.exit_code() is not None, 60)
    assert production.code_server.exit_code() == 0
    site.machine.check()


def test_a_run_whose_turn_comes_while_there_is_no_code_server_goes_back_into_the_queue(site: Site) -> None:
    production = site.production
    site.replace_code_server()
    production.daemon.kill()
    run = launch(production.webserver, MONTHS)
    production.code_server.kill()
    production.daemon.start()
    back = "re-submitting the run into the queue"
    wait_for(back, lambda: back in " ".join(events(production.webserver, run)), 60, every=0.2)
    production.code_server.start()
    wait_until(production.webserver, run, "SUCCESS")
