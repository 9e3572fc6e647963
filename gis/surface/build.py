"""From the layers of a study to a `Surface`."""

from types import MappingProxyType

import numpy as np

from gis.crs import check_metric
from gis.roadspeeds import MODES as RIDDEN
from gis.roadspeeds import SEASONS
from gis.surface.grid import CAUSEWAY, LANGMUIR_FLAT, Surface
from gis.surface.ground import cover_speeds, mark_cover
from gis.surface.marks import BRIDGED, CLOSED, COVER, OPENED, ROAD, STREAM, WATER, WETLAND
from gis.surface.roads import fastest_ride_kmh, mark_roads, road_kmh
from gis.surface.water import mark_crossings, mark_water

MODES = ("walk", *RIDDEN)
WALKERS = ("tobler", "langmuir", "flat")
"""How slopes change the speed on foot; "flat" not at all, riding neither."""
WADES = ("dry", "always", "never")
"""When streams are waded."""
PRIORITY = ("roads", "water", "wetland", "land_cover")
"""Which of them decides a cell, the first that says something of it."""
STEEPEST_GAIN = MappingProxyType(
    {"tobler": float(np.exp(0.175)), "langmuir": 0.72 / (0.72 - 1.9998 * 0.2125), "flat": 1.0}
)
"""How much faster than on the flat one walks at best: down a slope of 5 %, by Langmuir of 21.25 %."""


def build_surface(
    elevation,
    *,
    roads=None,
    rivers=None,
    crossings=None,
    land_cover=None,
    mode="walk",
    season="dry",
    walker="tobler",
    wade="dry",
    priority=PRIORITY,
    speeds=None,
    factors=None,
    walk_kmh=5.04,
    off_path_pct=60.0,
):
    """The surface of going over terrain.

    Parameters
    ----------
    elevation : Raster
        Heights in metres, in a CRS in metres; its grid is that of the surface.
    roads : GeoDataFrame, optional
        Lines; columns ``class``, ``surface``, ``condition``, ``all_season`` and ``structure`` as in
        `layers/roads.yaml`, each where it is known. Over water a road is a way, where it is said to be a ford only as long as that is open.
    rivers : GeoDataFrame, optional
        Lines or polygons; column ``kind``, see `gis.surface.water.BARS`.
    crossings : GeoDataFrame, optional
        Bridges and fords as points or lines; columns ``kind`` and ``all_season``. Each opens the water of its cell
        and of the cells around it. One that is closed, see `gis.surface.water.is_open`, leaves the roads there no way
        over water either.
    land_cover : Raster, optional
        Codes with ``walk_kmh`` in its `classes`, 0 for water; taken at the middle of each cell.
    mode : str
        Of `MODES`. A bicycle rides roads but footpaths, slower uphill, and is pushed where that is faster, where it is
        steeper than 8 % and off roads. A motorbike or a car rides roads at the speeds of `speeds` whatever the slope.
        Where one cannot ride one walks.
    season : str
        Of `SEASONS`.
    walker : str
        Of `WALKERS`; "langmuir" for walking only.
    wade : str
        Of `WADES`: "dry" lets streams bar the way in the wet season but at crossings and under roads, where a culvert
        is assumed.
    priority : tuple of str
        `PRIORITY` in the order that is wanted. A road is at least as fast as the land cover under it where it comes
        before that; where water comes before roads, only bridges and tunnels of the roads lead over it.
    speeds, factors : Mapping, optional
        As for `gis.roadspeeds.road_speeds`; the first is needed for riding.
    walk_kmh : float
        Speed on a good road on the flat; 5.04 is Tobler's.
    off_path_pct : float
        Speed off all roads where land cover says nothing, in percent of `walk_kmh`; Tobler gives 60.

    Returns
    -------
    Surface

    Raises
    ------
    CRSError
        If the CRS of the heights is in degrees or not in metres.
    ValueError
        If a word is none of those named, or one that rides has no speeds.
    """
    _check_words(mode, season, walker, wade, priority, speeds)
    check_metric(elevation.crs, layer="elevation")
    heights = np.asarray(elevation.values, dtype=np.float32)
    off_path = walk_kmh * off_path_pct / 100
    cover = cover_speeds(land_cover, walk_kmh)
    on_roads, assumed = (
        road_kmh(roads, mode=mode, season=season, speeds=speeds, factors=factors, walk_kmh=walk_kmh)
        if roads is not None
        else (np.zeros(0), 0)
    )
    # a pace is a position among all speeds there are, so that the larger of two is the faster
    kmh = np.unique([0.0, off_path, *cover.values(), *on_roads])
    paces = {code: np.searchsorted(kmh, speed) if speed else None for code, speed in cover.items()}
    kind = np.min_scalar_type(len(kmh))
    marks, road_pace = np.zeros(heights.shape, dtype=np.uint8), np.zeros(heights.shape, dtype=kind)
    pace = np.full(heights.shape, np.searchsorted(kmh, off_path), dtype=kind)
    counts = {
        "no_class": mark_cover(marks, pace, elevation, land_cover, paces) if land_cover is not None else 0
    }
    streams_bar = wade == "never" or (wade == "dry" and season == "wet")
    flows, brooks = mark_water(marks, elevation, rivers, streams_bar=streams_bar)
    counts |= mark_crossings(marks, elevation, crossings, flows, season)
    if roads is not None:
        mark_roads(marks, road_pace, elevation, roads, np.searchsorted(kmh, on_roads).astype(kind), season)
    barred, causeway, road = _decide(marks, priority)
    no_data = np.isnan(heights)
    barred |= no_data
    counts |= {
        "no_data": int(no_data.sum()),
        "water": int((barred & ~no_data).sum()),
        "road": int((road & ~barred).sum()),
        "causeway": int((causeway & ~barred).sum()),
        "culverts": int((causeway & ~barred & ((marks & (WATER | BRIDGED)) == 0)).sum()),
        "roads_assumed": assumed,
    }
    banks = np.flatnonzero(((marks & WATER) > 0) & ~barred)
    if wade != "always":
        banks = np.union1d(banks, brooks[~barred.reshape(-1)[brooks]])
    # over water only the road itself is there to go on
    pace[road] = np.maximum(pace[road], road_pace[road])
    pace[causeway] = road_pace[causeway]
    pace[barred] = 0
    slow = 3.6 / np.where(kmh > 0, kmh, np.nan) / (LANGMUIR_FLAT if walker == "langmuir" else 1)
    gates = road.astype(np.uint8)
    gates[causeway | barred] = CAUSEWAY
    fastest_walk = max(walk_kmh, off_path, *cover.values())
    return Surface(
        classes=pace,
        pace=slow.astype(np.float32),
        heights=heights,
        gates=gates,
        banks=banks,
        west=elevation.west,
        north=elevation.north,
        width=elevation.width,
        height=elevation.height,
        walker=walker,
        mode=mode,
        afoot=float(np.float32(3.6 / fastest_walk)) if mode != "walk" else 0.0,
        fastest_kmh=max(float(fastest_walk) * STEEPEST_GAIN[walker], fastest_ride_kmh(mode, season, speeds)),
        counts=MappingProxyType(counts),
    )


