"""Roads drawn without nodes, joined where they cross: worked out by hand."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString

import tiny
from gis.errors import CRSError, StudyError
from gis.network import Network, nearest
from gis.roadcrossings import join_crossings

ROAD = LineString([(0, 0), (100, 0)])
ACROSS = LineString([(50, -50), (50, 50)])


def far(roads, origin, target):
    ends = np.array([origin], float), np.array([target], float)
    return nearest(Network.of_roads(roads), *ends, max_leg_m=1.0)[0][0]


def test_roads_that_cross_join_there_only_once_they_are_joined():
    roads = tiny.roads(ROAD, ACROSS)
    joined, crossings = join_crossings(roads)
    assert np.isinf(far(roads, (0, 0), (50, 50)))
    assert far(joined, (0, 0), (50, 50)) == pytest.approx(100)
    assert crossings.to_dict("records") == [{"one": 0, "other": 1, "x": 50, "y": 0, "is_joined": True}]
    assert joined.geometry["r0"].equals_exact(LineString([(0, 0), (50, 0), (100, 0)]))
    assert joined.drop(columns="geometry").equals(roads.drop(columns="geometry"))


@pytest.mark.parametrize(
    "said",
    [{"structure": ["bridge", None]}, {"structure": [None, "tunnel"]}, {"level": [1, np.nan]}],
)
def test_bridges_tunnels_and_other_levels_stay_apart_and_are_told(said):
    roads = tiny.roads(ROAD, ACROSS, **said)
    joined, crossings = join_crossings(roads)
    assert crossings["is_joined"].tolist() == [False]
    assert joined.geometry.equals(roads.geometry) and np.isinf(far(joined, (0, 0), (50, 50)))


def test_a_ford_is_no_bridge():
    joined, _ = join_crossings(tiny.roads(ROAD, ACROSS, structure=["ford", None]))
    assert far(joined, (0, 0), (50, 50)) == pytest.approx(100)


def test_what_joins_anyway_is_not_told():
    bent = LineString([(0, 50), (50, 0), (100, 50)])
    meets = LineString([(0, -50), (50, 0), (100, -50)])
    touches = LineString([(70, 0.3), (70, 50)])
    overshoots = LineString([(30, -0.3), (30, 50)])
    assert join_crossings(tiny.roads(bent, meets))[1].empty
    assert join_crossings(tiny.roads(ROAD, touches, overshoots))[1].empty
    assert join_crossings(tiny.roads(ROAD).iloc[:0])[1].empty


def test_a_crossing_at_a_vertex_of_one_road_is_one_crossing():
    bent = LineString([(0, 50), (50, 0), (60, -50)])
    joined, crossings = join_crossings(tiny.roads(ROAD, bent))
    assert len(crossings) == 1
    assert far(joined, (0, 0), (0, 50)) == pytest.approx(50 + np.hypot(50, 50))


def test_parts_of_a_road_stay_its_parts_and_a_missing_line_stays_missing():
    parts = MultiLineString([[(10, -5), (10, 5)], [(200, 0), (300, 0)]])
    joined, crossings = join_crossings(tiny.roads(None, ROAD, parts))
    assert crossings[["one", "other"]].to_numpy().tolist() == [[1, 2]]
    assert joined.geometry.iloc[0] is None
    expected = MultiLineString([[(10, -5), (10, 0), (10, 5)], [(200, 0), (300, 0)]])
    assert joined.geometry.iloc[2].equals_exact(expected)


def test_degrees_are_refused():
    with pytest.raises(CRSError):
        join_crossings(tiny.roads(ROAD, ACROSS).set_crs("EPSG:4326", allow_override=True))


point = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda xy: (xy[0] * 100.0, xy[1] * 100.0))
line = st.lists(point, min_size=2, max_size=3, unique=True).map(LineString)


@settings(max_examples=25, deadline=None)
@given(st.lists(line, min_size=2, max_size=5), point, point)
def test_joining_keeps_all_length_only_ever_joins_and_any_order_joins_the_same(lines, here, there):
    apart = tiny.roads(*lines)
    joined, crossings = join_crossings(apart)
    np.testing.assert_allclose(joined.length, apart.length)
    assert (shapely.hausdorff_distance(joined.geometry.to_numpy(), apart.geometry.to_numpy()) < 1e-9).all()
    ends = np.array([here]), np.array([there])

    def metres(roads):
        return nearest(Network.of_roads(roads), *ends, max_leg_m=150.0)[0][0]

    assert metres(joined) <= metres(apart) + 0.3
    again, same = join_crossings(tiny.roads(*[each.reverse() for each in lines[::-1]]))
    np.testing.assert_allclose(metres(again), metres(joined))
    assert len(same) == len(crossings)
    # nothing is left to join
    assert join_crossings(joined)[1].empty


def test_a_study_says_what_was_joined_and_refuses_the_word_elsewhere(tmp_path):
    from gis.sample import make_sample
    from gis.workflows import read_study

    path = make_sample(tmp_path / "s", villages=6)
    text = path.read_text(encoding="utf-8")
    roads = read_study(path).layers["roads"].frame
    middle = max(roads.geometry, key=lambda each: each.length).interpolate(0.5, normalized=True)
    _draw(tmp_path / "s" / "duong.gpkg", roads.crs, middle)
    path.write_text(text.replace("file: duong.gpkg", "file: duong.gpkg\n    join_crossings: true"), "utf-8")
    told = {
        problem.code: problem for problem in read_study(path).problems if problem.code.startswith("roads-")
    }
    # else it would be told as an island
    assert list(told) == ["roads-crossings-joined"]
    joined = [each.pick("vi") for each in told["roads-crossings-joined"].arguments["crossings"]]
    assert len(joined) == told["roads-crossings-joined"].arguments["count"]
    assert any("Lạc" in each for each in joined)

    path.write_text(text.replace("file: thon.gpkg", "file: thon.gpkg\n    join_crossings: true"), "utf-8")
    with pytest.raises(StudyError, match="join_crossings"):
        read_study(path)


def _draw(file, crs, middle):
    """One more road into a file, 20 m to either side of a spot."""
    import geopandas as gpd
    import pandas as pd

    roads = gpd.read_file(file)
    loose = gpd.GeoSeries(
        [LineString([(middle.x - 20, middle.y - 21), (middle.x + 20, middle.y + 19)])], crs=crs
    ).to_crs(roads.crs)
    more = roads.iloc[:1].assign(TEN_DUONG="Lạc").set_geometry(loose.to_numpy(), crs=roads.crs)
    layer = gpd.list_layers(file)["name"].iloc[0]
    gpd.GeoDataFrame(pd.concat([roads, more])).to_file(file, layer=layer)
