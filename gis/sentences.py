"""Words that every sentence about a finding is made of: status, limit, unit, margin."""

import math

from gis.criteria.points import most_of
from gis.labels import format_value
from gis.messages import say

SYMBOLS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "="}


def status_word(status, polarity, language):
    """The word for a status: of a set of disadvantage a met criterion is one that does not apply."""
    return say(f"{'trigger' if polarity == 'trigger' else 'status'}-{status}", language)


def outcome_word(criteria, status, language):
    """The word for a verdict on a whole village: the set's own where it has one."""
    own = criteria.outcomes.get(status)
    return own.pick(language) if own else status_word(status, criteria.polarity, language)


def depends_on(codes, language):
    """What a status depends on, of `near_of` of a finding, as a phrase; empty for None."""
    return say("near-of-and", language).join(
        say(f"near-of-{code}", language) for code in (codes or "").split()
    )


def capital(text):
    """A text as a label begins."""
    return text[:1].upper() + text[1:]


def by_set(criteria, code, language, **arguments):
    """The sentence for a code, in the words of a set of disadvantage where `criteria` is one."""
    return say(f"{code}-trigger" if criteria.polarity == "trigger" else code, language, **arguments)


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
