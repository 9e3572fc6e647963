"""Findings as sentences: what was found against what limit, why, from which record, how sure."""

import math

from gis.catalogue import load_catalogue
from gis.criteria.points import most_of
from gis.labels import Label, format_value
from gis.messages import say

SYMBOLS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "="}


def explain(finding, study, language):
    """Why a finding has its status, as a few short sentences.

    Parameters
    ----------
    finding : Mapping
        One row of the table `FINDINGS`.
    study : Study
    language : str

    Returns
    -------
    str
        The verdict with value and limit; the facility or figures behind it; the layer's date and
        completeness or the sheet's row; the other source where it disagrees; how sure the limit is.
    """
    criterion = study.criteria.criterion(finding["criterion"])
    parts = [_verdict(finding, criterion, study, language)]
    if finding["grade"] == "nearly" and finding["compare"] != "band":
        parts.append(say("grade-nearly", language))
    if finding["status"] != "exempt":
        parts += [_evidence(finding, study, language), _disagreement(finding, criterion, language)]
        if finding["threshold"] == finding["threshold"]:
            parts.append(_sureness(finding, language))
    return " ".join(part for part in parts if part)


def status_word(status, polarity, language):
    """The word for a status: of a set of disadvantage a met criterion is one that does not apply."""
    return say(f"{'trigger' if polarity == 'trigger' else 'status'}-{status}", language)


def limit(finding, language, criterion=None):
    """The limit as text, such as ``≥ 70 %`` or ``present``; of bands their names, where `criterion` is given."""
    bands = criterion.thresholds.get(finding["group"]) if criterion is not None else None
    compare = finding["compare"]
    if compare == "band" and bands:
        return ", ".join(str(dict(band).get("grade", "–")) for band in bands)
    if compare in SYMBOLS:
        unit = unit_label(finding["unit"], language)
        return f"{SYMBOLS[compare]} {format_value(finding['threshold'], unit, language)}"
    return say(f"limit-{compare}", language)


def figure_text(criterion, group, language):
    """What a criterion asks for in a group, as text; a dash where the set gives no figure."""
    return _figure_text(criterion, group, criterion.thresholds.get(group), language) + nearly_text(
        criterion, group, language
    )


def nearly_text(criterion, group, language):
    """The easier figure in brackets, with a space before; empty where the set has none."""
    figure = criterion.nearly.get(group)
    if figure is None:
        return ""
    text = say("nearly-figure", language, limit=_figure_text(criterion, group, figure, language))
    return f" ({text})"


def points_text(criteria, criterion, language):
    """What a criterion gives in a set judged by points, and whether it must be met; empty elsewhere."""
    if isinstance(criteria.logic, str) or "points" not in criteria.logic:
        return ""
    entry, words = criteria.logic["points"].get(criterion.id, {}), []
    for result, points in entry.items():
        for grade, number in points.items() if result == "grades" else [(None, points)]:
            shown = format_value(number, None, language)
            words.append(say(f"points-{result}", language, points=shown, grade=grade or ""))
    if criterion.id in criteria.logic["required"]:
        words.append(say("points-required", language))
    return "; ".join(words)


def marks_text(criteria, language):
    """The pass marks of a set judged by points, and how sure they are; empty elsewhere."""
    logic = criteria.logic
    if isinstance(logic, str) or "points" not in logic:
        return ""
    total = format_value(sum(map(most_of, logic["points"].values())), None, language)
    marks = {key: format_value(logic[key], None, language) for key in ("pass", "nearly") if logic.get(key)}
    text = say(
        "marks-pass" if "pass" in marks else "marks-unknown", language, reach=marks.get("pass"), total=total
    )
    if "nearly" in marks:
        text += " " + say("marks-nearly", language, reach=marks["nearly"])
    if logic.get("checked"):
        return f"{text} {say('threshold-checked', language)}"
    word = say(f"verification-{logic['verification']}", language)
    return f"{text} {say('threshold-unchecked', language, verification=word)}"


def _figure_text(criterion, group, figure, language):
    if figure is None:
        return "–"
    number = figure if isinstance(figure, (int, float)) and not isinstance(figure, bool) else float("nan")
    return limit(
        {"compare": criterion.compare, "threshold": number, "unit": criterion.unit, "group": group},
        language,
        criterion,
    )


