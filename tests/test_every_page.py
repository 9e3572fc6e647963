"""Every page there is, by the list of addresses: it fits a telephone, fetches little, and nobody is shut out of it."""

import io
import re
import shutil

import pytest

from gis import accounts
from gis.settings import Settings
from gis.store import open_store
from gis.web import create_app
from gis.workflows import campaigns as work
from gis.workflows.jobs import KINDS
from tests.serving import served
from tests.test_campaigns import YEAR
from tests.test_evidence import jpeg
from tests.test_web_intake import Planner, words
from tests.test_web_signing import PASSWORD

STUDY, WHO = "dak-minh-hoa", "Y Lan"
MOST_REQUESTS, MOST_BYTES = 40, 300_000
"""What one page may fetch with an empty cache, as it travels."""

FILES = {"assets.static", "campaign_files.original", "states.document"}
"""Handed out as files, by the names of what was stored."""


@pytest.fixture(scope="module")
def lived(stored_sample, tmp_path_factory):
    """A store whose study has something of everything, and what stands in addresses for each argument."""
    folder = tmp_path_factory.mktemp("lived")
    shutil.copytree(stored_sample, folder / "store")
    store = open_store(folder / "store")
    accounts.name_person(store, WHO)
    (folder / "studies").mkdir()
    app = create_app(Settings(studies=folder / "studies", workers=0), store)
    review = app.extensions["shelf"].look(STUDY, wait_s=120).review
    village = str(review.results.index[0])
    planner = Planner(app)
    home = f"/studies/{STUDY}"
    planner.get(home)
    sent = {"csrf_token": planner.token, "village": village, "file": [(io.BytesIO(jpeg()), "nha.jpg")]}
    assert (
        planner.client.post(f"{home}/evidence", data=sent, content_type="multipart/form-data").status_code
        < 400
    )
    meeting = planner.post(f"{home}/meetings", {"name": "Họp", "as_of": "2024-12-31"})
    request = {"years": [2026], "funds": [{"id": "ntm", "label": "NTM", "amounts": [8e9]}], "seconds": 3}
    asked = {"study": STUDY, "name": "Phương án", "request": request, "who": WHO}
    plan = KINDS["make-plan"](store, asked, lambda *_, **__: None)
    taken = planner.drop(STUDY, ("la.geojson", b'{"type":"FeatureCollection","features":[]}'))
    work.open_campaign(store, review.study, STUDY, name="Rà soát", year=YEAR, deadline="2025-11-15", who=WHO)
    app.extensions["shelf"].look(STUDY, wait_s=120)
    commune = review.study.villages["commune_id"].iloc[0]
    source = re.search(rf"{home}/sources/([\w+-]+)", words(planner.get(f"{home}/files")))
    known = {
        "study_id": STUDY,
        "village_id": village,
        "commune": commune,
        "key": plan["key"],
        "criterion_id": review.study.criteria.criteria[0].id,
        "what": "names",
        "source": source and source[1],
        "upload_id": taken.location and taken.location.rpartition("/")[2],
        "number": 1,
        "table": "villages",
        "collection_id": f"{STUDY}.villages",
        "feature_id": village,
        "meetings.key": meeting.location.rpartition("/")[2],
    }
    yield store, folder / "studies", app, known
    store.close()


def pages_of(app, known):
    """Address of every page that can be had without more than `known`; the arguments of the others."""
    found, unknown = {}, {}
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or re.search(r"\.\w+$|\.<", rule.rule):
            continue
        values = {
            name: known.get(f"{rule.endpoint.split('.')[0]}.{name}", known.get(name))
            for name in rule.arguments
        }
        if rule.endpoint in FILES:
            continue
        if None in values.values():
            unknown[rule.endpoint] = values
        else:
            with app.test_request_context():
                found[rule.endpoint] = app.url_map.bind("x").build(rule.endpoint, values)
    return found, unknown


def shown(page, address):
    """Open an address; comes again while something is worked out."""
    for _ in range(300):
        answer = page.goto(address)
        if answer.status not in (202, 503):
            break
        page.wait_for_timeout(300)
    if page.locator("#config").count():
        page.wait_for_load_state("networkidle")
    return answer


def faults_of(page, answer):
    """What is wrong with a page that is open, in words; asked on an office screen, then made as narrow as a phone."""
    from axe_playwright_python.sync_playwright import Axe

    told = []
    told += [f"asked for {address}" for address in page.refused]
    told += [fault for fault in page.faults if "503" not in fault]
    if page.locator("h1").count() != 1:
        told.append(f"{page.locator('h1').count()} headings of the first rank")
    sizes = page.evaluate("performance.getEntriesByType('resource').map((one) => one.encodedBodySize)")
    size = sum(sizes) + int(answer.headers.get("content-length", 0))
    told += [f"{len(sizes) + 1} requests"] if len(sizes) + 1 > MOST_REQUESTS else []
    told += [f"{size} bytes"] if size > MOST_BYTES else []
    for one in Axe().run(page).response["violations"]:
        told += [f"{one['id']}: {node['target']}" for node in one["nodes"][:3]]
    page.set_viewport_size({"width": 360, "height": 740})
    wide = page.evaluate("document.documentElement.scrollWidth")
    told += [f"{wide} px wide"] if wide > 360 else []
    page.set_viewport_size({"width": 1366, "height": 768})
    page.refused, page.faults = [], []
    return told


@pytest.mark.browser
def test_every_page_of_a_study_reads_for_everybody(new_page, lived):
    store, _, app, known = lived
    places, unknown = pages_of(app, known)
    assert not unknown, "give these something to show"
    page = new_page(width=1366, height=768)
    wrong, seen = {}, 0
    with served(app) as site:
        for number, (endpoint, path) in enumerate(sorted(places.items())):
            head = page.request.head(f"{site}{path}")
            if "text/html" not in head.headers.get("content-type", "") or head.status in (400, 404):
                continue
            answer = shown(page, f"{site}{path}?lang={('vi', 'en')[number % 2]}")
            seen += 1
            if told := faults_of(page, answer):
                wrong[endpoint, answer.status] = told
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())
    assert seen > 40


@pytest.mark.browser
def test_every_page_of_accounts_reads_for_everybody(new_page, lived, quick_hashes):
    store, studies, _, known = lived
    accounts.add_user(store, "chu", PASSWORD, "administrator", who=WHO)
    app = create_app(Settings(studies=studies, workers=0, host="0.0.0.0", without_tls=True), store)
    places, _ = pages_of(app, known)
    page = new_page(width=1366, height=768)
    wrong = {}
    with served(app) as site:
        page.goto(f"{site}/sign-in?lang=vi")
        wrong["sign-in"] = faults_of(page, page.goto(f"{site}/sign-in"))
        page.fill("input[name=name]", "chu")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button")
        for endpoint, path in sorted(places.items()):
            if path.startswith("/studies") or endpoint in ("signing.sign_in", "signing.name"):
                continue
            answer = shown(page, f"{site}{path}?lang=en")
            told = faults_of(page, answer)
            if answer.status == 200 and "text/html" in answer.headers["content-type"]:
                wrong[endpoint] = told
    wrong = {name: told for name, told in wrong.items() if told}
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())
