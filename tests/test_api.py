"""What programs can read: every address is described, and answers as it is described."""

import io
import re
import shutil
import time

import pytest
from jsonschema import Draft202012Validator

from gis import accounts, jobs
from gis.settings import Settings
from gis.store import open_store
from gis.web import api_document, create_app, levels, offered
from gis.web.api_routes import GROUPS, PARAMETERS, ROUTES
from gis.web.api_schemas import SCHEMAS
from tests.test_web_intake import schools

ID = "dak-minh-hoa"
STUDY = f"/studies/{ID}"
PATIENCE_S = 120
PLAN = {"part": "infrastructure", "first": "2026", "last": "2026", "fund-1-label": "NTM", "fund-1-amounts": "3000",
        "seconds": "10"}  # fmt: skip


def get(client, address, **options):
    """The answer, once what it asks for is worked out."""
    return patiently(lambda: client.get(address, **options))


def patiently(ask):
    """What `ask` is answered in the end; who is asked to wait comes again."""
    end = time.monotonic() + PATIENCE_S
    while (answer := ask()).status_code == 503 and time.monotonic() < end:
        assert answer.headers["Retry-After"]
        time.sleep(0.1)
    return answer


def token_of(client):
    return re.search(r'name="csrf" content="([^"]+)"', client.get("/").get_data(as_text=True))[1]


@pytest.fixture(scope="module")
def site(stored_sample, tmp_path_factory):
    """The app over a store with the sample in it, for one person at this computer."""
    folder = tmp_path_factory.mktemp("api")
    shutil.copytree(stored_sample, folder / "store")
    store = open_store(folder / "store")
    accounts.name_person(store, "Y Lan")
    (folder / "studies").mkdir()
    app = create_app(Settings(studies=folder / "studies", workers=0), store=store)
    app.extensions["shelf"].look(ID, wait_s=PATIENCE_S)
    yield app
    store.close()


@pytest.fixture(scope="module")
def client(site):
    return site.test_client()


@pytest.fixture(scope="module")
def review(site):
    return site.extensions["shelf"].peek(ID).review


@pytest.fixture(scope="module")
def known(site, client, review, tmp_path_factory):
    """What there is to fill into addresses: a village, a kept plan and scenario, a file that waits, a job."""
    sent = {"csrf_token": token_of(client), "name": "Đổi một ngưỡng"}
    criterion = next(one for one in review.criteria.criteria if one.unit == "%")
    changes = f"{STUDY}/scenario?figure={criterion.id}/{next(iter(criterion.thresholds))}/31"
    kept = patiently(lambda: client.post(changes, data=sent)).location.rsplit("/", 1)[1]
    get(client, f"{STUDY}/options.geojson")
    making = patiently(lambda: client.post(f"{STUDY}/plan", data={**sent, **PLAN}))
    plan = client.get(making.location).location.rsplit("/", 1)[1]
    name, content = schools(tmp_path_factory.mktemp("drop"))
    form = {"csrf_token": sent["csrf_token"], "file": [(io.BytesIO(content), name)]}
    received = client.post(f"{STUDY}/files.json", data=form, content_type="multipart/form-data")
    assert received.status_code == 200, received.get_data(as_text=True)
    decided = review.findings[review.findings["facility_id"].notna()].iloc[0]
    return {
        "study_id": ID,
        "collection_id": f"{ID}.villages",
        "feature_id": review.villages_table.index[3],
        "table": "findings",
        "layer_id": "clinics",
        "source": "schools",
        "upload_id": received.json["uploads"][0],
        "key": plan,
        "number": jobs.enqueue(site.extensions["store"], "import", {}, who="Y Lan", study_id=ID),
        "a": kept,
        "b": plan,
        "village": decided["village_id"],
        "decided": decided["criterion"],
        "criterion": criterion.id,
        "received": received,
    }


def validator(name):
    """Judges plain data by a schema of ours."""
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def filled(path, known):
    return re.sub(r"{(\w+)}", lambda found: str(known[found[1]]), path)


