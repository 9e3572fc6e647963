"""Every page there is, by the list of addresses: it fits a telephone, fetches little, and nobody is shut out of it."""

import re

import pytest

from gis import accounts
from gis.messages import catalogue
from gis.settings import Settings
from gis.web import create_app
from tests.lived import WHO, pages_of, shown
from tests.serving import served
from tests.test_web_signing import PASSWORD

MOST_REQUESTS, MOST_BYTES = 40, 300_000
"""What one page may fetch with an empty cache, as it travels."""

SPOKEN = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const inside = walker.currentNode.parentElement;
    if (!inside.closest("script, style, noscript, code, pre, [hreflang]")) found.push(walker.currentNode.textContent.trim());
  }
  const names = ["aria-label", "title", "placeholder", "alt"];
  for (const place of document.querySelectorAll(names.map((name) => `[${name}]`))) {
    found.push(...names.map((name) => place.getAttribute(name)));
  }
  return { language: document.documentElement.lang, texts: [...new Set(found.filter(Boolean))] };
}"""

NOT_SAID = re.compile(r"\{\w+[:}]|\b(undefined|NaN|nan)\b|\[object|^(js|web|plan|audits|diary)-[a-z-]+$")
"""A hole that nothing filled, a value that is none, a code instead of its sentence."""

ONE_OF_MANY = re.compile(
    r"(?<![\d.,/–-])1 (villages|communes|households|rows|works|files|columns|values|years|people)\b"
)


def strange_of(page):
    """Texts of a page that are of the other language, or were never made into words."""
    said = page.evaluate(SPOKEN)
    here = set(catalogue(said["language"]).values())
    other = set(catalogue({"vi": "en", "en": "vi"}[said["language"]]).values()) - here
    texts = [text for text in said["texts"] if len(text) > 1 and "/" not in text]
    told = [text for text in texts if text in other or NOT_SAID.search(text) or ONE_OF_MANY.search(text)]
    return [f"strange in {said['language']}: {text[:60]}" for text in told]


def faults_of(page, answer):
    """What is wrong with a page that is open, in words; asked on an office screen, then made as narrow as a phone."""
    from axe_playwright_python.sync_playwright import Axe

    told = []
    told += [f"asked for {address}" for address in page.refused]
    told += [fault for fault in page.faults if "503" not in fault]
    told += [f"told of a failure: {words}" for words in page.locator("#map [role=alert]").all_inner_texts()]
    told += strange_of(page)
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
@pytest.mark.parametrize("third", range(3))
def test_every_page_of_a_study_reads_for_everybody(new_page, lived, third):
    store, _, app, known = lived
    places, unknown = pages_of(app, known)
    assert not unknown, "give these something to show"
    page = new_page(width=1366, height=768)
    wrong, seen = {}, 0
    with served(app) as site:
        for number, (endpoint, path) in enumerate(sorted(places.items())[third::3]):
            head = page.request.head(f"{site}{path}")
            if "text/html" not in head.headers.get("content-type", "") or head.status in (400, 404):
                continue
            answer = shown(page, f"{site}{path}?lang={('vi', 'en')[number % 2]}")
            seen += 1
            if told := faults_of(page, answer):
                wrong[endpoint, answer.status] = told
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())
    assert seen > 13


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
            page.faults = []
            answer = shown(page, f"{site}{path}?lang=en")
            if answer.status == 200 and "text/html" in answer.headers["content-type"]:
                wrong[endpoint] = faults_of(page, answer)
    wrong = {name: told for name, told in wrong.items() if told}
    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())
