"""What differs between the layers of two travels, and the surface and tracks of one made from those of the other."""

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely

from gis.network import GRID_M, Network
from gis.surface.water import CROSSING_M
from gis.travel.tracks import lay_tracks

SHAPES = ("structure", "level")
"""Fields of roads on which it hangs where they join."""
GOES = ("class", "surface", "condition", "all_season", "oneway", "reversed")
"""Fields of roads on which it hangs how one gets on along them."""
JOIN_M = 1.0
"""Roads that are farther apart have no joint: more than rounding and touching blur."""
MOST_OF_GROUND = 0.4
"""Where more of the ground than this has to be built again, all of it is."""
ROAD = 1
"""As `gis.kernels.ROAD`: a cell that lets in from everywhere."""


@dataclass(frozen=True)
class Rows:
    """Which features of a layer differ: positions in the frames of before and of now.

    Attributes
    ----------
    gone, new : array of int
        Those whose shape differs, or that are on one side only.
    other : array of int
        Of now, those of the same shape that say something else.
    place : array of int
        For each feature of before where it stands now; -1 where it does not, or in another shape.
    """

    gone: np.ndarray
    new: np.ndarray
    other: np.ndarray
    place: np.ndarray

    def __bool__(self):
        return bool(len(self.gone) or len(self.new) or len(self.other))


def rows_differing(before, now, shaping=(), saying=()):
    """Which features differ between two frames of a layer.

    Parameters
    ----------
    before, now : GeoDataFrame or None
        Index the id of each feature, none twice.
    shaping, saying : iterable of str
        Fields that count as the shape, and those that are looked at besides.

    Returns
    -------
    Rows or None
        None where they cannot be told apart by their ids.
    """
    if before is now:
        count = 0 if now is None else len(now)
        none = np.zeros(0, dtype=int)
        return Rows(none, none, none, np.arange(count))
    if before is None or now is None or not (before.index.is_unique and now.index.is_unique):
        return None
    place = now.index.get_indexer(before.index)
    here, there = np.flatnonzero(place >= 0), place[place >= 0]
    one, two = before.geometry.to_numpy()[here], now.geometry.to_numpy()[there]
    moved = np.array([a is not b for a, b in zip(one, two, strict=True)], dtype=bool)
    moved[moved] = ~shapely.equals_exact(one[moved], two[moved])
    moved |= _other(before, now, here, there, shaping)
    place[here[moved]] = -1
    new = np.ones(len(now), dtype=bool)
    new[place[place >= 0]] = False
    same, there = here[~moved], there[~moved]
    other = np.sort(there[_other(before, now, same, there, saying)])
    return Rows(np.flatnonzero(place < 0), np.flatnonzero(new), other, place)


def _other(before, now, here, there, names):
    found = np.zeros(len(here), dtype=bool)
    for name in names:
        if name in before or name in now:
            one, two = (
                frame[name].to_numpy()[at] if name in frame else np.full(len(at), np.nan)
                for frame, at in ((before, here), (now, there))
            )
            found |= (one != two) & ~(pd.isna(one) & pd.isna(two))
    return found


def surface_again(before, travel, places, how):
    """A surface of which the ground around some places is built again.

    Parameters
    ----------
    before : Surface
    travel : Travel
        Its layers.
    places : array of Geometry
        What is there now, or was before, and differs.
    how : Mapping
        As for `Travel.surface`.

    Returns
    -------
    surface : Surface
        `before` itself where nothing differs.
    cells : array of int
        Those that differ.
    worse : array of int
        Those of them that are slower or less open.
    None where too much would have to be built again.
    """
    none = np.zeros(0, dtype=np.int64)
    if not len(places):
        return before, none, none
    rows, columns = before.shape
    margin = 2 * CROSSING_M + 3 * max(before.width, before.height)
    west, south, east, north = shapely.total_bounds(places)
    left, right = ((x - before.west) / before.width for x in (west - margin, east + margin))
    top, bottom = ((before.north - y) / before.height for y in (north + margin, south - margin))
    left, right = np.clip([np.floor(left), np.ceil(right)], 0, columns).astype(int)
    top, bottom = np.clip([np.floor(top), np.ceil(bottom)], 0, rows).astype(int)
    if right <= left or bottom <= top:
        return before, none, none
    if (right - left) * (bottom - top) > MOST_OF_GROUND * rows * columns:
        return None
    wide = (west - 2 * margin, south - 2 * margin, east + 2 * margin, north + 2 * margin)
    near, was = (one.within(wide).surface(**how) for one in (travel, travel.before))
    down, across = (
        round((before.north - near.north) / before.height),
        round((near.west - before.west) / before.width),
    )
    core = np.s_[top - down : bottom - down, left - across : right - across]
    # both built alike, so that how a border of cells is rounded makes no difference
    slow, slower = (one.pace[one.classes[core]] for one in (was, near))
    gate, gates = was.gates[core], near.gates[core]
    other = ~((slow == slower) | (np.isnan(slow) & np.isnan(slower))) | (gate != gates)
    if not other.any():
        return before, none, none
    opener = (gate == gates) | (gates == ROAD) | np.isnan(slow)
    better = np.isnan(slow) | (slower <= slow)
    row, column = np.nonzero(other)
    cells = (row + top) * columns + column + left
    pace, number = _paces(before.pace, near.pace)
    classes = before.classes.astype(np.promote_types(before.classes.dtype, np.min_scalar_type(len(pace))))
    opened = before.gates.copy()
    classes.reshape(-1)[cells], opened.reshape(-1)[cells] = number[near.classes[core][other]], gates[other]
    lost, found = (
        _shifted(np.setdiff1d(one.banks, two.banks), near.shape, (down, across), before.shape)
        for one, two in ((was, near), (near, was))
    )
    surface = replace(
        before,
        classes=classes,
        pace=pace,
        gates=opened,
        banks=np.union1d(
            np.setdiff1d(before.banks, np.intersect1d(lost, cells)), np.intersect1d(found, cells)
        ),
        counts=MappingProxyType(
            {name: before.counts[name] + near.counts[name] - was.counts[name] for name in before.counts}
        ),
    )
    return surface, cells, cells[~(better & opener)[other]]


