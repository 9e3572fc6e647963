"""The tools of the map, its ground, the legends of layers and the way to a place, in a real browser."""

import math
import re
import shutil

import pytest
from pyproj import Geod

from gis.basemaps.pmtiles import tile_id
from gis.settings import Settings
from gis.store import open_store
from gis.web import create_app
from tests.serving import served, watched
from tests.test_web_browser import until
from tests.tiles import BLUE, RED, png, write_mbtiles, write_pmtiles

STUDY = "/studies/dak-minh-hoa"
LEVEL = 10
GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def site(sample_study, tmp_path_factory):
    """Address of a server with the small illustrative district and a base map of each kind over all the country."""
    folder = tmp_path_factory.mktemp("tools")
    shutil.copytree(sample_study.parent, folder / "studies" / "dak-minh-hoa")
    maps = folder / "maps"
    maps.mkdir()
    places = [(x, y) for x in range(790, 850) for y in range(440, 490)]
    write_mbtiles(
        maps / "Đỏ.mbtiles",
        {(LEVEL, x, y): png(RED) for x, y in places},
        name="Ảnh đỏ",
        attribution="© Sở <b>A</b>",
    )
    write_pmtiles(
        maps / "xanh.pmtiles", {tile_id(LEVEL, x, y): png(BLUE) for x, y in places}, levels=(LEVEL, LEVEL)
    )
    (maps / "hong.pmtiles").write_bytes(b"PMTiles\x03")
    settings = Settings(studies=folder / "studies", basemaps=maps)
    app = create_app(settings, store=open_store(folder / "store"))
    app.extensions["shelf"].look("dak-minh-hoa", wait_s=60)
    with served(app) as address:
        yield address


@pytest.fixture
def workspace(new_page, site):
    yield from watched(new_page, site, STUDY)


def place_of(page, x, y):
    """Longitude and latitude of a place in the map's box, in parts of its width and height."""
    west, south, east, north = map(float, page.get_attribute("#map", "data-bounds").split(","))
    top, bottom = (math.asinh(math.tan(math.radians(each))) for each in (north, south))
    return west + x * (east - west), math.degrees(math.atan(math.sinh(top + y * (bottom - top))))


def click_at(page, x, y):
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def test_lengths_and_areas_are_those_of_the_ellipsoid(new_page, site):
    page = new_page()
    page.goto(f"{site}/")
    ring = [[14.5, 107.4], [14.52, 107.9], [14.9, 107.8], [14.8, 107.35]]
    found = page.evaluate(
        "async ([address, ring]) => { const g = await import(address);"
        " return [g.metresBetween([0, 0], [0, 1]), g.metresBetween([90, 0], [0, 0]),"
        " g.metresBetween(ring[0], ring[0]), g.lengthOf(ring), g.areaOf(ring), g.areaOf([...ring].reverse())]; }",
        [f"{site}/static/geodesy.js", ring],
    )
    lats, lons = zip(*ring, strict=True)
    # a degree along the equator, a quarter of a meridian
    assert found[0] == pytest.approx(111_319.4908, abs=1e-3)
    assert found[1] == pytest.approx(10_001_965.7293, abs=1e-3)
    assert found[2] == 0
    assert found[3] == pytest.approx(GEOD.line_length(lons, lats), abs=0.01)
    assert found[4] == found[5] == pytest.approx(abs(GEOD.polygon_area_perimeter(lons, lats)[0]), rel=2e-4)


