"""Minutes where a village may be: beside a river, on a slope, all over an approximate extent; and what holds of them."""

from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, Point, box

import tiny
from doubted import judged, layer, study
from gis.around import times_around
from gis.criteria import Binding
from gis.explanations import explain
from gis.rasters import Raster
from gis.travel import Travel
from sets import criterion

NAN, INF = np.nan, np.inf
METRIC = CRS(tiny.CRS)
KM = 60 / 5.04 / 0.6
"""Minutes for a kilometre off roads on the flat."""


def ground(values, cell=100.0):
    """A grid whose south-west corner is 0, 0."""
    values = np.array(values, dtype=float)
    return Raster(values, 0.0, cell * len(values), cell, cell, METRIC)


LEVEL = ground(np.zeros((20, 40)))


def village(x, y, extent=None):
    frame = tiny.villages(1, approximate=extent is not None)
    frame["point"] = gpd.GeoSeries([Point(x, y)], index=frame.index, crs=tiny.CRS)
    return frame.set_geometry([extent or box(x - 50, y - 50, x + 50, y + 50)], crs=tiny.CRS)


def around(villages, place, *, position_m, elevation=LEVEL, **layers):
    reach = Travel(elevation, **layers).reach([place])
    here = np.column_stack([villages["point"].x, villages["point"].y])
    return times_around(reach, villages, reach.at(here)[0], position_m=position_m).iloc[0]


WALL = gpd.GeoDataFrame(
    {"kind": ["river"]}, geometry=[LineString([(1050, -100), (1050, 2100)])], crs=tiny.CRS
)


def test_the_places_around_a_point_are_nearer_and_farther():
    # from the middle of a cell, 2 km from the school; 100 m around it: the middles beside, 1.9 and 2.1 km away
    found = around(village(550, 1050), (2550, 1050), position_m=100)
    assert found["least"] == pytest.approx(1.9 * KM) and found["most"] == pytest.approx(2.1 * KM)
    assert np.isnan(found["median"])
    # within 60 m no other middle lies, but 60 m of the way to each
    found = around(village(550, 1050), (2550, 1050), position_m=60)
    assert found["least"] == pytest.approx(1.94 * KM, rel=1e-4) and found["most"] == pytest.approx(
        2.06 * KM, rel=1e-4
    )


def test_uphill_around_a_point_takes_longer_than_the_flat_metres_would():
    # the land rises by 60 % to the west, where a hundred metres down take far longer than on the flat
    slope = ground(np.tile(np.maximum(20 - np.arange(40), 0) * 60.0, (20, 1)))
    here, farther = (
        around(village(x, 1050), (2550, 1050), position_m=0, elevation=slope)["most"] for x in (1550, 1450)
    )
    assert farther - here > 0.3 * KM
    found = around(village(1550, 1050), (2550, 1050), position_m=100, elevation=slope)
    assert found["most"] == pytest.approx(farther, rel=1e-6)


def test_a_village_by_a_river_may_be_on_its_other_bank():
    # the school is east of the wall; the village 150 m west of it
    cut = around(village(1150, 1050), (2550, 1050), position_m=120, rivers=WALL)
    assert cut["most"] < INF
    found = around(village(1150, 1050), (2550, 1050), position_m=200, rivers=WALL)
    assert found["least"] == pytest.approx(1.2 * KM) and found["most"] == INF
    # and one that is cut off may be on the side where the school is
    found = around(village(950, 1050), (2550, 1050), position_m=200, rivers=WALL)
    assert found["least"] == pytest.approx(1.4 * KM) and found["most"] == INF


def test_an_approximate_extent_is_looked_at_from_end_to_end():
    # cells in a row with their middles at 450, 550, 650, 750 m; the school at 2550
    extent = box(400, 1000, 800, 1100)
    found = around(village(650, 1050, extent), (2550, 1050), position_m=0)
    assert found[["least", "median", "most"]].tolist() == pytest.approx([1.8 * KM, 1.9 * KM, 2.1 * KM])
    half = around(village(1150, 1050, box(800, 1000, 1300, 1100)), (2550, 1050), position_m=0, rivers=WALL)
    assert half["most"] == INF and half["least"] == pytest.approx(1.3 * KM)
    # an extent without the middle of any cell is its point
    assert around(village(650, 1050, box(640, 1040, 649, 1049)), (2550, 1050), position_m=0)[
        "least"
    ] == pytest.approx(1.9 * KM)


