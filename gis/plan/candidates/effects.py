"""What is measured once something more is built, by the very engines that measured before; never by circles.

How near the nearest facility is hangs on the new place alone where the old ones are too far: it is measured alone, and
places that are far enough from each other are measured together. Shares of people and rooms for them are measured with
the old places, site by site; the times to the old ones are kept.
"""

from dataclasses import dataclass, field, replace
from math import inf

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.ground import travel_of
from gis.measure import measure_by
from gis.plan.candidates.villages import without_overlap
from gis.registry import INDICATORS, discover
from gis.study import frozen

ALONE = ("present_inside", "nearest_distance", "walking_time", "network_distance", "travel_time")
"""A village that these find too far from all old places is judged by the new one."""
BESIDE = ("people_within", "people_within_time", "travel_time_people", "facilities_per_1000")
"""These ask for the old places too, and for no other village."""
WHOLE = (
    "people_per_facility",
    "capacity_gap",
    "capacity_gap_by_time",
    "capacity_gap_people",
    "served_share",
    "served_share_by_time",
    "served_share_people",
)
"""These ask for the old places and all villages, which share them."""
BY_PLACE = (*ALONE, *BESIDE, *WHOLE)


def declared_of(binding):
    """The indicator of a binding."""
    discover("gis.indicators")
    return INDICATORS[binding.indicator]


def bound_layer(binding):
    """The layer of facilities that a binding asks for; None where it asks for none."""
    declared = declared_of(binding)
    if "facilities" not in declared.things:
        return None
    return dict(binding.arguments).get("facilities", "facilities")


def is_asked_for(binding, kind):
    """Whether a facility of a kind is one of those that a binding asks for."""
    wanted = dict(binding.arguments).get("kind")
    if wanted is None:
        return True
    wanted = {wanted} if isinstance(wanted, str) else set(wanted)
    return bool(wanted & set((kind or "").split()))


def farthest_m(gaps, binding, rows):
    """How far at most, in a straight line in metres, something new can close gaps (rows of `FINDINGS`)."""
    arguments, name = dict(binding.arguments), binding.indicator
    figure = float(rows["threshold"].max()) if rows["threshold"].notna().all() else inf
    if name in ("present_inside", "facilities_per_1000"):
        return 0.0
    if name in ("nearest_distance", "network_distance"):
        return 1000 * figure
    if name == "walking_time":
        return 1000 * figure / 60 * arguments.get("walk_kmh", 5.0)
    if name == "people_within":
        return 1000 * arguments["radius_km"]
    if name in ("capacity_gap", "served_share"):
        return 1000 * arguments["within_km"]
    limit = limit_min(binding, rows)
    if name == "people_per_facility" or not np.isfinite(limit):
        return inf
    travel, how = travel_beside(gaps.review.study), _how(arguments)
    return limit / 60 * travel.fastest_kmh(**how) * 1000


def limit_min(binding, rows):
    """The longest time in minutes that matters to a binding, inf where any does."""
    arguments = dict(binding.arguments)
    for name in ("minutes", "within_min"):
        if name in arguments:
            return float(arguments[name])
    figures = rows["threshold"]
    return float(figures.max()) if figures.notna().all() else inf


