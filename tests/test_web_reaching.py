"""The page on travel times: bands and catchments on the map, the table, a village's way; in a browser and without."""

import gzip
import json
import re
import shutil
import threading

import pytest
import shapely

from gis.settings import Settings
from gis.web import create_app
from gis.web.shelf import MOST_AT_WORK, MOST_WORKED_OUT, Standing
from tests.test_web_intake import words

PAGE = "/studies/dak-minh-hoa/reach"
BAD = [
    "to=x",
    "to=<script>",
    "limits=30,15",
    "limits=a",
    "mode=fly",
    "season=x",
    "village=x",
    "sort=x",
    "view=x",
]


@pytest.fixture(scope="module")
def client(sample_study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reaching")
    shutil.copytree(sample_study.parent, folder / "dak-minh-hoa")
    app = create_app(Settings(studies=folder))
    app.extensions["shelf"].look("dak-minh-hoa", wait_s=60)
    return app.test_client()


def asked(client, address, **options):
    """The answer once the server has computed it."""
    for _ in range(200):
        answer = client.get(address, **options)
        if answer.status_code != 503:
            return answer
        assert answer.headers["Retry-After"]
    raise AssertionError(f"{address} never came")


def data(client, name, query=""):
    return json.loads(asked(client, f"{PAGE}/{name}.geojson?{query}").data)


def test_the_page_says_bands_villages_and_what_is_not_sure(client):
    shown = words(asked(client, f"{PAGE}?lang=vi"))
    assert "Đi bao lâu?" in shown and "15–30 phút" in shown and "không tới được" in shown
    assert re.search(r"\d+ phút", shown) and "tối đa: có thể có cơ sở gần hơn ngoài rìa" in shown
    assert "Trạm y tế xã" in shown and "How long does it take?" in words(asked(client, f"{PAGE}?lang=en"))


def test_the_menu_leads_to_the_page(client):
    assert f'href="{PAGE}"' in words(asked(client, "/studies/dak-minh-hoa/villages?lang=vi"))


def test_the_page_of_a_village_leads_to_its_way(client, sample_review):
    village = sample_review.study.villages.index[3]
    shown = words(asked(client, f"/studies/dak-minh-hoa/villages/{village}?lang=vi"))
    assert f'href="{PAGE}?village={village}"' in shown


def test_a_village_is_chosen_and_sorted_without_a_script(client, sample_review):
    village = sample_review.study.villages.index[3]
    shown = words(asked(client, f"{PAGE}?lang=en&village={village}&sort=village"))
    assert "Nearest:" in shown and "Second:" in shown and "On foot" in shown
    assert f"/villages/{village}" in shown and 'aria-sort="ascending"' in shown
    names = re.findall(r'data-village="(\w+)">([^<]+)</a>', shown)
    assert len(names) == 24


def test_riding_in_the_rains_says_its_legs_and_the_dry_season_beside_it(client, sample_review):
    village = sample_review.study.villages.index[3]
    shown = words(asked(client, f"{PAGE}?lang=vi&mode=motorbike&season=wet&village={village}"))
    assert "đi xe máy đến nơi gần nhất" in shown and "Mùa khô:" in shown and "Đi bộ" in shown


def test_bands_are_small_disjoint_and_in_longitude_and_latitude(client):
    found = data(client, "bands", "limits=20,40")
    shapes = [shapely.geometry.shape(one["geometry"]) for one in found["features"]]
    assert 102 < min(shape.bounds[0] for shape in shapes) < 110
    total = shapely.union_all(shapely.make_valid(shapes)).area
    assert sum(shape.area for shape in shapes) == pytest.approx(total, rel=1e-3)
    assert [one["properties"]["letter"] for one in found["features"]] == ["A", "B", "C"]
    answer = asked(client, f"{PAGE}/bands.geojson", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < 200_000 and gzip.decompress(answer.data)


def test_layers_of_the_map_are_known_again_by_their_mark(client):
    for name in ("bands", "areas", "points"):
        first = asked(client, f"{PAGE}/{name}.geojson")
        again = asked(client, f"{PAGE}/{name}.geojson", headers={"If-None-Match": first.headers["ETag"]})
        assert first.mimetype == "application/geo+json" and again.status_code == 304


def test_the_overview_offers_the_bands_as_a_layer_with_their_colours(client):
    shown = words(asked(client, "/studies/dak-minh-hoa/map?lang=vi"))
    assert "Thời gian đi bộ mùa khô: Trạm y tế xã" in shown
    found = json.loads(asked(client, "/studies/dak-minh-hoa/layers/reach.geojson?lang=vi").data)["features"]
    first = found[0]["properties"]
    assert (first["name"], first["letter"], first["band"]) == ("đến 15 phút", "A", "step0")
    assert len({one["properties"]["color"] for one in found}) == len(found)


def test_areas_that_meet_have_different_colours(client):
    found = data(client, "areas", "to=schools:primary")["features"]
    shapes = [shapely.geometry.shape(one["geometry"]) for one in found]
    for at, one in enumerate(shapes):
        for other in range(at):
            if one.intersection(shapes[other]).length > 0.001:
                assert found[at]["properties"]["color"] != found[other]["properties"]["color"]


def test_the_way_of_a_village_ends_at_its_place(client, sample_review):
    study = sample_review.study
    ways = data(client, "way", f"village={study.villages.index[0]}")["features"]
    assert [one["properties"]["choice"] for one in ways] == [1, 2]
    place = study.layers["clinics"].frame.geometry.to_crs(4326)[ways[0]["properties"]["place"]]
    assert ways[0]["geometry"]["coordinates"][-1] == pytest.approx([place.x, place.y], abs=1e-4)


@pytest.mark.parametrize("query", BAD)
def test_what_is_not_there_is_refused_with_a_sentence(client, query):
    answer = asked(client, f"{PAGE}?{query}")
    assert answer.status_code in (400, 404, 422) and b"<script>x" not in answer.data


def test_a_way_needs_a_village(client):
    assert asked(client, f"{PAGE}/way.geojson").status_code == 400


@pytest.mark.parametrize("format", ["gpkg", "geojson", "zip", "xlsx", "csv"])
def test_the_whole_is_offered_as_files(client, format):
    answer = asked(client, f"{PAGE}.{format}?lang=en")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    assert answer.data[:2] == b"PK" or len(answer.data) > 400


def test_a_study_without_heights_says_what_it_lacks(client, sample_study, tmp_path):
    text = sample_study.read_text("utf-8")
    folder = tmp_path / "studies"
    shutil.copytree(sample_study.parent, folder / "flat")
    start = text.index("  elevation:")
    end = text.index("  population:")
    (folder / "flat" / "study.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    app = create_app(Settings(studies=folder))
    app.extensions["shelf"].look("flat", wait_s=60)
    answer = app.test_client().get("/studies/flat/reach?lang=vi")
    assert answer.status_code == 200 and "chưa có lớp độ cao" in words(answer)
    assert app.test_client().get("/studies/flat/reach/bands.geojson").status_code == 422
    assert app.test_client().get("/studies/flat/layers/reach.geojson").status_code == 404


def test_a_village_of_no_commune_and_a_place_of_no_name_are_told_so(client):
    study = client.application.extensions["shelf"].look("dak-minh-hoa").review.study
    village = study.villages.index[0]
    study.villages.loc[village, "commune_id"] = None
    study.layers["commune_centres"].frame["name"] = None
    found = data(client, "points", "to=commune_centres&lang=vi")["features"]
    told = {one["properties"].get("village"): one["properties"] for one in found}
    assert told[village]["commune"] == "" and "chưa ghi tên" in told[village]["place_name"]
    page = words(asked(client, f"{PAGE}?lang=vi&to=commune_centres&village={village}"))
    assert "chưa ghi tên" in page and "nan" not in page


def test_names_from_data_stay_text(client):
    study = client.application.extensions["shelf"].look("dak-minh-hoa").review.study
    places = study.layers["clinics"].frame
    hostile = "</script><img src=x onerror=alert(1)>{{7*7}}"
    places.loc[places["kind"] == "hospital", "name"] = hostile
    page = asked(
        client, f"{PAGE}?lang=vi&to=clinics:hospital&village={study.villages.index[0]}"
    ).data.decode()
    assert "&lt;/script&gt;&lt;img" in page and "<img src=x" not in page and "{{7*7}}" in page
    found = data(client, "points", "to=clinics:hospital")["features"]
    assert hostile in {one["properties"]["name"] for one in found}


# --- in a browser


def test_a_village_chosen_in_the_table_gets_its_way_on_the_map(live_server, page):
    page.goto(f"{live_server}{PAGE}?lang=vi")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    page.click("a[data-village] >> nth=0")
    page.wait_for_selector("#way[data-village]")
    assert "Gần nhất" in page.inner_text("#way") and "village=" in page.url
    page.click("[data-view=areas]")
    page.wait_for_selector("#legend >> text=Vùng của từng nơi")
    assert "view=areas" in page.url
    assert not page.query_selector("[role=alert]")


def test_questions_without_end_wait_outside_and_what_is_kept_stays_few():
    standing, hold, begun = Standing("x", None), threading.Event(), []

    def work():
        begun.append(1)
        return hold.wait(20)

    for at in range(30):
        with pytest.raises(TimeoutError):
            standing.worked_out(("at work", at), work, wait_s=0.01)
    assert len(begun) == MOST_AT_WORK
    hold.set()
    assert all(standing.worked_out(("at work", at), work, wait_s=20) for at in range(MOST_AT_WORK))
    for at in range(30):
        assert standing.worked_out(("later", at), lambda at=at: at, wait_s=20) == at
    assert len(standing._worked_out) <= MOST_WORKED_OUT + MOST_AT_WORK
    assert standing.worked_out(("later", 29), lambda: "again", wait_s=20) == 29
