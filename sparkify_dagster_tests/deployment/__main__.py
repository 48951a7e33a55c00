"""`python -m sparkify_dagster_tests.deployment`: a rehearsal of a deployment, until Ctrl-C.

    --port N          the port that people come to (8443)
    --lake FOLDER     the lake to load; a small one is made where none is named

What belongs here: the command line. What doesn't: what is started (``rehearsal``).
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from sparkify_dagster.errors import SparkifyError
from sparkify_dagster_tests.deployment.rehearsal import rehearse


def main() -> int:
    """Runs what the command line says; returns the exit code."""
    words = _words()
    # A shell that starts this in the background leaves Ctrl-C ignored; and whoever ends it otherwise means the same.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="sparkify-rehearsal-") as folder:
        try:
            rehearse(Path(folder), words.lake, words.port)
        except KeyboardInterrupt:
            print("\nEnded.")
        except SparkifyError as error:
            print(f"Error: {error}", file=sys.stderr)
            return 1
    return 0


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sparkify_dagster_tests.deployment")
    parser.add_argument("--port", type=int, default=8443, metavar="N")
    parser.add_argument("--lake", type=Path, metavar="FOLDER")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
