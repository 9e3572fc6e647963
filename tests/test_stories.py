"""What a planner does on a Monday morning, from one page to the next, as a person uses them: by what stands there.

With ``PICTURES=FOLDER`` in the environment each story leaves its pictures there.
"""

import io
import os
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
import yaml
from playwright.sync_api import expect

from gis import accounts
from gis.intake import Reader
from gis.jobs import Workers
from gis.labels import format_number
from gis.messages import say
from gis.plan import find_options
from gis.plan.fixes import fixes_of
from gis.settings import Settings
from gis.store import open_store
from gis.web import create_app
from gis.workflows import import_recipe
from tests.serving import served

STUDY, WHO = "nuoc-sach", "Y Lan"
HOME = f"/studies/{STUDY}"
WATER, STATION = "hygienic-water", "health-access"
BOTH = pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.long)])
SOON_MS = 90_000


@pytest.fixture(scope="module")
def folder(sample_study, tmp_path_factory):
    """Folder of the illustrative district under a set with criteria of water."""
    folder = tmp_path_factory.mktemp("stories") / STUDY
    shutil.copytree(sample_study.parent, folder)
    recipe = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    recipe |= {"id": STUDY, "criteria": "kontum-dtts-village-2022"}
    recipe.pop("groups", None)
    written = yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False)
    (folder / "study.yaml").write_text(written, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def app(folder, tmp_path_factory):
    """An application over a store with that study in it, with a process for long work."""
    base = tmp_path_factory.mktemp("site")
    (base / "studies").mkdir()
    store = open_store(base / "store")
    accounts.name_person(store, WHO)
    with Reader() as reader:
        import_recipe(store, reader, folder / "study.yaml", who=WHO)
    with Workers(store, count=1):
        yield create_app(Settings(studies=base / "studies"), store)
    store.close()


@pytest.fixture(scope="module")
def site(app):
    """Where a browser finds it."""
    with served(app) as address:
        yield address


def review_of(app, study=STUDY):
    """The review as it is recorded now."""
    shelf = app.extensions["shelf"]
    if (standing := shelf.peek(study)) is not None:
        standing._looked = 0.0
    return shelf.look(study, wait_s=60).review


class Planner:
    """A person at a page, who reads one language and counts the clicks."""

    def __init__(self, page, site, language):
        self.page, self.site, self.language, self.clicks = page, site, language, 0

    def words(self, code, **arguments):
        return say(code, self.language, **arguments)

    def number(self, value):
        return format_number(value, self.language)

    def open(self, path):
        """Type an address."""
        self.page.goto(f"{self.site}{path}{'&' if '?' in path else '?'}lang={self.language}")
        expect(self.page.locator("main")).to_be_visible()
        return self

    def find(self, role, words, *, within=None, exact=True):
        return (within or self.page.locator("body")).get_by_role(role, name=words, exact=exact).first

    def click(self, role, words, *, within=None, exact=True):
        self.clicks += 1
        self.find(role, words, within=within, exact=exact).click(timeout=SOON_MS)

    def take(self, role, words, *, within=None, exact=True):
        """What comes as a file when something is chosen: name and content."""
        with self.page.expect_download(timeout=SOON_MS) as told:
            self.click(role, words, within=within, exact=exact)
        return told.value.suggested_filename, Path(told.value.path()).read_bytes()

    def settled(self):
        """The workspace once all of it is there."""
        self.page.wait_for_selector("body[data-ready]", timeout=SOON_MS)
        self.page.wait_for_load_state("networkidle")

    def picture(self, name):
        """Leave a picture of the page as it is, where the environment asks for it."""
        if target := os.environ.get("PICTURES"):
            self.page.wait_for_timeout(400)
            self.page.screenshot(path=Path(target) / f"{name}-{self.language}.png")

    def phone(self, name):
        """The same page on a phone: nothing lies beside the screen."""
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": 360, "height": 740})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 360
        self.picture(f"{name}-phone")
        self.page.set_viewport_size(size)


@pytest.fixture
def planner(new_page, site, language):
    page = new_page(width=1366, height=768, accept_downloads=True)
    yield Planner(page, site, language)
    assert page.refused == []
    # an answer that asks to come again is no fault
    assert [said for said in page.faults if "503" not in said] == []


def sheet_of(content):
    """Rows of the first sheet of a workbook."""
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def criterion_of(review, criterion, language):
    """What a criterion is called."""
    return next(one for one in review.study.criteria.criteria if one.id == criterion).label.pick(language)


def numbers_in(words):
    return [int(re.sub(r"[.,]", "", found)) for found in re.findall(r"\d[\d.,]*", words)]


@BOTH
def test_each_number_of_the_first_screen_opens_its_list_and_each_list_is_a_workbook(planner, app):
    review, page = review_of(app), planner.page
    planner.open(HOME)
    figures = planner.find("region", planner.words("web-headline"))
    expect(figures).to_be_visible(timeout=SOON_MS)
    planner.settled()
    told = re.compile(planner.words("first-figure", list="(.+)", count="([0-9.,]+)"))
    names = [link.get_attribute("aria-label") for link in figures.get_by_role("link", name=told).all()]
    counts = {told.search(name)[1]: int(told.search(name)[2]) for name in names}
    assert len(counts) == 4
    legend = planner.find("group", planner.words("web-legend")).locator(".legend-count").all_inner_texts()
    assert sum(map(int, legend)) == len(review.study.villages) == sum(list(counts.values())[:3])
    planner.picture("first")
    planner.phone("first")
    for name, (words, count) in zip(names, counts.items(), strict=True):
        planner.click("link", name)
        assert numbers_in(page.get_by_role("heading", level=1).inner_text())[0] == count
        assert page.locator("main table tbody tr").count() == count
        page.go_back()
        file, content = planner.take("link", planner.words("first-excel-of", list=words))
        named = {str(cell) for row in sheet_of(content) for cell in row}
        assert file.endswith(".xlsx") and named
    today = planner.find("region", planner.words("todo-title"))
    for at in range(today.get_by_role("listitem").count()):
        item = today.get_by_role("listitem").nth(at).get_by_role("link")
        words, page_of = item.first.inner_text(), item.first.get_attribute("href")
        with page.expect_download(timeout=SOON_MS) as came:
            item.nth(1).click()
        assert came.value.suggested_filename.endswith((".xlsx", ".zip"))
        item.first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SOON_MS)
        assert page_of.split("?")[0].split("#")[0] in page.url and numbers_in(words)
        page.go_back()
    doors = planner.find("navigation", planner.words("first-doors"))
    assert doors.get_by_role("link").count() >= 5


