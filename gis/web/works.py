"""What works are called and what they cost, in a planner's words; the same for what could be built and what is planned."""

import math
import re

from gis import interventions
from gis.interventions import load_interventions
from gis.labels import Label
from gis.plan.telling import million
from gis.web.facts import is_missing, text_of
from gis.web.guard import Refused
from gis.web.texts import language, pick, quantity, t

MILLION = 1e6


def millions(vnd):
    """VND as a number of millions in the reader's notation; a dash where nobody knows.

    Below ten with one decimal, so that no work looks as if it were free.
    """
    if is_missing(vnd) or math.isinf(vnd):
        return "–"
    return million(float(vnd), language())


def amount(vnd):
    """VND with its unit: million VND."""
    return t("plan-page-money", value=millions(vnd))


def work_name(row):
    """What a work is called, with how much of it: the planner's own name, else that of its kind.

    Parameters
    ----------
    row : Mapping
        Of the table of options, of the works of a kept plan, or of a cheapest change.
    """
    known = load_interventions().get(row.get("intervention"))
    label = row.get("label") or (known.label if known else {})
    name = text_of(row.get("name")) or Label(label).pick(language()) or text_of(row.get("intervention"))
    name, value, unit = name or t("plan-page-work-unnamed"), row.get("quantity"), row.get("unit")
    if is_missing(value) or (unit == "piece" and value == 1):
        return name
    return f"{name}, {t('plan-page-pieces', count=value) if unit == 'piece' else quantity(value, unit)}"


def sector_word(sector):
    """The word for a sector of works."""
    return interventions.sector_word(sector, language())


SIGNS = {
    "closed": ("#111111", "circle"),
    "roads": ("#8a3d0b", "square"),
    "water": ("#1f6fb2", "drop"),
    "irrigation": ("#2a8f8f", "diamond"),
    "power": ("#a67c00", "triangle"),
    "telecom": ("#6a3fa0", "star"),
    "schools": ("#b3261e", "square"),
    "health": ("#c2185b", "cross"),
    "culture": ("#3d3560", "house"),
}
"""Sector to colour and shape on the map: the shape says it too."""


def sign_of(sector):
    """Colour and shape of the works of a sector on the map."""
    return SIGNS.get(sector, ("#444444", "circle"))


def village_words(study):
    """Village id to its name and its commune's, as pages print them."""
    table = study.villages
    return {
        id_: (text_of(name) or id_, text_of(commune) or "")
        for id_, name, commune in zip(table.index, table["name"], table["commune"], strict=True)
    }


def criterion_words(criteria):
    """Criterion id to its label in the reader's language."""
    return {one.id: pick(one.label) for one in criteria.criteria}


def number_of(text, label, most):
    """A number of a form from 0 to `most`, as people of the reader's language write it; None where nothing stands.

    Thousands may be grouped; a sign that groups nothing is taken for the decimal point: 1.200,5 and 1200.5 alike.

    Parameters
    ----------
    text : str or None
    label : str
        What the form calls it.

    Raises
    ------
    Refused
        422 where it is anything else.
    """
    written = "".join((text or "").split())
    if not written:
        return None
    group, point = (".", ",") if language() == "vi" else (",", ".")
    grouped = re.fullmatch(rf"\d{{1,3}}(\{group}\d{{3}})+(\{point}\d+)?", written, re.ASCII)
    plain = written.replace(group, "").replace(point, ".") if grouped else written.replace(",", ".")
    value = float(plain) if len(plain) < 24 and re.fullmatch(r"\d+(\.\d+)?", plain, re.ASCII) else -1.0
    if not 0 <= value <= most:
        raise Refused(422, "plan-page-bad-number", field=label, value=written[:40])
    return value
