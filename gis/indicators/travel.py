"""How long the way to the nearest facility takes over the ground: slopes, rivers, roads."""

import numpy as np
import shapely

from gis.indicators.access import _blank_without_point, _frame, _points, _straight, maybe_of_kind, of_kind
from gis.indicators.doubts import widen
from gis.registry import indicator
from gis.travel import Travel


@indicator(
    unit="min",
    unseen={"facilities": "lowers", "roads": "lowers", "crossings": "lowers", "rivers": "raises"},
    vi="Thời gian đi bộ trên địa hình",
    en="Walking time over terrain",
)
def travel_time(
    villages,
    facilities,
    elevation,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    travel=None,
    *,
    kind=None,
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """Minutes on foot over the ground from the village point to the nearest facility.

    Parameters
    ----------
    villages : GeoDataFrame
        Column ``point`` in a projected CRS in metres.
    facilities : GeoDataFrame
        Points in the same CRS, index facility id; columns ``kind`` and ``name``.
    elevation : Raster
        Heights in metres, in the same CRS; its cells are those of the way.
    roads, rivers, crossings : GeoDataFrame, optional
    land_cover : Raster, optional
        As for `gis.surface.build_surface`, in the same CRS.
    travel : Travel, optional
        What was made of these five layers before; made of them where left out.
    kind : str or list of str, optional
    walk_kmh : float
        Speed on a good road on the flat, km/h; 5.04 is Tobler's.
    off_path_pct : float
        Speed off roads where land cover says nothing, percent of `walk_kmh`.

    Returns
    -------
    DataFrame
        ``value`` in minutes for going there: NaN without a village point, or where no height is known at it and
        beside it (``doubt`` "no-elevation"); inf when no such facility can be reached. ``facility_id`` and
        ``facility_name`` of the one reached; of equal ways that over the more northern, then more western cell.
        ``low`` is the time to a nearer facility whose kind nobody recorded ("kind-unknown"), or to the edge of
        what is known of the heights where that is nearer ("beyond-edge"). ``floor`` is the straight way at the
        fastest walk, which no missing road or bridge can undercut. ``way`` is the line there, None where there is
        none: a river off it bars it nowhere.

    Raises
    ------
    CRSError
        If the heights are in degrees.

    Notes
    -----
    Least cost over the grid in 16 directions, going towards the facility: a metre takes ``3.6 / speed`` seconds
    times ``exp(3.5 |s + 0.05| - 0.175)`` at the slope `s` in the direction of going. Between a place and the middle
    of its cell it is a straight leg on the flat.

    References
    ----------
    Tobler, W. (1993). Three presentations on geographical analysis and modeling. NCGIA Technical Report 93-1.
    """
    travel = travel or Travel(elevation, roads, rivers, crossings, land_cover)
    how = {"walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
    surface = travel.surface(**how)
    chosen, maybe = (found(facilities, kind).sort_index() for found in (of_kind, maybe_of_kind))
    here, known = _points(villages)
    reach = travel.reach(_places(chosen), **how)
    minutes, _ = reach.at(here)
    nearest, ways = reach.ways(here)
    measured = _frame(villages, minutes, chosen, nearest)
    measured["min_per_km"] = 60 / surface.fastest_kmh
    measured["reach_m"] = minutes / 60 * surface.fastest_kmh * 1000
    measured["way"] = ways
    measured["floor"] = _straight(here, maybe)[0] / 1000 * 60 / surface.fastest_kmh
    enters = np.isin(np.arange(len(here)), surface.entries(here)[2])
    off_map = known & ~surface.is_known(here) & ~enters
    measured.loc[off_map, "value"] = np.nan
    measured["doubt"] = np.where(off_map, "no-elevation", None)
    measured["doubt_of"] = np.where(off_map, "elevation", None)
    measured = _blank_without_point(measured, known)
    if len(maybe) > len(chosen):
        measured = widen(measured, "kind-unknown", low=travel.reach(_places(maybe), **how).at(here)[0])
    return widen(measured, "beyond-edge", low=travel.to_edge(**how).at(here)[0], thing="elevation")


def _places(facilities):
    return shapely.get_coordinates(facilities.geometry.to_numpy())