@BOTH
def test_three_clicks_tell_which_villages_lack_clean_water_and_what_it_would_cost(planner, app):
    review, page = review_of(app), planner.page
    costs = fixes_of(find_options(review))
    communes = review.study.villages["commune_id"]
    lacking = {place: fix for place, fix in costs.items() if place[1] == WATER}
    commune = max(
        sorted(set(communes[village] for village, _ in lacking)),
        key=lambda one: sum(communes[v] == one for v, _ in lacking),
    )
    mine = {village: fix for (village, _), fix in lacking.items() if communes[village] == commune}
    works = {work["option_id"]: work["cost"] for fix in mine.values() for work in fix["works"]}
    name = review.study.communes["name"][commune]
    label = criterion_of(review, WATER, planner.language)
    planner.open(HOME)
    planner.click("link", name, within=page.locator("#communes"))
    planner.picture("clicks-1")
    planner.click("link", re.compile(re.escape(label)), exact=False)
    total = planner.number(round(sum(works.values()) / 1e6))
    summed = page.get_by_role("row", name=re.compile("^" + planner.words("gapcosts-sum")))
    expect(summed.first).to_contain_text(total, timeout=SOON_MS)
    for village in mine:
        assert page.get_by_role("link", name=review.study.villages["name"][village], exact=True).count()
    planner.picture("clicks-2")
    planner.phone("clicks-2")
    file, content = planner.take("link", "Excel")
    (last,) = [row for row in sheet_of(content) if planner.words("gapcosts-sum") in row]
    assert any(
        isinstance(cell, float | int) and abs(cell - sum(works.values()) / 1e6) < 0.01 for cell in last
    )
    assert planner.clicks == 3 and file.endswith(".xlsx")


