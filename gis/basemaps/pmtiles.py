"""Tiles of a ``.pmtiles`` file of version 3: a head, directories that say where each tile lies, and the tiles.

References
----------
Protomaps, PMTiles Version 3 Specification, sections 3 (header), 4 (directories) and 5 (tile identifiers).
"""

import json
import struct
import zlib
from bisect import bisect_right
from functools import lru_cache

from gis.basemaps.tiles import MOST_TILE_BYTES, checked
from gis.errors import IntakeError

HEAD = struct.Struct("<7sB8QQQQ6B4iB2i")
HEAD_BYTES = 127
VERSION = 3
NONE, GZIP = 1, 2
PICTURES = {2: "png", 3: "jpg", 4: "webp"}
DEEPEST_LEAF = 3
"""The format itself needs one step from the root to a leaf; a file may take a few more, but no circle."""
MOST_PACKED, MOST_UNPACKED = 4_000_000, 1_000_000
"""Bytes of one directory; the format asks for a root of at most 16 kB, and writers make leaves of some thousand entries.

A directory is read number by number: of 15 kB that unpack to 16 MB the server would have to itself for seconds.
"""
LEAVES_KEPT = 8


def open_pmtiles(path):
    """What a file is and how to ask it for tiles; as `open_mbtiles`.

    Raises
    ------
    IntakeError
        If it is no such file of version 3, is damaged or packed another way, or its tiles are no pictures.
    """
    try:
        return _open(path)
    except (struct.error, zlib.error, EOFError, ValueError, IndexError, OverflowError, RecursionError):
        # JSON and text that cannot be read are ValueErrors too
        raise IntakeError("basemap-damaged", file=path.name) from None


def _open(path):
    name, size = path.name, path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[:7] != b"PMTiles":
        raise IntakeError("basemap-not-pmtiles", file=name)
    if head[7:8] != bytes([VERSION]):
        raise IntakeError("basemap-pmtiles-version", file=name, version=head[7] if len(head) > 7 else 0)
    told = HEAD.unpack(head)
    root, about, leaves, tiles = (told[at : at + 2] for at in (2, 4, 6, 8))
    packing, tile_packing, kind, least, most = told[14:19]
    corners = [each / 1e7 for each in told[19:23]]
    if kind not in PICTURES:
        raise IntakeError("basemap-vector", file=name)
    if packing not in (NONE, GZIP) or tile_packing not in (NONE, GZIP):
        raise IntakeError("basemap-packing", file=name)
    if any(offset + length > size for offset, length in (root, about, leaves, tiles)):
        raise IntakeError("basemap-damaged", file=name)

    def read(offset, length, *, packed, within=None, most=MOST_UNPACKED):
        begin, room = within or (0, size)
        if not (offset >= 0 and 0 < length <= MOST_PACKED and offset + length <= room):
            raise ValueError("out of its place")
        with path.open("rb") as file:
            file.seek(begin + offset)
            data = file.read(length)
        return _unpacked(data, most) if packed == GZIP else data

    first = directory(read(*root, packed=packing))
    texts = json.loads(read(*about, packed=packing)) if about[1] else {}
    texts = texts if isinstance(texts, dict) else {}

    @lru_cache(maxsize=LEAVES_KEPT)
    def leaf(offset, length):
        return directory(read(offset, length, packed=packing, within=leaves))

    def tile(z, x, y):
        wanted, entries = tile_id(z, x, y), first
        try:
            for _ in range(DEEPEST_LEAF + 1):
                found = _find(entries, wanted)
                if found is None:
                    return None
                offset, length, runs = found
                if runs:
                    length = min(length, MOST_TILE_BYTES + 1)
                    data = read(offset, length, packed=tile_packing, within=tiles, most=MOST_TILE_BYTES)
                    return data if len(data) <= MOST_TILE_BYTES else None
                entries = leaf(offset, length)
        except (zlib.error, EOFError, ValueError, IndexError, OSError):
            return None
        return None

    texts = {key: value for key, value in texts.items() if isinstance(value, str)}
    return checked(
        name, title=texts.get("name"), credit=texts.get("attribution"), least=least, most=most, bounds=corners
    ), tile


def tile_id(z, x, y):
    """The place of a tile along the Hilbert curves of all levels, level after level.

    Examples
    --------
    >>> tile_id(0, 0, 0), tile_id(1, 0, 1), tile_id(1, 1, 0), tile_id(12, 3423, 1763)
    (0, 2, 4, 19078479)
    """
    found = (4**z - 1) // 3
    for level in reversed(range(z)):
        side = 1 << level
        right, low = bool(x & side), bool(y & side)
        found += ((3 * right) ^ low) << (2 * level)
        x, y = x & (side - 1), y & (side - 1)
        if not low:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
    return found


def directory(data):
    """Four columns of a directory: first tile, offset, length, and for how many tiles it stands; 0 for a leaf."""
    if len(data) > MOST_UNPACKED:
        raise ValueError("too large")
    values = _numbers(data)
    count = values[0] if values else 0
    if len(values) != 1 + 4 * count:
        raise ValueError("not a directory")
    steps, runs, lengths, places = (values[1 + at * count : 1 + (at + 1) * count] for at in range(4))
    ids, offsets, last = [], [], 0
    for at, step in enumerate(steps):
        last += step
        ids.append(last)
        follows = places[at] == 0 and at > 0
        offsets.append(offsets[-1] + lengths[at - 1] if follows else places[at] - 1)
    return ids, offsets, lengths, runs


def _find(entries, wanted):
    ids, offsets, lengths, runs = entries
    at = bisect_right(ids, wanted) - 1
    if at < 0 or (runs[at] and wanted - ids[at] >= runs[at]):
        return None
    return offsets[at], lengths[at], runs[at]


def _numbers(data):
    """Whole numbers in parts of seven bits, the lowest first."""
    found, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        if byte < 128:
            found.append(value)
            value, shift = 0, 0
        elif (shift := shift + 7) > 63:
            raise ValueError("a number without an end")
    if shift:
        raise ValueError("a number without an end")
    return found


def _unpacked(data, most):
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(data, most)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("too large or cut off")
    return plain
