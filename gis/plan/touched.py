"""Which villages what is measured can have changed for, between a study and the same with edits made."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import shapely

from gis.around import times_around_moved
from gis.ground import travel_of
from gis.indicators.access import _points, _straight, maybe_of_kind, of_kind
from gis.indicators.travel import _places
from gis.measure import PLAIN_THINGS
from gis.registry import INDICATORS, discover
from gis.study import Tolerance
from gis.travel import LAYERS, moved


def touched_by(before, after, binding):
    """Positions of the villages that a measure has to be taken of again.

    Parameters
    ----------
    before, after : Study
        Of the same villages.
    binding : Binding
        Of a set whose references hold.

    Returns
    -------
    array of int
        Rising; none where nothing that it is measured from was edited.
    """
    discover("gis.indicators")
    declared, arguments = INDICATORS[binding.indicator], dict(binding.arguments)
    if "reported" in declared.things and before.reported is not after.reported:
        return _rows_changed(before.reported, after.reported)
    names = [arguments.get(thing, thing) for thing in declared.things if thing not in PLAIN_THINGS]
    if all(_same(before.layers.get(name), after.layers.get(name), declared.uses_travel) for name in names):
        return np.zeros(0, dtype=int)
    if binding.indicator == "network_distance" and _same_graph(before, after, names):
        return np.zeros(0, dtype=int)
    if binding.indicator == "travel_time":
        return np.flatnonzero(_times_moved(before, after, binding))
    return np.arange(len(after.villages))


def _same(old, new, by_rules):
    """Whether a layer is the same; its rules, such as speeds, matter only to what goes by ways."""
    if old is new or old is None or new is None or by_rules:
        return old is new
    return all(getattr(old, one.name) is getattr(new, one.name) for one in fields(old) if one.name != "layer")


GRAPH = ("structure", "level")
"""What a graph of roads is made of beside their lines; see `Network.of_roads`."""


def _same_graph(before, after, names):
    """Whether all layers of some names are the same, but for what roads are made of: metres along them stay the same."""
    for name in names:
        old, new = before.layers.get(name), after.layers.get(name)
        if old is new:
            continue
        if name != "roads" or old.frame is None or new.frame is None or len(old.frame) != len(new.frame):
            return False
        one, two = old.frame, new.frame
        if not one.index.equals(two.index) or not shapely.equals_identical(one.geometry, two.geometry).all():
            return False
        for column in GRAPH:
            if (column in one) != (column in two) or (column in one and not one[column].equals(two[column])):
                return False
    return True


def with_known_ways(before, after):
    """An edited study that works out ways from those that the study before it knows.

    Parameters
    ----------
    before, after : Study

    Returns
    -------
    Study
        `after` with `travels` of its own.
    """
    travels = {}
    held = {id(data.thing): name for name, data in before.layers.items() if data.thing is not None}
    for key, travel in before.travels.items():
        names = [held.get(each) for each in key[:-1]]
        things = [None if name is None else after.layers[name].thing for name in names]
        own = [
            None if getattr(travel, name) is None else thing
            for name, thing in zip(LAYERS, things, strict=True)
        ]
        given = dict(zip(LAYERS, own, strict=True))
        if any(getattr(travel, name) is not given[name] for name in ("elevation", "rivers", "land_cover")):
            continue
        rules = None if travel.rules is None else after.layers["roads"].layer
        again = travel.again(roads=given["roads"], crossings=given["crossings"], rules=rules)
        travels[(*map(id, own), key[-1])] = again
    return replace(after, travels=travels)


def _times_moved(before, after, binding):
    """Whether the time of each village to a facility, its way, or what is unsure of either may be other than before."""
    declared, arguments = INDICATORS[binding.indicator], dict(binding.arguments)
    names = {thing: arguments.get(thing, thing) for thing in declared.things if thing not in PLAIN_THINGS}
    everything = np.ones(len(after.villages), dtype=bool)
    old, new = ({thing: study.layers.get(name) for thing, name in names.items()} for study in (before, after))
    if any((old[thing] is None) != (new[thing] is None) for thing in names) or old["facilities"] is None:
        return everything
    travel = travel_of(after, new)
    if travel.before is None or travel.elevation is None or travel.rules is not travel.before.rules:
        return everything
    given = {name: value for name, value in after.parameters.items() if name in declared.options}
    asked = {**declared.options, **given, **arguments}
    how = {name: asked[name] for name in ("mode", "season", "walk_kmh", "off_path_pct")}
    here = _points(after.villages)[0]
    sure, maybe = (
        [found(side["facilities"].frame, asked["kind"]).sort_index() for side in (old, new)]
        for found in (of_kind, maybe_of_kind)
    )
    # whoever has another facility nearest by air has another least that a missing road could make of the way
    touched = _straight(here, maybe[0])[0] != _straight(here, maybe[1])[0]
    reaches = [travel.reach(_places(sure[1]), **how), travel.to_edge(**how)]
    if len(maybe[1]) > len(sure[1]):
        reaches.append(travel.reach(_places(maybe[1]), **how))
    if (len(maybe[0]) > len(sure[0])) != (len(maybe[1]) > len(sure[1])):
        return everything
    for reach in reaches:
        if any(reach is known for known in travel.before._reaches.values()):
            continue
        if reach.before is None:
            return everything
        touched |= moved(reach, here)
    return touched | times_around_moved(reaches[0], after.villages, Tolerance.of(after).position_m)


def _rows_changed(before, after):
    """Positions of the rows of a table that differ."""
    known = [name for name in after if name in before]
    other = rows_differing(before[known], after[known])
    return np.flatnonzero(other | after.drop(columns=known).notna().any(axis=1).to_numpy())


def rows_differing(before, after):
    """Which rows of two tables of the same shape differ in any column."""
    other = np.zeros(len(before), dtype=bool)
    for name in before:
        other |= differing(before[name].to_numpy(), after[name].to_numpy())
    return other


def differing(one, two):
    """Where two columns differ; what is not known is equal to what is not known."""
    return (one != two) & ~(pd.isna(one) & pd.isna(two))
