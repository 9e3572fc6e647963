"""The pages in a real browser, on an office laptop and on a phone, in both languages."""

import re
import time

import pytest

from tests.fakes_web import PAYLOADS, build_review
from tests.serving import watched

STUDY = "/studies/minh-hoa"


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    """Address of a server over one small finished review."""
    folder = tmp_path_factory.mktemp("web")
    for name in ("minh-hoa", "ten-la"):
        (folder / name).mkdir()
        (folder / name / "study.yaml").write_text("title: x\n")
    names = {"minh-hoa": (), "ten-la": PAYLOADS}
    return serve(folder, open_review=lambda path, report: build_review(names=names[path.parent.name]))


@pytest.fixture
def overview(new_page, site):
    yield from watched(new_page, site, STUDY)


def until(page, expression, seconds=10):
    """Wait for an expression to hold; asked from outside, for the page itself may evaluate no text."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(50)


def colours(page):
    """How many different colours the map's canvas shows."""
    return page.evaluate(
        """() => {
          const canvas = document.querySelector('.leaflet-overlay-pane canvas');
          const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          const seen = {};
          for (let at = 0; at < data.length; at += 64) {
            const colour = data.slice(at, at + 3).join();
            seen[colour] = (seen[colour] ?? 0) + 1;
          }
          return Object.fromEntries(Object.entries(seen).filter(([, count]) => count > 20));
        }"""
    )


def click_village(page, row_id):
    """Click where the map draws a village."""
    box = page.locator("#map").bounding_box()
    place = page.evaluate(
        """async (id) => {
          const config = JSON.parse(document.getElementById('config').textContent);
          const table = await (await fetch(config.base + '/map.json')).json();
          const row = table.rows.find((row) => row[0] === id);
          return [row[table.columns.indexOf('x')], row[table.columns.indexOf('y')]];
        }""",
        row_id,
    )
    extent = page.evaluate("document.getElementById('map').dataset.bounds").split(",")
    west, south, east, north = map(float, extent)
    x = box["x"] + box["width"] * (place[0] - west) / (east - west)
    y = box["y"] + box["height"] * (north - place[1]) / (north - south)
    page.mouse.click(x, y)


@pytest.mark.parametrize(("width", "height", "language"), [(1366, 768, "vi"), (390, 844, "en")])
def test_the_overview_opens_without_a_fault_or_an_outside_request(overview, width, height, language):
    page = overview(width=width, height=height, language=language)
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(colours(page)) >= 4
    assert page.locator("#table tbody tr[data-id]").count() >= 10


def test_figures_map_criteria_and_table_are_seen_without_scrolling(overview):
    page = overview()
    least = {".figures:not([hidden])": 20, "#map": 430, "#criteria": 300, "#legend": 60, "#table": 60}
    for selector, height in least.items():
        box = page.locator(selector).bounding_box()
        assert box["y"] < 768 and box["height"] >= height, (selector, box)
    box = page.locator("#map").bounding_box()
    assert box["width"] > 640
    table = page.locator(".table-panel").bounding_box()
    assert table["y"] + table["height"] <= 768


def test_search_without_accents_narrows_table_map_and_legend(overview):
    page = overview()
    page.fill("#q", "dak ro 15")
    until(page, "document.querySelectorAll('#table tbody tr[data-id]').length === 1")
    assert page.locator("#table tbody tr[data-id] a").inner_text() == "Làng Đăk Rơ 15"
    counts = page.locator(".legend-count").all_inner_texts()
    assert sum(map(int, counts)) == 1
    assert "q=dak+ro+15" in page.url
    assert "q=dak+ro+15" in page.get_attribute("#as-xlsx", "href")


def test_the_table_sorts_both_ways_and_says_so(overview):
    page = overview()

    def missed():
        return [
            int(text) for text in page.locator("#table tbody tr[data-id] td:nth-child(4)").all_inner_texts()
        ]

    page.click("[data-key=missed] button")
    first = missed()
    assert first == sorted(first, reverse=True)
    assert page.get_attribute("[data-key=missed]", "aria-sort") == "ascending"
    page.click("[data-key=missed] button")
    assert missed() == sorted(missed())
    assert "sort=-missed" in page.url


def test_choosing_a_criterion_changes_the_colours_and_back_restores_them(overview):
    page = overview()
    before = colours(page)
    page.select_option("[name=criterion]", "clinic")
    until(page, "document.querySelector('.legend summary').textContent.includes('trạm y tế')")
    page.wait_for_timeout(200)
    assert colours(page) != before
    assert "criterion=clinic" in page.url
    page.go_back()
    until(page, "document.querySelector('.legend summary').textContent === 'Số tiêu chí chưa đạt'")
    page.wait_for_timeout(200)
    assert colours(page) == before
    assert page.input_value("[name=criterion]") == ""