def test_a_ride_is_looked_at_all_around_too():
    # the road begins in the cell north of the village: 100 m around it one is on it, or 200 m from it
    villages, roads = village(550, 1050), tiny.roads(LineString([(550, 1150), (3550, 1150)]))
    reach = Travel(LEVEL, roads=roads).reach([(3550, 1150)], mode="motorbike")
    minutes = reach.at([(550, 1050)])[0]
    found = times_around(reach, villages, minutes, position_m=100).iloc[0]
    assert minutes[0] < 10 and found["least"] < minutes[0] < found["most"] < minutes[0] + 0.15 * KM


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 99),
    st.tuples(st.integers(100, 3900), st.integers(100, 1900)),
    st.integers(0, 250),
    st.integers(0, 250),
)
def test_a_wider_tolerance_only_ever_looks_at_more(seed, spot, narrow, wider):
    hills = ground(np.random.default_rng(seed).uniform(0, 300, (20, 40)))
    asked = {"elevation": hills, "rivers": WALL}
    less = around(village(*spot), (2550, 1050), position_m=narrow, **asked)
    more = around(village(*spot), (2550, 1050), position_m=narrow + wider, **asked)
    none = around(village(*spot), (2550, 1050), position_m=0, **asked)
    assert more["least"] <= less["least"] <= none["least"] and none["most"] <= less["most"] <= more["most"]


# --- in a study -----------------------------------------------------------------------------------------

WALK = Binding("travel_time", (("facilities", "schools"), ("kind", "primary")))


def walks(limit):
    return criterion(measured=WALK, reported=None, unit="min", thresholds=MappingProxyType({"all": limit}))


def raster(held):
    return replace(layer("elevation", None), raster=held)


def asked(limit, villages, **how):
    """Measurements and finding of one village."""
    measurements, findings = judged(made_of(limit, villages, **how))
    return measurements.iloc[0], findings.iloc[0]


def written(limit, villages, **how):
    """The study, and the finding of one village as `explain` takes it."""
    made = made_of(limit, villages, **how)
    return made, judged(made)[1].to_dict("records")[0]


def made_of(limit, villages, *, school=(2550, 1050), rivers=WALL, elevation=LEVEL, edges=None, **more):
    """A study of one village; `edges` narrows how far the data of a layer go."""
    nothing = {
        "roads": tiny.roads(LineString([(100, 1950), (110, 1950)])),
        "crossings": tiny.facilities((10, 1990)),
    }
    layers = {name: layer(name, frame) for name, frame in nothing.items()}
    layers |= {"schools": layer("schools", tiny.facilities(school)), "rivers": layer("rivers", rivers)}
    layers |= {"elevation": raster(elevation), "land_cover": raster(ground(np.full((20, 40), 99)))}
    layers |= {name: replace(layers[name], outline=outline) for name, outline in (edges or {}).items()}
    return study(walks(limit), villages=villages, layers=layers, **more)


FAR = gpd.GeoDataFrame({"kind": ["river"]}, geometry=[LineString([(3950, 0), (3950, 10)])], crs=tiny.CRS)


def test_no_tolerance_changes_nothing():
    none = {"position_m": 0, "speed_pct": 0}
    _, found = asked(40, village(550, 1050), rivers=FAR, tolerance=none)
    assert found["least"] == found["most"] == found["value"] == pytest.approx(2 * KM)
    assert not found["near"] and found["near_of"] is None


def test_what_the_result_depends_on_is_named():
    # 39.7 minutes; 50 m around and 50 m of the school are 2 minutes, a fifth of the speed is 8
    sure = asked(60, village(550, 1050), rivers=FAR)[1]
    assert not sure["near"] and sure["near_of"] is None
    speed = asked(45, village(550, 1050), rivers=FAR)[1]
    assert speed["near"] and speed["near_of"] == "speed"
    place = asked(40.5, village(550, 1050), rivers=FAR, tolerance={"position_m": 50, "speed_pct": 1})[1]
    assert place["near"] and place["near_of"] == "position"
    together = asked(42.5, village(550, 1050), rivers=FAR, tolerance={"position_m": 50, "speed_pct": 6})[1]
    assert together["near"] and together["near_of"] == "position speed"
    assert place["confidence_why"] == "near-threshold"


