"""Units that merge, split and change their names: a table of steps that carries values between their states."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.errors import Problem, TableError
from gis.names import clean, fold

KINDS = ("same", "rename", "merge", "split", "transfer")
NEEDED = ("old_id", "new_id", "kind", "date")
COLUMNS = ("old_id", "old_name", "new_id", "new_name", "kind", "date", "share", "source")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?")


@dataclass(frozen=True)
class Share:
    """Rule of a share or a mean: parts weigh by another column, the denominator."""

    by: str


@dataclass(frozen=True)
class Crosswalk:
    """Checked steps between states of units.

    Attributes
    ----------
    steps : DataFrame
        `COLUMNS`, sorted by date and ids; ``date`` as ISO text, ``share`` the part of the old unit that goes
        to the new one (0 to 1; NaN where a split or a transfer does not say).
    """

    steps: pd.DataFrame

    @property
    def dates(self):
        """Dates of change, in order."""
        return tuple(sorted(set(self.steps["date"])))


def read_crosswalk(rows, *, file="–"):
    """A crosswalk from its rows, checked.

    Parameters
    ----------
    rows : iterable of Mapping
        Keys of `COLUMNS`; names, share and source may be missing. Dates are ISO days, or a year for its
        first day. A unit that is in no row of a date stays as it is; one that takes in several others
        and goes on has a row of its own.

    Returns
    -------
    Crosswalk

    Raises
    ------
    TableError
        If a row lacks an id, has an unknown kind, no date or an impossible share, or stands twice, and if the
        shares of a split do not make one; all faults at once with their rows, counted from 1.
    """
    steps, faults = [], {}

    def fault(code, row, what):
        faults.setdefault(code, []).append(f"{what} ({row})")

    for number, given in enumerate(rows, 1):
        row = {name: clean(given.get(name)) for name in COLUMNS}
        row["kind"], row["date"] = fold(row["kind"]), row["date"] or ""
        for name in NEEDED[:2]:
            if not row[name]:
                fault("history-no-id", number, name)
        if row["kind"] not in KINDS:
            fault("history-unknown-kind", number, row["kind"] or "–")
        if not _DATE.fullmatch(row["date"]):
            fault("history-no-date", number, row["date"] or "–")
        elif len(row["date"]) == 4:
            row["date"] += "-01-01"
        row["share"] = _part(row["share"], row["kind"])
        if row["share"] is None:
            fault("history-impossible-share", number, clean(given.get("share")))
        steps.append(row)
    _check_together(steps, fault)
    if faults:
        problems = [
            Problem(code, {"file": file, "count": len(rows), "rows": rows, "known": list(KINDS)}, "error")
            for code, rows in faults.items()
        ]
        raise TableError(problems=problems)
    table = pd.DataFrame([*steps, *_going_on(steps)], columns=list(COLUMNS)).astype({"share": float})
    return Crosswalk(table.sort_values(["date", "old_id", "new_id"], ignore_index=True))


def _going_on(steps):
    """Steps of the units that take in one other, or a part of it: they were there before, and still are."""
    gone = {(row["date"], row["old_id"]) for row in steps}
    sources = {}
    for row in steps:
        sources.setdefault((row["date"], row["new_id"]), []).append(row)
    return [
        {**dict.fromkeys(COLUMNS), "old_id": unit, "new_id": unit, "kind": "same", "date": date, "share": 1.0}
        for (date, unit), rows in sources.items()
        if (date, unit) not in gone
        and (any(row["kind"] == "transfer" for row in rows) or len(rows) == 1 and rows[0]["kind"] == "merge")
    ]


def _part(text, kind):
    """The part of the old unit that goes over: all of it where no split says less; None where it cannot be."""
    if text is None:
        return np.nan if kind in ("split", "transfer") else 1.0
    try:
        share = float(text.replace(",", "."))
    except ValueError:
        return None
    possible = 0 < share <= 1 and (kind in ("split", "transfer") or share == 1)
    return share if possible else None


def _check_together(steps, fault):
    seen, parts, kinds = set(), {}, {}
    for number, row in enumerate(steps, 1):
        key = row["date"], row["old_id"], row["new_id"]
        if key in seen:
            fault("history-row-twice", number, f"{row['old_id']} → {row['new_id']}")
        seen.add(key)
        parts.setdefault(key[:2], []).append((number, row["share"]))
        kinds.setdefault(key[:2], set()).add(row["kind"])
    for (date, unit), shares in parts.items():
        known = [share for _, share in shares if share is not None]
        total, whole = sum(known), kinds[date, unit] <= {"split"}
        # a transfer may leave the rest where it is; a unit that goes whole goes to one place only
        if total > 1 + 1e-6 or whole and not np.isnan(total) and total < 1 - 1e-6:
            fault("history-shares-not-one", shares[0][0], f"{unit}: {total:g}")


def carry(table, crosswalk, *, to, rules, at, until=None, weights=None):
    """A table of old units as a table of new ones, or the other way.

    Parameters
    ----------
    table : DataFrame
        Index unit id.
    crosswalk : Crosswalk
    to : str
        ``"new"`` applies the steps after `at` and up to `until`, ``"old"`` takes them back.
    rules : Mapping of str to str or Share
        For every column: ``count`` adds up, `Share` is the mean weighted by its denominator, ``agree`` stays
        where all parts say the same, ``text`` joins what the parts say.
    at : str
        ISO date of the older state.
    until : str, optional
        ISO date of the newer state; the last step when left out.
    weights : Series, optional
        By old id: how much of a merged unit each old one was, for ``to="old"``.

    Returns
    -------
    carried : DataFrame
        Sorted by unit id. NaN (None for text) where a part is not known or not in the table, where parts
        disagree, and where a unit is divided without a share or weights.
    problems : list of Problem
        What became unknown although the table had it.

    Raises
    ------
    TableError
        If a column has no rule, a rule is unknown, or a denominator is no column.

    Notes
    -----
    A divided unit gives each part its share of a count and its own rate; whether one of its parts has what
    the whole had is not known. Counts that are known on both sides have the same sum. A rename alone, there
    and back, changes nothing.
    """
    _check_rules(table, rules)
    dates = [date for date in crosswalk.dates if at < date <= (until or "9999")]
    lost = {}
    for date in dates if to == "new" else reversed(dates):
        edges = _edges(crosswalk.steps[crosswalk.steps["date"] == date], table.index, to, weights)
        table = _apply(table, edges, rules, lost)
    problems = [
        Problem(code, {"count": len(units), "units": sorted(map(str, units)), "columns": sorted(columns)})
        for code, (units, columns) in sorted(lost.items())
    ]
    return table.sort_index(), problems


def _check_rules(table, rules):
    wrong = [
        name
        for name in table
        if name not in rules
        or not isinstance(rules[name], Share)
        and rules[name] not in ("count", "agree", "text")
        or isinstance(rules[name], Share)
        and rules[name].by not in table
    ]
    if wrong:
        raise TableError("history-columns-without-rule", columns=sorted(map(str, wrong)))


def _edges(steps, units, to, weights):
    """Source, target and the part of the source that goes to the target."""
    edges = steps[["old_id", "new_id", "share"]].set_axis(["source", "target", "part"], axis=1)
    kept = steps[steps["kind"] == "transfer"].groupby("old_id")["share"].sum(min_count=1, skipna=False)
    stays = kept[~kept.index.isin(edges.loc[edges["source"] == edges["target"], "source"])]
    rest = pd.DataFrame({"source": stays.index, "target": stays.index, "part": 1 - stays.to_numpy()})
    edges = pd.concat([edges, rest[rest["part"].isna() | (rest["part"] > 1e-9)]], ignore_index=True)
    # a unit that takes in others goes on, also where no row says so
    every = pd.Index(edges["target"]).union(pd.Index(units)) if to == "new" else pd.Index(edges["target"])
    quiet = every.difference(pd.Index(edges["source"]))
    quiet = quiet[quiet.isin(units)] if to == "new" else quiet[:0]
    if to == "old":
        still = pd.Index(units).difference(pd.Index(edges["target"]))
        edges = _turned(edges, weights)
        quiet = still
    same = pd.DataFrame({"source": quiet, "target": quiet, "part": 1.0})
    edges = pd.concat([edges, same], ignore_index=True)
    near = edges["source"].isin(units)
    return edges[edges["target"].isin(edges.loc[near, "target"])]


def _turned(edges, weights):
    """The edges from new to old: a new unit goes back whole to its only old one, else by weights."""
    known = pd.Series(dtype=float) if weights is None else weights
    weight = edges["part"] * edges["source"].map(known).astype(float)
    total = weight.groupby(edges["target"]).transform(lambda parts: parts.sum(skipna=False))
    alone = edges.groupby("target")["source"].transform("size") == 1
    part = (weight / total.where(total > 0)).where(~alone, 1.0)
    return pd.DataFrame({"source": edges["target"], "target": edges["source"], "part": part})


def _apply(table, edges, rules, lost):
    edges = edges.sort_values(["target", "source"], ignore_index=True)
    values = table.reindex(edges["source"]).set_axis(edges.index)
    part, target = edges["part"], edges["target"]
    columns = {}
    for name in table:
        column, rule = values[name], rules[name]
        if rule == "text":
            columns[name] = column.groupby(target).agg(_texts)
            continue
        if rule == "count":
            # all of nothing is nothing, whatever the share
            pieces = (part * column).where(column != 0, 0.0)
            columns[name] = _sum(pieces, target)
        elif isinstance(rule, Share):
            weight = part * values[rule.by]
            single = target.groupby(target).transform("size") == 1
            top = _sum((weight * column).where(~single, column.where(part.notna())), target)
            columns[name] = top / _sum(weight.where(~single, 1.0), target).where(lambda total: total > 0)
        else:
            whole = column.where(part == 1)
            columns[name] = whole.groupby(target).agg(_agreed)
        had = column.notna().groupby(target).any()
        gone = had.index[had & columns[name].isna()]
        divided = part.isna().groupby(target).any()
        for unit in gone:
            code = "history-divided-without-share" if divided[unit] else "history-parts-unknown"
            units, names = lost.setdefault(code, (set(), set()))
            units.add(unit)
            names.add(str(name))
    index = pd.Index(sorted(set(target)), name=table.index.name)
    return pd.DataFrame(columns, index=index, columns=table.columns)


def _sum(pieces, target):
    return pieces.groupby(target).agg(lambda parts: parts.sum(skipna=False))


def _agreed(parts):
    return parts.iloc[0] if parts.notna().all() and parts.nunique() == 1 else np.nan


def _texts(parts):
    return "; ".join(dict.fromkeys(str(part) for part in parts if part is not None and part == part)) or None


def lineage(crosswalk, unit, on_date, *, known="old"):
    """Ids of the units that a unit was or became, as they stood on a day.

    Parameters
    ----------
    on_date : str
        ISO date; a step of that very day has happened.
    known : str
        ``"old"`` follows the unit from before the first step, ``"new"`` from after the last one back.

    Returns
    -------
    tuple of str
    """
    units = {unit}
    forward = known == "old"
    dates = crosswalk.dates if forward else reversed(crosswalk.dates)
    for date in dates:
        if (date <= on_date) != forward:
            continue
        steps = crosswalk.steps[crosswalk.steps["date"] == date]
        source, target = ("old_id", "new_id") if forward else ("new_id", "old_id")
        moved = steps[steps[source].isin(units)]
        # a transfer without a row of its own leaves the unit where it is
        stay = set(moved.loc[moved["kind"] == "transfer", "old_id"]) & units if forward else set()
        units = (units - set(moved[source])) | set(moved[target]) | stay
    return tuple(sorted(units))


def old_units(crosswalk, units, at):
    """The units of today as they were on a day.

    Parameters
    ----------
    units : DataFrame
        Units of today by id, with ``name`` and further columns, which an old unit takes from the first of
        those that it became.
    at : str
        ISO date.

    Returns
    -------
    DataFrame
        Index id, sorted; columns as `units`.
    """
    for date in reversed([date for date in crosswalk.dates if date > at]):
        steps = crosswalk.steps[crosswalk.steps["date"] == date]
        steps = steps[steps["new_id"].isin(units.index)]
        new, steps = set(steps["new_id"]), steps.drop_duplicates("old_id")
        old = units.loc[steps["new_id"]].set_axis(pd.Index(steps["old_id"], name=units.index.name))
        names = steps.set_index("old_id")["old_name"]
        old = old.assign(name=names.where(names.notna(), old["name"]))
        gone = new | set(old.index)
        units = pd.concat([units[~units.index.isin(gone)], old]).sort_index()
    return units
