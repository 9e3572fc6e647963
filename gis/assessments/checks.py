"""What a criteria set asks of the sheets, and figures in them that cannot be or are hard to believe."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.errors import Problem

ADDED_UP = (
    "households",
    "people",
    "villages",
    "pupils",
    "rooms",
    "schools",
    "houses",
    "km",
    "ha",
    "m2",
    "million VND",
)
"""Units whose values of all villages make the value of the whole."""

JUMP = 10
"""Times by which a figure may grow or shrink from one year to the next before somebody should look."""


def _reported_parts(criterion):
    """The fields that a criterion takes as parts and as their whole."""
    arguments = dict(criterion.reported.arguments) if criterion.reported else {}
    parts = [arguments["numerator"]] if "numerator" in arguments else list(arguments.get("numerators", ()))
    return parts, arguments.get("denominator")


def impossible_figures(table, villages, criteria, year):
    """Problems that name the villages whose reported parts are larger than their whole, by criterion."""
    for criterion in criteria.criteria:
        parts, whole = _reported_parts(criterion)
        if not parts or whole not in table or not set(parts) <= set(table):
            continue
        wrong = (table[parts].sum(axis=1) > table[whole]) & table[whole].notna()
        if wrong.any():
            named = [f"{name} ({key})" for key, name in villages.loc[wrong, "name"].items()]
            where = {"year": year, "criterion": criterion.label}
            yield Problem("sheet-figures-impossible", {**where, "count": len(named), "villages": named})


def doubtful_figures(rows, layer, *, where):
    """Problems with figures of a sheet that contradict each other or the nature of their field.

    Parameters
    ----------
    rows : DataFrame
        Canonical fields, ``row`` and the village's name or code.
    layer : Layer
        The fields' units and the `checks` between them: parts and their whole, one field at least another,
        the range of a quotient.
    where : Mapping
        ``file`` and ``sheet``.

    Notes
    -----
    A blank is no figure and contradicts nothing. The figures stay as they are.
    """
    for name, field in layer.fields.items():
        if name in rows and field.type == "number" and field.unit:
            values = rows[name]
            yield from _told("sheet-figures-negative", values < 0, values, rows, field.label, where)
            if field.unit == "%":
                yield from _told("sheet-shares-impossible", values > 100, values, rows, field.label, where)
    for check in layer.checks:
        yield from _checked(check, rows, layer, where)


def _told(code, wrong, values, rows, label, where):
    if wrong.any():
        shown = [
            f"{figure(value)} ({number})"
            for value, number in zip(values[wrong], rows.loc[wrong, "row"], strict=True)
        ]
        yield Problem(code, {**where, "column": label, "count": len(shown), "values": shown})


def _checked(check, rows, layer, where):
    found = broken(check, rows, layer)
    if found is not None and found.wrong.any():
        named = rows["village"] if "village" in rows else rows["village_id"]
        wrong = found.wrong
        shown = [
            f"{name} ({number}): {figure(one)} / {figure(other)}"
            for name, number, one, other in zip(
                named[wrong], rows.loc[wrong, "row"], found.left[wrong], found.right[wrong], strict=True
            )
        ]
        severity = check.get("severity", "warning")
        yield Problem(found.code, {**where, **found.said, "count": len(shown), "villages": shown}, severity)


@dataclass(frozen=True)
class Broken:
    """A check between fields: which rows break it, the two figures compared, and the sentence's code and words."""

    fields: tuple
    code: str
    said: Mapping
    left: pd.Series
    right: pd.Series
    wrong: pd.Series


def broken(check, rows, layer):
    """One of a layer's checks over rows of figures; None where the rows lack a field that it needs.

    Parameters
    ----------
    check : Mapping
        One of ``layer.checks``.
    rows : DataFrame
    layer : Layer

    Returns
    -------
    Broken or None
        A blank is no figure and breaks nothing.
    """
    parts = [name for name in check.get("parts", ()) if name in rows]
    fields = [*parts, *(check[key] for key in ("whole", "least", "most", "of", "per") if key in check)]
    if not set(fields) <= set(rows) or ("parts" in check and not parts):
        return None
    labels = {name: layer.fields[name].label for name in fields}
    if "parts" in check:
        left, right = rows[parts].sum(axis=1, min_count=1), rows[check["whole"]]
        wrong, code = left > right + 1e-6, "sheet-parts-exceed"
        said = {"parts": [labels[name] for name in parts], "whole": labels[check["whole"]]}
    elif "least" in check:
        left, right = rows[check["least"]], rows[check["most"]]
        wrong, code = left > right, "sheet-figure-below"
        said = {"least": labels[check["least"]], "most": labels[check["most"]]}
    else:
        left, right = rows[check["of"]], rows[check["per"]]
        low, high = check["between"]
        quotient = left / right.where(right > 0)
        wrong, code = (quotient < low) | (quotient > high), "sheet-quotient-odd"
        said = {"of": labels[check["of"]], "per": labels[check["per"]], "low": low, "high": high}
    return Broken(tuple(fields), code, said, left, right, wrong)


