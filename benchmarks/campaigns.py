"""`python -m benchmarks.campaigns`: how long a campaign of many villages takes, from templates to values in the study.

Figures are invented; one in twenty of the figures sent has moved far enough to be asked about.
"""

import argparse
import datetime
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from gis.catalogue import load_catalogue
from gis.criteria import load_criteria
from gis.store import campaigns, open_store, studies
from gis.workflows.campaign_books import templates_zip
from gis.workflows.campaigns import merge, open_campaign, situation

TODAY = datetime.date(2025, 11, 1)


def invented(villages, communes, fields):
    """A study with as many villages and last year's figures; enough of one for a campaign."""
    layer = load_catalogue()["assessments"]
    names = [n for n, field in layer.fields.items() if field.type in ("number", "yesno")][:fields]
    ids = sorted(f"{number % communes:03d}{number // communes:04d}" for number in range(villages))
    table = pd.DataFrame(
        {"name": ids, "commune": [i[:3] for i in ids], "commune_id": [i[:3] for i in ids]}, index=ids
    )
    rng = np.random.default_rng(1)
    figures = {
        n: rng.integers(0, 2 if layer.fields[n].type == "yesno" else 100, villages).astype(float)
        for n in names
    }
    places = pd.DataFrame({"name": sorted(set(table["commune"]))}, index=sorted(set(table["commune"])))
    return SimpleNamespace(
        villages=table, communes=places, assessments={2024: pd.DataFrame(figures, index=ids)}, year=2024,
        criteria=load_criteria("vn-dbkk-village-2021-2025"),
    )  # fmt: skip


def sent(store, campaign, study):
    """Have every commune send last year's figures, one in twenty half as large again."""
    rng, table = np.random.default_rng(2), study.assessments[2024]
    moved = table * np.where(rng.random(table.shape) < 0.05, 1.5, 1.0)
    empty = {"faults": [], "contact": {}, "blanks": 0, "asked": 0, "problems": []}
    with store.writing("benchmark") as change:
        for commune in campaign["communes"]:
            rows = moved[study.villages["commune_id"] == commune].to_dict("index")
            values = {v: {f: {"self": value} for f, value in row.items()} for v, row in rows.items()}
            told = {"commune": commune, "kinds": ["self"], "content": "0" * 64, "file": "-", "size": 1}
            campaigns.receive(change, campaign, **told, found={"values": values, **empty})


def main():
    """Print the seconds of each step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaigns")
    parser.add_argument("--villages", type=int, default=1000)
    parser.add_argument("--communes", type=int, default=86)
    parser.add_argument("--fields", type=int, default=30)
    options = parser.parse_args()
    study = invented(options.villages, options.communes, options.fields)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "store")
        with store.writing("benchmark") as change:
            studies.add_study(change, "x", {"title": "x", "criteria": "sdg-access"})
        told = {
            "name": "x",
            "year": 2025,
            "deadline": "2025-11-15",
            "who": "benchmark",
            "with_last_year": True,
        }
        campaign = open_campaign(store, study, "x", **told)
        stands = timed("looked at", lambda: situation(store, study, "x", campaign["id"], today=TODAY))
        timed("templates", lambda: templates_zip(stands, "vi"))
        sent(store, campaign, study)
        stands = timed(
            "looked at, all sent", lambda: situation(store, study, "x", campaign["id"], today=TODAY)
        )
        print(f"{len(stands.cells):,} values, {len(stands.questions):,} questions")
        timed("entered", lambda: merge(store, stands, communes=campaign["communes"], who="benchmark"))
        store.close()


def timed(name, work):
    """What `work` gives; prints how long it took."""
    started = time.perf_counter()
    found = work()
    print(f"{name}: {time.perf_counter() - started:.2f} s")
    return found


if __name__ == "__main__":
    main()
