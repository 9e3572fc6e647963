"""A ride made from that before an edit: what one pays along roads that differ, and along those over ground that differs."""

from dataclasses import replace

import numpy as np

from gis.network import edge_seconds
from gis.travel.again import NONE, Ground
from gis.travel.climbing import climb
from gis.travel.riding import Ride, barred_edges, usable_feet
from gis.travel.wearing import wear


def ride_again(before, travel, surface, tracks, dead, rows, cells, *, mode, season, walk_kmh):
    """A ride of which some roads are looked at again.

    Parameters
    ----------
    before : Ride
    travel : Travel
        Its layers.
    surface : Surface
        That of now.
    tracks, dead
        As of `gis.travel.differing.tracks_again`.
    rows : array of int
        Roads of now of which it may differ how one gets on.
    cells : array of int
        Cells of the surface that differ from those of before.
    mode, season, walk_kmh
        As for `Travel.ride`.

    Returns
    -------
    ride : Ride
        `before` itself where nothing differs.
    ground : Ground
        What differs, without cells.
    """
    old, count = len(before.tracks.start), len(tracks.start)
    over = np.zeros(surface.classes.size, dtype=bool)
    over[cells] = True
    asked = np.zeros(count, dtype=bool)
    asked[tracks.passed_edge[over[tracks.passed_cell]]] = True
    wanted = np.zeros(len(travel.roads), dtype=bool)
    wanted[tracks.row[asked & ~dead]] = wanted[rows] = True
    edges = np.flatnonzero(wanted[tracks.row] & ~dead)
    seconds = np.vstack([before.seconds, np.full((count - old, 2), np.inf)])
    estimated = np.append(before.estimated, np.zeros(count - old, dtype=bool))
    seconds[dead] = np.inf
    if len(edges):
        seconds[edges], estimated[edges] = _priced(travel, surface, tracks, edges, mode, season, walk_kmh)
    foot, leg_s = usable_feet(tracks, surface)
    leg = np.full(len(tracks.foot_cell), np.inf)
    leg[foot] = leg_s
    legs_before = np.full(len(before.tracks.foot_node), np.inf)
    legs_before[before.foot] = before.leg_s
    worse = np.flatnonzero((seconds[:old] > before.seconds).any(axis=1))
    other = (seconds[:old] < before.seconds).any(axis=1) | (estimated[:old] != before.estimated)
    other = np.append(other, np.ones(count - old, dtype=bool))
    farther = np.flatnonzero(leg[: len(legs_before)] > legs_before)
    same = count == old and not len(worse) and not other.any() and (leg == legs_before).all()
    if same:
        return (before if tracks is before.tracks else replace(before, tracks=tracks)), Ground()
    ride = Ride(tracks, seconds, estimated, foot, leg_s)
    changed = np.append((seconds[:old] != before.seconds).any(axis=1), np.ones(count - old, dtype=bool))
    # a sorted list of half a million edges takes longer to make than to mend
    ride.__dict__["arcs"] = before.arcs.again(tracks.start, tracks.end, len(tracks.xy), seconds, changed)
    nodes = np.union1d(tracks.start[other], tracks.end[other])
    feet = np.column_stack([tracks.foot_node[farther], tracks.foot_cell[farther]])
    return ride, Ground(edges=worse, nodes=nodes, feet=feet if len(feet) else NONE)


def _priced(travel, surface, tracks, edges, mode, season, walk_kmh):
    """Seconds of some edges, all of them of whole roads, and whether they are estimated."""
    own, row = np.unique(tracks.row[edges], return_inverse=True)
    roads = travel.roads.iloc[own]
    place = np.full(len(tracks.start), -1)
    place[edges] = np.arange(len(edges))
    passes = place[tracks.passed_edge] >= 0
    part = replace(
        tracks,
        start=tracks.start[edges],
        end=tracks.end[edges],
        length_m=tracks.length_m[edges],
        along=tracks.along[edges],
        row=row.ravel(),
        passed_edge=place[tracks.passed_edge[passes]],
        passed_cell=tracks.passed_cell[passes],
    )
    rules = travel.rules_of_roads
    said = {"mode": mode, "season": season, "factors": rules.condition_factors}
    if season == "wet":
        said |= wear(travel.elevation, part, roads, travel.rivers, travel.crossings)
    seconds, estimated = edge_seconds(part, roads, rules.speeds, **said)
    if mode == "bicycle":
        seconds = climb(travel.elevation, part, roads, seconds, walk_kmh=walk_kmh)
    seconds = seconds.copy()
    seconds[barred_edges(part, surface)] = np.inf
    return seconds, estimated
