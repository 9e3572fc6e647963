"""Every likely cause of a disagreement: the rules, and which of them fit."""

import numpy as np
import pandas as pd

from gis.disagreements.kinds import CONTRADICTIONS
from gis.disagreements.places import misplaced, outside, road_gaps
from gis.study import Tolerance

CAUSES = (
    "claim-impossible",
    "near-threshold",
    "facility-outside",
    "facility-misplaced",
    "road-gap",
    "facility-missing",
    "kind-unknown",
    "beyond-edge",
    "name-weak",
    "extent-approximate",
    "layer-missing",
    "no-place",
    "field-blank",
    "layer-older",
    "claim-older",
    "no-claim",
    "unexplained",
)
"""Every cause, what can be seen on the map itself first, what only may be so last; the first that fits leads."""

BY_DOUBT = {
    "layer-incomplete": "facility-missing",
    "kind-unknown": "kind-unknown",
    "beyond-edge": "beyond-edge",
    "approximate": "extent-approximate",
    "layer-missing": "layer-missing",
    "no-geometry": "no-place",
    "no-centre": "field-blank",
    "not-given": "field-blank",
    "no-people": "field-blank",
    "capacity-unknown": "field-blank",
    "sharer-no-place": "no-place",
    "no-roads": "facility-missing",
    "impossible": "field-blank",
}
"""Why the map cannot tell, as a cause."""


def fitting(study, rows, sides):
    """A table of the causes (columns) that fit each row, and the places that the spatial ones are about."""
    index = rows.index
    fits = pd.DataFrame(False, index=index, columns=list(CAUSES))
    compared = rows["kind"].isin(CONTRADICTIONS)
    claimed = _claims_more(rows)
    fits["claim-impossible"] = _impossible(study, rows, sides)
    fits["no-claim"] = (rows["kind"] == "not-compared") & ~fits["claim-impossible"]
    fits["near-threshold"] = compared & rows["near"]
    fits["name-weak"] = (rows["kind"] != "not-compared") & rows["village_id"].isin(study.weak_names)
    cause = sides["measured_doubt"].map(BY_DOUBT).where(rows["kind"] != "not-compared")
    for code in set(BY_DOUBT.values()):
        fits[code] |= (cause == code) & (rows["measured_status"] == "unknown")
    # where the measured status stands although the layer lacks things, they may still be what the sheet means
    fits["facility-missing"] |= claimed & _may_lack(study, rows, sides)
    fits["extent-approximate"] |= compared & rows["village_id"].map(study.villages["approximate"]).astype(
        bool
    )
    older, newer = _apart(study, sides)
    fits["layer-older"], fits["claim-older"] = compared & older, compared & newer
    places = {}
    for code, find in (
        ("facility-outside", outside), ("facility-misplaced", misplaced), ("road-gap", road_gaps)
    ):  # fmt: skip
        place = find(study, rows, claimed)
        places[code] = place
        fits.loc[place.index, code] = True
    fits["unexplained"] = ~fits.drop(columns="unexplained").any(axis=1)
    return fits, places


def _claims_more(rows):
    """Whether the sheet claims a thing that is nearer, or more of it, than the map shows or can tell."""
    told, seen = rows["reported"], rows["measured"]
    nearer = rows["unit"].isin(["km", "min"])
    more = np.where(nearer, told < seen, told > seen)
    some = np.where(nearer, np.isfinite(told), told > 0)
    return pd.Series(np.where(seen.isna() | (rows["measured_status"] == "unknown"), some, more), rows.index)


def _impossible(study, rows, sides):
    """Whether the sheet claims what cannot be: below zero, a share over 100, more of a thing than there is."""
    value, unit = rows["reported"], rows["unit"]
    wrong = (value < 0) | ((unit == "%") & (value > 100))
    return (wrong | (sides["reported_doubt"] == "impossible")).to_numpy()


def _may_lack(study, rows, sides):
    """Whether the layer behind each measurement is there and not known to be complete in the village's commune."""
    communes = rows["village_id"].map(study.villages["commune_id"])
    layers = {name: study.layers.get(name) for name in set(sides["layer"].dropna())}
    return np.array(
        [
            layers.get(name) is not None and layers[name].completeness(commune) != "yes"
            for name, commune in zip(sides["layer"], communes, strict=True)
        ],
        dtype=bool,
    )


def _apart(study, sides):
    """Whether the layer is older than the assessment, or the other way round, by more than the tolerance."""
    years = {
        name: pd.to_numeric(str(data.as_of or "")[:4], errors="coerce") for name, data in study.layers.items()
    }
    ahead = sides["layer"].map(years).astype(float) - (study.year if study.year is not None else np.nan)
    most = Tolerance.of(study).date_years
    return ahead < -most, ahead > most
