"""`python -m benchmarks.play`: how much a figure tried in the browser costs, over many villages.

A grid of villages under thirty criteria whose figures are numbers, drawn from a seed: the size of what is sent,
the time to make it, and in a browser the time from the moved figure until all is counted and painted.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from fakes_web import COMMUNES, CRS, _outlines, build_villages  # noqa: E402
from gis.findings import evaluate  # noqa: E402
from gis.labels import Label  # noqa: E402
from gis.review import Review, Run  # noqa: E402
from gis.verdicts import judge_set  # noqa: E402
from gis.web.payload import pack_json  # noqa: E402
from gis.whatif import what_if  # noqa: E402
from sets import MEASURED, criteria_set, criterion  # noqa: E402
from tiny import measurements  # noqa: E402

TIMES = """async () => {
  const field = document.querySelector('#play input[type="number"]');
  const times = [];
  for (let step = 0; step < 12; step += 1) {
    await new Promise((go) => setTimeout(go, 400));
    const begun = performance.now();
    field.value = String(2 + step / 4);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const counted = performance.now();
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    times.push([counted - begun, performance.now() - begun]);
  }
  return times;
}"""


def build(count, criteria_count, seed):
    """A review of a grid of villages under criteria whose figures are numbers."""
    import geopandas as gpd

    dice, side = np.random.default_rng(seed), int(round(count**0.5))
    villages = build_villages(rows=side, columns=side)
    rows, tables = [], []
    for number in range(criteria_count):
        bound = MEASURED.__class__(MEASURED.indicator, (*MEASURED.arguments, ("number", number)))
        rows.append(
            criterion(
                f"c{number}",
                measured=bound,
                reported=None,
                thresholds=MappingProxyType({"all": 3 + number / 10}),
            )
        )
        value = dice.gamma(2.0, 1.2, len(villages))
        value[dice.random(len(villages)) < 0.01] = np.nan
        tables.append(measurements(villages.index, bound.measure, "measured", value))
    criteria = criteria_set(*rows, logic={"any_n": criteria_count * 2 // 3, "of": [one.id for one in rows]})
    groups = pd.Series("all", index=villages.index)
    table = pd.concat(tables, ignore_index=True)
    findings = evaluate(table, criteria, villages, groups).assign(
        least=np.nan, most=np.nan, near=False, confidence="likely", confidence_why="layer-undated"
    )
    names = pd.Series(dict(COMMUNES), name="name").rename_axis("commune_id").to_frame()
    study = SimpleNamespace(
        id="luoi", label=Label("Lưới"), path=None, criteria=criteria, groups=groups, villages=villages,
        communes=gpd.GeoDataFrame(names, geometry=_outlines(villages, names.index), crs=CRS), layers={}, assessments={},
        parameters={}, crs=villages.crs, year=2025, as_of="2025", rung=4, target={"share_pct": 50},
        reported=pd.DataFrame(index=villages.index), illustration=True, problems=(), inputs={}, citations=(), weak_names=frozenset(),
    )  # fmt: skip
    run = Run(criteria.id, criteria.edition, criteria.hash, "", {}, {}, "0", "2025", 2025, 0.1)
    return Review(study, table, findings, judge_set(findings, criteria, villages), run)


def in_browser(review, chromium):
    """Milliseconds until counted, and until painted, of each of twelve moves."""
    from playwright.sync_api import sync_playwright
    from waitress import create_server

    from gis.settings import Settings
    from gis.web import create_app

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "luoi.yaml").write_text("title: x\n")
        app = create_app(Settings(studies=Path(folder)), open_review=lambda path, report: review)
        server = create_server(app, host="127.0.0.1", port=0)
        threading.Thread(target=server.run, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(f"http://127.0.0.1:{server.effective_port}/studies/luoi")
            page.wait_for_selector("body[data-ready]", timeout=120_000)
            page.click("#play-open")
            page.wait_for_selector("#play input[type=number]", timeout=120_000)
            times = page.evaluate(TIMES)
            browser.close()
        server.close()
    return times


def main():
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.play")
    parser.add_argument("--villages", type=int, default=2_000)
    parser.add_argument("--criteria", type=int, default=30)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    review = build(options.villages, options.criteria, 1)
    _ = review.villages_table
    started = time.perf_counter()
    payload = pack_json(what_if(review))
    size, made = len(payload.body) / 1e3, time.perf_counter() - started
    print(f"{len(review.results):,} villages x {options.criteria} criteria: {size:,.0f} kB, made in {made:.1f} s")
    times = in_browser(review, options.chromium)
    counted, painted = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"a moved figure: counted in {counted:.0f} ms, painted after {painted:.0f} ms (median of {len(times)})"
    )


if __name__ == "__main__":
    main()
