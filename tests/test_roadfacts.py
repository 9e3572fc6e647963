"""Roads of a study as figures and as a page: lengths, links and the access index worked out by hand."""

import csv
import io
import json
from types import MappingProxyType, SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

import tiny
from gis.catalogue import load_catalogue
from gis.criteria import load_criteria
from gis.explanations.telling import _evidence
from gis.indicators.access import all_season_link
from gis.rasters import Raster
from gis.roadfacts import NEAR_KM, access_index, road_lengths, village_roads
from gis.settings import Settings
from gis.study import LayerData
from gis.web import create_app
from gis.web.roads import by_class
from tests.fakes_web import PAYLOADS, build_review

NAN, INF = np.nan, np.inf
CATALOGUE = load_catalogue()
AREA = box(-50_000, -50_000, 50_000, 50_000)
CENTRES = tiny.facilities((2500, 500)).assign(commune_id="x1")


def roads():
    """From v0 to the centre in v2: an earth road of 1 km in two villages, asphalt open all year on from there."""
    frame = tiny.roads(
        LineString([(500, 500), (1500, 500)]), LineString([(1500, 500), (2500, 500)]), all_season=[0.0, 1.0]
    )
    return frame.assign(
        name=["Đường A", None], **{"class": ["village", "commune"], "surface": ["earth", "asphalt"]}
    )


def layer(name, frame, *, raster=None, complete="yes"):
    counts = {"rows_in": 0, "rows_used": 0, "rows_reported": 0}
    return LayerData(CATALOGUE[name], frame, raster, {"*": complete}, "2024", "f.gpkg", AREA, counts)


def study(frame=None, *, centres=CENTRES, people=None, complete="yes", **villages):
    layers = {"roads": layer("roads", roads() if frame is None else frame, complete=complete)}
    if centres is not None:
        layers["commune_centres"] = layer("commune_centres", centres)
    if people is not None:
        layers["population"] = layer("population", None, raster=people)
    return SimpleNamespace(
        villages=tiny.villages(**villages),
        communes=gpd.GeoDataFrame({"name": ["x1"]}, geometry=[None], index=["x1"], crs=tiny.CRS),
        layers=MappingProxyType(layers),
    )


# --- lengths and links ------------------------------------------------------------------------------------


def test_lengths_are_told_by_village_class_and_surface():
    found = road_lengths(tiny.villages(), roads())
    assert found.to_numpy().tolist() == [
        ["v0", "village", "earth", 0.5],
        ["v1", "commune", "asphalt", 0.5],
        ["v1", "village", "earth", 0.5],
        ["v2", "commune", "asphalt", 0.5],
    ]
    blank = road_lengths(tiny.villages(1), roads().assign(surface=[None, None]))
    assert blank.to_numpy().tolist() == [["v0", "village", None, 0.5]]
    assert road_lengths(tiny.villages(approximate=True), roads()).empty
    assert road_lengths(tiny.villages(), roads()[::-1]).equals(found)


def test_lengths_stand_in_the_order_of_the_catalogue_with_their_sums():
    app = create_app(Settings(), open_review=lambda *_: None)
    with app.test_request_context("/?lang=en"):
        grid = by_class(road_lengths(tiny.villages(), roads().assign(surface=["earth", None])))
    assert grid["surfaces"] == ["Earth", "not recorded"]
    assert grid["rows"] == [("Commune road", [0.0, 1.0, 1.0]), ("Village road", [1.0, 0.0, 1.0])]
    assert grid["total"] == [1.0, 1.0, 2.0]


def test_a_link_says_how_much_it_lacks_and_where():
    found = village_roads(study())
    assert found["linked"].tolist() == [0, 1, 1]
    assert found["missing_km"].tolist() == pytest.approx([1, 0, 0]) and found["worst_km"].iloc[0] == 1
    assert found.loc["v0", ["worst_road", "worst_class", "worst_surface"]].tolist() == [
        "Đường A",
        "village",
        "earth",
    ]
    assert found["line"].iloc[0].length == pytest.approx(1000) and found["line"].iloc[1] is None
    assert found["total_km"].tolist() == [0.5, 1.0, 0.5] and found["hardened_km"].tolist() == [0, 0.5, 0.5]
    unnamed = village_roads(study(roads().drop(columns="name")))
    assert unnamed["worst_road"].iloc[0] == "r0"


def test_without_centres_or_places_no_link_is_known_and_no_length_on_rough_extents():
    found = village_roads(study(centres=None))
    assert found["linked"].isna().all() and found["missing_km"].isna().all() and found["total_km"].sum() == 2
    rough = village_roads(study(approximate=[True, False, False]))
    assert np.isnan(rough["total_km"].iloc[0]) and rough["missing_km"].iloc[0] == 1
    nowhere = village_roads(study(point=gpd.GeoSeries([None] * 3, index=["v0", "v1", "v2"], crs=tiny.CRS)))
    assert nowhere["linked"].isna().all() and nowhere["missing_km"].isna().all()


