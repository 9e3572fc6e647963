"""Measured nearness of schools and clinics against what the census says of the same villages."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from gis.criteria import Binding
from gis.disagreements import CONTRADICTIONS, count_causes
from gis.messages import say
from sets import criteria_set, criterion

BANDS = ("in the village", "under 5 km", "5 to 10 km", "over 10 km")
CODES = {"a": BANDS[1], "b": BANDS[2], "c": BANDS[3]}
SERVICES = {
    "primary school": ("schools", "primary", "primary_school_govt", "primary_school_govt_nearest_code"),
    "upper primary school": (
        "schools",
        "upper_primary",
        "middle_school_govt",
        "middle_school_govt_nearest_code",
    ),
    "health sub-centre": ("clinics", "subcentre", "phsc_count", "phsc_nearest_code"),
    "primary health centre": ("clinics", "phc", "phc_count", "phc_nearest_code"),
}


def said(census, column, code):
    """Census band of every village: in it where the column says yes or counts one, else by its code."""
    here = census[column].isin(["yes"]) | (pd.to_numeric(census[column], errors="coerce") > 0)
    return pd.Series(np.where(here, BANDS[0], census[code].map(CODES)), index=census.index, dtype=object)


def measured(study, layer, kind):
    """Measured band of every village: inside its outline, else by straight distance from its point."""
    from gis.indicators.access import nearest_distance, present_inside

    frame = study.layers[layer].frame
    inside = present_inside(study.villages, frame, kind=kind)["value"] > 0
    away = nearest_distance(study.villages, frame, kind=kind)["value"]
    band = np.select([inside, away < 5, away <= 10], BANDS[:3], BANDS[3])
    return pd.Series(band, index=study.villages.index, dtype=object)


def confusion(study, census, service):
    """Villages by census band (rows) and measured band (columns), and the recall of each census band."""
    layer, kind, column, code = SERVICES[service]
    truth = said(census, column, code).dropna()
    found = measured(study, layer, kind).reindex(truth.index).dropna()
    truth = truth.reindex(found.index)
    table = pd.crosstab(truth, found).reindex(index=BANDS, columns=BANDS, fill_value=0)
    hits = pd.Series([table.at[band, band] for band in BANDS], index=BANDS)
    return table, hits / table.sum(axis=1).where(lambda total: total > 0)


def markdown(study, census):
    """The tables of all services as docs/measured.md shows them."""
    lines = []
    for service in SERVICES:
        table, recall = confusion(study, census, service)
        lines += [
            f"| {service}: the census says | "
            + " | ".join(f"measured {band}" for band in BANDS)
            + " | recall |"
        ]
        lines += ["|---|" + "---:|" * (len(BANDS) + 1)]
        for band in BANDS:
            share = "–" if np.isnan(recall[band]) else f"{100 * recall[band]:.0f} %"
            lines += [f"| {band} | " + " | ".join(str(count) for count in table.loc[band]) + f" | {share} |"]
        lines += [""]
    return "\n".join(lines)


STANDS_FOR = dict(zip(BANDS, (0.0, 2.5, 7.5, 15.0), strict=True))
"""Kilometres that stand for a census band: any figure of the band gives the same answer at its ends."""


def banded(study, census):
    """The study with the census bands as reported kilometres, and a set that asks for each service at each band's end."""
    sheet = study.reported[["record"]].copy()
    criteria = []
    for layer, kind, column, code in SERVICES.values():
        field = kind + "_km"
        sheet[field] = said(census, column, code).map(STANDS_FOR).reindex(sheet.index)
        criteria += [
            criterion(
                f"{kind}-{km}",
                measured=Binding("nearest_distance", (("facilities", layer), ("kind", kind))),
                reported=Binding("reported_value", (("field", field),)),
                thresholds=MappingProxyType({"all": km}),
            )
            for km in (5, 10)
        ]
    return replace(
        study,
        criteria=criteria_set(*criteria),
        groups=pd.Series("all", index=study.villages.index),
        assessments={study.year: sheet},
    )


def band_table(review):
    """Each service and limit with its disagreements by kind, as docs/contradictions.md shows them."""
    rows = review.disagreements
    findings = review.findings
    lines = [
        "| within | agree | claimed met, measured unmet | claimed unmet, measured met | cannot be measured | nothing claimed |"
    ]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for service, (_, kind, _, _) in SERVICES.items():
        for km in (5, 10):
            name = f"{kind}-{km}"
            counts = rows.loc[rows["criterion"] == name, "kind"].value_counts()
            agree = int(((findings["criterion"] == name) & (findings["agreement"] == "agree")).sum())
            shown = [int(counts.get(each, 0)) for each in (*CONTRADICTIONS, "claim-alone", "not-compared")]
            lines += [f"| {service}, {km} km | {agree} | " + " | ".join(map(str, shown)) + " |"]
    return "\n".join(lines)


def cause_table(rows):
    """The causes of some disagreements with the villages they touch, as docs/contradictions.md shows them."""
    lines = ["| likely cause | villages | rows that fit | leading |", "|---|---:|---:|---:|"]
    for row in count_causes(rows).to_dict("records"):
        lines += [
            f"| {say('cause-' + row['cause'], 'en')} | {row['villages']} | {row['rows']} | {row['first']} |"
        ]
    return "\n".join(lines)