QUERIES = {
    "gapcosts.state": "?criterion={criterion}",
    "ways.way": "?village={village}&criterion={decided}",
    "scenarios.compared": "?a={a}&b={b}",
    "reaching.way": "?village={village}",
    "versions.shapes": "?before=1&after=1",
}
"""What some addresses cannot be asked without."""


MEANT = {
    "sides.data": {"key": "now"},
    "leveldata.outlines": {"level": "villages", "leaf": 0},
    "leveldata.villages": {"leaf": 0},
}
"""What stands in some addresses in place of the usual."""


def test_every_address_that_answers_data_is_described_and_no_other(site):
    there, described = api_document.data_rules(site), [route.key for route in ROUTES]
    assert set(there) == set(described), "give it a line in gis/web/api_routes.py, or take the line out"
    assert len(described) == len(set(described))
    assert {route.group for route in ROUTES} == set(GROUPS)
    assert {route.schema for route in ROUTES} <= set(SCHEMAS)
    used = {name for route in ROUTES for name in route.asked}
    used |= {name for path in there.values() for name in re.findall(r"{(\w+)}", path)}
    assert used == set(PARAMETERS)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: "-".join(filter(None, route.key)))
def test_an_address_answers_as_it_is_described(site, client, known, route, monkeypatch):
    if route.endpoint.startswith("leveldata."):
        monkeypatch.setattr(levels, "MOST_WHOLE", 5)
    known = known | MEANT.get(route.endpoint, {})
    path = api_document.data_rules(site)[route.key] + QUERIES.get(route.endpoint, "")
    answer = known["received"] if route.method == "post" else get(client, filled(path, known))
    assert answer.status_code == 200, (path, answer.get_data(as_text=True)[:300])
    assert answer.mimetype == route.type
    faults = [
        fault.message[:200] for fault in validator(route.schema).iter_errors(answer.get_json(force=True))
    ]
    assert not faults


@pytest.mark.parametrize("path", ["/api/openapi.json", "/ogc/api"])
def test_the_document_is_whole_in_both_languages(client, path):
    told = {language: get(client, f"{path}?lang={language}").json for language in ("vi", "en")}
    assert told["vi"]["paths"].keys() == told["en"]["paths"].keys()
    assert told["vi"]["info"]["title"] != told["en"]["info"]["title"]
    seen = set()
    for address, methods in told["en"]["paths"].items():
        for operation in methods.values():
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
            inside = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert inside == set(re.findall(r"{(\w+)}", address))
            assert operation["summary"] and all(one["description"] for one in operation["parameters"])
    schemas = told["en"]["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/(\w+)", str(told["en"]))) <= set(schemas)
    if path == "/ogc/api":
        assert (
            told["en"]["openapi"] == "3.0.3" and "'null'" not in str(schemas) and "const" not in str(schemas)
        )
    else:
        for schema in schemas.values():
            Draft202012Validator.check_schema(schema)


def test_the_page_lists_what_there_is_in_both_languages(client):
    pages = {
        language: get(client, f"/api?lang={language}").get_data(as_text=True) for language in ("vi", "en")
    }
    assert "Dữ liệu cho phần mềm khác" in pages["vi"] and "Data for other programs" in pages["en"]
    for page in pages.values():
        assert "http://localhost/ogc" in page and "/api/v1/studies/{study_id}/tables/{table}" in page
        assert "api-" not in re.sub(r'(class|href|id|aria-labelledby)="[^"]*"', "", page)


FAULTS = [
    ("/api/v1/studies/none", 404, "web-no-study"),
    (f"/api/v1/studies/{ID}/tables/none", 404, "api-no-table"),
    (f"/api/v1/studies/{ID}/tables/villages?limit=0", 400, "web-bad-filter"),
    (f"/api/v1/studies/{ID}/tables/villages?offset=x", 400, "web-bad-filter"),
    (f"/api/v1/studies/{ID}/tables/villages?status=none", 400, "web-bad-filter"),
    (f"/api/v1/studies/{ID}/tables/villages?stauts=met", 400, "api-unknown-parameter"),
    (f"/api/v1/studies/{ID}/tables/clinics?status=met", 400, "api-unknown-parameter"),
    (f"/api/v1/studies/{ID}?set=none", 404, "beside-unknown"),
    (f"/api/v1/studies/{ID}/none", 404, "web-not-found"),
    (f"{STUDY}/villages.json?status=none", 400, "web-bad-filter"),
    (f"{STUDY}/layers/none.geojson", 404, "web-no-layer"),
    (f"{STUDY}/nothing.json", 404, "web-not-found"),
    ("/studies/none.json", 404, "web-no-study"),
    ("/jobs/77777.json", 404, "jobs-none"),
]


