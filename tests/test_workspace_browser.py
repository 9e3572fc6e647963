"""The workspace in a real browser: filters, years, two maps with a divider, and an address that holds all of it."""

import json

import pytest

from tests.fakes_web import build_review, build_villages
from tests.serving import watched
from tests.test_web_browser import click_village, colours, until
from tests.test_web_sides import doubled

FAKE, SAMPLE = "/studies/minh-hoa", "/studies/dak-minh-hoa"


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory, sample_review):
    """Address of a server over thirty villages of which shares and zones are known, and over a district of two years."""
    villages = build_villages()
    villages["minority_share_pct"] = [100.0 * (number % 3 == 0) for number in range(len(villages))]
    villages["zone"] = ["I", "II", "III"] * 10
    reviews = {"minh-hoa": doubled(build_review(villages=villages)), "dak-minh-hoa": sample_review}
    folder = tmp_path_factory.mktemp("workspace")
    for name in reviews:
        (folder / name).mkdir()
        (folder / name / "study.yaml").write_text("title: x\n")
    return serve(folder, open_review=lambda path, report: reviews[path.parent.name])


@pytest.fixture
def workspace(new_page, site):
    yield from watched(new_page, site, FAKE)


def figures(page):
    return [int(text) for text in page.locator(".figures:not([hidden]) .value").all_inner_texts()]


def bounds(page):
    return [float(edge) for edge in page.get_attribute("#map", "data-bounds").split(",")]


def legend(page):
    return sum(int(text) for text in page.locator("#legend .legend-count").all_inner_texts())


def test_figures_criteria_communes_legend_table_and_lists_follow_the_filters(workspace):
    page = workspace(language="en")
    whole = page.locator("#criteria .criterion-count").all_inner_texts()
    page.click("#more-filters summary")
    page.select_option("[name=minority]", "ge50")
    until(page, "document.getElementById('count').textContent.startsWith('10 ')")
    assert sum(figures(page)) == legend(page) == 10
    assert page.locator("#criteria .criterion-count").all_inner_texts() != whole
    assert page.locator("#more-filters .count").inner_text() == "1"
    for link in ("#as-list", "#as-xlsx"):
        assert "minority=ge50" in page.get_attribute(link, "href")
    page.select_option("[name=zone]", "I")
    page.select_option("[name=commune]", "24002")
    until(page, "/^[34] /.test(document.getElementById('count').textContent)")
    rows = page.locator("#table tbody tr[data-id]").count()
    assert sum(figures(page)) == rows
    page.keyboard.press("Escape")
    page.click("#as-list")
    page.wait_for_selector("h1")
    assert page.locator("table tbody tr").count() == rows


def test_the_address_opens_as_it_was_left_and_back_goes_through_the_choices(workspace, site):
    page = workspace()
    page.select_option("[name=criterion]", "water")
    until(page, "location.search.includes('criterion=water')")
    page.select_option("[name=right]", "measured")
    until(page, "document.getElementById('map-right') !== null")
    page.click("#side-tabs [value=communes]")
    page.keyboard.press("Escape")
    page.click(".leaflet-control-zoom-in >> nth=0")
    assert "at=" not in page.url
    until(page, "location.search.includes('at=')")
    page.wait_for_timeout(700)
    box = bounds(page)
    other = workspace(page.url.split("?lang=vi&")[-1].split("?")[-1].replace("lang=vi&", ""))
    # to a pixel or two
    assert bounds(other) == pytest.approx(box, abs=0.0005)
    assert other.input_value("[name=right]") == "measured" and other.locator("#communes").is_visible()
    assert other.input_value("[name=criterion]") == "water"
    page.go_back()
    until(page, "document.getElementById('map-right') === null")
    page.go_back()
    until(page, "document.querySelector('[name=criterion]').value === ''")
    assert page.input_value("[name=right]") == ""


def test_what_an_old_address_names_and_the_study_lacks_is_let_go(workspace):
    page = workspace(
        "view=year-1999&compare=plan-x&zone=IX&minority=x&at=1,2,3&commune=0&criterion=nix&swipe=x&side=y"
    )
    for key in ("view", "compare", "zone", "minority", "at", "commune", "criterion"):
        assert f"{key}=" not in page.url
    assert sum(figures(page)) == 30 and len(colours(page)) >= 4


