"""A bicycle on sloping roads: worked out by hand, and never slower than on foot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString

import tiny
from gis.kernels import CLIMB, STEEP
from gis.rasters import Raster
from gis.travel import Travel

ROAD = LineString([(0, 550), (2000, 550)])
WEST, EAST = (150.0, 550.0), (1850.0, 550.0)
KMH, RIDE_KMH = 5.04, 14.0


def slope(by):
    """Ground of 100 m cells that rises by so much eastwards."""
    heights = np.tile((np.arange(20) + 0.5) * 100 * by, (10, 1))
    return Raster(heights, 0.0, 1000.0, 100.0, 100.0, CRS(tiny.CRS))


def minutes(ground, start, end, mode="bicycle", roads=None, **how):
    roads = tiny.roads(ROAD) if roads is None else roads
    return Travel(ground, roads).reach(np.array([end]), mode=mode, **how).at(np.array([start]))[0][0]


@pytest.mark.parametrize("by", [0.0, 0.03, 0.06])
def test_uphill_takes_longer_by_the_slope_and_downhill_as_long_as_on_the_flat(by):
    flat = 1.7 / RIDE_KMH * 60
    assert minutes(slope(by), WEST, EAST) == pytest.approx(flat * (1 + by / float(CLIMB)), rel=2e-3)
    assert minutes(slope(by), EAST, WEST) == pytest.approx(flat, rel=2e-3)


def test_where_it_is_steep_a_bicycle_is_pushed():
    by = float(STEEP) + 0.02
    up, down = (np.exp(3.5 * abs(each + 0.05) - 0.175) * 1.7 / KMH * 60 for each in (by, -by))
    assert minutes(slope(by), WEST, EAST) == pytest.approx(up, rel=2e-3)
    assert minutes(slope(by), EAST, WEST) == pytest.approx(down, rel=2e-3)
    assert minutes(slope(by), WEST, EAST, mode="motorbike") == pytest.approx(1.7 / 35 * 60, rel=0.3)


def test_a_bridge_over_a_gorge_is_level():
    gorge = slope(0.0)
    gorge.values[:, 8:12] = -300.0
    level = tiny.roads(ROAD, structure="bridge")
    assert minutes(gorge, WEST, EAST, roads=level) == pytest.approx(1.7 / RIDE_KMH * 60, rel=2e-3)
    assert minutes(gorge, WEST, EAST) > 2 * minutes(gorge, WEST, EAST, roads=level)


def test_road_beyond_the_heights_is_level():
    ground = slope(0.06)
    ground.values[:, :10] = np.nan
    assert np.isfinite(minutes(ground, EAST, (1050.0, 550.0)))
    assert minutes(ground, (1050.0, 550.0), EAST) > minutes(ground, EAST, (1050.0, 550.0))


point = st.tuples(st.integers(5, 1995), st.integers(5, 995))


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 99),
    st.lists(st.lists(point, min_size=2, max_size=3, unique=True).map(LineString), min_size=1, max_size=3),
    point,
    point,
    st.sampled_from(["dry", "wet"]),
)
def test_a_bicycle_is_never_slower_than_walking(seed, lines, start, end, season):
    heights = np.random.default_rng(seed).uniform(0, 60, (10, 20))
    rough = Raster(heights, 0.0, 1000.0, 100.0, 100.0, CRS(tiny.CRS))
    roads = tiny.roads(*lines, surface="earth", all_season=np.nan)
    ride, walk = (
        minutes(rough, start, end, mode=mode, roads=roads, season=season) for mode in ("bicycle", "walk")
    )
    assert ride <= walk * (1 + 1e-5)
