"""The tables of the star schema as assets.

What belongs here: which they are, and what is told of some of them beyond their rows. What doesn't: building.
"""

from datetime import date

import dagster as dg

from sparkify_dagster.assets.built import Figures, Layer, built_asset
from sparkify_dagster.building import build, build_version
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.tables import STAR_TABLES
from sparkify_dagster.warehouse import Warehouse


def star_assets(months: dg.MonthlyPartitionsDefinition, kinds: set[str]) -> list[dg.AssetsDefinition]:
    """The tables of the star schema."""
    layer = Layer("star", build, build_version, _figures)
    return [built_asset(name, layer, months, kinds) for name in STAR_TABLES]


def _figures(table: str, warehouse: Warehouse, months: tuple[str, str]) -> Figures:
    """Of the plays, the share whose song the catalogue knows; no month is looked at that was not asked for."""
    if table != "songplays":
        return {}
    span = {"first_month": first_day(months[0]), "last_month": first_day(months[1])}
    with warehouse.reading() as session:
        counted = session.run("counts/known_songs", span)
    return {
        f"{month:%Y-%m}": {"known_song_share": round(int(str(known)) / int(str(plays)), 4)}
        for month, plays, known in counted
        if isinstance(month, date)
    }
