"""Small pictures of charts, for where no page can be shown.

What belongs here: drawing them, without a browser. What doesn't: the charts.
"""

import base64
import struct
import zlib
from collections.abc import Iterable, Iterator

from sparkify_dagster.dashboard.charts import draw
from sparkify_dagster.dashboard.figures import Figures

_WIDTH = 420
_SIGNATURE = 8
_AROUND = 12
"""Bytes of a PNG's chunk besides its content: length, kind, checksum."""


def picture(name: str, figures: Figures) -> bytes:
    """A chart as a PNG of some ten kilobytes, on white.

    Args:
        name: The chart's name.
        figures: What it shows.
    """
    import vl_convert  # noqa: PLC0415 a program of 90 MB

    spec = draw(name, figures, width=_WIDTH).to_dict(validate=False)
    del spec["title"]["subtitle"]
    return _smaller(vl_convert.vegalite_to_png(spec, scale=1))


def as_markdown(names: Iterable[str], figures: Figures) -> str:
    """Charts as pictures within a text in Markdown."""
    pictures = ((name, base64.b64encode(picture(name, figures)).decode()) for name in names)
    return "\n\n".join(f"![{name}](data:image/png;base64,{encoded})" for name, encoded in pictures)


def _smaller(png: bytes) -> bytes:
    """The same picture, compressed as far as it goes: a third or a quarter of what the converter makes."""
    chunks = list(_chunks(png))
    pixels = zlib.decompress(b"".join(content for kind, content in chunks if kind == b"IDAT"))
    header, end = chunks[0], chunks[-1]
    rewritten = [header, (b"IDAT", zlib.compress(pixels, 9)), end]
    return png[:_SIGNATURE] + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in rewritten
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kinds and contents of a PNG's parts."""
    place = _SIGNATURE
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += _AROUND + length
