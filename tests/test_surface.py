"""Walking over terrain: speeds, rivers, bridges and slopes worked out by hand, and the laws of travel time."""

from types import MappingProxyType, SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, Point, box

import gis.kernels as kernels
import tiny
from gis import surface as surfaces
from gis.catalogue import load_catalogue
from gis.criteria import Binding, load_criteria
from gis.errors import CRSError
from gis.indicators.travel import travel_time
from gis.measure import check_bindings, layers_used, measure
from gis.rasters import Raster, line_cells
from gis.registry import INDICATORS
from gis.study import LayerData
from gis.surface import build_surface
from sets import criteria_set, criterion

NAN, INF = np.nan, np.inf
CATALOGUE = load_catalogue()
METRIC = CRS(tiny.CRS)
KMH = 5.04


def ground(values, *, cell=100.0, crs=METRIC, **more):
    """A grid whose south-west corner is 0, 0."""
    values = np.array(values, dtype=float)
    return Raster(values, 0.0, cell * len(values), cell, cell, crs, **more)


def level(rows=20, columns=30, **more):
    return ground(np.zeros((rows, columns)), **more)


def places(*xy):
    """Villages at points."""
    frame = tiny.villages(len(xy))
    frame["point"] = gpd.GeoSeries(
        [None if at is None else Point(*at) for at in xy], index=frame.index, crs=tiny.CRS
    )
    return frame


def river(*lines, kind="river"):
    return gpd.GeoDataFrame({"kind": [kind] * len(lines)}, geometry=list(lines), crs=tiny.CRS)


def bridge(*points):
    return gpd.GeoDataFrame(
        {"kind": ["bridge"] * len(points)}, geometry=[Point(*at) for at in points], crs=tiny.CRS
    )


def minutes(villages, facilities, elevation, **layers):
    return travel_time(villages, facilities, elevation, **layers)["value"].tolist()


FROM, TO = (550, 1050), (1550, 1050)
"""Middles of two cells, 1 km apart."""
KM = 60 / KMH
"""Minutes for a kilometre on a good road on the flat."""


def test_a_kilometre_takes_its_time_on_road_on_path_off_road_and_in_forest():
    one, school = places(FROM), tiny.facilities(TO)
    straight = LineString([(0, 1050), (3000, 1050)])
    assert minutes(one, school, level(), roads=tiny.roads(straight)) == pytest.approx([KM])
    assert minutes(one, school, level(), roads=tiny.roads(straight, **{"class": "path"})) == pytest.approx(
        [KM / 0.8]
    )
    assert minutes(one, school, level()) == pytest.approx([KM / 0.6])
    assert minutes(one, school, level(), off_path_pct=100) == pytest.approx([KM])
    assert minutes(one, school, level(), off_path_pct=100, walk_kmh=4.0) == pytest.approx([15])
    codes = CATALOGUE["land_cover"].classes_table
    forest = ground(np.full((20, 30), 10), classes=codes)
    assert minutes(one, school, level(), land_cover=forest) == pytest.approx([30])
    assert minutes(one, school, level(), land_cover=forest, roads=tiny.roads(straight)) == pytest.approx([KM])


def test_the_legs_to_the_middle_of_a_cell_are_not_free():
    # 30 m from the middle of its cell, the school 40 m from the middle of the same cell
    found = minutes(places((550, 1080)), tiny.facilities((590, 1050)), level(), off_path_pct=100)
    assert found == pytest.approx([0.07 * KM])


def test_going_up_takes_longer_than_going_down():
    slope = ground(np.tile(np.arange(30) * 20.0, (20, 1)))
    up = minutes(places(FROM), tiny.facilities(TO), slope, off_path_pct=100)[0]
    down = minutes(places(TO), tiny.facilities(FROM), slope, off_path_pct=100)[0]
    # a slope of 20 %: 6 exp(-3.5 * 0.25) km/h up, 6 exp(-3.5 * 0.15) km/h down
    assert up == pytest.approx(KM * np.exp(3.5 * 0.25 - 0.175), rel=1e-5)
    assert down == pytest.approx(KM * np.exp(3.5 * 0.15 - 0.175), rel=1e-5)


