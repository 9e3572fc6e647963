"""Tiny files of picture tiles, made by hand."""

import gzip
import json
import sqlite3
import struct
import zlib

RED, BLUE = (200, 30, 30), (30, 60, 200)


def png(colour, side=4):
    """A square picture of one colour."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    lines = (b"\0" + bytes(colour) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def write_mbtiles(path, tiles, *, script="", **told):
    """An MBTiles file of ``{(z, x, y): bytes}``, y from the north; `script` is run over it at the end."""
    database = sqlite3.connect(path)
    with database:
        database.execute("create table metadata (name text, value text)")
        database.execute(
            "create table tiles (zoom_level int, tile_column int, tile_row int, tile_data blob, "
            "primary key (zoom_level, tile_column, tile_row))"
        )
        database.executemany("insert into metadata values (?, ?)", told.items())
        rows = [(z, x, 2**z - 1 - y, data) for (z, x, y), data in tiles.items()]
        database.executemany("insert into tiles values (?, ?, ?, ?)", rows)
        database.executescript(script)
    database.close()
    return path


def varint(number):
    """A whole number in parts of seven bits, the lowest first."""
    found = b""
    while number > 127:
        found += bytes([number & 127 | 128])
        number >>= 7
    return found + bytes([number])


def pmtiles_directory(entries):
    """A directory of ``(tile id, run length, length, offset)``."""
    columns = list(zip(*entries, strict=True))
    steps = [id_ - before for id_, before in zip(columns[0], (0, *columns[0]), strict=False)]
    numbers = [len(entries), *steps, *columns[1], *columns[2], *(offset + 1 for offset in columns[3])]
    return b"".join(map(varint, numbers))


def write_pmtiles(
    path, tiles, *, leaf=False, kind=2, packing=2, version=3, told=None, levels=(0, 14), **parts
):
    """A PMTiles file of ``{tile id: bytes}``; with `leaf` behind a leaf directory; `parts` replace whole parts."""
    squeeze = gzip.compress if packing == 2 else bytes
    entries, data = [], b""
    for id_, tile in sorted(tiles.items()):
        entries.append((id_, 1, len(tile), len(data)))
        data += tile
    leaves = squeeze(pmtiles_directory(entries)) if leaf else b""
    root = squeeze(pmtiles_directory([(0, 0, len(leaves), 0)] if leaf else entries))
    root, leaves = parts.get("root", root), parts.get("leaves", leaves)
    about = parts.get("about", squeeze(json.dumps(told or {}).encode()))
    at = 127
    places = []
    for part in (root, about, leaves, data):
        places += [at, len(part)]
        at += len(part)
    head = struct.pack("<7sB8Q", b"PMTiles", version, *parts.get("places", places))
    head += struct.pack("<3Q", len(tiles), len(tiles), len(tiles))
    head += struct.pack("<6B", 1, packing, 1, kind, *levels)
    head += struct.pack("<4i", 1070000000, 140000000, 1080000000, 150000000) + struct.pack("<B2i", 0, 0, 0)
    path.write_bytes(head[:127] + root + about + leaves + data)
    return path
