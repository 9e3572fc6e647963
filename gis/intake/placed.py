"""Tables whose rows have a place: points from two columns of coordinates, or shapes from one of WKT."""

import importlib
import re

import numpy as np
import shapely

from gis.errors import IntakeError, Problem
from gis.intake.coordinates import coordinates
from gis.intake.reports import counted
from gis.intake.sources import only_layer
from gis.intake.vectors import column_of, finish
from gis.names import fold

HEADER_ROWS = 20
"""A heading stands in one of the first rows."""

WKT = ("wkt", "geometry", "geom", "the geom", "wkt geom", "wkt geometry", "shape", "hinh hoc")
EAST = (
    *(
        "lon",
        "long",
        "lng",
        "longitude",
        "kinh do",
        "kinhdo",
        "kinh do e",
        "toa do kinh do",
        "lon dd",
        "gps lon",
    ),
    *("easting", "east", "toa do dong", "e", "x dong", "easting m", "toa do e", "dong"),
)
NORTH = (
    *("lat", "latitude", "vi do", "vido", "vi do n", "toa do vi do", "lat dd", "gps lat"),
    *("northing", "north", "toa do bac", "n", "x bac", "northing m", "toa do n", "bac"),
)
X = (
    "x",
    "toa do x",
    "toadox",
    "toa do x m",
    "x m",
    "coord x",
    "point x",
    "xcoord",
    "x coord",
    "x vn2000",
    "td x",
)
Y = (
    "y",
    "toa do y",
    "toadoy",
    "toa do y m",
    "y m",
    "coord y",
    "point y",
    "ycoord",
    "y coord",
    "y vn2000",
    "td y",
)

MOST_METRES = 2.1e7
"""No projected coordinate is larger; half of the earth's girth."""

ZONE_WIDTH = 1_000_000
"""East of a transverse Mercator zone is below it, north of one is above it beyond 9 degrees of latitude."""


def read(source, request, limits):
    """The rows of a table as a layer; see `child.read_vector` for what comes back.

    The file says no CRS. Row numbers are those of the sheet, its heading included; blank rows do not count.
    """
    wanted = request.get("coordinates") or {}
    read_table = importlib.import_module(f"gis.intake.{source.format.reader}").read
    if source.format.id == "csv":
        only_layer(source)
    found = read_table(source, request, limits)
    sheet, heading, places = _chosen(found["sheets"], wanted, source)
    cells = found["sheets"][sheet]
    rows = [number for number, row in enumerate(cells[heading + 1 :], heading + 2) if row]
    columns = _columns(cells, heading, rows)
    if "wkt" in places:
        shapes, problems = _from_wkt(columns[places["wkt"]][1], rows)
    else:
        shapes, problems = _from_pairs(columns, places, rows, source, bool(wanted))
    told = [row for row, shape in zip(rows, shapes, strict=True) if shape is None] if problems else []
    wkb = shapely.to_wkb(np.array([*shapes, None], dtype=object)[:-1])
    plain = [
        (name, column_of(values))
        for place, (name, values) in enumerate(columns)
        if place != places.get("wkt")
    ]
    problems = [*found["problems"], *problems]
    problems += finish(source, plain, wkb, rows, wanted=request.get("columns"), told=told)
    return {
        "layer": sheet,
        "encoding": found["encoding"],
        "crs": None,
        "rows_in": len(rows),
        "rows_out": len(rows),
        "skipped": [],
        "problems": problems,
    }


def _chosen(sheets, wanted, source):
    """The one sheet with coordinates, the row of its heading, and the columns that hold them."""
    found = {}
    for name, cells in sheets.items():
        for number, row in enumerate(cells[:HEADER_ROWS]):
            places = _named_places(row, wanted) if wanted else _places(row)
            if places:
                found[name] = number, places
                break
    if len(found) > 1:
        raise IntakeError("intake-layers", file=source.name, layers=list(found))
    if not found and wanted:
        arguments = {"columns": list(wanted.values()), "found": _headings(sheets)}
        raise IntakeError("intake-columns-missing", file=source.name, **arguments)
    if not found:
        raise IntakeError("intake-no-coordinates", file=source.name, found=_headings(sheets))
    ((name, (number, places)),) = found.items()
    return name, number, places


def _headings(sheets):
    first = next((row for cells in sheets.values() for row in cells if row), [])
    return [str(name) for name in first[:40] if name is not None]


def _named_places(row, wanted):
    headings = [None if name is None else str(name).strip() for name in row]
    if not all(name in headings for name in wanted.values()):
        return None
    return {part: headings.index(name) for part, name in wanted.items()}


