"""Verdicts counted by what villages are: their commune, zone, people, poverty."""

import numpy as np
import pandas as pd

from gis.labels import format_number
from gis.names import fold
from gis.tables import STATUSES

ATTRIBUTES = ("commune", "zone", "minority", "poverty_class", "poverty")
BINS = {"minority": (15.0, 50.0), "poverty": (5.0, 10.0, 20.0)}
"""Percent at which a new class begins; the lower bound belongs to the class."""


def counts_by(review, attribute, *, bins=None, language="vi"):
    """Villages by status for every value of an attribute.

    Parameters
    ----------
    review : Review
    attribute : str
        One of `ATTRIBUTES`, a column of the villages, or a field of the year's assessment.
    bins : sequence of float, optional
        Where a new class of a number begins; those of `BINS` where it is left out.
    language : str
        For the numbers in the names of classes.

    Returns
    -------
    DataFrame
        Index the value as text, in order (classes from low to high), and last, if there are any, the
        villages of which the value is not known, under None. Columns ``villages``, the statuses, ``share_pct``
        (met of all not exempt, NaN where there are none). Every village is counted once.

    Raises
    ------
    KeyError
        If no village has such an attribute.
    """
    values = attribute_of(review.study, attribute)
    if values is None:
        raise KeyError(attribute)
    bins = BINS.get(attribute) if bins is None else bins
    if bins is not None:
        names = class_names(bins, language)
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
        places = np.searchsorted(np.asarray(bins, dtype=float), numbers, side="right")
        values = pd.Series([names[place] for place in places], index=values.index, dtype=object)
        values[np.isnan(numbers)] = None
        order = names
    else:
        values = values.map(lambda value: None if value is None or value != value else str(value))
        order = sorted(values.dropna().unique(), key=lambda value: (fold(value), value))
    status = review.results["status"].reindex(values.index)
    known = pd.crosstab(values, status).reindex(index=order, columns=list(STATUSES), fill_value=0)
    blank = status[values.isna()].value_counts().reindex(STATUSES, fill_value=0)
    if blank.sum():
        known = pd.concat([known, blank.to_frame().T])
        known.index = pd.Index([*order, None], dtype=object)
    counts = known.astype(int).rename_axis(index=attribute, columns=None)
    judged = counts[["met", "unmet", "unknown"]].sum(axis=1)
    counts.insert(0, "villages", judged + counts["exempt"])
    counts["share_pct"] = 100 * counts["met"] / judged.where(judged > 0)
    return counts


def attribute_of(study, name):
    """An attribute of every village; None where no village has it.

    Notes
    -----
    ``commune``: name and id. ``zone``: the village's own, else its commune's. ``minority``: percent of minority
    households, of the villages, else as reported. ``poverty``: percent of poor households as reported for the
    study's year. A zone or class of today is taken in every year.
    """
    villages, reported = study.villages, study.reported
    if name == "commune":
        known = villages["commune"].where(villages["commune"].notna(), villages["commune_id"])
        ids = villages["commune_id"].astype(object)
        same = ids.isna() | (ids == known)
        found = known.where(same, known.astype(str) + " (" + ids.astype(str) + ")")
    elif name == "zone":
        found = _zone(study)
    elif name == "minority":
        found = _first_known(
            villages.get("minority_share_pct"),
            reported.get("minority_share_pct"),
            _percent(reported, "minority_households", "households"),
        )
    elif name == "poverty":
        found = _first_known(
            _percent(reported, "poor_households", "households"), reported.get("poverty_rate_pct")
        )
    else:
        found = _first_known(villages.get(name), reported.get(name))
    return found if found is not None and found.notna().any() else None


def class_names(bins, language):
    """Names of the classes between bins: ``< 15``, ``15 – < 50``, ``≥ 50``."""
    edges = [format_number(edge, language) for edge in bins]
    inner = [f"{low} – < {high}" for low, high in zip(edges, edges[1:], strict=False)]
    return [f"< {edges[0]}", *inner, f"≥ {edges[-1]}"]


def _zone(study):
    own = study.villages.get("zone")
    return _first_known(own, commune_attribute(study, "zone"))


def commune_attribute(study, name):
    """An attribute of the layer of communes, for every village; None where the layer does not have it."""
    communes = communes_by_id(study)
    if communes is None or name not in communes:
        return None
    return study.villages["commune_id"].map(communes[name])


def communes_by_id(study):
    """The layer of communes by commune id, which is made of the name where it has no codes; None without it.

    A frozen study keeps no layers.
    """
    layer = study.layers.get("communes")
    if layer is None or layer.frame is None:
        return None
    named = layer.frame["name"].map(lambda name: fold(name).replace(" ", "-"))
    return layer.frame.set_index(layer.frame.get("commune_id", named))


def _percent(reported, part, whole):
    if part not in reported or whole not in reported:
        return None
    top, bottom = (pd.to_numeric(reported[name], errors="coerce") for name in (part, whole))
    return 100 * top / bottom.where(bottom > 0)


def _first_known(*columns):
    found = None
    for column in columns:
        if column is not None:
            found = column if found is None else found.where(found.notna(), column)
    return found
