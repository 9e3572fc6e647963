"""How much of lines lies in polygons."""

import numpy as np
from numba import njit

from gis.kernels.compiling import kept
from gis.kernels.zonal import turn

BLOCK = 16
SLACK = 1e-6
"""Boxes around blocks are this much larger on every side than their corners, far above what rounding does."""


def clip_lengths(xy, rings, parts, polygons, corners, lines, polygon, line):
    """The length of lines inside polygons, pair by pair.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        Corners of the closed rings of polygons.
    rings, parts, polygons : arrays of int
        Where each ring, each part and each polygon begins; as for `zonal_weights`.
    corners : array of float, shape (m, 2)
        Corners of lines.
    lines : array of int
        Where in `corners` each line begins, and where the last ends.
    polygon, line : arrays of int
        The pairs that are asked for.

    Returns
    -------
    array of float
        In the unit of the coordinates. A stretch along the border counts as inside.

    Notes
    -----
    Seen along an edge of the line, every edge of a polygon that comes from one side of it to the other at the
    share ``s`` of its length opens or closes the inside there: what lies inside is the sum of ``+s`` and ``-s``,
    each held between 0 and 1. Corners on the line itself count as on its right, which moves the line to the left
    by nothing; a border along the line with the polygon on its right is therefore added by itself. Edges of
    polygons are looked at in blocks of `BLOCK`: those that stay on one side, or lie before the begin or beyond
    the end, need no closer look.
    """
    x, y = (np.ascontiguousarray(part, dtype=np.float64) for part in np.transpose(xy))
    counts = (np.ascontiguousarray(part, dtype=np.int64) for part in (rings, parts, polygons))
    pairs = (np.ascontiguousarray(part, dtype=np.int64) for part in (lines, polygon, line))
    return _lengths(x, y, *counts, np.ascontiguousarray(corners, dtype=np.float64), *pairs)


@kept
def _lengths(x, y, rings, parts, polygons, corners, lines, polygon, line):
    sign = np.ones(len(rings) - 1)
    for part in range(len(parts) - 1):
        for ring in range(parts[part], parts[part + 1]):
            # with the polygon on the left of its border: outer rings against the clock, holes with it
            if (turn(x, y, rings[ring], rings[ring + 1]) < 0) == (ring == parts[part]):
                sign[ring] = -1.0
    blocks, boxes = _blocks(x, y, rings)
    found = np.zeros(len(polygon))
    for pair in range(len(polygon)):
        first, last = parts[polygons[polygon[pair]]], parts[polygons[polygon[pair] + 1]]
        for edge in range(lines[line[pair]], lines[line[pair] + 1] - 1):
            px, py = corners[edge, 0], corners[edge, 1]
            dx, dy = corners[edge + 1, 0] - px, corners[edge + 1, 1] - py
            square = dx * dx + dy * dy
            if square == 0:
                continue
            share = 0.0
            for ring in range(first, last):
                end = rings[ring + 1] - 1
                for block in range(blocks[ring], blocks[ring + 1]):
                    cx, cy, half_x, half_y = boxes[block]
                    cx, cy = cx - px, cy - py
                    if abs(dx * cy - dy * cx) > abs(dx) * half_y + abs(dy) * half_x:
                        continue
                    along, half = dx * cx + dy * cy, abs(dx) * half_x + abs(dy) * half_y
                    if along + half <= 0:
                        continue
                    a = rings[ring] + BLOCK * (block - blocks[ring])
                    b = min(a + BLOCK, end)
                    if along - half >= square:
                        begins = dx * (y[a] - py) - dy * (x[a] - px) > 0
                        ends = dx * (y[b] - py) - dy * (x[b] - px) > 0
                        share += sign[ring] * (int(ends) - int(begins))
                    else:
                        share += sign[ring] * _share(x, y, a, b, px, py, dx, dy, square, sign[ring])
            found[pair] += share * np.sqrt(square)
    return found


@njit
def _blocks(x, y, rings):
    """Where each ring's blocks begin, and the middle and half the width and height of each."""
    blocks = np.zeros(len(rings), np.int64)
    for ring in range(len(rings) - 1):
        blocks[ring + 1] = blocks[ring] + (rings[ring + 1] - rings[ring] + BLOCK - 2) // BLOCK
    boxes = np.empty((blocks[-1], 4))
    for ring in range(len(rings) - 1):
        for block in range(blocks[ring], blocks[ring + 1]):
            a = rings[ring] + BLOCK * (block - blocks[ring])
            b = min(a + BLOCK, rings[ring + 1] - 1)
            west, east = x[a : b + 1].min(), x[a : b + 1].max()
            south, north = y[a : b + 1].min(), y[a : b + 1].max()
            boxes[block] = (west + east) / 2, (south + north) / 2, (east - west) / 2, (north - south) / 2
            boxes[block, 2:] += SLACK
    return blocks, boxes


@njit
def _share(x, y, a, b, px, py, dx, dy, square, sign):
    """What the edges from corner `a` to corner `b` add to the share of an edge of a line that is inside."""
    share = 0.0
    after = dx * (y[a] - py) - dy * (x[a] - px)
    for k in range(a + 1, b + 1):
        before, after = after, dx * (y[k] - py) - dy * (x[k] - px)
        if before * after > 0 or ((before > 0) == (after > 0) and before != after):
            continue
        s = (dx * (x[k - 1] - px) + dy * (y[k - 1] - py)) / square
        t = (dx * (x[k] - px) + dy * (y[k] - py)) / square
        if before == after:
            # the border runs along the line; seen in its direction the polygon is on its left
            if sign * (t - s) < 0:
                share += sign * max(min(max(s, t), 1.0) - max(min(s, t), 0.0), 0.0)
            continue
        s = min(max(s + (t - s) * (before / (before - after)), 0.0), 1.0)
        share += s if after > 0 else -s
    return share
