"""What one may ask the way to in a study, and over which ground."""

from dataclasses import dataclass, replace
from functools import partial

import shapely

from gis.errors import MissingError, TableError
from gis.ground import travel_of
from gis.indicators.access import of_kind
from gis.isochrones import LIMITS, bands
from gis.labels import LANGUAGES, Label
from gis.travel import LAYERS

FIRST = ("clinics", "schools", "commune_centres")
"""Layers that are offered before the others."""
NO_SERVICE = ("settlements", "crossings", "telecom")
"""Layers of points that nobody goes to for a service."""
USUAL = "clinics:station"
"""What is shown where nobody asked for another, if the study has it."""


@dataclass(frozen=True)
class Service:
    """Places that one may ask the way to: a layer of a study, or those of one or several kinds in it.

    Attributes
    ----------
    layer : str
    kind : str, tuple of str or None
        None for all of the layer; several only where a set judges by several.
    label, of : Label
        What it is called, and its layer.
    places : int
    """

    layer: str
    kind: str | tuple | None
    label: Label
    of: Label
    places: int

    @property
    def name(self):
        """As commands and addresses write it, such as ``clinics:station``."""
        return f"{self.layer}:{self.kind}" if self.kind else self.layer


def services(study):
    """The services of a study that one may ask the way to, in the order in which they are offered."""
    found = []
    layers = {
        name: data
        for name, data in study.layers.items()
        if data.layer.role == "facility" and data.frame is not None and len(data.frame)
    }
    order = [name for name in FIRST if name in layers]
    order += sorted(name for name in layers if name not in (*FIRST, *NO_SERVICE))
    for name in order:
        data = layers[name]
        make = partial(Service, layer=name, of=data.layer.label)
        for kind in data.layer.vocabularies.get("kind", ()) if "kind" in data.frame else ():
            places = len(of_kind(data.frame, kind))
            if places:
                found.append(make(kind=kind, label=data.layer.kind_label(kind), places=places))
        found.append(make(kind=None, label=data.layer.label, places=len(data.frame)))
    return tuple(found)


def lacks(study):
    """The code of what a study lacks for times over its ground, None where it lacks nothing."""
    if not services(study):
        return "reach-no-services"
    return "reach-no-elevation" if study.layers.get(LAYERS[0]) is None else None


def service_of(study, name=None):
    """The service of a name; the usual one where none is given.

    Raises
    ------
    MissingError
        If the study has no such service, or none at all.
    """
    known = {service.name: service for service in services(study)}
    if not known:
        raise MissingError("reach-no-services")
    if name is None:
        name = USUAL if USUAL in known else next(iter(known))
    if name not in known:
        raise MissingError("reach-no-service", service=name[:60], known=list(known))
    return known[name]


def service_of_kinds(study, layer, kinds):
    """The places of some kinds, as a criterion binds them, as one service; None where the study has none of them."""
    whole = next((one for one in services(study) if one.layer == layer and one.kind is None), None)
    if whole is None or kinds is None:
        return whole
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    data = study.layers[layer]
    places = len(of_kind(data.frame, kinds)) if "kind" in data.frame else 0
    found = [data.layer.kind_label(kind) for kind in kinds if places and len(of_kind(data.frame, kind))]
    label = Label({each: ", ".join(one.pick(each) for one in found) for each in LANGUAGES})
    return (
        replace(whole, kind=kinds if len(kinds) > 1 else kinds[0], label=label, places=places)
        if places
        else None
    )


def limits_of(written):
    """Limits of bands in minutes from a text such as ``15,30,60``; the usual ones from an empty one.

    Raises
    ------
    TableError
        If they are not limits, see `gis.isochrones.bands`.
    """
    if not written:
        return LIMITS
    parts = [part.strip() for part in written[:200].split(",")]
    try:
        if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
            raise ValueError(written)
        limits = tuple(int(part) for part in parts)
        bands(limits)
    except ValueError:
        raise TableError("reach-bad-limits", limits=written[:60]) from None
    return limits


def ground_of(study):
    """The ways over a study's ground.

    Raises
    ------
    TableError
        If the study has no heights.
    """
    if study.layers.get(LAYERS[0]) is None:
        raise TableError("reach-no-elevation")
    return travel_of(study)


def going(study, *, mode, season):
    """How one goes, as `gis.travel.Travel.reach` takes it: with the speeds on foot that the study gives."""
    given = {
        name: study.parameters[name] for name in ("walk_kmh", "off_path_pct") if name in study.parameters
    }
    return {"mode": mode, "season": season, **given}


def facilities_of(study, service):
    """The places of a service, sorted by id; those without a point are left out."""
    frame = of_kind(study.layers[service.layer].frame, service.kind).sort_index()
    return frame[frame.geometry.notna() & ~frame.geometry.is_empty]


def places_of(facilities):
    """Coordinates of facilities in metres."""
    return shapely.get_coordinates(facilities.geometry.to_numpy())
