"""Roads as one gets on and off them: cut at the cells of a grid, with a foot in each cell that a road runs through."""

from dataclasses import dataclass

import numpy as np

from gis.rasters import cut_at_cells

SNAP_M = 0.05
"""A foot this near the end of a piece of road is that end."""


@dataclass(frozen=True)
class Tracks:
    """A road graph over a grid; what it takes to go along it depends on mode and season.

    Attributes
    ----------
    xy : array of float, shape (nodes, 2)
        Nodes: the vertices of the lines, then the feet between them.
    start, end : arrays of int
        Nodes of each edge.
    length_m : array of float
    row : array of int
        The row of the roads that each edge is a piece of.
    along : array of bool
        Whether the road is drawn from start to end.
    passed_edge, passed_cell : arrays of int
        Pairs of an edge and a cell of the grid that it runs through.
    foot_node, foot_cell : arrays of int
        Where one gets on and off: a node and the cell from whose middle one walks to it.
    foot_m : array of float
        How far that walk is.
    piece : array of int
        The edge of `network` that each edge is a piece of.
    network : Network or None
        None where these were made from others.
    """

    xy: np.ndarray
    start: np.ndarray
    end: np.ndarray
    length_m: np.ndarray
    row: np.ndarray
    along: np.ndarray
    passed_edge: np.ndarray
    passed_cell: np.ndarray
    foot_node: np.ndarray
    foot_cell: np.ndarray
    foot_m: np.ndarray
    piece: np.ndarray
    network: object = None


def lay_tracks(grid, network):
    """The roads over the cells of a grid.

    Parameters
    ----------
    grid : Raster
    network : Network
        In the CRS of the grid; parts beyond the grid have no feet.

    Returns
    -------
    Tracks
        Where a piece of road runs through a cell there is one foot: its spot nearest the middle of the cell. So the
        walk between the two stays in the cell. One more road only ever adds nodes, edges and feet.
    """
    x, y, start, end = network.x, network.y, network.start, network.end
    row, column, edge, begin, stop = cut_at_cells(
        grid, np.column_stack([x[start], y[start]]), np.column_stack([x[end], y[end]])
    )
    rows, columns = grid.values.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    row, column, edge, begin, stop = (part[inside] for part in (row, column, edge, begin, stop))
    middle_x, middle_y = grid.west + (column + 0.5) * grid.width, grid.north - (row + 0.5) * grid.height
    dx, dy = (x[end] - x[start])[edge], (y[end] - y[start])[edge]
    length = np.hypot(dx, dy)
    share = ((middle_x - x[start][edge]) * dx + (middle_y - y[start][edge]) * dy) / length**2
    share = np.clip(share, begin, stop)
    share = np.where(share * length < SNAP_M, 0.0, np.where((1 - share) * length < SNAP_M, 1.0, share))
    between = np.flatnonzero((share > 0) & (share < 1))
    node = np.where(share > 0, end[edge], start[edge])
    node[between] = len(x) + np.arange(len(between))
    foot_x = x[start][edge] + share * dx
    foot_y = y[start][edge] + share * dy
    stops = _stops(network, edge[between], share[between], node[between])
    cell = row * columns + column
    passed = _passed(stops, edge, begin, stop)
    pairs = np.unique(np.column_stack([passed.ravel(), np.tile(cell, 2)]), axis=0)
    feet, first = np.unique(np.column_stack([node, cell]), axis=0, return_index=True)
    place, at_edge, at_node = stops
    joins = at_edge[1:] == at_edge[:-1]
    piece = at_edge[:-1][joins]
    return Tracks(
        xy=np.column_stack([np.append(x, foot_x[between]), np.append(y, foot_y[between])]),
        start=at_node[:-1][joins],
        end=at_node[1:][joins],
        length_m=np.diff(place - 2 * at_edge)[joins] * network.length_m[piece],
        row=network.row[piece],
        along=network.along[piece],
        passed_edge=pairs[:, 0],
        passed_cell=pairs[:, 1],
        foot_node=feet[:, 0],
        foot_cell=feet[:, 1],
        foot_m=np.hypot(middle_x - foot_x, middle_y - foot_y)[first],
        piece=piece,
        network=network,
    )


def _stops(network, edge, share, node):
    """The nodes along all edges, in order: twice the number of the edge plus the share of its length, the edge, the node."""
    edges = np.arange(len(network.start))
    place = np.concatenate([2.0 * edges, 2 * edge + share, 2.0 * edges + 1])
    at_edge = np.concatenate([edges, edge, edges])
    rank = np.repeat([0, 1, 2], [len(edges), len(edge), len(edges)])
    order = np.lexsort((rank, place, at_edge))
    return place[order], at_edge[order], np.concatenate([network.start, node, network.end])[order]


def _passed(stops, edge, begin, stop):
    """The first and the last new edge that a part of an old one lies on; with one foot in it there are no others."""
    place, at_edge, _ = stops
    least, most = (np.searchsorted(place, 2 * edge + end) - end for end in (0, 1))
    first = np.clip(np.searchsorted(place, 2 * edge + begin, side="right") - 1, least, most)
    last = np.clip(np.searchsorted(place, 2 * edge + stop) - 1, least, most)
    # a stop begins the new edge of its number less one for each old edge before its own
    return np.stack([first - at_edge[first], last - at_edge[last]])