def test_the_legend_counts_every_village_once(overview):
    for query in ("", "criterion=clinic", "part=infrastructure", "commune=24002"):
        page = overview(query)
        counts = page.locator(".legend-count").all_inner_texts()
        assert sum(map(int, counts)) == (10 if "commune" in query else 30), query


def test_a_click_on_the_map_opens_the_scorecard_and_marks_the_row(overview):
    page = overview()
    click_village(page, "24002015")
    page.wait_for_selector("#scorecard .findings")
    assert page.locator("#scorecard h2").inner_text() == "Làng Đăk Rơ 15"
    card = page.locator("#scorecard").inner_text()
    assert "65,69 %" in card and "≥ 70 %" in card and "còn thiếu 4,31 điểm %" in card
    assert page.locator("#table tr.chosen").get_attribute("data-id") == "24002015"
    assert "village=24002015" in page.url
    page.go_back()
    page.wait_for_selector("#scorecard", state="hidden")
    page.go_forward()
    page.wait_for_selector("#scorecard .findings")
    page.keyboard.press("Escape")
    page.wait_for_selector("#by-criterion", state="visible")


def test_a_click_on_a_row_opens_the_scorecard_and_brings_the_map_back_into_sight(overview):
    page = overview()
    page.locator("#table").scroll_into_view_if_needed()
    page.click("#table tr[data-id='24001004'] th a")
    page.wait_for_selector("#scorecard .findings")
    until(page, "document.querySelector('#side').getBoundingClientRect().top < innerHeight * 0.7")
    assert page.url.count("/villages/") == 0


def test_a_commune_filters_and_zooms_and_a_second_click_lets_go(overview):
    page = overview()
    whole = page.get_attribute("#map", "data-bounds")
    page.click("#side-tabs [value=communes]")
    page.click("#communes tbody:not([hidden]) tr[data-commune='24003']")
    until(page, "document.querySelectorAll('#table tbody tr[data-id]').length === 10")
    page.wait_for_timeout(400)
    assert page.get_attribute("#map", "data-bounds") != whole
    assert page.input_value("[name=commune]") == "24003"
    page.click("#communes tbody:not([hidden]) tr[data-commune='24003']")
    until(page, "document.getElementById('count').textContent === '30'")


def test_a_filter_says_beside_the_figures_which_villages_they_are_of(overview):
    page = overview("side=communes")
    assert page.locator("#narrowed").is_hidden()
    page.locator("#communes tr[data-commune]:visible").first.click()
    until(page, "!document.getElementById('narrowed').hidden")
    shown = page.locator("#count").inner_text().split()[0]
    assert f"– {shown} thôn trong 30" in page.locator("#narrowed").inner_text()
    figures = page.locator(".figures:not([hidden]) .value").all_inner_texts()
    assert sum(map(int, figures)) == int(shown) == 10


def test_back_does_not_reopen_a_village_that_was_closed(overview):
    page = overview()
    page.locator("#table tr[data-id]").first.click()
    until(page, "location.search.includes('village=')")
    page.keyboard.press("Escape")
    until(page, "!location.search.includes('village=')")
    page.go_back()
    page.wait_for_timeout(200)
    assert "village=" not in page.url and page.locator("#scorecard").is_hidden()


def test_the_infrastructure_part_changes_figures_table_and_address(overview):
    page = overview()
    before = page.locator(".figures:not([hidden]) .value").all_inner_texts()
    page.click(".parts a[data-part=infrastructure]")
    until(page, "location.search.includes('part=infrastructure')")
    after = page.locator(".figures:not([hidden]) .value").all_inner_texts()
    assert before != after
    assert page.locator(".legend li[data-class=met] .legend-count").inner_text() == after[0]


def test_an_address_with_choices_opens_as_it_was_left(overview):
    page = overview("criterion=clinic&criterion_status=unmet&commune=24002&village=24002015&sort=name")
    assert page.input_value("[name=criterion_status]") == "unmet"
    assert page.input_value("[name=commune]") == "24002"
    assert page.locator("#scorecard h2").inner_text() == "Làng Đăk Rơ 15"
    assert page.locator("[data-key=name]").get_attribute("aria-sort") == "ascending"
    english = page.locator("[data-language][lang=en]")
    assert "commune=24002" in english.get_attribute("href")


def test_hostile_names_do_nothing_in_map_table_and_scorecard(overview):
    page = overview("village=24001002", study="/studies/ten-la")
    page.wait_for_selector("#scorecard .findings")
    assert page.locator("#scorecard h2").inner_text() == PAYLOADS[1]
    page.hover("#map")
    shown = page.locator("#table tbody tr[data-id] a").all_inner_texts()
    assert shown[:5] == list(PAYLOADS)
    assert page.evaluate("window.HIT") is None