def test_two_maps_meet_at_a_divider_and_count_how_they_differ(workspace, site):
    page = workspace("view=reported&compare=measured&swipe=40")
    page.wait_for_selector("#map-right canvas")
    told = {
        key: json.loads(page.request.get(f"{site}{FAKE}/sides/{key}.json").text())
        for key in ("reported", "measured")
    }
    pairs = list(zip(told["reported"]["status"], told["measured"]["status"], strict=True))
    differ = sum(one != other for one, other in pairs)
    assert page.inner_text("#side-said").startswith(f"{differ} ") and differ
    divider = page.locator(".divider")
    assert divider.get_attribute("aria-valuenow") == "40"
    page.focus(".divider")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    assert divider.get_attribute("aria-valuenow") == "52"
    until(page, "location.search.includes('swipe=52')")
    panel, line = page.locator(".map-panel").bounding_box(), divider.bounding_box()
    page.mouse.move(line["x"] + line["width"] / 2, line["y"] + 60)
    page.mouse.down()
    page.mouse.move(panel["x"] + panel["width"] * 0.25, line["y"] + 60, steps=4)
    page.mouse.up()
    assert divider.get_attribute("aria-valuenow") == "25"
    assert page.locator("#side-note").is_visible()
    page.click("#side-said a")
    page.wait_for_selector("h1")
    assert page.locator("table tbody tr").count() == differ


def test_the_second_map_follows_the_first_and_both_choose_a_village(workspace):
    page = workspace("compare=reported&swipe=2")
    page.wait_for_selector("#map-right canvas")
    page.click(".leaflet-control-zoom-in >> nth=0")
    page.wait_for_timeout(500)
    assert page.get_attribute("#map", "data-bounds") == page.get_attribute("#map-right", "data-bounds")
    click_village(page, "24002015")
    until(page, "location.search.includes('village=24002015')")
    page.focus(".divider")
    page.keyboard.press("End")
    click_village(page, "24002013")
    until(page, "location.search.includes('village=24002013')")


def test_the_years_are_stops_of_a_slider_that_map_figures_and_table_follow(workspace, site, sample_review):
    page = workspace(study=SAMPLE)
    now = figures(page)
    first = min(sample_review.study.assessments)
    page.focus("#year")
    page.keyboard.press("ArrowLeft")
    until(
        page,
        f"location.search.includes('view=year-{first}') && !document.body.classList.contains('fetching')",
        60,
    )
    side = json.loads(page.request.get(f"{site}{SAMPLE}/sides/year-{first}.json").text())
    until(page, "!document.getElementById('side-note').hidden")
    assert figures(page) == [side["status"].count(letter) for letter in "muk"]
    assert page.inner_text(".years output") == str(first)
    assert page.locator("#play-open").is_hidden()
    assert f"left=year-{first}" in page.get_attribute("#as-xlsx", "href")
    page.keyboard.press("ArrowRight")
    until(page, "!location.search.includes('view=') && document.getElementById('side-note').hidden")
    assert figures(page) == now
    until(page, f"document.getElementById('side-said').textContent.includes('{first}')", 30)
    page.go_back()
    until(page, f"document.querySelector('.years output').textContent === '{first}'")
    page.click(".play-years")
    until(page, "document.querySelector('.years output').textContent !== '" + str(first) + "'", 30)


def test_on_a_phone_the_map_comes_first_and_nothing_lies_beside_the_screen(workspace):
    page = workspace("compare=measured&view=reported&minority=ge50", width=360, height=740)
    page.wait_for_selector("#map-right canvas")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tops = [
        page.locator(place).bounding_box()["y"] for place in ("#map", "#filters", "#sides", "#side", "#table")
    ]
    assert tops == sorted(tops) and tops[0] < 420
    page.click("#more-filters summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_script_the_sides_are_a_form_that_leads_to_the_list(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{FAKE}/map?lang=vi")
    assert (
        page.locator("#by-criterion a").first.is_visible() and page.locator("#communes a").first.is_visible()
    )
    page.select_option("#sides [name=left]", "reported")
    page.select_option("#sides [name=right]", "measured")
    page.click("#sides button")
    assert "left=reported&right=measured" in page.url
    assert page.locator("table tbody tr").count() > 0
    context.close()


def test_what_fails_to_come_is_said_and_the_page_stays(new_page, site):
    page = new_page(width=1366, height=768)
    page.route("**/sides/reported.json", lambda route: route.abort())
    page.goto(f"{site}{FAKE}/map?lang=vi&view=reported")
    page.wait_for_selector("body[data-ready]")
    until(page, "document.getElementById('side-said').textContent.includes('Không tải được')")
    assert sum(figures(page)) == 30 and "view=" not in page.url
