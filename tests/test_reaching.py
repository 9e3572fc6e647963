"""How far a service is: minutes worked out by hand, bands, catchments, people, ways, and the files of them."""

import json
import zipfile
from types import SimpleNamespace

import fiona
import geopandas as gpd
import numpy as np
import openpyxl
import pyproj
import pytest
import shapely
from click.testing import CliRunner

import tiny
from gis.catalogue import load_catalogue
from gis.cli import commands
from gis.errors import ExportError, MissingError, TableError
from gis.exports import reach_list, write_reach
from gis.rasters import Raster
from gis.reaching import band_text, how_far, limits_of, service_of, services, ways_of
from gis.study import LayerData

CRS = pyproj.CRS(tiny.CRS)
CELL_MIN = 100 / 1000 / (5.04 * 0.6) * 60
"""Minutes for 100 m off all roads on the flat: 3.024 km/h."""


def layer(name, *, frame=None, raster=None):
    return LayerData(
        load_catalogue()[name], frame, raster, {"*": "yes"}, None, name, shapely.box(-9e5, -9e5, 9e5, 9e5), {}
    )


def study(*, rows=3, columns=9, places=((50, 150),), heights=0.0, people=None, **layers):
    """Flat land of 100 m cells from 0, 0 with three villages in its middle row at 150, 450 and 850 m."""
    flat = Raster(np.full((rows, columns), heights), 0.0, 100.0 * rows, 100.0, 100.0, CRS)
    villages = tiny.villages(3).assign(
        point=shapely.points([[150, 150], [450, 150], [850, 150]]), name=["A", "B", "C"], commune_id="c"
    )
    villages = villages.set_geometry([shapely.box(x, 0, x + 300, 300) for x in (0, 300, 600)], crs=tiny.CRS)
    clinics = gpd.GeoDataFrame(
        {"kind": "station", "name": [f"P{at}" for at in range(len(places))]},
        geometry=shapely.points(places),
        index=[f"p{at}" for at in range(len(places))],
        crs=tiny.CRS,
    )
    found = {
        "elevation": layer("elevation", raster=flat),
        "clinics": layer("clinics", frame=clinics),
        **layers,
    }
    if people is not None:
        found["population"] = layer("population", raster=people)
    communes = gpd.GeoDataFrame(
        {"name": ["Xã"]}, geometry=[shapely.box(0, 0, 900, 300)], index=["c"], crs=tiny.CRS
    )
    return SimpleNamespace(
        villages=villages, communes=communes, layers=found, crs=CRS, parameters={}, reported=None, travels={}
    )


def far_of(given, **options):
    return how_far(given, service_of(given), **options)


def test_minutes_and_kilometres_are_those_worked_out_by_hand():
    far = far_of(study())
    # a straight row of cells: 100, 400 and 800 m to the place in the first cell
    assert far.villages["minutes"].to_numpy() == pytest.approx(np.array([1, 4, 8]) * CELL_MIN, rel=1e-5)
    assert far.villages["walk_km"].tolist() == pytest.approx([0.1, 0.4, 0.8])
    assert far.villages["straight_km"].tolist() == pytest.approx([0.1, 0.4, 0.8])
    assert far.villages["ride_km"].tolist() == [0, 0, 0]
    assert far.villages["facility_name"].tolist() == ["P0"] * 3


def test_bands_add_up_to_the_ground_and_the_villages():
    far = far_of(study(), limits=(5, 10))
    assert far.bands["villages"].tolist() == [1, 1, 1, 0]
    assert far.bands["area_km2"].sum() == pytest.approx(0.27)
    assert far.bands.geometry.area.sum() / 1e6 == pytest.approx(0.27)
    assert far.bands.geometry.iloc[3] is None


def test_bands_are_of_the_study_and_of_the_whole_grid_where_its_outlines_leave_a_village_out():
    given = study(rows=5)
    given.communes = given.communes.set_geometry([shapely.box(0, 0, 900, 300)], crs=CRS)
    assert far_of(given).bands["area_km2"].sum() == pytest.approx(0.27)
    given.communes = given.communes.set_geometry([shapely.box(0, 0, 300, 300)], crs=CRS)
    given.villages = given.villages.set_geometry([None] * 3, crs=CRS)
    assert far_of(given).bands["area_km2"].sum() == pytest.approx(0.45)