@pytest.mark.parametrize(
    "line",
    [
        LineString([(1050, -10), (1050, 2010)]),
        LineString([(0, 0), (2000, 2000)]),
        LineString([(13, -7), (2090, 2051)]),
        LineString([(700, -10), (1200, 900), (900, 1500), (1700, 2010)]),
    ],
    ids=["straight", "through corners", "slanting", "winding"],
)
def test_a_place_across_a_river_is_near_only_over_a_bridge(line):
    west, east = places((250, 1750)), tiny.facilities((1950, 250))
    assert minutes(west, east, level(), rivers=river(line)) == [INF]
    assert np.isfinite(minutes(west, east, level(), rivers=river(line, kind="stream"))[0])
    middle = line.interpolate(0.5, normalized=True)
    over = minutes(west, east, level(), rivers=river(line), crossings=bridge((middle.x + 10, middle.y)))
    dry = minutes(west, east, level())
    assert dry[0] <= over[0] < 2 * dry[0]
    assert minutes(west, east, level(), rivers=river(line, kind=None)) == [INF]


def test_a_road_over_a_river_is_a_way_and_a_road_along_it_opens_none():
    flow = river(LineString([(1050, -10), (1050, 2010)]))
    west, east = places(FROM), tiny.facilities(TO)
    across = tiny.roads(LineString([(500, 1050), (1600, 1050)]))
    assert minutes(west, east, level(), rivers=flow, roads=across) == pytest.approx([KM])
    along = tiny.roads(LineString([(1020, 200), (1020, 1800)]))
    assert minutes(west, east, level(), rivers=flow, roads=along) == [INF]


def test_water_of_the_land_cover_and_wide_rivers_bar_the_way_too():
    codes = CATALOGUE["land_cover"].classes_table
    cover = np.full((20, 30), 30.0)
    cover[:, 10] = 80
    assert minutes(places(FROM), tiny.facilities(TO), level(), land_cover=ground(cover, classes=codes)) == [
        INF
    ]
    wide = river(box(900, -10, 1200, 2010))
    assert minutes(places(FROM), tiny.facilities(TO), level(), rivers=wide) == [INF]
    assert build_surface(level(), rivers=wide).counts["water"] >= 3 * 20


def test_unknown_heights_are_a_barrier_and_counted():
    heights = np.zeros((20, 30))
    heights[:, 10] = NAN
    assert minutes(places(FROM), tiny.facilities(TO), ground(heights)) == [INF]
    assert build_surface(ground(heights)).counts["no_data"] == 20


def test_cells_without_a_known_class_and_bridges_by_no_river_are_counted():
    cover = ground(np.full((20, 30), 77), classes=CATALOGUE["land_cover"].classes_table)
    made = build_surface(level(), land_cover=cover, crossings=bridge((550, 550)))
    assert made.counts["no_class"] == 600 and made.counts["crossings_unused"] == 1


def test_a_village_without_point_or_height_has_no_time_and_one_beside_known_ground_has():
    heights = np.zeros((20, 30))
    heights[5:12, 3:8] = NAN
    villages = places(None, (550, 1150), (720, 1150), (-900, 50))
    found = travel_time(villages, tiny.facilities(TO), ground(heights))
    assert np.isnan(found["value"]).tolist() == [True, True, False, True]
    assert found["doubt"].fillna("").tolist() == [
        "no-geometry",
        "no-elevation",
        "beyond-edge",
        "no-elevation",
    ]
    # 130 m to the middle of the next cell with a height, then five cells straight and one knight's move
    assert found["value"].iloc[2] == pytest.approx((0.13 + 0.5 + 0.1 * np.sqrt(5)) * KM / 0.6)


def test_the_edge_of_the_heights_is_the_least_that_an_unseen_way_takes():
    # 5.5 cells from the edge in the west, whose outermost cell is 500 m away
    found = travel_time(places(FROM), tiny.facilities((2450, 1050)), level(), off_path_pct=100).iloc[0]
    assert found["value"] == pytest.approx(1.9 * KM) and found["low"] == pytest.approx(0.5 * KM)
    assert (found["doubt"], found["doubt_of"]) == ("beyond-edge", "elevation")
    near = travel_time(places(FROM), tiny.facilities((750, 1050)), level()).iloc[0]
    assert near["low"] == near["value"] == near["high"] and near["doubt"] is None


def test_a_nearer_school_of_unrecorded_kind_leaves_the_time_open():
    schools = tiny.facilities((1050, 1050), (650, 1050, None))
    found = travel_time(places(FROM), schools, level(), kind="primary", off_path_pct=100).iloc[0]
    assert found["value"] == pytest.approx(0.5 * KM) and found["low"] == pytest.approx(0.1 * KM)
    assert (found["doubt"], found["facility_id"]) == ("kind-unknown", "f0")
    assert found["floor"] == pytest.approx(0.1 * KM / np.exp(0.175))


def test_no_facility_of_the_kind_is_not_reachable():
    found = travel_time(places(FROM), tiny.facilities(TO), level(), kind="lower_secondary").iloc[0]
    assert found["value"] == INF and found["facility_id"] is None