def test_the_measured_link_carries_what_is_missing_and_the_reason_tells_it():
    cut = roads().iloc[[0]]
    found = all_season_link(tiny.villages(), roads(), CENTRES)
    assert found["numerator"].tolist() == [1, 0, 0]
    assert all_season_link(tiny.villages(), cut, CENTRES)["numerator"].tolist() == [INF, INF, INF]
    unsaid = all_season_link(tiny.villages(), roads().assign(all_season=[NAN, 1.0]), CENTRES)
    assert np.isnan(unsaid["value"].iloc[0]) and unsaid["numerator"].iloc[0] == pytest.approx(1)

    def told(km, way="road-all-season", unit="bool", people=NAN):
        explained = SimpleNamespace(
            facility_name=None, facility_id=None, path={"way": way}, numerator=km, denominator=people,
            unit=unit, record=None, layers=(), layer=None, source="measured", doubt=None, room=None,
        )  # fmt: skip
        return list(_evidence(explained, "vi"))

    assert told(1.25)[0].startswith("Ít nhất phải cải tạo 1,25 km đường")
    assert told(INF) == ["Không có đường nào trong lớp đường nối thôn với trung tâm xã."]
    assert told(0.0) == told(NAN) == []
    assert told(79.6, "lived", "min", 99.9) == ["Đến được: 80 trên 100 người, tính theo nơi dân ở."]


# --- the access index -------------------------------------------------------------------------------------


def people(values, cell=1000.0):
    values = np.array(values, dtype=float)
    return Raster(values, 0, cell * len(values), cell, cell, None)


def test_the_index_weighs_villages_by_their_people():
    # the open road lies in v1 and v2; v0 reaches 1 km west of it, all are within 2 km of it
    index = access_index(study(people=people([[100, 40, 60]])))
    assert (index.people, index.people_near, index.share) == pytest.approx((200, 200, 100))
    assert (index.villages, index.villages_near, index.left_out) == (3, 3, 0)
    # 3 km of village; the road is open from x = 5.5 km on, so the part west of 3.5 km is too far
    far = tiny.roads(LineString([(5500, 500), (9000, 500)]), all_season=[1.0])
    index = access_index(study(far, people=people([[100, 40, 60]])))
    assert index.share == 0 and index.villages_near == 0
    near = tiny.roads(LineString([(4500, 500), (9000, 500)]), all_season=[1.0])
    index = access_index(study(near, people=people([[100, 40, 60]])))
    assert (
        index.people_near == pytest.approx(30, abs=16) and 0 < index.share < 25 and index.villages_near == 1
    )


def test_what_nobody_recorded_leaves_the_index_open():
    blank = tiny.roads(LineString([(0, 500), (3000, 500)]), all_season=[NAN])
    index = access_index(study(blank, people=people([[100, 40, 60]])))
    assert (index.share, index.most_share) == pytest.approx((0, 100))
    index = access_index(study(blank.assign(all_season=0.0), people=people([[100, 40, 60]])))
    assert (index.share, index.most_share) == (0, 0)
    index = access_index(study(blank.assign(all_season=0.0), people=people([[100, 40, 60]]), complete="no"))
    assert (index.share, index.most_share) == (0, 100)


def test_villages_that_may_be_near_a_road_are_counted_apart_from_those_that_are():
    blank = tiny.roads(LineString([(0, 500), (3000, 500)]), all_season=[NAN])
    closed = blank.assign(all_season=0.0)
    found = [
        access_index(study(blank)),
        access_index(study(closed)),
        access_index(study(closed, complete="no")),
    ]
    assert [(one.villages_near, one.villages_most) for one in found] == [(0, 3), (0, 0), (0, 3)]


def test_villages_without_people_in_the_grid_are_counted_as_left_out():
    index = access_index(study(people=people([[100, 0, 60]])))
    assert (index.people, index.left_out) == (160, 1)
    bare = access_index(study())
    assert np.isnan(bare.people) and np.isnan(bare.share) and (bare.villages_near, bare.left_out) == (3, 3)
    assert access_index(SimpleNamespace(layers={})) is None


def test_the_index_is_that_of_the_set_of_the_sustainable_development_goals():
    rai = load_criteria("sdg-access").criterion("rai").measured
    assert (rai.indicator, dict(rai.arguments)) == (
        "people_within",
        {"facilities": "roads", "radius_km": NEAR_KM, "all_season": True},
    )