@pytest.mark.long
@BOTH
def test_a_study_is_made_from_files_and_judged(planner, folder):
    page, words = planner.page, planner.words
    planner.open("/")
    planner.click("link", words("intake-page-new"))
    page.get_by_label(words("intake-page-title")).fill(f"Rà soát {planner.language}")
    choice = page.get_by_label(words("intake-page-set"))
    choice.select_option(
        value=choice.locator("option[value^='kontum-dtts-village-2022|']").first.get_attribute("value")
    )
    planner.picture("new-1")
    planner.click("button", words("intake-page-create"))
    planner.picture("new-2")
    for file in ("thon.gpkg", "xa.gpkg", "ra-soat-2024.xlsx"):
        page.wait_for_selector("#drop[data-ready]")
        page.get_by_label(words("intake-page-choose")).set_input_files(folder / file)
        accept = planner.find("button", words("intake-page-accept"))
        expect(accept).to_be_visible(timeout=SOON_MS)
        planner.picture(f"new-3-{file.split('.')[0]}")
        accept.click()
        told = page.get_by_role("heading", level=1)
        again = page.get_by_role("status").filter(has_text=words("intake-page-tried-again"))
        expect(told.filter(has_text=words("intake-page-files")).or_(again).first).to_be_visible(
            timeout=SOON_MS
        )
        if again.count():
            # a column that was only proposed is tried first, and the page says so
            planner.picture("new-3-again")
            accept.click()
        expect(told).to_have_text(words("intake-page-files"), timeout=SOON_MS)
    planner.picture("new-4")
    planner.click("link", words("web-page-overview"))
    planner.click("link", words("next-step-names", count=1))
    planner.picture("new-5")
    planner.click("button", words("intake-page-match-all"))
    planner.picture("new-6")
    planner.click("link", words("menu-data"))
    planner.picture("new-7")
    planner.click("link", words("web-page-overview"))
    figures = planner.find("region", words("web-headline"))
    expect(figures).to_be_visible(timeout=SOON_MS)
    planner.settled()
    assert (
        figures.get_by_role("link", name=re.compile(words("first-figure", list=".+", count="[0-9]+"))).count()
        == 4
    )
    planner.picture("new-8")
    planner.phone("new-8")


