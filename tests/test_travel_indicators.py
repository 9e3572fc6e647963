"""Minutes of riding and who is cut off in the rains: numbers worked out by hand, and how the two are told."""

from types import MappingProxyType, SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from pyproj import CRS
from shapely import LineString, Point, box

import tiny
from gis.catalogue import load_catalogue
from gis.criteria import Binding
from gis.errors import CriteriaError
from gis.explanations import explain
from gis.findings import evaluate
from gis.indicators.travel import cut_off_in_rains, travel_time
from gis.measure import check_bindings, measure
from gis.rasters import Raster
from gis.study import LayerData
from sets import criteria_set, criterion

INF = np.inf
CATALOGUE = load_catalogue()
WALK = 5.04
HOME, SCHOOL = (250, 1050), (2250, 1050)
"""Middles of two cells, 2 km apart, each 200 m from an end of the road between them."""


def ground(rows=20, columns=30, cell=100.0):
    return Raster(np.zeros((rows, columns)), 0.0, cell * rows, cell, cell, CRS(tiny.CRS))


def places(*xy):
    frame = tiny.villages(len(xy))
    frame["point"] = gpd.GeoSeries([Point(*at) for at in xy], index=frame.index, crs=tiny.CRS)
    return frame


def road(*, start=450, end=2050, **columns):
    """A road along the middles of the row of cells that home and school lie in."""
    return tiny.roads(LineString([(start, 1050), (end, 1050)]), **columns)


def river(*lines, kind="river"):
    return gpd.GeoDataFrame({"kind": [kind] * len(lines)}, geometry=list(lines), crs=tiny.CRS)


def ford(*points, kind="ford", all_season=0.0, name="Ngầm Suối Đá"):
    frame = gpd.GeoDataFrame(geometry=[Point(*at) for at in points], crs=tiny.CRS)
    return frame.assign(kind=kind, all_season=all_season, name=name)


STREAM = river(LineString([(1250, -10), (1250, 2010)]))


def times(roads, **how):
    return travel_time(places(HOME), tiny.facilities(SCHOOL), ground(), roads, **how).iloc[0]


# 200 m to the road at the off-path speed, half a cell of it on the road's own cell; getting on and off
AFOOT = 2 * (150 / (0.6 * WALK) + 50 / WALK) * 60 / 1000


@pytest.mark.parametrize(
    "mode, season, kmh",
    [
        ("motorbike", "dry", 28),
        ("motorbike", "wet", 25),
        ("car", "dry", 22),
        ("car", "wet", 20),
        ("bicycle", "dry", 14),
    ],
)
def test_one_walks_to_the_road_rides_and_walks_again(mode, season, kmh):
    found = times(road(), mode=mode, season=season)
    assert found["value"] == pytest.approx(AFOOT + 1.6 / kmh * 60, rel=1e-3)
    assert found["legs"] == f"walk:200 {mode}:1600 walk:200" and found["estimated"] == 0
    assert found["facility_id"] == "f0" and found["way"].length == pytest.approx(2000)
    assert found["value"] < times(road(), season=season)["value"]


def test_where_no_wheels_can_go_one_walks():
    path = road(**{"class": "path", "surface": "earth"})
    assert times(path, mode="car")["legs"] == "walk:2000"
    assert times(path, mode="car")["value"] == times(path)["value"]
    assert times(None, mode="car")["legs"] == "walk:2000"


def test_a_road_that_is_not_open_all_year_is_walked_in_the_rains():
    closed = road(all_season=0.0)
    assert times(closed, mode="motorbike")["legs"] == "walk:200 motorbike:1600 walk:200"
    wet = times(closed, mode="motorbike", season="wet")
    assert wet["legs"] == "walk:2000" and wet["value"] > times(closed, mode="motorbike")["value"]


def test_a_one_way_road_is_ridden_one_way_and_walked_the_other():
    there = times(road(oneway=1.0), mode="motorbike")
    assert there["legs"] == "walk:200 motorbike:1600 walk:200"
    against = times(road(oneway=1.0, reversed=1.0), mode="motorbike")
    assert against["legs"] == "walk:2000" and against["value"] == times(road())["value"]


def test_what_nobody_recorded_of_a_road_is_said_to_be_estimated():
    ridden = 1.6 / 20 * 60
    unpaved = times(road(surface=None), mode="motorbike")
    # a village road without a surface counts as gravel
    assert unpaved["value"] == pytest.approx(AFOOT + ridden, rel=1e-3)
    assert unpaved["estimated"] == pytest.approx(100 * ridden / (AFOOT + ridden), rel=1e-2)
    unknown = road(all_season=np.nan)
    assert times(unknown, mode="motorbike")["estimated"] == 0
    assert times(unknown, mode="motorbike", season="wet")["estimated"] > 30


