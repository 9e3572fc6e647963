"""Words that every sentence about a finding is made of: status, limit, unit, margin."""

import math

from gis.labels import format_value
from gis.messages import say

SYMBOLS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "="}


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
    figure = criterion.thresholds.get(group)
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
