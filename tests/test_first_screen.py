"""The first screen, the three clicks to what a gap would cost, what comes next, and reported values corrected in the page."""

import io
import re
import shutil

import openpyxl
import pytest
import yaml

from gis import accounts
from gis.intake import Reader
from gis.labels import format_number
from gis.plan import find_options
from gis.plan.fixes import fixes_of
from gis.settings import Settings
from gis.store import open_store, reported, states
from gis.web import create_app
from gis.workflows import import_recipe
from tests.fakes_web import build_review
from tests.serving import served
from tests.test_web_intake import Planner, words
from tests.test_web_signing import HOST, PASSWORD, visitor

STUDY, WHO = "nuoc-sach", "Y Lan"
HOME = f"/studies/{STUDY}"
WATER, FIELD, WHOLE = "hygienic-water", "hygienic_water_households", "households"


@pytest.fixture(scope="module")
def folder(sample_study, tmp_path_factory):
    """Folder of the illustrative district under a set with criteria of water."""
    folder = tmp_path_factory.mktemp("studies") / STUDY
    shutil.copytree(sample_study.parent, folder)
    recipe = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    recipe |= {"id": STUDY, "criteria": "kontum-dtts-village-2022"}
    recipe.pop("groups", None)
    text = yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(folder, tmp_path_factory):
    """An application over a store with that study in it."""
    base = tmp_path_factory.mktemp("site")
    (base / "studies").mkdir()
    store = open_store(base / "store")
    accounts.name_person(store, WHO)
    with Reader() as reader:
        import_recipe(store, reader, folder / "study.yaml", who=WHO)
    app = create_app(Settings(studies=base / "studies", workers=0), store)
    settle(app)
    yield app
    store.close()


@pytest.fixture(scope="module")
def address(site):
    """Where a browser finds it."""
    with served(site) as address:
        yield address


def settle(app):
    """The review of the study as it is recorded now."""
    shelf = app.extensions["shelf"]
    if (standing := shelf.peek(STUDY)) is not None:
        standing._looked = 0.0
    review = shelf.look(STUDY, wait_s=60).review
    assert review is not None
    return review


@pytest.fixture(scope="module")
def planner(site):
    return Planner(site)


@pytest.fixture(scope="module")
def costs(site):
    """The cheapest change for each gap, as the engine of plans works it out by itself."""
    review = settle(site)
    return fixes_of(find_options(review))


def a_commune(review, costs):
    """The commune with most villages that fail the criterion of water and can be helped."""
    communes = review.study.villages["commune_id"]
    found = [communes[village] for village, criterion in costs if criterion == WATER]
    return max(sorted(set(found)), key=found.count)


def sum_of(review, costs, commune):
    """What the works cost in million VND, each once; the villages they are for."""
    communes = review.study.villages["commune_id"]
    mine = {place: fix for place, fix in costs.items() if place[1] == WATER and communes[place[0]] == commune}
    once = {work["option_id"]: work["cost"] for fix in mine.values() for work in fix["works"]}
    return sum(once.values()) / 1e6, {village for village, _ in mine}


def links(answer):
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"#]+)', words(answer))]


def waited(planner, path):
    """A list once its costs are there, which is what its page waits for."""
    for _ in range(200):
        answer = planner.get(path)
        if "data-waits" not in words(answer):
            return answer
        waits = re.search(r'data-waits="([^"]+)"', words(answer))[1].replace("&amp;", "&")
        assert planner.get(waits).get_json()["state"] in ("computing", "ready")
    raise AssertionError("the costs never came")


def test_three_links_lead_to_the_villages_without_water_and_what_it_would_cost(planner, site, costs):
    review = settle(site)
    commune = a_commune(review, costs)
    (first,) = [link for link in links(planner.get(HOME)) if link.endswith(f"/villages?commune={commune}")]
    (second,) = [link for link in links(planner.get(first)) if f"criterion={WATER}" in link]
    page = words(waited(planner, second))
    total, villages = sum_of(review, costs, commune)
    shown = re.search(r'id="cost-sum">(.*?)</td>', page, re.DOTALL)[1]
    assert format_number(round(total), "vi") in shown and "giả định" in shown
    unmet = review.select(commune=commune, criterion=WATER, criterion_status="unmet").index
    assert villages <= set(unmet) and all(f"/villages/{village}" in page for village in unmet)
    sheet = planner.get(second.replace("/villages?", "/villages.xlsx?"))
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.data)).active.iter_rows(values_only=True))
    (last,) = [row for row in rows if "Cộng" in row]
    assert any(isinstance(cell, float | int) and abs(cell - total) < 0.01 for cell in last)
    data = planner.get(second.replace("/villages?", "/villages.json?")).get_json()["villages"]
    assert {row["id"] for row in data if row["gap"]["cost"] is not None} == villages