@BOTH
def test_the_card_of_a_village_tells_why_and_draws_the_way(planner, app):
    review, page = review_of(app), planner.page
    findings = review.findings[review.findings["criterion"] == STATION]
    village = findings["village_id"][findings["facility_id"].notna()].iloc[0]
    name = review.study.villages["name"][village]
    planner.open(f"{HOME}/map")
    planner.settled()
    planner.picture("map")
    planner.phone("map")
    page.get_by_role("searchbox").fill(village)
    rows = page.get_by_role("region", name=re.compile(planner.words("web-villages")))
    planner.click("link", name, within=rows)
    card = page.get_by_role("heading", name=name, level=2)
    expect(card).to_be_visible(timeout=SOON_MS)
    criterion = criterion_of(review, STATION, planner.language)
    page.locator(".findings summary").filter(has_text=criterion).click()
    way = planner.find("button", planner.words("js-way-show"))
    way.click()
    expect(page.locator(".way-note")).to_contain_text("km", timeout=SOON_MS)
    expect(way).to_have_attribute("aria-pressed", "true")
    planner.picture("why")
    planner.phone("why")
    planner.click("link", planner.words("js-full"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    planner.picture("card")
    planner.phone("card")


@BOTH
def test_years_and_sources_are_compared_and_the_address_opens_the_same(planner):
    page, words = planner.page, planner.words
    planner.open(f"{HOME}/map")
    planner.settled()
    now = page.url
    slider = planner.find("slider", words("js-years-slider"))
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#side-note")).to_be_visible(timeout=SOON_MS)
    assert "view=year-2023" in page.url
    planner.picture("year")
    page.go_back()
    expect(page.locator("#side-note")).to_be_hidden()
    assert page.url == now
    planner.find("combobox", words("sides-look")).select_option(label=words("sides-reported"))
    planner.find("combobox", words("sides-beside")).select_option(label=words("sides-measured"))
    differ = planner.find("link", words("sides-list"))
    expect(differ).to_be_visible(timeout=SOON_MS)
    planner.settled()
    planner.picture("swipe")
    planner.phone("swipe")
    said = page.locator("#side-said").inner_text()
    copied = page.url
    page.goto("about:blank")
    page.goto(copied)
    planner.settled()
    expect(page.locator("#side-said")).to_have_text(said, timeout=SOON_MS)
    differ.click()
    assert page.locator("main table tbody tr").count() == numbers_in(said)[0]
    planner.picture("differences")


@BOTH
def test_a_reported_value_is_corrected_with_its_history(planner, app):
    review, page, words = review_of(app), planner.page, planner.words
    failing = review.select(criterion=WATER, criterion_status="unmet").index
    village = failing[0 if planner.language == "vi" else 1]
    planner.open(f"{HOME}/villages/{village}")
    criterion = criterion_of(review, WATER, planner.language)
    values = page.get_by_role("region", name=re.compile(words("values-title", year="[0-9]+")))
    shown = values.get_by_role("group").filter(has_text=criterion).first
    shown.locator("summary").click()
    form = shown.get_by_role("form").first
    form.get_by_role("textbox").first.fill("1")
    form.get_by_label(words("values-reason")).fill("đếm lại" if planner.language == "vi" else "counted again")
    planner.picture("value-1")
    planner.click("button", words("values-enter"), within=form)
    expect(page.get_by_role("status").filter(has_text=words("values-saved"))).to_be_visible(timeout=SOON_MS)
    expect(shown.get_by_text(WHO).first).to_be_visible()
    shown.scroll_into_view_if_needed()
    planner.picture("value-2")
    planner.phone("value-2")


@pytest.mark.long
@BOTH
def test_a_plan_is_asked_for_seen_on_the_map_and_handed_over(planner):
    page, words = planner.page, planner.words
    planner.open(HOME)
    planner.click("link", words("plan-page-menu"))
    planner.picture("options")
    planner.click("link", words("plan-page-title"))
    page.get_by_label(words("plan-page-column-name"), exact=True).fill(f"Phương án {planner.language}")
    fund = planner.find("group", words("plan-page-form-fund", number="1"))
    fund.get_by_label(words("plan-page-form-label")).fill("Chương trình NTM")
    fund.get_by_label(words("plan-page-form-amounts")).fill("6000; 4000; 2000")
    page.get_by_label(words("plan-page-form-seconds")).select_option("10")
    page.get_by_label(words("plan-page-form-draws")).select_option(index=0)
    for extra in ("curve", "fairness", "roadmap"):
        page.get_by_label(words(f"plan-page-form-{extra}")).uncheck()
    planner.picture("plan-1")
    planner.click("button", words("plan-page-form-start"))
    expect(page.locator("main").get_by_role("progressbar")).to_be_visible()
    planner.picture("plan-2")
    page.wait_for_url(re.compile(r"/plans/[0-9a-f]+"), timeout=SOON_MS)
    planner.settled()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Phương án {planner.language}")
    assert page.locator("#legend li").count() >= 2
    planner.picture("plan-3")
    planner.phone("plan-3")
    works = page.get_by_role("region", name=re.compile("^" + words("plan-page-works")))
    file, content = planner.take("link", re.compile("Excel"), within=works, exact=False)
    assert file.endswith(".xlsx") and len(sheet_of(content)) > 3


@BOTH
def test_map_card_and_summary_are_printed(planner, app):
    review, page, words = review_of(app), planner.page, planner.words
    planner.open(f"{HOME}/map")
    planner.settled()
    commune = review.study.communes.index[0]
    planner.find("combobox", words("web-commune")).select_option(commune)
    planner.click("link", words("printing-page"))
    expect(page.get_by_role("img", name=words("printing-preview-alt"))).to_be_visible(timeout=SOON_MS)
    page.wait_for_load_state("networkidle")
    planner.picture("print-map")
    planner.phone("print-map")
    _, content = planner.take("button", words("printing-get"))
    assert content.startswith(b"%PDF")
    _, content = planner.take("link", words("printing-commune-sheet"))
    assert content.startswith(b"%PDF")
    planner.open(f"{HOME}/villages/{review.study.villages.index[0]}")
    _, content = planner.take("link", words("papers-format-a4"))
    assert content.startswith(b"%PDF")
    planner.open(f"{HOME}/papers")
    planner.picture("papers")
    planner.phone("papers")
