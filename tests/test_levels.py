"""Very many villages on the map: leaves, levels, what the server counts, and the page over them."""

import gzip
import json

import numpy as np
import pytest
import shapely

from gis.geometry import leaves
from gis.settings import Settings
from gis.tables import STATUSES
from gis.web import create_app, leveldata
from gis.web import levels as making
from gis.web.crowd import ROWS_A_PAGE
from tests.crowds import build_crowd
from tests.fakes_web import build_review
from tests.serving import served

VILLAGES = 3600
STUDY = "/studies/dong-thon"
MOST_PAYLOAD, MOST_FIRST = 200_000, 300_000


@pytest.fixture(scope="module")
def crowd():
    """A review of 3,600 villages in 360 communes."""
    return build_crowd(VILLAGES, side=5)


@pytest.fixture(scope="module")
def client(crowd, tmp_path_factory):
    return client_over(crowd, tmp_path_factory.mktemp("app"))


@pytest.fixture(scope="module")
def levels(client):
    standing = client.application.extensions["shelf"].peek("dong-thon")
    return leveldata.levels_of(standing, wait_s=60)


@pytest.fixture(scope="module")
def site(client):
    """Address of a server over the crowd."""
    with served(client.application) as address:
        yield address


def client_over(review, folder):
    (folder / "dong-thon.yaml").write_text("title: x\n")
    app = create_app(Settings(studies=folder), open_review=lambda *_: review)
    leveldata.levels_of(app.extensions["shelf"].look("dong-thon", wait_s=60), wait_s=60)
    return app.test_client()


def told(client, path):
    answer = client.get(f"{STUDY}{path}", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, answer.data[:300]
    zipped = answer.headers.get("Content-Encoding") == "gzip"
    return json.loads(gzip.decompress(answer.data) if zipped else answer.data)


def leaves_of(levels, name):
    found = next(each["leaves"] for each in levels.index["levels"] if each["name"] == name)
    return [json.loads(gzip.decompress(levels.body(name, at)))["features"] for at in range(len(found))]


def test_leaves_are_of_even_size_and_hold_each_known_place_once():
    x, y = np.random.default_rng(3).random((2, 1000))
    x[7] = np.nan
    found = leaves(x, y, most=90)
    sizes = np.bincount(found[found >= 0])
    assert found[7] == -1 and (found == -1).sum() == 1
    assert sizes.sum() == 999 and 45 <= sizes.min() <= sizes.max() <= 90


def test_places_on_one_spot_are_shared_out_all_the_same():
    assert np.bincount(leaves(np.zeros(5), np.zeros(5), most=2)).tolist() == [2, 1, 2]
    assert leaves(np.full(2, np.nan), np.zeros(2), most=3).tolist() == [-1, -1]


def test_every_village_with_a_place_is_in_exactly_one_leaf(crowd, levels):
    drawn = [feature["properties"]["id"] for leaf in leaves_of(levels, "villages") for feature in leaf]
    placed = crowd.study.villages.index[crowd.study.villages["point"].notna()]
    assert sorted(drawn) == sorted(placed) and len(drawn) == levels.index["placed"] == VILLAGES - 1
    assert sorted(sum(levels.members["villages"], [])) == sorted(placed)
    counts = [
        leaf[4] for each in levels.index["levels"] if each["name"] == "villages" for leaf in each["leaves"]
    ]
    assert max(counts) <= making.LEAF_VILLAGES and sum(counts) == VILLAGES - 1


def test_groups_and_communes_hold_every_commune_once(crowd, levels):
    assert [each["name"] for each in levels.index["levels"]] == ["groups", "communes", "villages"]
    [groups] = leaves_of(levels, "groups")
    communes = [feature["properties"]["id"] for leaf in leaves_of(levels, "communes") for feature in leaf]
    assert sorted(communes) == sorted(crowd.study.communes.index)
    assert {each["properties"]["id"] for each in groups} == set(levels.members["groups"].values())
    assert sum(each["properties"]["communes"] for each in groups) == len(crowd.study.communes)


@pytest.mark.parametrize("level", ["groups", "communes", "villages"])
def test_borders_are_shared_across_leaves(levels, level):
    features = [feature for leaf in leaves_of(levels, level) for feature in leaf]
    shapes = shapely.from_geojson([json.dumps(each["geometry"]) for each in features])
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    assert len(areas) >= 30 and shapely.coverage_is_valid(areas)


def test_no_leaf_is_heavy_and_its_box_holds_it(levels):
    for each in levels.index["levels"]:
        for at, leaf in enumerate(each["leaves"]):
            body = levels.body(each["name"], at)
            shapes = shapely.from_geojson(gzip.decompress(body).decode())
            west, south, east, north = shapely.bounds(shapes)
            assert len(body) < MOST_PAYLOAD
            assert leaf[0] <= west + 1e-9 and leaf[1] <= south + 1e-9
            assert leaf[2] >= east - 1e-9 and leaf[3] >= north - 1e-9


def test_the_order_of_the_rows_changes_nothing():
    one, other = build_crowd(900), build_crowd(900, order=11)
    assert list(one.study.villages.index) != list(other.study.villages.index)
    same = making.build(one) == making.build(other)
    assert same
    assert making.content_of(one) == making.content_of(other)


def test_levels_are_kept_read_again_and_made_anew_where_damaged(tmp_path, monkeypatch):
    review, folder = build_crowd(400), tmp_path / "caches"
    first = making.kept_levels(review, folder)
    [path] = folder.iterdir()
    whole = path.read_bytes()
    monkeypatch.setattr(making, "build", lambda review: pytest.fail("made again"))
    assert making.kept_levels(review, folder).index == first.index
    monkeypatch.undo()
    for damaged in (
        whole[:-40],
        b"",
        whole.replace(b"PK\x03\x04", b"PK\x03\x05", 1),
        whole[:900] + b"x" * 40 + whole[940:],
    ):
        path.write_bytes(damaged)
        assert making.kept_levels(review, folder).index == first.index
        assert hash(path.read_bytes()) == hash(whole)


def test_levels_are_there_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "caches").write_text("no folder")
    assert making.kept_levels(build_crowd(100), tmp_path / "caches").index["placed"] == 99


