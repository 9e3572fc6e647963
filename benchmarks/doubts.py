"""`python -m benchmarks.doubts`: what confidence, contradictions and repairs add to a judgement.

Each size is an illustrative district; seconds are medians of the processor time of several runs.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.table import alone, plain
from gis.catalogue import load_catalogue
from gis.confidence import rate
from gis.disagreements import disagreements
from gis.findings import evaluate
from gis.measure import measure
from gis.repairs import repairs
from gis.sample import make_sample
from gis.tolerance import with_tolerance
from gis.workflows import read_study

CRITERIA = "kontum-dtts-village-2022"


def steps(study):
    """Each step of a judgement to a call that does it again, over what the steps before it gave."""
    measurements = measure(study, study.criteria, load_catalogue())
    findings = evaluate(measurements, study.criteria, study.villages, study.groups)
    wide = with_tolerance(findings, measurements, study)
    rated = rate(wide, study)
    rows = disagreements(study, measurements, rated)
    return {
        "measure": lambda: measure(study, study.criteria, load_catalogue()),
        "evaluate": lambda: evaluate(measurements, study.criteria, study.villages, study.groups),
        "tolerance": lambda: with_tolerance(findings, measurements, study),
        "confidence": lambda: rate(wide, study),
        "disagreements": lambda: disagreements(study, measurements, rated),
        "repairs": lambda: repairs(study, rated, rows),
    }


def main():
    """Print a line a step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.doubts")
    parser.add_argument("--villages", type=int, nargs="*", default=[1000])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    for count in options.villages:
        with tempfile.TemporaryDirectory() as folder:
            made = make_sample(Path(folder) / "district", villages=count, seed=7)
            study = read_study(made, criteria=CRITERIA)
        size = f"{count:,} villages, {len(study.criteria.criteria)} criteria"
        for name, work in steps(study).items():
            print(plain(alone(name, size, work, options.runs).cells), flush=True)


if __name__ == "__main__":
    main()
