"""What a page may cost on an office laptop with a weak line: requests, bytes, and the time to the first paint."""

import gzip
import os
import re
import urllib.request

import pytest

STUDY = "/studies/dak-minh-hoa"
PAGES = ("", "/map", "/villages", "/communes", "/criteria", "/problems", "/papers")
MOST_REQUESTS, MOST_KB = 40, 300
FIRST_PAINT_MS = 1500
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
SIZES = """
() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .map(one => [one.name, one.encodedBodySize])
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ready(live_server):
    """The server, once the district is judged and its pages were looked at once."""
    import time

    end = time.monotonic() + 240
    while b'"ready"' not in _get(f"{live_server}{STUDY}/state.json"):
        assert time.monotonic() < end
        time.sleep(0.5)
    for path in PAGES:
        _get(f"{live_server}{STUDY}{path}")
    return live_server


def _get(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read()


def test_pages_stay_within_their_budget_and_ask_nobody_else(ready, new_page):
    """A first visit with nothing in the browser's memory, page by page."""
    told, wrong = [], []
    for path in PAGES:
        page = new_page(width=1366, height=768)
        page.goto(f"{ready}{STUDY}{path}", wait_until="networkidle")
        sizes = [size for name, size in page.evaluate(SIZES) if name.startswith("http")]
        painted, kb = page.evaluate(PAINT), sum(sizes) / 1000
        told.append(f"{path or '/':12} {len(sizes):3} requests {kb:6.1f} kB, first paint {painted:5.0f} ms")
        if page.refused or len(sizes) > MOST_REQUESTS or kb > MOST_KB or painted < 0:
            wrong.append((path, page.refused, len(sizes), kb))
        page.context.close()
    print("\n".join(told))
    assert not wrong, "\n".join([*map(str, wrong), *told])


def test_first_screens_are_painted_in_time(ready, new_page):
    if os.getloadavg()[0] > 2 * (os.cpu_count() or 1):
        pytest.skip("this machine has too much else to do for a time to mean anything")
    for path in ("", "/map"):
        page = new_page(width=1366, height=768)
        page.goto(f"{ready}{STUDY}{path}", wait_until="load")
        assert 0 <= page.evaluate(PAINT) < FIRST_PAINT_MS, path


def test_everything_that_travels_is_compressed_or_small(ready, new_page):
    page, large = new_page(), []
    page.on("response", lambda answer: large.append(answer) if answer.status == 200 else None)
    page.goto(f"{ready}{STUDY}/map", wait_until="networkidle")
    bare = [
        answer.url
        for answer in large
        if "content-encoding" not in answer.headers
        and int(answer.headers.get("content-length", 0)) > 1400
        and not re.search(r"\.png$", answer.url)
    ]
    assert not bare
    plain = urllib.request.Request(f"{ready}{STUDY}/map", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(plain) as answer:
        assert b"<h1" in gzip.decompress(answer.read())
