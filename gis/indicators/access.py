"""How near facilities are: inside the village, in a straight line, along roads."""

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.network import Network
from gis.registry import indicator


@indicator(unit="bool", unseen="raises", vi="Có trong thôn", en="Present in the village")
def present_inside(villages, facilities, *, kind=None):
    """Whether at least one facility lies inside the village (1) or none does (0).

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons in a projected CRS in metres; ``approximate`` says where they are no real boundary.
    facilities : GeoDataFrame
        Points in the same CRS; columns ``kind`` (kinds separated by a space) and ``name``.
    kind : str or list of str, optional
        Only facilities of this kind, or of any of these.

    Returns
    -------
    DataFrame
        ``value`` 1, 0 or NaN (no polygon, or only an approximate one); ``numerator`` the count inside. A
        facility on a shared border counts for both neighbours.
    """
    chosen = of_kind(facilities, kind)
    count, first = _inside(villages, chosen)
    measured = _frame(villages, np.where(count > 0, 1.0, 0.0), chosen, first)
    measured["numerator"] = count.astype(float)
    return blank_without_extent(measured, villages)


@indicator(unit="km", unseen="lowers", vi="Khoảng cách đường thẳng", en="Straight-line distance")
def nearest_distance(villages, facilities, *, kind=None):
    """Kilometres in a straight line from the village point to the nearest facility.

    Parameters
    ----------
    villages : GeoDataFrame
        Column ``point`` in a projected CRS in metres.
    facilities : GeoDataFrame
        Points in the same CRS, index facility id; columns ``kind`` and ``name``.
    kind : str or list of str, optional

    Returns
    -------
    DataFrame
        ``value`` in km: NaN without a village point, inf when there is no such facility at all;
        ``facility_id`` and ``facility_name`` of the nearest, of equals the first by id.
    """
    chosen = of_kind(facilities, kind).sort_index()
    here, known = _points(villages)
    distance, nearest = _straight(here, chosen)
    measured = _frame(villages, distance / 1000, chosen, nearest)
    measured["reach_m"] = distance
    return _blank_without_point(measured, known)


@indicator(unit="min", unseen="lowers", vi="Thời gian đi bộ đường thẳng", en="Straight walking time")
def walking_time(villages, facilities, *, kind=None, walk_kmh=5.0):
    """Minutes on foot in a straight line to the nearest facility: the least it can take.

    Parameters
    ----------
    villages, facilities : GeoDataFrame
        As for `nearest_distance`.
    kind : str or list of str, optional
    walk_kmh : float
        Walking speed on the flat, km/h.

    Returns
    -------
    DataFrame
        As `nearest_distance`, ``value`` in minutes.
    """
    measured = nearest_distance(villages, facilities, kind=kind)
    measured["value"] *= 60 / walk_kmh
    return measured


@indicator(unit="km", unseen="lowers", vi="Khoảng cách theo đường đi", en="Distance along roads")
def network_distance(villages, facilities, roads, *, kind=None, max_leg_km=5.0):
    """Kilometres along roads from the village point to the nearest facility.

    Parameters
    ----------
    villages, facilities : GeoDataFrame
        As for `nearest_distance`.
    roads : GeoDataFrame
        Lines in the same CRS.
    kind : str or list of str, optional
    max_leg_km : float
        The straight walks to and from the road are part of the distance; a place farther than this
        from any road counts as not reachable.

    Returns
    -------
    DataFrame
        ``value`` in km: NaN without a village point, inf when no such facility can be reached;
        ``floor`` the straight-line distance, which no missing road can undercut.
    """
    chosen = of_kind(facilities, kind).sort_index()
    here, known = _points(villages)
    there = shapely.get_coordinates(chosen.geometry.to_numpy())
    straight, _ = _straight(here, chosen)
    network = Network.from_lines(roads.geometry.to_numpy())
    distance = np.full(len(here), np.inf)
    nearest = np.full(len(here), -1)
    distance[known], nearest[known] = network.nearest(here[known], there, max_leg_m=max_leg_km * 1000)
    # snapping nodes to the grid may shorten a path by centimetres; never below the straight line
    measured = _frame(villages, np.maximum(distance, straight) / 1000, chosen, nearest)
    measured["reach_m"] = measured["value"] * 1000
    measured["floor"] = straight / 1000
    return _blank_without_point(measured, known)


