"""Rows of a sheet and villages: which belongs to which, and villages where only sheets list them."""

import re
from dataclasses import replace

import pandas as pd

from gis.assessments.codes import restore_codes
from gis.errors import Problem, TableError
from gis.names import fold
from gis.names.keys import read_name
from gis.names.matching import MatchReport, NameDecision, match_names
from gis.values import to_text

KEYS = ("village_id", "village", "commune_id", "commune")


def join_sheet(sheet, villages, *, where, decisions=()):
    """The sheet's rows by village id, and the rows that belong to no village or to one already taken.

    Rows join by village code where the sheet has one; a code that lost its leading zeros gets them back where
    only one village can have had it. The others join by commune (code or name) and village name as
    `match_names` says: what it is sure of, and what a person decided. A name that two villages of the
    commune share joins neither.

    Parameters
    ----------
    sheet : Sheet
    villages : DataFrame
        Index village id; columns ``name``, ``commune_id``, ``commune``.
    where : Mapping
    decisions : iterable of NameDecision
        Their commune is the code or the name as the sheet or the study writes it.

    Returns
    -------
    table : DataFrame
        Indexed like `villages`; NaN and None where the sheet has no row.
    problems : list of Problem
    matches : MatchReport
        Of the rows without a known code; ``left_id`` is the row in the sheet.
    """
    rows, problems = _with_codes(sheet.rows, villages, where)
    communes = _communes_of(villages)
    codes = rows.get("village_id", pd.Series(None, index=rows.index, dtype=object))
    ids = codes.where(codes.isin(villages.index), None).astype(object)
    matches = _match(rows[ids.isna()], _still_open(villages, ids, rows), communes, decisions)
    ids = ids.where(ids.notna(), rows["row"].map(_by_row(matches)))
    problems += [
        Problem(found.code, {**where, **found.arguments}, found.severity) for found in matches.problems
    ]
    doubtful = matches.table[matches.table["outcome"] == "review"]
    if len(doubtful):
        told = [
            f"{row.name} ({row.left_id}) → {_tell_candidates(row.candidates)}" for row in _plain(doubtful)
        ]
        problems.append(Problem("sheet-names-to-review", {**where, "count": len(told), "rows": told}))
    lost = ids.isna()
    unknown = lost & ~rows["row"].isin(doubtful["left_id"])
    if unknown.any():
        problems.append(_listed_rows("sheet-rows-without-village", where, rows[unknown]))
    taken = ids[~lost]
    twice = taken.duplicated(keep="first")
    if twice.any():
        problems.append(_listed_rows("sheet-village-twice", where, rows.loc[taken.index[twice]]))
    first = taken[~twice]
    table = rows.loc[first.index].drop(columns=[name for name in (*KEYS, "row") if name in rows])
    table.index = pd.Index(first.to_numpy(), name="village_id")
    bare = len(villages) - len(table)
    if bare:
        names = [
            f"{name} ({key})" for key, name in villages.loc[~villages.index.isin(table.index), "name"].items()
        ]
        problems.append(Problem("villages-without-row", {**where, "count": bare, "villages": names}))
    if sheet.skipped:
        by_reason = pd.Series([reason for _, reason in sheet.skipped]).value_counts().sort_index()
        for reason, count in by_reason.items():
            listed = [number for number, why in sheet.skipped if why == reason]
            problems.append(Problem(reason, {**where, "count": int(count), "rows": listed}, "note"))
    return table.reindex(villages.index), problems, matches


def decisions_from(entries):
    """The decisions that a study file holds under ``matches`` of a sheet."""
    return tuple(
        NameDecision(
            entry["name"], entry.get("commune"), entry.get("village"), entry.get("by"), entry.get("on")
        )
        for entry in entries
    )


def _with_codes(rows, villages, where):
    """The rows with the zeros that a spreadsheet took from their codes, and what was restored."""
    problems = []
    for name, known in (("village_id", villages.index), ("commune_id", villages["commune_id"].dropna())):
        if name in rows:
            restored, changed = restore_codes(rows[name], known)
            if changed:
                shown = dict.fromkeys(f"{rows[name].iloc[at]} → {restored.iloc[at]}" for at in changed)
                told = {**where, "count": len(changed), "values": list(shown)}
                problems.append(Problem("sheet-codes-restored", told, "note"))
                rows = rows.assign(**{name: restored})
    return rows, problems


def _communes_of(villages):
    """Every commune of the villages once: its key, and its name where one is known."""
    keys = villages["commune_id"].where(villages["commune_id"].notna(), villages["commune"])
    communes = pd.DataFrame({"id": keys, "name": villages["commune"], "commune": ""}).dropna(subset="id")
    return communes.drop_duplicates("id").sort_values("id", ignore_index=True)


def _still_open(villages, ids, rows):
    """Villages without those that a code has joined, unless a row without a code bears their very name."""
    if "village" not in rows:
        return villages
    names = {fold(name) for name in rows.loc[ids.isna(), "village"]}
    return villages[~villages.index.isin(ids.dropna()) | villages["name"].map(fold).isin(names)]


