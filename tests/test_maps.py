"""Maps open from a file with no network, show every text as it was typed and run nothing from data."""

import dataclasses
import html
import json
import re

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fakes import CRS, NAMES, ORIGIN, PAYLOADS, VILLAGES, tiny_review
from gis.criteria import load_criteria
from gis.errors import ExportError
from gis.maps import content as content_module
from gis.maps import findings_map, save_map
from gis.maps.content import content_of, json_block
from gis.maps.page import HERE, _Parts
from gis.reaching import how_far, judged_far, service_of


def page_of(review, **options):
    return findings_map(review, **options).get_root().render()


def data_in(page):
    return json.loads(re.search(r'id="langmap-data">(.*?)</script>', page, re.DOTALL)[1])


@pytest.fixture
def opened(new_page, tmp_path):
    """``opened(review, width=…, …)``: the saved map in a browser that has no network."""

    def open_(review, *, width=1366, height=768, language="vi", criterion=None):
        path = save_map(review, tmp_path / "bản đồ.html", language=language, criterion=criterion)
        page = new_page(width=width, height=height, offline=True)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        return page

    return open_


def quiet(page):
    """Nothing was fetched but the file itself, no script failed and no text ran."""
    asked = [url for url in page.asked if not url.startswith("data:")]
    assert len(asked) == 1 and asked[0].startswith("file:")
    assert not page.faults
    assert page.evaluate("window.HIT") is None


def village(page, name):
    page.fill("#search", name)
    page.press("#search", "Enter")


# ---- without a browser


def test_bands_of_travel_time_are_a_layer_with_words_in_both_languages(sample_review):
    study = sample_review.study
    far = how_far(study, service_of(study), limits=(20, 40))
    layer = content_of(sample_review, far=far)["layers"][-1]
    assert layer["id"] == "reach" and "Trạm y tế xã" in layer["label"]["vi"]
    assert [part["label"]["en"] for part in layer["parts"]][:2] == ["up to 20 minutes", "20–40 minutes"]
    assert all(part["rings"] for part in layer["parts"])


def test_bands_are_left_out_where_the_page_would_grow_too_large(sample_review, monkeypatch):
    study = sample_review.study
    far = how_far(study, service_of(study), limits=(20, 40))
    size = len(json_block(content_of(sample_review)).encode())
    monkeypatch.setattr(content_module, "MOST_BYTES", size + 100)
    assert all(layer["id"] != "reach" for layer in content_of(sample_review, far=far)["layers"])


def test_the_map_has_bands_by_itself_where_the_set_judges_travel_times(sample_review):
    study = sample_review.study
    assert judged_far(study) is None
    sphere = dataclasses.replace(study, criteria=load_criteria("sphere"))
    far, bound = judged_far(sphere), dict(sphere.criteria.criterion("health-walk").measured.arguments)
    assert far.service.layer == "clinics" and far.service.kind == tuple(bound["kind"])
    clinics = sphere.layers["clinics"].frame
    assert set(clinics.loc[far.areas.index, "kind"]) <= set(bound["kind"])
    assert len(far.areas) == far.service.places < len(clinics)


def test_the_map_is_foliums_and_links_to_nothing():
    made = findings_map(tiny_review())
    page = made.get_root().render()
    assert isinstance(made, folium.Map)
    assert _Parts(page).remote == set()
    beside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", beside)
    assert "default-src 'none'" in page and "unsafe-inline'; img" in page and "unsafe-eval" not in page


@pytest.mark.parametrize("text", PAYLOADS)
def test_texts_of_a_study_never_reach_a_template(text):
    review = tiny_review(names=[text] * 4, text=text)
    page = page_of(review)
    data = data_in(page)
    assert data["villages"]["name"] == [text] * 4
    assert data["study"]["label"]["vi"] == text and data["layers"][0]["names"][0] == text
    outside = page.replace(json_block(content_of(review)), "")
    assert "uid=" not in page
    assert text not in outside or text in page_of(tiny_review())


@given(st.text())
def test_a_json_block_says_what_it_was_given_and_cannot_end_its_element(text):
    block = json_block({"text": text})
    assert json.loads(block) == {"text": text}
    assert not set(block) & set("<>&\u2028\u2029")


def test_the_same_review_gives_the_same_page():
    assert page_of(tiny_review()) == page_of(tiny_review())