def test_degrees_are_refused():
    with pytest.raises(CRSError):
        build_surface(level(crs=CRS("EPSG:4326")))


def test_the_way_is_a_line_of_cells_from_the_village_to_the_school():
    made = build_surface(level(), roads=tiny.roads(LineString([(0, 1050), (3000, 1050)])))
    begins = made.entries([TO])
    times = made.times(begins)
    start = made.entries([FROM])[0]
    place, (way,) = made.ways(times, begins, start)
    assert (way[0], way[-1]) == (start[0], begins[0][0]) and set(way // 30) == {9} and place.tolist() == [0]
    assert made.middles(way[[0, -1]]).tolist() == [list(FROM), list(TO)]


def test_lines_touch_every_cell_they_run_through():
    lines = [LineString([(50, 150), (250, 50)]), None, LineString([(-50, 250), (120, 250)])]
    rows, columns, line = line_cells(level(3, 4), lines)
    assert {(0, 0), (0, 1)} == set(zip(rows[line == 2], columns[line == 2], strict=True))
    assert {(1, 0), (1, 1), (2, 1), (2, 2)} == set(zip(rows[line == 0], columns[line == 0], strict=True))


def test_both_rooms_mean_the_same_by_a_causeway():
    assert surfaces.CAUSEWAY == kernels.CAUSEWAY and (kernels.OPEN, kernels.ROAD) == (False, True)


coordinates = st.tuples(st.integers(1, 2990), st.integers(1, 1990))
several = st.lists(coordinates, min_size=1, max_size=4, unique=True)
lines = st.lists(
    st.lists(coordinates, min_size=2, max_size=4, unique=True).map(LineString), min_size=1, max_size=3
)


def rough(seed):
    return ground(np.random.default_rng(seed).uniform(0, 60, (20, 30)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), several, several, several, lines)
def test_one_more_facility_never_lengthens_a_time(seed, homes, few, more, flows):
    villages, terrain, flow = places(*homes), rough(seed), river(*flows)
    before = travel_time(villages, tiny.facilities(*few), terrain, rivers=flow)["value"].fillna(-1)
    after = travel_time(villages, tiny.facilities(*few, *more), terrain, rivers=flow)["value"].fillna(-1)
    assert (after <= before).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), several, several, lines, lines, lines)
def test_one_more_road_never_lengthens_a_time(seed, homes, schools, flows, few, more):
    villages, terrain, flow, facilities = (
        places(*homes),
        rough(seed),
        river(*flows),
        tiny.facilities(*schools),
    )
    kinds = ["path", "village", "field"] * 2
    before = tiny.roads(*few, **{"class": kinds[: len(few)]})
    after = tiny.roads(*few, *more, **{"class": kinds[: len(few) + len(more)]})
    short, long = (
        minutes(villages, facilities, terrain, rivers=flow, roads=each) for each in (after, before)
    )
    assert (np.array(short) <= np.array(long)).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 99), several, several, lines, lines, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(seed, homes, schools, flows, ways, random):
    layers = {
        "villages": places(*homes),
        "facilities": tiny.facilities(*schools),
        "roads": tiny.roads(*ways),
        "rivers": river(*flows),
    }
    found = travel_time(elevation=rough(seed), **layers)

    def mixed(frame):
        order = list(range(len(frame)))
        random.shuffle(order)
        return frame.iloc[order]

    again = travel_time(elevation=rough(seed), **{name: mixed(frame) for name, frame in layers.items()})
    pd.testing.assert_frame_equal(again.sort_index(), found)


# --- bound to a study ----------------------------------------------------------------------------------

WALK = Binding("travel_time", (("facilities", "schools"),))
AREA = box(0, 0, 6000, 4000)


def layer(name, held, complete="yes"):
    raster = held if isinstance(held, Raster) else None
    frame = None if raster else held
    counts = {"rows_in": 1, "rows_used": 1, "rows_reported": 0}
    return LayerData(CATALOGUE[name], frame, raster, {"*": complete}, "2024", "f.gpkg", AREA, counts)


def measured(villages, parameters=(), **layers):
    study = SimpleNamespace(
        villages=villages,
        communes=gpd.GeoDataFrame({"name": ["x1"]}, geometry=[None], index=["x1"], crs=tiny.CRS),
        layers=MappingProxyType({name: layer(name, *held) for name, held in layers.items()}),
        parameters=MappingProxyType(dict(parameters)),
        travels={},
        reported=None,
    )
    asked = criteria_set(criterion(measured=WALK, reported=None))
    return measure(study, asked, CATALOGUE).set_index("village_id").iloc[0]


