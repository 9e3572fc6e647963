"""Who lives where: households, hamlets, the population grid, and how far each village has come."""

import numpy as np
import pandas as pd
import shapely
from rasterio.features import rasterize
from scipy import ndimage

from gis.sample.terrain import Grid, smooth_noise


def hamlets(places, rng):
    """The settlements of each village, the largest first at the village's own point.

    Returns
    -------
    DataFrame
        village, x, y, share (of the village's people, adds up to 1), sorted by village.
    """
    villages = len(places.points)
    extra = rng.choice([0, 0, 1, 1, 2], villages)
    village = np.concatenate([np.arange(villages), np.repeat(np.arange(villages), extra)])
    spot = np.vstack([places.points, near(places.points, places.cells, 450, 1100, rng, village[villages:])])
    weight = np.concatenate([rng.uniform(1.2, 2.5, villages), rng.uniform(0.3, 1.0, len(village) - villages)])
    share = weight / np.bincount(village, weights=weight)[village]
    table = pd.DataFrame({"village": village, "x": spot[:, 0], "y": spot[:, 1], "share": share})
    return table.sort_values("village", kind="stable", ignore_index=True)


def near(points, cells, least_m, most_m, rng, village=None):
    """A random point at a distance from each village's point, inside that village's cell.

    Parameters
    ----------
    village : array of int, optional
        Which villages, with repeats; all of them when left out.
    """
    village = np.arange(len(points)) if village is None else village
    start, cell = points[village], cells[village]
    shapely.prepare(cell)
    angle = rng.uniform(0, 2 * np.pi, len(village))
    reach = rng.uniform(least_m, most_m, len(village))
    found = _stepped(start, angle, reach)
    for _ in range(8):
        out = ~shapely.contains_xy(cell, found[:, 0], found[:, 1])
        angle[out] += 2.4
        reach[out] *= 0.75
        found[out] = _stepped(start[out], angle[out], reach[out])
    out = ~shapely.contains_xy(cell, found[:, 0], found[:, 1])
    found[out] = start[out]
    return np.round(found, 2)


def _stepped(start, angle, reach):
    return start + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]


def describe(places, elevation, town_km, lowland, rng):
    """One row a village: households, people, minority households and `progress` from 0 to 1.

    `progress` stands for all that makes a village better off: nearer to town, lower, luckier. Poverty,
    roads and services are drawn from it, so that they go together as they do in life.
    """
    villages = len(places.points)
    height = elevation.at(places.points)
    remote = _ranked(town_km) * 0.5 + _ranked(height) * 0.3
    luck = rng.normal(0, 0.2, villages) + rng.normal(0, 0.14, places.commune.max() + 1)[places.commune]
    progress = _ranked(-remote + luck + 0.15 * lowland)
    households = np.clip(rng.lognormal(4.75, 0.35, villages), 35, 420).astype(int)
    people = np.round(households * rng.uniform(3.7, 4.7, villages)).astype(int)
    minority = np.where(lowland, rng.beta(2, 6, villages), rng.beta(9, 1.2, villages))
    return pd.DataFrame(
        {
            "households": households,
            "population": people,
            "minority_households": np.round(households * minority).astype(int),
            "progress": progress,
            "height": height,
            "town_km": town_km,
        }
    )