def test_a_page_that_would_fetch_something_is_refused():
    made = findings_map(tiny_review())
    folium.Marker([14, 108], icon=folium.CustomIcon("https://example.org/a.png")).add_to(made)
    folium.JavascriptLink("https://example.org/a.js").add_to(made.get_root().header)
    with pytest.raises(ExportError, match=r"example\.org/a\.js"):
        made.get_root().render()


def test_styles_that_would_fetch_something_are_found():
    page = (
        "<style>@import 'a.css'; b { background: url(http://example.org/a.png) }</style><img src=//x.org/a>"
    )
    assert len(_Parts(page).remote) == 3


def test_the_notebook_cell_is_a_frame_with_the_whole_page():
    made = findings_map(tiny_review(), height="480px")
    cell = made._repr_html_()
    inside = html.unescape(re.search(r'srcdoc="(.*?)"', cell, re.DOTALL)[1])
    assert "480px" in cell and data_in(inside)["villages"]["id"] == list(VILLAGES)


def test_numbers_tell_missing_unreachable_and_zero_apart():
    rows = data_in(page_of(tiny_review()))["findings"]["rows"]
    assert [row[0][1] for row in rows] == [0, "inf", 2.5, None]


def test_outlines_points_and_villages_without_either():
    shapes = content_of(tiny_review())["villages"]["shape"]
    assert "rings" in shapes[0] and "at" in shapes[2] and shapes[3] is None
    x, y = shapes[2]["at"]
    assert 107 < x / 1e5 < 109 and 14 < y / 1e5 < 15


def test_an_unknown_criterion_is_answered_with_the_known_ones():
    with pytest.raises(ExportError, match="road-hard"):
        findings_map(tiny_review(), criterion="road")


def test_large_layers_are_thinned_and_counted(monkeypatch):
    monkeypatch.setattr(content_module, "MOST_FEATURES", 10)
    review = tiny_review()
    for name, shape in (("schools", shapely.Point), ("roads", None)):
        many = [shapely.Point(ORIGIN[0] + 10 * i, ORIGIN[1]) for i in range(25)]
        if shape is None:
            many = [shapely.LineString([(p.x, p.y), (p.x + 10 + i, p.y + 40)]) for i, p in enumerate(many)]
        frame = gpd.GeoDataFrame({"name": ["n"] * 25}, geometry=many, crs=CRS)
        review.study.layers[name] = dataclasses.replace(review.study.layers[name], frame=frame)
    found = {layer["id"]: layer for layer in content_of(review)["layers"]}
    assert [(found[name]["shown"], found[name]["total"]) for name in ("schools", "roads")] == [(10, 25)] * 2
    assert len(found["roads"]["lines"]) == 10 and len(found["schools"]["places"]) == 20


def test_a_layer_of_lines_and_points_shows_both():
    review = tiny_review()
    frame = review.study.layers["roads"].frame
    both = gpd.GeoSeries([*frame.geometry, shapely.Point(*ORIGIN)], crs=CRS)
    frame = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=both)
    review.study.layers["roads"] = dataclasses.replace(review.study.layers["roads"], frame=frame)
    kinds = [
        (layer["type"], layer["total"]) for layer in content_of(review)["layers"] if layer["id"] == "roads"
    ]
    assert kinds == [("lines", 1), ("points", 1)]


def test_a_map_too_large_gives_up_sentences_before_figures(monkeypatch):
    monkeypatch.setattr(content_module, "MOST_BYTES", 1)
    data = content_of(tiny_review())
    assert all(cell[-1] == -1 for row in data["findings"]["rows"] for cell in row)
    assert data["findings"]["rows"][0][0][1] == 0


def test_steps_lead_back_to_the_coordinates():
    points = np.array([[107.12345, 14.5], [107.2, 14.6], [107.19, 14.4]])
    steps = np.array(content_module.deltas(points)).reshape(-1, 2)
    assert np.allclose(np.cumsum(steps, axis=0) / 1e5, points, atol=1e-5)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")

    def refuse(*_):
        raise OSError(28, "no space")

    monkeypatch.setattr("gis.files.os.replace", refuse)
    with pytest.raises(ExportError, match="no space"):
        save_map(tiny_review(), path)
    assert path.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(ExportError, match="none"):
        save_map(tiny_review(), tmp_path / "none" / "map.html")


