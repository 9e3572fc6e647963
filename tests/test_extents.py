"""Approximate extents of villages that are points, in straight lines."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from gis.extents import approximate_villages

CRS = "EPSG:9216"


def communes(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), index=[f"x{n}" for n in range(len(shapes))], crs=CRS)


def points(*places, commune="x0"):
    commune = commune if isinstance(commune, list) else [commune] * len(places)
    shapes = [place and Point(place) for place in places]
    ids = [f"v{n}" for n in range(len(places))]
    return gpd.GeoDataFrame({"commune_id": commune}, geometry=shapes, index=ids, crs=CRS)


def test_two_villages_part_their_commune_half_way():
    found = approximate_villages(points((20, 50), (60, 50)), communes(box(0, 0, 100, 100)))
    assert found.geometry.iloc[0].equals(box(0, 0, 40, 100)) and found.geometry.iloc[1].equals(
        box(40, 0, 100, 100)
    )
    assert found["approximate"].all() and found["extent"].tolist() == ["cell", "cell"]
    assert found["extent_doubt_m"].tolist() == [20, 20]


def test_the_only_village_of_a_commune_has_its_whole_outline():
    found = approximate_villages(points((1, 1)), communes(box(0, 0, 100, 100))).iloc[0]
    assert found.geometry.equals(box(0, 0, 100, 100)) and found["extent"] == "whole"
    assert found["extent_doubt_m"] == pytest.approx(100 / np.sqrt(np.pi))


def test_villages_on_one_place_have_the_same_cell_and_no_invented_border():
    found = approximate_villages(points((20, 50), (60, 50), (20, 50)), communes(box(0, 0, 100, 100)))
    assert found["extent"].tolist() == ["shared", "cell", "shared"]
    assert found.geometry.iloc[0].equals(box(0, 0, 40, 100)) and found.geometry.iloc[2].equals(
        box(0, 0, 40, 100)
    )
    alone = approximate_villages(points((20, 50), (20, 50)), communes(box(0, 0, 100, 100)))
    assert alone["extent"].tolist() == ["shared"] * 2 and alone.geometry.iloc[0].area == 10_000


def test_what_lies_outside_or_nowhere_takes_no_part_and_says_why():
    found = approximate_villages(
        points((20, 50), (500, 50), None, (20, 20), (30, 30), commune=["x0", "x0", "x0", None, "x9"]),
        communes(box(0, 0, 100, 100)),
    )
    assert found["extent"].tolist() == ["whole", "outside", "no-point", "no-commune", "no-commune"]
    assert found["approximate"].tolist() == [True, False, False, False, False]
    assert found["extent_doubt_m"].isna().tolist() == [False, True, True, True, True]


def test_a_commune_known_as_a_point_gives_no_extents():
    assert approximate_villages(points((1, 1)), communes(Point(5, 5)))["extent"].tolist() == ["no-commune"]


@given(st.integers(0, 10_000), st.integers(1, 40))
def test_cells_part_their_commune_exactly(seed, count):
    """Areas add up, nothing overlaps, each holds its village: in an outline with a bay, a hole and an islet."""
    random = np.random.default_rng(seed)
    shore = Polygon(
        [(0, 0), (1000, 0), (1000, 1000), (500, 300), (0, 1000)], [[(100, 100), (200, 100), (150, 200)]]
    )
    whole = shapely.transform(shore.union(box(1200, 0, 1300, 80)), lambda xy: xy + [553_000, 1_620_000])
    places = random.uniform([553_000, 1_620_000], [554_300, 1_621_000], (count, 2))
    # every second one on the map's grid of 100 m, so that points share lines, circles and places
    places[::2] = np.round(places[::2], -2)
    frame = points(*map(tuple, places))
    found = approximate_villages(frame, communes(whole))
    cells = found[found["approximate"]]
    assert cells.is_valid.all() and (cells.geometry.distance(frame.geometry[cells.index]) < 1e-6).all()
    own = cells.drop_duplicates("geometry").geometry
    if len(own):
        assert own.area.sum() == pytest.approx(whole.area, rel=1e-9)
        assert shapely.union_all(own).symmetric_difference(whole).area < 1e-3


def test_the_order_of_villages_changes_nothing():
    random = np.random.default_rng(1)
    frame = points(*map(tuple, random.uniform(0, 1000, (60, 2))))
    whole = communes(box(0, 0, 1000, 1000))
    one, other = approximate_villages(frame, whole), approximate_villages(frame.iloc[::-1], whole)
    assert one.geometry.geom_equals(other.geometry.reindex(one.index)).all()
    assert one["extent_doubt_m"].equals(other["extent_doubt_m"].reindex(one.index))
