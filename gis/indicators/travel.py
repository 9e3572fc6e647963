"""How long the way to the nearest facility takes over the ground: slopes, rivers, roads."""

import numpy as np
import shapely

from gis.indicators.access import _blank_without_point, _frame, _points, _straight, maybe_of_kind, of_kind
from gis.indicators.doubts import widen
from gis.registry import indicator
from gis.surface import build_surface


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
    surface = build_surface(
        elevation,
        roads=roads,
        rivers=rivers,
        crossings=crossings,
        land_cover=land_cover,
        walk_kmh=walk_kmh,
        off_path_pct=off_path_pct,
    )
    chosen, maybe = (found(facilities, kind).sort_index() for found in (of_kind, maybe_of_kind))
    here, known = _points(villages)
    entries = surface.entries(here)
    minutes, cell, times, begins = _reach(surface, _begins(surface, chosen), entries, len(here))
    nearest = np.full(len(here), -1)
    reached = np.isfinite(minutes)
    nearest[reached], ways = surface.ways(times, begins, cell[reached])
    measured = _frame(villages, minutes, chosen, nearest)
    measured["min_per_km"] = 60 / surface.fastest_kmh
    measured["reach_m"] = minutes / 60 * surface.fastest_kmh * 1000
    measured["way"] = None
    ends = shapely.get_coordinates(chosen.geometry.to_numpy())[nearest[reached]]
    for village, start, way, end in zip(villages.index[reached], here[reached], ways, ends, strict=True):
        measured.at[village, "way"] = shapely.linestrings(np.vstack([start, surface.middles(way), end]))
    measured["floor"] = _straight(here, maybe)[0] / 1000 * 60 / surface.fastest_kmh
    off_map = known & ~surface.is_known(here) & ~np.isin(np.arange(len(here)), entries[2])
    measured.loc[off_map, "value"] = np.nan
    measured["doubt"] = np.where(off_map, "no-elevation", None)
    measured["doubt_of"] = np.where(off_map, "elevation", None)
    measured = _blank_without_point(measured, known)
    if len(maybe) > len(chosen):
        low = _reach(surface, _begins(surface, maybe), entries, len(here))[0]
        measured = widen(measured, "kind-unknown", low=low)
    low = _reach(surface, surface.rim(), entries, len(here))[0]
    return widen(measured, "beyond-edge", low=low, thing="elevation")


def _begins(surface, facilities):
    return surface.entries(shapely.get_coordinates(facilities.geometry.to_numpy()))


def _reach(surface, begins, entries, count):
    """Minutes from each of `count` places, the cell by which each starts (-1 for none), and the times over the grid."""
    times = surface.times(begins)
    cells, legs, place = entries
    seconds = times.reshape(-1)[cells] + legs
    order = np.lexsort((cells, seconds, place))
    found, first = np.unique(place[order], return_index=True)
    minutes, cell = np.full(count, np.inf), np.full(count, -1)
    minutes[found], cell[found] = seconds[order][first] / 60, cells[order][first]
    return minutes, cell, times, begins
