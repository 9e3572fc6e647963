"""Which CRS a file without a usable one could be in: every likely one is tried and measured, none is taken."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import Transformer

from gis.crs.systems import VIETNAM, WGS84, parse_crs, utm_code
from gis.crs.zones import OTHERS, PROVINCIAL, VN2000_DEGREES, WEB_MERCATOR
from gis.errors import Problem
from gis.labels import LANGUAGES, Label
from gis.messages import say

KM_PER_DEGREE = 111.195
SAMPLE = 200
"""How many coordinates are tried, spread over all of them."""

TOLERANCE_KM = 1.0
"""Nearer than this is inside: outlines are simplified, and VN-2000 read as WGS 84 is 225 m off."""

TWINS = {"EPSG:32648": "EPSG:3405", "EPSG:32649": "EPSG:3406", "EPSG:4756": "EPSG:4326"}
"""Systems that only the shift of the datum parts: the first is proposed right after the second."""

PROVINCES_SHOWN = 3
PROPOSALS_SHOWN = 5

NEAR_KM = 25.0
"""A layer of which nothing lies within this distance of the study belongs elsewhere, or has another CRS."""


@dataclass(frozen=True)
class CRSProposal:
    """One CRS that coordinates could be in.

    `distance_km` is how far the middle one of the coordinates would lie from the area (0 inside),
    `inside_share` the share of them that would lie in it (0 to 1); both NaN where there is no area. With
    `swapped` the two coordinates stand in the other order than the file says. `own_share` is the share inside
    the area for which the EPSG registry made this CRS.
    """

    crs: str
    name: str
    provinces: tuple
    distance_km: float
    inside_share: float
    swapped: bool
    own_share: float

    @property
    def label(self):
        """The proposal in plain words, with what to write into the study."""
        return Label({language: self._said(language) for language in LANGUAGES})

    def _said(self, language):
        shown = [*self.provinces[:PROVINCES_SHOWN], *(["…"] if len(self.provinces) > PROVINCES_SHOWN else [])]
        code = "crs-proposal-swapped" if self.swapped else "crs-proposal"
        if self.distance_km != self.distance_km:
            return say(f"{code}-anywhere", language, crs=self.crs.removeprefix("EPSG:"), name=self.name)
        return say(
            code,
            language,
            crs=self.crs.removeprefix("EPSG:"),
            name=f"{self.name} ({', '.join(shown)})" if shown else self.name,
            distance_km=round(self.distance_km, 1) if self.distance_km < 10 else round(self.distance_km),
            inside_pct=round(100 * self.inside_share),
        )


def propose_crs(coordinates, *, area=None, stated=None):
    """CRS that could be meant by coordinates, best first.

    Parameters
    ----------
    coordinates : array of float, shape (n, 2)
        As they stand in the file; rows that are not finite are left out.
    area : shapely geometry, optional
        Where the data should lie, in degrees (EPSG:4326), such as the commune outlines. Left out, it is
        Vietnam if the coordinates could lie there; no other country is assumed.
    stated : str or int, optional
        What the file or the study says, tried along with the others.

    Returns
    -------
    tuple of CRSProposal
        Empty where coordinates in metres cannot be placed without knowing the area.

    Notes
    -----
    Order: most inside the area (in steps of 2 %), then nearest (to a kilometre), then axes as they stand before
    swapped ones, then most inside the CRS's own area of use (to a tenth), then the smallest such area, then
    VN-2000 by province, VN-2000 others, WGS 84. So the zone of the very province wins where the area cannot tell
    zones apart. VN-2000 and WGS 84 of one meridian lie 225 m apart, which no outline can tell: UTM zones of
    WGS 84 follow those of VN-2000, but degrees of WGS 84 come first, since receivers give them.
    """
    points = _sampled(coordinates)
    if not len(points):
        return ()
    known = area is not None and not area.is_empty
    place = _Place(area if known else shapely.box(*VIETNAM))
    found, keys = [], {}
    degrees = bool((np.abs(points) <= 180).all())
    for order, (code, name, provinces) in enumerate(_candidates(degrees, place, stated)):
        for swapped in (False, True):
            moved = to_degrees(points[:, ::-1] if swapped else points, code)
            if moved is None:
                continue
            distances = place.distances(moved)
            inside = float((distances <= TOLERANCE_KM).mean())
            away = float(np.median(distances))
            away = 0.0 if away <= TOLERANCE_KM else away
            own, size = _own_use(moved, code)
            proposal = CRSProposal(code, name, provinces, away, inside, swapped, own)
            key = (-round(50 * inside), round(away), swapped, -round(own, 1), 0 if degrees else size)
            keys[code, swapped] = key = keys.get((TWINS.get(code), swapped), key)
            found.append(((*key, order), proposal))
    found = [proposal for _, proposal in sorted(found, key=lambda item: item[0])]
    if known:
        return tuple(found)
    in_vietnam = tuple(proposal for proposal in found if proposal.inside_share >= 0.5)
    return in_vietnam or tuple(_anywhere(proposal) for proposal in found if degrees and proposal.crs == WGS84)


def share_inside(coordinates, crs, area):
    """Share (0 to 1) of coordinates in a CRS that lie in an area given in degrees, or within `TOLERANCE_KM`."""
    points = _sampled(coordinates)
    moved = to_degrees(points, crs) if len(points) else None
    return 0.0 if moved is None else float((_Place(area).distances(moved) <= TOLERANCE_KM).mean())


def check_against(coordinates, crs, area, *, reach_km=0.0, **where):
    """A problem where nothing of a layer lies near the area of the study.

    Parameters
    ----------
    coordinates : array of float, shape (n, 2)
        In `crs`, x first.
    crs : str, int or pyproj.CRS
    area : shapely geometry
        In degrees (EPSG:4326).
    reach_km : float
        How far beyond the area the layer is said to reach; one coordinate `NEAR_KM` beyond that is enough.
    **where
        ``layer`` and ``file``, for the sentence.

    Returns
    -------
    Problem or None
        ``"layer-far-away"`` (warning) with the distance in km and the proposals that would lie nearer.
    """
    points = np.asarray(coordinates, dtype=float).reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points) or area is None or area.is_empty:
        return None
    moved = to_degrees(points, crs)
    if moved is not None and (_Place(area).box_distances(moved) <= NEAR_KM + reach_km).any():
        return None
    code = parse_crs(crs, **where).to_string()
    away = float("inf") if moved is None else float(np.median(_Place(area).distances(_sampled(moved))))
    nearer = [found for found in propose_crs(points, area=area, stated=crs) if found.distance_km < away / 2]
    arguments = {
        "distance_km": round(away) if np.isfinite(away) else away,
        "crs": code[:60],
        "proposals": listed(nearer),
    }
    return Problem("layer-far-away", {**where, **arguments})


def listed(proposals):
    """The first proposals as one text, one after the other; a dash where there is none."""
    first = proposals[:PROPOSALS_SHOWN]
    return Label(
        {language: "; ".join(found.label.pick(language) for found in first) or "–" for language in LANGUAGES}
    )


def to_degrees(points, crs):
    """Points (x first) in degrees of WGS 84; None where the CRS cannot hold half of them."""
    x, y = _mover(parse_crs(crs).to_wkt()).transform(points[:, 0], points[:, 1])
    moved = np.column_stack([x, y])
    good = np.isfinite(moved).all(axis=1) & (np.abs(moved[:, 0]) <= 180) & (np.abs(moved[:, 1]) <= 90)
    return moved[good] if good.mean() >= 0.5 else None


@lru_cache(maxsize=64)
def _mover(text):
    return Transformer.from_crs(text, WGS84, always_xy=True)


class _Place:
    """An area on a map in kilometres around its own middle, for distances of some hundred kilometres."""

    def __init__(self, area):
        west, south, east, north = area.bounds
        self.centre = ((west + east) / 2, (south + north) / 2)
        self.scale = KM_PER_DEGREE * np.array([np.cos(np.radians(self.centre[1])), 1.0])
        shape = shapely.transform(area, lambda xy: xy * self.scale)
        self.box = shapely.box(*shape.bounds)
        self.parts = shapely.STRtree(shapely.simplify(shapely.get_parts(shape), TOLERANCE_KM / 2))

    @property
    def in_vietnam(self):
        x, y = self.centre
        return VIETNAM[0] <= x <= VIETNAM[2] and VIETNAM[1] <= y <= VIETNAM[3]

    def distances(self, degrees):
        _, distances = self.parts.query_nearest(
            shapely.points(degrees * self.scale), return_distance=True, all_matches=False
        )
        return distances

    def box_distances(self, degrees):
        return shapely.distance(self.box, shapely.points(degrees * self.scale))


def _sampled(coordinates):
    """A fixed number of the coordinates, the same for every order of rows."""
    points = np.asarray(coordinates, dtype=float).reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1) & (np.abs(points) < 1e30).all(axis=1)]
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    if len(points) <= SAMPLE:
        return points
    return points[np.linspace(0, len(points) - 1, SAMPLE).round().astype(int)]


def _candidates(degrees, place, stated):
    """CRS code, name and provinces, in the order in which equals are proposed."""
    if degrees:
        listed = [(WGS84, "WGS 84", ())]
        listed += [(f"EPSG:{VN2000_DEGREES}", "VN-2000", ())] if place.in_vietnam else []
    else:
        zones = (*PROVINCIAL, *OTHERS) if place.in_vietnam else ()
        listed = [(f"EPSG:{zone.epsg}", zone.name, zone.provinces) for zone in zones]
        x, y = place.centre
        codes = {utm_code(min(max(x + shift, -180), 179.9), y): shift for shift in (6, -6, 0)}
        codes |= {32647: 1, 32648: 1, 32649: 1} if place.in_vietnam else {}
        for code in sorted(codes, key=lambda code: (abs(codes[code]), code)):
            listed.append((f"EPSG:{code}", f"WGS 84 / UTM {code % 100}{'N' if code < 32700 else 'S'}", ()))
        listed.append((f"EPSG:{WEB_MERCATOR}", "Web Mercator", ()))
    if stated is not None:
        crs = parse_crs(stated)
        text = crs.to_string() if crs.to_epsg() is None else f"EPSG:{crs.to_epsg()}"
        if crs.is_geographic == degrees and text not in [code for code, _, _ in listed]:
            listed.append((text, crs.name, ()))
    return listed


def _own_use(moved, crs):
    """Share inside the box for which the registry made a CRS, and the size of that box in square degrees."""
    use = parse_crs(crs).area_of_use
    if use is None:
        return 0.0, float("inf")
    x, y = moved[:, 0], moved[:, 1]
    inside = (use.west <= x) & (x <= use.east) & (use.south <= y) & (y <= use.north)
    return float(inside.mean()), (use.east - use.west) * (use.north - use.south)


def _anywhere(proposal):
    nan = float("nan")
    return CRSProposal(proposal.crs, proposal.name, (), nan, nan, proposal.swapped, proposal.own_share)
