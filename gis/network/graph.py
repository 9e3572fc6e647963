"""Roads as a graph: nodes where they meet, and the pieces of road between."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.crs import check_metric
from gis.network.arcs import Arcs
from gis.network.feet import Lookup, find_feet
from gis.network.joints import TOUCH_M, touching_joints
from gis.roadspeeds import OVER

GRID_M = 0.1
"""Vertices that round to the same multiple of this are one node."""

KEPT = 2
"""So many of the latest graphs of roads are kept: one measure after the other asks for the same."""
KEPT_FEET = 4
"""So many of the latest answers for feet are kept: the same villages are asked for by one measure after the other."""
_LATEST = {}


@dataclass(frozen=True)
class Network:
    """A road graph; every vertex of a line is a node.

    Attributes
    ----------
    x, y : arrays of float
        Nodes, m.
    start, end : arrays of int
        Nodes of each edge, the lesser number first.
    length_m : array of float
    line, row : arrays of int
        The part of a line that each edge is a piece of, all parts numbered through, and the position of that line
        among those given.
    along : array of bool
        Whether the line is drawn from start to end.
    """

    x: np.ndarray
    y: np.ndarray
    start: np.ndarray
    end: np.ndarray
    length_m: np.ndarray
    line: np.ndarray
    row: np.ndarray
    along: np.ndarray

    @classmethod
    def of_roads(cls, roads):
        """The graph of a layer of roads.

        Parameters
        ----------
        roads : GeoDataFrame
            Lines in a CRS in metres; columns ``structure`` and ``level`` as in `layers/roads.yaml`, where there are any.

        Raises
        ------
        CRSError
            If the CRS is not in metres.
        """
        check_metric(roads.crs, layer="roads")
        lines = roads.geometry.to_numpy()
        structure, level = (
            roads[name].to_numpy() if name in roads else None for name in ("structure", "level")
        )
        key = _digest(lines, structure, level)
        # made again, if need be, rather than kept without end
        made = _LATEST.pop(key, None) or cls.from_lines(lines, structure=structure, level=level)
        _LATEST[key] = made
        for old in list(_LATEST)[:-KEPT]:
            _LATEST.pop(old, None)
        return made

    @classmethod
    def from_lines(cls, lines, *, structure=None, level=None, touch_m=TOUCH_M):
        """The graph of lines.

        Lines join where they share a vertex, to `GRID_M`, and where the end of one touches another.

        Parameters
        ----------
        lines : array of LineString or MultiLineString
            In metres; None and empty are skipped.
        structure : array of str or None, optional
            Of each line: bridge and tunnel join at their vertices and ends only.
        level : array of float, optional
            Of each line, NaN is 0: what lies on different levels joins at shared vertices only.
        touch_m : float
            How far the end of a line may stop short of another and still touch it. The gap itself is not walked.

        Returns
        -------
        Network
            The same but for the numbers in ``line`` and ``row`` whatever the order of the lines.
        """
        lines = np.asarray(lines, dtype=object)
        parts, row = shapely.get_parts(lines, return_index=True)
        coordinates, line = shapely.get_coordinates(parts, return_index=True)
        if not len(coordinates):
            empty, none = np.zeros(0), np.zeros(0, dtype=int)
            return cls(empty, empty, none, none, empty, none, none, none.astype(bool))
        snapped, index = _alike(np.round(coordinates / GRID_M).astype(np.int64))
        nodes = snapped * GRID_M
        same = line[1:] == line[:-1]
        edges = pd.DataFrame(
            {
                "tail": index[:-1][same],
                "head": index[1:][same],
                "length": np.hypot(*(coordinates[1:] - coordinates[:-1]).T)[same],
                "line": line[1:][same],
            }
        )
        edges = edges[edges["tail"] != edges["head"]].reset_index(drop=True)
        over = np.zeros(len(lines), bool) if structure is None else np.isin(structure, OVER)
        high = np.zeros(len(lines)) if level is None else np.nan_to_num(np.asarray(level, dtype=float))
        marks = pd.DataFrame({"over": over[row], "level": high[row]})
        last = np.append(~same, True)
        ends = pd.DataFrame({"node": index, "line": line})[last | np.append(True, ~same)].drop_duplicates()
        edges = _cut(edges, touching_joints(nodes, edges, ends, marks, touch_m))
        tail, head = edges["tail"].to_numpy(), edges["head"].to_numpy()
        low, high, length = np.minimum(tail, head), np.maximum(tail, head), edges["length"].to_numpy()
        # in an order of their own, so that the rows of the file may come in any
        order = np.lexsort((length, high, low))
        order = order[(low != high)[order]]
        line = edges["line"].to_numpy()[order]
        return cls(*nodes.T, low[order], high[order], length[order], line, row[line], (tail == low)[order])

    @property
    def size(self):
        """How many nodes there are."""
        return len(self.x)

    @cached_property
    def component(self):
        """For each edge the number of the joined-up part of the network it belongs to."""
        graph = coo_array((np.ones(len(self.start)), (self.start, self.end)), shape=(self.size, self.size))
        return connected_components(graph, directed=False)[1][self.start]

    @cached_property
    def segments(self):
        """Every edge as a LineString, made once for all searches."""
        ends = np.stack([self.start, self.end], axis=1)
        return shapely.linestrings(np.stack([self.x[ends], self.y[ends]], axis=2))

    def feet(self, points, *, max_leg_m):
        """Where each point can join the roads, in a straight walk of at most `max_leg_m`; see `find_feet`."""
        points = np.asarray(points, dtype=float)
        key = points.tobytes(), float(max_leg_m)
        made = self._feet.pop(key, None)
        if made is None:
            made = find_feet(self, points, max_leg_m=max_leg_m)
        self._feet[key] = made
        for old in list(self._feet)[:-KEPT_FEET]:
            self._feet.pop(old, None)
        return made.copy()

    @cached_property
    def looked_up(self):
        """The edges as they are looked up for feet, made once for all searches; see `gis.network.feet.Lookup`."""
        return Lookup.of(self)

    @cached_property
    def along_metres(self):
        """The edges as arcs that cost their metres, sorted once for all searches."""
        return Arcs(self.start, self.end, self.size, np.column_stack([self.length_m] * 2))

    @cached_property
    def _feet(self):
        return {}


def _digest(lines, structure, level):
    """The same for the same lines, states and levels in the same order, and else another."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    parts = shapely.get_num_geometries(lines), shapely.get_num_coordinates(lines)
    digest = hashlib.blake2b(coordinates.tobytes() + line.tobytes(), digest_size=16)
    for each in (*parts, structure, level):
        digest.update(repr(None if each is None else each.tolist()).encode())
    return digest.digest()


