"""Where lines join without a common vertex: an end that touches another line."""

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
