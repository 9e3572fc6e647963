"""Roads that the study file says are drawn without nodes, joined where they cross."""

from dataclasses import replace

from gis.reading.checks import said
from gis.roadcrossings import join_crossings


def with_crossings(gathering, layers):
    """The layers with the roads joined where they cross, if the study file wants that; what was joined is told."""
    data = layers.get("roads")
    if data is None or not gathering.entry("layers", "roads").get("join_crossings"):
        return layers
    roads, crossings = join_crossings(data.frame)
    for is_joined, code in ((True, "roads-crossings-joined"), (False, "roads-crossings-apart")):
        found = crossings[crossings["is_joined"] == is_joined]
        names = [_named(data.frame, crossing) for crossing in found.itertuples()]
        if is_joined or names:
            gathering.warn(code, "note", **gathering.where("roads"), count=len(names), crossings=names)
    return {**layers, "roads": replace(data, frame=roads)}


def _named(roads, crossing):
    one, other = (roads["name"].iloc[each] or roads.index[each] for each in (crossing.one, crossing.other))
    return said("road-crossing", one=str(one), other=str(other), place=f"{crossing.x:.0f} {crossing.y:.0f}")
