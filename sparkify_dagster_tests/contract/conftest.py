"""What the tests of the contract share.

What belongs here: fixtures. What doesn't: what they are made of (``deployment``) and made-up lakes (``strategies``).
"""

from pathlib import Path

import pytest

from sparkify_dagster.lake import FolderLake
from sparkify_dagster.warehouse import DuckDBWarehouse

from .deployment import Deployment


@pytest.fixture
def deployment(lake_folder: Path, lake: FolderLake, warehouse: DuckDBWarehouse) -> Deployment:
    """An empty lake and an empty warehouse."""
    return Deployment(lake_folder, lake, warehouse)