def test_the_sample_district_is_a_map_of_all_its_villages(sample_review, tmp_path):
    path = save_map(sample_review, tmp_path / "map.html")
    data = data_in(path.read_text(encoding="utf-8"))
    assert len(data["villages"]["id"]) == len(sample_review.results)
    assert len(data["findings"]["rows"][0]) == len(sample_review.criteria.criteria)
    assert path.stat().st_size < 2_000_000


# ---- in a browser


@pytest.mark.browser
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_file_opens_without_a_network(opened, language, width, height):
    page = opened(tiny_review(), width=width, height=height, language=language)
    assert page.title().startswith({"vi": "Huyện mẫu", "en": "Sample district"}[language])
    assert page.locator("path.leaflet-interactive").count() == 3
    assert page.locator("#legend li").count() >= 2
    assert page.locator(".leaflet-control-scale-line").is_visible()
    assert page.locator("#notice").inner_text()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    quiet(page)


@pytest.mark.browser
@pytest.mark.parametrize("geometry", ["mixed", "none"])
@pytest.mark.parametrize("first", [0, 4, 6])
def test_hostile_texts_are_shown_as_typed_and_run_nothing(opened, geometry, first):
    names, text = PAYLOADS[first : first + 4], " ".join(PAYLOADS)
    page = opened(tiny_review(names=names, text=text, geometry=geometry))
    assert page.locator("#title").text_content() == text
    if geometry == "mixed":
        seen = []
        # By handle: the shape under the pointer comes to the front, and places change.
        for shape in page.locator("path.leaflet-interactive").element_handles():
            shape.dispatch_event("mouseover")
            seen += page.locator(".leaflet-tooltip strong").all_text_contents()
            shape.dispatch_event("mouseout")
        assert set(seen) == set(names[:3])
        page.click("#layers summary")
        for box in page.locator("#layers input").all():
            box.check()
        for pin in page.locator(".leaflet-marker-icon").all():
            pin.dispatch_event("mouseover")
            assert text in page.locator(".leaflet-tooltip-pane").text_content()
        assert text in page.locator("#layers").text_content()
        page.click("#layers summary")
    for code, name in zip(VILLAGES, names, strict=True):
        page.fill("#search", code)
        assert page.locator("#results button").text_content() == name + text
        page.press("#search", "Enter")
        assert page.locator("#panel h2").text_content() == name
    assert text in page.locator("#panel").text_content()
    for language in ("en", "vi"):
        page.click(f"button[data-language={language}]")
    page.select_option("#mode", "road-hard")
    page.click("#origin")
    assert text in page.locator("#panel").text_content()
    if geometry == "mixed":
        page.click("#table-button")
    shown = page.locator("#table").text_content()
    assert text in shown and all(name in shown for name in names)
    page.wait_for_timeout(50)
    assert page.locator("img, iframe, object, embed").count() == 0
    quiet(page)


@pytest.mark.browser
def test_a_script_that_slips_in_is_stopped_by_the_policy(opened):
    page = opened(tiny_review())
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.HIT=1\">')")
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => { window.REFUSED = 1 })")
    page.wait_for_timeout(200)
    assert page.evaluate("window.HIT") is None and page.evaluate("window.REFUSED") == 1
    assert any("Content Security Policy" in fault for fault in page.faults)


@pytest.mark.browser
def test_search_needs_no_tones_and_finds_by_commune_and_code(opened):
    page = opened(tiny_review())
    for typed, count in (
        ("dak ro", 1),
        ("NAM NGAT", 1),
        ("mang den", 4),
        ("0104", 1),
        ("buon e", 1),
        ("zz", 0),
    ):
        page.fill("#search", typed)
        assert page.locator("#results button").count() == count, typed
    village(page, "nam ngat")
    assert page.locator("#panel h2").inner_text() == NAMES[2]
    quiet(page)


@pytest.mark.browser
def test_panel_tells_status_value_limit_sentence_and_source(opened):
    page = opened(tiny_review())
    village(page, "0102")
    first = page.locator(".finding").first.inner_text()
    for text in (
        "chưa đạt",
        "không đến được",
        "≤ 4 km",
        "đo trên bản đồ",
        "QĐ 33/2020",
        "vi: school-distance",
    ):
        assert text in first, text
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    page.locator("path.leaflet-interactive").first.click()
    assert page.locator("#panel h2").inner_text() in NAMES


