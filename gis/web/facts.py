"""What the pages say about a review, as plain values ready to be printed in one language."""

import math

from gis.messages import say
from gis.names import fold
from gis.sentences import capital, limit, margin_text, status_word
from gis.tables import STATUSES
from gis.web.texts import pick, quantity

SYMBOLS = {"met": "✓", "unmet": "✕", "unknown": "?", "exempt": "–"}
LETTERS = {"met": "m", "unmet": "u", "unknown": "k", "exempt": "x"}
PARTS = ("all", "infrastructure")
RUNGS = 6
NO_COMMUNE = "-"
"""Stands in addresses for villages whose commune is not given."""

WORST_FIRST = {"unmet": 0, "unknown": 1, "met": 2, "exempt": 3}


def outcome(review, status, language):
    """The word for a verdict on a whole village: the set's own where it has one."""
    return outcome_of(review.study.criteria, status, language)


def outcome_of(criteria, status, language):
    """The word for a verdict on a whole village under a criteria set."""
    own = criteria.outcomes.get(status)
    return pick(own, language) if own else _word(criteria.polarity, status, language)


def part_outcome(review, status, language):
    """The word for a verdict on the infrastructure part: of a set of disadvantage, whether it holds."""
    return _word(review.study.criteria.polarity, status, language)


def criterion_word(review, criterion_id, status, language):
    """The word for a status by one criterion of the set; of any criterion where `criterion_id` is empty."""
    criteria = review.study.criteria
    kind = criteria.criterion(criterion_id).kind if criterion_id else criteria.polarity
    return _word(kind, status, language)


def _word(kind, status, language):
    if kind == "trigger":
        return status_text(kind, status, language)
    return say(f"web-status-{status}", language)


def headline(review, part):
    """The numbers of the four figures for all criteria or for the infrastructure part."""
    told = dict(review.headline)
    if part == "infrastructure":
        told |= {status: told[f"infra_{status}"] for status in STATUSES}
        told |= {"share_pct": told["infra_share_pct"], "short_by": None}
    return told


def commune_names(review, language):
    """Commune id, as addresses write it, to its name."""
    names = review.communes["name"]
    return {
        id_ or NO_COMMUNE: name or (id_ or say("web-no-commune", language))
        for id_, name in zip(names.index.tolist(), names.tolist(), strict=True)
    }


def communes_by_name(review, language):
    """Commune id and name, in the order of the names."""
    return sorted(commune_names(review, language).items(), key=lambda item: fold(item[1]))


def in_commune(review, village_ids, commune):
    """Which of some villages are of a commune, named as addresses write it."""
    wanted = "" if commune == NO_COMMUNE else commune
    return village_ids.map(review.study.villages["commune_id"]).fillna("") == wanted


def communes(review, part, language):
    """One row a commune, those furthest from the target first; without a target, those that fail most.

    ``short_by`` is then how many of its villages fail, for all criteria and for the infrastructure part alike.
    """
    target = review.study.target.get("share_pct")
    names = commune_names(review, language)
    prefix = "infra_" if part == "infrastructure" else ""
    rows = []
    for commune_id, row in zip(names, review.communes.to_dict("records"), strict=True):
        counts = {status: int(row[f"{prefix}{status}"]) for status in STATUSES}
        judged = sum(counts.values()) - counts["exempt"]
        rows.append(
            {
                "id": commune_id,
                "name": names[commune_id],
                "villages": int(row["villages"]),
                **counts,
                "share_pct": 100 * counts["met"] / judged if judged else math.nan,
                "short_by": int(row["short_by"]) if not prefix else _short(counts, judged, target),
                "has_sheet": bool(row["has_sheet"]),
                "bar": bar(counts),
                "search": fold(f"{names[commune_id]} {commune_id}"),
            }
        )
    return sorted(rows, key=lambda row: -row["short_by"]) if prefix else rows


def _short(counts, judged, target):
    if target is None:
        return counts["unmet"]
    # a hair of slack for 0.1 + 0.2
    return max(0, math.ceil(judged * target / 100 - 1e-9) - counts["met"])


def bar(counts):
    """Where the pieces of a stacked bar of width 100 begin and how wide they are: status, x, width."""
    total = max(sum(counts[status] for status in STATUSES), 1)
    pieces, x = [], 0.0
    for status in ("met", "unmet", "unknown"):
        width = round(100 * counts[status] / total, 2)
        pieces.append((status, round(x, 2), width))
        x += width
    return pieces


def criteria_counts(review, language):
    """One row a criterion in the order of the set, with how many villages are in each state."""
    rows = []
    for criterion in review.study.criteria.criteria:
        counts = {status: int(review.by_criterion.at[criterion.id, status]) for status in STATUSES}
        rows.append(
            {
                "id": criterion.id,
                "code": criterion.code or "",
                "label": pick(criterion.label, language),
                "kind": criterion.kind,
                "works": criterion.fixable_by == "works",
                **counts,
                "all_exempt": counts["exempt"] == sum(counts.values()),
                "bar": bar(counts),
            }
        )
    return rows


