"""The sentences that are made from an explanation."""

from itertools import groupby
from math import inf, isfinite

import numpy as np

from gis.catalogue import load_catalogue
from gis.explanations.reason import explanation
from gis.labels import Label, format_value
from gis.messages import say
from gis.sentences import capital, depends_on, margin_text, status_word, unit_label

SHORT_M = 50.0
"""Shorter parts of a way are not told, such as the steps from one road to the next."""
MOST_WORKS = 4
"""Works of a change that are named."""
MILLION = 1e6


def explain(finding, study, language, decision=None, fix=None):
    """Why a finding (a row of `FINDINGS`, as a mapping) has its status, as a few short sentences."""
    return tell(explanation(finding, study, decision, fix=fix), language)


def tell(explained, language):
    """An explanation as a few short sentences.

    Parameters
    ----------
    explained : Explanation
    language : str

    Returns
    -------
    str
        The verdict with value and limit; the facility or figures behind it; the layer's date and
        completeness or the sheet's row; what the tolerance makes of it; the other source where it disagrees, and what a
        person decided on that; how sure the finding and how sure the limit is; and the cheapest change, where known.
    """
    parts = [_verdict(explained, language)]
    if explained.grade == "nearly" and explained.compare != "band":
        parts.append(say("grade-nearly", language))
    if explained.status != "exempt":
        parts += [
            *_evidence(explained, language),
            *_within(explained, language),
            _disagreement(explained, language),
            _decision(explained, language),
            _confidence(explained, language),
        ]
        banded = explained.compare == "band" and explained.verification != "unknown"
        if banded or explained.threshold == explained.threshold:
            parts.append(_sureness(explained, language))
        if explained.cheapest_fix:
            parts.append(fix_text(explained.cheapest_fix, language))
    return " ".join(part for part in parts if part)


def confidence_text(level, why, language):
    """A level of confidence with its reasons in words, as a phrase."""
    word = say(f"confidence-{level}", language)
    if not why:
        return word
    reasons = "; ".join(say(f"confidence-why-{code}", language) for code in why)
    return say("confidence-because", language, level=word, reasons=reasons)


def fix_text(fix, language):
    """The cheapest change that closes a gap, with its cost, as a sentence.

    Parameters
    ----------
    fix : Mapping
        As `cheapest_fix` of an `Explanation`.
    language : str
    """
    works = []
    for work in fix["works"][:MOST_WORKS]:
        # inside a sentence
        name, quantity, unit = Label(work["label"]).pick(language), work["quantity"], work["unit"]
        name = name[:1].lower() + name[1:]
        if unit == "piece" and quantity == 1 or quantity is None:
            works.append(name)
        else:
            shown = format_value(quantity, unit_label(unit, language), language)
            works.append(say("fix-work", language, work=name, quantity=shown))
    told = ", ".join(works)
    if (more := len(fix["works"]) - MOST_WORKS) > 0:
        told = say("fix-more", language, works=told, count=more)
    code = "fix-cheapest-assumed" if fix["assumed"] else "fix-cheapest"
    return say(code, language, works=told, cost=round(fix["cost"] / MILLION))


def _verdict(explained, language):
    unit = unit_label(explained.unit, language)
    layer = next((one for one in explained.layers if one.id == explained.layer), None)
    arguments = {
        "value": format_value(explained.value, unit, language),
        "limit": explained.limit_shown[language],
        "verdict": status_word(explained.status, explained.kind, language),
        "grade": explained.grade or "–",
        "layer": _layer_label(explained.layer),
        "file": layer.file if layer else "",
        "group": explained.group_label,
    }
    reason = explained.reason
    if reason == "unknown-layer-incomplete" and explained.unit == "bool":
        reason = "unknown-layer-incomplete-yesno"
    if reason == "by-band" and not explained.grade:
        reason = "by-no-band"
    text = say(f"reason-{reason}", language, **arguments)
    figures = {name: getattr(explained, name) for name in ("margin", "unit", "status", "compare")}
    margin = margin_text(figures, explained.kind, language)
    return f"{text} {capital(margin)}." if margin else text


def _layer_label(name):
    known = load_catalogue().get(name)
    return known.label if known else Label(name or "–")


