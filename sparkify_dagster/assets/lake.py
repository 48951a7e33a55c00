"""The parts of the lake, as assets that others write.

What belongs here: their descriptions. What doesn't: listing or reading them.
"""

import dagster as dg

from sparkify_dagster.assets.metadata import OWNERS, lake_schema
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART

_DESCRIPTIONS = {
    LOG_PART: "The event logs of the service, as others write them: a file a day with a JSON object a line, under "
    "`log_data/YYYY/MM/YYYY-MM-DD-events.json`. A materialization says that a load found new files.",
    SONG_PART: "The song catalogue, as others write it: a file with a JSON object for each song, under "
    "`song_data/A/B/C/`. A materialization says that a load found new files.",
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
