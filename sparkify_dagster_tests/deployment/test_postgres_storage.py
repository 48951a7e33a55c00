"""How long is waited for a PostgreSQL that is away, and for which not."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy.exc import OperationalError

from sparkify_dagster.instance.postgres import PatientPostgresStorage
from sparkify_dagster_tests.deployment.processes import DATABASE, HOST
from sparkify_dagster_tests.redshift.postgres import Login, Postgres
from sparkify_dagster_tests.ui.server import free_port, wait_for


@pytest.fixture(scope="module")
def login() -> Login:
    """The way into a PostgreSQL."""
    return Login("dagster", "made up by the tests", free_port())


@pytest.fixture(scope="module")
def database(login: Login) -> Iterator[Postgres]:
    """A PostgreSQL."""
    database = Postgres(login)
    database.start(DATABASE)
    yield database
    database.stop()


def storage(login: Login, password: str | None = None) -> DagsterPostgresStorage:
    """Dagster's storage, as deploy/dagster.yaml has it."""
    where = {"hostname": HOST, "port": login.port, "db_name": DATABASE, "scheme": "postgresql+psycopg2"}
    who = {"username": login.user, "password": password or login.password}
    return PatientPostgresStorage.from_config_value(None, {"postgres_db": {**where, **who}})


def test_a_postgresql_that_is_away_is_waited_for(
    database: Postgres, login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    state = storage(login)
    database.crash()
    found: list[int] = []
    asking = threading.Thread(target=lambda: found.append(len(state.run_storage.get_runs())), daemon=True)
    asking.start()
    wait_for("a word of it", lambda: "PostgreSQL can't be reached, and is waited for" in caplog.text, 30, every=0.05)
    database.start_again()
    asking.join(30)
    assert found == [0]


def test_one_that_is_not_there_yet_when_a_process_starts_is_waited_for_too(
    database: Postgres, login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    database.crash()
    made: list[DagsterPostgresStorage] = []
    asking = threading.Thread(target=lambda: made.append(storage(login)), daemon=True)
    asking.start()
    wait_for("a word of it", lambda: "PostgreSQL can't be reached, and is waited for" in caplog.text, 30, every=0.05)
    database.start_again()
    asking.join(60)
    assert made[0].run_storage.get_runs() == []


@pytest.mark.usefixtures("database")
def test_a_wrong_password_is_not_waited_for(login: Login, caplog: pytest.LogCaptureFixture) -> None:
    storage(login)
    engine = sqlalchemy.create_engine(
        f"postgresql+psycopg2://{login.user}:wrong@{HOST}:{login.port}/{DATABASE}", poolclass=sqlalchemy.NullPool
    )
    with pytest.raises(OperationalError, match="password authentication failed"):
        engine.connect()
    assert "is waited for" not in caplog.text


def test_other_databases_are_none_of_its_affair(database: Postgres, login: Login) -> None:
    storage(login)
    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