def _evidence(explained, language):
    facility = explained.facility_name or explained.facility_id
    way = explained.path["way"] if explained.path else None
    if explained.room:
        yield from _room(explained.room, language)
    elif facility:
        code = "evidence-inside" if explained.unit == "bool" else "evidence-facility"
        code = f"evidence-by-{way}" if way in ("straight", "road") else code
        if way in ("ground", "rains"):
            code = f"evidence-by-{explained.path['mode']}"
        yield say(code, language, facility=facility)
    yield from _way(explained.path or {}, language)
    if explained.path and explained.path["way"] == "rains" and 0 < explained.denominator < inf:
        minutes = format_value(round(explained.denominator), unit_label("min", language), language)
        yield say("evidence-minutes-dry", language, minutes=minutes)
    if explained.denominator == explained.denominator and explained.unit == "%":
        numerator, denominator = (
            number if number == number else "–" for number in (explained.numerator, explained.denominator)
        )
        yield say("evidence-share", language, numerator=numerator, denominator=denominator)
    if way == "lived" and explained.denominator > 0:
        counted = {"reach": round(explained.numerator), "people": round(explained.denominator)}
        yield say("evidence-people-reach", language, **counted)
    if way == "road-all-season" and explained.numerator > 0:
        code = "evidence-link-missing" if isfinite(explained.numerator) else "evidence-link-none"
        yield say(code, language, km=explained.numerator)
    if explained.record:
        yield say("evidence-record", language, record=explained.record)
    layer = next((one for one in explained.layers if one.id == explained.layer), None)
    if layer is not None and explained.source in ("measured", "both"):
        complete = "said" if explained.doubt == "layer-incomplete" else layer.complete
        as_of = layer.as_of or say("date-unknown", language)
        yield say(f"evidence-layer-{complete}", language, layer=layer.label, as_of=as_of)
        if layer.stale:
            yield say("evidence-layer-old", language, as_of=as_of, limit=layer.limit_years)


def _room(room, language):
    """Whether there is room and where; which of the two gaps there is, and of what size."""
    unit = unit_label(room["demand_unit"], language)

    def told(number):
        # people are counted in whole ones, though a share of them seldom is
        return format_value(float(np.round(number)), unit, language)

    within = format_value(room["within"], unit_label(room["unit"], language), language)
    if room["gap"] == "distance":
        yield say("room-gap-distance", language, within=within)
    elif room["gap"] == "capacity":
        code = "room-gap-capacity" if room["capacity"] == room["capacity"] else "room-gap-unrecorded"
        figures = {name: told(room[name]) for name in ("without", "wanted", "capacity")}
        over = told(max(room["wanted"] - room["capacity"], 0))
        yield say(code, language, facility=room["facility"], within=within, over=over, **figures)
    if room["served_by"]:
        places = "; ".join(f"{facility} ({told(people)})" for facility, people in room["served_by"])
        yield say("room-served", language, places=places)


def _within(explained, language):
    """Of a result that depends on the tolerance, and of every way over the ground: from what to what it goes."""
    by_map, way = explained.source in ("measured", "both"), (explained.path or {}).get("way")
    if explained.within is None or not by_map or not (explained.near or way == "ground"):
        return
    if explained.unit in ("km", "min"):
        unit = unit_label(explained.unit, language)
        least, median, most = (
            format_value(explained.within[end], unit, language) for end in ("least", "median", "most")
        )
        if explained.within["median"] == explained.within["median"]:
            verdict = status_word(explained.within["median_status"], explained.kind, language)
            yield say("within-extent", language, least=least, median=median, most=most, verdict=verdict)
        else:
            yield say("within-places", language, least=least, most=most)
    if explained.near:
        yield say("within-depends", language, of=depends_on(explained.near_of, language))
    elif explained.status in ("met", "unmet"):
        yield say("within-holds", language)


def _way(path, language):
    """How the way goes part by part, how much of it is estimated, and what closes it in the rains."""
    long = [leg for leg in path.get("legs", ()) if leg[1] >= SHORT_M]
    parts = [
        say(
            f"leg-{how}",
            language,
            length=format_value(round(sum(metres for _, metres in legs) / 1000, 1), "km", language),
        )
        for how, legs in groupby(long, key=lambda leg: leg[0])
    ]
    if parts:
        yield say(f"evidence-way-{path['season']}", language, parts=", ".join(parts))
    estimated = path.get("estimated")
    if estimated and estimated >= 0.5:
        yield say("evidence-estimated", language, share=format_value(round(estimated), "%", language))
    if path.get("closed"):
        what, name = path["closed"]
        yield say(
            f"evidence-closed-{what}"
            if name or what in ("water", "slow")
            else f"evidence-closed-{what}-unnamed",
            language,
            name=name,
        )


def _disagreement(explained, language):
    if explained.agreement != "disagree":
        return ""
    unit = unit_label(explained.unit, language)
    return say(
        "disagreement",
        language,
        measured=format_value(explained.measured, unit, language),
        reported=format_value(explained.reported, unit, language),
        decides=say(f"decides-{explained.decides}", language),
    )


def _decision(explained, language):
    if not explained.decision:
        return ""
    made = explained.decision
    return say(
        "explained-decision",
        language,
        who=made["who"],
        on=str(made["at"])[:10],
        answer=say(f"disagreement-answer-{made['answer']}", language),
        reason=made["reason"] or "–",
    )


def _confidence(explained, language):
    if not explained.confidence:
        return ""
    text = confidence_text(explained.confidence, explained.confidence_why, language)
    return say("explained-confidence", language, confidence=text)


def _sureness(explained, language):
    if explained.checked:
        return say("threshold-checked", language)
    return say(
        "threshold-unchecked",
        language,
        verification=say(f"verification-{explained.verification}", language),
    )