def test_a_list_that_is_not_of_gaps_keeps_its_columns_and_a_frozen_one_waits_for_nothing(planner):
    assert "Cách khắc phục rẻ nhất" not in words(planner.get(f"{HOME}/villages"))
    met = planner.get(f"{HOME}/villages?criterion={WATER}&criterion_status=met")
    assert "cost-sum" not in words(met) and "data-waits" not in words(met)
    assert planner.get(f"{HOME}/costs.json").status_code == 400
    assert planner.get(f"{HOME}/costs.json?criterion=none").status_code == 400


def test_every_number_and_door_of_the_first_screen_opens(planner, site):
    page = planner.get(HOME)
    text = words(page)
    assert text.count('class="figure ') == 4 and text.count('class="door"') == 5
    for word in ("GeoJSON", "Shapefile", "CRS", "raster", "polygon"):
        assert word.lower() not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL).lower(), word
    own = {link for link in links(page) if link.startswith(f"{HOME}/") and "/static/" not in link}
    assert len(own) > 25
    for link in sorted(own):
        assert planner.get(link).status_code == 200, link


def test_communes_carry_what_came_in_what_was_checked_and_what_is_locked(planner, site):
    review, store = settle(site), site.extensions["store"]
    commune = review.study.villages["commune_id"].iloc[0]
    mine = [v for v, of in review.study.villages["commune_id"].items() if of == commune]
    before = words(planner.get(HOME))
    assert 'class="mark received' in before and f"trên {len(mine)} thôn đã kiểm tra" not in before
    year = int(review.study.year)
    with store.writing(WHO) as change:
        states.verify(change, STUDY, year, {mine[0]: ("met", "b1")}, run="r1")
    try:
        assert f"1 trên {len(mine)} thôn đã kiểm tra" in words(planner.get(HOME))
    finally:
        with store.writing(WHO) as change:
            states.reopen(change, STUDY, year, [mine[0]], reason="thử xong")


def test_what_comes_next_follows_the_study_and_the_page(planner, site):
    line = re.compile(r'class="next-step".*?</div>', re.DOTALL)
    first = line.search(words(planner.get(HOME)))[0]
    assert "Việc tiếp theo" in first and "tên thôn" in first
    there = line.search(words(planner.get(f"{HOME}/matches")))[0]
    assert "Xong việc ở trang này" in there and "tên thôn" not in there
    assert line.search(words(planner.get(f"{HOME}/files")))


def test_a_study_of_the_folder_says_what_its_doors_need(tmp_path):
    (tmp_path / STUDY).mkdir()
    (tmp_path / STUDY / "study.yaml").write_text("title: x\n")
    settings = Settings(studies=tmp_path, workers=0)
    app = create_app(settings, None, open_review=lambda path, report: build_review())
    assert app.extensions["shelf"].look(STUDY, wait_s=60).review is not None
    client = app.test_client()
    page = client.get(HOME).get_data(as_text=True)
    for door in ("templates", "files"):
        assert f"/first/{door}" in page
        told = client.get(f"{HOME}/first/{door}").get_data(as_text=True)
        assert "Chép vào kho" in told and "không có kho" in told


def card(planner, village):
    return planner.get(f"{HOME}/villages/{village}")


def form_of(village, value, **more):
    told = {
        "village": village,
        "field": FIELD,
        "criterion": WATER,
        "kind": "self",
        "seen": "0",
        "do": "enter",
    }
    return told | {"value": str(value), "reason": "đếm lại tại thôn"} | more


def test_a_reported_value_is_corrected_with_its_history_and_taken_back(planner, site):
    review, store = settle(site), site.extensions["store"]
    village = review.study.reported.index[review.study.reported[FIELD].notna()][0]
    was = review.study.reported.at[village, FIELD]
    assert "Ghi số mới" in words(card(planner, village))
    now = "1" if was != 1 else "0"
    answer = planner.post(f"{HOME}/values", form_of(village, now))
    assert answer.status_code == 303 and f"of={WATER}" in answer.location and "#" not in answer.location
    assert settle(site).study.reported.at[village, FIELD] == float(now)
    shown = words(card(planner, village))
    assert "đếm lại tại thôn" in shown and WHO in shown and "đã sửa" in shown
    stale = planner.post(f"{HOME}/values", form_of(village, 2))
    assert stale.status_code == 409 and f"vừa được {WHO} sửa lúc" in words(stale)
    with store.reading() as connection:
        (row,) = reported.history(connection, study_id=STUDY, village_id=village, field=FIELD)
    back = form_of(village, "", do="take-back", seen=str(row["id"]), reason="nhập nhầm")
    assert planner.post(f"{HOME}/values", back).status_code == 303
    assert settle(site).study.reported.at[village, FIELD] == was
    with store.reading() as connection:
        past = reported.history(connection, study_id=STUDY, village_id=village, field=FIELD)
    again = form_of(village, "", do="again", entry=str(row["id"]), seen=str(past[0]["id"]))
    assert planner.post(f"{HOME}/values", again).status_code == 303
    with store.reading() as connection:
        past = reported.history(connection, study_id=STUDY, village_id=village, field=FIELD)
    assert [row["value"] for row in past] == [float(now), None, float(now)]