def unit_label(unit, language):
    """The unit in the reader's language; units that read the same everywhere stay as they are."""
    if unit in (None, "", "bool", "%", "km", "m", "ha", "m2"):
        return unit
    code = f"unit-{unit}"
    word = say(code, language)
    return unit if word == code else word


def more_is_better(compare, kind):
    """Whether a larger value helps a village: a trigger of "at least" is a limit not to reach."""
    return (compare in ("ge", "gt")) != (kind == "trigger")


def margin_text(finding, kind, language):
    """By how much a village passes or misses, such as ``còn thiếu 2 km``; empty where there is no telling."""
    margin, unit = finding["margin"], finding["unit"]
    if finding["status"] not in ("met", "unmet") or not math.isfinite(margin) or margin == 0:
        return ""
    missed = "margin-short" if more_is_better(finding["compare"], kind) else "margin-exceeds"
    code = "margin-spare" if margin > 0 else missed
    # the difference of two shares is in percentage points
    unit = say("unit-points", language) if unit == "%" else unit_label(unit, language)
    return say(code, language, margin=format_value(abs(margin), unit, language))


def _verdict(finding, criterion, study, language):
    unit = unit_label(finding["unit"], language)
    polarity = "trigger" if criterion.kind == "trigger" else "flag"
    layer = study.layers.get(finding["layer"])
    arguments = {
        "value": format_value(finding["value"], unit, language),
        "limit": limit(finding, language, criterion),
        "verdict": status_word(finding["status"], polarity, language),
        "grade": finding["grade"] or "–",
        "layer": _layer_label(finding["layer"]),
        "file": layer.file if layer else "",
        "group": study.criteria.groups.get(finding["group"], Label(finding["group"] or "–")),
    }
    reason = finding["reason"]
    if reason == "unknown-layer-incomplete" and finding["unit"] == "bool":
        reason = "unknown-layer-incomplete-yesno"
    if reason == "by-band" and not finding["grade"]:
        reason = "by-no-band"
    text = say(f"reason-{reason}", language, **arguments)
    margin = margin_text(finding, criterion.kind, language)
    return f"{text} {margin[:1].upper()}{margin[1:]}." if margin else text


def _layer_label(name):
    known = load_catalogue().get(name)
    return known.label if known else Label(name or "–")


def _evidence(finding, study, language):
    parts = []
    if finding["facility_name"] or finding["facility_id"]:
        code = "evidence-inside" if finding["unit"] == "bool" else "evidence-facility"
        parts.append(say(code, language, facility=finding["facility_name"] or finding["facility_id"]))
    numerator, denominator = finding["numerator"], finding["denominator"]
    if denominator == denominator and finding["unit"] == "%":
        parts.append(
            say("evidence-share", language, numerator=_plain(numerator), denominator=_plain(denominator))
        )
    if finding["record"]:
        parts.append(say("evidence-record", language, record=finding["record"]))
    layer = study.layers.get(finding["layer"])
    if layer is not None and finding["source"] in ("measured", "both"):
        complete = _completeness(layer, finding["village_id"], study)
        as_of = layer.as_of or say("date-unknown", language)
        if finding["doubt"] == "layer-incomplete":
            complete = "said"
        parts.append(say(f"evidence-layer-{complete}", language, layer=layer.layer.label, as_of=as_of))
        if layer.stale:
            parts.append(say("evidence-layer-old", language, as_of=as_of, limit=layer.limit_years))
    return " ".join(parts)


def _completeness(layer, village, study):
    """What the layer says of the village's own commune, else of everywhere."""
    commune = study.villages.at[village, "commune_id"]
    return layer.complete.get(commune, layer.complete.get("*", "unknown"))


def _disagreement(finding, criterion, language):
    if finding["agreement"] != "disagree":
        return ""
    unit = unit_label(finding["unit"], language)
    return say(
        "disagreement",
        language,
        measured=format_value(finding["measured"], unit, language),
        reported=format_value(finding["reported"], unit, language),
        decides=say(f"decides-{criterion.decides}", language),
    )


def _sureness(finding, language):
    if finding["checked"]:
        return say("threshold-checked", language)
    return say(
        "threshold-unchecked", language, verification=say(f"verification-{finding['verification']}", language)
    )


def _plain(number):
    return number if number == number else "–"
