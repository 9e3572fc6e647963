"""What the pages say about a review, as plain values ready to be printed in one language."""

import math
from collections.abc import Mapping

from gis.labels import Label
from gis.messages import say
from gis.names import fold
from gis.sentences import limit, status_word
from gis.tables import STATUSES
from gis.web.texts import quantity

SYMBOLS = {"met": "✓", "unmet": "✕", "unknown": "?", "exempt": "–"}
LETTERS = {"met": "m", "unmet": "u", "unknown": "k", "exempt": "x"}
PARTS = ("all", "infrastructure")
RUNGS = 6
NO_COMMUNE = "-"
"""Stands in addresses for villages whose commune is not given."""

WORST_FIRST = {"unmet": 0, "unknown": 1, "met": 2, "exempt": 3}


def outcome(review, status, language):
    """The word for a verdict on a whole village: the set's own where it has one."""
    own = review.study.criteria.outcomes.get(status)
    return _pick(own, language) if own else say(f"web-status-{status}", language)


def headline(review, part):
    """The numbers of the four figures for all criteria or for the infrastructure part."""
    told = dict(review.headline)
    if part == "infrastructure":
        told |= {status: told[f"infra_{status}"] for status in STATUSES}
        told |= {"share_pct": told["infra_share_pct"], "short_by": None}
    return told


def commune_names(review, language):
    """Commune id, as addresses write it, to its name."""
    return {
        id_ or NO_COMMUNE: name or (id_ or say("web-no-commune", language)) for id_, name in review.communes["name"].items()
    }


def communes(review, part, language):
    """One row a commune, those furthest from the target first."""
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
                "short_by": int(row["short_by"]) if not prefix else counts["unmet"],
                "has_sheet": bool(row["has_sheet"]),
                "bar": bar(counts),
                "search": fold(f"{names[commune_id]} {commune_id}"),
            }
        )
    return sorted(rows, key=lambda row: -row["short_by"]) if prefix else rows


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
                "label": _pick(criterion.label, language),
                "kind": criterion.kind,
                "works": criterion.fixable_by == "works",
                **counts,
                "all_exempt": counts["exempt"] == sum(counts.values()),
                "bar": bar(counts),
            }
        )
    return rows


def scorecard(review, village_id, language):
    """Everything about one village: facts, verdicts, and a row for each criterion, shortfalls first."""
    card = review.scorecard(village_id, language)
    order = {criterion.id: number for number, criterion in enumerate(review.study.criteria.criteria)}
    rows = [_finding(finding, language) for finding in card["findings"]]
    rows.sort(key=lambda row: (row["kind"] == "context", WORST_FIRST[row["status"]], order[row["criterion"]]))
    return {
        "id": village_id,
        "name": _text(card["name"]) or village_id,
        "commune": _text(card["commune"]) or "",
        "commune_id": _text(card["commune_id"]) or NO_COMMUNE,
        "status": card["status"],
        "status_text": outcome(review, card["status"], language),
        "infra_status": card["infra_status"],
        "infra_text": say(f"web-status-{card['infra_status']}", language),
        "missed": int(card["missed"]),
        "unknown": int(card["unknown_count"]),
        "approximate": bool(card["approximate"]),
        "population": _plain(card["population"]),
        "households": _plain(card["households"]),
        "findings": rows,
    }


def _finding(finding, language):
    unit = _text(finding["unit"])
    numbers = ("value", "threshold", "margin", "measured", "reported", "numerator", "denominator")
    plain = ("criterion", "status", "source", "verification", "agreement", "code", "clause", "kind", "theme",
             "fixable_by", "facility_name", "record", "source_ref", "sentence", "label")  # fmt: skip
    return {
        **{name: _plain(finding[name]) for name in numbers},
        **{name: _text(finding[name]) or "" for name in plain},
        "unit": unit or "",
        "status_text": status_text(finding["kind"], finding["status"], language),
        "value_text": quantity(finding["value"], unit, language),
        "threshold_text": threshold(finding, language),
        "margin_text": _margin(finding, unit, language),
        "measured_text": quantity(finding["measured"], unit, language),
        "reported_text": quantity(finding["reported"], unit, language),
        "source_text": say(f"web-source-{_text(finding['source']) or 'none'}", language),
        "verification_text": verification(_text(finding["verification"]), finding["checked"], language),
        "disagree": finding["agreement"] == "disagree",
        "source_url": web_address(finding["source_url"]),
    }


def status_text(kind, status, language):
    """The word for a status by one criterion, as a label begins: with a capital."""
    word = status_word(status, "trigger" if kind == "trigger" else "flag", language)
    return word[:1].upper() + word[1:]


