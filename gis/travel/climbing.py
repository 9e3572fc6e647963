"""What slopes do to a bicycle on the roads, as they do on the cells of a surface."""

import numpy as np

LEVEL = ("bridge", "tunnel")
"""Roads that do not follow the ground under or over them."""


def climb(elevation, tracks, roads, seconds, *, walk_kmh):
    """The seconds of a bicycle along each edge once slopes count.

    Parameters
    ----------
    elevation : Raster
    tracks : Tracks
        Of these roads over these heights.
    roads : GeoDataFrame
        Column ``structure`` where there is one: bridges and tunnels are level.
    seconds : array of float, shape (edges, 2)
        Of riding on the flat, from start to end of each edge and back; inf where one cannot ride.
    walk_kmh : float
        Of pushing it on the flat.

    Returns
    -------
    array of float, shape (edges, 2)
        Nowhere less, but where pushing downhill is faster; edges of unknown height are level.

    Notes
    -----
    The law of `gis.kernels.moves`: uphill ``1 + slope / CLIMB`` times as long, downhill as on the flat; pushed by Tobler
    where steeper than `STEEP` and where that is faster. The slope of an edge is between the heights of its two ends, each
    interpolated between the middles of the four cells around it.
    """
    from gis.kernels import CLIMB, STEEP

    heights = _heights(elevation, tracks.xy)
    slope = (heights[tracks.end] - heights[tracks.start]) / tracks.length_m
    slope[np.isnan(slope)] = 0.0
    if "structure" in roads:
        slope[roads["structure"].isin(LEVEL).to_numpy()[tracks.row]] = 0.0
    slope = np.column_stack([slope, -slope])
    afoot = (tracks.length_m * 3.6 / walk_kmh)[:, None]
    # Tobler 1993, 1 on the flat
    walked = np.maximum(seconds, afoot) * np.exp(3.5 * np.abs(slope + 0.05) - 0.175)
    ridden = np.minimum(seconds * (1 + np.maximum(slope, 0) / CLIMB), walked)
    return np.where((seconds >= afoot) | (np.abs(slope) > STEEP), walked, ridden)


def _heights(elevation, xy):
    """Heights of points between the middles of cells; NaN beyond the raster and beside cells without height."""
    values = elevation.values
    rows, columns = values.shape
    column, row = (
        (xy[:, 0] - elevation.west) / elevation.width,
        (elevation.north - xy[:, 1]) / elevation.height,
    )
    beyond = (column < 0) | (column > columns) | (row < 0) | (row > rows)
    # beyond the middles of the outermost cells it goes on level
    column, row = np.clip(column - 0.5, 0, columns - 1), np.clip(row - 0.5, 0, rows - 1)
    west, north = np.floor(column).astype(int), np.floor(row).astype(int)
    east, south = np.minimum(west + 1, columns - 1), np.minimum(north + 1, rows - 1)
    right, down = column - west, row - north
    upper = values[north, west] * (1 - right) + values[north, east] * right
    lower = values[south, west] * (1 - right) + values[south, east] * right
    return np.where(beyond, np.nan, upper * (1 - down) + lower * down)
