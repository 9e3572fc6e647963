"""Measurements against criteria: the status of every village under every criterion.

Four answers are never mixed. A value is an interval from ``low`` to ``high``, the least and the most the
truth can be: a comparison that holds at both ends holds, one that fails at both ends fails, anything else
is unknown. So a school that may be missing from an incomplete layer does not make a village fail.

Every criterion is judged for all villages at once, as one row of a table a column of the result; the tables
are turned at the end, so that nothing is ever sorted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.comparing import Limits, compare, grades
from gis.conditions import holds
from gis.tables import FINDINGS
from gis.trivalent import EXEMPT, NO, UNKNOWN, WORDS, YES, all_of, negate

NUMBERS = ("value", "low", "high", "numerator", "denominator", "estimated")
TEXTS = ("doubt", "layer", "facility_id", "facility_name", "record", "legs", "closed")
SIDE = NUMBERS + TEXTS
NEARLY = "nearly"
"""Grade of an unmet value that reaches the set's easier figure."""


def evaluate(measurements, criteria, villages, groups):
    """The finding of every village under every criterion of a set.

    Parameters
    ----------
    measurements : DataFrame
        Table `MEASUREMENTS`, in any order.
    criteria : CriteriaSet
    villages : DataFrame
        Index village id; the attributes that exemptions name.
    groups : Series of str
        Village to its column of thresholds.

    Returns
    -------
    DataFrame
        Table `FINDINGS` but for what is added to it later, sorted by village, then by the order of criteria in
        the set.
    """
    if not villages.index.is_monotonic_increasing:
        villages = villages.sort_index()
    place, values = _Place.of(villages, groups), _Values.of(measurements, villages.index)
    judged = [_judge(criterion, values, place) for criterion in criteria.criteria]
    count, each = len(villages), len(judged)
    columns = {"village_id": np.repeat(villages.index.to_numpy(dtype=object), each)}
    for name, meaning in FINDINGS.items():
        if name in judged[0]:
            parts = [one.pop(name) for one in judged]
            if not isinstance(parts[0], np.ndarray):  # the same for every village
                columns[name] = np.tile(np.array(parts, dtype=object), count)
                continue
            table = np.empty((count, each), dtype=float if meaning.startswith("number") else parts[0].dtype)
            for at, part in enumerate(parts):
                table[:, at] = part
            columns[name] = table.ravel()
    index = pd.RangeIndex(count * each)
    # the columns are of the types of the table already; `conform` would only copy them
    return pd.DataFrame(
        {
            name: pd.Series(columns[name], index, columns[name].dtype, copy=False)
            for name in FINDINGS
            if name in columns
        },
        copy=False,
    )


@dataclass(frozen=True)
class _Place:
    """The villages, and for each the position of its group in `groups` (-1, the last, where it has none)."""

    villages: pd.DataFrame
    codes: np.ndarray
    groups: list
    answers: dict

    @classmethod
    def of(cls, villages, groups):
        codes, names = pd.factorize(groups.reindex(villages.index).to_numpy(dtype=object))
        return cls(villages, codes, [*names, None], {})

    def by_group(self, choose):
        """What `choose` gives for the group of each village."""
        return np.array([choose(group) for group in self.groups], dtype=object)[self.codes]

    def holds(self, attribute, wanted):
        """Whether an attribute is one of the wanted texts; criteria that ask the same share the answer."""
        key = (attribute, tuple(wanted))
        if key not in self.answers:
            self.answers[key] = holds({"attribute": attribute, "in": wanted}, self.villages)
        return self.answers[key]


