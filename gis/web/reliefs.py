"""The picture of light and shade: a PNG with a short palette, black and white by how much they cover."""

import struct
import zlib

import numpy as np

from gis.relief import LEVELS, MOST_PX, shade
from gis.web.payload import pack

MOST_BYTES = 110_000
"""Beside what the map itself takes; a rough district is drawn coarser."""
FEWEST_PX = 140
DARKEST, LIGHTEST = 0.42, 0.5
"""How much of what lies under it a picture hides at its last step: classes of villages must stay apart."""


def picture(raster, *, most_bytes=MOST_BYTES):
    """The relief of heights as a PNG of at most `most_bytes` where `FEWEST_PX` a side allow that."""
    return small(lambda most_px: png(shade(raster, most_px=most_px).steps), most_bytes)


def small(draw, most_bytes):
    """What ``draw(most_px)`` gives, at the first size that makes it small enough."""
    most_px = MOST_PX
    while True:
        data = draw(most_px)
        if len(data) <= most_bytes or most_px <= FEWEST_PX:
            return data
        most_px = max(FEWEST_PX, int(most_px * 0.8))


def prepared(standing):
    """The picture of a study that has heights, made once; None where it has none."""
    heights = standing.review.study.layers.get("elevation")
    if heights is None or heights.raster is None:
        return None
    return standing.prepared(("relief",), lambda: pack(picture(heights.raster), "image/png"))


def png(steps):
    """A PNG of steps from ``-LEVELS`` to ``LEVELS``: black for shade, white for light, clear at 0."""
    colours = np.zeros((2 * LEVELS + 1, 3), dtype=np.uint8)
    colours[LEVELS + 1 :] = 255
    share = np.arange(-LEVELS, LEVELS + 1) / LEVELS
    cover = np.where(share < 0, -share * DARKEST, share * LIGHTEST)
    return indexed((steps + LEVELS).astype(np.uint8), colours, cover)


def indexed(indexes, colours, cover):
    """A PNG of cells that name a colour of a short palette.

    Parameters
    ----------
    indexes : array of uint8, shape (rows, columns)
    colours : array of uint8, shape (n, 3)
    cover : array of float
        How much of what lies under it each colour hides, from 0 to 1.
    """
    rows, columns = indexes.shape
    # each row begins with the number of its filter, here "less the one above"
    above = np.vstack([np.zeros((1, columns), dtype=np.uint8), indexes[:-1]])
    lines = np.pad(indexes - above, ((0, 0), (1, 0)))
    lines[:, 0] = 2
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
        (b"PLTE", np.asarray(colours, dtype=np.uint8).tobytes()),
        (b"tRNS", np.rint(np.asarray(cover) * 255).astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