def test_distance_and_area_are_measured_by_clicks_and_choose_no_village(workspace):
    page = workspace()
    page.click("[data-tool=distance]")
    spots = [(0.3, 0.3), (0.5, 0.5), (0.35, 0.6)]
    for spot in spots:
        click_at(page, *spot)
    told = [place_of(page, *spot) for spot in spots]
    expected = GEOD.line_length(*zip(*told, strict=True))
    # a pixel of the screen
    assert float(page.get_attribute(".measure-box", "data-value")) == pytest.approx(expected, rel=0.01)
    assert re.fullmatch(r"Khoảng cách \d+(,\d+)? km \(2 đoạn, đường chim bay\)", page.inner_text(".measured"))
    page.click("[data-tool=area]")
    assert page.get_attribute("[data-tool=distance]", "aria-pressed") == "false"
    for spot in spots:
        click_at(page, *spot)
    area = abs(GEOD.polygon_area_perimeter(*zip(*told, strict=True))[0])
    assert float(page.get_attribute(".measure-box", "data-value")) == pytest.approx(area, rel=0.02)
    page.keyboard.press("Escape")
    assert page.locator(".measure-box").is_hidden() and "village=" not in page.url
    assert page.evaluate("document.activeElement.dataset.tool") == "area"


def test_a_distance_is_measured_by_keyboard_alone(workspace):
    page = workspace(language="en")
    page.focus("[data-tool=distance]")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "map"
    first = place_of(page, 0.5, 0.5)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    second = place_of(page, 0.5, 0.5)
    _, _, expected = GEOD.inv(*first, *second)
    assert expected > 0
    assert float(page.get_attribute(".measure-box", "data-value")) == pytest.approx(expected, rel=0.02)
    assert page.inner_text(".measured").endswith("(in a straight line)")
    page.keyboard.press("Backspace")
    assert page.inner_text(".measured") == "Points set: 1"


@pytest.mark.parametrize("own", [True, False])
def test_the_map_fills_the_screen_with_its_legend_with_or_without_the_browsers_help(workspace, own):
    page = workspace()
    if not own:
        page.evaluate("document.querySelector('.map-panel').requestFullscreen = undefined")
    page.click("[data-tool=full]")
    box = "document.querySelector('.map-panel').getBoundingClientRect()"
    whole = f"({box}.width >= innerWidth && {box}.height >= innerHeight)"
    until(page, whole)
    assert page.get_attribute("[data-tool=full]", "aria-pressed") == "true"
    assert page.locator("#legend").is_visible() and page.locator(".north").is_visible()
    if own:
        page.click("[data-tool=full]")
    else:
        page.keyboard.press("Escape")
    until(page, f"!{whole}")
    assert page.get_attribute("[data-tool=full]", "aria-label") == "Toàn màn hình"


SHOWN = """([red, green, blue]) => {
  const tile = [...document.querySelectorAll('.leaflet-base-pane img.leaflet-tile-loaded')][0];
  if (!tile) return false;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 4;
  const pen = canvas.getContext('2d');
  pen.drawImage(tile, 0, 0);
  return [...pen.getImageData(1, 1, 1, 1).data].slice(0, 3).join() === [red, green, blue].join();
}"""


def test_base_maps_of_both_kinds_and_the_relief_lie_under_the_villages(workspace):
    page = workspace()
    until(page, "document.querySelector('.leaflet-relief-pane img')?.complete")
    page.click("#layers > summary")
    assert "hong.pmtiles" in page.inner_text("#bases")
    for id_, colour, credit in (("do", RED, "© Sở A"), ("xanh", BLUE, "xanh.pmtiles")):
        page.check(f"#bases [name=base][value={id_}]")
        page.wait_for_selector(".leaflet-base-pane img.leaflet-tile-loaded", state="attached")
        assert page.evaluate(SHOWN, list(colour)), id_
        assert credit in page.inner_text(".attribution") and f"base={id_}" in page.url
    assert "Thôn, làng: thon.gpkg" in page.inner_text(".attribution")
    page.check("#bases [name=base][value='']")
    assert page.locator(".leaflet-base-pane img").count() == 0
    assert "xanh" not in page.inner_text(".attribution")
    page.uncheck("#bases [name=relief]")
    until(page, "!document.querySelector('.leaflet-relief-pane img')")
    assert "relief=off" in page.url


