"""What a judgement stands on, ready to be printed: the criteria, the layers, and what was wrong with them."""

import math
from collections.abc import Mapping

from gis.ground import ground_told
from gis.labels import Label
from gis.messages import LISTED, say
from gis.reading.entered import INPUT as ENTERED
from gis.sentences import nearly_text, points_text
from gis.study import RUNGS
from gis.web.facts import figure_state, threshold, verification, web_address
from gis.web.texts import date, pick, quantity


def problem_groups(review, language):
    """Everything found wrong with the inputs, the worst first, and the counts of each layer."""
    order = {"error": 0, "warning": 1, "note": 2}
    problems = sorted(review.study.problems, key=lambda problem: order[problem.severity])
    listed = [
        {
            "code": p.code,
            "severity": p.severity,
            "message": p.say(language),
            "lists": whole_lists(p, language),
        }
        for p in problems
    ]
    layers = []
    for layer_id, data in review.study.layers.items():
        counts = _counts(data.counts)
        layers.append(
            {
                "id": layer_id,
                "label": pick(data.layer.label, language),
                "file": data.file,
                "as_of": data.as_of or "",
                "old": say("web-layer-old", language, limit=data.limit_years) if data.stale else "",
                "complete": complete_word(data, language),
                **counts,
            }
        )
    layers += [
        {
            "id": "",
            "label": say("web-sheet", language),
            "file": file_name(name, language),
            "as_of": "",
            "old": "",
            "complete": "",
            **_counts(counts),
        }
        for name, counts in getattr(review.study, "sheet_counts", {}).items()
    ]
    return {"problems": listed, "layers": layers}


def file_name(name, language):
    """What a reader calls something that was read: a file by its name, what people entered in words."""
    return say("web-entered-values", language) if name == ENTERED else name


def ground_facts(review, language):
    """What is counted of the ground that times are calculated on: ``told`` and ``rows``; None without heights."""
    if review.ground is None:
        return None
    told, rows = ground_told(review.ground, language)
    return {"told": told, "rows": rows}


def _counts(given):
    counts = {name: int(given.get(name, 0)) for name in ("rows_in", "rows_used", "rows_reported")}
    return counts | {"balanced": counts["rows_in"] == counts["rows_used"] + counts["rows_reported"]}


def whole_lists(problem, language):
    """Every list that the sentence of a problem cuts, whole and as texts."""
    whole = []
    for value in problem.arguments.values():
        if isinstance(value, (list, tuple, set, frozenset)) and len(value) > LISTED:
            items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
            whole.append([pick(item, language) for item in items])
    return whole


def rung_texts(study, language):
    """What a study answers by what it stands on, and what would bring it further: ``answers`` and ``next``.

    Where there are roads or facilities, only what the layers that are really there answer.
    """
    rung = study.rung
    after = say(f"web-rung-next-{rung}", language) if rung < TOP else ""
    if rung != NETWORKS:
        return {"answers": say(f"web-rung-answers-{rung}", language), "next": after}
    there = {
        name: data.layer for name, data in study.layers.items() if data.frame is not None and len(data.frame)
    }
    places = [
        pick(layer.label, language)
        for name, layer in there.items()
        if layer.role == "facility" and name not in NOT_SERVICES
    ]
    roads = "roads" in there
    parts = []
    if places:
        code = "web-rung-part-road-distance" if roads else "web-rung-part-straight-distance"
        parts.append(say(code, language, layers=", ".join(places)))
    if roads:
        parts.append(say("web-rung-part-roads", language))
    if roads and "commune_centres" in there:
        parts.append(say("web-rung-part-centre", language))
    answers = say("web-rung-answers-list", language, parts="; ".join(parts) or "–")
    missing = "" if roads else "-roads" if places else ""
    return {"answers": answers, "next": say(f"web-rung-next-{rung}{missing}", language)}


NETWORKS, TOP = RUNGS.index("networks"), len(RUNGS) - 1
NOT_SERVICES = ("settlements", "crossings", "commune_centres")
"""Layers of points that no criterion asks the way to as a service."""


def citation_rows(review, language):
    """What must be said of each input; where the study says nothing, what its kind of layer asks for."""
    asks = {data.layer.label: data.layer.citation for data in review.study.layers.values()}
    return [
        {
            "text": citation.text(language),
            "asks": "" if pick(citation.said, language) else pick(asks.get(citation.layer), language),
        }
        for citation in review.study.citations
    ]


def complete_word(data, language):
    """Whether a layer holds all there is, in one word; "in part" where communes differ."""
    words = set(data.complete.values()) or {"unknown"}
    return say(f"web-complete-{words.pop() if len(words) == 1 else 'mixed'}", language)


def criteria_rows(review, language):
    """Every criterion of the review's set; see `set_rows`."""
    return set_rows(review.study.criteria, language)


def set_rows(chosen, language):
    """Every criterion of a set with its thresholds by group, how sure they are and where they come from."""
    rows = []
    for criterion in chosen.criteria:
        figures = [
            {
                "group_id": group,
                "group": pick(chosen.groups.get(group), language) or group,
                "threshold": figure_words(criterion, value, language)
                + nearly_text(criterion, group, language),
                "state": figure_state(criterion.verification.get(group), criterion.checked.get(group)),
                "verification": verification(
                    criterion.verification.get(group), criterion.checked.get(group), language
                ),
                "checked": bool(criterion.checked.get(group)),
                "check": _check(criterion.checked.get(group)),
            }
            for group, value in criterion.thresholds.items()
            if criterion.in_group(group)
        ]
        rows.append(
            {
                "id": criterion.id,
                "code": criterion.code or "",
                "label": pick(criterion.label, language),
                "clause": " · ".join(filter(None, (criterion.clause, criterion.legal_ref))),
                "points": points_text(chosen, criterion, language),
                "kind": criterion.kind,
                "kind_text": say(f"web-kind-{criterion.kind}", language),
                "decides_text": say(f"decides-{criterion.decides}", language) if criterion.decides else "",
                "figures": figures,
                "open": criterion.kind != "context" and not all(figure["checked"] for figure in figures),
                "source_ref": criterion.source_ref or "",
                "source_url": web_address(criterion.source_url),
                "note": pick(criterion.note, language),
            }
        )
    return rows


def figure_words(criterion, value, language):
    """A figure as text, such as ``≥ 70 %``, of bands all of them."""
    return _bands(criterion, value, language) or threshold(_figure(criterion, value), language)


def _check(check):
    return f"{check['by']}, {date(check['on'])}, {check['document']}" if check else ""


def _bands(criterion, value, language):
    """The bands of a criterion, such as ``15 % – 20 %: near``; empty where it has none."""
    texts = []
    for band in map(dict, value or ()) if criterion.compare == "band" else ():
        ends = [
            quantity(band[end], criterion.unit, language) if band.get(end) is not None else "…"
            for end in ("min", "max")
        ]
        grade = pick(
            Label(band["grade"]) if isinstance(band.get("grade"), Mapping) else band.get("grade"), language
        )
        texts.append(" – ".join(ends) + (f": {grade}" if grade else ""))
    return "; ".join(texts)


def _figure(criterion, value):
    number = math.nan if value is None or criterion.compare == "band" else float(value)
    return {"compare": criterion.compare, "threshold": number, "unit": criterion.unit}