def test_the_floor_is_the_straight_way_at_the_fastest_there_is():
    found = times(road(), mode="car")
    assert found["floor"] == pytest.approx(2 / 55 * 60) and found["min_per_km"] == pytest.approx(60 / 55)
    assert times(road())["floor"] == pytest.approx(2 / (WALK * np.exp(0.175)) * 60)


def test_the_edge_of_the_heights_is_nearer_for_one_who_rides_there():
    wide = road(start=50, end=2950)
    on_foot, riding = (times(wide, mode=mode) for mode in ("walk", "motorbike"))
    assert on_foot["low"] < on_foot["value"] and on_foot["doubt"] == "beyond-edge"
    # 200 m of road to the outermost cell
    assert riding["low"] == pytest.approx(0.2 / 28 * 60, abs=0.05) and riding["doubt"] == "beyond-edge"


def test_without_heights_one_rides_by_road_with_straight_walks_that_are_estimated():
    found = travel_time(places(HOME, (250, 8050)), tiny.facilities(SCHOOL), None, road(), mode="motorbike")
    afoot, ridden = 2 * 0.2 * 1.3 / WALK * 60, 1.6 / 28 * 60
    assert found["value"].tolist() == [pytest.approx(afoot + ridden), INF]
    assert (
        found["legs"].iloc[0] == "walk:260 motorbike:1600 walk:260" and found["facility_id"].iloc[0] == "f0"
    )
    assert found["estimated"].iloc[0] == pytest.approx(100 * afoot / (afoot + ridden))
    assert found["way"].iloc[0].length == pytest.approx(2000)
    wet = travel_time(
        places(HOME), tiny.facilities(SCHOOL), None, road(all_season=0.0), mode="car", season="wet"
    )
    assert wet["value"].tolist() == [INF]


def test_without_heights_there_is_no_time_on_foot_or_without_roads():
    for roads, mode in ((road(), "walk"), (None, "car")):
        found = travel_time(places(HOME), tiny.facilities(SCHOOL), None, roads, mode=mode).iloc[0]
        assert np.isnan(found["value"]) and (found["doubt"], found["doubt_of"]) == (
            "layer-missing",
            "elevation",
        )


# --- cut off in the rains ------------------------------------------------------------------------------


def cut(*, crossings=None, roads=None, rivers=STREAM, homes=(HOME,), **how):
    return cut_off_in_rains(
        places(*homes), tiny.facilities(SCHOOL), ground(), roads, rivers, crossings, **how
    )


def test_a_ford_that_the_rains_close_cuts_off_and_is_named():
    found = cut(crossings=ford((1250, 1050)), roads=road()).iloc[0]
    assert (found["value"], found["closed"]) == (1, "crossing:Ngầm Suối Đá")
    assert found["numerator"] == INF and found["denominator"] == pytest.approx(
        AFOOT + 1.6 / 28 * 60, rel=1e-3
    )
    assert found["legs"] == "walk:200 motorbike:1600 walk:200" and found["facility_id"] == "f0"


@pytest.mark.parametrize(
    "crossings", [ford((1250, 1050), all_season=1.0), ford((1250, 1050), kind="bridge", all_season=1.0)]
)
def test_what_is_open_all_year_cuts_nobody_off(crossings):
    found = cut(crossings=crossings, roads=road()).iloc[0]
    assert found["value"] == 0 and found["closed"] is None and np.isfinite(found["numerator"])


def test_who_gets_there_in_no_season_is_not_cut_off_by_the_rains():
    found = cut().iloc[0]
    assert (
        found["value"] == 0
        and found["denominator"] == INF
        and found["closed"] is None
        and found["facility_id"] is None
    )


def test_a_stream_that_is_waded_in_the_dry_season_only_cuts_off():
    found = cut(rivers=river(LineString([(1250, -10), (1250, 2010)]), kind="stream")).iloc[0]
    assert (found["value"], found["closed"], found["legs"]) == (1, "water:", "walk:2000")


def test_a_way_that_takes_too_long_in_the_rains_counts_only_with_a_limit():
    closed = road(all_season=0.0, name="Đường bản")
    none = river()
    assert cut(rivers=none, roads=closed).iloc[0]["value"] == 0
    found = cut(rivers=none, roads=closed, max_min=15).iloc[0]
    assert (found["value"], found["closed"]) == (1, "road:Đường bản")
    slow = cut(rivers=none, roads=road(surface="earth"), max_min=AFOOT + 10).iloc[0]
    assert (slow["value"], slow["closed"]) == (1, "slow:")


