"""One edit of a province, judged again: the province of `benchmarks.province`, on foot and by motorbike in both seasons."""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.province import MILLION, SIZES, written
from benchmarks.table import Row, apart, megabytes, processor_seconds
from gis.plan import Edit, rejudge
from gis.workflows import judge, read_study

HARD = {"surface": "concrete", "all_season": 1}
EACH = 5
"""So many edits of a kind are made, drawn at random; the first of all is not counted: it makes what is kept."""


def rows(size, turns, seed):
    """A row for each kind of edit, the study made once in a process of its own: the median of some edits."""
    count, cells, places = SIZES[size]
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), count, cells * MILLION, places, seed)
        told = apart("scenario", path)
    ground = f"{count:,} villages, {cells:g} M cells, {places:,} places"
    for kind, seconds in told["edits"].items():
        words = f"{np.median(seconds['wall']):.2f} s in all, slowest {max(seconds['wall']):.2f} s"
        yield Row(
            f"scenario: {kind}", ground, float(np.median(seconds["cpu"])), ours_mb=told["mb"], agreement=words
        )


def drawn(review, rng):
    """An edit of each kind, drawn at random."""
    layers = review.study.layers
    roads, crossings, clinics = (layers[name].frame for name in ("roads", "crossings", "clinics"))
    used = [one for one in review.measurements["facility_id"].dropna().unique() if one in clinics.index]
    point = review.study.villages["point"].iloc[rng.integers(len(review.study.villages))]
    x, y = np.array([point.x, point.y]) + rng.normal(0, 500, 2)
    road = roads.index[rng.integers(len(roads))]
    length = roads.geometry[road].length
    fords = crossings.index[crossings["kind"] == "ford"]
    line = [[point.x, point.y], [x + 1500, y + 1000]]
    rule = next(one for one in review.criteria.criteria if one.measured is not None)
    figure = next(value for value in rule.thresholds.values() if isinstance(value, (int, float)))
    speed = {"class": "village", "surface": "earth", "season": "wet", "mode": "motorbike"}
    village = review.study.villages.index[rng.integers(len(review.study.villages))]
    sheet = review.study.reported
    field = next((name for name in sheet if pd.api.types.is_numeric_dtype(sheet[name])), None)
    more = (
        {}
        if field is None
        else {"a figure of a village": Edit("report", {"village": village, "field": field, "set": 0.0})}
    )
    return {
        **more,
        "a figure of a criterion": Edit(
            "figure", {"criterion": rule.id, "figure": figure * (1 + 0.1 * rng.random())}
        ),
        "a speed": Edit("speed", {**speed, "kmh": float(8 + 4 * rng.random())}),
        "a place built": Edit("build", {"layer": "clinics", "id": "N", "kind": "station", "x": x, "y": y}),
        "a place closed": Edit("close", {"layer": "clinics", "id": used[rng.integers(len(used))]}),
        "a road hardened": Edit("improve", {"id": road, "fields": HARD}),
        "half of a road hardened": Edit("improve", {"id": road, "fields": HARD, "to_m": length / 2}),
        "a road opened": Edit("road", {"id": "N", "line": line, "fields": {"class": "village", **HARD}}),
        "a road shut": Edit("close", {"layer": "roads", "id": road}),
        "a bridge over a ford": Edit("bridge", {"id": fords[rng.integers(len(fords))]}),
    }


def judged(path, each=EACH):
    """Seconds of the processor and of the clock by kind of edit, and the most memory, megabytes."""
    review, rng = judge(read_study(path)), np.random.default_rng(1)
    for edit in drawn(review, rng).values():
        rejudge(review, [edit])
    found = {}
    for _ in range(each):
        for kind, edit in drawn(review, rng).items():
            clock = processor_seconds(), time.perf_counter()
            rejudge(review, [edit])
            told = found.setdefault(kind, {"cpu": [], "wall": []})
            told["cpu"].append(processor_seconds() - clock[0])
            told["wall"].append(time.perf_counter() - clock[1])
    return {"edits": found, "mb": megabytes()}


if __name__ == "__main__":
    print(json.dumps(judged(Path(sys.argv[1]))))
