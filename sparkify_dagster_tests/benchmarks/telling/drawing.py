"""Has the plots drawn: by a script in an environment of its own, so that the project needs no library for it.

What belongs here: starting it. What doesn't: drawing (``plots/draw.py``).
"""

import json
import subprocess
from pathlib import Path

from sparkify_dagster_tests.benchmarks.environments import Environment

_PLOTS = Path(__file__).parent / "plots"


def draw(results: Path, environments: Path) -> dict[str, str]:
    """Draws the plots beside a file of results; returns the pictures' names by what they show.

    Without the environment there are no plots, and a line says why.
    """
    environment = Environment(environments / "plots", _PLOTS / "requirements.lock")
    try:
        words = [environment.command("python"), str(_PLOTS / "draw.py"), str(results)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        print(f"no plots: {error}\n{error.stderr or ''}", flush=True)
        return {}
    return json.loads(done.stdout)
