"""The commands and their options.

What belongs here: names, options, help. What doesn't: what a command does, which is in the module of its name.
"""

import gc
import sys
from pathlib import Path

import click

from sparkify_dagster.cli.cluster import cluster
from sparkify_dagster.cli.formats import FORMATS
from sparkify_dagster.cli.output import fail, say, show_progress
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.lake.keys import check_month
from sparkify_dagster.settings import load_environment_file, read_settings


class _Month(click.ParamType):
    name = "YYYY-MM"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return check_month(value)
        except ValueError:
            self.fail(f"{value!r} is not a month such as 2018-11", param, ctx)


MONTH = _Month()
FORMAT = click.Choice(FORMATS)

_NEW_OBJECTS_BETWEEN_LOOKS = 50_000
"""So many objects that may be garbage take a few megabytes."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sparkify_dagster")
def cli() -> None:
    """The data platform of a music-streaming service: from logs and songs in a lake to a star schema."""
    load_environment_file()


@cli.command()
def demo() -> None:
    """Make a sample lake if there is none, load it, and show what came of it."""
    from sparkify_dagster.cli.demo import run_demo  # noqa: PLC0415 Dagster is imported where it is used

    show_progress()
    sys.exit(run_demo(read_settings()))


@cli.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=3000, show_default=True, help="Port of the UI.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the UI listens on.")
@click.option("--public", is_flag=True, help="Allow an address that others can reach. The UI asks for no password.")
def up(port: int, host: str, public: bool) -> None:
    """Start the UI and the daemon; the sensors are on. State is kept between starts."""
    from sparkify_dagster.cli.up import start  # noqa: PLC0415

    start(read_settings(), host=host, port=port, public=public)


@cli.command()
@click.argument("lake", type=click.Path(file_okay=False, path_type=Path))
@click.option("--events", type=click.IntRange(0), default=100_000, show_default=True, help="Number of events.")
@click.option("--months", type=click.IntRange(1), default=3, show_default=True, help="Number of months.")
@click.option("--songs", type=click.IntRange(0), default=1_000, show_default=True, help="Number of songs.")
@click.option("--users", type=click.IntRange(0), default=500, show_default=True, help="Number of listeners.")
@click.option("--first-month", type=MONTH, default="2018-11", show_default=True, help="First month.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same files.")
def generate(lake: Path, events: int, months: int, songs: int, users: int, first_month: str, seed: int) -> None:
    """Write a simulated lake into the folder LAKE."""
    from sparkify_dagster.cli.generate import describe_lake, write_lake  # noqa: PLC0415

    show_progress()
    written = write_lake(
        lake, events=events, months=months, songs=songs, users=users, first_month=first_month, seed=seed
    )
    say(describe_lake(written))


@cli.command()
@click.option("--from", "first", type=MONTH, help="First log month; by default, all that have something new.")
@click.option("--to", "last", type=MONTH, help="Last log month.")
@click.option("--rebuild", is_flag=True, help="Load from scratch, not only what is new.")
@click.option("--prune", is_flag=True, help="Remove the rows of files that the lake no longer holds.")
def load(first: str | None, last: str | None, rebuild: bool, prune: bool) -> None:
    """Load what is new in the lake, through Dagster, and run the checks."""
    from sparkify_dagster.cli.load import LoadOptions, run_load  # noqa: PLC0415

    show_progress()
    sys.exit(run_load(read_settings(), LoadOptions(first, last, rebuild, prune)))


@cli.group()
def tables() -> None:
    """Create or drop the tables of the warehouse."""


@tables.command()
def create() -> None:
    """Create the tables that are missing."""
    from sparkify_dagster.cli.tables import create_tables  # noqa: PLC0415

    create_tables(read_settings())


@tables.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
def drop(yes: bool) -> None:
    """Drop all tables of the platform, after asking."""
    from sparkify_dagster.cli.tables import drop_tables  # noqa: PLC0415

    drop_tables(read_settings(), ask=not yes)


@tables.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
def upgrade(yes: bool) -> None:
    """Make tables of the star anew that another version made with other columns, after asking."""
    from sparkify_dagster.cli.tables import upgrade_tables  # noqa: PLC0415

    upgrade_tables(read_settings(), ask=not yes)


@cli.command()
@click.argument("destination", type=click.Path(path_type=Path))
def backup(destination: Path) -> None:
    """Write DuckDB's warehouse and Dagster's state into a new folder DESTINATION. The lake is not part of it."""
    from sparkify_dagster.cli.backup import make_backup  # noqa: PLC0415

    show_progress()
    make_backup(read_settings(), destination)


@cli.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Don't ask.")
def restore(source: Path, yes: bool) -> None:
    """Put the backup in the folder SOURCE in the place of warehouse and state, after asking; they are kept aside."""
    from sparkify_dagster.cli.backup import restore_backup  # noqa: PLC0415

    show_progress()
    restore_backup(read_settings(), source, ask=not yes)


@cli.command()
def status() -> None:
    """Show what the lake holds, what is loaded of it, and what is still to be done."""
    from sparkify_dagster.cli.status import show_status  # noqa: PLC0415

    show_status(read_settings())


@cli.command()
@click.option("--month", type=MONTH, help="Only those of a log month.")
@click.option("--full", is_flag=True, help="Show the records whole.")
def rejects(month: str | None, full: bool) -> None:
    """Show the records that were rejected, with file, line and reason."""
    from sparkify_dagster.cli.rejects import show_rejects  # noqa: PLC0415

    show_rejects(read_settings(), month, full=full)


@cli.command()
@click.option("--question", "names", multiple=True, metavar="NAME", help="Only this question; may be given repeatedly.")
@click.option("--list", "listed", is_flag=True, help="Show the names of the questions, and what they ask.")
@click.option("--format", "form", type=FORMAT, default="table", show_default=True, help="CSV is for one question.")
def analyze(names: tuple[str, ...], listed: bool, form: str) -> None:
    """Show counts and some rows of every table, and the answers to the questions of sql/questions."""
    from sparkify_dagster.cli.analyze import list_questions, run_analyze  # noqa: PLC0415

    if listed:
        list_questions()
        return
    show_progress()
    sys.exit(run_analyze(read_settings(), names, form))


@cli.command()
@click.argument("statement")
@click.option("--format", "form", type=FORMAT, default="table", show_default=True, help="CSV and JSON have all rows.")
@click.option("--limit", type=click.IntRange(0), help="Most rows to show; 0 for all. A table shows 1,000 by default.")
def query(statement: str, form: str, limit: int | None) -> None:
    """Answer the query STATEMENT, one SELECT in Redshift's SQL, which can change nothing; "-" reads it from stdin."""
    from sparkify_dagster.cli.query import run_query  # noqa: PLC0415

    run_query(read_settings(), statement, form, limit)


