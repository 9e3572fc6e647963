"""The point that stands for a village, simpler outlines with shared borders, and the outline of a whole."""

import numpy as np
import shapely
from pyproj import Transformer

from gis.crs import WGS84, keeps_lengths, metric_crs


def point_inside(polygons):
    """For each polygon a point guaranteed inside it, never the centroid; None for None."""
    return shapely.point_on_surface(np.asarray(polygons, dtype=object))


def simplify_shared(polygons, tolerance_m):
    """Simpler polygons whose common borders stay common.

    Parameters
    ----------
    polygons : array of Geometry or None
        In metres; what is no polygon stays as it is.
    tolerance_m : float
        About how far a border may move; 0 returns the input.

    Returns
    -------
    array of Geometry

    Notes
    -----
    Visvalingam-Whyatt on the coverage (GEOS); its tolerance is the square root of the area removed.
    Polygons that overlap one another keep their borders as they are there.
    """
    polygons = np.asarray(polygons, dtype=object).copy()
    area = shapely.get_dimensions(polygons) == 2
    if tolerance_m > 0 and area.any():
        polygons[area] = shapely.coverage_simplify(polygons[area], tolerance_m)
    return polygons


def merge(polygons, *, strange=None):
    """All polygons as one geometry; None without any.

    Parameters
    ----------
    polygons : array of Geometry or None
    strange : array of bool, optional
        Which do not fit their neighbours edge to edge, where that is known already.

    Notes
    -----
    Polygons that fit each other are merged by cancelling their common edges, which is more than ten
    times faster than a union; only those that do not fit are united in earnest.
    """
    polygons = np.asarray(polygons, dtype=object)
    areal = shapely.get_dimensions(polygons) == 2
    if strange is None:
        strange = misfits(polygons)
    fitting, rest = polygons[areal & ~strange], polygons[areal & strange]
    merged = shapely.coverage_union_all(fitting) if len(fitting) else None
    if len(rest) or (merged is not None and not shapely.is_valid(merged)):
        others = shapely.union_all(rest)
        merged = others if merged is None else shapely.union(merged, others)
    return merged


def misfits(polygons):
    """Which polygons overlap a neighbour or share a border with it that differs in its vertices.

    A polygon that wholly holds another one is not told; the one inside is.
    """
    polygons = np.asarray(polygons, dtype=object)
    areal = np.flatnonzero(shapely.get_dimensions(polygons) == 2)
    strange = np.zeros(len(polygons), dtype=bool)
    if len(areal):
        strange[areal] = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons[areal]))
    return strange


def outline(*merged):
    """The outline of geometries merged before, with gaps narrower than a metre closed; None without any."""
    known = [geometry for geometry in merged if geometry is not None]
    if not known:
        return None
    whole = known[0] if len(known) == 1 else shapely.union_all(known)
    return shapely.buffer(shapely.buffer(whole, 0.5, join_style="mitre"), -0.5, join_style="mitre")


def in_metres(geometries, crs):
    """Geometries in a CRS in which lengths and areas are those of the ground, in metres.

    Parameters
    ----------
    geometries : array of Geometry or None
    crs : pyproj.CRS
        What they are in; they come back as they are where it keeps lengths already.

    Returns
    -------
    array of Geometry or None
    """
    geometries = np.asarray(geometries, dtype=object)
    known = ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)
    if keeps_lengths(crs) or not known.any():
        return geometries
    corners = shapely.box(*shapely.total_bounds(geometries[known]))
    degrees = Transformer.from_crs(crs, WGS84, always_xy=True)
    around = shapely.transform(corners, lambda xy: np.column_stack(degrees.transform(xy[:, 0], xy[:, 1])))
    move = Transformer.from_crs(crs, metric_crs(shapely.total_bounds(around)), always_xy=True).transform
    return shapely.transform(geometries, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))
