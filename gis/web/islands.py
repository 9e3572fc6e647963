"""The parts of a study's roads that hang together with nothing else, and the villages that they cut off."""

import pandas as pd
from flask import Blueprint

from gis.roadislands import find_islands
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.texts import t

pages = Blueprint("islands", __name__)

SHOWN = 50
COLUMNS = {
    "names": "roads-island-names",
    "km": "roads-km",
    "x": "roads-island-x",
    "y": "roads-island-y",
    "count": "roads-island-count",
    "villages": "roads-island-villages",
}
"""Column of the file to the message that heads it."""


@pages.get("/studies/<study_id>/road-islands.<any(xlsx, csv):format>")
def listed_file(study_id, format):
    """All of them as a file."""
    standing = ready(study_id)
    if "roads" not in standing.review.study.layers:
        raise Refused(404, "roads-no-layer")
    rows = islands_of(standing)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["villages"] = ["; ".join(f"{name} ({key})" for key, name in row["villages"]) for row in rows]
    headings = {name: t(code) for name, code in COLUMNS.items()}
    name = f"{study_id}-road-islands"
    return send_list(standing.review, table, headings, format, title=t("roads-islands-title"), name=name)


def islands_of(standing):
    """One row an island, the longest first: the columns of the file, `villages` as pairs of id and name."""
    study = standing.review.study
    found = standing.beside(
        "road-islands", 0, lambda: find_islands(study.layers["roads"].frame, study.villages)
    )
    return [
        {
            "names": "; ".join(island.names),
            "km": island.km,
            "x": round(island.x),
            "y": round(island.y),
            "count": len(island.village_ids),
            "villages": [(key, study.villages.at[key, "name"]) for key in island.village_ids],
        }
        for island in found.itertuples()
    ]
