"""What Dagster loads: the code location, for the settings in force.

What belongs here: this entry. What doesn't: what the code location consists of (``location``).
"""

import dagster as dg

from sparkify_dagster.location import build_defs
from sparkify_dagster.settings import load_environment_file, read_settings


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions for the settings in force; read when Dagster asks, not at import."""
    # For boto3, which reads the environment: keys of AWS may stand in .env or in dwh.cfg.
    load_environment_file()
    return build_defs(read_settings())
