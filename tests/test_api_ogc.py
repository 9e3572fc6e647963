"""Layers and findings as QGIS and ArcGIS open them: OGC API – Features, page by page, and by GDAL itself."""

import json
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely

from gis.settings import Settings
from gis.web import create_app
from gis.web.api_routes import CRS84
from serving import served
from tests.fakes_web import build_review
from tests.test_api import get

ID = "minh-hoa"
ITEMS = f"/ogc/collections/{ID}.villages/items"


@pytest.fixture(scope="module")
def review():
    return build_review()


@pytest.fixture(scope="module")
def site(review, tmp_path_factory):
    """The app over one study of thirty villages, of which one has no place and one a point only."""
    folder = tmp_path_factory.mktemp("ogc")
    (folder / ID).mkdir()
    (folder / ID / "study.yaml").write_text("title: x\n", encoding="utf-8")
    app = create_app(Settings(studies=folder), open_review=lambda path, report: review)
    app.extensions["shelf"].look(ID, wait_s=30)
    return app


@pytest.fixture(scope="module")
def client(site):
    return site.test_client()


def rel(told, name):
    return next((one["href"] for one in told["links"] if one["rel"] == name), None)


def test_a_program_finds_everything_by_links_from_the_first_address(client):
    first = client.get("/ogc").json
    assert client.get("/ogc/").json == first
    assert all(urlsplit(one["href"]).netloc == "localhost" for one in first["links"])
    assert "conf/core" in client.get(rel(first, "conformance")).get_data(as_text=True)
    assert client.get(rel(first, "service-desc")).json["openapi"].startswith("3.0")
    found = client.get(rel(first, "data")).json
    assert [one["id"] for one in found["collections"]] == [
        f"{ID}.{name}" for name in ("villages", "communes", "findings")
    ]
    for one in found["collections"]:
        assert client.get(rel(one, "self")).json == one
        items = client.get(rel(one, "items"))
        assert items.mimetype == "application/geo+json" and items.headers["Content-Crs"] == f"<{CRS84}>"
        columns = client.get(rel(one, "describedby")).json["properties"]
        assert set(items.json["features"][0]["properties"]) == set(columns) - {"geometry"}


def test_links_carry_the_name_by_which_the_server_was_reached(site):
    told = site.test_client().get("/ogc", base_url="http://127.0.0.1:8123").json
    assert {urlsplit(one["href"]).netloc for one in told["links"]} == {"127.0.0.1:8123"}
    assert site.test_client().get("/ogc", base_url="http://evil.example").status_code == 421


def test_pages_hold_every_village_once(client, review):
    address, seen = f"{ITEMS}?limit=7&lang=en", []
    while address:
        told = client.get(address).json
        assert told["numberMatched"] == 30 and told["numberReturned"] == len(told["features"]) <= 7
        assert told["timeStamp"].endswith("Z")
        seen += [one["id"] for one in told["features"]]
        address = rel(told, "next")
        assert address is None or parse_qs(urlsplit(address).query)["lang"] == ["en"]
    assert seen == list(review.villages_table.index)
    assert rel(told, "prev")


def test_a_village_without_a_place_is_there_without_one_and_unknown_is_null(client, review):
    told = {one["id"]: one for one in client.get(f"{ITEMS}?limit=1000").json["features"]}
    first, last = review.villages_table.index[[0, -1]]
    assert told[first]["geometry"] is None and told[last]["geometry"]["type"] == "Point"
    findings = review.findings.set_index(["village_id", "criterion"])
    for village, feature in told.items():
        finding = findings.loc[(village, "clinic")]
        assert feature["properties"]["clinic_status"] == finding["status"]
        value = feature["properties"]["clinic_value"]
        assert value is None if finding["status"] == "unknown" else value == pytest.approx(finding["value"])