@indicator(
    unit="bool",
    unseen="raises",
    vi="Đường ô tô bốn mùa đến trung tâm xã",
    en="All-season road to the commune centre",
)
def all_season_link(villages, roads, commune_centres, *, max_leg_km=0.3):
    """Whether an unbroken all-season road joins the village with the centre of its commune.

    Parameters
    ----------
    villages : GeoDataFrame
        Columns ``point`` and ``commune_id``.
    roads : GeoDataFrame
        Lines with the column ``all_season`` (1, 0, NaN).
    commune_centres : GeoDataFrame
        Points with the column ``commune_id``.
    max_leg_km : float
        How far the village point and the centre may be from such a road.

    Returns
    -------
    DataFrame
        ``value`` 1 or 0; NaN without a village point, without a centre, or where joining the two would need
        roads whose state nobody recorded (``doubt`` "not-given").
    """
    here, known = _points(villages)
    centre_of = commune_centres.drop_duplicates("commune_id").set_index("commune_id").geometry
    centre = centre_of.reindex(villages["commune_id"]).to_numpy()
    has_centre = ~shapely.is_missing(centre)
    usable = known & has_centre
    there = np.full((len(villages), 2), np.nan)
    there[usable] = shapely.get_coordinates(centre[usable])
    state = roads["all_season"] if "all_season" in roads else pd.Series(np.nan, index=roads.index)
    sure = _joined(roads[state == 1], here, there, usable, max_leg_km * 1000)
    maybe = _joined(roads[state != 0], here, there, usable, max_leg_km * 1000)
    measured = _frame(villages, np.where(sure, 1.0, np.where(maybe, np.nan, 0.0)))
    measured["doubt"] = np.where(maybe & ~sure, "not-given", None)
    measured.loc[~has_centre, ["value", "doubt"]] = [np.nan, "layer-missing"]
    return _blank_without_point(measured, known)


def of_kind(facilities, kind):
    """The facilities of a kind, of any of several kinds, or all for None."""
    if kind is None:
        return facilities
    wanted = [kind] if isinstance(kind, str) else list(kind)
    padded = " " + facilities["kind"].fillna("").astype(str) + " "
    found = np.zeros(len(facilities), dtype=bool)
    for one in wanted:
        found |= padded.str.contains(f" {one} ", regex=False).to_numpy(dtype=bool)
    return facilities[found]


def blank_without_extent(measured, villages):
    """NaN and the reason where a village has no polygon or only an approximate one."""
    no_polygon = villages.geometry.isna().to_numpy()
    rough = villages["approximate"].to_numpy(dtype=bool) & ~no_polygon
    measured.loc[no_polygon | rough, "value"] = np.nan
    measured["doubt"] = np.where(no_polygon, "no-geometry", np.where(rough, "approximate", None))
    return measured


def _frame(villages, value, chosen=None, nearest=None):
    measured = pd.DataFrame({"value": np.asarray(value, dtype=float)}, index=villages.index)
    if chosen is not None and nearest is not None:
        found = nearest >= 0
        for column, source in (("facility_id", chosen.index), ("facility_name", chosen.get("name"))):
            taken = np.full(len(villages), None, dtype=object)
            if source is not None and found.any():
                taken[found] = np.asarray(source, dtype=object)[nearest[found]]
            measured[column] = taken
    return measured


def _points(villages):
    points = villages["point"].to_numpy()
    known = ~shapely.is_missing(points)
    here = np.full((len(points), 2), np.nan)
    here[known] = shapely.get_coordinates(points[known])
    return here, known


def _straight(here, chosen):
    """Distance in metres to the nearest facility and its position; inf and -1 where there is none.

    Of facilities at the same distance the first by id is named, so that row order never matters.
    """
    distance, nearest = np.full(len(here), np.inf), np.full(len(here), -1)
    known = ~np.isnan(here[:, 0])
    there = shapely.get_coordinates(chosen.geometry.to_numpy())
    if not len(there) or not known.any():
        return distance, nearest
    neighbours = min(8, len(there))
    away, which = cKDTree(there).query(here[known], k=neighbours)
    away, which = away.reshape(-1, neighbours), which.reshape(-1, neighbours)
    tied = np.where(away == away[:, :1], which, len(there))
    distance[known], nearest[known] = away[:, 0], tied.min(axis=1)
    return distance, nearest


def _inside(villages, chosen):
    count, first = np.zeros(len(villages), dtype=int), np.full(len(villages), -1)
    ordered = chosen.sort_index()
    tree = shapely.STRtree(ordered.geometry.to_numpy())
    village, facility = tree.query(villages.geometry.to_numpy(), predicate="intersects")
    count += np.bincount(village, minlength=len(villages))
    order = np.lexsort((facility, village))
    found, at = np.unique(village[order], return_index=True)
    position = pd.Index(chosen.index).get_indexer(ordered.index)
    first[found] = position[facility[order][at]]
    return count, first


def _joined(roads, here, there, usable, max_leg_m):
    network = Network.from_lines(roads.geometry.to_numpy())
    joined = np.zeros(len(here), dtype=bool)
    if not network.size or not usable.any():
        return joined
    component = network.component()
    from_node, from_leg = network.nearest_node(here[usable])
    to_node, to_leg = network.nearest_node(there[usable])
    near = (from_leg <= max_leg_m) & (to_leg <= max_leg_m)
    joined[usable] = near & (component[from_node] == component[to_node])
    return joined


def _blank_without_point(measured, known):
    measured.loc[~known, "value"] = np.nan
    doubt = (
        measured["doubt"].to_numpy() if "doubt" in measured else np.full(len(measured), None, dtype=object)
    )
    measured["doubt"] = np.where(known, doubt, "no-geometry")
    return measured
