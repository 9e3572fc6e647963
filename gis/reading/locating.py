"""Whether every layer lies where the study is, and which CRS one without a usable one could be in."""

import numpy as np
import shapely

from gis.crs import (
    WGS84,
    check_against,
    coordinate_faults,
    listed,
    propose_crs,
    share_inside,
    to_degrees,
)
from gis.errors import Problem
from gis.labels import LANGUAGES, Label
from gis.messages import say

OUTLINES = ("communes", "upper_units", "villages")
"""Layers whose outlines tell where a study is, the best first."""

REACH_DEGREES = 0.1
"""How far around village points the study is taken to reach where there are no outlines."""

MOST_OUTLINES = 2000
"""Of more shapes than this their boxes are enough to tell where a study is."""

MARGIN_DEGREES = 1.0
"""How far a layer may lie beyond the place that a single swapped or shifted point is judged by."""


def propose_missing(gathering, bound):
    """Complete the faults of layers whose CRS is missing or implausible with what it could be.

    Parameters
    ----------
    gathering : Gathering
        Its `unplaced` are the layers; a problem ``"crs-proposals"`` follows the fault of each.
    bound : dict of str to GeoDataFrame
        The layers that could be read.
    """
    area = study_place(bound)[1] if gathering.unplaced else None
    for name, fault, coordinates, stated in gathering.unplaced:
        found = propose_crs(coordinates, area=area, stated=stated)
        if not found:
            continue
        against = "crs-area-vietnam" if area is None else "crs-area-study"
        arguments = {
            **gathering.where(name),
            "area": Label({language: say(against, language) for language in LANGUAGES}),
            "proposals": listed(found),
        }
        place = next(place for place, known in enumerate(gathering.faults) if known is fault)
        gathering.faults.insert(place + 1, Problem("crs-proposals", arguments, "error"))


def check_places(gathering, bound):
    """Warn of layers that lie elsewhere than the study, and of single points that do.

    The layer that tells where the study is can only be held against the area in which its CRS is used.
    """
    own, area = study_place(bound)
    for name, frame in bound.items():
        shapes = frame.geometry.to_numpy()
        bounds = shapely.bounds(shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)])
        if not len(bounds):
            continue
        middles = (bounds[:, :2] + bounds[:, 2:]) / 2
        where = gathering.where(name)
        found = None
        if name == own or area is None:
            found = _outside_use(middles, frame.crs, where)
        else:
            reach_km = gathering.entry("layers", name).get("covers_km", 0)
            found = check_against(middles, frame.crs, area, reach_km=reach_km, **where)
            if found is not None:
                # The middle of a long river or road may lie far off while it runs through the study.
                every = shapely.get_coordinates(shapes)
                found = check_against(every, frame.crs, area, reach_km=reach_km, **where)
            elif name == "villages":
                found = _mostly_outside(middles, frame.crs, area, where)
        if found is None and area is not None:
            found = _single_points(frame, area, where)
        if found is not None:
            gathering.problems.append(found)


def study_place(bound):
    """The layer that tells where the study is, and its outlines in degrees; None and None without any."""
    for name in OUTLINES:
        frame = bound.get(name)
        if frame is None or frame.geometry.isna().all():
            continue
        shapes = frame.geometry[~frame.geometry.isna() & ~frame.geometry.is_empty]
        if len(shapes) > MOST_OUTLINES:
            shapes = shapes.envelope
        shapes = shapes.to_crs(WGS84).to_numpy()
        areas = shapes[shapely.get_dimensions(shapes) == 2]
        if not len(areas):
            areas = [shapely.buffer(shapely.convex_hull(shapely.geometrycollections(shapes)), REACH_DEGREES)]
        place = shapely.geometrycollections(list(areas))
        if np.isfinite(place.bounds).all():
            return name, place
    return None, None


def _outside_use(coordinates, crs, where):
    use = crs.area_of_use
    if use is None:
        return None
    moved = to_degrees(coordinates, crs)
    if moved is not None:
        x, y = moved[:, 0], moved[:, 1]
        beside = (use.west - MARGIN_DEGREES > x) | (x > use.east + MARGIN_DEGREES)
        if not (beside | (use.south - MARGIN_DEGREES > y) | (y > use.north + MARGIN_DEGREES)).all():
            return None
    return Problem("crs-outside-use", {**where, "crs": crs.to_string()[:60], "use": use.name[:120]})


def _mostly_outside(coordinates, crs, area, where):
    """Villages of which most lie outside the communes, where another CRS would put most inside."""
    inside = share_inside(coordinates, crs, area)
    if inside >= 0.5:
        return None
    found = propose_crs(coordinates, area=area, stated=crs)
    better = [known for known in found if known.inside_share >= 0.9]
    if not better:
        return None
    shown = {"inside_pct": round(100 * inside), "crs": crs.to_string()[:60]}
    return Problem("layer-mostly-outside", {**where, **shown, "proposals": listed(better)})


def _single_points(frame, area, where):
    """Points that would lie in the study once exchanged or with their decimal point put back."""
    shapes = frame.geometry.to_numpy()
    if not frame.crs.is_geographic or (shapely.get_type_id(shapes) > 0).any():
        return None
    given = ~shapely.is_missing(shapes)
    x, y = shapely.get_x(shapes[given]), shapely.get_y(shapes[given])
    west, south, east, north = area.bounds
    around = (west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES)
    faults = coordinate_faults(x, y, area=around)
    odd = np.isin(faults.astype(str), ("swapped", "decimal", "equal"))
    if not odd.any():
        return None
    rows = sorted(int(row) for row in frame["source_row"].to_numpy()[given][odd])
    arguments = {"count": len(rows), "rows": rows, "faults": counted_faults(faults[odd])}
    return Problem("layer-coordinates-doubtful", {**where, **arguments})


def counted_faults(faults):
    """Each kind of fault in words with its number, as one text."""
    kinds = sorted(set(faults.tolist()))
    return Label(
        {
            language: ", ".join(
                f"{say(f'coordinate-{kind}', language)} ({int((faults == kind).sum())})" for kind in kinds
            )
            for language in LANGUAGES
        }
    )
