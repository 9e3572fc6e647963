"""Where lines join without a common vertex: an end that touches another line, and crossings."""

import numpy as np
import pandas as pd
import shapely

TOUCH_M = 0.5
"""An end of a line this near another line touches it: within what drawing and rounding blur, far below any real gap."""


def touching_joints(nodes, edges, ends, marks, touch_m):
    """Where ends of lines touch other lines between two vertices.

    Parameters
    ----------
    nodes : array of float, shape (n, 2)
    edges : DataFrame
        Columns ``tail``, ``head`` (nodes) and ``line``.
    ends : DataFrame
        Columns ``node`` and ``line``.
    marks : DataFrame
        For each line whether it leads ``over`` (or under) others, and its ``level``.
    touch_m : float

    Returns
    -------
    DataFrame
        One row a joint: ``edge``, ``share`` of its length and ``node``. A line is not joined to itself, a bridge or
        tunnel only by its own ends, and lines on different levels only where one of the two ends a bridge or tunnel.
    """
    tail, head, line = (edges[name].to_numpy() for name in ("tail", "head", "line"))
    node, own = ends["node"].to_numpy(), ends["line"].to_numpy()
    tree = shapely.STRtree(shapely.linestrings(np.stack([nodes[tail], nodes[head]], axis=1)))
    end, edge = tree.query(shapely.box(*(nodes[node] - touch_m).T, *(nodes[node] + touch_m).T))
    over, level = marks["over"].to_numpy(), marks["level"].to_numpy()
    joined = (
        (tail[edge] != node[end]) & (head[edge] != node[end]) & (line[edge] != own[end]) & ~over[line[edge]]
    )
    joined &= (level[line[edge]] == level[own[end]]) | over[own[end]]
    edge, node = edge[joined], node[end[joined]]
    begin, away = nodes[tail[edge]], nodes[node] - nodes[tail[edge]]
    along = nodes[head[edge]] - begin
    share = np.clip((away * along).sum(axis=1) / (along**2).sum(axis=1), 0, 1)
    near = np.hypot(*(away - share[:, None] * along).T) <= touch_m
    return pd.DataFrame({"edge": edge[near], "share": share[near], "node": node[near]})


def crossing_joints(nodes, edges, marks):
    """Where lines cross between vertices, neither is a bridge or tunnel and both are on one level.

    Parameters
    ----------
    nodes, edges, marks
        As for `touching_joints`.

    Returns
    -------
    joints : DataFrame
        Two rows a crossing: ``edge``, ``share`` and ``node``, a position in the second result.
    spots : array of float, shape (n, 2)
    """
    tail, head, line = (edges[name].to_numpy() for name in ("tail", "head", "line"))
    segments = shapely.linestrings(np.stack([nodes[tail], nodes[head]], axis=1))
    one, other = shapely.STRtree(segments).query(segments, predicate="intersects")
    over, level = marks["over"].to_numpy(), marks["level"].to_numpy()
    taken = (one < other) & ~over[line[one]] & ~over[line[other]] & (level[line[one]] == level[line[other]])
    for mine in (tail, head):
        taken &= (mine[one] != tail[other]) & (mine[one] != head[other])
    one, other = one[taken], other[taken]
    begin, along, across = (
        nodes[tail[one]],
        nodes[head[one]] - nodes[tail[one]],
        nodes[head[other]] - nodes[tail[other]],
    )
    away = nodes[tail[other]] - begin
    turn = _cross(along, across)
    # of lines that lie on each other the ends touch
    crossing = turn != 0
    one, other, begin, along, across, away, turn = (
        part[crossing] for part in (one, other, begin, along, across, away, turn)
    )
    shares = np.clip([_cross(away, across) / turn, _cross(away, along) / turn], 0, 1)
    number = np.arange(len(one))
    joints = pd.DataFrame(
        {
            "edge": np.concatenate([one, other]),
            "share": shares.ravel(),
            "node": np.concatenate([number, number]),
        }
    )
    return joints, begin + shares[0][:, None] * along


def _cross(one, other):
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
