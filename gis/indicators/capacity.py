"""Whether there is room for all: who finds a place at a facility in reach, and who finds them full or none at all."""

from functools import wraps

import numpy as np

from gis.indicators.access import _points, maybe_of_kind
from gis.indicators.doubts import over_speeds
from gis.indicators.room import Room, gap, ground_ways, share, straight_ways
from gis.registry import indicator
from gis.travel import Travel

GROUND = {"facilities": "lowers", "roads": "either", "crossings": "either", "rivers": "either"}


@indicator(
    unit="people",
    unseen="lowers",
    vi="Số người không có chỗ trong bán kính",
    en="People without a place within a distance",
)
def capacity_gap(
    villages,
    facilities,
    edge=None,
    *,
    within_km,
    kind=None,
    demand="population",
    share_pct=100.0,
    capacity="capacity",
    serves_each=1.0,
):
    """How many of a village find no place at any facility within a straight distance.

    Parameters
    ----------
    villages : GeoDataFrame
        Column ``point`` in a projected CRS in metres, and that of `demand`.
    facilities : GeoDataFrame
        Points in the same CRS, index facility id; columns ``kind``, ``name`` and that of `capacity`.
    edge : callable, optional
        From points to how far each is from where the data of the facilities end, in metres.
    within_km : float
        How far a place may be to count, kilometres.
    kind, demand, share_pct, capacity, serves_each
        See `Room`.

    Returns
    -------
    DataFrame
        ``value`` in the unit of `demand`; NaN without a village point ("no-geometry") or where its demand is not
        recorded ("no-people"). ``denominator`` is the demand. ``facility_id`` is the nearest facility in reach, None
        where there is none: what has no place is then without for its distance, else because all in reach are full.
        ``low`` and ``high`` leave open what the data do: a facility of unrecorded capacity holds none or any number
        ("capacity-unknown"), one of unrecorded kind may be of the kind ("kind-unknown"), one may lie beyond the edge
        ("beyond-edge"), and villages of unrecorded demand or place may fill it ("no-people", "sharer-no-place").
        Who comes from outside the study is not in the figure.

    Notes
    -----
    Filled in the order of distance, see `gis.allocation`. The bounds are exact for what they leave open: more room
    and fewer who share it never leave more without a place.
    """
    room = Room(kind, demand, share_pct, capacity, serves_each)
    places, known = villages["point"].to_numpy(), _points(villages)[1]
    ways = straight_ways(villages, maybe_of_kind(facilities, kind), within_km)
    exposed = np.zeros(len(villages), dtype=bool) if edge is None else edge(places) < 1000 * within_km
    return _placed(gap(villages, facilities, room, ways, exposed=exposed, astray=~known), known)


@indicator(
    unit="people",
    unseen=GROUND,
    vi="Số người không có chỗ trong thời gian đi",
    en="People without a place within a time",
)
def capacity_gap_by_time(
    villages,
    facilities,
    elevation,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    edge=None,
    travel=None,
    speed_pct=0.0,
    *,
    within_min,
    kind=None,
    demand="population",
    share_pct=100.0,
    capacity="capacity",
    serves_each=1.0,
    mode="walk",
    season="dry",
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """How many of a village find no place at any facility within a time, on foot or riding.

    Parameters
    ----------
    villages, facilities, edge, kind, demand, share_pct, capacity, serves_each
        As for `capacity_gap`.
    elevation, roads, rivers, crossings, land_cover, travel, mode, season, walk_kmh, off_path_pct
        As for `gis.indicators.travel.travel_time`.
    speed_pct : float
        By how many percent people may be slower or faster, all alike, below 100.
    within_min : float
        How far a place may be to count, minutes.

    Returns
    -------
    DataFrame
        As `capacity_gap`, filled in the order of time; NaN besides where no height is known at the village
        ("no-elevation"). Where a way over ground of unknown height may be in time, all is left open ("beyond-edge").
        With `speed_pct` ``least``, ``most``, ``lowest`` and ``highest`` as of `gis.indicators.doubts.over_speeds`.

    Raises
    ------
    CRSError
        If the heights are in degrees.

    Notes
    -----
    One spread over the ground for each facility, as far as the limit. A road or bridge more may leave a village with
    fewer places, since others then come first: what is missing of them leaves the value open to both sides.
    """
    travel = travel or Travel(elevation, roads, rivers, crossings, land_cover)
    how = {"mode": mode, "season": season, "walk_kmh": walk_kmh, "off_path_pct": off_path_pct}
    room = Room(kind, demand, share_pct, capacity, serves_each)
    return gap_over_ground(villages, facilities, room, travel, within_min, how, edge, speed_pct)


def gap_over_ground(starts, facilities, room, travel, within_min, how, edge, speed_pct):
    """As `gap`, of everyone who starts at the points of `starts`, within minutes over the ground."""
    longest = within_min * (1 + speed_pct / 100)
    here, known = _points(starts)
    surface = travel.surface(**{name: value for name, value in how.items() if name != "mode"})
    ways = ground_ways(travel, starts, maybe_of_kind(facilities, room.kind), longest, how)
    edge_m = np.full(len(starts), np.inf) if edge is None else edge(starts["point"].to_numpy())
    min_per_m = 0.06 / travel.fastest_kmh(**how)
    enters = np.isin(np.arange(len(here)), surface.entries(here)[2])
    off_map = known & ~enters & ~surface.is_known(here)
    to_edge = np.where(enters, travel.to_edge(**how).at(here)[0], np.inf)

    def within(limit):
        return gap(
            starts,
            facilities,
            room,
            ways[ways["time"] <= limit],
            exposed=edge_m * min_per_m < limit,
            astray=~known | off_map,
            rivals=to_edge <= limit,
        )

    return _placed(over_speeds(within, within_min, speed_pct), known, off_map)


def _placed(measured, known, off_map=False):
    """With the reason where there is no place to start from."""
    measured = measured.copy()
    measured["doubt"] = np.where(known, np.where(off_map, "no-elevation", measured["doubt"]), "no-geometry")
    if np.any(off_map):
        measured["doubt_of"] = np.where(off_map, "elevation", measured["doubt_of"])
    return measured


def as_share(name, of):
    """The indicator that says in percent what `of` counts; it takes the same."""

    @wraps(of)
    def shared(*things, **options):
        return share(of(*things, **options))

    shared.__name__ = shared.__qualname__ = name
    shared.__doc__ = f"""Share of those of a village who find a place, percent of the demand.

    Parameters
    ----------
    See `{of.__name__}`.

    Returns
    -------
    DataFrame
        As `{of.__name__}`, in percent; ``numerator`` are those who find a place. NaN ("no-people") where nobody asks
        for one.
    """
    return shared


served_share = indicator(
    unit="%", unseen="raises", vi="Tỷ lệ có chỗ trong bán kính", en="Share with a place within a distance"
)(as_share("served_share", capacity_gap))
served_share_by_time = indicator(
    unit="%",
    unseen={**GROUND, "facilities": "raises"},
    vi="Tỷ lệ có chỗ trong thời gian đi",
    en="Share with a place within a time",
)(as_share("served_share_by_time", capacity_gap_by_time))
