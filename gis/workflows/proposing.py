"""What is proposed where a file does not say: which CRS its coordinates are in, which column is which field."""

import shapely

from gis import assessments as sheets
from gis.catalogue import load_catalogue
from gis.crs import parse_crs, propose_crs
from gis.errors import GisError, TableError
from gis.reading.gathering import types_of
from gis.reading.locating import OUTLINES, study_place
from gis.store.studies import SHEETS
from gis.workflows.describing import plain
from gis.workflows.editions import sets_of

PROPOSALS = 8
UNPLACED = (
    "layer-no-crs", "crs-implausible", "crs-proposals", "layer-far-away", "layer-mostly-outside", "crs-outside-use",
)  # fmt: skip
"""Codes by which a layer is said to lie nowhere, or somewhere else than the study."""


def propose_places(store, versions, raw, source, stated):
    """Where a layer would lie in each CRS that it may be in, the best first.

    Parameters
    ----------
    store : Store
    versions : Mapping of str to Mapping
        Current versions of the study; outlines of another source than `source` tell first where it is.
    raw : GeoDataFrame
        As read.
    source : str or None
    stated : str, int or None
        What the file or a person says.

    Returns
    -------
    list of dict
        ``crs`` (an EPSG code), ``swapped``, ``name``, ``provinces``; ``distance_km`` and ``inside_pct``, None
        where nothing tells where the study is.
    """
    area = None
    # What a new version takes the place of still tells where the study is, where nothing else does.
    for name in sorted(OUTLINES, key=lambda name: name == source):
        if area is None and name in versions:
            area = _outline(store, name, versions[name])
    coordinates = shapely.get_coordinates(raw.geometry.to_numpy())
    return [
        {
            "crs": int(found.crs.removeprefix("EPSG:")),
            "swapped": found.swapped,
            "name": found.name,
            "provinces": list(found.provinces),
            "distance_km": _number(found.distance_km),
            "inside_pct": _number(100 * found.inside_share),
        }
        for found in propose_crs(coordinates, area=area, stated=stated)
        if found.crs.startswith("EPSG:")
    ][:PROPOSALS]


def _outline(store, name, version):
    frame, entry = store.files.get_vector(version["content"]), version["entry"]
    try:
        if "crs" in entry:
            frame = frame.set_crs(parse_crs(entry["crs"], layer=name, file=""), allow_override=True)
        return study_place({name: frame})[1] if frame.crs is not None else None
    except GisError:
        return None


def _number(value):
    return None if value != value else round(float(value), 1)


def view_sheet(store, found, merged, entry, study):
    """How the sheet of a workbook that lists villages is understood; None where there is none.

    Parameters
    ----------
    store : Store
    found : Mapping of str to list
        Sheet name to cells.
    merged : Mapping of str to list
    entry : Mapping
    study : Mapping
        Row of the study.

    Returns
    -------
    SheetView or None
    """
    layer, types = load_catalogue()[SHEETS], needed_types(store, study)
    names = (
        [entry["sheet"]] if entry.get("sheet") in found else [name for name, cells in found.items() if cells]
    )
    best = None
    for name in names:
        try:
            where = {"file": "", "sheet": name}
            view = sheets.inspect_sheet(
                found[name], layer, entry, types, where=where, merged=merged.get(name, ())
            )
        except TableError:
            continue
        if best is None or (view.has_villages, view.rows_kept) > (best.has_villages, best.rows_kept):
            best = view
    return best


def describe_sheet_columns(view):
    """Each titled column of a sheet: its first values, and the field it is or may be.

    Returns
    -------
    list of dict
        As `gis.workflows.describing.describe_columns` gives them, with ``title`` and ``score``; ``how`` may be
        ``"proposed"``, which counts once a person confirms it.
    """
    ways = {"column-named": "named", "column-exact": "known", "column-similar": "proposed"}
    rows = []
    for match in view.columns:
        at = _position(match.column)
        cells = [plain(row[at]) for _, row in view.rows if at < len(row)]
        rows.append(
            {
                "column": view.remembered({"": match.column})[""],
                "title": f"{match.column}: {match.title}",
                "samples": [cell for cell in dict.fromkeys(cells) if cell][:3],
                "field": match.field,
                "how": ways.get(match.why, "unused") if match.field else "unused",
                "score": round(match.score, 2) if match.why == "column-similar" else None,
            }
        )
    return rows


def needed_types(store, study):
    """Fields that the study's criteria sets ask for, with their types; none where a set cannot be read."""
    try:
        with store.reading() as connection:
            chosen, also = sets_of(connection, study)
    except GisError:
        return {}
    return types_of(chosen, also.values())


def _position(letters):
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1