def test_a_value_that_cannot_be_is_refused_in_one_sentence_and_nothing_is_kept(planner, site):
    review, store = settle(site), site.extensions["store"]
    village = review.study.reported.index[review.study.reported[FIELD].notna()][-1]
    card(planner, village)
    for told, status, sentence in (
        (form_of(village, 10_000), 422, "không thể lớn hơn"),
        (form_of(village, "nhiều"), 422, "không đọc được"),
        (form_of(village, ""), 422, "chưa ghi số mới"),
        (form_of(village, 1, reason="x"), 422, "Cần ghi lý do"),
        (form_of(village, 1, field="none"), 422, "không dùng số liệu"),
        (form_of(village, 1, evidence="77"), 422, "không có minh chứng số 77"),
        (form_of("none", 1), 404, "none"),
        (form_of(village, 1, seen="x"), 400, ""),
        (form_of(village, 1, kind="x"), 400, ""),
    ):
        answer = planner.post(f"{HOME}/values", told)
        assert answer.status_code == status and sentence in words(answer), told
    with store.reading() as connection:
        assert reported.history(connection, study_id=STUDY, village_id=village) == []


def test_only_who_may_corrects_and_a_recognised_village_is_locked(site, quick_hashes):
    review, store = settle(site), site.extensions["store"]
    villages = review.study.villages["commune_id"]
    there = review.study.reported.index[review.study.reported[FIELD].notna()]
    own = villages[there[1]]
    other = next(village for village in there if villages[village] != own)
    for name, role, of in (("sua", "editor", [own]), ("tra", "verifier", ()), ("xem", "viewer", ())):
        accounts.add_user(store, name, PASSWORD, role, communes=of, who=WHO)
    accounts.add_user(store, "chu", PASSWORD, "administrator", who=WHO)
    settings = Settings(
        studies=site.config["SETTINGS"].studies, workers=0, host="0.0.0.0", names=HOST, proxy=True
    )
    shared = create_app(settings, store)
    shared.extensions["shelf"] = site.extensions["shelf"]  # which has judged the study already
    page = f"{HOME}/villages/{there[1]}"
    sent = form_of(there[1], 3, reason="đi xem lại")
    assert visitor(shared, "xem").post(f"{HOME}/values", sent, seen=page).status_code == 403
    editor = visitor(shared, "sua")
    assert editor.post(f"{HOME}/values", sent | {"kind": "recheck"}, seen=page).status_code == 403
    assert editor.post(f"{HOME}/values", sent | {"village": other}, seen=page).status_code == 403
    verifier = visitor(shared, "tra")
    assert verifier.post(f"{HOME}/values", sent, seen=page).status_code == 403
    assert editor.post(f"{HOME}/values", sent, seen=page).status_code == 303
    settle(shared)
    year, verdict = int(review.study.year), {there[1]: ("met", "b1")}
    with store.writing(WHO) as change:
        states.verify(change, STUDY, year, verdict, run="r1")
        states.recognise(
            change, STUDY, year, verdict, run="r1", decision="15/QĐ-UBND", decided_on="2025-01-20"
        )
    locked = verifier.post(f"{HOME}/values", sent | {"kind": "recheck"}, seen=page)
    assert locked.status_code == 422 and "15/QĐ-UBND" in words(locked)
    shown = words(verifier.get(page))
    assert "số liệu đã khóa" in shown and "Ghi số mới" not in shown


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_first_screen_is_seen_whole_and_leads_on_a_laptop_and_a_phone(site, address, new_page, language):
    page = new_page(width=1366, height=768)
    page.goto(f"{address}{HOME}?lang={language}")
    page.wait_for_selector(".first", timeout=60_000)
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("document.documentElement.scrollHeight") <= 768
    for place in (".year", ".marked", "#map", ".today", ".doors"):
        box = page.locator(place).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768, place
    page.click(".marked tbody a >> nth=0")
    page.click(".lacking a >> nth=0")
    page.wait_for_selector("#cost-sum", timeout=60_000)
    assert page.faults == [] and page.refused == []
    phone = new_page(width=360, height=740)
    phone.goto(f"{address}{HOME}?lang={language}")
    phone.wait_for_selector("body[data-ready]")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    tops = [
        phone.locator(each).bounding_box()["y"] for each in (".year", ".today", ".doors", ".marked", "#map")
    ]
    assert tops == sorted(tops)
    assert phone.faults == []