def test_villages_without_outline_commune_or_place_are_shown_as_far_as_they_can_be(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MOST_WHOLE", 10)
    review = build_review()
    review.study.villages.loc[review.study.villages.index[3], ["commune_id", "commune"]] = None
    review.study.communes.loc["24002", "geometry"] = None
    client = client_over(review, tmp_path)
    [drawn] = [told(client, "/levels/communes/0.geojson")["features"]]
    assert {each["properties"]["id"] for each in drawn} == {"-", "24001", "24002", "24003"}
    assert all(each["geometry"]["type"] != "Point" for each in drawn)
    rows = told(client, "/levels/rows.json")
    assert rows["count"] == 30 and [each[0] for each in rows["communes"]] == ["-", "24001", "24002", "24003"]
    assert told(client, "/map.json")["levels"]["placed"] == 29


def test_a_study_without_any_place_still_counts_and_lists(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MOST_WHOLE", 10)
    review = build_review()
    review.study.villages["point"] = None
    review.study.villages["geometry"] = None
    client = client_over(review, tmp_path)
    assert told(client, "/map.json")["levels"] == {
        "box": None, "placed": 0, "levels": [{"name": "communes", "leaves": []}, {"name": "villages", "leaves": []}]
    }  # fmt: skip
    assert told(client, "/levels/summary.json")["count"] == 30
    assert client.get(f"{STUDY}/map").status_code == 200


def test_a_small_study_is_sent_whole_as_before(tmp_path):
    client = client_over(build_review(), tmp_path)
    assert len(told(client, "/map.json")["rows"]) == 30
    answer = client.get(f"{STUDY}/levels/summary.json")
    assert answer.status_code == 404 and "map.geojson" in answer.get_data(as_text=True)


def test_a_large_study_says_how_its_outlines_are_to_be_had(client):
    answer = client.get(f"{STUDY}/map.geojson", headers={"Accept": "application/json"})
    assert answer.status_code == 404 and "3.600" in json.dumps(answer.json, ensure_ascii=False)
    begin = told(client, "/map.json")
    assert begin["rows"] == [] and begin["villages"] == VILLAGES
    for path in ("/levels/villages/9999.geojson", "/levels/villages/9999.json", "/levels/x/0.geojson"):
        assert client.get(f"{STUDY}{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/map.json", "/levels/groups/0.geojson", "/levels/villages/3.geojson", "/levels/villages/3.json"]
)
def test_a_piece_is_small_and_answered_with_304_when_known(client, path):
    answer = client.get(f"{STUDY}{path}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip" and len(answer.data) < MOST_PAYLOAD
    again = client.get(
        f"{STUDY}{path}", headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("level", ["groups", "communes"])
def test_the_server_counts_as_the_lists_do(client, crowd, levels, level):
    query = "?criterion=water&criterion_status=unmet&part=infrastructure"
    wanted = crowd.select(criterion="water", criterion_status="unmet")
    found = told(client, f"/levels/summary.json{query}&level={level}")
    assert (found["count"], found["all"]) == (len(wanted), VILLAGES)
    assert found["counts"] == {"met": 0, "unmet": len(wanted), "unknown": 0, "exempt": 0}
    assert sum(found["kept"].values()) == len(wanted)
    totals = np.sum(list(found["regions"].values()), axis=0)
    assert totals.tolist() == [int(crowd.by_criterion.at["water", status]) for status in STATUSES]
    every = told(client, "/levels/summary.json")
    fails = crowd.results["status"] == "unmet"
    assert dict(map(tuple, every["missed"])) == crowd.results.loc[fails, "missed"].value_counts().to_dict()
    assert every["kept"] is None and every["most"] == crowd.results.loc[fails, "missed"].max()


def test_pages_of_the_table_hold_every_village_once_in_the_order_asked_for(client, crowd):
    for sort in ("-name", "missed"):
        pages, number = [], 1
        while len(pages) < VILLAGES:
            page = told(client, f"/levels/rows.json?page={number}&sort={sort}")
            assert 0 < len(page["rows"]) <= ROWS_A_PAGE and page["count"] == VILLAGES
            pages += page["rows"]
            number += 1
        assert len({row[0] for row in pages}) == VILLAGES
        if sort == "missed":
            assert [row[5] for row in pages] == sorted(crowd.results["missed"], reverse=True)
        if sort == "-name":
            assert [row[1] for row in pages[:2]] == [f"Thôn Đăk {VILLAGES}", f"Thôn Đăk {VILLAGES - 1}"]


def test_every_column_of_the_table_can_be_sorted_both_ways(client):
    for column in ("name", "commune", "status", "missed", "unknown", "households"):
        first, last = (
            told(client, f"/levels/rows.json?sort={sign}{column}")["rows"][0] for sign in ("", "-")
        )
        assert first != last


def test_the_search_finds_names_however_they_are_typed(client):
    rows = told(client, "/levels/rows.json?q=thon dak 48")["rows"]
    assert rows and all(row[1].startswith("Thôn Đăk") for row in rows)
    assert told(client, "/levels/rows.json?q=THÔN ĐĂK 3512")["count"] >= 1
    assert told(client, "/levels/summary.json?q=khong co")["count"] == 0
    assert told(client, "/levels/rows.json?village=v000120")["rows"][0][1] == "Thôn Đăk 121"


@pytest.mark.parametrize(
    "query", ["sort=price", "page=0", "page=999", "level=villages", "status=good", "criterion_status=met"]
)
def test_what_is_asked_for_wrongly_is_refused_in_words(client, query):
    path = "rows" if query.startswith(("sort", "page")) else "summary"
    answer = client.get(f"{STUDY}/levels/{path}.json?{query}")
    assert answer.status_code == 400 and len(answer.get_data(as_text=True)) > 30


def test_the_page_of_a_large_study_lists_some_communes_and_says_where_the_others_are(client):
    page = client.get(f"{STUDY}/map?commune=30359&lang=en").get_data(as_text=True)
    assert page.count("<tr data-commune") in (400, 401, 402)
    assert "more communes in the full list" in page and "Thresholds can be tried" in page
    assert 'id="play"' not in page and 'value="30359"' in page


def until(page, expression, seconds=15):
    for _ in range(seconds * 20):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


LEVEL = "document.getElementById('map').dataset.level"
RESTED = "document.getElementById('map').dataset.rest"


def test_the_map_goes_from_groups_to_communes_to_villages_and_counts_are_of_all(site, new_page, crowd):
    page = new_page(width=1366, height=768)
    sizes = {}
    page.on("requestfinished", lambda each: sizes.update({each.url: each.sizes()["responseBodySize"]}))
    page.goto(f"{site}{STUDY}/map?lang=vi")
    page.wait_for_selector("body[data-ready]")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(LEVEL) == "groups"
    assert sum(sizes.values()) < MOST_FIRST and max(sizes.values()) < MOST_PAYLOAD, sizes
    assert page.locator("#count").inner_text() == "3.600"
    assert page.locator("#table tbody tr[data-id]").count() > 10
    assert page.locator("#filters select[name=commune] option").count() == 1 + len(crowd.study.communes)
    until(
        page,
        "[...document.querySelectorAll('#legend .legend-count')].reduce((sum, each) => sum + Number(each.textContent), 0) > 100",
    )

    # zoomed in: communes, then villages; the legend counts all villages of the study
    sizes.clear()
    box = page.locator("#map").bounding_box()
    seen = []
    for _ in range(9):
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5)
        rested = page.evaluate(RESTED)
        page.mouse.wheel(0, -60)
        until(page, f"{RESTED} !== '{rested}'")
        page.wait_for_load_state("networkidle")
        seen.append(page.evaluate(LEVEL))
        if seen[-1] == "villages":
            break
    assert seen[-1] == "villages" and "communes" in seen and max(sizes.values()) < MOST_PAYLOAD
    until(page, "document.querySelector('#legend li[data-class=met] .legend-count').textContent.length > 0")
    met = page.locator("#legend li[data-class=met] .legend-count").inner_text()
    assert int(met.replace(".", "")) == (crowd.results["status"] == "met").sum()

    # a filter and a search are answered for the whole study
    page.select_option("#filters select[name=status]", "met")
    until(
        page,
        f"document.getElementById('count').textContent.startsWith('{(crowd.results['status'] == 'met').sum()} ')",
    )
    page.fill("#q", "thon dak 3512")
    until(page, "document.querySelectorAll('#table tbody tr[data-id]').length <= 1")
    page.click("button[type=reset]")
    page.fill("#q", "v003511")
    until(page, "document.querySelectorAll('#table tbody tr[data-id]').length === 1")
    until(page, f"{LEVEL} === 'villages'")
    page.click("#table tbody tr[data-id] a")
    page.wait_for_selector("#scorecard h2")
    assert page.locator("#scorecard h2").inner_text() == "Thôn Đăk 3512"
    assert page.refused == [] and page.faults == []


def test_the_colours_of_villages_are_those_of_their_verdicts(site, new_page, crowd):
    page = new_page(width=900, height=700)
    page.goto(f"{site}{STUDY}/map?village=v001830&criterion=water&lang=en")
    page.wait_for_selector("body[data-ready]")
    until(page, f"{LEVEL} === 'villages'")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    wanted = crowd.villages_table["water"]
    row = crowd.study.villages.loc[wanted.index[wanted == "met"]]
    west, south, east, north = map(
        float, page.evaluate("document.getElementById('map').dataset.bounds").split(",")
    )
    places = row.set_geometry("point", crs=crowd.study.villages.crs)["point"].to_crs(4326)
    inside = places[(places.x > west) & (places.x < east) & (places.y > south) & (places.y < north)]
    assert len(inside) > 3
    painted = page.evaluate(
        """(places) => {
          const canvas = document.querySelector('.leaflet-overlay-pane canvas');
          const map = document.getElementById('map').getBoundingClientRect();
          const drawn = canvas.getBoundingClientRect();
          const pen = canvas.getContext('2d');
          const scale = canvas.width / drawn.width;
          return places.map(([x, y]) => {
            const [left, top] = [map.left + x * map.width - drawn.left, map.top + y * map.height - drawn.top];
            return pen.getImageData(left * scale, top * scale, 1, 1).data.slice(0, 3).join();
          });
        }""",
        [[(each.x - west) / (east - west), (north - each.y) / (north - south)] for each in inside],
    )
    assert sum(each == "43,127,134" for each in painted) >= len(painted) * 0.8


def test_what_was_counted_once_is_not_selected_again(client, monkeypatch):
    path = "/levels/summary.json?level=communes&status=unmet&commune=30003"
    first = told(client, path)
    monkeypatch.setattr("gis.web.lists.fitting", lambda *_: pytest.fail("selected again"))
    monkeypatch.setattr("gis.web.narrowing.choices", lambda *_: pytest.fail("looked up without being asked"))
    assert told(client, path) == first and 0 < first["count"] < VILLAGES