def test_a_box_leaves_what_touches_it(client, review):
    villages = review.study.villages.to_crs(4326)
    west, south, east, north = villages.geometry.iloc[6].bounds
    box = (west + 0.001, south + 0.001, (west + east) / 2, (south + north) / 2)
    touched = villages.index[villages.geometry.notna() & villages.geometry.intersects(shapely.box(*box))]
    told = client.get(f"{ITEMS}?bbox={','.join(map(str, box))}").json
    assert [one["id"] for one in told["features"]] == list(touched) and told["numberMatched"] == 1
    assert client.get(f"{ITEMS}?bbox=0,0,1,1").json["numberMatched"] == 0
    assert client.get(f"{ITEMS}?bbox=170,-80,-170,80").json["numberMatched"] == 0
    assert client.get(f"{ITEMS}?bbox=-180,-90,180,90").json["numberMatched"] == 29
    assert client.get(f"{ITEMS}?bbox=-180,-90,0,180,90,9").json["numberMatched"] == 29
    assert (
        client.get(f"{ITEMS}?datetime=2020-01-01/..&bbox-crs={CRS84}&crs={CRS84}").json["numberMatched"] == 30
    )


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,5,1,4", "bbox=nan,0,1,1", "limit=-1", "limit=1.5", "offset=99999999999",
        "status=none", "criterion=clinic", "criterion_status=met", "datetime=yesterday", "f=html", "crs=EPSG:3405", "colour=red",
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_one_sentence(client, query):
    answer = client.get(f"{ITEMS}?{query}&lang=en")
    assert answer.status_code == 400
    assert len(answer.json["error"]) == 1 and answer.json["error"][0]["message"].endswith(".")


def test_no_page_is_longer_than_a_thousand_and_one_feature_is_found_by_its_id(client, review):
    told = client.get(f"{ITEMS}?limit=5000").json
    assert "limit=1000" in rel(told, "self")
    finding = f"/ogc/collections/{ID}.findings/items/{review.villages_table.index[2]}:clinic"
    assert client.get(finding).json["properties"]["criterion"] == "clinic"
    commune = client.get(f"/ogc/collections/{ID}.communes/items/24002").json
    assert commune["properties"]["villages"] == 10 and commune["geometry"]["type"] in (
        "Polygon",
        "MultiPolygon",
    )
    for wrong in (
        f"{ITEMS}/none",
        f"/ogc/collections/{ID}.none",
        "/ogc/collections/none.villages",
        "/ogc/collections/x",
    ):
        assert client.get(wrong).status_code == 404


def test_an_answer_is_known_again(client):
    for options in ({}, {"headers": {"Accept-Encoding": "gzip"}}):
        first = client.get(ITEMS, **options)
        again = client.get(
            ITEMS, headers={**options.get("headers", {}), "If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304 and not again.data


def test_hostile_names_travel_as_data(tmp_path):
    from tests.fakes_web import PAYLOADS

    (tmp_path / ID).mkdir()
    (tmp_path / ID / "study.yaml").write_text("title: x\n", encoding="utf-8")
    hostile = build_review(names=PAYLOADS)
    app = create_app(Settings(studies=tmp_path), open_review=lambda path, report: hostile)
    app.extensions["shelf"].look(ID, wait_s=30)
    answer = get(app.test_client(), f"{ITEMS}?limit=1000")
    assert [one["properties"]["name"] for one in answer.json["features"]][: len(PAYLOADS)] == list(PAYLOADS)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


READ = """
import json, sys
import pyogrio

address = sys.argv[1]
found = {}
for name, kind in pyogrio.list_layers(address):
    layer = pyogrio.read_dataframe(address, layer=name)
    columns = layer.drop(columns="geometry").astype(object)
    rows = columns.where(columns.notna(), None).to_dict("records")
    found[name] = {"rows": rows, "bounds": list(layer.total_bounds), "crs": layer.crs.to_string()}
print(json.dumps(found))
"""


def test_gdal_opens_it_live_and_reads_the_same(site, client, review):
    # In a process of its own: GDAL waits for our answer, and would keep the interpreter while it does.
    with served(site) as address:
        done = subprocess.run(
            [sys.executable, "-c", READ, f"OAPIF:{address}/ogc"],
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {f"{ID}.villages", f"{ID}.communes", f"{ID}.findings"}
    villages = found[f"{ID}.villages"]
    assert villages["crs"] in ("OGC:CRS84", "EPSG:4326")
    told = client.get(f"{ITEMS}?limit=1000").json["features"]
    assert len(villages["rows"]) == len(told) == len(review.villages_table)
    for row, feature in zip(villages["rows"], told, strict=True):
        assert row == {"id": feature["id"], **feature["properties"]}
    findings = found[f"{ID}.findings"]["rows"]
    assert [(row["village_id"], row["criterion"], row["status"]) for row in findings] == list(
        review.findings[["village_id", "criterion", "status"]].itertuples(index=False, name=None)
    )
    missing = review.findings["value"].isna().tolist()
    assert any(missing) and [row["value"] is None for row in findings] == missing
