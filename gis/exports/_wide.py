"""The tables that every format writes: one row a village, and one row a village and criterion."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import ExportError
from gis.explanations import fix_text
from gis.exports._origin import notices
from gis.exports._text import plain
from gis.labels import LANGUAGES, Label, format_number
from gis.messages import catalogue, say
from gis.sentences import status_word
from gis.tables import STATUSES

FIXED = {
    "village_id": ("village_id", "text"),
    "name": ("name", "text"),
    "commune_id": ("commune_id", "text"),
    "commune": ("commune", "text"),
    "population": ("population", "number"),
    "households": ("households", "number"),
    "approximate": ("approx", "flag"),
    "status": ("status", "text"),
    "status_text": ("status_txt", "text"),
    "infra_status": ("infra_stat", "text"),
    "missed": ("missed", "count"),
    "missed_ids": ("missed_ids", "text"),
    "missed_text": ("missed_txt", "text"),
    "unknown_count": ("unknown_n", "count"),
}
"""Columns that come before the criteria: canonical name to short name and kind."""

STATES = {
    "review_state": ("rev_state", "text"),
    "review_state_text": ("rev_st_txt", "text"),
    "review_decision": ("rev_dec", "text"),
}
"""Columns that follow where the villages have them: how far each is on the way to a recognition."""

LAST = {"notice": ("notice", "text"), "criteria_set": ("crit_set", "text"), "run": ("run", "text")}
"""Columns that come after the criteria; they repeat on every row, for a row is copied without its file."""

FLAGS = ("checked", "near")
"""Columns of the findings that are yes or no."""

PARTS = {"status": "s", "value": "v", "reason": "r"}
SIDES = {"measured": "m", "measured_state": "x", "reported": "p", "reported_state": "y"}
GIVEN, MISSING, UNREACHABLE = "given", "missing", "unreachable"


@dataclass(frozen=True)
class Column:
    """One column of an export: names for machines, labels for people, and the law behind the figure."""

    name: str
    short: str
    kind: str
    label: Label
    unit: str = ""
    criterion: str = ""
    part: str = ""
    clause: str = ""
    thresholds: str = ""
    verification: str = ""


@dataclass(frozen=True)
class Wide:
    """The village table with its columns and geometry (study CRS; polygon, else point, else None)."""

    table: pd.DataFrame
    columns: tuple
    geometry: object


def wide_table(review, language="vi", select=None):
    """One row a village, in the order of the review.

    Parameters
    ----------
    review : Review
    language : str
        Of `status_text`, `missed_text` and `notice`; every other value is the same in all languages.
    select : iterable of str, optional
        Only these villages.

    Returns
    -------
    Wide
        Numbers are float64 without inf: where a village cannot reach a facility the value is NaN and the
        reason (or state) is ``unreachable``; a NaN with any other reason is a value that is missing.

    Raises
    ------
    ExportError
        If `select` names a village that the review does not hold.
    """
    villages = chosen(review.villages_table, select)
    places = review.study.villages.reindex(villages.index)
    criteria = review.study.criteria
    labels = {criterion.id: criterion.label for criterion in criteria.criteria}
    outcomes = _outcomes(criteria)
    columns, data = [], {}

    def add(column, values):
        columns.append(column)
        data[column.name] = _typed(values, column.kind)

    fixed = {
        "village_id": villages.index,
        "status_text": [outcomes[status].pick(language) for status in villages["status"]],
        "missed_ids": [" ".join(missed) for missed in villages["missed_list"]],
        "missed_text": [
            "; ".join(labels[one].pick(language) for one in missed) for missed in villages["missed_list"]
        ],
    }
    known = FIXED | {name: column for name, column in STATES.items() if name in places}
    for name, (short, kind) in known.items():
        values = fixed.get(name)
        if values is None:
            frame = villages if name in villages else places
            values = frame[name] if name in frame else [None] * len(villages)
        add(Column(name, short, kind, column_label(name, criteria)), values)

    names = unique_names(criteria)
    kept = review.findings
    if select is not None:
        kept = kept[kept["village_id"].isin(villages.index)]
    by_criterion = dict(iter(kept.groupby("criterion", sort=False)))
    for criterion in criteria.criteria:
        findings = by_criterion.get(criterion.id, kept.iloc[:0])
        findings = findings.set_index("village_id").reindex(villages.index)
        legal = {
            "criterion": criterion.id,
            "clause": criterion.clause or "",
            "thresholds": _thresholds(criterion),
            "verification": " ".join(sorted(set(criterion.verification.values()))),
        }
        for part, (name, short) in names[criterion.id].items():
            label = _label(f"export-part-{part}", criterion=criterion.label)
            number = part in ("value", "measured", "reported")
            unit = (criterion.unit or "") if number else ""
            kind = "number" if number else "text"
            add(Column(name, short, kind, label, unit, part=part, **legal), _part(findings, part))
    constants = {
        "notice": "; ".join(notices(review, language)),
        "criteria_set": f"{criteria.id} {criteria.edition}",
        "run": review.run.id,
    }
    for name, (short, kind) in LAST.items():
        add(Column(name, short, kind, _label(f"export-column-{name}")), [constants[name]] * len(villages))
    return Wide(pd.DataFrame(data, index=range(len(villages))), tuple(columns), _geometry(places))


def findings_table(review, language="vi", select=None, fixes=None):
    """One row a village and criterion, with the sentence that explains the finding in `language`.

    Returns
    -------
    DataFrame
        The columns of FINDINGS with the names of village and criterion; ``value_state``,
        ``measured_state`` and ``reported_state`` say given, missing or unreachable. With `fixes` the cheapest change
        that closes each gap, its cost in VND, and whether nobody stands for that.
    """
    villages = chosen(review.villages_table, select)
    criteria = {criterion.id: criterion for criterion in review.study.criteria.criteria}
    findings = review.findings[review.findings["village_id"].isin(villages.index)].reset_index(drop=True)
    sentences = [review.sentence(finding, language) for finding in findings.to_dict("records")]
    order = ["village_id", "village", "commune", "criterion", "criterion_text", "status", "sentence"]
    table = findings.assign(
        village=findings["village_id"].map(villages["name"]),
        commune=findings["village_id"].map(villages["commune"]),
        criterion_text=findings["criterion"].map(
            {name: one.label.pick(language) for name, one in criteria.items()}
        ),
        clause=findings["criterion"].map({name: one.clause for name, one in criteria.items()}),
        sentence=sentences,
    )
    if fixes is not None:
        order += ["cheapest_fix", "cheapest_fix_vnd", "cheapest_fix_assumed"]
        table = table.assign(**_fixes(findings, fixes, language))
    # A yes-or-no criterion has no figure to reach; one that is not measured (or reported) has no such result.
    table.loc[table["compare"].isin(("present", "absent")), "threshold"] = np.nan
    for side in ("measured", "reported"):
        unbound = {name for name, one in criteria.items() if getattr(one, side) is None}
        table[f"{side}_status"] = table[f"{side}_status"].where(~table["criterion"].isin(unbound), None)
    for side in ("value", "measured", "reported"):
        table[f"{side}_state"] = states(table[side])
    numbers = [name for name in table if pd.api.types.is_float_dtype(table[name])]
    table[numbers] = table[numbers].replace([np.inf, -np.inf], np.nan)
    flags = [name for name in FLAGS if name in table]
    for name in table.columns.difference([*numbers, *flags]):
        table[name] = _typed(table[name], "text")
    table[flags] = table[flags].astype("int64")
    return table[order + [name for name in table if name not in order]]


def _fixes(findings, fixes, language):
    gaps = zip(findings["village_id"], findings["criterion"], findings["status"], strict=True)
    found = [fixes.get((village, one)) if status == "unmet" else None for village, one, status in gaps]
    yes = say("export-word-yes", language)
    return {
        "cheapest_fix": [None if fix is None else fix_text(fix, language) for fix in found],
        "cheapest_fix_vnd": [np.nan if fix is None else fix["cost"] for fix in found],
        "cheapest_fix_assumed": [yes if fix is not None and fix["assumed"] else None for fix in found],
    }


def chosen(villages, select):
    """The rows of `select`, in the order of `villages`; all of them where `select` is None."""
    if select is None:
        return villages
    wanted = {str(village) for village in select}
    strange = sorted(wanted - set(villages.index))
    if strange:
        raise ExportError("export-no-village", villages=strange)
    return villages[villages.index.isin(wanted)]


def states(values):
    """Whether each number is given, missing or unreachable, as an array of text."""
    values = np.asarray(values, dtype="float64")
    return np.select([np.isinf(values), np.isnan(values)], [UNREACHABLE, MISSING], GIVEN).astype("object")


def unique_names(criteria):
    """Column names of every criterion: id to part to (canonical name, name of at most ten bytes).

    Both are unique without regard to case, for SQLite and DBF do not tell case apart, and depend on nothing
    but the set.
    """
    taken = {name.lower() for name in (*FIXED, *STATES, *LAST, "geometry", "geom", "fid")}
    taken_short = {short.lower() for short, _ in (*FIXED.values(), *STATES.values(), *LAST.values())}
    names = {}
    for criterion in criteria.criteria:
        stem = re.sub(r"[^a-z0-9]+", "_", _ascii(criterion.id).lower()).strip("_") or "c"
        stem = stem if stem[0].isalpha() else f"c_{stem}"
        parts = dict(PARTS)
        if criterion.measured is not None and criterion.reported is not None:
            parts |= SIDES
        names[criterion.id] = {
            part: (_free(f"{stem}_{part}", 60, taken), _free(stem, 10, taken_short, f"_{letter}"))
            for part, letter in parts.items()
        }
    return names


def _part(findings, part):
    if part == "status":
        return findings["status"]
    if part == "reason":
        state = states(findings["value"])
        reasons = findings["reason"].where(findings["reason"].notna(), None)
        # A missing value must never be taken for an unreachable one, whatever its reason is called.
        return [
            UNREACHABLE
            if is_state == UNREACHABLE
            else (MISSING if is_state == MISSING and not _said(reason) else reason)
            for is_state, reason in zip(state, reasons, strict=True)
        ]
    if part.endswith("_state"):
        return states(findings[part.removesuffix("_state")])
    return findings[part]


def _said(reason):
    return isinstance(reason, str) and reason != UNREACHABLE


def _typed(values, kind):
    if kind == "text":
        cells = [
            None if value is None or value is pd.NA or value != value else plain(value) for value in values
        ]
        return pd.Series(cells, dtype="object")
    if kind == "number":
        numbers = np.asarray(values, dtype="float64")
        return pd.Series(np.where(np.isfinite(numbers), numbers, np.nan))
    return pd.Series(np.asarray(pd.Series(list(values)).fillna(0), dtype="int64"))


def _geometry(places):
    if "geometry" not in places:
        return None
    shapes = places["geometry"]
    points = places["point"] if "point" in places else [None] * len(places)
    geometry = [_shape(*pair) for pair in zip(shapes, points, strict=True)]
    return gpd.GeoSeries(geometry, crs=getattr(places, "crs", None))


def _shape(shape, point):
    for one in (shape, point):
        if one is not None and one == one and not one.is_empty:
            return one
    return None


def _label(code, **arguments):
    return Label({language: say(code, language, **arguments) for language in LANGUAGES})


def column_label(name, criteria):
    """What a column is called; a set of disadvantage has its own words for what is missed."""
    own = criteria.polarity == "trigger" and f"export-column-{name}-trigger" in catalogue(LANGUAGES[0])
    return _label(f"export-column-{name}{'-trigger' if own else ''}")


def _outcomes(criteria):
    words = {
        status: Label({language: status_word(status, criteria.polarity, language) for language in LANGUAGES})
        for status in STATUSES
    }
    return words | {status: Label(label) for status, label in (criteria.outcomes or {}).items()}


def _thresholds(criterion):
    if not isinstance(criterion.thresholds, Mapping):
        return ""
    shown = []
    for group, threshold in criterion.thresholds.items():
        number = isinstance(threshold, (int, float)) and math.isfinite(threshold)
        text = format_number(threshold, "en") if number else ("–" if threshold is None else plain(threshold))
        yesno = criterion.compare in ("present", "absent")
        shown.append(f"{group}: {criterion.compare}" + ("" if yesno else f" {text}"))
    return "; ".join(shown)


def _ascii(text):
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return text.encode("ascii", "ignore").decode()


def _free(stem, most, taken, tail=""):
    """The stem cut to fit, with a number where that name is taken already."""
    for number in range(1, 100_000):
        end = ("" if number == 1 else f"_{number}") + tail
        name = stem[: most - len(end)].rstrip("_") + end
        if name.lower() not in taken:
            taken.add(name.lower())
            return name
    raise ExportError("export-too-many-columns", columns=number)