def test_an_address_with_a_base_map_opens_with_it_and_one_that_is_gone_opens_without(workspace):
    page = workspace("base=do&relief=off")
    page.wait_for_selector(".leaflet-base-pane img.leaflet-tile-loaded", state="attached")
    assert page.locator(".leaflet-relief-pane img").count() == 0
    gone = workspace("base=nothing")
    assert gone.locator(".leaflet-base-pane img").count() == 0


def test_a_legend_comes_and_goes_with_its_layer_and_counts_its_things(workspace):
    page = workspace("layers=roads")
    legend = page.locator("#legend [data-over=roads]")
    assert "Đường trục thôn" in legend.inner_text() and "Xấu" in legend.inner_text()
    counts = legend.locator("ul:not(.states) .legend-count").all_inner_texts()
    shown = page.locator("#layers li:has([value=roads]) .muted").text_content()
    assert sum(int(each.replace(".", "")) for each in counts) == int(shown.replace(".", ""))
    assert "duong.gpkg" in page.inner_text(".attribution")
    page.click("#layers > summary")
    page.check("#layers [value=schools]")
    until(page, "document.querySelector('#legend [data-over=schools]')")
    page.uncheck("#layers [value=roads]")
    until(page, "!document.querySelector('#legend [data-over=roads]')")
    assert "duong.gpkg" not in page.inner_text(".attribution")
    groups = page.locator("#layers fieldset > legend").all_inner_texts()
    assert groups[:2] == ["Tô màu mặt đất", "Đường, cầu"] and groups[-1] == "Nền bản đồ"


def test_the_card_draws_the_way_to_the_place_that_decided(workspace, site):
    page = workspace()
    village = page.locator("#table tbody tr[data-id]").first.get_attribute("data-id")
    page.goto(f"{site}{STUDY}/map?village={village}")
    page.wait_for_selector("#scorecard .findings")
    button = page.locator("[data-way]").first
    criterion = button.get_attribute("data-way")
    page.evaluate("for (const each of document.querySelectorAll('#scorecard details')) each.open = true")
    button.click()
    until(page, "document.querySelectorAll('.leaflet-ways-pane path').length >= 3")
    assert f"way={criterion}" in page.url and button.get_attribute("aria-pressed") == "true"
    assert page.locator(".way-note").is_visible()
    assert re.search(r"km", page.inner_text(".way-note"))
    assert page.locator(f"[data-way-of='{criterion}'] li").count() >= 1
    button.click()
    until(page, "document.querySelectorAll('.leaflet-ways-pane path').length === 0")
    assert "way=" not in page.url and page.locator(".way-note").is_hidden()


def test_people_colour_the_ground_while_their_legend_is_there(workspace):
    page = workspace("layers=population")
    until(page, "document.querySelector('.leaflet-grounds-pane img')?.complete")
    legend = page.locator("#legend [data-over=population]")
    assert "10–50 người/km²" in legend.inner_text() and legend.locator(".band.ramp5").count() == 1
    page.click("#layers > summary")
    page.uncheck("#layers [value=population]")
    until(page, "!document.querySelector('.leaflet-grounds-pane img')")
    assert legend.count() == 0


@pytest.mark.parametrize("language", ["vi", "en"])
def test_tools_fit_a_phone_and_have_names(workspace, language):
    page = workspace("layers=roads,schools&base=do", width=360, height=740, language=language)
    page.click("[data-tool=area]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    map_box = page.locator(".map-panel").bounding_box()
    for selector in (".map-tools", ".measure-box", ".north", ".attribution", "#legend"):
        box = page.locator(selector).bounding_box()
        assert box["x"] >= map_box["x"] and box["x"] + box["width"] <= map_box["x"] + map_box["width"] + 1, (
            selector
        )
    names = page.evaluate(
        "[...document.querySelectorAll('.map-tool')].map((each) => each.getAttribute('aria-label'))"
    )
    assert len(names) == 4 and all(names) and not any(name.startswith("tool-") for name in names)
