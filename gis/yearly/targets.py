"""The target in words: how far and how fast, who is nearest, counts by group, and pilots."""

import numpy as np
import pandas as pd

from gis.labels import format_date, format_number
from gis.messages import say
from gis.sentences import by_set
from gis.tables import STATUSES
from gis.trend import PARTS
from gis.yearly.listing import criterion_words, make_listing, verdict_word


def progress_lines(ahead, criteria, language):
    """Where a study stands on the way to its target, sentence by sentence.

    Parameters
    ----------
    ahead : Progress
    criteria : CriteriaSet
    language : str

    Returns
    -------
    list of str
        The target; how far it is; the pace it needs; the pace of the years seen and the assumption behind it;
        where that leads, or why nothing is projected.
    """
    by = _day(ahead.by, language)
    met_word = verdict_word(criteria, "met", language)
    lines = [
        say(
            "years-target-default" if ahead.is_default else "years-target",
            language, share=ahead.target_pct, by=by, wanted=ahead.wanted, judged=ahead.judged, met_word=met_word,
        ),
        say(
            "years-target-reached" if not ahead.short_by else "years-target-short",
            language, met=ahead.met, short_by=ahead.short_by, as_of=_day(ahead.as_of, language), met_word=met_word,
        ),
    ]  # fmt: skip
    if ahead.short_by and ahead.unknown:
        code = "years-target-open-reached" if not ahead.short_by_open else "years-target-open-short"
        lines.append(say(code, language, unknown=ahead.unknown, short_by=ahead.short_by_open))
    if ahead.pace_needed is not None:
        pace = format_number(ahead.pace_needed, language, 1)
        lines.append(say("years-pace-needed", language, pace=pace, by=by))
    if ahead.pace_mean is not None:
        paces = {
            name: format_number(getattr(ahead, f"pace_{name}"), language, 1)
            for name in ("mean", "least", "most")
        }
        one = len(ahead.steps) == 1
        lines.append(say("years-pace-one-step" if one else "years-pace", language, **paces))
    if ahead.why_none is not None:
        lines.append(say(f"years-no-projection-{ahead.why_none}", language, by=by))
        return lines
    figures = {
        "expected": round(ahead.expected),
        "least": round(ahead.expected_least),
        "most": round(ahead.expected_most),
    }
    shares = {f"{name}_pct": round(100 * n / ahead.judged, 1) for name, n in figures.items()}
    lines.append(say("years-projection", language, by=by, met_word=met_word, **figures, **shares))
    return lines


def step_rows(ahead, language):
    """One row a step between two years: how many villages are compared, and the pace."""
    table = ahead.steps.copy()
    table["step"] = [f"{row['from']} → {row['to']}" for row in table.to_dict("records")]
    return make_listing(table[["step", "compared", "not_compared", "new", "back", "pace"]].round(2), language)


def closest_rows(table, criteria, language):
    """Villages that do not pass, those closest to it first, with what is missing and by how much."""
    ways = table["one_step"].map(len) > 0
    shown = pd.DataFrame(
        {
            "village_id": table.index,
            "name": table["name"].to_numpy(),
            "commune": table["commune"].to_numpy(),
            "verdict": [verdict_word(criteria, status, language) for status in table["status"]],
            "missed": table["missed"].to_numpy(),
            "unknown_count": table["unknown"].to_numpy(),
            "one_step": [
                _one_step(criteria, names, language) if way else None
                for names, way in zip(table["one_step"], ways, strict=True)
            ],
            "missed_list": [criterion_words(criteria, names, language) for names in table["missed_list"]],
            "unknown_list": [criterion_words(criteria, names, language) for names in table["unknown_list"]],
            "shortfall_pct": table["shortfall_pct"].round(1).to_numpy(),
            "shortfall_by": [
                None if name is None else criterion_words(criteria, [name], language) for name in table["by"]
            ],
        }
    )
    heads = {}
    if criteria.polarity == "trigger":
        told = ("missed", "missed_list", "shortfall_pct")
        heads = {name: say(f"years-{name}-trigger", language) for name in told}
    return make_listing(shown, language, heads, {"verdict": table["status"].tolist()})