def _match(rows, villages, communes, decisions):
    """Names of the rows without a code against the villages, each name of a commune asked once."""
    named = rows[rows["village"].notna()] if "village" in rows else rows.iloc[:0]
    blank = [None] * len(named)
    ways = list(zip(named.get("commune_id", blank), named.get("commune", blank), strict=True))
    keys = _commune_keys([*ways, *((made.commune, made.commune) for made in decisions)], communes)
    left = pd.DataFrame(
        {
            "id": named["row"],
            "name": named.get("village", blank),
            "commune": [keys[way] for way in ways],
        }
    )
    spelt = pd.Series([read_name(str(name)).written for name in left["name"]], index=left.index, dtype=object)
    asked = ~pd.DataFrame({"spelt": spelt, "commune": left["commune"]}).duplicated()
    places = villages["commune_id"].where(villages["commune_id"].notna(), villages["commune"])
    right = pd.DataFrame(
        {"id": villages.index, "name": villages["name"].to_numpy(), "commune": places.to_numpy()}
    )
    made = [replace(decision, commune=keys[decision.commune, decision.commune]) for decision in decisions]
    report = match_names(left[asked], right, decisions=made)
    again = left[~asked]
    if again.empty:
        return report
    first = dict(zip(zip(spelt[asked], left["commune"][asked], strict=True), left["id"][asked], strict=True))
    answers = report.table.set_index("left_id")
    copies = [
        {**answers.loc[first[spelt[at], row["commune"]]].to_dict(), "left_id": row["id"], "name": row["name"]}
        for at, row in again.iterrows()
    ]
    table = pd.concat([report.table, pd.DataFrame(copies, columns=report.table.columns)])
    return MatchReport(table.sort_values("left_id", ignore_index=True), report.problems)


def _commune_keys(ways, communes):
    """Key of the commune by what a row says of it (code, name): by code, else by name, else as written."""
    by_code = {fold(key): key for key in communes["id"]}
    by_number = {}
    for key in communes["id"]:
        if str(key).isdecimal():
            by_number.setdefault(str(key).lstrip("0"), []).append(key)
    names = {str(text) for way in ways for text in way if text is not None and text == text and fold(text)}
    known = communes.dropna(subset="name")
    joined = {}
    for name in sorted(names if len(known) else ()):
        # Each by itself: a sheet may spell one commune in several ways, and all of them mean it.
        asked = pd.DataFrame({"id": [name], "name": [name], "commune": ""})
        joined |= match_names(asked, known).joined.to_dict()
    found = {}
    for way in set(ways):
        texts = [str(text) for text in way if text is not None and text == text and fold(text)]
        numbers = [by_number.get(re.sub(r"\.0+$", "", text).lstrip("0"), ()) for text in texts]
        hits = [
            *(by_code[fold(text)] for text in texts if fold(text) in by_code),
            *(number[0] for number in numbers if len(number) == 1),
            *(joined[text] for text in texts if text in joined),
        ]
        found[way] = hits[0] if hits else texts[-1] if texts else None
    return found


def _by_row(matches):
    joined = matches.joined
    return dict(zip(joined.index, joined, strict=True))


def _listed_rows(code, where, rows):
    return Problem(code, {**where, "count": len(rows), "rows": _tell(rows)})


def _tell_candidates(candidates):
    return " / ".join(f"{place.name} ({place.id})" for place in candidates[:3])


def _plain(table):
    return table[["left_id", "name", "candidates"]].itertuples(index=False)


def _tell(rows):
    names = rows["village"] if "village" in rows else rows["village_id"]
    return [f"{to_text(name) or '–'} ({number})" for name, number in zip(names, rows["row"], strict=True)]


def villages_from(found):
    """Villages as assessments list them, for a study without a village layer.

    Parameters
    ----------
    found : list of (Sheet, Mapping)
        Sheets of one year with their places; a village that several of them list is one.

    Returns
    -------
    DataFrame
        Index village id: the code where there is one, else commune and name folded.

    Raises
    ------
    TableError
        If two rows of one sheet claim the same village.
    """
    tables = [_listed(sheet, where) for sheet, where in found]
    villages = pd.concat(tables)
    return villages[~villages.index.duplicated()]


def _listed(sheet, where):
    rows = sheet.rows
    blank = pd.Series([None] * len(rows), index=rows.index, dtype=object)
    columns = {name: rows.get(name, blank) for name in KEYS}
    named = columns["village"].where(columns["village"].notna(), columns["village_id"])
    ids = [
        code or village_key(commune_id or commune, name)
        for code, commune_id, commune, name in zip(
            columns["village_id"], columns["commune_id"], columns["commune"], columns["village"], strict=True
        )
    ]
    villages = pd.DataFrame(
        {
            "name": named,
            "commune_id": columns["commune_id"],
            "commune": columns["commune"],
            "source_row": rows["row"],
        }
    )
    villages.index = pd.Index(ids, name="village_id")
    check_unique(villages, where=where)
    return villages


def village_key(commune, name):
    """A village's own key where no code was issued: commune and name, folded."""
    return "/".join(fold(part).replace(" ", "-") for part in (commune, name) if part) or None


def check_unique(villages, *, where):
    """Raise `TableError` when two rows have one village id, naming the ids and their rows."""
    twice = villages.index[villages.index.duplicated()].unique()
    if len(twice):
        rows = villages.loc[villages.index.isin(twice), "source_row"].astype(int).sort_values().tolist()
        raise TableError(
            "village-code-twice", **where, count=len(twice), codes=sorted(map(str, twice)), rows=rows
        )