def population_grid(frame, places, settlements, people):
    """Whole people per cell; the cells inside a village add up to its population exactly.

    Parameters
    ----------
    frame : Grid
        Any grid; the result lies on the same cells.
    people : array of int
    """
    owner = village_numbers(frame, places.cells)
    inside = (ndimage.minimum_filter(owner, 3) == ndimage.maximum_filter(owner, 3)) & (owner >= 0)
    spots = settlements[["x", "y"]].to_numpy()
    reach = int(np.ceil(400 / frame.cell))
    window = np.arange(-reach, reach + 1)
    shift_row, shift_column = (axis.ravel() for axis in np.meshgrid(window, window, indexing="ij"))
    row, column = frame.cells(spots)
    rows, columns = row[:, None] + shift_row, column[:, None] + shift_column
    fits = (rows >= 0) & (rows < frame.shape[0]) & (columns >= 0) & (columns < frame.shape[1])
    rows, columns = np.clip(rows, 0, frame.shape[0] - 1), np.clip(columns, 0, frame.shape[1] - 1)
    village = settlements["village"].to_numpy()
    metres = np.hypot(shift_row, shift_column) * frame.cell
    fits &= (owner[rows, columns] == village[:, None]) & inside[rows, columns] & (metres <= 400)
    weight = settlements["share"].to_numpy()[:, None] * np.exp(-((metres / 170) ** 2)) * fits
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    weight *= settlements["share"].to_numpy()[:, None]
    # A village too narrow for a whole cell keeps its people in the cell of its own point.
    first = ~settlements["village"].duplicated().to_numpy()
    lost = np.bincount(village, weights=weight.sum(axis=1), minlength=len(people)) <= 0
    weight[first & lost[village], len(shift_row) // 2] = 1.0
    cell = (rows * frame.shape[1] + columns)[weight > 0]
    owners = np.broadcast_to(village[:, None], weight.shape)[weight > 0]
    shares = pd.DataFrame({"village": owners, "cell": cell, "weight": weight[weight > 0]})
    shares = shares.groupby(["village", "cell"], as_index=False, sort=True)["weight"].sum()
    counted = whole_people(shares["village"].to_numpy(), shares["weight"].to_numpy(), people)
    total = np.bincount(shares["cell"], weights=counted, minlength=frame.values.size)
    return Grid(frame.west, frame.north, frame.cell, total.reshape(frame.shape).astype(np.float32))


def village_numbers(frame, cells):
    """Number of the village that holds the centre of each cell, -1 outside all."""
    shapes = zip(cells, range(1, len(cells) + 1), strict=True)
    return rasterize(shapes, out_shape=frame.shape, transform=frame.transform, fill=0, dtype="int32") - 1


def land_cover_grid(elevation, streams, settlements, fields, rng):
    """Land cover codes of ESA WorldCover, from height, slope, water, hamlets and fields."""
    height = elevation.values
    slope = np.hypot(*np.gradient(height, elevation.cell))
    patches = smooth_noise(elevation.shape, elevation.cell, 900, rng) + 0.5 * smooth_noise(
        elevation.shape, elevation.cell, 260, rng
    )
    spots = np.ones(elevation.shape, dtype=bool)
    spots[elevation.cells(settlements[["x", "y"]].to_numpy())] = False
    from_home = ndimage.distance_transform_edt(spots, sampling=elevation.cell)
    cover = np.full(elevation.shape, 10, dtype=np.uint8)
    cover[(patches > 0.45) & (height < 1500)] = 20
    cover[(patches > 0.9) & (slope < 0.25)] = 30
    cover[(from_home < 750 + 650 * patches) & (slope < 0.3 + 0.12 * patches)] = 40
    cover[(slope > 0.5) & (patches > 0.3)] = 60
    _burn(cover, elevation, fields, 40)
    cover[from_home < 160 + 60 * patches] = 50
    if len(streams.lines):
        _burn(cover, elevation, shapely.buffer(streams.lines[streams.is_river], elevation.cell * 0.6), 80)
    return Grid(elevation.west, elevation.north, elevation.cell, cover)


def _burn(cover, frame, shapes, code):
    if len(shapes):
        burnt = rasterize(shapes, out_shape=frame.shape, transform=frame.transform, fill=0, dtype="uint8")
        cover[burnt > 0] = code


def _ranked(values):
    """Values replaced by their rank, 0 to 1, ties by position."""
    order = np.argsort(values, kind="stable")
    rank = np.empty(len(values))
    rank[order] = (np.arange(len(values)) + 0.5) / len(values)
    return rank


def whole_people(village, weight, people):
    """Whole numbers in proportion to `weight` within each village that add up to its people."""
    exact = weight / np.bincount(village, weights=weight)[village] * people[village]
    whole = np.floor(exact)
    missing = people - np.bincount(village, weights=whole, minlength=len(people)).astype(int)
    order = np.lexsort((np.arange(len(village)), whole - exact, village))
    start = np.searchsorted(village[order], village[order])
    place = np.arange(len(village)) - start
    whole[order[place < missing[village[order]]]] += 1
    return whole
