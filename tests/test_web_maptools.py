"""The routes behind the map's tools: tiles, relief, the policy for tiles of the network, legends and ways."""

import json
import shutil
from types import SimpleNamespace

import pytest
import shapely

from gis.basemaps.pmtiles import tile_id
from gis.catalogue import load_catalogue
from gis.errors import SettingError
from gis.settings import Settings
from gis.web import create_app, layerlooks
from gis.web.basemaps import origin_of
from gis.web.workspace import mine
from tests.fakes_web import build_review
from tests.test_web_reaching import asked
from tests.tiles import RED, png, write_mbtiles, write_pmtiles

STUDY = "/studies/dak-minh-hoa"
ONLINE = "https://tiles.example.org/a/{z}/{x}/{y}.png?key=b"


@pytest.fixture(scope="module")
def folder(sample_study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maptools")
    shutil.copytree(sample_study.parent, folder / "dak-minh-hoa")
    return folder


@pytest.fixture(scope="module")
def client(folder):
    maps = folder / "maps"
    maps.mkdir()
    write_mbtiles(maps / "a.mbtiles", {(3, 6, 3): png(RED), (3, 6, 4): b"<svg onload=alert(1)>"}, name="A")
    write_pmtiles(maps / "b.pmtiles", {tile_id(3, 6, 3): png(RED)})
    app = create_app(Settings(studies=folder, basemaps=maps, online_tiles=ONLINE, online_credit="© X"))
    app.extensions["shelf"].look("dak-minh-hoa", wait_s=60)
    return app.test_client()


def bases(client):
    page = asked(client, f"{STUDY}/map?lang=en").get_data(as_text=True)
    block = page[page.index('id="config">') + 12 :]
    return json.loads(block[: block.index("</script>")])


@pytest.mark.parametrize("at", [0, 1])
def test_a_tile_is_kept_for_ever_under_the_address_of_its_file(client, at):
    address = bases(client)["bases"]["maps"][at]["address"]
    answer = client.get(address.format(z=3, x=6, y=3))
    assert answer.data == png(RED) and answer.mimetype == "image/png"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    known = client.get(address.format(z=3, x=6, y=3), headers={"If-None-Match": answer.headers["ETag"]})
    assert known.status_code == 304
    old = client.get(f"/basemaps/{'ab'[at]}/older/3/6/3")
    assert old.data == png(RED) and "immutable" not in old.headers["Cache-Control"]


@pytest.mark.parametrize("place", ["3/6/4", "3/0/0", "22/4194303/4194303", "3/8/0", "2147483647/0/0"])
def test_where_a_map_ends_or_holds_no_picture_a_clear_pixel_comes(client, place):
    answer = client.get(f"/basemaps/a/x/{place}")
    assert answer.status_code == 200 and answer.mimetype == "image/png"
    assert len(answer.data) < 1000 and b"<svg" not in answer.data


@pytest.mark.parametrize(
    "path", ["none/x/3/6/3", "..%2f..%2fa/x/3/6/3", "a/x/-1/0/0", "a/x/a/0/0", "a/x/99999999999/0/0"]
)
def test_other_addresses_of_tiles_are_not_found(client, path):
    assert client.get(f"/basemaps/{path}").status_code == 404


def test_tiles_of_the_network_are_let_in_on_the_map_alone_and_only_where_set(client, tmp_path):
    let_in = asked(client, f"{STUDY}/map").headers["Content-Security-Policy"]
    assert "img-src 'self' data: https://tiles.example.org;" in let_in
    assert let_in.count("example.org") == 1
    assert bases(client)["bases"]["maps"][-1]["credit"] == "© X"
    for path in ("/", f"{STUDY}/villages", "/static/map.js"):
        assert "example.org" not in client.get(path).headers["Content-Security-Policy"]
    plain = create_app(Settings(studies=tmp_path), open_review=lambda path, report: build_review())
    (tmp_path / "a.yaml").write_text("title: x\n")
    page = asked(plain.test_client(), "/studies/a/map")
    assert page.status_code == 200 and "img-src 'self' data:;" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "written",
    [
        "x",
        "javascript:alert({z}{x}{y})",
        "https://a.org/{z}/{x}.png",
        "https://a.org/{z}/{x}/{y}/{y}.png",
        "https://a.org/{s}/{z}/{x}/{y}.png",
        "https://a.org; script-src */{z}/{x}/{y}",
        "https://a.org/{z}/{x}/{y} https://b.org/",
        "https://a.org'/{z}/{x}/{y}",
        "https://u:p@a.org/{z}/{x}/{y}",
        "https://{z}.a.org/{x}/{y}",
    ],
)
def test_a_setting_that_is_no_address_of_tiles_stops_the_start(written, tmp_path):
    with pytest.raises(SettingError) as told:
        create_app(Settings(studies=tmp_path, online_tiles=written))
    assert "GIS_ONLINE_TILES" in told.value.say("vi") and "{z}/{x}/{y}" in told.value.say("en")


def test_an_address_of_tiles_gives_its_origin():
    assert origin_of(Settings(online_tiles=ONLINE)) == "https://tiles.example.org"
    assert origin_of(Settings(online_tiles="http://10.0.0.2:8080/t/{z}/{x}/{y}")) == "http://10.0.0.2:8080"
    assert origin_of(Settings()) is None