@dataclass(frozen=True)
class _Values:
    """The measurements by measure and source, as arrays in the order of the villages."""

    columns: dict
    rows: dict
    position: np.ndarray
    count: int
    blank: dict

    @classmethod
    def of(cls, measurements, index):
        position = index.get_indexer(measurements["village_id"])
        measure, names = pd.factorize(measurements["measure"].to_numpy(dtype=object))
        source, sources = pd.factorize(measurements["source"].to_numpy(dtype=object))
        # rows of villages that are not judged come first and belong to no measure
        key = np.where(position < 0, -1, measure * len(sources) + source)
        order = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[order], np.arange(len(names) * len(sources) + 1))
        rows = {
            (names[at // len(sources)], sources[at % len(sources)]): order[first:last]
            for at, (first, last) in enumerate(zip(starts, starts[1:], strict=False))
            if last > first
        }
        columns = {
            name: measurements[name].to_numpy(dtype=object if name in TEXTS else float) for name in SIDE
        }
        blank = {name: np.full(len(index), None if name in TEXTS else np.nan) for name in SIDE}
        return cls(columns, rows, position, len(index), blank)

    def side(self, binding, source):
        """The columns of one measure; blank where it was not measured."""
        rows = self.rows.get((binding.measure, source)) if binding else None
        if rows is None:
            return self.blank
        at = self.position[rows]
        if len(at) == self.count and (at[1:] > at[:-1]).all():
            return {name: column[rows] for name, column in self.columns.items()}
        side = {name: column.copy() for name, column in self.blank.items()}
        for name, column in side.items():
            column[at] = self.columns[name][rows]
        return side


def _judge(criterion, values, place):
    """The columns of one criterion; a text or flag that is the same for all villages is given once."""
    limits = Limits.of(criterion, place.codes, place.groups)
    measured = values.side(criterion.measured, "measured")
    reported = values.side(criterion.reported, "reported")
    on_map, on_sheet = (_answer(criterion, side, limits) for side in (measured, reported))
    no_map, no_sheet = np.isnan(measured["value"]), np.isnan(reported["value"])
    status, source = _decide(criterion.decides, on_map, on_sheet, no_map, no_sheet)
    # where neither decides, the side that should have says why it could not
    from_sheet = (source == "reported") | (criterion.decides == "reported") | (criterion.measured is None)
    deciding = {name: _chosen(from_sheet, reported[name], measured[name]) for name in SIDE}
    applies = _applies(criterion, place)
    exempt, open_ = applies == NO, applies == UNKNOWN
    status = np.where(exempt, EXEMPT, np.where(open_, UNKNOWN, status))
    nearly, near_words = _nearly(criterion, (measured, reported), from_sheet, place, exempt, open_)
    grade = grades(deciding["low"], deciding["high"], limits)
    grade[(status == NO) & (nearly == YES)] = NEARLY
    sure_map, sure_sheet = on_map != UNKNOWN, on_sheet != UNKNOWN
    agreement = np.full(len(status), "none", dtype=object)
    agreement[sure_map | sure_sheet] = "one-sided"
    agreement[sure_map & sure_sheet] = "disagree"
    agreement[sure_map & sure_sheet & (on_map == on_sheet)] = "agree"
    agreement[exempt] = "none"
    source[exempt] = None
    return {
        "criterion": criterion.id,
        "status": WORDS[status],
        "grade": grade,
        "nearly_status": near_words,
        "value": deciding["value"],
        "threshold": limits.number,
        "unit": criterion.unit,
        "compare": criterion.compare,
        "margin": _margin(criterion, deciding["value"], limits.number),
        "source": source,
        "measured": measured["value"],
        "measured_status": WORDS[on_map],
        "reported": reported["value"],
        "reported_status": WORDS[on_sheet],
        "agreement": agreement,
        "reason": _reason(criterion, deciding, status, applies, limits.known, place),
        **{name: deciding[name] for name in (*TEXTS, "numerator", "denominator", "estimated")},
        "group": place.by_group(lambda group: group),
        "verification": place.by_group(criterion.verification.get),
        "checked": place.by_group(lambda group: bool(criterion.checked.get(group))).astype(bool),
    }


def _answer(criterion, side, limits):
    answer = compare(criterion.compare, side["low"], side["high"], limits)
    return negate(answer) if criterion.kind == "trigger" else answer


def _chosen(from_sheet, reported, measured):
    if from_sheet.all():
        return reported
    return np.where(from_sheet, reported, measured) if from_sheet.any() else measured


def _decide(decides, on_map, on_sheet, no_map, no_sheet):
    """Status and deciding source by the set's own rule.

    `measured` takes the reported value where the map cannot tell, so that one more layer, even an
    incomplete one, never costs an answer; `reported` never takes the map. `worse` asks both to pass: one
    failing side decides, one missing side leaves it open.
    """
    if decides == "reported":
        return on_sheet, np.where(no_sheet, None, "reported")
    if decides == "measured":
        borrowed = (on_map == UNKNOWN) & (on_sheet != UNKNOWN)
        status = np.where(borrowed, on_sheet, on_map)
        return status, np.where(borrowed, "reported", np.where(no_map, None, "measured"))
    status = all_of([on_map, on_sheet])
    same = on_map == on_sheet
    source = np.where(same & ~no_map & ~no_sheet, "both", np.where(on_sheet == NO, "reported", "measured"))
    source = np.where(no_map & ~no_sheet, "reported", source)
    return status, np.where(no_map & no_sheet, None, source)


def _nearly(criterion, sides, from_sheet, place, exempt, open_):
    """Whether the easier figure is reached, judged by the side that decided, as codes and as words."""
    words = np.full(len(from_sheet), None, dtype=object)
    if all(figure is None for figure in criterion.nearly.values()):
        return np.full(len(from_sheet), NO), words
    limits = Limits.of(criterion, place.codes, place.groups, criterion.nearly)
    on_map, on_sheet = (_answer(criterion, side, limits) for side in sides)
    both = criterion.decides == "worse"
    reached = all_of([on_map, on_sheet]) if both else np.where(from_sheet, on_sheet, on_map)
    reached = np.where(exempt, EXEMPT, np.where(open_, UNKNOWN, reached))
    words[limits.known] = WORDS[reached[limits.known]]
    return np.where(limits.known, reached, NO), words


def _margin(criterion, value, limit):
    """By how much a village passes (positive) or falls short (negative); NaN for yes/no and bands."""
    with np.errstate(invalid="ignore"):
        if criterion.compare in ("ge", "gt"):
            margin = value - limit
        elif criterion.compare in ("le", "lt"):
            margin = limit - value
        elif criterion.compare == "eq":
            margin = -np.abs(value - limit)
        else:
            margin = np.full(len(value), np.nan)
    return -margin if criterion.kind == "trigger" and criterion.compare != "eq" else margin


def _applies(criterion, place):
    """Whether a criterion is for each village; unknown where the group or attribute it asks for is blank."""
    rule, asked = criterion.applies or {}, []
    if "groups" in rule:
        answers = [
            UNKNOWN if group is None else YES if group in rule["groups"] else NO for group in place.groups
        ]
        asked.append(np.array(answers)[place.codes])
    if "attribute" in rule:
        asked.append(place.holds(rule["attribute"], rule["in"]))
    return all_of(asked) if asked else np.full(len(place.codes), YES)


def _reason(criterion, deciding, status, applies, has_figure, place):
    """The code of the sentence that explains a status; its arguments are the columns of the finding.

    The later of two that fit stands.
    """
    value, doubt = deciding["value"], deciding["doubt"]
    shape = "band" if criterion.compare == "band" else "yesno" if criterion.unit == "bool" else "number"
    there, decided = ~np.isnan(value), (status == YES) | (status == NO)
    reason = np.full(len(value), "unknown-not-in-study", dtype=object)
    if criterion.decides == "worse":
        reason[there] = "unknown-one-side"
    # old data make a value less sure, never unknown
    doubted = ~pd.isna(doubt) & (doubt != "layer-old")
    codes, words = pd.factorize(doubt[doubted])
    reason[doubted] = np.array([f"unknown-{word}" for word in words], dtype=object)[codes]
    reason[decided] = "by-" + shape
    reason[decided & np.isinf(value)] = "unreachable"
    reason[~has_figure & there] = "no-threshold"
    reason[place.codes < 0] = "unknown-group"
    reason[applies == UNKNOWN] = "unknown-group"
    reason[applies == NO] = "exempt"
    return reason
