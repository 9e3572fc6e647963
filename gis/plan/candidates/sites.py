"""Where something may be built, enlarged or repaired, and how that is said as an edit of the study."""

import numpy as np
import shapely
from scipy.spatial import cKDTree

from gis.indicators.access import of_kind
from gis.plan.candidates.effects import travel_beside
from gis.plan.edits import Edit

BY_ROAD = ("roads", "crossings")
"""Layers whose works other makers place."""


def layer_of(gaps, work):
    """The layer that a work is about, None where the study lacks it or roads are it."""
    if work.works is None or work.works["layer"] in BY_ROAD:
        return None
    data = gaps.review.study.layers.get(work.works["layer"])
    return None if data is None or data.frame is None else data


def places_to(gaps, work):
    """The places that a work enlarges or repairs: those that serve, or those that do not any more."""
    data = layer_of(gaps, work)
    frame = None if data is None else data.closed if work.works["does"] == "repair" else data.frame
    if frame is None:
        return None
    points = frame[shapely.get_type_id(frame.geometry.to_numpy()) == 0]
    kind = work.works.get("kind")
    return (points if kind is None or "kind" not in points else of_kind(points, kind)).sort_index()


def place_edit(gaps, work, id_, point, quantity, place=None):
    """What a work does to its layer, as a list of one edit or none.

    Parameters
    ----------
    id_ : str
        Of what is built.
    point : Point or None
        Where it is built.
    quantity : float
    place : str, optional
        What is enlarged or repaired.
    """
    data = layer_of(gaps, work)
    if data is None:
        return []
    how, does = work.works, work.works["does"]
    if does == "enlarge":
        if place is None:
            return []
        add = quantity * (work.places if np.isfinite(work.places) else 1.0)
        return [Edit("enlarge", {"layer": how["layer"], "id": place, "field": how["field"], "add": add})]
    if does == "repair":
        if place is None:
            return []
        old = data.closed.loc[place]
        fields = {name: old[name] for name in old.index if name not in ("geometry", "kind", "working")}
        fields = {
            name: _plain(value) for name, value in fields.items() if value == value and value is not None
        }
        kind, point = old.get("kind"), old["geometry"]
        id_, fields = place, {**fields, **how.get("set", {})}
    elif does == "build" and point is not None:
        kind, fields = how.get("kind"), dict(how.get("set", {}))
        if np.isfinite(work.places):
            fields[how.get("field", "capacity")] = work.places * quantity
        if id_ in data.frame.index:
            return []
    else:
        return []
    where = {"layer": how["layer"], "id": id_, "x": float(point.x), "y": float(point.y)}
    return [Edit("build", {**where, "kind": kind, "fields": fields})]


def near(gaps, work, points, villages):
    """For each of some points the villages that a work there would serve, the nearest first.

    Parameters
    ----------
    gaps : Gaps
    work : Intervention
        Within the kilometres that it serves in a straight line, or the minutes over the ground; without either only
        the village that the point lies in.
    points : list of Point or None
    villages : list of str

    Yields
    ------
    (int, list of str)
        Position in `points`, and village ids.
    """
    known = [village for village in villages if gaps.facts[village][2] is not None]
    here = shapely.get_coordinates([gaps.facts[village][2] for village in known])
    usable = [at for at, point in enumerate(points) if point is not None]
    if not known or not usable:
        return
    there = shapely.get_coordinates([points[at] for at in usable])
    if "within_min" in work.serves:
        yield from _near_by_time(gaps, work, usable, there, known, here)
        return
    if "within_km" not in work.serves:
        owner = gaps.review.study.villages.geometry.reindex(known)
        tree = shapely.STRtree(owner.to_numpy())
        for at, place in zip(usable, shapely.points(there), strict=True):
            inside = sorted(tree.query(place, predicate="intersects").tolist())
            yield at, [known[one] for one in inside]
        return
    tree = cKDTree(here)
    for at, place in zip(usable, there, strict=True):
        found = tree.query_ball_point(place, 1000 * work.serves["within_km"] * (1 + 1e-12))
        away = np.hypot(*(here[found] - place).T)
        yield at, [known[found[one]] for one in np.lexsort((found, away))]


def _near_by_time(gaps, work, usable, there, known, here):
    travel = travel_beside(gaps.review.study)
    for at, place in zip(usable, there, strict=True):
        limit = work.serves["within_min"]
        reach = travel.reach(place, mode=work.serves.get("mode", "walk"), limit_min=limit)
        minutes = reach.at(here)[0]
        order = np.lexsort((np.arange(len(known)), minutes))
        yield at, [known[one] for one in order if minutes[one] <= limit]


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value
