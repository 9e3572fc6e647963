"""How long measurements take to become findings and verdicts.

An invented set of 30 criteria of every kind over invented measurements: each criterion has a measured and a
reported value, one in ten values is an interval, one in twenty is missing, and the figures differ in three
groups.
"""

import numpy as np
import pandas as pd

from benchmarks.table import alone
from gis.criteria import build_set
from gis.findings import evaluate
from gis.tables import MEASUREMENTS, conform
from gis.verdicts import judge_set

CRITERIA = 30
SIZES = {"quick": (100,), "usual": (1000, 10_000), "large": (1000, 100_000)}
GROUPS = ("zone1", "zone2", "zone3")
SHAPES = (
    {"compare": "ge", "unit": "%", "decides": "reported"},
    {"compare": "le", "unit": "km", "decides": "measured"},
    {"compare": "present", "unit": "bool", "decides": "worse"},
    {"compare": "band", "unit": "%", "decides": "measured"},
    {"compare": "lt", "unit": "%", "decides": "reported", "kind": "trigger"},
)


def invented_set(count=CRITERIA):
    """A set of `count` criteria of every shape in turn, joined by a nested rule."""
    rows = [_row(number) for number in range(count)]
    ids = [row["id"] for row in rows]
    third = count // 3
    return build_set(
        {
            "id": "invented", "edition": "2026-01-01", "label": {"vi": "Bộ thử"}, "level": "village", "issuer": "–",
            "legal_ref": "–", "polarity": "flag", "outcomes": {"met": {"vi": "Đạt"}, "unmet": {"vi": "Chưa đạt"}},
            "groups": {"zone": {group: {"vi": group} for group in GROUPS}},
            "logic": {"all": [*ids[:third], {"any_n": third, "of": ids[third:]}]},
            "criteria": rows,
        }
    )  # fmt: skip


def _row(number):
    shape = {"kind": "flag", **SHAPES[number % len(SHAPES)]}
    bands = [{"grade": "1", "min": 0, "max": 40}, {"grade": "2", "min": 40, "max": 90}]
    figures = {"present": True, "band": bands}
    thresholds = {group: figures.get(shape["compare"], 20 + 10 * at) for at, group in enumerate(GROUPS)}
    applies = {"applies": {"attribute": "zone", "in": ["II", "III"]}} if number % 10 == 9 else {}
    return {
        "id": f"c{number:02d}", "label": {"vi": f"Tiêu chí {number}"}, "thresholds": thresholds,
        "measured": {"indicator": "nearest_distance", "facilities": f"layer{number}"},
        "reported": {"indicator": "reported_value", "field": f"field{number}"},
        "fixable_by": "works", "theme": "roads", "verification": "text", "source": {"ref": "–"}, **shape, **applies,
    }  # fmt: skip


def invented_measurements(criteria, villages, seed):
    """Values from 0 to 100 of both sources of every criterion, sorted as `gis.measure.measure` sorts."""
    chance, count = np.random.default_rng(seed), len(villages)
    blocks = []
    for one in criteria.criteria:
        for binding, source in ((one.measured, "measured"), (one.reported, "reported")):
            value = np.round(chance.uniform(0, 100, count), 2)
            value[chance.random(count) < 0.05] = np.nan
            vague = chance.random(count) < 0.1
            doubt = np.where(np.isnan(value), "not-given", np.where(vague, "layer-incomplete", None))
            blocks.append(
                pd.DataFrame(
                    {
                        "village_id": villages.index, "measure": binding.measure, "source": source, "value": value,
                        "low": np.where(vague, value / 2, value), "high": value, "doubt": doubt,
                        "layer": "schools", "numerator": value, "denominator": 100.0,
                    }
                )
            )  # fmt: skip
    table = pd.concat(blocks, ignore_index=True)
    table = table.sort_values(["village_id", "measure", "source"], kind="stable").reset_index(drop=True)
    return conform(table, MEASUREMENTS)


def invented_villages(count):
    """Villages with a zone, and the group of each."""
    ids = pd.Index([f"v{number:06d}" for number in range(count)], name="village_id")
    at = np.arange(count) % 3
    villages = pd.DataFrame({"zone": np.array(["I", "II", "III"], dtype=object)[at]}, index=ids)
    return villages, pd.Series(np.array(GROUPS, dtype=object)[at], index=ids)


def rows(size, turns, seed):
    """A row a number of villages."""
    criteria = invented_set()
    for count in SIZES[size]:
        villages, groups = invented_villages(count)
        measurements = invented_measurements(criteria, villages, seed)

        def work(measurements=measurements, villages=villages, groups=groups):
            findings = evaluate(measurements, criteria, villages, groups)
            return findings, judge_set(findings, criteria, villages)

        name = f"{count:,} villages, {CRITERIA} criteria"
        yield alone("measurements to verdicts", name, work, turns, lambda both: f"{len(both[0]):,} findings")
