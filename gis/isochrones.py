"""Areas of a grid of times: bands of minutes, and for each place the ground from which it is the nearest.

A grid is first turned into whole numbers, a class a cell; `outlines` draws their borders exactly along the cells.
"""

from dataclasses import dataclass

import numpy as np
import shapely

LIMITS = (15, 30, 60, 120)
"""Minutes at which a band ends; a band holds its upper limit."""
MOST_LIMITS = 6
LONGEST_MIN = 10_000
NOWHERE = -1
"""Class of cells that are no ground: water and other barriers, and where no height is known."""


@dataclass(frozen=True)
class Band:
    """One class of travel time: more than `above` and at most `upto` minutes.

    `upto` is inf for what lies beyond the last limit, and both are inf for ground that cannot be reached.
    """

    above: float
    upto: float


def bands(limits=LIMITS):
    """The bands between some limits in minutes, then what lies beyond, then what cannot be reached.

    Raises
    ------
    ValueError
        If the limits are none, more than `MOST_LIMITS`, not whole numbers from 1 to `LONGEST_MIN`, or do not grow.
    """
    limits = list(limits)
    whole = all(float(limit).is_integer() and 1 <= limit <= LONGEST_MIN for limit in limits)
    if not 1 <= len(limits) <= MOST_LIMITS or not whole or sorted(set(limits)) != limits:
        raise ValueError(limits)
    edges = [0.0, *map(float, limits), np.inf]
    pairs = zip(edges[:-1], edges[1:], strict=True)
    return (*(Band(*pair) for pair in pairs), Band(np.inf, np.inf))


def band_of(minutes, chosen):
    """The position of the band of each time, of NaN -1.

    Parameters
    ----------
    minutes : array of float
        inf where not reached.
    chosen : sequence of Band
        From `bands`.

    Returns
    -------
    array of int
    """
    limits = [band.upto for band in chosen[:-2]]
    found = np.searchsorted(limits, minutes, side="left")
    found[np.isposinf(minutes)] = len(chosen) - 1
    found[np.isnan(minutes)] = NOWHERE
    return found


def coarser(classes, factor, *, worst_last=True):
    """A grid of classes with `factor` x `factor` cells in one.

    Parameters
    ----------
    classes : array of int, shape (rows, columns)
        `NOWHERE` for no ground.
    factor : int
        >= 1; rows and columns left over at the end make narrower cells, filled with `NOWHERE`.
    worst_last : bool
        True takes the greatest class of the ground in the cell, so that nothing looks nearer than it is, and ground
        that is not reached is never covered; False the one of the cell in the middle, or the greatest where that is
        no ground. A cell is no ground where all in it is none.
    """
    if factor == 1:
        return classes
    rows, columns = (-(-size // factor) for size in classes.shape)
    whole = np.full((rows * factor, columns * factor), NOWHERE, dtype=classes.dtype)
    whole[: classes.shape[0], : classes.shape[1]] = classes
    blocks = whole.reshape(rows, factor, columns, factor)
    greatest = blocks.max(axis=(1, 3))
    if worst_last:
        return greatest
    middle = blocks[:, factor // 2, :, factor // 2]
    return np.where(middle == NOWHERE, greatest, middle)


def outlines(classes, *, west, north, width, height):
    """The area of each class, its border exactly along the cells.

    Parameters
    ----------
    classes : array of int, shape (rows, columns)
        `NOWHERE` cells are in no area.
    west, north, width, height : float
        Corner of the grid and size of a cell in metres.

    Returns
    -------
    codes : array of int
        The classes there are, sorted.
    areas : array of MultiPolygon
        They share borders and do not overlap.
    """
    faces = shapely.get_parts(shapely.polygonize(_borders(classes)))
    inside = shapely.get_coordinates(shapely.point_on_surface(faces)).astype(int)
    code = classes[inside[:, 1], inside[:, 0]] if len(faces) else np.zeros(0, dtype=int)
    order = np.lexsort((inside[:, 0], inside[:, 1], code))
    order = order[code[order] != NOWHERE]
    faces = shapely.transform(faces[order], lambda xy: xy * (width, -height) + (west, north))
    codes, group = np.unique(code[order], return_inverse=True)
    areas = shapely.multipolygons(faces, indices=group) if len(faces) else np.zeros(0, dtype=object)
    return codes, shapely.orient_polygons(areas)


def smoother(areas, tolerance_m):
    """Areas whose common borders are simpler and stay common; what is in none of them is never covered.

    The outer border stays along the cells; see `gis.geometry.simplify_shared` for the tolerance.
    """
    areas = np.asarray(areas, dtype=object)
    if tolerance_m <= 0 or not len(areas):
        return areas
    return shapely.coverage_simplify(areas, tolerance_m, simplify_boundary=False)


def _borders(classes):
    """The lines between cells of different classes, in columns and rows, each cut where others meet it."""
    framed = np.pad(classes, 1, constant_values=NOWHERE)
    upright = framed[1:-1, 1:] != framed[1:-1, :-1]
    level = framed[1:, 1:-1] != framed[:-1, 1:-1]
    # at a corner of four cells a line goes straight on only where no other leaves it
    crossed = np.zeros(np.add(classes.shape, 1), dtype=bool)
    crossed[:, :-1] |= level
    crossed[:, 1:] |= level
    column, first, last = _runs(upright.T, crossed.T)
    lines = [np.stack([column, first, column, last], axis=1)]
    crossed[:] = False
    crossed[:-1] |= upright
    crossed[1:] |= upright
    row, first, last = _runs(level, crossed)
    lines.append(np.stack([first, row, last, row], axis=1))
    return shapely.linestrings(np.concatenate(lines).reshape(-1, 2, 2).astype(float))


def _runs(edges, crossed):
    """Along each row of `edges` the stretches without a gap or crossing: the row, where each begins and ends."""
    before = np.zeros_like(edges)
    before[:, 1:] = edges[:, :-1] & ~crossed[:, 1:-1]
    after = np.zeros_like(edges)
    after[:, :-1] = edges[:, 1:] & ~crossed[:, 1:-1]
    row, first = np.nonzero(edges & ~before)
    _, last = np.nonzero(edges & ~after)
    return row, first, last + 1