def test_everything_works_by_keyboard(overview):
    page = overview()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#table tr[data-id='24001003'] a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#scorecard .findings")
    assert page.locator("#scorecard h2").inner_text() == "Làng Đăk Rơ 3"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_without_javascript_the_figures_and_lists_read(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{STUDY}")
    assert page.locator(".figures:not([hidden]) .value").count() == 4
    page.click(".figures:not([hidden]) .figure.unmet .value")
    assert page.locator("table tbody tr").count() > 10
    page.click("table tbody tr:first-child th a")
    assert page.locator("h1").inner_text().startswith(("Làng", "Thôn"))
    context.close()


def test_ten_thousand_rows_stay_few_in_the_page(new_page, serve, tmp_path):
    from tests.fakes_web import build_villages

    (tmp_path / "lon").mkdir()
    (tmp_path / "lon" / "study.yaml").write_text("title: x\n")
    many = build_review(villages=build_villages(rows=100, columns=100))
    site = serve(tmp_path, open_review=lambda path, report: many)
    page = new_page(width=1366, height=768)
    while page.request.get(f"{site}/studies/lon/map.json").status == 503:
        page.wait_for_timeout(500)
    page.goto(f"{site}/studies/lon/map")
    page.wait_for_selector("body[data-ready]", timeout=30_000)
    page.wait_for_selector("#table tbody tr[data-id]")
    assert page.locator("#table tbody tr[data-id]").count() < 80
    page.evaluate("document.getElementById('table').scrollTop = 1e9")
    page.wait_for_selector("#table tr[data-id='2400310000']")
    assert page.faults == []


def test_a_study_computed_anew_is_waited_for_and_the_reader_is_told(new_page, site):
    page, asked = new_page(width=1366, height=768), []

    def busy(route):
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"status": 503})

    page.route("**/map.json", busy)
    page.goto(f"{site}{STUDY}/map?lang=vi")
    until(page, "document.getElementById('table').textContent.includes('đang được tính lại')")
    page.wait_for_selector("body[data-ready]")
    assert len(asked) == 3
    assert page.locator("#table tbody tr[data-id]").count() >= 10


def test_a_table_that_cannot_be_had_is_said_and_can_be_asked_for_again(new_page, site):
    page = new_page(width=1366, height=768)
    page.route("**/map.json", lambda route: route.abort())
    page.goto(f"{site}{STUDY}/map?lang=vi")
    until(page, "document.getElementById('table').textContent.includes('Không tải được')")
    page.unroute("**/map.json")
    page.click("#table button")
    page.wait_for_selector("body[data-ready]")


def test_what_is_being_typed_stays_while_other_choices_follow_the_address(overview):
    page = overview("q=dak&commune=24002")
    assert (page.input_value("#q"), page.input_value("[name=commune]")) == ("dak", "24002")
    page.focus("#q")
    page.keyboard.type(" ro ")
    assert page.input_value("#q") == "dak ro "
    page.select_option("[name=commune]", "24003")
    page.go_back()
    until(page, "document.querySelector('[name=commune]').value === '24002'")
    page.click("[type=reset]")
    assert (page.input_value("#q"), page.input_value("[name=commune]")) == ("", "")


def test_the_printed_overview_names_the_full_list_with_its_filters(overview):
    page = overview("commune=24002")
    assert not page.locator(".printed").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".printed").is_visible()
    assert page.get_attribute("#as-printed", "href").endswith("/studies/minh-hoa/villages?commune=24002")
    shown = page.evaluate("getComputedStyle(document.getElementById('as-printed'), '::after').content")
    assert "/villages?commune=24002" in shown


def test_contrast_of_words_is_readable(overview):
    from axe_playwright_python.sync_playwright import Axe

    page = overview("village=24002015")
    page.wait_for_selector("#scorecard .findings")
    found = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert found == []


def test_the_live_sample_opens_and_lays_infrastructure_over_the_map(new_page, live_server):
    page = new_page(width=1366, height=768)
    page.goto(f"{live_server}/")
    page.click("h2 a")
    page.click(".pages a[href$='/map']", timeout=60_000)
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    page.click("#layers summary")
    page.check("#layers input[value=schools]")
    until(
        page,
        "performance.getEntriesByType('resource').some((e) => e.name.includes('layers/schools.geojson'))",
    )
    page.wait_for_load_state("networkidle")
    assert re.search("layers=schools", page.url)
    assert (page.refused, page.faults) == ([], [])


@pytest.mark.real
def test_the_first_map_of_a_real_district_is_under_300_kb(serve, new_page, nandurbar_review, tmp_path):
    """All that the first page fetches, as it travels: page, styles, scripts, Leaflet, outlines and findings."""
    (tmp_path / "nandurbar.yaml").write_text("title: x\n")
    address = serve(tmp_path, open_review=lambda *_: nandurbar_review)
    page = new_page(width=1366, height=768)
    sizes = {}
    page.on(
        "requestfinished", lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]})
    )
    page.goto(f"{address}/studies/nandurbar/map")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    page.wait_for_load_state("networkidle")
    assert page.refused == [] and page.faults == []
    assert any("map" in url for url in sizes) and sum(sizes.values()) < 300_000, sizes
    assert len(colours(page)) > 5
