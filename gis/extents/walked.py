"""Which ground is nearer on foot to which village, as polygons along the cells of the heights."""

import numpy as np
import shapely
from scipy import ndimage

from gis.isochrones import NOWHERE, outlines

MARGIN_M = 1000.0
"""How far beyond the outline of a commune a way between two of its places may lead."""
FASTEST_KMH = 6.01
"""Nobody walks faster (Tobler at 5.04 km/h on the flat, down a slope of 5 %): within a time no ground farther off is
reached."""
EITHER_SIDE = 1.5
"""So many cells of water belong to the ground beside it where no outline ends the villages: a river, not a lake."""


def walked_cells(sites, travel, *, bounds=None, limit_min=None):
    """The ground from which it takes less time on foot to one site than to any other.

    Parameters
    ----------
    sites : array of float, shape (n, 2)
        Coordinates in the CRS of the heights, each once and sorted.
    travel : Travel
    bounds : tuple of float, optional
        West, south, east, north of what is divided; cells may reach beyond. Water and ground of unknown height
        in it go to the nearest cell that belongs to a site.
    limit_min : float, optional
        Instead of bounds: how many minutes to a site its ground may be.

    Returns
    -------
    group : array of int
        For each site the position of its ground in `cells`: the same for sites in one cell of the heights, -1
        where nobody can walk at the site.
    cells : array of Polygon or MultiPolygon
        They do not overlap, and share every point of their borders. Ground from which no site is reached is in none.
    """
    if bounds is None:
        margin = FASTEST_KMH * 1000 / 60 * limit_min
        window = (*(sites.min(axis=0) - margin), *(sites.max(axis=0) + margin))
    else:
        window = (*(np.array(bounds[:2]) - MARGIN_M), *(np.array(bounds[2:]) + MARGIN_M))
    part = travel.within(window)
    heights = part.elevation
    if not heights.values.size:
        return np.full(len(sites), -1), np.zeros(0, dtype=object)
    surface = part.surface()
    begins = surface.entries(sites)
    # eight directions, so that the ground of a site hangs together; sixteen would jump over the ground of others
    limit_s = np.inf if limit_min is None else 60 * limit_min
    owner = surface.owners(surface.times(begins, knights=False, limit_s=limit_s), begins, knights=False)
    group, groups = _groups(owner, begins, len(sites))
    free = surface.classes == 0
    west, north = heights.west, heights.north
    most = EITHER_SIDE * max(heights.width, heights.height)
    if bounds is not None:
        most = np.inf
        over = _over(heights, bounds)
        owner, free = np.pad(owner, over, constant_values=-1), np.pad(free, over, constant_values=True)
        west, north = west - over[1, 0] * heights.width, north + over[0, 0] * heights.height
    owner = _filled(owner, free, heights, most)
    cells = np.full(group.max(initial=-1) + 1, shapely.MultiPolygon(), dtype=object)
    size = {"width": heights.width, "height": heights.height}
    found, areas = outlines(np.append(groups, NOWHERE)[owner], west=west, north=north, **size)
    cells[found] = areas
    return group, cells


def _groups(owner, begins, count):
    """For each site the number of its ground, and the number by the site that the grid names."""
    cells, legs, site = begins
    owner = owner.reshape(-1)[cells]
    lead = np.full(count, -1)
    order = np.lexsort((cells, legs, site))[::-1]
    order = order[owner[order] >= 0]
    lead[site[order]] = owner[order]
    # who has ground is nobody's guest, though another may have the cell that it enters by
    own = np.unique(owner[owner >= 0])
    lead[own] = own
    numbers = np.full(count, -1)
    numbers[own] = np.arange(len(own))
    return np.where(lead >= 0, numbers[lead], -1), numbers


def _over(heights, bounds):
    """How many cells the bounds reach over the grid: above and below, left and right."""
    west, south, east, north = heights.bounds
    over = np.array([[bounds[3] - north, south - bounds[1]], [west - bounds[0], bounds[2] - east]])
    return np.maximum(np.ceil(over / np.array([[heights.height], [heights.width]])), 0).astype(int)


def _filled(owner, free, heights, most):
    """The grid where each free cell within a distance is of the site that the nearest cell of a site is of."""
    if not (owner >= 0).any():
        return owner
    size = (heights.height, heights.width)
    away, nearest = ndimage.distance_transform_edt(owner < 0, sampling=size, return_indices=True)
    return np.where(free & (away <= most), owner[tuple(nearest)], owner)
