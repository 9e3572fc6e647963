"""Extents by times on foot: rivers and bridges worked out by hand, and the laws of a division."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.ndimage import gaussian_filter
from shapely import LineString, Point, box

import tiny
from gis.extents import approximate_villages
from gis.rasters import Raster
from gis.travel import Travel

METRIC = CRS(tiny.CRS)
WHOLE = box(0, 0, 3000, 2000)


def ground(rows=20, columns=30, *, values=None, **layers):
    values = np.zeros((rows, columns)) if values is None else np.array(values, dtype=float)
    return Travel(Raster(values, 0.0, 100.0 * len(values), 100.0, 100.0, METRIC), **layers)


def communes(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), index=[f"x{n}" for n in range(len(shapes))], crs=METRIC)


def points(*places, commune="x0"):
    return gpd.GeoDataFrame(
        {"commune_id": [commune] * len(places)},
        geometry=[Point(place) for place in places],
        index=[f"v{n}" for n in range(len(places))],
        crs=METRIC,
    )


def river(*lines):
    return gpd.GeoDataFrame({"kind": ["river"] * len(lines)}, geometry=list(lines), crs=METRIC)


def bridge(*places):
    return gpd.GeoDataFrame(
        {"kind": ["bridge"] * len(places)}, geometry=[Point(at) for at in places], crs=METRIC
    )


def test_on_level_ground_two_villages_part_their_commune_half_way():
    found = approximate_villages(points((550, 1050), (2450, 1050)), communes(WHOLE), travel=ground())
    assert found.geometry.area.tolist() == pytest.approx([3e6, 3e6], abs=2e5)  # a column of ties
    assert found["extent"].tolist() == ["cell", "cell"] and found["by_time"].all()
    assert found["extent_doubt_m"].tolist() == [950, 950]


def test_a_river_without_a_bridge_is_the_border_though_one_village_is_nearer_to_both_banks():
    """The river runs at x = 2000 to 2100, the half-way line would be at x = 1200; water goes to the nearer bank."""
    water = river(LineString([(2050, -50), (2050, 2050)]))
    found = approximate_villages(
        points((1850, 1050), (2650, 1050)), communes(WHOLE), travel=ground(rivers=water)
    )
    assert found.geometry.iloc[0].bounds[2] == pytest.approx(2100, abs=100)
    assert found.geometry.iloc[1].bounds[0] == pytest.approx(2000, abs=100)
    assert found.geometry.area.sum() == pytest.approx(6e6)
    other = approximate_villages(
        points((550, 1050), (1850, 1050)), communes(WHOLE), travel=ground(rivers=water)
    )
    # nobody of the commune gets over: the far bank, 900 m by 2 km, is no village's; the water is the nearer's
    assert other.geometry.area.sum() == pytest.approx(6e6 - 0.9 * 2e6)


def test_over_a_bridge_the_village_nearer_to_it_has_the_far_bank():
    """The villages are as far from the river; the bridge stands in line with the northern one."""
    water, over = river(LineString([(1550, -50), (1550, 2050)])), bridge((1550, 1850))
    villages = points((1050, 1850), (1050, 150))
    found = approximate_villages(villages, communes(WHOLE), travel=ground(rivers=water, crossings=over))
    far = box(1600, 0, 3000, 2000)
    assert shapely.area(found.geometry.iloc[0].intersection(far)) == pytest.approx(far.area)
    assert shapely.area(found.geometry.iloc[1].intersection(far)) == pytest.approx(0)
    straight = approximate_villages(villages, communes(WHOLE))
    assert shapely.area(straight.geometry.iloc[1].intersection(far)) == pytest.approx(far.area / 2)


def test_what_a_study_says_of_streams_holds_for_extents_too():
    """A stream at the half-way line is waded in the dry season; where it never is, it parts the two."""
    brook = gpd.GeoDataFrame(
        {"kind": ["stream"]}, geometry=[LineString([(2050, -50), (2050, 2050)])], crs=METRIC
    )
    villages, whole = points((550, 1050), (1850, 1050)), communes(WHOLE)
    waded = approximate_villages(villages, whole, travel=ground(rivers=brook))
    barred = approximate_villages(villages, whole, travel=ground(rivers=brook, ground={"wade": "never"}))
    assert waded.geometry.area.sum() == pytest.approx(6e6)
    assert barred.geometry.area.sum() == pytest.approx(6e6 - 0.9 * 2e6)


def test_a_ridge_parts_two_valleys_though_half_way_lies_beyond_it():
    """A wall of 300 m stands at x = 1100 to 1300, half way is x = 1500: the far side is a walk of days."""
    values = np.zeros((20, 30))
    values[:, 11:13] = 300
    villages = points((1050, 1050), (1950, 1050))
    found = approximate_villages(villages, communes(WHOLE), travel=ground(values=values))
    assert 1100 <= found.geometry.iloc[0].bounds[2] <= 1300 and found.geometry.iloc[1].bounds[0] >= 1100
    assert approximate_villages(villages, communes(WHOLE)).geometry.iloc[0].bounds[2] == 1500


def test_without_an_outline_the_ground_of_a_village_ends_at_the_limit():
    """Ten minutes off all roads at 60 % of 5.04 km/h are 504 m, in eight directions: an octagon."""
    found = approximate_villages(
        points((1550, 1050), commune="gone"), communes(WHOLE), travel=ground(), limit_min=10
    ).iloc[0]
    assert found["extent"] == "limited" and found["by_time"] and found["approximate"]
    assert found.geometry.area == pytest.approx(np.sqrt(8) * 504**2, rel=0.05)
    assert found["extent_doubt_m"] == pytest.approx(np.sqrt(found.geometry.area / np.pi))


def test_ground_that_is_others_for_certain_is_left_to_them():
    taken = box(0, 0, 1550, 2000)
    villages = points((1750, 1050), commune="gone")
    found = approximate_villages(villages, communes(), travel=ground(), limit_min=10, taken=taken)
    assert found.geometry.iloc[0].bounds[0] == 1550 and found["extent"].tolist() == ["limited"]
    inside = approximate_villages(villages, communes(), travel=ground(), limit_min=10, taken=WHOLE)
    assert inside["extent"].tolist() == ["no-commune"] and not inside["approximate"].any()
    assert inside["extent_doubt_m"].isna().all()


def test_villages_in_one_cell_share_their_ground():
    found = approximate_villages(
        points((510, 1010), (590, 1090), (2450, 1050)), communes(WHOLE), travel=ground()
    )
    assert found["extent"].tolist() == ["shared", "shared", "cell"]
    assert found.geometry.iloc[0].equals(found.geometry.iloc[1])
    assert found.geometry.iloc[[0, 2]].area.sum() == pytest.approx(6e6)


def test_a_commune_with_a_village_on_unknown_ground_is_parted_in_straight_lines():
    values = np.zeros((20, 30))
    values[:, :10] = np.nan
    villages = points((150, 1050), (2850, 1050))
    found = approximate_villages(villages, communes(WHOLE), travel=ground(values=values))
    assert not found["by_time"].any()
    assert found.geometry.geom_equals(approximate_villages(villages, communes(WHOLE)).geometry).all()


def test_an_outline_beyond_the_heights_is_parted_whole():
    wide = box(-1000, -1000, 4000, 3000)
    found = approximate_villages(points((550, 1050), (2450, 1050)), communes(wide), travel=ground())
    assert found["by_time"].all() and found.geometry.area.sum() == pytest.approx(wide.area)


def test_heights_of_another_place_leave_everything_as_it_was():
    far = ground()
    away = box(90_000, 90_000, 93_000, 92_000)
    villages = points((90_550, 91_050), (92_450, 91_050))
    found = approximate_villages(villages, communes(away), travel=far)
    assert not found["by_time"].any() and found["extent"].tolist() == ["cell", "cell"]
    bare = approximate_villages(points((90_550, 91_050), commune="gone"), communes(away), travel=far)
    assert bare["extent"].tolist() == ["no-commune"]


def hills(random):
    """Heights of hills as steep as those of a mountain district, 600 m between the lowest and the highest."""
    smooth = gaussian_filter(random.uniform(0, 1, (20, 30)), 2)
    return 600 * (smooth - smooth.min()) / np.ptp(smooth)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_cells_are_a_coverage_that_each_village_stands_in_and_no_order_changes(seed, count):
    random = np.random.default_rng(seed)
    walk = np.cumsum(random.uniform(-250, 250, 12)) + 1000
    water = river(LineString(np.column_stack([np.linspace(-50, 3050, 12), walk])))
    crossings = bridge(
        *shapely.get_coordinates(shapely.line_interpolate_point(water.geometry.iloc[0], [900, 2300]))
    )
    travel = ground(values=hills(random), rivers=water, crossings=crossings)
    outline = WHOLE.difference(box(1200, 900, 1500, 1300))
    places = random.uniform([0, 0], [3000, 2000], (count, 2))
    frame = points(*map(tuple, places))
    found = approximate_villages(frame, communes(outline), travel=travel)
    made = found[found["approximate"]]
    assert made.is_valid.all()
    # a village in the water or in a cell that the river cuts off stands beside its ground, no farther than two cells
    assert (made.geometry.distance(frame.geometry[made.index]) < 200).all()
    own = made.geometry[~made.geometry.duplicated()]
    assert shapely.union_all(own).area == pytest.approx(own.area.sum(), rel=1e-9)
    assert shapely.difference(shapely.union_all(own), outline).area < 1e-3
    other = approximate_villages(frame.iloc[::-1], communes(outline), travel=travel)
    assert found.geometry.to_wkb().equals(other.geometry.to_wkb().reindex(found.index))
    assert found["extent"].equals(other["extent"].reindex(found.index))


@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_every_cell_of_ground_belongs_to_the_village_that_is_reached_first(seed):
    """Beside the times to each village alone."""
    random = np.random.default_rng(seed)
    travel = ground(values=hills(random))
    places = random.uniform([0, 0], [3000, 2000], (4, 2))
    found = approximate_villages(points(*map(tuple, places)), communes(WHOLE), travel=travel)
    if (found["extent"] != "cell").any() or not found["by_time"].all():
        return
    surface = travel.surface()
    alone = np.stack([surface.times(surface.entries(place[None]), knights=False) for place in places])
    row, column = np.divmod(np.arange(600), 30)
    middles = shapely.points(100.0 * column + 50, 2000 - 100.0 * row - 50)
    own = np.array([shapely.contains_xy(shape, shapely.get_coordinates(middles)) for shape in found.geometry])
    best = alone.reshape(4, -1).min(axis=0)
    slower = alone.reshape(4, -1)[own.argmax(axis=0), np.arange(600)] > best + 1e-2
    assert own.sum(axis=0).tolist() == [1] * 600 and not slower.any()


def test_a_study_with_heights_parts_its_communes_by_times_on_foot_and_says_so(tmp_path):
    """Two villages in an outline, its far bank behind a river, and a third in no outline."""
    import rasterio

    from gis.workflows import read_study

    ids = {"village_id": ["v0", "v1", "v2"], "name": ["A", "B", "C"], "commune_id": ["x", "x", "y"]}
    places = [Point(550, 1050), Point(1650, 1050), Point(2850, 1050)]
    gpd.GeoDataFrame(ids, geometry=places, crs=METRIC).to_file(tmp_path / "thon.gpkg")
    outline = {"commune_id": ["x"], "name": ["X"]}
    gpd.GeoDataFrame(outline, geometry=[box(0, 0, 2600, 2000)], crs=METRIC).to_file(tmp_path / "xa.gpkg")
    river(LineString([(2150, -50), (2150, 2050)])).to_file(tmp_path / "song.gpkg")
    form = {"width": 30, "height": 20, "count": 1, "dtype": "float32", "crs": tiny.CRS}
    place = rasterio.Affine(100, 0, 0, 0, -100, 2000)
    with rasterio.open(tmp_path / "cao.tif", "w", driver="GTiff", transform=place, **form) as file:
        file.write(np.zeros((20, 30), dtype="float32"), 1)
    (tmp_path / "study.yaml").write_text(
        "id: dat\ntitle: D\ncriteria: sphere\nlayers:\n  villages: {file: thon.gpkg}\n  communes: {file: xa.gpkg}\n"
        "  rivers: {file: song.gpkg}\n  elevation: {file: cao.tif}\n",
        encoding="utf-8",
    )
    study = read_study(tmp_path / "study.yaml")
    told = {problem.code: problem.arguments for problem in study.problems}
    areas = study.villages.geometry.area
    assert study.villages["approximate"].all()
    assert areas[["v0", "v1"]].sum() == pytest.approx(2200 * 2000)  # up to the far side of the water
    assert areas["v2"] == pytest.approx(400 * 2000, abs=1e5)  # 504 s to the border of X and the whole strip
    assert told["villages-extent-walked"] == {"count": 2, "doubt_m": 550.0}
    assert told["villages-extent-limited"]["count"] == 1
    # 400 m by 2 km of X lie behind the river
    assert "80" in told["villages-extent-unreached"]["communes"][0].pick("en")
    assert "villages-extent-made" not in told
