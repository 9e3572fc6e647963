"""OpenStreetMap extracts (.osm.pbf): what a layer of ours is there is said by tags, given by the caller."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from gis.errors import IntakeError, Problem
from gis.intake.vectors import finish

LAYERS = ("points", "lines", "multilinestrings", "multipolygons")
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_:]*")
"""Keys go into the library's own settings and conditions, so they are nothing but names."""

ANY = "*"
MOST_HEADER_BYTES = 1 << 16
SIZE_TAG = 3 << 3
"""Field 3, a number: how long the block is that follows its header."""

AREAS = (
    "aeroway,amenity,boundary,building,craft,geological,historic,landuse,leisure,military,natural,office,"
    "place,shop,sport,tourism,man_made,power,healthcare"
)
"""Closed ways with one of these keys are areas; all others are lines."""


def read(source, request, limits):
    """The features that carry the wanted tags; see `child.read_vector` for what comes back.

    ``request["osm"]`` is a list of dicts: `from` (layers of the extract, see `LAYERS`), `tags` (key to values,
    or ``["*"]`` for any; all keys must fit), `but_not` (key to values that are reported and not taken),
    `fields` (our field to a key, to several of which the first filled one counts, or to the word that each of
    several keys stands for where it is there and not "no") and `set` (our field to a fixed value). A feature
    belongs to the first entry that it fits. Columns: ``osm_id`` (such as ``way/123``) and our fields.
    """
    from gis.intake.drivers import set_options

    entries = request.get("osm")
    if not entries:
        raise IntakeError("intake-osm-mapping", file=source.name)
    _check_whole(source)
    # Node positions of a large extract go to a file; it lies with the rest of this job.
    set_options({"CPL_TMPDIR": str(source.folder)})
    settings = _settings(entries, source.folder)
    fields = list(
        dict.fromkeys(name for entry in entries for name in (*entry["fields"], *entry.get("set", ())))
    )
    parts, wkb, refused, seen, bare = [], [], [], set(), 0
    for entry in entries:
        for layer in entry["from"]:
            ids, values, shapes = _matching(source, entry, layer, fields, settings)
            excluded = _fits_any(values.pop("excluded"), len(ids))
            keep = []
            for row, key in enumerate(ids):
                if key in seen:
                    continue
                seen.add(key)
                bare += 1
                if excluded[row]:
                    refused.append(bare)
                else:
                    keep.append((bare, row))
            _check_rows(bare, source, limits)
            chosen = pa.array([row for _, row in keep], pa.int64())
            numbers = pa.array([number for number, _ in keep], pa.int64())
            taken = {name: column.take(chosen) for name, column in values.items()}
            parts.append(
                pa.table({"osm_id": pa.array(ids, pa.string()).take(chosen), **taken, "number": numbers})
            )
            wkb += shapes.take(chosen).chunks
    table = pa.concat_tables(parts)
    rows = table.column("number").to_pylist()
    columns = [(name, table.column(name)) for name in table.schema.names if name != "number"]
    problems = finish(
        source, columns, pa.chunked_array(wkb, pa.binary()), rows, wanted=request.get("columns")
    )
    tags = sorted(
        {f"{key}={value}" for entry in entries for key, values in entry["tags"].items() for value in values}
    )
    problems.append(Problem("intake-osm-tags", {"file": source.name, "count": bare, "tags": tags}, "note"))
    return {
        "layer": source.stem,
        "encoding": "utf-8",
        "crs": "EPSG:4326",
        "rows_in": bare,
        "rows_out": len(rows),
        "skipped": [(row, "osm-not-in-use") for row in refused],
        "problems": problems,
    }


def _check_whole(source):
    """Refuse an extract that ends inside a block: the library takes what there is and says nothing."""
    with open(source.path, "rb") as file:
        left = source.path.stat().st_size
        while left:
            head = file.read(4)
            length = int.from_bytes(head, "big")
            size = _block_size(file.read(min(length, MOST_HEADER_BYTES)))
            left -= 4 + length + (size or 0)
            if size is None or length > MOST_HEADER_BYTES or left < 0:
                raise IntakeError("intake-damaged", file=source.name, reason="OSMData")
            file.seek(size, 1)


