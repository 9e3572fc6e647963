"""What an arrival holds, in plain values for the page that shows it: columns, kinds, first rows, a light map."""

import json
import math
from collections import Counter

import numpy as np
import shapely

from gis.assessments.mapping import column_letter
from gis.geometry import simplify_shared

MOST_FEATURES = 2_000
MOST_BYTES = 500_000
"""Of the text; compressed, as it travels, that is some 120 kB."""

FIRST_ROWS = 20
MOST_COLUMNS = 60
SAMPLES = 3
LONGEST = 120
SCREEN_PX = 1_400
OWN = ("geometry", "source_row")


def describe_columns(frame, layer, entry):
    """Each column of a layer's file: its first values and the field it is bound to.

    Returns
    -------
    list of dict
        ``column``, ``samples``, ``field`` (None for none) and ``how``: ``"named"`` by a person, ``"known"`` by
        the catalogue, ``"unused"``.
    """
    columns = [str(column) for column in frame.columns if column not in OWN]
    chosen = entry.get("fields", {})
    named = {column: field for field, column in chosen.items() if column and column in columns}
    known = layer.match_fields([column for column in columns if column not in named])
    known = {column: field for field, column in known.items() if field not in chosen}
    rows = []
    for column in columns:
        field = named.get(column) or known.get(column)
        how = "named" if column in named else "known" if field else "unused"
        rows.append({"column": column, "samples": _samples(frame[column]), "field": field, "how": how})
    return rows


def describe_kinds(frame, layer):
    """How many features are of each value of each vocabulary of a layer.

    Returns
    -------
    list of dict
        ``field``, ``value`` (None for not known) and ``count``, the most frequent first.
    """
    rows = []
    for field in layer.vocabularies:
        if field not in frame or frame[field].isna().all():
            continue
        counted = Counter()
        for value in frame[field]:
            counted.update(value.split() if isinstance(value, str) and value else (None,))
        ordered = sorted(counted.items(), key=lambda item: (item[0] is None, -item[1], str(item[0])))
        rows += [{"field": field, "value": value, "count": count} for value, count in ordered]
    return rows


def describe_working(frame, counts):
    """How many facilities work, are closed, and of how many nobody says; None where no column tells."""
    if "working" not in frame or (frame["working"].isna().all() and not counts.get("closed")):
        return None
    yes, no = int((frame["working"] == 1).sum()), int((frame["working"] == 0).sum())
    # those that are closed were set apart before where the whole study was tried
    return {"yes": yes, "no": no + int(counts.get("closed", 0)), "unknown": len(frame) - yes - no}


def first_rows_of_layer(frame):
    """The first rows of a layer's file as texts, each with its number in the file."""
    columns = [str(column) for column in frame.columns if column not in OWN][:MOST_COLUMNS]
    head = frame.head(FIRST_ROWS)
    rows = [[plain(value) for value in row] for row in head[columns].itertuples(index=False)]
    return {"columns": columns, "numbers": [int(row) for row in head["source_row"]], "rows": rows}


def first_rows_of_sheet(cells):
    """The first rows of a sheet as texts, as they stand."""
    head = [[plain(cell) for cell in row[:MOST_COLUMNS]] for row in cells[:FIRST_ROWS]]
    width = max(map(len, head), default=0)
    rows = [row + [""] * (width - len(row)) for row in head]
    columns = [column_letter(position) for position in range(width)]
    return {"columns": columns, "numbers": list(range(1, len(rows) + 1)), "rows": rows}


def light_map(frame, *, most_features=MOST_FEATURES, most_bytes=MOST_BYTES):
    """A layer as a small GeoJSON text in degrees.

    Parameters
    ----------
    frame : GeoDataFrame
        In longitude and latitude, every row with geometry.
    most_features, most_bytes : int
        Beyond these every so many features are left out, after outlines were made as coarse as a screen
        allows.

    Returns
    -------
    text : str
    shown : int
        Features in it.
    """
    step = max(1, math.ceil(len(frame) / most_features))
    west, south, east, north = frame.total_bounds if len(frame) else (0, 0, 0, 0)
    tolerance = max(east - west, north - south) / SCREEN_PX
    while True:
        part = frame.iloc[::step]
        text = _collection(part, tolerance)
        excess = len(text.encode()) / most_bytes
        if excess <= 1 or len(part) <= 1:
            return text, len(part)
        if tolerance and tolerance < max(east - west, north - south) / 150:
            tolerance *= min(max(1.5, excess), 3.0)
        else:
            step = max(step + 1, math.ceil(step * min(excess, 8)))


def _collection(frame, tolerance):
    shapes = frame.geometry.to_numpy()
    dimensions = shapely.get_dimensions(shapes)
    shapes = np.where(dimensions == 1, shapely.simplify(shapes, tolerance), shapes)
    if (dimensions == 2).any():
        shapes = simplify_shared(shapes, tolerance)
    # Rounding moves a border by less than simplifying did.
    digits = 4 if tolerance > 1e-4 else 5
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, digits))
    names = [str(name) for name in frame.columns if name in ("name", "kind", "class")]
    known = [
        {name: plain(value) for name, value in zip(names, row, strict=True) if plain(value)}
        for row in frame[names].itertuples(index=False)
    ]
    features = (
        f'{{"type":"Feature","properties":{json.dumps(told, ensure_ascii=False, separators=(",", ":"))},'
        f'"geometry":{shape or "null"}}}'
        for told, shape in zip(known, shapely.to_geojson(shapes), strict=True)
    )
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"


def _samples(column):
    found = []
    for value in column:
        text = plain(value)
        if text and text not in found:
            found.append(text)
        if len(found) == SAMPLES:
            break
    return found


def plain(value):
    """A cell as a short text; empty for what is missing."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
