"""The entity-relationship diagram of tables, from their DDL.

What belongs here: where tables and the lines of their references stand. A table stands to the left of those that it
refers to; a line that passes a column of tables has a gap of its own there. What doesn't: how it is drawn (``svg``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from docs.making.svg import LETTER, LINE, box, line, picture, text
from sparkify_dagster.tables import Column, Table

_MARGIN = 16
_PADDING = 10
_GAP = 20
_STREET = 90
_PER_LAYER = 4
"""So many tables that refer to nothing stand above each other."""


@dataclass(slots=True)
class _Place:
    """Where a table, or the gap for a line, stands: its upper edge, and its height."""

    y: float
    height: float


class _Layout:
    """Layers of tables from left to right, and the reference lines between them."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = {table.name: table for table in tables}
        self.references = [
            (table, key)
            for table in tables
            for key in table.foreign_keys
            if key.table in self.tables and key.table != table.name
        ]
        self.layers = self._layers()
        self.gaps = self._gaps()
        self.widths = [max(_width(self.tables[name]) for name in layer) for layer in self.layers]
        self.places: dict[str | tuple[int, int], _Place] = {}
        self.height = max(self._stack(number) for number in range(len(self.layers))) + _MARGIN
        self.width = self.x(len(self.layers) - 1) + self.widths[-1] + _MARGIN

    def x(self, layer: int) -> float:
        """The left edge of a layer."""
        return _MARGIN + sum(width + _STREET for width in self.widths[:layer])

    def layer_of(self, name: str) -> int:
        """The layer that a table is in."""
        return next(number for number, layer in enumerate(self.layers) if name in layer)

    def _layers(self) -> list[list[str]]:
        depth = dict.fromkeys(self.tables, 0)
        for _ in self.tables:
            for table, key in self.references:
                depth[key.table] = max(depth[key.table], depth[table.name] + 1)
        tied = {name for table, key in self.references for name in (table.name, key.table)}
        layers: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
        for name in self.tables:
            if name in tied:
                layers[depth[name]].append(name)
        free = [name for name in self.tables if name not in tied]
        columns = [free[start : start + _PER_LAYER] for start in range(0, len(free), _PER_LAYER)]
        return [layer for layer in layers if layer] + columns

    def _gaps(self) -> list[list[int]]:
        """The numbers of the references that pass each layer on their way."""
        gaps: list[list[int]] = [[] for _ in self.layers]
        for number, (table, key) in enumerate(self.references):
            for layer in range(self.layer_of(table.name) + 1, self.layer_of(key.table)):
                gaps[layer].append(number)
        return gaps

    def _stack(self, layer: int) -> float:
        """Puts the tables of a layer above each other, the gaps for lines below them; gives the lower edge."""
        y = float(_MARGIN)
        for name in self.layers[layer]:
            self.places[name] = _Place(y, _height(self.tables[name]))
            y += self.places[name].height + _GAP
        for number in self.gaps[layer]:
            self.places[layer, number] = _Place(y, 0)
            y += _GAP
        return y - _GAP


def diagram(tables: Sequence[Table]) -> str:
    """The diagram of tables, as SVG: many of the left refer to one of the right."""
    layout = _Layout(tables)
    lines = [_reference(layout, number) for number in range(len(layout.references))]
    boxes = [part for name in layout.tables for part in _drawn(layout, name)]
    names = ", ".join(layout.tables)
    return picture(layout.width, layout.height, f"Tables with their columns and references: {names}", lines + boxes)


def _reference(layout: _Layout, number: int) -> str:
    table, key = layout.references[number]
    first, last = layout.layer_of(table.name), layout.layer_of(key.table)
    points = [(layout.x(first) + layout.widths[first], _line_of(layout, table, key.columns[0]))]
    for layer in range(first + 1, last):
        y = layout.places[layer, number].y
        points += [(layout.x(layer), y), (layout.x(layer) + layout.widths[layer], y)]
    points.append((layout.x(last), _line_of(layout, layout.tables[key.table], key.table_columns[0])))
    return line(points, start="many", end="one")


def _line_of(layout: _Layout, table: Table, column: str) -> float:
    """The height at which a column is."""
    number = [each.name for each in table.columns].index(column)
    return layout.places[table.name].y + LINE * 1.5 + LINE * (number + 0.5)


def _drawn(layout: _Layout, name: str) -> list[str]:
    table, place = layout.tables[name], layout.places[name]
    layer = layout.layer_of(name)
    x, width = layout.x(layer), layout.widths[layer]
    parts = [
        box(x, place.y, width, place.height),
        box(x, place.y, width, LINE * 1.5, "head"),
        text(x + _PADDING, place.y + LINE, name, "bold"),
    ]
    longest = max(len(column.name) for column in table.columns)
    for number, column in enumerate(table.columns):
        y = place.y + LINE * 1.5 + LINE * number + LINE * 0.75
        kind = "bold" if column.name in table.primary_key else ""
        parts.append(text(x + _PADDING, y, column.name, kind))
        parts.append(text(x + _PADDING + (longest + 2) * LETTER, y, _kind(column), "soft"))
    return parts


def _kind(column: Column) -> str:
    return column.type_text.lower().replace("double precision", "double") + ("" if column.nullable else " *")


def _width(table: Table) -> float:
    names = max(len(column.name) for column in table.columns)
    kinds = max(len(_kind(column)) for column in table.columns)
    return max(names + 2 + kinds, len(table.name)) * LETTER + 2 * _PADDING


def _height(table: Table) -> float:
    return LINE * 1.5 + LINE * len(table.columns) + LINE * 0.4
