"""Ways to look at a study: other years, sources, sets and scenarios; two side by side; filters by what a village is."""

import json
import re
import time
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from openpyxl import load_workbook

from gis.plan import Edit
from gis.plan.scenario import Scenario
from gis.plan.scenario_record import to_scenario_record
from gis.settings import Settings
from gis.side_by_side import by_source, contested
from gis.store import open_store
from gis.verdicts import judge_set
from gis.web import create_app, narrowing
from gis.workflows.planning import save_plan
from gis.workflows.rejudging import judge_year
from tests.fakes_web import build_review, build_villages

STUDY = "/studies/dak-minh-hoa"
LETTERS = {"met": "m", "unmet": "u", "unknown": "k", "exempt": "x"}


def doubled(review, seed=3):
    """The review with sheets that answer two of its criteria beside the map, now and then otherwise or not at all."""
    rng = np.random.default_rng(seed)
    findings = review.findings.copy()
    told = findings["criterion"].isin(["clinic", "water"]) & (rng.random(len(findings)) < 0.8)
    findings.loc[told, "reported_status"] = np.where(rng.random(int(told.sum())) < 0.5, "met", "unmet")
    return replace(review, findings=findings)


@pytest.fixture(scope="module")
def fake():
    villages = build_villages()
    villages["minority_share_pct"] = [np.nan, *np.linspace(0, 100, len(villages) - 1)]
    villages["zone"] = ["I", "II", "III"] * 10
    return doubled(build_review(villages=villages))


def client_over(folder, review, name, store=None):
    (folder / name).mkdir()
    (folder / name / "study.yaml").write_text("title: x\n")
    app = create_app(Settings(studies=folder), store=store, open_review=lambda path, report: review)
    app.extensions["shelf"].look(name, wait_s=30)
    return app.test_client()


@pytest.fixture(scope="module")
def fakes(tmp_path_factory, fake):
    return client_over(tmp_path_factory.mktemp("fakes"), fake, "minh-hoa")


@pytest.fixture(scope="module")
def client(tmp_path_factory, sample_review):
    """The small district of two years, with a scenario kept in its store."""
    store = open_store(tmp_path_factory.mktemp("store"))
    figure = Edit.from_plain({"does": "figure", "criterion": easiest(sample_review), "figure": 0.0})
    record = to_scenario_record(Scenario(sample_review, (figure,), "Không đòi", {}))
    row = save_plan(store, "dak-minh-hoa", record, name="Không đòi", who="Y Lan")
    client = client_over(tmp_path_factory.mktemp("years"), sample_review, "dak-minh-hoa", store)
    client.scenario = SimpleNamespace(
        key=f"scenario-{row['key']}", review=Scenario.from_plain(sample_review, record).after
    )
    return client


def easiest(review):
    return next(one.id for one in review.criteria.criteria if one.compare in ("ge", "gt", "le", "lt"))


def answer(client, address):
    """The answer, asked again while it is worked out."""
    for _ in range(100):
        response = client.get(address)
        if response.status_code != 503:
            return response
        time.sleep(0.1)
    raise AssertionError("never worked out")


def told(client, study, key):
    return json.loads(answer(client, f"{study}/sides/{key}.json").get_data(as_text=True))


def letters(statuses):
    return "".join(LETTERS[status] for status in statuses)


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def test_one_source_alone_turns_only_what_both_answer(fake):
    assert contested(fake) == ["clinic", "water"]
    for source in ("reported", "measured"):
        turned = by_source(fake, source)
        both = fake.findings["criterion"].isin(["clinic", "water"]).to_numpy()
        assert (turned.findings["status"][both] == fake.findings[f"{source}_status"][both]).all()
        assert (turned.findings["status"][~both] == fake.findings["status"][~both]).all()
        again = judge_set(turned.findings, fake.criteria, fake.study.villages)
        assert again.equals(turned.results)
    # the map decides in this study, so by the map alone nothing changes
    assert (by_source(fake, "measured").results["status"] == fake.results["status"]).all()
    assert (by_source(fake, "reported").results["status"] != fake.results["status"]).any()


def test_a_side_is_told_in_the_order_of_the_table_and_known_by_its_tag(fakes, fake):
    study = "/studies/minh-hoa"
    order = [row[0] for row in json.loads(fakes.get(f"{study}/map.json").get_data(as_text=True))["rows"]]
    turned = by_source(fake, "reported").villages_table
    side = told(fakes, study, "reported")
    assert side["status"] == letters(turned.loc[order, "status"])
    assert side["missed"] == turned.loc[order, "missed"].tolist()
    ids = [one.id for one in fake.criteria.criteria]
    assert side["criteria"] == [letters(turned.loc[order, name]) for name in ids]
    assert told(fakes, study, "now")["status"] == letters(fake.villages_table.loc[order, "status"])
    first = fakes.get(f"{study}/sides/reported.json")
    assert (
        fakes.get(
            f"{study}/sides/reported.json", headers={"If-None-Match": first.headers["ETag"]}
        ).status_code
        == 304
    )


