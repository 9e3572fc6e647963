"""Repairing geometry, the point that stands for a village, and simpler outlines with shared borders."""

import numpy as np
import shapely

POLYGONAL = (3, 6)
LINEAR = (1, 2, 5)
PUNCTUAL = (0, 4)


def repair(geometries, family):
    """Valid geometries of one family, and which rows had to be changed or given up.

    Parameters
    ----------
    geometries : array of Geometry or None
    family : str
        ``"polygon"``, ``"line"`` or ``"point"``; parts of another family are dropped from a repaired
        geometry.

    Returns
    -------
    repaired : array of Geometry or None
        None where nothing of the family is left.
    changed : array of bool
        Rows whose geometry was invalid and could be mended.
    lost : array of bool
        Rows that had a geometry but none of the family.
    """
    geometries = np.asarray(geometries, dtype=object)
    present = ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)
    invalid = present & ~shapely.is_valid(geometries)
    repaired = geometries.copy()
    if invalid.any():
        repaired[invalid] = shapely.make_valid(geometries[invalid])
    kinds = {"polygon": POLYGONAL, "line": LINEAR, "point": PUNCTUAL}[family]
    foreign = present & ~np.isin(shapely.get_type_id(repaired), kinds)
    for row in np.flatnonzero(foreign):
        parts = [part for part in shapely.get_parts(repaired[row]) if shapely.get_type_id(part) in kinds]
        repaired[row] = shapely.union_all(parts) if parts else None
    repaired[~present] = None
    lost = present & shapely.is_missing(repaired)
    return repaired, invalid & ~lost, lost


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


def count_overlaps(polygons, *, least_m2=100.0):
    """Pairs of polygons that overlap by more than `least_m2`, and the total area in square metres."""
    polygons = np.asarray(polygons, dtype=object)
    if shapely.coverage_is_valid(polygons):
        return 0, 0.0
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    areas = shapely.area(shapely.intersection(polygons[left], polygons[right]))
    large = areas > least_m2
    return int(large.sum()), float(areas[large].sum())


def outline(geometries):
    """The outline of everything given, with gaps narrower than a metre closed."""
    known = [geometry for geometry in geometries if geometry is not None]
    if not known:
        return None
    try:
        merged = shapely.coverage_union_all(known)
        if not shapely.is_valid(merged):
            merged = shapely.union_all(known)
    except shapely.errors.GEOSException:
        merged = shapely.union_all(known)
    return shapely.buffer(shapely.buffer(merged, 0.5, join_style="mitre"), -0.5, join_style="mitre")
