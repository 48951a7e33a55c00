"""The parts of the lake, as assets that others write.

What belongs here: their descriptions. What doesn't: listing or reading them.
"""

import dagster as dg

from sparkify_dagster.assets.metadata import OWNERS, lake_schema
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART

_DESCRIPTIONS = {
    LOG_PART: "Event logs of the service, as they arrive: a file a day, a JSON object a line, "
    "under log_data/YYYY/MM/YYYY-MM-DD-events.json.",
    SONG_PART: "The song catalogue, as it arrives: a JSON object a file, under song_data/A/B/C/.",
}


def lake_assets() -> list[dg.AssetSpec]:
    """The parts of the lake."""
    return [
        dg.AssetSpec(
            part,
            description=description,
            group_name="lake",
            owners=OWNERS,
            kinds={"json"},
            metadata={"dagster/column_schema": lake_schema(part)},
        )
        for part, description in _DESCRIPTIONS.items()
    ]