def test_a_village_by_a_river_depends_on_which_bank_it_is():
    _, found = asked(60, village(1150, 1050), tolerance={"position_m": 200})
    assert found["status"] == "met" and found["near_of"] == "position" and found["most"] == INF


def test_an_approximate_village_is_robust_or_depends_on_where_in_it_one_lives():
    extent = village(650, 1050, box(400, 1000, 800, 1100))
    none = {"position_m": 0, "speed_pct": 0}
    everywhere = asked(45, extent, rivers=FAR, tolerance=none)[1]
    assert everywhere["status"] == "met" and not everywhere["near"]
    assert everywhere["median"] == pytest.approx(1.9 * KM)
    nowhere = asked(10, extent, rivers=FAR, tolerance=none)[1]
    assert nowhere["status"] == "unmet" and not nowhere["near"]
    somewhere = asked(40, extent, rivers=FAR, tolerance=none)[1]
    assert somewhere["near"] and somewhere["near_of"] == "extent"
    assert (somewhere["median_status"], nowhere["median_status"]) == ("met", "unmet")
    assert somewhere["confidence_why"] == "near-threshold extent-approximate"


@settings(max_examples=15, deadline=None)
@given(
    st.integers(300, 3000),
    st.integers(5, 90),
    st.tuples(st.integers(0, 150), st.integers(0, 40)),
    st.tuples(st.integers(0, 150), st.integers(0, 40)),
)
def test_a_wider_tolerance_never_makes_a_result_steadier(x, limit, narrow, wider):
    near = [
        asked(limit, village(x, 1050), tolerance={"position_m": metres, "speed_pct": percent})[1]["near"]
        for metres, percent in (narrow, (narrow[0] + wider[0], narrow[1] + wider[1]))
    ]
    assert near[0] <= near[1]


def test_the_sentence_names_the_best_the_median_and_the_worst_place():
    extent, none = village(650, 1050, box(400, 1000, 800, 1100)), {"position_m": 0, "speed_pct": 0}
    for limit, verdict, told in (
        (40, "met", "The result depends on where in the approximate extent people live."),
        (45, "met", "The result holds over all of that."),
        (10, "not met", "The result holds over all of that."),
    ):
        made, finding = written(limit, extent, rivers=FAR, tolerance=none)
        text = explain(finding, made, "en")
        assert (
            f"35.7 min at its best place, 37.7 min at its median place ({verdict}), 41.7 min at its worst."
            in text
        )
        assert told in text


# --- the edge of the data -------------------------------------------------------------------------------

INNER = box(0, 600, 1500, 1400)
"""The village at 550, 1050 is 350 m from its border."""


@pytest.mark.parametrize("name", ["schools", "roads"])
def test_a_nearer_school_or_a_quicker_road_beyond_the_edge_leaves_far_open(name):
    found, finding = asked(30, village(550, 1050), rivers=FAR, edges={name: INNER})
    assert found["value"] == pytest.approx(2 * KM) and found["low"] < 30 and found["high"] == found["value"]
    assert (finding["status"], finding["reason"]) == ("unknown", "unknown-beyond-edge")


def test_a_way_over_ground_beyond_the_edge_of_the_heights_leaves_far_open():
    wall = gpd.GeoDataFrame(
        {"kind": ["river"]}, geometry=[LineString([(1050, 0), (1050, 2000)])], crs=tiny.CRS
    )
    found, finding = asked(60, village(550, 1050), rivers=wall)
    assert found["value"] == INF and found["low"] == pytest.approx(0.5 * KM)
    assert (finding["status"], finding["reason"]) == ("unknown", "unknown-beyond-edge")
    # where the school is found before the front comes to any edge the time is sure
    found, finding = asked(60, village(1550, 1050), school=(1950, 1050), rivers=FAR)
    assert found["low"] == found["high"] == found["value"] and finding["status"] == "met"