def whole(**more):
    """Layers of a study in which everything is known, `more` in place of some; None leaves one out."""
    given = {
        "elevation": (ground(np.zeros((40, 60))),),
        "schools": (tiny.facilities((3050, 2050)),),
        "roads": (tiny.roads(LineString([(2000, 2050), (4000, 2050)])),),
        "rivers": (river(LineString([(100, 0), (100, 4000)])),),
        "crossings": (bridge((100, 2000)),),
    }
    return {name: held for name, held in (given | more).items() if held is not None}


HOME = (2550, 2050)


def test_a_study_with_all_layers_gives_one_sure_time():
    found = measured(places(HOME), **whole())
    assert found["value"] == pytest.approx(0.5 * KM)
    assert found["low"] == found["value"] == found["high"] and found["doubt"] is None
    assert found["facility_id"] == "f0"


@pytest.mark.parametrize(
    "name, low, high",
    [("roads", 0.5 / 0.6 * KM, None), ("rivers", None, INF), ("crossings", None, None)],
)
def test_an_optional_layer_that_the_study_lacks_leaves_open_what_it_could_change(name, low, high):
    found = measured(places(HOME), **whole(**{name: None}))
    straight = 0.5 * KM / np.exp(0.175)
    assert found["high"] == pytest.approx(high or found["value"])
    assert found["low"] == pytest.approx(straight if name != "rivers" else found["value"])
    assert (found["doubt"], found["layer"]) == ("layer-missing", name)
    assert found["value"] == pytest.approx(low or 0.5 * KM)


def test_a_layer_of_rivers_that_is_not_complete_leaves_a_longer_time_open():
    found = measured(places(HOME), **whole(rivers=(river(LineString([(100, 0), (100, 4000)])), "unknown")))
    assert found["low"] == found["value"] and found["high"] == INF
    assert (found["doubt"], found["layer"]) == ("layer-incomplete", "rivers")


def test_a_school_beyond_the_edge_of_its_layer_takes_at_least_the_way_there():
    far = (tiny.facilities((4950, 2050)),)
    found = measured(places(HOME), **whole(schools=far))
    # the layers end 1950 m from the village in the south; nobody walks a kilometre faster than in 9.99 minutes
    assert found["value"] > 2.4 * KM and found["low"] == pytest.approx(1.95 * KM / np.exp(0.175))
    assert found["doubt"] == "beyond-edge"


def test_a_river_beyond_the_edge_makes_only_a_way_that_leads_there_longer():
    # the layer of rivers ends 1950 m from the village
    assert measured(places(HOME), **whole())["high"] == pytest.approx(0.5 * KM)
    far = whole(schools=(tiny.facilities((4950, 2050)),))
    found = measured(places(HOME), **far)
    assert found["high"] == found["value"] > 2.4 * KM
    wall = river(LineString([(100, 0), (100, 4000)]))
    near = tiny.facilities((6050, 2050))
    wide = (ground(np.zeros((40, 80))),)
    found = measured(places(HOME), **whole(schools=(near,), elevation=wide, rivers=(wall,)))
    assert found["high"] == INF and (found["doubt"], found["layer"]) == ("beyond-edge", "rivers")


def test_a_place_at_its_facility_is_on_its_way():
    here = (tiny.facilities(HOME),)
    found = measured(places(HOME), **whole(schools=here))
    assert (found["value"], found["low"], found["high"]) == (0, 0, 0)


def test_the_study_file_says_whether_a_road_leads_over_water():
    over = whole(
        schools=(tiny.facilities((3050, 2050)),), rivers=(river(LineString([(2800, -10), (2800, 4010)])),)
    )
    assert np.isfinite(measured(places(HOME), **over)["value"])
    chosen = {"priority": ["water", "roads", "wetland", "land_cover"]}
    assert measured(places(HOME), chosen, **over)["value"] > 10 * 0.5 * KM, "round by the bridge in the north"


def test_without_heights_there_is_no_time():
    found = measured(places(HOME), **whole(elevation=None))
    assert np.isnan(found["value"]) and (found["doubt"], found["layer"]) == ("layer-missing", "elevation")


@pytest.mark.parametrize("name", ["sphere", "indonesia-idm", "kontum-dtts-village-2022"])
def test_sets_that_ask_for_minutes_measure_them(name):
    asked = load_criteria(name)
    check_bindings(asked, CATALOGUE)
    assert {"elevation", "rivers", "land_cover"} <= layers_used(asked)
    assert INDICATORS["travel_time"].optional == {"elevation", "roads", "rivers", "crossings", "land_cover"}