def threshold(figure, language):
    """What is asked for, in short; `figure` has `compare`, `threshold` and `unit`."""
    by_number = figure["compare"] not in ("present", "absent", "band")
    return say("web-no-threshold", language) if by_number and _missing(figure["threshold"]) else limit(figure, language)


def verification(word, checked, language):
    """How sure the threshold itself is, in words; "checked" only where a named person did so."""
    return say("web-verification-checked" if checked else f"verification-{word or 'unknown'}", language)


def _margin(finding, unit, language):
    margin = finding["margin"]
    if _missing(margin) or unit == "bool" or math.isinf(margin) or margin == 0:
        return ""
    more_is_better = (finding["compare"] in ("ge", "gt")) != (finding["kind"] == "trigger")
    code = "web-margin-spare" if margin > 0 else "web-margin-short" if more_is_better else "web-margin-exceeds"
    return say(code, language, value=quantity(abs(margin), unit, language))


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
                "name": _text(row["name"]) or village_id,
                "commune": _text(row["commune"]) or "",
                "commune_id": _text(row["commune_id"]) or NO_COMMUNE,
                "population": _plain(row["population"]),
                "households": _plain(row["households"]),
                "status": row["status"],
                "status_text": outcome(review, row["status"], language),
                "infra_status": row["infra_status"],
                "missed": int(row["missed"]),
                "unknown": int(row["unknown_count"]),
                "missed_text": [_pick(criterion.label, language) for criterion in missed],
                "missed_ids": list(row["missed_list"]),
            }
        )
    return rows


def map_table(review, language):
    """What the map and the table of the study page need of every village, as compact as JSON can be."""
    table, criteria = review.villages_table, review.study.criteria.criteria
    codes = [""] * len(table)
    for criterion in criteria:
        codes = [so_far + LETTERS[status] for so_far, status in zip(codes, table[criterion.id], strict=True)]
    places = _places(review)
    names = commune_names(review, language)
    position = {commune_id: number for number, commune_id in enumerate(names)}
    rows = []
    for number, (village_id, row) in enumerate(zip(table.index, table.to_dict("records"), strict=True)):
        rows.append(
            [
                village_id,
                _text(row["name"]) or village_id,
                position[_text(row["commune_id"]) or NO_COMMUNE],
                LETTERS[row["status"]],
                LETTERS[row["infra_status"]],
                int(row["missed"]),
                int(row["unknown_count"]),
                _plain(row["households"]),
                _plain(row["population"]),
                codes[number],
                *places.get(village_id, (None, None)),
            ]
        )
    return {
        "columns": [
            "id", "name", "commune", "status", "infra", "missed", "unknown", "households", "population", "criteria",
            "x", "y",
        ],
        "communes": [list(item) for item in names.items()],
        "criteria": [
            {name: row[name] for name in ("id", "code", "label", "kind", "works")}
            for row in criteria_counts(review, language)
        ],
        "words": {
            "all": {status: outcome(review, status, language) for status in STATUSES},
            "infrastructure": {status: say(f"web-status-{status}", language) for status in STATUSES},
        },
        "rows": rows,
    }  # fmt: skip


def _places(review):
    points = review.study.villages["point"]
    known = points[points.notna()]
    if not len(known):
        return {}
    import geopandas as gpd

    degrees = gpd.GeoSeries(known, crs=review.study.crs).to_crs(4326)
    return {id_: (round(x, 5), round(y, 5)) for id_, x, y in zip(known.index, degrees.x, degrees.y, strict=True)}


FINDING_COLUMNS = (
    "village_id", "criterion", "status", "grade", "value", "threshold", "unit", "compare", "margin", "source", "measured",
    "reported", "agreement", "reason", "facility_id", "facility_name", "record", "group", "verification", "checked",
)  # fmt: skip


def everything(review, language):
    """The whole review as plain data: headline, criteria, communes, villages and every finding as a row."""
    run, criteria = review.run, review.study.criteria
    columns = [_column(review.findings[name]) for name in FINDING_COLUMNS]
    return {
        "study": {"title": _pick(review.study.label, language), "rung": int(review.study.rung),
                  "illustration": bool(review.study.illustration)},
        "run": {"id": run.id, "criteria": run.criteria_id, "edition": str(run.edition), "criteria_hash": run.criteria_hash,
                "inputs": dict(run.inputs), "as_of": _text(run.as_of), "year": run.year, "code_version": run.code_version},
        "headline": {name: _json(value) for name, value in review.headline.items()},
        "criteria": {"legal_ref": _text(criteria.legal_ref), "rows": criteria_rows(review, language)},
        "communes": [
            {name: _json(value) for name, value in row.items() if name not in ("bar", "search")}
            for row in communes(review, PARTS[0], language)
        ],
        "villages": village_rows(review, list(review.villages_table.index), language),
        "findings": {"columns": list(FINDING_COLUMNS), "rows": list(zip(*columns, strict=True))},
    }  # fmt: skip