def _decide(marks, priority):
    """Which cells are barred by water, which are roads over it, and which are roads."""
    cover = {"wetland": WETLAND, "land_cover": COVER}

    def overruled(by):
        before = priority[: priority.index(by)]
        bits = np.uint8(sum(bit for word, bit in cover.items() if word in before))
        return (marks & bits) > 0

    over = ROAD if priority.index("roads") < priority.index("water") else BRIDGED
    water = ((marks & (WATER | STREAM)) > 0) & ((marks & OPENED) == 0) & ~overruled("water")
    road = ((marks & ROAD) > 0) & ~overruled("roads")
    led = road & ((marks & over) > 0) & (((marks & CLOSED) == 0) | ((marks & BRIDGED) > 0))
    return water & ~led, water & led, road


def _check_words(mode, season, walker, wade, priority, speeds):
    given = {"mode": (mode, MODES), "season": (season, SEASONS)}
    given |= {"walker": (walker, WALKERS), "wade": (wade, WADES)}
    for name, (word, known) in given.items():
        if word not in known:
            raise ValueError(f"{name} is {word!r}, not one of {', '.join(known)}")
    if sorted(priority) != sorted(PRIORITY):
        raise ValueError(f"priority must name each of {', '.join(PRIORITY)} once")
    if mode != "walk" and (speeds is None or walker == "langmuir"):
        raise ValueError("riding needs speeds and a walker other than langmuir")
