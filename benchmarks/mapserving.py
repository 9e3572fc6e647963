"""`python -m benchmarks.mapserving`: what the map of very many villages costs to make, to send and to look at.

A square of invented villages with crooked common borders, judged by nine criteria: the time to cut it into levels, the
largest piece, how soon the server answers, and in a browser the bytes of the first map and of each step nearer.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from gis.settings import Settings  # noqa: E402
from gis.store import open_store  # noqa: E402
from gis.web import create_app, leveldata  # noqa: E402
from gis.web.levels import is_large  # noqa: E402
from tests.crowds import build_crowd  # noqa: E402
from tests.serving import served  # noqa: E402

STUDY = "/studies/crowd"
ASKED = {
    "summary, first level": "/levels/summary.json",
    "summary, communes by a criterion": "/levels/summary.json?level=communes&criterion=water",
    "search as typed": "/levels/summary.json?q=thon dak 77",
    "table, first page": "/levels/rows.json",
    "table, sorted by name": "/levels/rows.json?sort=-name",
    "a leaf of villages": "/levels/villages/1.geojson",
    "verdicts of a leaf": "/levels/villages/1.json",
}
STEPS, WHEEL_PX = 14, -120


def main(arguments=None):
    """Print the table; returns 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mapserving", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--villages", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--browser", help="path of a Chromium; without one only the server is measured")
    options = parser.parse_args(arguments)
    review = build_crowd(options.villages)
    print(
        f"{len(review.study.villages):,} villages, {len(review.study.communes):,} communes, large: {is_large(review)}"
    )
    with tempfile.TemporaryDirectory() as folder:
        app = opened(review, Path(folder))
        client = app.test_client()
        for name, path in ASKED.items():
            first, *again = [asked(client, path) for _ in range(options.turns)]
            ms = sorted(each[0] for each in again)[len(again) // 2]
            print(f"{name}: first {first[0]:.0f} ms, then {ms:.0f} ms, {first[1] / 1000:.1f} kB")
        if options.browser:
            with served(app) as address:
                look(options.browser, f"{address}{STUDY}/map")
    print(f"most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
    return 0


def opened(review, folder):
    """An app over the review, its levels made and then read again as after a restart."""
    (folder / "crowd.yaml").write_text("title: x\n")
    store = open_store(folder / "store")
    for turn in ("levels made", "levels read again"):
        app = create_app(Settings(studies=folder), store=store, open_review=lambda *_: review)
        begun, busy = time.perf_counter(), time.process_time()
        levels = leveldata.levels_of(app.extensions["shelf"].look("crowd", wait_s=60), wait_s=None)
        seconds = time.perf_counter() - begun, time.process_time() - busy
        print(f"{turn}: {seconds[0]:.1f} s, {seconds[1]:.1f} s of a processor")
    for each in levels.index["levels"]:
        sizes = [len(levels.body(each["name"], leaf)) for leaf in range(len(each["leaves"]))]
        print(
            f"{each['name']}: {len(sizes)} leaves, largest {max(sizes) / 1000:.0f} kB, all {sum(sizes) / 1e6:.1f} MB"
        )
    return app


def asked(client, path):
    """Milliseconds and bytes of an answer."""
    begun = time.perf_counter()
    answer = client.get(f"{STUDY}{path}", headers={"Accept-Encoding": "gzip"})
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return 1000 * (time.perf_counter() - begun), len(answer.data)


def look(chromium, address):
    """Open the page and go nearer step by step, and print what each took."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        sizes = {}
        page.on("requestfinished", lambda each: sizes.update({each.url: each.sizes()["responseBodySize"]}))
        page.goto(address)
        page.wait_for_selector("body[data-ready]", timeout=300_000)
        page.wait_for_load_state("networkidle")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        print(f"first map: {sum(sizes.values()) / 1000:.0f} kB in {len(sizes)} requests, largest {max(sizes.values()) / 1000:.0f} kB, "
              f"first paint {paint:.0f} ms")  # fmt: skip
        box = page.locator("#map").bounding_box()
        for step in range(STEPS):
            sizes.clear()
            page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.5)
            page.mouse.wheel(0, WHEEL_PX)
            page.wait_for_timeout(700)
            page.wait_for_load_state("networkidle")
            level = page.evaluate("document.getElementById('map').dataset.level")
            total, most = sum(sizes.values()) / 1000, max(sizes.values(), default=0) / 1000
            print(
                f"  nearer {step + 1}: {level}, {total:.0f} kB in {len(sizes)}, largest {most:.0f} kB",
                flush=True,
            )
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
