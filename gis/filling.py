"""Which facilities of a study are full, and who finds no place: the division behind a question of capacity."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from gis.allocation import Allocation, together
from gis.catalogue import load_catalogue
from gis.ground import travel_of
from gis.indicators.access import of_kind
from gis.indicators.room import Room, ground_ways, straight_ways, where_people_live
from gis.registry import INDICATORS, discover

CAPACITY = (
    "capacity_gap",
    "served_share",
    "capacity_gap_by_time",
    "served_share_by_time",
    "capacity_gap_people",
    "served_share_people",
)
"""The indicators that ask for room."""


@dataclass(frozen=True)
class Filling:
    """A question of capacity and the division that answers it, as far as demand and capacity are recorded.

    Attributes
    ----------
    layer : str
        Of the facilities.
    room : Room
    within : float
        How far is in reach, in `unit`.
    unit : str
        "km" in a straight line or "min" over the ground.
    allocation : Allocation
        ``capacity``, ``spare`` and ``over`` of a facility are NaN where its capacity is not recorded; it then serves
        nobody here. A village whose demand is not recorded asks for nothing here; its ``demand`` is NaN.
    names : Series of str
        Of the facilities; None where it has none.
    """

    layer: str
    room: Room
    within: float
    unit: str
    allocation: Allocation
    names: pd.Series

    @property
    def demand_unit(self):
        """What the demand is counted in, as the layer of villages says of its column."""
        return load_catalogue()["villages"].fields[self.room.demand].unit

    def name_of(self, facility):
        """The name of a facility, its id where it has none."""
        name = self.names[facility]
        return facility if pd.isna(name) else name


def filling(study, binding):
    """The division behind a binding of one of `CAPACITY`.

    Parameters
    ----------
    study : Study
    binding : Binding

    Returns
    -------
    Filling or None
        None where the study lacks a layer that it needs, or is frozen and keeps no rasters.

    Notes
    -----
    Not kept from measuring, since it is asked for of few criteria: a straight one takes milliseconds, one over the
    ground a spread a facility.
    """
    discover("gis.indicators")
    declared = INDICATORS[binding.indicator]
    given = {name: value for name, value in study.parameters.items() if name in declared.options}
    asked = {**declared.options, **given, **dict(binding.arguments)}
    layers = {
        thing: study.layers.get(asked.get(thing, thing)) for thing in declared.things if thing != "villages"
    }
    if any(layer is None for thing, layer in layers.items() if thing not in declared.optional):
        return None
    if any(layer is not None and layer.thing is None for layer in layers.values()):
        return None
    room = Room(**{field.name: asked[field.name] for field in fields(Room)})
    villages, chosen = study.villages, of_kind(layers["facilities"].frame, room.kind)
    starts = villages
    if "population" in declared.things:
        starts = where_people_live(villages, layers["population"].raster, room.demand)
    if "within_km" in asked:
        unit, within = "km", asked["within_km"]
        ways = straight_ways(villages, chosen, within)
    else:
        unit, within = "min", asked["within_min"]
        how = {name: asked[name] for name in ("mode", "season", "walk_kmh", "off_path_pct")}
        ways = ground_ways(travel_of(study, layers), starts, chosen, within, how)
    names = chosen["name"] if "name" in chosen else pd.Series(None, chosen.index, dtype=object)
    return Filling(
        asked.get("facilities", "facilities"),
        room,
        within,
        unit,
        _open(room, villages, starts, chosen, ways),
        names,
    )


def _open(room, villages, starts, facilities, ways):
    """The division by village, NaN where nothing is recorded."""
    found = room.fill(starts, facilities, ways)
    if starts is not villages:
        found = together(found, starts["village"], villages.index)
    held, asked = room.held(facilities), room.asked(villages)
    told = found.facilities.assign(
        **{name: found.facilities[name].where(held.notna(), np.nan) for name in ("capacity", "spare", "over")}
    )
    return Allocation(found.villages.assign(demand=asked), told, found.flows)
