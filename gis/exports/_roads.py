"""The sheets of a workbook that tell of roads: kilometres by class and surface, and who lives near them."""

import pandas as pd

from gis.catalogue import load_catalogue
from gis.messages import say
from gis.roadfacts import access_index, road_lengths


def lengths_table(study, village_ids, language):
    """One row a village, class and surface with its kilometres, in a reader's words; only of these villages."""
    lengths = road_lengths(study.villages, study.layers["roads"].frame)
    lengths = lengths[lengths["village_id"].isin(set(village_ids))]
    about = study.villages[["name", "commune"]].reindex(lengths["village_id"]).reset_index(drop=True)
    known = load_catalogue()["roads"].vocabularies

    def word(field, code):
        if code is None:
            return say("roads-not-recorded", language)
        return known[field][code][0].pick(language) if code in known[field] else code

    words = {
        field: [word(field, code) for code in lengths[field].astype(object)] for field in ("class", "surface")
    }
    return pd.DataFrame(
        {
            "village_id": lengths["village_id"].to_numpy(),
            "name": about["name"],
            "commune": about["commune"],
            **words,
            "km": lengths["km"].round(3).to_numpy(),
        },
        dtype="object",
    )


def access_table(study, language):
    """The Rural Access Index of the whole study, a figure a row; what is not known is left out."""
    index = access_index(study)
    rows = [
        (name, say(f"export-access-{name}", language), value)
        for name, value in (index.figures() if index else {}).items()
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["key", "label", "value"], dtype="object")