def test_ways_beyond_the_edge_leave_it_open_unless_the_rains_are_no_hindrance():
    # 250 m from the edge of the heights
    found = cut(crossings=ford((1250, 1050)), roads=road()).iloc[0]
    assert (found["low"], found["high"], found["doubt"], found["doubt_of"]) == (
        0,
        1,
        "beyond-edge",
        "elevation",
    )
    sure = cut(crossings=ford((1250, 1050), all_season=1.0), roads=road()).iloc[0]
    assert sure["low"] == sure["high"] == 0
    # nothing reaches the edge in a minute, nor the school
    quick = cut(crossings=ford((1250, 1050)), roads=road(), max_min=1.0).iloc[0]
    assert quick["value"] == quick["low"] == quick["high"] == 0


# --- bound to a study, and told ------------------------------------------------------------------------

AREA = box(0, 0, 3000, 2000)


def layer(name, held):
    raster = held if isinstance(held, Raster) else None
    counts = {"rows_in": 1, "rows_used": 1, "rows_reported": 0}
    return LayerData(
        CATALOGUE[name], None if raster else held, raster, {"*": "yes"}, "2024", "f.gpkg", AREA, counts
    )


def study(asked, **layers):
    villages = places(HOME)
    held = {
        "elevation": ground(),
        "schools": tiny.facilities(SCHOOL),
        "roads": road(),
        "rivers": STREAM,
    } | layers
    return SimpleNamespace(
        villages=villages,
        communes=gpd.GeoDataFrame({"name": ["x1"]}, geometry=[None], index=["x1"], crs=tiny.CRS),
        layers=MappingProxyType({name: layer(name, one) for name, one in held.items()}),
        parameters=MappingProxyType({}),
        travels={},
        groups=tiny.villages(1)["name"].map(lambda _: "all"),
        criteria=asked,
        reported=None,
        year=2024,
    )


def told(binding, unit="min", **layers):
    compare = {"compare": "absent", "thresholds": {"all": True}} if unit == "bool" else {"compare": "le"}
    asked = criteria_set(criterion(measured=binding, reported=None, unit=unit, **compare))
    check_bindings(asked, CATALOGUE)
    made = study(asked, **layers)
    findings = evaluate(measure(made, asked, CATALOGUE), asked, made.villages, made.groups)
    return [explain(findings.iloc[0].to_dict(), made, language) for language in ("vi", "en")]


def test_the_way_is_told_part_by_part_with_what_is_estimated():
    ride = Binding("travel_time", (("facilities", "schools"), ("mode", "motorbike"), ("season", "wet")))
    vi, en = told(ride, crossings=ford((1250, 1050), all_season=1.0), roads=road(all_season=np.nan))
    assert "Đường đi mùa mưa: đi bộ 0,2 km, đi xe máy 1,6 km, đi bộ 0,2 km." in vi and "là ước tính" in vi
    assert (
        "The way in the rains: 0.2 km on foot, 1.6 km by motorbike, 0.2 km on foot." in en
        and "is estimated" in en
    )
    assert "Nearest by motorbike" in en


def test_what_cuts_a_village_off_is_told():
    asked = Binding("cut_off_in_rains", (("facilities", "schools"),))
    vi, en = told(asked, unit="bool", crossings=ford((1250, 1050)))
    assert "Mùa mưa không qua được «Ngầm Suối Đá» trên đường này." in vi
    assert "The rains close “Ngầm Suối Đá” on this way." in en
    assert "Mùa khô đi hết 11 phút." in vi
    vi, _ = told(asked, unit="bool", crossings=ford((1250, 1050), name=None))
    assert "một cầu, ngầm chưa có tên" in vi


@pytest.mark.parametrize(
    "indicator, option, value",
    [
        ("travel_time", "mode", "horse"),
        ("travel_time", "season", "spring"),
        ("travel_time", "mode", ("walk", "car")),
        ("cut_off_in_rains", "max_min", -5),
        ("cut_off_in_rains", "season", "wet"),
    ],
)
def test_words_and_numbers_that_mean_nothing_are_refused(indicator, option, value):
    binding = Binding(indicator, (("facilities", "schools"), (option, value)))
    with pytest.raises(CriteriaError):
        check_bindings(criteria_set(criterion(measured=binding, reported=None)), CATALOGUE)
