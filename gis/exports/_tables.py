"""The bare tables of a review, for programs: what was measured, what was found, and the run."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from gis.exports.csv_table import write_csv
from gis.files import replacing


def write_tables(review, folder):
    """Write measurements, findings and results as CSV, and the run as JSON, into a folder that exists.

    Returns
    -------
    list of Path
    """
    folder = Path(folder)
    tables = {
        "findings.csv": review.findings,
        "measurements.csv": review.measurements,
        "results.csv": review.results.reset_index(),
    }
    for name, table in tables.items():
        with replacing(folder / name) as fresh:
            write_csv(table, fresh)
    run = {
        "id": review.run.id,
        "study": review.study.id,
        **asdict(replace(review.run, inputs=dict(review.run.inputs), parameters=dict(review.run.parameters))),
    }
    with replacing(folder / "run.json") as fresh:
        fresh.write_text(json.dumps(run, ensure_ascii=False, indent=1), encoding="utf-8")
    return [folder / name for name in (*tables, "run.json")]