def count_rows(counts, attribute, criteria, language):
    """Villages by status for every value of an attribute; the unknown value in a word."""
    blank = say("years-value-unknown", language)
    table = counts.round({"share_pct": 2}).reset_index(names="value")
    table["value"] = [blank if value is None or value != value else value for value in table["value"]]
    heads = {status: verdict_word(criteria, status, language) for status in STATUSES}
    heads["value"] = say(f"years-by-{attribute}", language)
    return make_listing(table, language, heads)


def pilot_rows(pilots, names, study, language):
    """Proposed pilots in order, with the parts of their score and why."""
    chosen = pilots.chosen.reset_index()
    parts = [part for part in PARTS if part in pilots.weights]
    table = pd.DataFrame(
        {
            "unit": [_unit(unit, names, language) for unit in chosen["unit"]],
            "village_id": chosen["village_id"],
            "name": chosen["name"],
            "commune": chosen["commune"],
            "verdict": [verdict_word(study.criteria, status, language) for status in chosen["status"]],
            **{part: chosen[part].astype(float).round(3) for part in parts},
            "score": chosen["score"].astype(float).round(3),
            "why": [
                _why(
                    row,
                    [part for part in parts if pilots.weights[part] > 0],
                    study,
                    language,
                    first=not place,
                )
                for place, row in enumerate(chosen.to_dict("records"))
            ],
        }
    )
    heads = {
        part: say("years-part-weight", language, part=say(f"years-part-{part}", language), weight=weight)
        for part, weight in ((part, round(100 * pilots.weights[part], 1)) for part in parts)
    }
    return make_listing(table, language, heads, {"verdict": chosen["status"].tolist()})


def without_rows(pilots, names, language):
    """Units without a candidate."""
    table = pilots.without.reset_index()
    table["unit"] = [_unit(unit, names, language) for unit in table["unit"]]
    return make_listing(table[["unit", "villages", "met", "exempt"]], language)


def _one_step(criteria, names, language):
    chosen, joint = [criteria.criterion(name) for name in names], say("years-or", language)
    all_triggers = all(one.kind == "trigger" for one in chosen)
    told = f" {joint} ".join(one.label.pick(language) for one in chosen)
    return say("years-one-step-trigger" if all_triggers else "years-one-step", language, criteria=told)


def _day(day, language):
    return say("years-no-day", language) if day is None else format_date(day.isoformat(), language)


def _unit(unit, names, language):
    if unit == "*":
        return say("years-unit-all", language)
    name = names.get(unit)
    return str(unit) if name is None or name != name or name == unit else f"{name} ({unit})"


def _why(row, parts, study, language, *, first):
    counts = {"missed": int(row["missed"]), "unknown": int(row["unknown"])}
    told = [by_set(study.criteria, "years-why-missed", language, **counts)]
    if "population" in parts:
        people = study.villages.at[row["village_id"], "population"]
        if people == people:
            told.append(say("years-why-people", language, people=float(people)))
    if "spread" in parts and first:
        told.append(say("years-why-first", language))
    elif "spread" in parts and not np.isnan(row["away_km"]):
        told.append(say("years-why-away", language, km=format_number(row["away_km"], language, 1)))
    missing = [part for part in parts if np.isnan(row[part]) and not (first and part == "spread")]
    blank = [say(f"years-part-{part}", language) for part in missing]
    if blank:
        told.append(say("years-why-blank", language, parts=blank))
    told.append(say("years-why-candidates", language, count=int(row["candidates"])))
    if row["tied"]:
        told.append(say("years-why-tied", language, villages=list(row["tied"])))
    return "; ".join(told)