def _alike(places):
    """The different ones of whole coordinates, in order of x and y, and for each the number of its own."""
    west, south = places.min(axis=0)
    height = places[:, 1].max() - south + 1
    keys, number = np.unique((places[:, 0] - west) * height + (places[:, 1] - south), return_inverse=True)
    x, y = np.divmod(keys, height)
    return np.column_stack([x + west, y + south]), number.ravel()


def _cut(edges, joints):
    """The edges cut at joints (edge, share, node); the pieces of an edge are together as long as it was."""
    if joints.empty:
        return edges
    joints = joints.drop_duplicates(["edge", "node"])
    count = len(edges)
    number = np.arange(count)
    edge = np.concatenate([number, joints["edge"], number])
    share = np.concatenate([np.zeros(count), joints["share"], np.ones(count)])
    node = np.concatenate([edges["tail"], joints["node"], edges["head"]])
    # joints at an end of their edge stand between its two ends; those at one spot in the order of their nodes
    rank = np.repeat([0, 1, 2], [count, len(joints), count])
    order = np.lexsort((node, rank, share, edge))
    edge, share, node = edge[order], share[order], node[order]
    same = np.flatnonzero(edge[1:] == edge[:-1])
    piece = edge[same]
    return pd.DataFrame(
        {
            "tail": node[same],
            "head": node[same + 1],
            "length": (share[same + 1] - share[same]) * edges["length"].to_numpy()[piece],
            "line": edges["line"].to_numpy()[piece],
        }
    )
