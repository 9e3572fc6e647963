"""What is wrong with villages as a coverage: overlaps, gaps, slivers, several parts, twins, no area."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gis.geometry.shaping import merge, misfits

NOISE_M2 = 0.01
"""Less area than this is rounding of coordinates and not told."""
TOUCH_M = 0.001
"""Villages this near to a gap border on it."""
SLIVER_M2 = 100.0
"""A piece below this is no land of its own: less than a house and its yard."""
SLIVER_WIDTH_M, SLIVER_THINNESS = 10.0, 0.1
"""A larger piece is a sliver where it is both narrower and thinner than these; a square has thinness 0.79."""


@dataclass(frozen=True)
class CoverageReport:
    """What was found in a coverage of villages; every table is sorted by area, largest first, then by id.

    Areas are in square metres. ``width_m`` is twice the area over the perimeter, the mean width of a thin
    shape; ``thinness`` is 4 pi area over the squared perimeter, 1 of a circle; ``sliver`` says that a piece
    is too small or too thin to be land of its own.

    Attributes
    ----------
    overlaps : DataFrame
        A line for each pair of villages: ``village_id``, ``other_id``, ``area_m2``, ``width_m``,
        ``thinness``, ``sliver``.
    gaps : DataFrame
        A line for each hole between villages: ``neighbours`` (tuple of ids), ``area_m2``, ``width_m``,
        ``thinness``, ``sliver``, ``x``, ``y`` (a point inside).
    parts : DataFrame
        A line for each village of several parts: ``village_id``, ``parts``, ``area_m2``,
        ``largest_pct`` (percent of its area), ``slivers`` (parts that are slivers).
    twins : DataFrame
        A line for each group of villages with one and the same outline: ``villages`` (tuple of ids),
        ``area_m2``.
    flat : tuple of str
        Villages whose polygon has no area.
    communes : DataFrame
        Where outlines were given, a line for each that has villages: index ``commune_id``, ``area_m2``,
        ``villages_m2``, ``covered_pct``.
    merged : Geometry or None
        All polygons as one, holes and all.
    """

    overlaps: pd.DataFrame
    gaps: pd.DataFrame
    parts: pd.DataFrame
    twins: pd.DataFrame
    flat: tuple
    communes: pd.DataFrame
    merged: object


def check_coverage(villages, *, communes=None):
    """Overlaps, gaps, slivers, several parts, twins and flat polygons of villages.

    Parameters
    ----------
    villages : GeoDataFrame
        Valid polygons in a projected CRS in metres, index village id; rows without a polygon are passed
        over. Column ``commune_id`` where `communes` are given.
    communes : GeoDataFrame, optional
        Outlines in the same CRS, index ``commune_id``.

    Returns
    -------
    CoverageReport

    Notes
    -----
    Pairs are sought only among polygons that do not fit their neighbours edge to edge, so that a clean
    coverage costs one pass over its edges.
    """
    villages = villages.sort_index()
    ids = villages.index.to_numpy(dtype=object)
    polygons = villages.geometry.to_numpy()
    areal = shapely.get_dimensions(polygons) == 2
    ids, polygons = ids[areal], np.asarray(polygons[areal], dtype=object)
    strange = misfits(polygons)
    merged = merge(polygons, strange=strange)
    return CoverageReport(
        overlaps=_overlaps(ids, polygons, strange),
        gaps=_gaps(ids, polygons, merged),
        parts=_parts(ids, polygons),
        twins=_twins(ids, polygons, strange),
        flat=tuple(ids[shapely.area(polygons) == 0]),
        communes=_covered(villages, communes),
        merged=merged,
    )


def pieces(geometries):
    """Area, mean width and thinness of each shape, and whether it is a sliver.

    Returns
    -------
    DataFrame
        ``area_m2``, ``width_m``, ``thinness``, ``sliver``.
    """
    # the common part of two neighbours may hold bits of their border, which have length but no area
    parts, owner = shapely.get_parts(geometries, return_index=True)
    parts, owner = parts[shapely.area(parts) > 0], owner[shapely.area(parts) > 0]
    area = np.bincount(owner, shapely.area(parts), len(geometries))
    around = np.bincount(owner, shapely.length(parts), len(geometries))
    with np.errstate(invalid="ignore", divide="ignore"):
        width, thinness = 2 * area / around, 4 * np.pi * area / around**2
    sliver = (area < SLIVER_M2) | ((width < SLIVER_WIDTH_M) & (thinness < SLIVER_THINNESS))
    return pd.DataFrame({"area_m2": area, "width_m": width, "thinness": thinness, "sliver": sliver})


def _overlaps(ids, polygons, strange):
    suspects = np.flatnonzero(strange)
    at, other = shapely.STRtree(polygons).query(polygons[suspects], predicate="intersects")
    pairs = np.sort(np.column_stack([suspects[at], other]), axis=1)
    left, right = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).T
    common = shapely.intersection(polygons[left], polygons[right])
    table = pd.DataFrame({"village_id": ids[left], "other_id": ids[right]}).join(pieces(common))
    return _largest_first(table, "village_id", "other_id")


def _gaps(ids, polygons, merged):
    rings = [shapely.get_rings(part)[1:] for part in shapely.get_parts(merged)] if merged is not None else []
    holes = shapely.polygons(np.concatenate([*rings, np.zeros(0, dtype=object)]))
    holes = holes[shapely.area(holes) > NOISE_M2]
    # an island in a hole is no gap
    islands = shapely.get_parts(merged) if len(holes) else holes
    hole, island = shapely.STRtree(islands).query(holes, predicate="contains")
    for at in np.unique(hole):
        holes[at] = shapely.difference(holes[at], shapely.union_all(islands[island[hole == at]]))
    hole, village = shapely.STRtree(polygons).query(holes, predicate="dwithin", distance=TOUCH_M)
    village = village[np.lexsort((village, hole))]
    around = np.split(ids[village], np.cumsum(np.bincount(hole, minlength=len(holes)))[:-1])
    around = [tuple(around[one]) for one in range(len(holes))]
    table = pd.DataFrame({"neighbours": pd.Series(around, dtype=object)}).join(pieces(holes))
    table[["x", "y"]] = shapely.get_coordinates(shapely.point_on_surface(holes))
    return _largest_first(table, "neighbours", "x", "y")


def _parts(ids, polygons):
    several = np.flatnonzero(shapely.get_num_geometries(polygons) > 1)
    parts, owner = shapely.get_parts(polygons[several], return_index=True)
    found = pieces(parts).groupby(owner)
    table = pd.DataFrame(
        {
            "village_id": ids[several],
            "parts": found.size().to_numpy(),
            "area_m2": found["area_m2"].sum().to_numpy(),
            "largest_pct": (100 * found["area_m2"].max() / found["area_m2"].sum()).to_numpy(),
            "slivers": found["sliver"].sum().to_numpy(),
        }
    )
    return table.sort_values(["area_m2", "village_id"], ascending=[False, True], ignore_index=True)


def _twins(ids, polygons, strange):
    suspects = np.flatnonzero(strange)
    shapes = pd.Series(shapely.to_wkb(shapely.normalize(polygons[suspects])), index=suspects)
    shapes = shapes[shapes.duplicated(keep=False)]
    groups = [rows.index.to_numpy() for _, rows in shapes.groupby(shapes, sort=False)]
    table = pd.DataFrame(
        {
            "villages": pd.Series([tuple(ids[group]) for group in groups], dtype=object),
            "area_m2": [shapely.area(polygons[group[0]]) for group in groups],
        }
    )
    return table.sort_values(["area_m2", "villages"], ascending=[False, True], ignore_index=True)


def _covered(villages, communes):
    """How much of each commune its villages cover, where each of them has a polygon."""
    columns = ["area_m2", "villages_m2", "covered_pct"]
    if communes is None:
        return pd.DataFrame(columns=columns, dtype=float)
    flat = shapely.get_dimensions(villages.geometry.to_numpy()) < 2
    areas = villages.geometry.area.mask(flat).groupby(villages["commune_id"])
    table = pd.DataFrame({"area_m2": communes.geometry.area, "villages_m2": areas.sum(min_count=1)})
    whole = areas.count() == areas.size()
    table = table[whole.reindex(table.index, fill_value=False) & (table["area_m2"] > 0)].sort_index()
    table["covered_pct"] = 100 * table["villages_m2"] / table["area_m2"]
    return table[columns]


def _largest_first(table, *ids):
    table = table[table["area_m2"] > NOISE_M2]
    order = ["area_m2", *ids]
    return table.sort_values(order, ascending=[False] + [True] * len(ids), ignore_index=True)