@pytest.mark.parametrize(("address", "status"), [
    ("sides/nix.json", 404), ("sides/year-1999.json", 404), ("sides/plan-x.json", 404), ("sides/set-x.json", 404),
    ("differences?left=nix", 400), ("differences.xlsx?right=plan-", 400), ("villages?minority=nix", 400),
    ("differences?criterion=nix", 400),
])  # fmt: skip
def test_what_there_is_not_is_said(fakes, address, status):
    assert fakes.get(f"/studies/minh-hoa/{address}").status_code == status


def test_a_year_is_what_that_year_alone_says_and_knows_the_year_before(client, sample_review):
    years = sorted(sample_review.study.assessments)
    first = next(year for year in years if year != sample_review.study.year)
    judged = judge_year(sample_review.study, year=first)
    side = told(client, STUDY, f"year-{first}")
    assert side["status"] == letters(judged.villages_table["status"])
    assert str(first) in side["note"] and "before" not in side
    now = told(client, STUDY, "now")
    assert (now["since"], now["before"]) == (str(first), side["status"])


def test_a_kept_scenario_is_shown_as_if_it_were_built(client):
    side = told(client, STUDY, client.scenario.key.replace("scenario-", "plan-"))
    assert side["status"] == letters(client.scenario.review.villages_table["status"])
    assert "Không đòi" in side["label"] and side["note"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_two_sides_are_listed_and_the_file_has_the_same_rows(fakes, fake, language):
    turned = by_source(fake, "reported").results["status"]
    differ = int((turned != fake.results["status"]).sum())
    page = fakes.get(f"/studies/minh-hoa/differences?left=reported&right=measured&lang={language}")
    first = {"vi": f"{differ} thôn khác nhau", "en": f"{differ} villages differ"}[language]
    assert first in words(page)
    assert page.get_data(as_text=True).count('scope="row"') == differ
    file = fakes.get("/studies/minh-hoa/differences.xlsx?left=reported&right=measured")
    sheet = load_workbook(BytesIO(file.data)).worksheets[0]
    rows = [row for row in sheet.iter_rows(values_only=True) if str(row[0] or "").startswith("24")]
    assert len(rows) == differ
    everything = fakes.get("/studies/minh-hoa/differences?left=reported&show=all&commune=24002")
    assert everything.get_data(as_text=True).count('scope="row"') == 10


def test_by_a_criterion_it_is_that_criterion_that_differs(fakes, fake):
    one, other = (by_source(fake, source).villages_table["water"] for source in ("reported", "measured"))
    page = fakes.get("/studies/minh-hoa/differences?left=reported&right=measured&criterion=water")
    assert page.get_data(as_text=True).count('scope="row"') == int((one != other).sum())


def test_villages_are_narrowed_by_what_they_are(fakes, fake):
    share = fake.study.villages["minority_share_pct"]
    expected = {
        "minority=ge50": (share >= 50).sum(),
        "minority=ge15": (share >= 15).sum(),
        "minority=lt15": (share < 15).sum(),
        "minority=-": share.isna().sum(),
        "zone=II": 10,
        "zone=II&commune=24001": (
            fake.study.villages["zone"][fake.study.villages["commune_id"] == "24001"] == "II"
        ).sum(),
        "confidence=open&criterion=water": (
            fake.findings[fake.findings["criterion"] == "water"]["confidence"] == "open"
        ).sum(),
    }
    for query, count in expected.items():
        found = json.loads(fakes.get(f"/studies/minh-hoa/villages.json?{query}").get_data(as_text=True))
        assert len(found["villages"]) == count, query
    assert expected["minority=ge15"] + expected["minority=lt15"] + expected["minority=-"] == 30


def test_a_village_is_as_sure_as_its_least_sure_criterion(fake):
    counted = [one.id for one in fake.counted]
    rows = fake.findings[fake.findings["criterion"].isin(counted)]
    open_ = set(rows.loc[rows["confidence"] == "open", "village_id"])
    found = narrowing.confidence(fake)
    assert set(found.index[found == "open"]) == open_


def test_the_page_is_told_the_same_as_the_list(fakes, fake):
    facts = json.loads(fakes.get("/studies/minh-hoa/narrow.json").get_data(as_text=True))
    assert facts["zone"] == fake.study.villages["zone"].tolist()
    share = fake.study.villages["minority_share_pct"]
    assert facts["minority"].count("2") == (share >= 50).sum() and facts["minority"].count("-") == 1
    sure = narrowing.confidence(fake, "water")
    assert facts["confidence"]["water"] == "".join(sure.str[0])


def test_what_a_study_does_not_know_is_no_filter(client):
    plain = build_review()
    assert set(narrowing.choices(plain)) == {"confidence"}