@pytest.mark.parametrize("address, status, code", FAULTS)
def test_a_fault_is_data_for_a_program_and_a_page_for_a_person(client, address, status, code):
    answer = get(client, address)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert not list(validator("Fault").iter_errors(answer.json))
    assert answer.json["error"][0]["code"] == code and answer.json["status"] == status
    page = get(client, address, headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page.mimetype) == (status, "text/html")


def test_other_methods_are_faults_as_data(client):
    sent = {"X-CSRFToken": token_of(client)}
    for address in (f"/api/v1/studies/{ID}", "/ogc/collections", f"{STUDY}/map.json"):
        answer = client.post(address, headers=sent)
        assert answer.status_code == 405 and answer.json["error"][0]["code"] == "web-method-not-allowed"


def test_tables_are_paged_whole_and_agree_with_the_judgement(client, review):
    address, rows = f"/api/v1/studies/{ID}/tables/findings?limit=50", []
    while address:
        told = get(client, address).json
        rows += told["rows"]
        assert told["numberReturned"] == len(told["rows"]) <= 50 and told["numberMatched"] == len(
            review.findings
        )
        address = next((one["href"] for one in told["links"] if one["rel"] == "next"), None)
    assert [(row["village_id"], row["criterion"], row["status"]) for row in rows] == list(
        review.findings[["village_id", "criterion", "status"]].itertuples(index=False, name=None)
    )
    missing = [row for row, value in zip(rows, review.findings["value"], strict=True) if value != value]
    assert missing and all(row["value"] is None and row["value_state"] == "missing" for row in missing)


@pytest.mark.parametrize("status", ["met", "unmet", "unknown"])
def test_filters_leave_what_they_say(client, review, status):
    table = review.villages_table
    commune, criterion = table["commune_id"].iloc[0], review.criteria.criteria[0].id
    asked = {
        f"villages?status={status}": (table["status"] == status).sum(),
        f"villages?commune={commune}&status={status}": (
            (table["commune_id"] == commune) & (table["status"] == status)
        ).sum(),
        f"villages?criterion={criterion}&criterion_status={status}": (table[criterion] == status).sum(),
        f"findings?criterion={criterion}&status={status}": (table[criterion] == status).sum(),
        f"findings?village={table.index[0]}&status={status}": (
            review.findings.set_index("village_id").loc[table.index[0], "status"] == status
        ).sum(),
    }
    for query, count in asked.items():
        told = get(client, f"/api/v1/studies/{ID}/tables/{query}&limit=1000").json
        assert "error" not in told, (query, told)
        assert (told["numberMatched"], len(told["rows"])) == (count, count), query


def test_columns_are_labelled_in_both_languages_and_named_in_plain_letters(site, review):
    standing = site.extensions["shelf"].peek(ID)
    for name in offered.names_offered(review):
        table = offered.offered(standing, name)
        vi, en = table.fields("vi"), table.fields("en")
        assert [one.name for one in vi] == [one.name for one in en]
        assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,59}", one.name) and one.label for one in vi)
        assert [one.name for one in vi] == list(table.records([0], "vi")[0])
        assert name in ("villages",) or [one.label for one in vi] != [one.label for one in en]


def test_the_headline_is_that_of_the_review(client, review):
    told = get(client, "/api/v1/studies").json["studies"][0]
    assert (told["id"], told["state"]) == (ID, "ready")
    figures = get(client, f"/api/v1/studies/{ID}").json
    assert figures["headline"] == told["headline"] and figures["run"] == review.run.id
    assert all(
        figures["headline"][name] == review.headline[name] for name in ("villages", "met", "unmet", "unknown")
    )
