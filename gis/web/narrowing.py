"""Filters by what a village is and how sure its findings are: zone, group of thresholds, minority share, confidence."""

import numpy as np
import pandas as pd
from flask import request

from gis.trend.counting import attribute_of
from gis.web import asked
from gis.web.facts import text_of
from gis.web.texts import pick, t

NAMES = ("zone", "group", "minority", "confidence")
LEVELS = ("sure", "likely", "open")
MINORITY_PCT = {"ge50": 50.0, "ge15": 15.0}
"""Where the law begins to count a village of the minority areas (15 %), and where minorities are most of it."""

NOT_SAID = "-"
"""Stands in addresses for villages of which it is not known."""


def choices(review):
    """The filters that a study knows something for: name to a mapping of value to what a reader calls it."""
    study, found = review.study, {}
    zones = attribute_of(study, "zone")
    if zones is not None:
        # blanks are asked for by themselves
        found["zone"] = _values(zones, {zone: str(zone) for zone in zones.dropna()})
    labels = {group: pick(label) or group for group, label in review.criteria.groups.items()}
    if study.groups.nunique() > 1:
        found["group"] = _values(study.groups, labels)
    share = attribute_of(study, "minority")
    if share is not None:
        found["minority"] = {name: t(f"narrow-minority-{name}") for name in ("ge50", "ge15", "lt15")}
        if share.isna().any():
            found["minority"][NOT_SAID] = t("narrow-not-said")
    if review.findings["confidence"].notna().any():
        found["confidence"] = {level: t(f"confidence-{level}") for level in LEVELS}
    return found


def _values(column, labels):
    """The values of a column in their order, with their words; last what is blank."""
    found = {str(value): labels.get(value, str(value)) for value in sorted(set(column.dropna()), key=str)}
    return found | ({NOT_SAID: t("narrow-not-said")} if column.isna().any() else {})


def asked_for(review):
    """The filters of the address, None or left out where one is not given; raises as `asked.one_of`."""
    # What a study knows is looked up over all its villages, so only where somebody asks.
    if not any(request.args.get(name) for name in NAMES):
        return {}
    return {name: asked.one_of(name, values) for name, values in choices(review).items()}


def fits(review, filters, criterion=None):
    """Which villages answer to the filters, as an array in the order of the study's villages.

    Parameters
    ----------
    filters : Mapping
        As `asked_for` gives them; other keys are not looked at.
    criterion : str, optional
        The criterion whose confidence is meant; without one it is the least sure of those that count.
    """
    study = review.study
    kept = np.ones(len(study.villages), dtype=bool)
    if value := filters.get("zone"):
        kept &= _is(attribute_of(study, "zone"), value)
    if value := filters.get("group"):
        kept &= _is(study.groups, value)
    if value := filters.get("minority"):
        kept &= _of_share(attribute_of(study, "minority"), value)
    if value := filters.get("confidence"):
        kept &= (confidence(review, criterion) == value).to_numpy()
    return kept


def _is(column, value):
    words = column.map(lambda each: NOT_SAID if text_of(each) is None else str(each), na_action=None)
    return (words == value).to_numpy()


def _of_share(share, value):
    share = pd.to_numeric(share, errors="coerce")
    if value == NOT_SAID:
        return share.isna().to_numpy()
    if value == "lt15":
        return (share < MINORITY_PCT["ge15"]).to_numpy()
    return (share >= MINORITY_PCT[value]).to_numpy()


def confidence(review, criterion=None):
    """The level of every village: of one criterion, else the least sure of all that count; None where nothing is rated."""
    findings, ids = review.findings, review.villages_table.index
    names = [criterion] if criterion else [one.id for one in review.counted]
    rows = findings[findings["criterion"].isin(names) & findings["confidence"].notna()]
    place = rows["confidence"].map({level: number for number, level in enumerate(LEVELS)})
    worst = place.groupby(rows["village_id"]).max().reindex(ids)
    return worst.map(dict(enumerate(LEVELS))).astype(object).where(worst.notna(), None)


def facts_of(review):
    """What the page needs to narrow by the same filters: name to a value of every village, or None.

    ``minority`` tells the share's step: ``0`` below 15 %, ``1`` below 50 %, ``2`` from there. ``confidence`` has a text
    a criterion and ``all``: a letter a village, ``s``, ``l``, ``o`` or ``-``.
    """
    study, known, found = review.study, choices(review), {}
    for name, column in (("zone", attribute_of(study, "zone")), ("group", study.groups)):
        if name in known:
            found[name] = [NOT_SAID if text_of(value) is None else str(value) for value in column]
    if "minority" in known:
        share = pd.to_numeric(attribute_of(study, "minority"), errors="coerce")
        steps = np.searchsorted(sorted(MINORITY_PCT.values()), share, side="right")
        found["minority"] = [
            NOT_SAID if blank else str(step) for blank, step in zip(share.isna(), steps, strict=True)
        ]
    if "confidence" in known:
        ids = [None, *(one.id for one in review.criteria.criteria)]
        found["confidence"] = {
            name or "all": "".join((level or NOT_SAID)[0] for level in confidence(review, name))
            for name in ids
        }
    return found
