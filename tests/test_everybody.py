"""The pages for whoever has no mouse, no script or no network any more."""

import re

import pytest

from tests.lived import STUDY, shown
from tests.serving import served

HOME = f"/studies/{STUDY}"

WATCH = """() => {
  const told = (window.walked = []);
  const styled = (place) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(place);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  };
  const names = new Map();
  // Rows of a long table are made anew as it scrolls.
  window.nameOf = (place) => {
    const known = place.closest("tr[data-id]")?.dataset.id ?? place;
    if (!names.has(known)) names.set(known, names.size);
    return names.get(known);
  };
  document.addEventListener("focusin", ({ target }) => {
    const { top, bottom, width, height } = target.getBoundingClientRect();
    const inside = bottom > 0 && top < innerHeight && width > 0 && height > 0;
    told.push({ name: nameOf(target), seen: inside || target.closest("tr[data-id]") !== null, styled: styled(target) });
  });
}"""

CONTROLS = """() => {
  const radios = new Set();
  const found = [];
  for (const place of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    if (place.disabled || place.tabIndex < 0 || place.type === "hidden") continue;
    if (!place.checkVisibility({ visibilityProperty: true }) || place.closest("noscript")) continue;
    if (place.type === "radio") {
      const group = `${place.form?.id}/${place.name}`;
      if (radios.has(group)) continue;
      radios.add(group);
      if (!place.checked && document.querySelector(`input[type=radio][name="${CSS.escape(place.name)}"]:checked`)) continue;
    }
    found.push({ name: nameOf(place), what: place.outerHTML.slice(0, 120) });
  }
  return { found, ahead: [...document.querySelectorAll("[tabindex]")].filter((place) => place.tabIndex > 0).length };
}"""


@pytest.fixture(scope="module")
def site(lived):
    """Address of a server over a study that has something of everything."""
    with served(lived[2]) as address:
        yield address


def walk(page):
    """What the Tab key does not reach, shows out of sight or without a mark, in words."""
    page.evaluate(WATCH)
    controls = page.evaluate(CONTROLS)
    what = {each["name"]: each["what"] for each in controls["found"]}
    # Rows of a long table come as it scrolls, so there is more to walk than was there at first.
    for count in (len(what) + 3, 40, 40):
        for _ in range(count):
            page.keyboard.press("Tab")
        walked = page.evaluate("walked")
        reached = {step["name"] for step in walked}
        if reached >= what.keys():
            break
    told = [f"not reached: {words}" for name, words in what.items() if name not in reached]
    told += [f"out of sight: {what.get(step['name'])}" for step in walked if not step["seen"]]
    told += [f"no mark: {what.get(step['name'])}" for step in walked if not step["styled"]]
    return told + (["an order of its own"] if controls["ahead"] else [])


@pytest.mark.browser
def test_the_keyboard_reaches_every_control_and_shows_where_it_is(new_page, site):
    page = new_page(width=1366, height=768)
    wrong = {}
    for path in ("", "/map", "/files", "/plan", "/villages", "/print/map"):
        shown(page, f"{site}{HOME}{path}?lang=vi")
        if page.locator("#criteria").count():
            page.wait_for_selector("body[data-ready]")
        wrong[path] = walk(page)
    wrong = {path: told for path, told in wrong.items() if told}
    assert not wrong, "\n".join(f"{path}: {told[:8]}" for path, told in wrong.items())


@pytest.mark.browser
def test_a_village_is_opened_read_and_left_by_keyboard(new_page, site):
    page = new_page(width=1366, height=768)
    shown(page, f"{site}{HOME}/map?lang=vi")
    page.wait_for_selector("body[data-ready]")
    link = page.locator("#table tbody tr[data-id] a").nth(2)
    name = link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#scorecard .findings")
    assert page.evaluate("document.activeElement.textContent") == name
    assert page.evaluate("document.activeElement.closest('#scorecard') !== null")
    page.keyboard.press("Escape")
    page.wait_for_selector("#scorecard", state="hidden")
    assert page.evaluate("document.activeElement.closest('tr[data-id]')?.textContent").startswith(name)
    for place in ("#layers", "#more-filters"):
        page.focus(f"{place} > summary")
        page.keyboard.press("Enter")
        assert page.get_attribute(place, "open") is not None
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        assert page.get_attribute(place, "open") is None, place
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert (page.refused, page.faults) == ([], [])


@pytest.mark.browser
def test_without_scripts_one_gets_from_the_figures_to_a_corrected_value_a_plan_and_its_file(new_page, site):
    page = new_page(width=1366, height=768, java_script_enabled=False)
    shown(page, f"{site}{HOME}?lang=vi")
    page.click(".figure.unmet a.value, a.figure.unmet")
    every = page.locator("table tbody tr").count()
    criterion = page.locator("select[name=criterion] option").nth(1).get_attribute("value")
    page.select_option("select[name=criterion]", criterion)
    page.select_option("select[name=commune]", index=1)
    page.click("form[role=search] button:not([type=reset])")
    assert 0 < page.locator("table tbody tr").count() < every
    assert f"criterion={criterion}" in page.url
    page.click("table tbody tr th a")
    village = page.url
    value = page.locator("details.value-of:has(select[name=value])").first
    value.locator("summary").click()
    form = value.locator("form.value-form").first
    form.locator("[name=value]").select_option(index=1)
    form.locator("[name=reason]").fill("Đếm lại tại thôn")
    form.locator("button[value=enter]").click()
    shown(page, page.url)
    assert page.url.split("?")[0].split("#")[0] == village.split("?")[0]
    assert "Đếm lại tại thôn" in " ".join(page.locator("details.value-of").all_text_contents())
    # what is asked for while the correction is being judged is asked for again
    for _ in range(20):
        shown(page, f"{site}{HOME}/plan")
        page.fill("input[name=name]", "Phương án không cần mã lệnh")
        page.fill("input[name=fund-1-label]", "NTM")
        page.fill("input[name=fund-1-amounts]", "6000")
        page.click(".decide button.chief")
        if page.locator("main a[href*='.xlsx']").count():
            break
    assert page.locator("h1").inner_text().startswith("Phương án không cần mã lệnh")
    file = page.locator("main a[href*='.xlsx']").first.get_attribute("href")
    answer = page.request.get(f"{site}{file}")
    assert answer.status == 200 and answer.body()[:2] == b"PK"
    assert page.refused == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["vi", "en"])
def test_with_the_network_cut_the_map_goes_on_and_what_fails_is_said(new_page, site, language):
    page = new_page(width=1366, height=768)
    shown(page, f"{site}{HOME}/map?lang={language}")
    page.wait_for_selector("body[data-ready]")
    page.context.set_offline(True)
    page.fill("#q", page.locator("#table tbody tr[data-id] a").first.inner_text())
    page.wait_for_selector("#narrowed:not([hidden])")
    page.click("#filters button[type=reset]")
    page.click("#criteria a[data-criterion]")
    page.wait_for_selector("#criterion-status:not([hidden])")
    page.click("#table thead button")
    page.click("#table tbody tr[data-id] a")
    said = page.locator("#scorecard [role=alert]")
    said.wait_for()
    words = {"vi": "Thử lại", "en": "Try again"}[language]
    assert not re.search("Failed to fetch|TypeError", page.locator("body").inner_text())
    page.context.set_offline(False)
    page.click(f"#scorecard button:has-text('{words}')")
    page.wait_for_selector("#scorecard .findings")
    assert [fault for fault in page.faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []
    assert page.refused == []