def scorecard(review, village_id, language, decisions=None, fixes=None):
    """Everything about one village: facts, verdicts, and a row for each criterion, shortfalls first."""
    card = review.scorecard(village_id, language, decisions, fixes)
    order = {criterion.id: number for number, criterion in enumerate(review.study.criteria.criteria)}
    rows = [_finding(finding, language) for finding in card["findings"]]
    rows.sort(key=lambda row: (row["kind"] == "context", WORST_FIRST[row["status"]], order[row["criterion"]]))
    return {
        "id": village_id,
        "name": text_of(card["name"]) or village_id,
        "commune": text_of(card["commune"]) or "",
        "commune_id": text_of(card["commune_id"]) or NO_COMMUNE,
        "status": card["status"],
        "status_text": outcome(review, card["status"], language),
        "infra_status": card["infra_status"],
        "infra_text": part_outcome(review, card["infra_status"], language),
        "missed": int(card["missed"]),
        "unknown": int(card["unknown_count"]),
        "approximate": bool(card["approximate"]),
        "population": plain(card["population"]),
        "households": plain(card["households"]),
        "findings": rows,
    }


def _finding(finding, language):
    unit = text_of(finding["unit"])
    numbers = ("value", "threshold", "margin", "measured", "reported", "numerator", "denominator")
    texts = ("criterion", "status", "source", "verification", "agreement", "compare", "code", "clause", "kind", "theme",
             "fixable_by", "facility_id", "facility_name", "record", "source_ref", "sentence", "label")  # fmt: skip
    return {
        **{name: plain(finding[name]) for name in numbers},
        **{name: text_of(finding[name]) or "" for name in texts},
        "unit": unit or "",
        "status_text": status_text(finding["kind"], finding["status"], language),
        "value_text": quantity(finding["value"], unit, language),
        "threshold_text": finding["limit"] if finding["compare"] == "band" else threshold(finding, language),
        "margin_text": margin_text(finding, finding["kind"], language),
        "measured_text": quantity(finding["measured"], unit, language),
        "reported_text": quantity(finding["reported"], unit, language),
        "source_text": say(f"web-source-{text_of(finding['source']) or 'none'}", language),
        "verification_text": verification(text_of(finding["verification"]), finding["checked"], language),
        "figure_state": figure_state(text_of(finding["verification"]), finding["checked"]),
        "disagree": finding["agreement"] == "disagree",
        "source_url": web_address(finding["source_url"]),
        "confidence": finding["confidence"],
        "confidence_text": say(f"confidence-{finding['confidence']}", language)
        if finding["confidence"]
        else "",
        "explanation": finding["explanation"],
    }


def status_text(kind, status, language):
    """The word for a status by one criterion, as a label begins: with a capital."""
    return capital(status_word(status, kind, language))


def threshold(figure, language):
    """What is asked for, in short; `figure` has `compare`, `threshold` and `unit`."""
    by_number = figure["compare"] not in ("present", "absent", "band")
    return (
        say("web-no-threshold", language)
        if by_number and is_missing(figure["threshold"])
        else limit(figure, language)
    )


FIGURE_SIGNS = {"checked": "✓", "read": "○", "placeholder": "△", "unknown": "?"}
"""How sure a figure is, as a sign beside its word."""


def figure_state(word, checked):
    """How sure a figure is, in four steps: the key of its sign."""
    if checked:
        return "checked"
    return word if word in ("placeholder", "unknown") else "read" if word else "unknown"


def verification(word, checked, language):
    """How sure the threshold itself is, in words; "checked" only where a named person did so."""
    return say("web-verification-checked" if checked else f"verification-{word or 'unknown'}", language)


def village_rows(review, ids, language):
    """Rows of the list page, for the village ids given and in their order."""
    criteria = {criterion.id: criterion for criterion in review.study.criteria.criteria}
    table = review.villages_table.loc[ids]
    rows = []
    for village_id, row in zip(table.index, table.to_dict("records"), strict=True):
        missed = [criteria[criterion] for criterion in row["missed_list"]]
        rows.append(
            {
                "id": village_id,
                "name": text_of(row["name"]) or village_id,
                "commune": text_of(row["commune"]) or "",
                "commune_id": text_of(row["commune_id"]) or NO_COMMUNE,
                "population": plain(row["population"]),
                "households": plain(row["households"]),
                "status": row["status"],
                "status_text": outcome(review, row["status"], language),
                "infra_status": row["infra_status"],
                "infra_text": part_outcome(review, row["infra_status"], language),
                "missed": int(row["missed"]),
                "unknown": int(row["unknown_count"]),
                "missed_text": [pick(criterion.label, language) for criterion in missed],
                "missed_ids": list(row["missed_list"]),
            }
        )
    return rows


def web_address(text):
    """The text if it is an http(s) address that may stand in a link, else empty."""
    text = str(text or "")
    return text if text.startswith(("https://", "http://")) and not any(c.isspace() for c in text) else ""


def matches(text, row):
    """Whether every word of a search is part of the row's name, commune or code, however it is spelt."""
    hay = fold(" ".join(text_of(row[name]) or "" for name in ("name", "commune", "id")))
    return all(word in hay for word in fold(text[:200]).split())


def is_missing(value):
    """Whether a cell of a table is None or NaN."""
    return value is None or value != value


def text_of(value):
    """A text cell, None where it is missing."""
    return None if is_missing(value) else str(value)


def plain(value):
    """A number JSON can hold: None for NaN, text for infinity, whole numbers without a point."""
    if value is None or value != value:
        return None
    value = float(value)
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return int(value) if value.is_integer() else round(value, 4)