@cli.command()
@click.option("--output", metavar="FILE", help="Write it there, not where SPARKIFY_DASHBOARD says; also s3://….")
@click.option("--open", "opened", is_flag=True, help="Open it in the browser.")
def dashboard(output: str | None, opened: bool) -> None:
    """Write the dashboard: one file of HTML with the charts of all questions, which needs no network."""
    from sparkify_dagster.cli.dashboard import write_dashboard  # noqa: PLC0415

    show_progress()
    sys.exit(write_dashboard(read_settings(), output, opened=opened))


@cli.command()
def config() -> None:
    """Show the settings in force, and whether lake and warehouse answer."""
    from sparkify_dagster.cli.config import show_config  # noqa: PLC0415

    sys.exit(show_config(read_settings()))


cli.add_command(cluster)


def main() -> None:
    """Runs the command line; an error is one clear line, and an exit code that is not 0."""
    # A command imports much that stays, and leaves little garbage in the seconds that it runs: by default, Python looks
    # for some so often that it takes 0.3 of the 3.7 s of CPU of a small load; like this it takes 0.1 s.
    gc.set_threshold(_NEW_OBJECTS_BETWEEN_LOOKS, 50, 100)
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        fail("stopped.", code=130)
    except click.ClickException as error:
        fail(error.format_message(), code=error.exit_code)
    except SparkifyError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped.", code=130)