def _column(values):
    numbers = values.dtype.kind == "f"
    return [_plain(value) if numbers else _json(value) for value in values.tolist()]


def _json(value):
    if isinstance(value, float):
        return _plain(value)
    return value if value is None or isinstance(value, (bool, int)) else _text(value)


def problem_groups(review, language):
    """Everything found wrong with the inputs, the worst first, and the counts of each layer."""
    order = {"error": 0, "warning": 1, "note": 2}
    problems = sorted(review.study.problems, key=lambda problem: order[problem.severity])
    listed = [{"code": p.code, "severity": p.severity, "message": p.say(language)} for p in problems]
    layers = []
    for layer_id, data in review.study.layers.items():
        counts = {name: int(data.counts.get(name, 0)) for name in ("rows_in", "rows_used", "rows_reported")}
        layers.append(
            {
                "id": layer_id,
                "label": _pick(data.layer.label, language),
                "file": data.file,
                "as_of": data.as_of or "",
                "complete": complete_word(data, language),
                **counts,
                "balanced": counts["rows_in"] == counts["rows_used"] + counts["rows_reported"],
            }
        )
    return {"problems": listed, "layers": layers}


def complete_word(data, language):
    """Whether a layer holds all there is, in one word; "in part" where communes differ."""
    words = set(data.complete.values()) or {"unknown"}
    return say(f"web-complete-{words.pop() if len(words) == 1 else 'mixed'}", language)


def criteria_rows(review, language):
    """Every criterion of the set with its thresholds by group, how sure they are and where they come from."""
    chosen = review.study.criteria
    rows = []
    for criterion in chosen.criteria:
        figures = [
            {
                "group": _pick(chosen.groups.get(group), language) or group,
                "threshold": _bands(criterion, value, language) or threshold(_figure(criterion, value), language),
                "verification": verification(criterion.verification.get(group), criterion.checked.get(group), language),
                "checked": bool(criterion.checked.get(group)),
            }
            for group, value in criterion.thresholds.items()
        ]
        rows.append(
            {
                "id": criterion.id,
                "code": criterion.code or "",
                "label": _pick(criterion.label, language),
                "clause": criterion.clause or "",
                "kind": criterion.kind,
                "kind_text": say(f"web-kind-{criterion.kind}", language),
                "decides_text": say(f"decides-{criterion.decides}", language) if criterion.decides else "",
                "figures": figures,
                "verifications": list(dict.fromkeys(figure["verification"] for figure in figures)),
                "source_ref": criterion.source_ref or "",
                "source_url": web_address(criterion.source_url),
                "note": _pick(criterion.note, language),
            }
        )
    return rows


def _bands(criterion, value, language):
    """The bands of a criterion, such as ``15 % – 20 %: near``; empty where it has none."""
    texts = []
    for band in map(dict, value or ()) if criterion.compare == "band" else ():
        ends = [quantity(band[end], criterion.unit, language) if band.get(end) is not None else "…" for end in ("min", "max")]
        grade = _pick(Label(band["grade"]) if isinstance(band.get("grade"), Mapping) else band.get("grade"), language)
        texts.append(" – ".join(ends) + (f": {grade}" if grade else ""))
    return "; ".join(texts)


def _figure(criterion, value):
    number = math.nan if value is None or criterion.compare == "band" else float(value)
    return {"compare": criterion.compare, "threshold": number, "unit": criterion.unit}


def web_address(text):
    """The text if it is an http(s) address that may stand in a link, else empty."""
    text = str(text or "")
    return text if text.startswith(("https://", "http://")) and not any(c.isspace() for c in text) else ""


def matches(text, row):
    """Whether every word of a search is part of the row's name, commune or code, however it is spelt."""
    hay = fold(f"{row['name']} {row['commune']} {row['id']}")
    return all(word in hay for word in fold(text[:200]).split())


def _pick(label, language):
    if label is None:
        return ""
    return label.pick(language) if isinstance(label, Label) else str(label)


def _missing(value):
    return value is None or value != value


def _text(value):
    return None if _missing(value) else str(value)


def _plain(value):
    """A number JSON can hold: None for NaN, text for infinity, whole numbers without a point."""
    if value is None or value != value:
        return None
    value = float(value)
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return int(value) if value.is_integer() else round(value, 4)


