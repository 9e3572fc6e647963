"""Islands of roads, worked out by hand, and how a study tells them."""

import numpy as np
import pandas as pd
from shapely import LineString

import tiny
from gis.roadislands import find_islands

MAIN = LineString([(0, 500), (1500, 500)])
LOOSE = LineString([(2100, 500), (2900, 500)])
FAR = LineString([(9000, 0), (9000, 100)])


def test_islands_are_told_with_length_names_and_the_villages_they_cut_off():
    roads = tiny.roads(MAIN, LOOSE, FAR, name=["Đường A", "Đường B", None])
    # the points of the villages lie at 500, 1500 and 2500
    islands = find_islands(roads, tiny.villages(3), reach_m=300)
    assert islands["km"].tolist() == [0.8, 0.1]
    assert islands["names"].tolist() == [("Đường B",), ()]
    assert islands["village_ids"].tolist() == [("v2",), ()]
    assert islands[["x", "y"]].to_numpy().tolist() == [[2100, 500], [9000, 0]]
    # with the longest part in reach too a village is not cut off
    assert find_islands(roads, tiny.villages(3), reach_m=1001)["village_ids"].tolist() == [(), ()]


def test_joined_roads_and_no_roads_have_no_islands():
    villages = tiny.villages(3)
    assert find_islands(tiny.roads(MAIN, LineString([(1500, 500), (1500, 0)])), villages).empty
    assert find_islands(tiny.roads(MAIN).iloc[:0], villages).empty


def test_the_order_of_roads_and_villages_without_a_point_change_nothing():
    roads, villages = tiny.roads(MAIN, LOOSE, FAR, name=["A", "B", "C"]), tiny.villages(3)
    villages.loc["v0", "point"] = None
    expected = find_islands(roads, villages, reach_m=300)
    for order in ([2, 1, 0], [1, 2, 0]):
        again = find_islands(roads.iloc[order], villages.iloc[np.array(order)], reach_m=300)
        assert again.equals(expected)


def test_a_study_tells_its_islands_and_whom_they_cut_off(tmp_path):
    import geopandas as gpd

    from gis.sample import make_sample
    from gis.workflows import read_study

    path = make_sample(tmp_path / "s", villages=12)
    assert not [problem for problem in read_study(path).problems if problem.code.startswith("roads-")]
    file = tmp_path / "s" / "duong.gpkg"
    roads = gpd.read_file(file)
    # a road to nowhere
    west, south = roads.total_bounds[:2]
    loose = roads.iloc[:1].set_geometry(
        [LineString([(west - 900, south), (west - 400, south)])], crs=roads.crs
    )
    layer = gpd.list_layers(file)["name"].iloc[0]
    gpd.GeoDataFrame(pd.concat([roads, loose])).to_file(file, layer=layer)
    told = {problem.code: problem for problem in read_study(path).problems}
    found = told["roads-islands"].arguments
    assert found["count"] == 1 and found["km"] == 0.5
    assert "0,5" in told["roads-islands"].say("vi") and "0.5" in told["roads-islands"].say("en")