def test_across_a_river_without_a_bridge_is_ground_of_its_own_that_is_not_reached():
    rivers = gpd.GeoDataFrame(
        {"kind": ["river"]}, geometry=[shapely.LineString([(650, -50), (650, 350)])], crs=tiny.CRS
    )
    far = far_of(study(rivers=layer("rivers", frame=rivers)))
    assert far.villages["mark"].iloc[2] == "unreached" and far.villages.geometry.iloc[2] is None
    unreached = far.bands.iloc[-1]
    assert unreached["villages"] == 1 and unreached.geometry.equals(shapely.box(700, 0, 900, 300))
    reached = shapely.union_all(far.bands.geometry.iloc[:-1].dropna().to_numpy())
    assert reached.equals(shapely.box(0, 0, 600, 300))


def test_the_list_tells_a_way_that_the_rains_close_from_one_that_is_not_known():
    rivers = gpd.GeoDataFrame(
        {"kind": ["stream"]}, geometry=[shapely.LineString([(650, -50), (650, 350)])], crs=tiny.CRS
    )
    listed, headings = reach_list(far_of(study(rivers=layer("rivers", frame=rivers))), "vi")
    beyond = listed.set_index("village").loc["C"]
    assert beyond["minutes"] > 0 and np.isnan(beyond["other"])
    assert beyond["other_told"] == "không tới được" and headings["other_told"] == "Kết quả mùa mưa"


def test_no_height_is_not_enough_data_and_not_unreachable():
    given = study()
    given.layers["elevation"].raster.values[:, 6:] = np.nan
    far = far_of(given)
    assert far.villages["mark"].iloc[2] == "unknown" and far.villages["band"].iloc[2] == -1
    assert np.isnan(far.villages["minutes"].iloc[2]) and far.bands["villages"].sum() == 2


def test_a_catchment_is_the_ground_that_is_nearer_to_its_place():
    far = far_of(study(places=((50, 150), (850, 150))))
    assert far.areas["villages"].tolist() == [2, 1]
    # the middle column is as far from both; all of it goes to one of them
    assert sorted(far.areas.geometry.area / 1e4) == [12, 15]
    assert far.areas["most_min"].max() <= (4 * 2**0.5 + 4) * CELL_MIN


def test_people_are_counted_in_the_band_and_catchment_where_they_live():
    people = Raster(np.array([[0, 0, 0], [10.0, 20, 30], [0, 0, 0]]), 0.0, 300.0, 300.0, 100.0, CRS)
    far = far_of(study(people=people), limits=(5, 12))
    assert far.bands["people"].sum() == pytest.approx(60) and far.people_unplaced == 0
    # cells of 300 m are counted at their quarters, which walk to the middle of their cell of the ground
    assert far.bands["people"].tolist() == pytest.approx([10, 20, 30, 0])
    assert far.areas["people"].tolist() == pytest.approx([60])


def test_people_of_a_study_without_outlines_are_those_of_the_whole_grid():
    given = study(people=Raster(np.array([[10.0, 20, 30]]), 0.0, 300.0, 300.0, 300.0, CRS))
    given.villages = given.villages.set_geometry([None] * 3, crs=CRS)
    assert far_of(given).bands["people"].sum() == pytest.approx(60)


def test_people_of_an_extent_that_two_villages_share_are_counted_once():
    people = Raster(np.array([[0, 0, 0], [10.0, 20, 30], [0, 0, 0]]), 0.0, 300.0, 300.0, 100.0, CRS)
    shared = study(people=people)
    first, _, last = shared.villages.geometry
    shared.villages = shared.villages.set_geometry([first, first, last], crs=tiny.CRS)
    assert far_of(shared, limits=(5, 12)).bands["people"].sum() == pytest.approx(40)


def test_people_where_no_height_is_known_are_counted_apart():
    people = Raster(np.array([[0, 0, 0], [10.0, 20, 30], [0, 0, 0]]), 0.0, 300.0, 300.0, 100.0, CRS)
    given = study(people=people)
    given.layers["elevation"].raster.values[:, 6:] = np.nan
    far = far_of(given)
    # half of the 30 live beside ground of known height and start from it
    assert far.people_unplaced == pytest.approx(15) and far.bands["people"].sum() == pytest.approx(45)


