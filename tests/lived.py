"""A store in which every page has something to show, and the list of its pages."""

import io
import re
import shutil

from gis import accounts, invitations
from gis.settings import Settings
from gis.store import open_store
from gis.web import create_app
from gis.workflows import campaigns as work
from gis.workflows.jobs import KINDS
from tests.test_campaigns import YEAR
from tests.test_evidence import jpeg
from tests.test_web_intake import Planner, words

STUDY, WHO = "dak-minh-hoa", "Y Lan"

FILES = {"assets.static", "basemaps.tile", "campaign_files.original", "states.document"}
"""Handed out as files, by the names of what was stored."""


def make(stored_sample, folder):
    """The store, its folder of studies, an app over it and what stands in addresses for each argument.

    The study of the store at `stored_sample`, copied into `folder`, gets a proof, a frozen version, a plan, a
    file that waits and a campaign.
    """
    shutil.copytree(stored_sample, folder / "store")
    store = open_store(folder / "store")
    accounts.name_person(store, WHO)
    (folder / "studies").mkdir()
    app = create_app(Settings(studies=folder / "studies", workers=0), store)
    review = app.extensions["shelf"].look(STUDY, wait_s=600).review
    village = str(review.results.index[0])
    planner = Planner(app)
    home = f"/studies/{STUDY}"
    planner.get(home)
    sent = {"csrf_token": planner.token, "village": village, "file": [(io.BytesIO(jpeg()), "nha.jpg")]}
    assert (
        planner.client.post(f"{home}/evidence", data=sent, content_type="multipart/form-data").status_code
        < 400
    )
    meeting = planner.post(f"{home}/meetings", {"name": "Họp Ia Suông", "as_of": "2024-12-31"})
    request = {"years": [2026], "funds": [{"id": "ntm", "label": "NTM", "amounts": [8e9]}], "seconds": 3}
    asked = {"study": STUDY, "name": "Phương án Ia Suông", "request": request, "who": WHO}
    plan = KINDS["make-plan"](store, asked, lambda *_, **__: None)
    taken = planner.drop(STUDY, ("la.geojson", b'{"type":"FeatureCollection","features":[]}'))
    work.open_campaign(
        store, review.study, STUDY, name="Rà soát Ia Suông", year=YEAR, deadline="2025-11-15", who=WHO
    )
    app.extensions["shelf"].look(STUDY, wait_s=600)
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
        "code": invitations.plain(invitations.invite(store, "Y Moi", "editor", who=WHO)),
        "door": "templates",
        "meetings.key": meeting.location.rpartition("/")[2],
    }
    return store, folder / "studies", app, known


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
    """Open an address; comes again while something is worked out, or when a page that looks again itself was faster."""
    from playwright.sync_api import Error

    for _ in range(300):
        try:
            answer = page.goto(address)
        except Error as error:
            if "ERR_ABORTED" not in str(error) and "interrupted" not in str(error):
                raise
            continue
        # None: the page went to where it is already
        if answer is not None and answer.status not in (202, 503):
            break
        page.wait_for_timeout(300)
    if page.locator("#config").count():
        page.wait_for_load_state("networkidle")
    return answer
