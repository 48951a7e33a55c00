"""Dagster's home: where its instance keeps runs, events and sensors' state.

What belongs here: making it, with the project's dagster.yaml, where it is the platform's own. A home that the user
named is theirs: only where it has no dagster.yaml does it get one.
"""

import os
from pathlib import Path

from sparkify_dagster.settings import Settings

_PACKAGE = Path(__file__).parent.parent


def prepare_home(settings: Settings) -> Path:
    """Makes Dagster's home, and names it in the environment for Dagster and its processes."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    instance = home / "dagster.yaml"
    wanted = _dagster_yaml()
    if not instance.exists() or (settings.manages_dagster_home and instance.read_text(encoding="utf-8") != wanted):
        instance.write_text(wanted, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _dagster_yaml() -> str:
    packed = _PACKAGE / "dagster.yaml"
    return (packed if packed.exists() else _PACKAGE.parent / "dagster.yaml").read_text(encoding="utf-8")