def test_a_village_has_its_way_and_the_second_choice():
    given = study(places=((50, 150), (850, 150)))
    ways = ways_of(given, service_of(given), "v1")
    assert [way.facility_id for way in ways] == ["p0", "p1"] or [way.facility_id for way in ways] == [
        "p1",
        "p0",
    ]
    assert [way.minutes for way in ways] == pytest.approx([4 * CELL_MIN] * 2, rel=1e-5)
    assert [(leg.how, leg.km, leg.minutes) for leg in ways[0].legs] == [("walk", ways[0].km, ways[0].minutes)]
    assert shapely.length(ways[0].line) == pytest.approx(400)


def test_a_village_without_a_point_has_no_way():
    given = study()
    given.villages["point"] = [None, *given.villages["point"].iloc[1:]]
    assert ways_of(given, service_of(given), "v0") == []
    assert far_of(given).villages["mark"].iloc[0] == "unknown"


def test_riding_goes_by_road_and_the_rains_close_what_is_not_passable():
    road = tiny.roads(shapely.LineString([(50, 150), (850, 150)]), all_season=0.0, surface="earth")
    given = study(roads=layer("roads", frame=road))
    walk, dry, wet = (
        far_of(given, mode=mode, season=season).villages.loc["v2"]
        for mode, season in (("walk", "dry"), ("motorbike", "dry"), ("motorbike", "wet"))
    )
    # an earth road is ridden in the dry season, and walked at nine tenths of 5.04 km/h in the rains
    assert dry["minutes"] < walk["minutes"] == pytest.approx(0.8 / (5.04 * 0.9) * 60, rel=1e-4)
    assert dry["ride_km"] > 0.5 and dry["other_min"] == wet["minutes"] and wet["other_min"] == dry["minutes"]
    assert wet["minutes"] == pytest.approx(walk["minutes"], rel=1e-4) and wet["ride_km"] == 0
    legs = ways_of(given, service_of(given), "v2", mode="motorbike")[0].legs
    assert "ride" in {leg.how for leg in legs}
    assert sum(leg.minutes for leg in legs) == pytest.approx(dry["minutes"], rel=1e-4)


def test_the_order_of_places_changes_nothing():
    places = ((50, 150), (850, 150), (450, 50))
    one, other = study(places=places), study(places=places)
    data = other.layers["clinics"]
    other.layers["clinics"] = LayerData(
        data.layer, data.frame.iloc[::-1], None, data.complete, None, "", data.outline, {}
    )
    first, second = far_of(one), far_of(other)
    for name in ("bands", "areas", "villages"):
        assert getattr(first, name).to_json() == getattr(second, name).to_json()


def test_coarse_areas_never_cover_what_is_not_reached():
    rivers = gpd.GeoDataFrame(
        {"kind": ["river"]}, geometry=[shapely.LineString([(650, -50), (650, 350)])], crs=tiny.CRS
    )
    far = far_of(study(rivers=layer("rivers", frame=rivers)), most_cells=8)
    reached = shapely.union_all(far.bands.geometry.iloc[:-1].dropna().to_numpy())
    assert far.cell_m == 200 and reached.intersection(shapely.box(700, 0, 900, 300)).area == 0


def test_services_are_layers_of_places_and_their_kinds(sample_review):
    names = [service.name for service in services(sample_review.study)]
    assert {"clinics", "clinics:station", "schools:primary", "commune_centres"} <= set(names)
    assert not {"crossings", "settlements", "roads"} & {name.split(":")[0] for name in names}
    assert service_of(sample_review.study).name == "clinics:station"


def test_what_is_not_there_is_said():
    given = study()
    with pytest.raises(MissingError, match="“x"):
        service_of(given, "x" * 500)
    service = service_of(given)
    del given.layers["elevation"]
    with pytest.raises(TableError, match="needs heights"):
        how_far(given, service)
    del given.layers["clinics"]
    with pytest.raises(MissingError, match="no layer of places"):
        service_of(given)


@pytest.mark.parametrize(
    "text", ["0", "30,15", "15,15", "a", "1e3", "15;30", ",", "１５", "1,2,3,4,5,6,7", "99999"]
)
def test_limits_that_are_none_are_refused(text):
    with pytest.raises(TableError, match="not valid"):
        limits_of(text)


def test_limits_are_read():
    assert limits_of("20, 45") == (20, 45) and limits_of("") == limits_of(None) == (15, 30, 60, 120)


# --- files


