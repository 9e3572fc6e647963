"""A whole review as plain data: for the map and table of the overview, and as one file."""

import geopandas as gpd

from gis.tables import STATUSES
from gis.web.basis import criteria_rows
from gis.web.facts import (
    LETTERS,
    NO_COMMUNE,
    PARTS,
    commune_names,
    communes,
    criteria_counts,
    outcome,
    part_outcome,
    plain,
    text_of,
    village_rows,
)
from gis.web.texts import pick


def map_table(review, language):
    """What the map and the table of the study page need of every village, as compact as JSON can be."""
    names = commune_names(review, language)
    position = {commune_id: number for number, commune_id in enumerate(names)}
    rows = rows_of(review, review.villages_table, position, places(review))
    return {
        "communes": [list(item) for item in names.items()],
        **map_words(review, language),
        "rows": rows,
    }


COLUMNS = (
    "id", "name", "commune", "status", "infra", "missed", "unknown", "households", "population", "criteria", "x", "y",
)  # fmt: skip


def map_words(review, language):
    """Columns of the rows, criteria and words for the verdicts, as the map and the table write them."""
    return {
        "columns": list(COLUMNS),
        "criteria": [
            {name: row[name] for name in ("id", "code", "label", "kind", "works")}
            for row in criteria_counts(review, language)
        ],
        "words": {
            "all": {status: outcome(review, status, language) for status in STATUSES},
            "infrastructure": {status: part_outcome(review, status, language) for status in STATUSES},
        },
    }


def rows_of(review, table, position, places):
    """Some rows of `Review.villages_table` as lists of `COLUMNS`.

    Parameters
    ----------
    position : Mapping of str to int
        Commune, as addresses write it, to its number in the list of communes that goes with the rows.
    places : Mapping of str to tuple
        What `places` gives.
    """
    codes = [""] * len(table)
    for criterion in review.study.criteria.criteria:
        codes = [so_far + LETTERS[status] for so_far, status in zip(codes, table[criterion.id], strict=True)]
    return [
        [
            village_id,
            text_of(row["name"]) or village_id,
            position[text_of(row["commune_id"]) or NO_COMMUNE],
            LETTERS[row["status"]],
            LETTERS[row["infra_status"]],
            int(row["missed"]),
            int(row["unknown_count"]),
            plain(row["households"]),
            plain(row["population"]),
            codes[number],
            *places.get(village_id, (None, None)),
        ]
        for number, (village_id, row) in enumerate(zip(table.index, table.to_dict("records"), strict=True))
    ]


def places(review):
    """Longitude and latitude of every village whose place is known, by village id."""
    points = review.study.villages["point"]
    known = points[points.notna()]
    if not len(known):
        return {}
    degrees = gpd.GeoSeries(known, crs=review.study.crs).to_crs(4326)
    return {
        id_: (round(x, 5), round(y, 5)) for id_, x, y in zip(known.index, degrees.x, degrees.y, strict=True)
    }


FINDING_COLUMNS = (
    "village_id", "criterion", "status", "grade", "value", "threshold", "unit", "compare", "margin", "source", "measured",
    "reported", "agreement", "reason", "facility_id", "facility_name", "record", "group", "verification", "checked",
    "least", "median", "median_status", "most", "near", "near_of", "confidence", "confidence_why",
)  # fmt: skip


def everything(review, language):
    """The whole review as plain data: headline, criteria, communes, villages and every finding as a row."""
    run, criteria = review.run, review.study.criteria
    columns = [_column(review.findings[name]) for name in FINDING_COLUMNS]
    return {
        "study": {"title": pick(review.study.label, language), "rung": int(review.study.rung),
                  "illustration": bool(review.study.illustration)},
        "run": {"id": run.id, "criteria": run.criteria_id, "edition": str(run.edition), "criteria_hash": run.criteria_hash,
                "inputs": dict(run.inputs), "as_of": text_of(run.as_of), "year": run.year, "code_version": run.code_version},
        "headline": {name: _json(value) for name, value in review.headline.items()},
        "criteria": {"legal_ref": text_of(criteria.legal_ref), "rows": criteria_rows(review, language)},
        "communes": [
            {name: _json(value) for name, value in row.items() if name not in ("bar", "search")}
            for row in communes(review, PARTS[0], language)
        ],
        "villages": village_rows(review, list(review.villages_table.index), language),
        "findings": {"columns": list(FINDING_COLUMNS), "rows": list(zip(*columns, strict=True))},
    }  # fmt: skip


def _column(values):
    numbers = values.dtype.kind == "f"
    return [plain(value) if numbers else _json(value) for value in values.tolist()]


def _json(value):
    if isinstance(value, float):
        return plain(value)
    return value if value is None or isinstance(value, (bool, int)) else text_of(value)