@pytest.mark.browser
def test_legend_counts_every_village_in_every_mode(opened):
    page = opened(tiny_review(), criterion="culture-house")
    modes = page.locator("#mode option").evaluate_all("options => options.map(one => one.value)")
    assert page.locator("#mode").input_value() == "culture-house"
    assert modes[:3] == ["missed", "status", "infra"] and len(modes) == 6
    for mode in modes:
        page.select_option("#mode", mode)
        counts = page.locator("#legend .count").all_inner_texts()
        assert sum(map(int, counts)) == 4, mode
    fills = page.locator("path.leaflet-interactive").evaluate_all(
        "all => all.map(one => one.getAttribute('fill'))"
    )
    assert len(set(fills)) > 1


@pytest.mark.browser
def test_layers_go_on_and_off(opened):
    page = opened(tiny_review())
    page.click("#layers summary")
    schools = page.locator("#layers li", has_text="Trường học").locator("input")
    assert not schools.is_checked() and page.locator(".pin").count() == 1
    schools.check()
    assert page.locator(".leaflet-marker-icon .pin").count() == 2
    schools.uncheck()
    assert page.locator(".leaflet-marker-icon .pin").count() == 0
    quiet(page)


@pytest.mark.browser
def test_the_page_switches_language_and_keeps_the_open_village(opened):
    page = opened(tiny_review())
    village(page, "0101")
    page.click("button[data-language=en]")
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Legal clause" in page.locator("#panel").inner_text()
    assert page.locator("#panel h2").inner_text() == NAMES[0]
    assert "Illustration" in page.locator("#notice").inner_text()
    page.click("#table-button")
    assert page.locator("#table th").first.inner_text() == "Village"


@pytest.mark.browser
def test_a_study_without_geometry_is_a_table_with_a_sentence(opened):
    page = opened(tiny_review(geometry="none"), width=390, height=844)
    assert page.locator(".folium-map").is_hidden()
    assert page.locator("#table tbody tr").count() == 4
    assert "bảng" in page.locator("#table .lead").inner_text()
    page.locator("#table tbody button").nth(1).click()
    assert page.locator("#panel h2").inner_text() == NAMES[1]
    quiet(page)


@pytest.mark.browser
def test_checked_real_data_carry_no_notice(opened):
    page = opened(tiny_review(illustration=False, trial=False))
    assert page.locator("#notice").is_hidden() and page.locator("#watermark").inner_text() == ""


def test_every_code_that_the_script_speaks_has_a_text():
    script = (HERE / "page.js").read_text(encoding="utf-8")
    spoken = set(re.findall(r"""(?<![\w.])(?:t|tm|fact)\("([\w-]+)"[,)]""", script))
    spoken |= {f"{code}-trigger" for code in re.findall(r"""(?<![\w.])tm\("([\w-]+)"[,)]""", script)}
    for language in ("vi", "en"):
        assert spoken <= set(content_of(tiny_review())["texts"][language])


@pytest.mark.browser
def test_every_text_of_the_page_is_in_both_languages(opened):
    page = opened(tiny_review())
    village(page, "0101")
    page.click("#layers summary")
    codes = set(data_in(page_of(tiny_review()))["texts"]["vi"])
    for language in ("vi", "en"):
        page.click(f"button[data-language={language}]")
        words = set(re.findall(r"[a-z]+(?:-[a-z]+)+", page.locator("body").inner_text()))
        assert not words & codes, words & codes


SHOWN = """() => [...document.querySelectorAll('#legend li')].map((line) => [
  line.querySelector('span').textContent.replace(/^[✓✕✗?–] /, '').toLowerCase(),
  line.lastChild.textContent,
]).filter(([, count]) => count !== '0')"""


@pytest.mark.browser
@pytest.mark.parametrize(
    "name",
    ["sample_review", pytest.param("nandurbar_review", marks=[pytest.mark.real, pytest.mark.long])],
)
def test_the_map_has_the_classes_and_counts_of_the_web_page(request, opened, serve, new_page, tmp_path, name):
    review = request.getfixturevalue(name)
    (tmp_path / "studies" / "one").mkdir(parents=True)
    (tmp_path / "studies" / "one" / "study.yaml").write_text("title: x\n")
    site = serve(tmp_path / "studies", open_review=lambda path, report: review)
    web = new_page(width=1366, height=768)
    web.goto(f"{site}/studies/one/map?lang=vi")
    web.wait_for_selector("body[data-ready]", timeout=60_000)
    file = opened(review)
    counts = file.evaluate(SHOWN)
    assert len(counts) > 1 and counts == web.evaluate(SHOWN)
