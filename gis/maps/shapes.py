"""Shapes as the page of a map holds them: whole steps of 1e-5 degree."""

import numpy as np
import shapely

DIGITS = 5


def encoded(shape):
    """A point as two numbers, polygons as rings of steps in units of 1e-5 degree; None for anything else."""
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type in ("Point", "MultiPoint"):
        return {"at": np.round(shapely.get_coordinates(shape.centroid)[0] * 10**DIGITS).astype(int).tolist()}
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = [
        [deltas(shapely.get_coordinates(ring)[:-1]) for ring in (one.exterior, *one.interiors)]
        for one in polygons
    ]
    return {"rings": rings} if rings else None


def deltas(coordinates):
    """Coordinates as whole steps: the first from zero, each other from the one before it."""
    steps = np.round(coordinates * 10**DIGITS).astype(int)
    return np.diff(steps, axis=0, prepend=[[0, 0]]).ravel().tolist()