def test_the_relief_is_small_and_lies_over_the_villages(client, sample_review):
    answer = client.get(f"{STUDY}/relief.png")
    assert answer.mimetype == "image/png" and len(answer.data) <= 110_000 and answer.headers["ETag"]
    (south, west), (north, east) = bases(client)["bases"]["relief"]["bounds"]
    box = shapely.box(west, south, east, north)
    spots = sample_review.study.villages.set_geometry("point", crs=sample_review.study.crs).to_crs(4326)
    assert spots.geometry.within(box).all()


def test_people_and_heights_colour_the_ground_with_a_legend(client):
    layers = {row["id"]: row for row in bases(client)["layers"]}
    for name, unit in (("population", "people/km²"), ("elevation", " m")):
        row = layers[name]
        assert (
            row["ground"]
            and len(row["keys"]) >= 2
            and all(unit in key["name"] for key in row["keys"] if key["band"] != "none")
        )
        answer = client.get(f"{STUDY}/layers/{name}.png")
        assert answer.mimetype == "image/png" and len(answer.data) <= 180_000
    assert client.get(f"{STUDY}/layers/land_cover.png").status_code == 404


def test_every_layer_of_the_catalogue_that_a_map_shows_is_in_a_group_with_signs_of_its_own():
    grouped = {layer for layers in layerlooks.GROUPS.values() for layer in layers}
    for layer in load_catalogue().values():
        if layer.role in ("facility", "network", "area") and layer.id not in grouped:
            assert layer.id in ("settlements", "commune_centres"), layer.id
    assert len(set(layerlooks.SHAPES)) == layerlooks.MOST_LOOKS


def test_legends_count_every_thing_once_and_the_map_follows_them(client):
    layers = {row["id"]: row for row in bases(client)["layers"]}
    for name in ("roads", "schools", "clinics", "water_points"):
        row = layers[name]
        assert sum(look["count"] for look in row["looks"]) == row["count"], name
        drawn = json.loads(asked(client, f"{STUDY}/layers/{name}.geojson").data)["features"]
        found = [feature["properties"]["look"][0] for feature in drawn]
        assert [found.count(at) for at in range(len(row["looks"]))] == [
            look["count"] for look in row["looks"]
        ]
    roads = layers["roads"]
    assert sum(wear["count"] for wear in roads["wears"]) == roads["count"]
    assert len({wear["dash"] for wear in roads["wears"]}) == len(roads["wears"])
    assert len({(look["color"], look["width"]) for look in roads["looks"]}) == len(roads["looks"])
    assert "duong.gpkg" in roads["credit"]


def decided(client, village, criterion, **more):
    query = "&".join(
        f"{name}={value}" for name, value in {"village": village, "criterion": criterion, **more}.items()
    )
    return asked(client, f"{STUDY}/decided-way.geojson?{query}")


def test_the_way_leads_from_the_village_to_the_place_that_decided(client, sample_review):
    rows = sample_review.findings.dropna(subset="facility_id")
    row = rows[rows["legs"].notna()].iloc[0]
    answer = decided(client, row["village_id"], row["criterion"])
    *parts, place = json.loads(answer.data)["features"]
    assert place["properties"]["role"] == "place" and place["properties"]["words"]
    # as the finding tells it, part by part
    assert [part["properties"]["how"] == "walk" for part in parts] == [
        leg.startswith("walk") for leg in row["legs"].split()
    ]
    point = (
        sample_review.study.villages.loc[[row["village_id"]], "point"]
        .set_crs(sample_review.study.crs)
        .to_crs(4326)
        .iloc[0]
    )
    first, last = parts[0]["geometry"]["coordinates"][0], parts[-1]["geometry"]["coordinates"][-1]
    assert first == pytest.approx([point.x, point.y], abs=2e-5)
    assert last == pytest.approx(place["geometry"]["coordinates"], abs=2e-5)
    for before, after in zip(parts, parts[1:], strict=False):
        assert before["geometry"]["coordinates"][-1] == pytest.approx(
            after["geometry"]["coordinates"][0], abs=1e-3
        )


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("village=x&criterion=y", 400), ("criterion=road", 400), ("village=<script>", 400)],
)
def test_a_way_that_is_not_asked_for_rightly_is_a_sentence(client, query, status):
    answer = asked(client, f"{STUDY}/decided-way.geojson?{query}")
    assert answer.status_code == status and answer.json["error"][0]["message"]


def test_a_finding_without_a_place_has_no_way_and_says_so(client, sample_review):
    row = sample_review.findings[sample_review.findings["facility_id"].isna()].iloc[0]
    answer = decided(client, row["village_id"], row["criterion"], lang="en")
    assert answer.status_code == 404 and "no way to draw" in answer.json["error"][0]["message"]


def test_my_communes_are_those_of_the_account_that_this_study_has(monkeypatch, sample_review):
    first = sample_review.communes.index[0]
    monkeypatch.setattr("gis.web.sessions.account", lambda: SimpleNamespace(communes=(first, "zz")))
    assert mine(sample_review) == [first]
    monkeypatch.setattr("gis.web.sessions.account", lambda: None)
    assert mine(sample_review) == []
