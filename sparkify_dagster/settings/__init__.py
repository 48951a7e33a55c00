"""The settings, read from the environment and validated in this one place.

What belongs here: every environment variable that the platform understands, its default and its check; and the file
``dwh.cfg``, which stands for some of them.
What doesn't: anything that acts on a setting, such as opening the lake or the warehouse.
"""

from sparkify_dagster.settings.alerts import AlertSettings
from sparkify_dagster.settings.dashboard import DashboardSettings
from sparkify_dagster.settings.platform import (
    STATE_FOLDER,
    Settings,
    WarehouseKind,
    load_environment_file,
    read_settings,
)
from sparkify_dagster.settings.redshift import LoginKind, RedshiftSettings
from sparkify_dagster.settings.values import Secret

__all__ = [
    "STATE_FOLDER",
    "AlertSettings",
    "DashboardSettings",
    "LoginKind",
    "RedshiftSettings",
    "Secret",
    "Settings",
    "WarehouseKind",
    "load_environment_file",
    "read_settings",
]