def totals_that_differ(totals, rows, raw_totals, layer, failed, *, where):
    """Problems with total rows that are not the sum of their villages, one a column.

    Parameters
    ----------
    totals : list of (int, list, int, bool)
        As in `rows.Rows`: number, cells, rows kept before it, whether its rows follow.
    rows : DataFrame
        The rows kept, with canonical fields.
    raw_totals : DataFrame
        The fields' values in the total rows, in the order of `totals`; NaN where there is none.
    failed : set of str
        Fields with cells that could not be read; their sums are not known.

    Notes
    -----
    A total may be of all villages or of those since the total or group row before it; it is told only when it
    is neither. Sums may differ by what rounding each figure to its decimals can explain.
    """
    if not totals:
        return
    borders = [at for _, _, at, _ in totals] + [len(rows)]
    for name, field in layer.fields.items():
        if name not in rows or name in failed or field.unit not in ADDED_UP or field.type != "number":
            continue
        values = rows[name].to_numpy(dtype=float)
        shown = []
        for order, (number, _, at, heads) in enumerate(totals):
            stated = raw_totals[name].iloc[order]
            if np.isnan(stated):
                continue
            before = max((border for border in borders[:order] if border < at), default=0)
            after = next((border for border in borders[order + 1 :] if border > at), len(rows))
            scopes = [slice(at, after), slice(None)] if heads else [slice(None), slice(before, at)]
            sums = [
                (float(np.nansum(values[scope])), _slack(stated, values[scope]))
                for scope in scopes
                if len(values[scope])
            ]
            if sums and not any(abs(stated - total) <= slack for total, slack in sums):
                shown.append(f"{figure(stated)} ≠ {figure(sums[0][0])} ({number})")
        if shown:
            yield Problem(
                "sheet-totals-differ", {**where, "column": field.label, "count": len(shown), "sums": shown}
            )


def _slack(stated, values):
    """How far a stated sum may be from the sum of rounded figures."""
    known = values[~np.isnan(values)]
    digits = [_decimals(value) for value in np.unique(known)] or [0]
    if max(digits) == 0 and _decimals(stated) == 0:
        return 1e-6
    return 0.5 * 10.0 ** -_decimals(stated) + 0.5 * len(known) * 10.0 ** -max(digits) + 1e-6


def _decimals(value):
    text = f"{value:.6f}".rstrip("0")
    return len(text) - text.index(".") - 1


def figure(value):
    """A number for a list in a sentence, without needless zeros.

    Examples
    --------
    >>> figure(1330.0), figure(0.125), figure(float("nan"))
    ('1330', '0.125', '–')
    """
    return "–" if value != value else f"{value:.6f}".rstrip("0").rstrip(".")


def jumps(by_year, villages, layer):
    """Notes on figures that are more than ten times, or less than a tenth, of those of the year before.

    Parameters
    ----------
    by_year : Mapping of int to DataFrame
        One row a village, index village id.
    villages : DataFrame
        Column ``name``.
    layer : Layer
    """
    years = sorted(by_year)
    for before, year in zip(years, years[1:], strict=False):
        old, new = by_year[before], by_year[year]
        for name, field in layer.fields.items():
            if field.type != "number" or not field.unit or name not in old or name not in new:
                continue
            one, other = old[name], new[name]
            wrong = (one > 0) & (other > 0) & ((other > JUMP * one) | (one > JUMP * other))
            if wrong.any():
                shown = [
                    f"{villages.loc[key, 'name']} ({key}): {figure(one[key])} → {figure(other[key])}"
                    for key in wrong.index[wrong]
                ]
                arguments = {"column": field.label, "before": str(before), "year": year, "count": len(shown)}
                yield Problem("sheet-figures-jump", {**arguments, "villages": shown}, "note")


def needed_fields(criteria):
    """Fields that a criteria set takes from the assessment, with the type each is read as.

    Returns
    -------
    Mapping of str to str
        ``yesno`` for a value judged by its presence, ``text`` for an attribute that conditions list, else
        ``number``.
    """
    types = {}
    for criterion in criteria.criteria:
        arguments: Mapping = dict(criterion.reported.arguments) if criterion.reported else {}
        if "field" in arguments:
            types[arguments["field"]] = "yesno" if criterion.unit == "bool" else "number"
        for name in (
            arguments.get("numerator"),
            arguments.get("denominator"),
            *arguments.get("numerators", ()),
        ):
            if name:
                types.setdefault(name, "number")
    for name, kind in criteria.attributes.items():
        types.setdefault(name, kind)
    return types
