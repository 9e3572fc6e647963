"""The stretches of roads along which a way is missing, each from where to where along its road."""

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from gis.network import GRID_M
from gis.roadlinks.search import draw_together, lacking

END_M = 1.0
"""A stretch that ends this near the end of its road goes on to it."""


def missing_stretches(roads, origins, targets, *, max_leg_m, price=None, rival=0.0):
    """The stretches of roads that would have to be opened between origin and target of each row.

    Parameters
    ----------
    roads, origins, targets, max_leg_m
        As for `missing_links`.
    price : callable, optional
        Given the `Network` of the roads it says what it takes to open each of its edges, in any unit that is about one a
        metre where it is least; inf where that cannot be done. Metres where left out.
    rival : float
        A second way is told where there is one at less than so many times the price of the first, and it can do without
        some of it. 0 for the first way only.

    Returns
    -------
    DataFrame
        One row a stretch in the order of going: ``row`` of the pair, ``way`` (0, or 1 for the rival), ``road`` (index
        label), ``from_m`` and ``to_m`` along it as it is drawn, of several parts one after the other; outwards to a tenth
        of a metre, and to the end of the road where that is near. A pair that lacks nothing has none, and so has one that no road joins.
    joined : array of bool
        For each pair whether there is a way at all, with or without something missing.
    """
    origins, targets = (np.asarray(places, dtype=float).reshape(-1, 2) for places in (origins, targets))
    links, joined, found = draw_together(roads, price), np.zeros(len(origins), dtype=bool), []
    for row, way, steps in lacking(links, origins, targets, max_leg_m, rival):
        joined[row] = True
        found += [(row, way, *step) for step in steps]
    return _as_stretches(links.network, roads, found), joined


def along(lines, points):
    """Metres along each line to the spot nearest a point, of several parts one after the other.

    Parameters
    ----------
    lines : array of LineString or MultiLineString
    points : array of Point

    Returns
    -------
    array of float
    """
    lines, points = np.asarray(lines, dtype=object), np.asarray(points, dtype=object)
    found = np.zeros(len(lines))
    single = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    found[single] = shapely.line_locate_point(lines[single], points[single])
    for at in np.flatnonzero(~single):
        parts = shapely.get_parts(lines[at])
        nearest = int(np.argmin(shapely.distance(parts, points[at])))
        passed = shapely.length(parts[:nearest]).sum()
        found[at] = passed + shapely.line_locate_point(parts[nearest], points[at])
    return found


def between(line, begin, end):
    """The part of a line between two distances along it in metres, of several parts one after the other."""
    found, passed = [], 0.0
    for part in shapely.get_parts(line):
        first, last = max(begin - passed, 0.0), min(end - passed, part.length)
        if last > first:
            found.append(substring(part, first, last))
        passed += part.length
    return found[0] if len(found) == 1 else shapely.MultiLineString(found)


def outwards(from_m, to_m, whole_m):
    """Ends of stretches of roads of some length, outwards to `GRID_M`, and to the end of the road where that is near."""
    begin = np.floor(from_m / GRID_M + 1e-6) * GRID_M
    end = np.ceil(to_m / GRID_M - 1e-6) * GRID_M
    begin = np.where(begin < END_M, 0.0, begin.round(1))
    return begin, np.where(end > whole_m - END_M, whole_m, end.round(1))


def _as_stretches(network, roads, steps):
    """Steps (row, way, edge, begin, end) as stretches along their roads."""
    columns = {"row": int, "way": int, "edge": int, "begin": float, "end": float}
    steps = pd.DataFrame(steps, columns=list(columns)).astype(columns)
    edge = steps["edge"].to_numpy()
    parts, road = shapely.get_parts(roads.geometry.to_numpy(), return_index=True)
    length, line = shapely.length(parts), network.line[edge]
    # the metres of the parts of its road that come before it
    before = np.cumsum(length) - length
    before -= before[np.searchsorted(road, road)] if len(road) else 0.0
    start, end = (
        np.column_stack([network.x[node[edge]], network.y[node[edge]]])
        for node in (network.start, network.end)
    )
    middle = shapely.line_locate_point(parts[line], shapely.points((start + end) / 2)) + before[line]
    sign, metres = np.where(network.along[edge], 1.0, -1.0), network.length_m[edge]
    at = np.column_stack(
        [middle + sign * (steps[name].to_numpy() - 0.5) * metres for name in ("begin", "end")]
    )
    steps = steps.assign(
        road=network.row[edge], line=line, from_m=at.min(axis=1), to_m=at.max(axis=1), up=at[:, 1] > at[:, 0]
    )
    # what follows on the same line and touches what came before is one stretch
    keys = steps[["row", "way", "line", "up"]]
    touches = (steps["from_m"] - steps["to_m"].shift()).abs().lt(GRID_M) & steps["up"]
    touches |= (steps["to_m"] - steps["from_m"].shift()).abs().lt(GRID_M) & ~steps["up"]
    new = (keys != keys.shift()).any(axis=1) | ~touches
    found = steps.groupby(new.cumsum()).agg(
        row=("row", "first"),
        way=("way", "first"),
        road=("road", "first"),
        from_m=("from_m", "min"),
        to_m=("to_m", "max"),
    )
    whole = np.bincount(road, length, len(roads))[found["road"]]
    found["from_m"], found["to_m"] = outwards(found["from_m"].to_numpy(), found["to_m"].to_numpy(), whole)
    found["road"] = roads.index.to_numpy()[found["road"]]
    return found.sort_values(["row", "way"], kind="stable", ignore_index=True)