def _block_size(header):
    """The number in field 3 of a block's header; None where it has none."""
    place, size = 0, None
    try:
        while place < len(header):
            tag, place = _number(header, place)
            value, place = _number(header, place)
            if tag == SIZE_TAG:
                size = value
            elif tag & 7 == 2:
                place += value
    except IndexError:
        return None
    return size


def _number(octets, place):
    """A number of the kind that protocol buffers use, and where it ends."""
    number = shift = 0
    while True:
        number |= (octets[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if octets[place - 1] < 0x80:
            return number, place


def _matching(source, entry, layer, fields, settings):
    """Ids, columns of our fields (and of what excludes a feature), and shapes of what fits one entry."""
    from gis.intake.drivers import read_vector

    first = next(iter(entry["tags"]))
    _, table, wkb = read_vector(
        source.path,
        source.name,
        source.format.driver,
        layer=layer,
        where=f'"{first}" IS NOT NULL',
        CONFIG_FILE=str(settings),
    )
    fits = pa.chunked_array([pa.array([True] * table.num_rows, pa.bool_())])
    for key, values in entry["tags"].items():
        fits = pc.and_(fits, pc.fill_null(_has(table.column(key), values), False))
    table, wkb = table.filter(fits), wkb.filter(fits)
    columns = {
        name: _field(table, entry["fields"].get(name), entry.get("set", {}).get(name)) for name in fields
    }
    columns["excluded"] = [
        pc.fill_null(_has(table.column(key), values), False)
        for key, values in entry.get("but_not", {}).items()
    ]
    return _ids(table, layer), columns, wkb


def _has(column, values):
    return pc.is_valid(column) if ANY in values else pc.is_in(column, pa.array(values, pa.string()))


def _field(table, keys, fixed):
    if fixed is not None:
        return pa.chunked_array([pa.array([fixed] * table.num_rows, pa.string())])
    if keys is None:
        return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    if isinstance(keys, dict):
        return pc.coalesce(*(_word(table.column(key), word) for key, word in keys.items()))
    columns = [table.column(key) for key in ([keys] if isinstance(keys, str) else keys)]
    return pc.coalesce(*columns)


def _word(column, word):
    there = pc.fill_null(pc.not_equal(column, "no"), False)
    return pc.if_else(there, pa.scalar(word, pa.string()), pa.scalar(None, pa.string()))


def _fits_any(masks, count):
    excluded = [False] * count
    for mask in masks:
        excluded = [one or other for one, other in zip(excluded, mask.to_pylist(), strict=True)]
    return excluded


def _ids(table, layer):
    """The id of each feature with the kind of thing it is, since nodes, ways and relations are numbered apart."""
    kind = {"points": "node", "lines": "way"}.get(layer, "relation")
    ids = table.column("osm_id").to_pylist()
    ways = table.column("osm_way_id").to_pylist() if "osm_way_id" in table.schema.names else [None] * len(ids)
    return [f"{kind}/{own}" if own is not None else f"way/{way}" for own, way in zip(ids, ways, strict=True)]


def _settings(entries, folder):
    """The library's own settings file: only the wanted keys, each a column, under their true names."""
    lines = [f"closed_ways_are_polygons={AREAS}", "attribute_name_laundering=no"]
    for layer in LAYERS:
        keys = sorted({key for entry in entries if layer in entry["from"] for key in _keys(entry)})
        way = ["osm_way_id=yes"] if layer == "multipolygons" else []
        lines += [f"[{layer}]", "osm_id=yes", *way, "osm_version=no", "osm_timestamp=no", "osm_uid=no"]
        lines += ["osm_user=no", "osm_changeset=no", f"attributes={','.join(keys)}", "other_tags=no"]
    path = folder / "osm.ini"
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def _keys(entry):
    keys = [*entry["tags"], *entry.get("but_not", ())]
    for wanted in entry["fields"].values():
        keys += [wanted] if isinstance(wanted, str) else wanted
    strange = [key for key in keys if not KEY.fullmatch(key)]
    if strange:
        raise ValueError(strange[0])
    return keys


def _check_rows(count, source, limits):
    if count > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=count, limit=limits.reader_rows)
