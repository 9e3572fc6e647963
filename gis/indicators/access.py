"""How near facilities are: inside the village, in a straight line, along roads."""

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.indicators.doubts import need, widen
from gis.network import Network, least_leg, nearest
from gis.registry import indicator
from gis.roadlinks import missing_links
from gis.roadspeeds import season_state


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
        facility on a shared border counts for both neighbours. One whose kind nobody recorded may be of
        the kind asked for: ``high`` is then 1, with ``doubt`` "kind-unknown".
    """
    chosen = of_kind(facilities, kind)
    count, first = inside(villages, chosen)
    measured = _frame(villages, np.where(count > 0, 1.0, 0.0), chosen, first)
    measured["numerator"] = count.astype(float)
    measured = blank_without_extent(measured, villages)
    maybe, _ = inside(villages, maybe_of_kind(facilities, kind))
    return widen(measured, "kind-unknown", high=np.where(maybe > 0, 1.0, 0.0))


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
        ``facility_id`` and ``facility_name`` of the nearest, of equals the first by id. ``low`` is the
        distance to a nearer one whose kind nobody recorded, with ``doubt`` "kind-unknown".
    """
    chosen = of_kind(facilities, kind).sort_index()
    here, known = _points(villages)
    distance, nearest = _straight(here, chosen)
    measured = _frame(villages, distance / 1000, chosen, nearest)
    measured["reach_m"] = distance
    measured = _blank_without_point(measured, known)
    maybe, _ = _straight(here, maybe_of_kind(facilities, kind))
    return widen(measured, "kind-unknown", low=maybe / 1000)


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
    measured[["value", "low", "high"]] *= 60 / walk_kmh
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
        ``floor`` the straight-line distance, which no missing road can undercut. ``low`` is the distance
        to a nearer facility whose kind nobody recorded, with ``doubt`` "kind-unknown".
    """
    chosen, maybe = (found(facilities, kind).sort_index() for found in (of_kind, maybe_of_kind))
    here, known = _points(villages)
    network = Network.of_roads(roads)
    distance, place, straight = _along(network, here, known, chosen, max_leg_km * 1000)
    measured = _frame(villages, distance / 1000, chosen, place)
    measured["reach_m"] = distance
    measured["floor"] = straight / 1000
    measured = _blank_without_point(measured, known)
    if len(maybe) == len(chosen):
        return widen(measured, None)
    low, _, measured["floor"] = (
        part / 1000 for part in _along(network, here, known, maybe, max_leg_km * 1000)
    )
    return widen(measured, "kind-unknown", low=low)


@indicator(
    unit="bool",
    # a centre that the layer lacks belongs to a commune whose villages have no value yet
    unseen={"roads": "raises", "commune_centres": "nothing"},
    vi="Đường ô tô bốn mùa đến trung tâm xã",
    en="All-season road to the commune centre",
)
def all_season_link(villages, roads, commune_centres, position_m=0.0, *, max_leg_km=0.3):
    """Whether an unbroken all-season road joins the village with the centre of its commune.

    Parameters
    ----------
    villages : GeoDataFrame
        Columns ``point`` and ``commune_id``.
    roads : GeoDataFrame
        Lines with the column ``all_season`` (1, 0, NaN; without the column nobody recorded it).
    commune_centres : GeoDataFrame
        Points with the column ``commune_id``.
    position_m : float
        Metres by which either may lie off.
    max_leg_km : float
        How far the village point and the centre may be from such a road. Any road in reach will do, not
        only the nearest.

    Returns
    -------
    DataFrame
        ``value`` 1 or 0; NaN without a village point, without a centre (``doubt`` "no-centre"), or where
        joining the two would need roads whose state nobody recorded (``doubt`` "not-given"). ``numerator``
        is the least length of road in km that would have to be made passable all year, or be found to be so;
        0 where the link is there, inf where no road at all leads to the centre. See `missing_links`.
        ``least`` and ``most`` say whether it is there where the walks are longer, and shorter, by `position_m`.

    Raises
    ------
    TableError
        If the centres lack their column.
    """
    return season_links(villages, roads, commune_centres, position_m, max_leg_km=max_leg_km)[0]


def season_links(villages, roads, commune_centres, position_m=0.0, *, max_leg_km=0.3):
    """The same, and what `missing_links` tells of every village that is not surely linked.

    Parameters
    ----------
    villages, roads, commune_centres, position_m, max_leg_km
        As for `all_season_link`.

    Returns
    -------
    measured : DataFrame
        As of `all_season_link`.
    missing : DataFrame
        As of `missing_links`, index village id.

    Raises
    ------
    TableError
        As `all_season_link`.
    """
    need(commune_centres, "commune_centres", "commune_id")
    here, known = _points(villages)
    centre = centres_of(commune_centres, villages)
    has_centre = ~shapely.is_missing(centre)
    usable = known & has_centre
    there = shapely.get_coordinates(centre[usable])
    legs, leg_m = np.full((2, len(villages)), np.inf), max_leg_km * 1000
    legs[:, usable] = _season_legs(roads, here[usable], there, max_leg_m=leg_m + position_m)
    sure, maybe = legs <= leg_m
    measured = _frame(villages, np.where(sure, 1.0, np.where(maybe, np.nan, 0.0)))
    measured["doubt"] = np.where(maybe & ~sure, "not-given", np.where(has_centre, None, "no-centre"))
    measured["doubt_of"] = np.where(has_centre, "roads", "commune_centres")
    measured.loc[~has_centre, "value"] = np.nan
    measured["numerator"] = np.where(sure, 0.0, np.nan)
    broken = usable & ~sure
    there = shapely.get_coordinates(centre[broken])
    # the graph of all roads is not made where nobody asks for it
    some = roads if broken.any() else roads[:0]
    missing = missing_links(some, here[broken], there, max_leg_m=leg_m).set_axis(villages.index[broken])
    measured.loc[broken, "numerator"] = missing["missing_m"].to_numpy(dtype=float) / 1000
    measured = _blank_without_point(measured, known)
    # sure of a link only by roads that are open all year, sure of none only where no road that may be is in reach
    off = np.stack([legs[0] <= leg_m - position_m, legs[1] <= leg_m + position_m], axis=1)
    measured[["least", "most"]] = np.where(measured[["value"]].isna(), np.nan, off)
    return measured, missing


def of_kind(facilities, kind):
    """The facilities of a kind, of any of several kinds, or all for None."""
    return facilities if kind is None else facilities[_is_of_kind(facilities, kind)]


def maybe_of_kind(facilities, kind):
    """The facilities of a kind, and those whose kind nobody recorded or could read."""
    if kind is None:
        return facilities
    return facilities[_is_of_kind(facilities, kind) | facilities["kind"].isna().to_numpy()]


def centres_of(commune_centres, villages):
    """For each village the centre of its commune, None where there is none; of several the first."""
    named = commune_centres.dropna(subset="commune_id").drop_duplicates("commune_id").set_index("commune_id")
    return named.geometry.reindex(villages["commune_id"]).to_numpy()


def _season_legs(roads, origins, targets, *, max_leg_m):
    """How long a walk to roads that are surely open all year there must be, and to roads that may be.

    Parameters
    ----------
    roads : GeoDataFrame
        As for `all_season_link`.
    origins, targets, max_leg_m
        As for `gis.network.least_leg`.

    Returns
    -------
    (array of float, array of float)
        Metres as of `least_leg`, by each of the two networks.
    """
    state = season_state(roads)

    def legs(lines):
        return least_leg(Network.of_roads(lines), origins, targets, max_leg_m=max_leg_m)

    sure = legs(roads[state == 1])
    # a large network takes long; where every state is known both are the same
    return sure, legs(roads[state != 0]) if state.isna().any() else sure


def inside(villages, chosen):
    """How many facilities lie in each village and the position of the first by id; -1 where none."""
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


def blank_without_extent(measured, villages):
    """NaN and the reason where a village has no polygon or only an approximate one."""
    no_polygon = villages.geometry.isna().to_numpy()
    rough = villages["approximate"].to_numpy(dtype=bool) & ~no_polygon
    measured.loc[no_polygon | rough, "value"] = np.nan
    measured["doubt"] = np.where(no_polygon, "no-geometry", np.where(rough, "approximate", None))
    return measured


def _is_of_kind(facilities, kind):
    need(facilities, "facilities", "kind")
    padded = " " + facilities["kind"].fillna("").astype(str) + " "
    found = np.zeros(len(facilities), dtype=bool)
    for one in [kind] if isinstance(kind, str) else kind:
        found |= padded.str.contains(f" {one} ", regex=False).to_numpy(dtype=bool)
    return found


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


def _along(network, here, known, chosen, max_leg_m):
    """Distance along roads to the nearest facility, its position, and the straight distance, in metres."""
    straight, _ = _straight(here, chosen)
    there = shapely.get_coordinates(chosen.geometry.to_numpy())
    distance, place = np.full(len(here), np.inf), np.full(len(here), -1)
    distance[known], place[known] = nearest(network, here[known], there, max_leg_m=max_leg_m)
    # snapping nodes to the grid may shorten a path by centimetres; never below the straight line
    return np.maximum(distance, straight), place, straight


def _blank_without_point(measured, known):
    measured.loc[~known, "value"] = np.nan
    doubt = (
        measured["doubt"].to_numpy() if "doubt" in measured else np.full(len(measured), None, dtype=object)
    )
    measured["doubt"] = np.where(known, doubt, "no-geometry")
    return measured