def with_more(gaps, binding, sites, pairs, limit=inf):
    """What a binding measures in villages once something stands at a site, a site at a time.

    Parameters
    ----------
    gaps : Gaps
    binding : Binding
        Its indicator is one of `BY_PLACE`.
    sites : GeoDataFrame
        Points in the study's CRS with the columns of the new facilities, index of any kind.
    pairs : DataFrame
        ``site`` (position in `sites`) and ``village`` (id), sorted by site.
    limit : float
        Minutes beyond which nothing matters.

    Returns
    -------
    DataFrame
        A row a pair, in their order: columns of `MEASUREMENTS` but for names.
    """
    layer, name = bound_layer(binding), binding.indicator
    study = gaps.review.study
    data = study.layers[layer]
    known = set(data.frame.columns) | set(data.layer.fields)
    sites = sites[[column for column in sites if column in known or column == "geometry"]]
    reached = {site: set(villages) for site, villages in pairs.groupby("site")["village"]}
    parts = []
    for batch in without_overlap(reached) if name in ALONE else ([site] for site in reached):
        new = sites.iloc[batch].set_axis([f"\x7fnew-{at:06d}" for at in batch])
        frame = new if name in ALONE else pd.concat([data.frame, new.dropna(axis=1, how="all")]).sort_index()
        frame = gpd.GeoDataFrame(frame, geometry="geometry", crs=data.frame.crs)
        here = pairs[pairs["site"].isin(batch)]
        villages = study.villages
        if name not in WHOLE:
            villages = villages[villages.index.isin(here["village"])]
        layers = {**study.layers, layer: replace(data, frame=frame)}
        then = replace(study, layers=frozen(layers), villages=villages, travels={})
        then = remembered(gaps, then, binding, new.geometry.to_numpy(), limit)
        rows = measure_by(then, name, **dict(binding.arguments)).set_index("village_id")
        parts.append(rows.loc[here["village"]].set_axis(here.index))
    return pd.concat([part.astype(object) for part in parts]).loc[pairs.index].reset_index(drop=True)


def travel_beside(study):
    """Ways over a study's ground, whose times do not push out those that its measures keep."""
    return replace(travel_of(study), _reaches={})


def _how(arguments):
    return {
        name: arguments[name] for name in ("mode", "season", "walk_kmh", "off_path_pct") if name in arguments
    }


def _key(study, layers, binding):
    """The key under which `travel_of` looks for what is prepared for the layers that a binding goes by."""
    declared, arguments = declared_of(binding), dict(binding.arguments)
    things = {
        thing: layers.get(arguments.get(thing, thing))
        for thing in declared.things
        if thing not in ("villages", "reported")
    }
    kept = {}
    travel_of(replace(study, travels=kept), things)
    return next(iter(kept))


def remembered(gaps, study, binding, new=(), limit=inf):
    """A study whose ways remember the times to the places of the review's own, and go to new ones as far as matters.

    Parameters
    ----------
    gaps : Gaps
    study : Study
        Over the roads and the ground of the review's.
    binding : Binding
        What is to be measured; as it is where that asks for no ways.
    new : array of Point
    limit : float
        Minutes.
    """
    if not declared_of(binding).uses_travel:
        return study
    key = ("travel", limit)
    if key not in gaps._known:
        gaps._known[key] = _Remembered(travel_beside(gaps.review.study), limit)
    travel = gaps._known[key]
    travel.new = shapely.get_coordinates(new).reshape(-1, 2)
    return replace(study, travels={_key(study, study.layers, binding): travel})


@dataclass
class _Remembered:
    """Ways that remember the times to the old places, and go to the new ones no farther than matters."""

    travel: object
    limit: float
    new: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    _reaches: dict = field(default_factory=dict)
    _times: dict = field(default_factory=dict)

    def __getattr__(self, name):
        return getattr(self.travel, name)

    def reach(self, places, *, limit_min=inf, **how):
        places = np.asarray(places, dtype=float).reshape(-1, 2)
        new = (places[:, None, :] == self.new[None, :, :]).all(axis=2).any(axis=1)
        limit_new = min(limit_min, self.limit)
        if new.all():
            return self.travel.reach(places, limit_min=limit_new, **how)
        key = (places[~new].tobytes(), limit_min, *sorted(how.items()))
        old = _Times(lambda: self.travel.reach(places[~new], limit_min=limit_min, **how), self._times, key)
        if not new.any():
            return old
        return _Either(old, self.travel.reach(places[new], limit_min=limit_new, **how))


@dataclass
class _Times:
    """Times to some places, of which only those are kept that were asked for."""

    make: object
    known: dict
    key: tuple

    def at(self, points):
        key = (*self.key, np.asarray(points, dtype=float).tobytes())
        if key not in self.known:
            self.known[key] = self.make().at(points)
        return self.known[key]

    def __getattr__(self, name):
        return getattr(self.make(), name)


@dataclass
class _Either:
    """Times to the nearer of old and new places."""

    old: object
    more: object

    @property
    def surface(self):
        return self.more.surface

    def at(self, points):
        (before, cell), (after, other) = self.old.at(points), self.more.at(points)
        return np.fmin(before, after), np.where(after < before, other, cell)
