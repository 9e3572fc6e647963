"""Who goes over the ground, how and in which season: riding, rains, the order of layers, and the laws of all of it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, Point, box

import tiny
from gis.catalogue import load_catalogue
from gis.rasters import Raster
from gis.surface import MODES, PRIORITY, build_surface

CATALOGUE = load_catalogue()
SPEEDS = CATALOGUE["roads"].speeds
CODES = CATALOGUE["land_cover"].classes_table
KMH = 5.04
KM = 3600 / KMH
"""Seconds for a kilometre on a good road on the flat."""
FROM, TO = (550, 1050), (1550, 1050)
"""Middles of two cells, 1 km apart."""
ACROSS = LineString([(500, 1050), (1600, 1050)])
FLOW = LineString([(1050, -10), (1050, 2010)])


def ground(values, **more):
    values = np.array(values, dtype=float)
    return Raster(values, 0.0, 100.0 * len(values), 100.0, 100.0, CRS(tiny.CRS), **more)


LEVEL = ground(np.zeros((20, 30)))


def lines(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=tiny.CRS)


def river(*shapes, kind="river"):
    return lines(*shapes, kind=[kind] * len(shapes))


def crossing(*points, kind="bridge", all_season=np.nan):
    return lines(*map(Point, points), kind=[kind] * len(points), all_season=[float(all_season)] * len(points))


def seconds(*, start=FROM, end=TO, elevation=LEVEL, towards=True, knights=True, limit_s=np.inf, **how):
    """The time between two places over the ground."""
    made = build_surface(elevation, speeds=SPEEDS, **how)
    times = made.times(made.entries([end]), towards=towards, knights=knights, limit_s=limit_s).reshape(-1)
    cells, legs, _ = made.entries([start])
    return min((times[cells] + legs).tolist(), default=np.inf)


@pytest.mark.parametrize(
    "mode, season, columns, kmh",
    [
        ("motorbike", "dry", {"class": "commune", "surface": "asphalt"}, 35),
        ("motorbike", "wet", {"class": "commune", "surface": "earth"}, 8),
        ("car", "dry", {"class": "national", "surface": "asphalt"}, 55),
        ("bicycle", "dry", {"class": "village", "surface": "gravel"}, 10),
        ("bicycle", "wet", {"class": "village", "surface": "asphalt"}, 14 * 0.9),
        # what cannot be ridden is walked: a car on an earth road of a commune in the rains, a bicycle on a path
        ("car", "wet", {"class": "commune", "surface": "earth"}, KMH * 0.9),
        ("bicycle", "dry", {"class": "path", "surface": "earth"}, KMH * 0.8),
        ("motorbike", "wet", {"class": "commune", "surface": "asphalt", "all_season": 0.0}, KMH),
        # nothing recorded: a village road of gravel, an earth field road, a highway of asphalt
        ("motorbike", "dry", {"class": None, "surface": None}, 20),
        ("motorbike", "dry", {"class": "field", "surface": None}, 12),
        ("car", "dry", {"class": "national", "surface": None}, 55),
    ],
)
def test_a_kilometre_of_road_is_ridden_at_its_speed(mode, season, columns, kmh):
    made = {"roads": tiny.roads(ACROSS, **columns), "mode": mode, "season": season}
    # the leg at each end is none: both places are middles of cells
    assert seconds(**made) == pytest.approx(3600 / kmh, rel=1e-5)
    assumed = build_surface(LEVEL, speeds=SPEEDS, **made).counts["roads_assumed"]
    assert assumed == (None in columns.values())
    poor = {**made, "roads": made["roads"].assign(condition="poor")}
    walked = KMH * (0.8 if columns["class"] == "path" else 0.9 if "earth" in columns.values() else 1)
    if kmh > walked:
        assert seconds(factors={"poor": 0.6}, **poor) == pytest.approx(
            3600 / max(0.6 * kmh, walked), rel=1e-5
        )


def test_off_the_roads_one_who_rides_walks():
    for mode in MODES:
        assert seconds(mode=mode) == pytest.approx(KM / 0.6, rel=1e-5)
        assert seconds(mode=mode, walk_kmh=4.0) == pytest.approx(3600 / 2.4, rel=1e-5)


def slope(rise):
    """Ground that rises by a share of the way to the east."""
    return ground(np.tile(np.arange(30) * 100.0 * rise, (20, 1)))


def test_a_motor_minds_no_slope_and_a_bicycle_slows_uphill_and_is_pushed_where_it_is_steep():
    road = tiny.roads(ACROSS, **{"class": "village", "surface": "gravel"})
    ride = 3600 / 10
    for rise, towards_east, back in [
        (0.0, ride, ride),
        (0.03, 2 * ride, ride),
        # by Tobler on foot, which is faster than riding at three tenths of the speed
        (0.07, KM * np.exp(3.5 * 0.12 - 0.175), ride),
        (0.2, KM * np.exp(3.5 * 0.25 - 0.175), KM * np.exp(3.5 * 0.15 - 0.175)),
    ]:
        how = {"roads": road, "elevation": slope(rise)}
        assert seconds(mode="bicycle", **how) == pytest.approx(towards_east, rel=1e-4)
        assert seconds(mode="bicycle", start=TO, end=FROM, **how) == pytest.approx(back, rel=1e-4)
        assert seconds(mode="motorbike", **how) == pytest.approx(3600 / 20, rel=1e-4)
    up = seconds(mode="motorbike", elevation=slope(0.2))
    assert up == pytest.approx(KM / 0.6 * np.exp(3.5 * 0.25 - 0.175), rel=1e-4)


def test_walking_by_langmuir_and_without_slopes():
    full = {"off_path_pct": 100, "walk_kmh": 5.0}
    # 0.72 s a metre, 6 s a metre up, 1.9998 s less a metre down
    assert seconds(walker="langmuir", **full) == pytest.approx(720)
    assert seconds(walker="langmuir", elevation=slope(0.1), **full) == pytest.approx(720 + 600, rel=1e-5)
    down = seconds(walker="langmuir", elevation=slope(0.1), start=TO, end=FROM, **full)
    assert down == pytest.approx(720 - 199.98, rel=1e-5)
    aside = seconds(walker="langmuir", start=(580, 1050), **full)
    assert aside == pytest.approx(0.72 * (1000 + 30 - 60), abs=0.72 * 60 + 1)
    for mode in ("walk", "motorbike"):
        assert seconds(walker="flat", mode=mode, elevation=slope(0.5), **full) == pytest.approx(720)


def test_coming_from_a_place_is_not_going_there_and_eight_directions_are_no_shorter_than_sixteen():
    hill = {"elevation": slope(0.2), "off_path_pct": 100}
    assert seconds(towards=False, **hill) == pytest.approx(seconds(start=TO, end=FROM, **hill))
    aside = {"start": (550, 1550)}
    assert seconds(**aside) == pytest.approx(KM / 0.6 * np.hypot(1, 0.5), rel=1e-5)
    assert seconds(knights=False, **aside) == pytest.approx(KM / 0.6 * (0.5 + 0.5 * np.sqrt(2)), rel=1e-5)


def test_fords_and_crossings_that_are_not_for_all_seasons_are_closed_in_the_wet_season():
    wall = {"rivers": river(FLOW)}
    for road in ({}, {"roads": tiny.roads(ACROSS)}):
        for kind, state, wet in [
            ("bridge", np.nan, True),
            ("bridge", 0, False),
            ("bridge", 1, True),
            ("ford", np.nan, False),
            ("ford", 0, False),
            ("ford", 1, True),
        ]:
            over = crossing((1060, 1050), kind=kind, all_season=state)
            assert np.isfinite(seconds(crossings=over, **wall, **road))
            assert np.isfinite(seconds(crossings=over, season="wet", **wall, **road)) == wet
            counts = build_surface(LEVEL, crossings=over, season="wet", **wall, **road).counts
            assert (counts["crossings_used"], counts["crossings_closed"]) == (wet, not wet)
    # nothing is known of how this road gets over: it does, in all seasons
    assert np.isfinite(seconds(roads=tiny.roads(ACROSS), season="wet", **wall))


def test_a_bridge_beside_a_closed_ford_is_open():
    both = {"rivers": river(FLOW), "season": "wet", "roads": tiny.roads(ACROSS)}
    ford = crossing((1050, 1050), kind="ford")
    bridge = crossing((1050, 1250))
    assert seconds(crossings=ford, **both) == np.inf
    assert np.isfinite(seconds(crossings=pd.concat([ford, bridge]), **both))
    tagged = {**both, "roads": tiny.roads(ACROSS, structure="bridge")}
    assert np.isfinite(seconds(crossings=ford, **tagged))


def test_a_road_that_is_a_ford_leads_over_water_in_the_dry_season_only():
    wall = {"rivers": river(FLOW)}
    for state, wet in ((np.nan, False), (0.0, False), (1.0, True)):
        road = tiny.roads(ACROSS, structure="ford", all_season=state)
        assert np.isfinite(seconds(roads=road, **wall))
        assert np.isfinite(seconds(roads=road, season="wet", **wall)) == wet


def test_streams_are_waded_in_the_dry_season_and_in_the_wet_one_only_roads_lead_over_them():
    brook = {"rivers": river(FLOW, kind="stream")}
    assert seconds(**brook) == pytest.approx(KM / 0.6)
    assert seconds(season="wet", **brook) == np.inf
    assert seconds(season="wet", wade="always", **brook) == pytest.approx(KM / 0.6)
    assert seconds(wade="never", **brook) == np.inf
    assert np.isfinite(seconds(season="wet", crossings=crossing((1050, 1050)), **brook))
    assert seconds(season="wet", roads=tiny.roads(ACROSS), **brook) == pytest.approx(KM)
    along = tiny.roads(LineString([(1020, 200), (1020, 1800)]))
    assert seconds(season="wet", roads=along, **brook) == np.inf
    counts = build_surface(LEVEL, roads=tiny.roads(ACROSS), season="wet", **brook).counts
    assert counts["culverts"] == counts["causeway"] == 1
    counts = build_surface(LEVEL, roads=tiny.roads(ACROSS, structure="bridge"), season="wet", **brook).counts
    assert (counts["culverts"], counts["causeway"]) == (0, 1)
    assert build_surface(LEVEL, roads=tiny.roads(ACROSS), **brook).counts["causeway"] == 0


WATER_FIRST = ("water", "roads", "wetland", "land_cover")


def test_where_water_comes_before_roads_only_their_bridges_and_tunnels_lead_over_it():
    how = {"rivers": river(FLOW), "priority": WATER_FIRST}
    assert seconds(roads=tiny.roads(ACROSS), **how) == np.inf
    assert seconds(roads=tiny.roads(ACROSS, structure="bridge"), **how) == pytest.approx(KM)
    assert seconds(roads=tiny.roads(ACROSS, structure="tunnel"), **how) == pytest.approx(KM)
    assert seconds(roads=tiny.roads(ACROSS), crossings=crossing((1050, 1050)), **how) == pytest.approx(KM)


def test_the_order_of_layers_decides_a_cell():
    swamp = ground(np.full((20, 30), 90), classes=CODES)
    lake = ground(np.full((20, 30), 80), classes=CODES)
    forest = ground(np.full((20, 30), 10), classes=CODES)
    road, flow = tiny.roads(ACROSS), river(FLOW)
    assert seconds(land_cover=swamp) == pytest.approx(3600 / 1.5)
    assert seconds(land_cover=swamp, rivers=flow) == np.inf
    wet_first = ("roads", "wetland", "water", "land_cover")
    assert seconds(land_cover=swamp, rivers=flow, priority=wet_first) == pytest.approx(3600 / 1.5)
    assert seconds(land_cover=forest, rivers=flow, priority=wet_first) == np.inf
    assert seconds(land_cover=lake, roads=road) == pytest.approx(KM)
    assert seconds(land_cover=forest, roads=road) == pytest.approx(KM)
    cover_first = ("land_cover", "roads", "water", "wetland")
    assert seconds(land_cover=forest, roads=road, priority=cover_first) == pytest.approx(1800)
    assert seconds(land_cover=swamp, roads=road, priority=cover_first) == pytest.approx(KM)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "boat"},
        {"season": "spring"},
        {"walker": "naismith"},
        {"wade": "maybe"},
        {"priority": PRIORITY[:3]},
        {"priority": (*PRIORITY, "roads")},
        {"mode": "car", "speeds": None},
        {"mode": "car", "walker": "langmuir"},
    ],
)
def test_words_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError):
        build_surface(LEVEL, **{"speeds": SPEEDS, **wrong})


def test_each_cell_has_the_time_to_its_nearest_place():
    made, places = build_surface(LEVEL), [(250, 1050), (2550, 1050), (-900, 0), (1250, 1050)]
    begins = made.entries(places)
    assert sorted(begins[2]) == [0, 1, 3], "the third lies off the map"
    whole = made.times(begins)
    assert (np.minimum.reduce([made.times(made.entries([each])) for each in places]) == whole).all()
    near = made.times(made.entries(places[:1]), limit_s=KM)
    assert near.max() == np.inf and near[9, 2] == 0 and np.isfinite(near).sum() < 600
    owner = made.owners(whole, begins)
    assert owner[9, [2, 6, 8, 12, 18, 20, 29]].tolist() == [0, 0, 3, 3, 3, 1, 1]
    near = made.times(begins, limit_s=300)
    assert (made.owners(near, begins) == -1).sum() == np.isinf(near).sum() > 0


# --- laws ----------------------------------------------------------------------------------------------

spots = st.tuples(st.integers(1, 2990), st.integers(1, 1990))
some = st.lists(spots, min_size=1, max_size=4, unique=True)
ways = st.lists(st.lists(spots, min_size=2, max_size=4, unique=True).map(LineString), min_size=1, max_size=3)
how = st.fixed_dictionaries(
    {"mode": st.sampled_from(MODES), "season": st.sampled_from(["dry", "wet"]), "priority": st.permutations(PRIORITY).map(tuple)}
)  # fmt: skip
KINDS = ("river", "stream", None, "canal")
CLASSES, SURFACES = ("village", "path", "national", None), ("earth", "asphalt", None, "gravel")
STRUCTURES = (None, "bridge", "ford", "tunnel")


def scene(seed, flows, tracks, bridges):
    """Rough ground with land cover, streams and rivers, roads of all sorts, bridges and fords."""
    rng = np.random.default_rng(seed)
    pick = lambda words, count: rng.choice(np.array(words, dtype=object), count)  # noqa: E731
    cover = rng.choice([10.0, 30.0, 90.0, 80.0, np.nan], (10, 15), p=[0.4, 0.3, 0.1, 0.1, 0.1])
    return {
        "elevation": ground(rng.uniform(0, 60, (20, 30))),
        "land_cover": ground(np.kron(cover, np.ones((2, 2))), classes=CODES),
        "rivers": lines(*flows, kind=pick(KINDS, len(flows))),
        "roads": lines(
            *tracks,
            **{"class": pick(CLASSES, len(tracks)), "surface": pick(SURFACES, len(tracks))},
            structure=pick(STRUCTURES, len(tracks)),
            all_season=rng.choice([0.0, 1.0, np.nan], len(tracks)),
        ),
        "crossings": lines(
            *map(Point, bridges),
            kind=pick(("bridge", "ford", None), len(bridges)),
            all_season=rng.choice([0.0, 1.0, np.nan], len(bridges)),
        ),
    }


def times(places, *, limit_s=np.inf, knights=True, **layers):
    made = build_surface(speeds=SPEEDS, **layers)
    return made.times(made.entries(places), limit_s=limit_s, knights=knights)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), some, ways, ways, some, ways, how)
def test_one_more_road_never_lengthens_a_time(seed, places, flows, tracks, bridges, more, how):
    before = scene(seed, flows, tracks, bridges)
    new = scene(seed + 1, flows, more, bridges)["roads"]
    after = {**before, "roads": pd.concat([before["roads"], new])}
    assert (times(places, **after, **how) <= times(places, **before, **how)).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), some, ways, ways, some, some, how)
def test_one_more_bridge_never_lengthens_a_time(seed, places, flows, tracks, bridges, more, how):
    before = scene(seed, flows, tracks, bridges)
    bridge = crossing(*more, all_season=1)
    after = {**before, "crossings": pd.concat([before["crossings"], bridge])}
    assert (times(places, **after, **how) <= times(places, **before, **how)).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), some, ways, ways, some, how)
def test_the_wet_season_is_never_faster_and_riding_never_slower_than_walking(
    seed, places, flows, tracks, bridges, how
):
    layers = {**scene(seed, flows, tracks, bridges), "priority": how["priority"]}
    dry, wet = (times(places, season=season, mode=how["mode"], **layers) for season in ("dry", "wet"))
    assert (wet >= dry).all()
    walk = times(places, season=how["season"], **layers)
    ride = wet if how["season"] == "wet" else dry
    assert (ride <= walk * (1 + 1e-6)).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), some, ways, ways, some, how, st.integers(100, 3000))
def test_a_longer_limit_never_covers_less_and_changes_no_time(
    seed, places, flows, tracks, bridges, how, limit
):
    layers = scene(seed, flows, tracks, bridges)
    near, far = (times(places, limit_s=each, **layers, **how) for each in (limit, np.inf))
    assert (near[far <= limit] == far[far <= limit]).all() and np.isinf(near[far > limit]).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.tuples(spots, spots, spots), ways, ways, some, how, st.booleans())
def test_times_without_slopes_obey_the_triangle_inequality(seed, trio, flows, tracks, bridges, how, knights):
    made = build_surface(speeds=SPEEDS, walker="flat", **scene(seed, flows, tracks, bridges), **how)
    column, row = (np.array(trio) / 100).astype(int).T
    cells = (19 - row) * 30 + column
    away = [
        made.times((np.array([cell]), np.zeros(1), np.zeros(1, int)), knights=knights).reshape(-1)[cells]
        for cell in cells
    ]
    (_, ab, ac), (ba, _, bc), _ = away
    assert ac <= (ab + bc) * (1 + 1e-5) or np.isnan(made.slowness_of(cells)).any()
    assert ab == pytest.approx(ba, rel=1e-5), "there and back are alike"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(700, 2300), st.integers(0, 2000)), min_size=0, max_size=6, unique=True),
    st.integers(700, 2300),
    st.integers(700, 2300),
    st.booleans(),
    st.booleans(),
)
def test_no_cell_across_a_closed_river_of_any_shape_is_reached(bends, south, north, wide, knights):
    flow = LineString([(south, -10), *sorted(bends, key=lambda at: at[1]), (north, 2010)])
    shape = flow.buffer(60) if wide else flow
    made = build_surface(LEVEL, rivers=river(shape))
    reached = np.isfinite(made.times(made.entries([(250, 1050)]), knights=knights))
    middles = gpd.points_from_xy(*made.middles(np.arange(600)).T)
    banks = shapely.get_parts(box(-1, -5, 3001, 2005).difference(shape if wide else flow.buffer(0.01)))
    bank = next(part for part in banks if part.contains(Point(2950, 1050)))
    assert not (reached.reshape(-1) & middles.within(bank)).any()
    assert reached[9, 2] and reached.sum() > 20