def _paces(pace, other):
    """Paces with those of others added, and the position there of each of the others."""
    values = pace.tolist()
    known = {value: at for at, value in enumerate(values) if value == value}
    number = np.zeros(len(other), dtype=int)
    for at, value in enumerate(other.tolist()):
        if value == value:
            if value not in known:
                known[value] = len(values)
                values.append(value)
            number[at] = known[value]
    return np.array(values, dtype=np.float32), number


def _shifted(cells, shape, corner, whole):
    """Cells of a window as cells of the whole grid."""
    row, column = np.divmod(cells, shape[1])
    return (row + corner[0]) * whole[1] + column + corner[1]


def tracks_again(before, grid, roads_before, roads, rows):
    """Tracks of which those of some roads are laid again.

    Parameters
    ----------
    before : Tracks
        Of `roads_before` over the grid.
    grid : Raster
    roads_before, roads : GeoDataFrame
    rows : Rows
        What differs between them.

    Returns
    -------
    tracks : Tracks
        Edges, nodes and feet of before come first, those of roads that are gone among them; what is new follows.
    dead : array of bool
        Which edges are there no more.
    """
    row = rows.place[before.row]
    if not len(rows.gone) and not len(rows.new):
        return replace(before, row=row) if (row != before.row).any() else before, np.zeros(
            len(row), dtype=bool
        )
    lines, old = roads.geometry.to_numpy(), roads_before.geometry.to_numpy()
    changed = np.concatenate([old[rows.gone], lines[rows.new]])
    touching = _touching(lines, changed)
    others = _touching(lines, lines[touching])
    local = np.union1d(np.union1d(rows.new, touching), others)
    network = Network.of_roads(roads.iloc[local])
    laid = np.isin(network.row, np.flatnonzero(np.isin(local, np.union1d(rows.new, touching))))
    # an edge is the same where it is the same piece of the same road
    known = (row < 0) | np.isin(row, touching)
    network_edges = before.network
    mine = network_edges.row
    asked = np.flatnonzero((rows.place[mine] < 0) | np.isin(rows.place[mine], touching))
    was = _keys(network_edges, asked, rows.place[mine[asked]])
    now_at = np.flatnonzero(laid)
    now = _keys(network, now_at, local[network.row[now_at]])
    kept = set(was) & set(now)
    lost = asked[[key not in kept for key in was]]
    fresh = now_at[[key not in kept for key in now]]
    dead = known & np.isin(before.piece, lost)
    part = replace(
        network,
        **{
            name: getattr(network, name)[fresh]
            for name in ("start", "end", "length_m", "line", "row", "along")
        },
    )
    used, inverse = np.unique(np.concatenate([part.start, part.end]), return_inverse=True)
    start, end = np.split(inverse.ravel(), 2)
    part = replace(part, x=part.x[used], y=part.y[used], start=start, end=end, row=local[part.row])
    laid = lay_tracks(grid, part)
    number = _numbers(network_edges, part, len(before.xy), len(laid.xy))
    edges = len(before.start)
    new = number >= len(before.xy)
    joined = {
        "xy": np.vstack([before.xy, laid.xy[new]]),
        "start": np.concatenate([before.start, number[laid.start]]),
        "end": np.concatenate([before.end, number[laid.end]]),
        "row": np.concatenate([np.maximum(row, 0), laid.row]),
        "passed_edge": np.concatenate([before.passed_edge, laid.passed_edge + edges]),
        "foot_node": np.concatenate([before.foot_node, number[laid.foot_node]]),
        "piece": np.concatenate([before.piece, np.full(len(laid.start), -1)]),
    }
    joined |= {
        name: np.concatenate([getattr(before, name), getattr(laid, name)])
        for name in ("length_m", "along", "passed_cell", "foot_cell", "foot_m")
    }
    dead = np.concatenate([dead, np.zeros(len(laid.start), dtype=bool)])
    return replace(before, **joined, network=None), dead


def _touching(lines, others):
    """Positions of lines that are near enough to others to join them."""
    if not len(others):
        return np.zeros(0, dtype=int)
    return np.unique(shapely.STRtree(lines).query(others, predicate="dwithin", distance=JOIN_M)[1])


def _keys(network, edges, road):
    """What tells one piece of road from another."""
    ends = np.round(np.column_stack([network.x, network.y]) / GRID_M).astype(np.int64)
    one, two = ends[network.start[edges]], ends[network.end[edges]]
    parts = (road, *one.T, *two.T, network.length_m[edges])
    return list(zip(*(part.tolist() for part in parts), strict=True))


def _numbers(network, part, nodes, laid):
    """The number that each node of tracks laid over a part has among all: an old one where it is a vertex there."""

    def key(network):
        x, y = (np.round(each / GRID_M).astype(np.int64) for each in (network.x, network.y))
        return (x << 32) + y

    old, own = key(network), key(part)
    order = np.argsort(old)
    at = np.minimum(np.searchsorted(old[order], own), len(old) - 1)
    number = np.full(laid, -1)
    known = old[order][at] == own
    number[: len(own)][known] = order[at[known]]
    unknown = number < 0
    number[unknown] = nodes + np.arange(unknown.sum())
    return number