def _places(row):
    folded = [fold(name) if isinstance(name, str) else "" for name in row]
    named = {
        part: _place(folded, names) for part, names in {"wkt": WKT, "east": EAST, "north": NORTH}.items()
    }
    if named["east"] is not None and named["north"] is not None:
        return {"east": named["east"], "north": named["north"]}
    x, y = _place(folded, X), _place(folded, Y)
    if x is not None and y is not None:
        return {"x": x, "y": y}
    return None if named["wkt"] is None else {"wkt": named["wkt"]}


def _place(folded, names):
    return next((folded.index(name) for name in names if name in folded), None)


def _columns(cells, heading, rows):
    names = ["" if name is None else _heading(name) for name in cells[heading]]
    width = max([len(names), *(len(cells[row - 1]) for row in rows)])
    names += [""] * (width - len(names))
    return [
        (name, [cells[row - 1][place] if place < len(cells[row - 1]) else None for row in rows])
        for place, name in enumerate(names)
    ]


def _heading(name):
    return " ".join(str(name).split())


def _from_wkt(values, rows):
    """Shapes from WKT, or from WKB written in hexadecimal figures as databases do."""
    shapes, found = [], {"geometry-unreadable": [], "geometry-not-finite": [], "geometry-missing": []}
    for row, value in zip(rows, values, strict=True):
        shape = None
        text = re.sub(r"^\s*SRID=\d+;", "", value).strip() if isinstance(value, str) else ""
        if value is None:
            found["geometry-missing"].append(row)
        elif re.search(r"\b(nan|inf)", text, re.IGNORECASE):
            # Such a point would count as an empty one.
            found["geometry-not-finite"].append(row)
        else:
            read_text = shapely.from_wkb if re.fullmatch(r"0[01][0-9a-fA-F]+", text) else shapely.from_wkt
            shape = read_text(text, on_invalid="ignore")
            if shape is None:
                found["geometry-unreadable"].append(row)
        shapes.append(shape)
    return shapes, [counted(code, where) for code, where in found.items() if where]


def _from_pairs(columns, places, rows, source, is_told):
    first, second = places.values()
    names = columns[first][0], columns[second][0]
    one, other = (np.array(_floats(columns[place][1])) for place in (first, second))
    blank = np.array(
        [columns[first][1][n] is None or columns[second][1][n] is None for n in range(len(rows))]
    )
    problems = []
    likely = (
        np.isfinite(one) & np.isfinite(other) & (np.abs(one) < MOST_METRES) & (np.abs(other) < MOST_METRES)
    )
    likely &= (one != 0) | (other != 0)
    degrees = bool(likely.any()) and np.median(np.abs(np.concatenate([one[likely], other[likely]]))) <= 180
    if "x" in places and not is_told and likely.any():
        swapped, sure = _order(one[likely], other[likely], degrees)
        if swapped is None:
            raise IntakeError("intake-xy-order", file=source.name, x=names[0], y=names[1])
        if swapped:
            one, other, names = other, one, names[::-1]
        arguments = {"file": source.name, "east": names[0], "north": names[1]}
        problems.append(Problem("intake-xy-taken", arguments, "note" if sure else "warning"))
    good = likely & ((np.abs(one) <= 180) & (np.abs(other) <= 90) if degrees else True)
    shapes = np.full(len(rows), None, dtype=object)
    shapes[good] = shapely.points(one[good], other[good])
    numbers = np.array(rows)
    for code, mask in (("geometry-missing", blank & ~good), ("geometry-impossible", ~blank & ~good)):
        if mask.any():
            problems.append(counted(code, numbers[mask]))
    return list(shapes), problems


def _floats(values):
    return [np.nan if number is None else number for number in coordinates(values)]


def _order(x, y, degrees):
    """Whether X is north and Y east, None where the values cannot tell; and whether that is certain.

    Vietnamese survey sheets call the north X. East of a zone is below 1,000 km, north is above; longitudes
    beyond 90 are no latitudes. Degrees that could be either are taken as X east, as all programs write them.
    """
    share_x, share_y = ((np.abs(values) > (90 if degrees else ZONE_WIDTH)).mean() for values in (x, y))
    if degrees:
        return bool(share_y > 0.5 > share_x), bool(max(share_x, share_y) > 0.5)
    if share_x > 0.5 > share_y:
        return True, True
    return (False, True) if share_y > 0.5 > share_x else (None, False)
