"""Times not only at a village's point but wherever its place may be: around the point, or all over an extent."""

import numpy as np
import pandas as pd
import shapely

from gis.rasters import cells_within

AT_ONCE = 500_000
"""Cells looked at in one go, which bounds the memory."""


def times_around(reach, villages, minutes, *, position_m):
    """The least and the most minutes among the places where each village may be.

    Parameters
    ----------
    reach : Reach
        With a surface; see `gis.travel`.
    villages : GeoDataFrame
        Columns ``point``, ``geometry`` and ``approximate``.
    minutes : array of float
        Of the point of each village itself.
    position_m : float
        Metres by which the point may lie off.

    Returns
    -------
    DataFrame
        Indexed like `villages`: ``least`` and ``most`` over the point, the ground within `position_m` of it
        and, of an approximate extent, the middles of all cells in it; ``median`` over the latter, NaN for a surveyed
        village. inf where one can be, and cannot get there; NaN where `minutes` is. Cells that nobody can stand on
        (water, unknown heights) are left out.

    Notes
    -----
    Of every cell that the circle touches its middle counts, or as much of the way there as lies in the circle, the time
    taken as changing evenly from the point on. So a wider tolerance only ever finds more.
    """
    least, most = (np.array(minutes, dtype=float) for _ in range(2))
    median = np.full(len(villages), np.nan)
    known = np.flatnonzero(~np.isnan(least))
    here = shapely.get_coordinates(villages["point"].to_numpy()[known])
    for part in np.array_split(
        np.arange(len(known)), 1 + len(known) * _cells_in(reach.surface, position_m) // AT_ONCE
    ):
        village, found = _near(reach, here[part], least[known[part]], position_m)
        np.minimum.at(least, known[part][village], found)
        np.maximum.at(most, known[part][village], found)
    for at in known[villages["approximate"].to_numpy(dtype=bool)[known]]:
        found = _minutes_of(reach, _cells_of(reach.surface, villages.geometry.iloc[at]))
        if len(found):
            least[at], most[at] = min(least[at], found.min()), max(most[at], found.max())
            # of an even number the earlier: between a way and none there is no middle
            median[at] = np.sort(found)[(len(found) - 1) // 2]
    return pd.DataFrame({"least": least, "median": median, "most": most}, index=villages.index)


def times_around_moved(reach, villages, position_m):
    """Whether what `times_around` looks at can have changed for each village since the reach that this one came from.

    Parameters
    ----------
    reach : Reach
        With `before`.
    villages : GeoDataFrame
    position_m : float

    Returns
    -------
    array of bool
    """
    surface = reach.surface
    row, column = np.divmod(np.concatenate([reach.changed, reach.ground.cells]), surface.shape[1])
    size, corner = np.array([surface.width, -surface.height]), np.array([surface.west, surface.north])
    tree = shapely.STRtree(shapely.points(corner + (np.column_stack([column, row]) + 0.5) * size))
    # with the cells whose middle lies outside a circle that touches them
    beside = position_m + surface.width + surface.height
    looked = shapely.buffer(villages["point"].to_numpy(), beside, quad_segs=2, cap_style="square")
    rough = villages["approximate"].to_numpy(dtype=bool)
    looked[rough] = shapely.union(looked[rough], shapely.envelope(villages.geometry.to_numpy()[rough]))
    found = np.zeros(len(villages), dtype=bool)
    found[tree.query(looked, predicate="intersects")[0]] = True
    return found


def _near(reach, here, minutes, radius_m):
    """Positions of points and the minutes of the ground around each, as far as one can stand there."""
    surface = reach.surface
    rows, columns = surface.shape
    size, corner = np.array([surface.width, -surface.height]), np.array([surface.west, surface.north])
    steps = [np.arange(-far, far + 1) for far in np.ceil(radius_m / np.abs(size)).astype(int)]
    cells = np.floor((here - corner) / size)[:, None] + np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 2)
    middles = corner + (cells + 0.5) * size
    half = np.abs(size) / 2
    gap = np.maximum(np.abs(middles - here[:, None]) - half, 0)
    touched = np.hypot(*np.moveaxis(gap, -1, 0)) <= radius_m
    touched &= ((cells >= 0) & (cells < [columns, rows])).all(axis=-1)
    village, at = np.nonzero(touched)
    column, row = cells[village, at].astype(int).T
    there = _minutes_of(reach, row * columns + column, blank=True)
    away = np.hypot(*(middles[village, at] - here[village]).T)
    part = np.minimum(1.0, radius_m / np.maximum(away, 1e-9))
    since = minutes[village]
    with np.errstate(invalid="ignore"):
        there = np.where((part < 1) & np.isfinite(since + there), since + (there - since) * part, there)
    stands = ~np.isnan(there)
    return village[stands], there[stands]


def _cells_in(surface, radius_m):
    return int((2 * radius_m / surface.width + 3) * (2 * radius_m / surface.height + 3))


def _minutes_of(reach, cells, *, blank=False):
    """Minutes of the middles of cells; those that nobody can stand on are NaN for `blank`, else left out."""
    minutes = reach.seconds.reshape(-1)[cells] / 60.0
    unsure, which = np.unique(cells[np.isinf(minutes)], return_inverse=True)
    entered, _, spot = reach.surface.entries(reach.surface.middles(unsure))
    stands = np.zeros(len(unsure), dtype=bool)
    stands[spot[entered == unsure[spot]]] = True
    minutes[np.isinf(minutes)] = np.where(stands, np.inf, np.nan)[which]
    return minutes if blank else minutes[~np.isnan(minutes)]


def _cells_of(surface, extent):
    """The cells that have their middle in an extent."""
    if shapely.get_dimensions(extent) < 2:
        return np.zeros(0, dtype=int)
    return np.ravel_multi_index(cells_within(surface, extent), surface.shape)
