"""What the rains do to a road of which nobody recorded it: how steep it is, and how many streams it crosses."""

import numpy as np
import shapely

from gis.surface.water import CROSSING_M


def wear(elevation, tracks, roads, rivers, crossings):
    """What `gis.roadspeeds.road_speeds` asks of each road in the rains.

    Parameters
    ----------
    elevation : Raster
    tracks : Tracks
        Of these roads over these heights.
    roads, rivers, crossings : GeoDataFrame
        `rivers` and `crossings` may be None.

    Returns
    -------
    dict
        ``slope_pct``: the mean slope along each road, percent, NaN where no height is known; ``streams``: how often it
        crosses water away from all bridges and fords (these have a state of their own).
    """
    return {
        "slope_pct": _slopes(elevation, tracks, len(roads)),
        "streams": _streams(roads, rivers, crossings),
    }


def _slopes(elevation, tracks, count):
    heights = elevation.values
    rows, columns = heights.shape
    row, column = np.divmod(tracks.passed_cell, columns)
    north, south = np.maximum(row - 1, 0), np.minimum(row + 1, rows - 1)
    west, east = np.maximum(column - 1, 0), np.minimum(column + 1, columns - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        up = (heights[north, column] - heights[south, column]) / ((south - north) * elevation.height)
        across = (heights[row, east] - heights[row, west]) / ((east - west) * elevation.width)
        run = (tracks.xy[tracks.end] - tracks.xy[tracks.start])[tracks.passed_edge]
        slope = np.abs(across * run[:, 0] + up * run[:, 1]) / np.hypot(*run.T)
    known = np.isfinite(slope)
    edge, weight = tracks.passed_edge[known], tracks.length_m[tracks.passed_edge[known]]
    with np.errstate(invalid="ignore"):
        climbed = np.bincount(tracks.row[edge], weight * slope[known], count)
        return 100 * climbed / np.bincount(tracks.row[edge], weight, count)


def _streams(roads, rivers, crossings):
    count = np.zeros(len(roads), dtype=int)
    if rivers is None or not len(rivers) or not len(roads):
        return count
    lines, flows = roads.geometry.to_numpy(), rivers.geometry.to_numpy()
    road, flow = shapely.STRtree(flows).query(lines, predicate="crosses")
    meeting, which = shapely.get_parts(shapely.intersection(lines[road], flows[flow]), return_index=True)
    if crossings is not None and len(crossings):
        tree = shapely.STRtree(crossings.geometry.to_numpy())
        led = np.unique(tree.query(meeting, predicate="dwithin", distance=CROSSING_M)[0])
        which = np.delete(which, led)
    return np.bincount(road[which], minlength=len(roads))
