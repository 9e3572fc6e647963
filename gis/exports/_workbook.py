"""What stands on each sheet of a workbook: the tables of an export in a reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from gis.catalogue import load_catalogue
from gis.exports._origin import run_table
from gis.exports._roads import access_table, lengths_table
from gis.exports._wide import FLAGS, UNREACHABLE, column_label
from gis.labels import Label, format_number
from gis.messages import catalogue, say
from gis.sentences import SYMBOLS, depends_on, marks_text, points_text, unit_label

STATUS_COLUMNS = (
    "status",
    "infra_status",
    "nearly_status",
    "measured_status",
    "reported_status",
    "median_status",
)
WORDED = (
    "source", "agreement", "decides", "fixable_by", "kind", "verification", "reason", "doubt", "value_state",
    "measured_state", "reported_state", "grade", "confidence",
)  # fmt: skip
"""Columns whose codes have words of their own."""


@dataclass(frozen=True)
class Sheet:
    """A table with its headings, and for every column of statuses the kind of criterion, which names them."""

    table: pd.DataFrame
    headings: dict = field(default_factory=dict)
    statuses: dict = field(default_factory=dict)


def workbook(review, wide, findings, meaning, language):
    """Name of each sheet to what stands on it, in order."""
    criteria = review.study.criteria
    kinds = {one.id: one.kind for one in criteria.criteria}
    by_row = findings["criterion"].map(kinds)
    sheets = {
        "villages": _villages(wide, kinds, criteria, language),
        "findings": Sheet(
            _worded(_grouped(findings, criteria, language), language),
            {
                **_headings(findings, criteria, language),
                "status": say("export-column-finding", language),
                "reason": say("export-column-reason-words", language),
            },
            dict.fromkeys(STATUS_COLUMNS, by_row),
        ),
        "communes": _communes(review, language),
        **_roads(review.study, wide.table["village_id"], language),
        "criteria": _criteria(criteria, language),
        "dictionary": Sheet(meaning, {"name": say("export-column-column", language)}),
        "run": Sheet(run_table(review, language)),
    }
    return {say(f"export-sheet-{name}", language): sheet for name, sheet in sheets.items()}


def _villages(wide, kinds, criteria, language):
    shown = [one for one in wide.columns if one.part != "reason" and not one.part.endswith("_state")]
    table = wide.table[[one.name for one in shown]].astype("object")
    names = {(one.criterion, one.part): one.name for one in wide.columns}
    for one in shown:
        if one.part in ("value", "measured", "reported"):
            beside = "reason" if one.part == "value" else f"{one.part}_state"
            far = wide.table[names[one.criterion, beside]] == UNREACHABLE
            table.loc[far, one.name] = say("export-unreachable", language)
    table["approximate"] = [_yes_no(there, language) for there in table["approximate"]]
    headings = {}
    for one in shown:
        unit = "" if one.unit == "bool" else unit_label(one.unit, language)
        headings[one.name] = one.label.pick(language) + (f" ({unit})" if unit else "")
    headings["approximate"] = say("export-column-approximate-words", language)
    statuses = {one.name: kinds[one.criterion] for one in shown if one.part == "status"}
    statuses |= dict.fromkeys(("status", "infra_status"), criteria.polarity)
    return Sheet(table, headings, statuses)


def _roads(study, village_ids, language):
    if "roads" not in study.layers:
        return {}
    headings = {name: say(f"roads-{name}", language) for name in ("class", "surface", "km")}
    headings["commune"] = say("export-column-commune", language)
    return {
        "roads": Sheet(lengths_table(study, village_ids, language), headings),
        "access": Sheet(access_table(study, language)),
    }


def _headings(table, criteria, language):
    """The headings that a set of disadvantage has for itself, and of columns of yes and no."""
    headings = {name: column_label(name, criteria).pick(language) for name in table}
    known = {name: head for name, head in headings.items() if not head.startswith("export-column-")}
    return known | {"checked": say("export-column-checked-words", language)}


def _grouped(findings, criteria, language):
    """The table with the label of each group of thresholds in the place of its id."""
    labels = {group: Label(label).pick(language) or group for group, label in criteria.groups.items()}
    return findings.assign(group=findings["group"].map(lambda group: labels.get(group, group)))


def _yes_no(value, language):
    return say("export-word-yes" if value else "export-word-no", language)


def _communes(review, language):
    criteria = review.study.criteria
    outcomes = criteria.outcomes
    table = review.communes.rename_axis("commune_id").reset_index()
    table["has_sheet"] = [_yes_no(there, language) for there in table["has_sheet"]]
    headings = _headings(table, criteria, language)
    if review.headline.get("target_pct") is None:
        headings["short_by"] = column_label("failing", criteria).pick(language)
    headings |= {status: label.pick(language) for status, label in outcomes.items()}
    headings["name"] = say("export-column-commune", language)
    return Sheet(table, headings)


def _criteria(criteria, language):
    rows, scale = [], marks_text(criteria, language)
    own = any(one.legal_ref for one in criteria.criteria)
    easier = [
        group
        for group in criteria.groups
        if any(one.nearly.get(group) is not None for one in criteria.criteria)
    ]
    for one in criteria.criteria:
        thresholds, checked = one.thresholds or {}, one.checked or {}
        rows.append(
            {
                "code": one.code,
                "criterion": one.id,
                "criterion_text": one.label.pick(language),
                "clause": one.clause,
                "kind": one.kind,
                "unit": one.unit,
                "compare": one.compare,
                **{
                    f"threshold {group}": _threshold(one, thresholds.get(group), language)
                    for group in criteria.groups
                },
                **({"legal_ref": one.legal_ref} if own else {}),
                **{f"nearly {group}": one.nearly.get(group) for group in easier},
                **({"points": points_text(criteria, one, language)} if scale else {}),
                "decides": one.decides,
                "fixable_by": one.fixable_by,
                "verification": _sureness(one, criteria, language),
                "checked": " ".join(sorted(group for group, who in checked.items() if who)),
                "source_ref": one.source_ref,
                "source_url": one.source_url,
            }
        )
    headings = {
        f"threshold {group}": say("export-column-threshold-of", language, group=label)
        for group, label in criteria.groups.items()
    } | {"checked": say("export-column-checked-groups", language)}
    headings |= {
        f"nearly {group}": say("export-column-nearly-of", language, group=criteria.groups[group])
        for group in easier
    }
    return Sheet(_worded(pd.DataFrame(rows, dtype="object"), language), headings)


def _sureness(criterion, criteria, language):
    """How sure the figures are, as a sign and a word; group by group where they differ."""
    said = {
        group: say("export-figure-checked", language)
        if criterion.checked.get(group)
        else _unchecked(criterion.verification.get(group), language)
        for group in filter(criterion.in_group, criteria.groups)
    }
    if len(set(said.values())) < 2:
        return next(iter(said.values()), None)
    return "; ".join(
        f"{Label(criteria.groups[group]).pick(language) or group}: {text}" for group, text in said.items()
    )


def _unchecked(word, language):
    sign = {"placeholder": "△", "unknown": "?", None: "?"}.get(word, "○")
    code = f"export-word-verification-{word or 'unknown'}"
    return f"{sign} {say(code, language)}"


def _threshold(criterion, given, language):
    """A figure as it stands in its cell: none for yes or no, whose comparison says all; bands as ``15 – 20: near``."""
    if criterion.compare in ("present", "absent"):
        return None
    if isinstance(given, (int, float)) or given is None:
        return given
    texts = []
    for band in map(dict, given):
        ends = [
            format_number(band[end], language) if band.get(end) is not None else "…" for end in ("min", "max")
        ]
        grade = band.get("grade")
        grade = Label(grade).pick(language) if isinstance(grade, Mapping) else grade
        texts.append(" – ".join(ends) + (f": {grade}" if grade else ""))
    return tuple(texts)


def _worded(table, language):
    """The table with codes replaced by words; a code without a word stays."""
    known, layers = catalogue(language), load_catalogue()
    words = {name: lambda code, name=name: known.get(f"export-word-{name}-{code}", code) for name in WORDED}
    words["unit"] = lambda unit: "" if unit == "bool" else unit_label(unit, language)
    words["compare"] = lambda code: SYMBOLS.get(code) or known.get(f"limit-{code}", code)
    words["layer"] = lambda name: layers[name].label.pick(language) if name in layers else name
    several = {
        name: table[name].map(lambda cell, word=word: _each(cell, word))
        for name, word in words.items()
        if name in table
    }
    if "confidence_why" in table:
        several["confidence_why"] = [_signs(codes, language) for codes in table["confidence_why"]]
    if "near_of" in table:
        several["near_of"] = [depends_on(codes, language) if codes else None for codes in table["near_of"]]
    for name in FLAGS:
        if name in table and pd.api.types.is_integer_dtype(table[name]):
            several[name] = [_yes_no(done, language) for done in table[name]]
    return table.assign(**several)


def _signs(codes, language):
    """The signs that speak against a finding, in words; None where there are none."""
    return "; ".join(say(f"confidence-why-{code}", language) for code in codes.split()) if codes else None


def _each(cell, word):
    if isinstance(cell, tuple):
        return "; ".join(str(word(one)) for one in cell)
    return word(cell) if isinstance(cell, str) else cell
