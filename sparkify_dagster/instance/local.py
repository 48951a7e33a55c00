"""The instance: Dagster's, with a storage of its own where dagster.yaml names no other.

What belongs here: that choice. What doesn't: the storage.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._serdes import ConfigurableClassData


class LocalInstance(dg.DagsterInstance):
    """An instance that keeps its state in ``LocalStorage``, in the folder that Dagster gives it.

    ``storage: custom`` of dagster.yaml would do, if it did not ask for the folder's name: it is not the same where
    DAGSTER_HOME is set, where it is not, and in tests.
    """

    @classmethod
    def config_schema(cls) -> Mapping[str, Any]:
        """What dagster.yaml may say to this class beyond what it says to any instance: nothing."""
        return {}

    @staticmethod
    def config_defaults(base_dir: str) -> Mapping[str, ConfigurableClassData | None]:
        """What holds where dagster.yaml says nothing."""
        storage = ConfigurableClassData(
            "sparkify_dagster.instance", "LocalStorage", yaml.safe_dump({"base_dir": base_dir})
        )
        return {**InstanceRef.config_defaults(base_dir), "storage": storage}

    def dispose(self) -> None:
        """Closes what is open; Dagster's own leaves the ticks out."""
        super().dispose()
        if self.schedule_storage is not None:
            self.schedule_storage.dispose()