@pytest.fixture(scope="module")
def judged(sample_review):
    return sample_review, how_far(sample_review.study, service_of(sample_review.study))


def test_a_geopackage_holds_the_layers_that_another_library_reads(judged, tmp_path):
    review, far = judged
    path = write_reach(review, far, tmp_path / "đi.gpkg")
    assert set(fiona.listlayers(path)) == {"bands", "areas", "ways", "villages", "about"}
    with fiona.open(path, layer="ways") as ways:
        assert len(ways) == far.villages.geometry.notna().sum()
        assert {one["properties"]["village_id"] for one in ways} <= set(far.villages.index)
    with fiona.open(path, layer="bands") as found:
        people = [one["properties"]["people"] for one in found]
        assert sum(people) == pytest.approx(far.bands["people"].sum())
        assert [shapely.geometry.shape(one["geometry"]).area for one in found] == pytest.approx(
            far.bands.geometry.dropna().area.tolist()
        )
    with fiona.open(path, layer="about") as about:
        assert any("MINH HỌA" in one["properties"]["value"].upper() for one in about)


def test_shapefiles_keep_names_and_letters(judged, tmp_path):
    review, far = judged
    path = write_reach(review, far, tmp_path / "reach.zip", language="en")
    with zipfile.ZipFile(path) as archive:
        assert {"bands.shp", "areas.shp", "ways.shp", "villages.csv", "about.csv"} <= set(archive.namelist())
    with fiona.open(f"zip://{path}!ways.shp") as ways:
        assert {one["properties"]["village"] for one in ways} <= set(far.villages["name"])
        assert "place_id" in ways.schema["properties"] and "line_km" in ways.schema["properties"]


def test_geojson_is_longitude_and_latitude(judged, tmp_path):
    review, far = judged
    data = json.loads(write_reach(review, far, tmp_path / "reach.geojson").read_text("utf-8"))
    frame = gpd.GeoDataFrame.from_features(data["features"], crs=4326)
    assert set(frame["layer"]) == {"bands", "areas", "ways"}
    west, south, east, north = frame.total_bounds
    assert 102 < west < east < 110 and 8 < south < north < 24


def test_lists_have_every_village_and_no_formula(judged, tmp_path):
    review, far = judged
    far.villages.loc[far.villages.index[0], "name"] = "=1+1"
    sheet = openpyxl.load_workbook(write_reach(review, far, tmp_path / "reach.xlsx")).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert cells and all(cell.data_type == "s" for cell in cells)
    assert len(write_reach(review, far, tmp_path / "reach.csv").read_text("utf-8").splitlines()) == 25


def test_another_end_is_refused_and_nothing_written(judged, tmp_path):
    with pytest.raises(ExportError, match=".gpkg"):
        write_reach(*judged, tmp_path / "reach.tab")
    assert not list(tmp_path.iterdir())


def test_the_list_has_the_farthest_first_and_unknown_last():
    given = study()
    given.villages["point"] = [None, *given.villages["point"].iloc[1:]]
    listed, _ = reach_list(far_of(given), "vi")
    assert listed["village"].tolist() == ["C", "B", "A"]
    assert listed["answer"].tolist() == ["đi được", "đi được", "chưa đủ số liệu"]


def test_bands_are_said_in_words():
    ends = [(0, 15), (15, 30), (30, np.inf), (np.inf, np.inf)]
    assert [band_text(*one, "vi") for one in ends] == [
        "đến 15 phút", "15–30 phút", "trên 30 phút", "không tới được",
    ]  # fmt: skip


# --- the command


def test_the_command_prints_bands_and_writes_files(sample_study, tmp_path):
    out = tmp_path / "r.gpkg"
    done = CliRunner().invoke(
        commands, ["--lang", "en", "reach", str(sample_study), "--limits", "20,40", "--out", str(out)], obj={}
    )
    assert done.exit_code == 0, done.output
    assert "20–40 minutes" in done.output and "of 24 villages" in done.output and out.exists()


@pytest.mark.parametrize(
    "asked", [["--kind", "x"], ["--limits", "9,3"], ["--out", "x.tab"], ["--mode", "fly"]]
)
def test_the_command_refuses_with_one_sentence(sample_study, asked):
    done = CliRunner().invoke(commands, ["reach", str(sample_study), *asked], obj={})
    assert done.exit_code == 2 and "Traceback" not in done.output