# --- the page ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A browser over a study with roads whose names are hostile."""
    review = build_review()
    villages = review.study.villages
    spots = villages["point"].dropna().to_numpy()
    lines = [LineString([one, other]) for one, other in zip(spots[:-1], spots[1:], strict=True)]
    # joined to nothing, with the place of a village on it and no other road within reach of that
    alone = villages.index[villages["point"].notna()][-1]
    villages.loc[alone, "point"] = Point(spots[0].x + 90_000, spots[0].y)
    lines.append(LineString([(spots[0].x + 89_500, spots[0].y), (spots[0].x + 90_500, spots[0].y)]))
    frame = gpd.GeoDataFrame(
        {
            "name": [PAYLOADS[at % len(PAYLOADS)] for at in range(len(lines))],
            "class": ["village", "commune", "<b>x</b>", None][: len(lines)] + ["path"] * (len(lines) - 4),
            "surface": "earth",
            "all_season": 0.0,
        },
        geometry=lines,
        crs=villages.crs,
    )
    placed = villages[villages["point"].notna()].drop_duplicates("commune_id")
    centres = gpd.GeoDataFrame(
        {"commune_id": placed["commune_id"].to_numpy()}, geometry=placed["point"].to_numpy(), crs=villages.crs
    )
    review.study.layers["roads"] = layer("roads", frame)
    review.study.layers["commune_centres"] = layer("commune_centres", centres)
    folder = tmp_path_factory.mktemp("roads")
    (folder / "minh-hoa").mkdir()
    (folder / "minh-hoa" / "study.yaml").write_text("title: {vi: A, en: A}\n", encoding="utf-8")
    app = create_app(Settings(studies=folder), open_review=lambda *_, **__: review)
    app.extensions["shelf"].look("minh-hoa", wait_s=30)
    made = app.test_client()
    made.alone = alone
    made.village = villages.index[villages.geometry.notna() & ~villages["approximate"]][3]
    return made


def test_the_page_and_the_village_sheet_show_roads_and_no_name_becomes_markup(client):
    for language in ("vi", "en"):
        page = client.get(f"/studies/minh-hoa/roads?lang={language}")
        text = page.get_data(as_text=True)
        assert page.status_code == 200 and "SDG 9.1.1" in text
        assert "<script>window" not in text and "<b>x</b>" not in text and "49{%" not in text
    assert "Cụm đường tách rời" in client.get("/studies/minh-hoa/roads?lang=vi").get_data(as_text=True)
    sheet = client.get(f"/studies/minh-hoa/villages/{client.village}?lang=vi").get_data(as_text=True)
    assert "Đường trong thôn theo loại và kết cấu" in sheet and "<script>window" not in sheet


def test_the_files_hold_every_row_and_no_formula(client):
    answer = client.get("/studies/minh-hoa/roads.csv?lang=vi")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    villages = client.get("/studies/minh-hoa/villages.json").get_json()["villages"]
    assert len(rows) == 1 + len(villages) and rows[0][:3] == ["Mã", "Thôn (làng)", "Xã"]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    lengths = client.get("/studies/minh-hoa/road-lengths.csv").get_data(as_text=True)
    assert len(lengths.splitlines()) > 1
    answer = client.get("/studies/minh-hoa/road-islands.csv?lang=vi").get_data(as_text=True)
    islands = list(csv.DictReader(io.StringIO(answer.lstrip("\ufeff"))))
    assert islands[0]["Thôn chỉ gần cụm này"].endswith(f"({client.alone})")
    assert (islands[0]["Chiều dài (km)"], islands[0]["Số thôn chỉ gần cụm này"]) == ("1", "1")
    assert not islands[0]["Các đường của cụm"].startswith(("=", "+", "@"))
    for name in ("roads.xlsx", "road-lengths.xlsx", "road-islands.xlsx"):
        assert client.get(f"/studies/minh-hoa/{name}").get_data()[:2] == b"PK"
    lines = json.loads(client.get("/studies/minh-hoa/roads-missing.geojson").get_data())
    assert lines["features"] and all(f["properties"]["missing_km"] > 0 for f in lines["features"])
    x, y = np.ravel(lines["features"][0]["geometry"]["coordinates"])[:2]
    assert 100 < x < 112 and 8 < y < 24


def test_what_links_lack_is_a_layer_of_the_overview(client):
    assert "Đường cần cải tạo" in client.get("/studies/minh-hoa/map?lang=vi").get_data(as_text=True)
    answer = client.get("/studies/minh-hoa/layers/roads-missing.geojson?lang=vi")
    told = [one["properties"] for one in json.loads(answer.get_data())["features"]]
    assert told and all(one["name"] and one["kind"].startswith("còn phải cải tạo") for one in told)


def test_a_study_without_roads_says_so(tmp_path):
    (tmp_path / "minh-hoa").mkdir()
    (tmp_path / "minh-hoa" / "study.yaml").write_text("title: {vi: A, en: A}\n", encoding="utf-8")
    app = create_app(Settings(studies=tmp_path), open_review=lambda *_, **__: build_review())
    app.extensions["shelf"].look("minh-hoa", wait_s=30)
    bare = app.test_client()
    assert "chưa có lớp đường" in bare.get("/studies/minh-hoa/roads?lang=vi").get_data(as_text=True)
    for name in ("roads.csv", "road-lengths.xlsx", "road-islands.csv", "roads-missing.geojson"):
        assert bare.get(f"/studies/minh-hoa/{name}").status_code == 404
