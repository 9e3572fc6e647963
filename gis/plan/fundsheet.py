"""Funds as a small table that is filled in and handed back: a row a fund, a column a year, million dong."""

import re
from collections.abc import Mapping

from gis.errors import PlanError, Problem
from gis.intake import Reader
from gis.names import fold
from gis.plan.fundtext import sectors
from gis.settings import Settings
from gis.values import is_ambiguous, is_blank, to_number, to_text, to_yes

MILLION = 1e6
COLUMNS = {
    "id": ("Mã nguồn vốn", "Fund"),
    "label": ("Tên nguồn vốn", "Name of the fund"),
    "carry": ("Chuyển nguồn sang năm sau (có/không)", "Carried over (yes/no)"),
    "total": ("Trần cả giai đoạn (triệu đồng)", "Ceiling over all years (million VND)"),
    "sectors": ("Lĩnh vực", "Sectors"),
    "communes": ("Mã xã", "Commune codes"),
    "where": ("Điều kiện của thôn", "Condition on the village"),
    "kinds": ("Loại vốn", "Kinds of money"),
    "share_pct": ("Tỷ lệ tối đa một công trình (%)", "Share of a work at most (%)"),
    "most_per_work": ("Tối đa một công trình (triệu đồng)", "Most for one work (million VND)"),
    "most_per_commune": ("Tối đa một xã (triệu đồng)", "Most for one commune (million VND)"),
    "by_coefficient": ("Chia theo hệ số", "Shared out by coefficients"),
    "special": ("Chỉ cơ chế đặc thù (có/không)", "Special mechanism only (yes/no)"),
    "debts": ("Nợ đọng phải trả trước (triệu đồng)", "Debts paid first (million VND)"),
}
MONEY = ("total", "most_per_work", "most_per_commune", "debts")
LISTED = ("sectors", "communes", "kinds")
WORDS = {
    "roads": ("giao thong", "duong"),
    "water": ("nuoc", "cap nuoc", "nuoc sinh hoat"),
    "irrigation": ("thuy loi",),
    "power": ("dien",),
    "telecom": ("vien thong", "thong tin"),
    "schools": ("giao duc", "truong hoc"),
    "health": ("y te",),
    "culture": ("van hoa", "nha van hoa"),
    "capital": ("dau tu", "von dau tu", "dtpt"),
    "recurrent": ("su nghiep", "von su nghiep", "thuong xuyen"),
}
"""Folded Vietnamese words for sectors and kinds of money."""

SIGNS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}
_CONDITION = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=|>=|<=|>|<)\s*(.+?)\s*\Z")
_YEAR = re.compile(r"(?:nam |year )?((?:19|20|21)\d\d)\b")


def funds_from_excel(path, *, settings=None):
    """Years and funds from a small table (XLSX, XLS, ODS, CSV).

    Parameters
    ----------
    path : Path
    settings : Settings, optional
        Of the reader of foreign files.

    Returns
    -------
    years : list of int
    funds : list of dict
        Plain data for ``funds`` of `Request.from_plain`.

    Raises
    ------
    IntakeError
        If the file is no table.
    PlanError
        As `funds_from_rows`.
    """
    with Reader(settings or Settings()) as reader:
        sheets = reader.table(path).sheets
    return funds_from_rows(next(iter(sheets.values()), []), file=getattr(path, "name", str(path)))


def funds_from_rows(rows, *, file):
    """Years and funds from the cells of a table; see `funds_from_excel`.

    Raises
    ------
    PlanError
        If a column that is needed is missing or a cell is wrong; every fault with its row and column.
    """
    rows = [list(row) for row in rows]
    known = {fold(word): key for key, words in COLUMNS.items() for word in words}
    top = next(
        (at for at, row in enumerate(rows) if known.get(_folded(row[0] if row else None)) == "id"), None
    )
    heads = [_folded(cell) for cell in rows[top]] if top is not None else []
    years = {at: int(found[1]) for at, head in enumerate(heads) if (found := _YEAR.match(head or ""))}
    if top is None or not years or list(years.values()) != sorted(set(years.values())):
        raise PlanError("plan-funds-heading", file=file, columns=COLUMNS["id"][0])
    columns = {at: known[head] for at, head in enumerate(heads) if head in known}
    funds, faults = [], []
    for number, row in enumerate(rows[top + 1 :], top + 2):
        if all(is_blank(cell) for cell in row):
            continue
        fund, amounts = {}, []
        for at, cell in enumerate(row):
            place = {
                "file": file,
                "row": number,
                "column": str(rows[top][at])[:60] if at < len(heads) else "–",
            }
            if at in years:
                amounts.append(_millions(cell, place, faults, blank=0.0))
            elif at in columns and not is_blank(cell):
                fund[columns[at]] = _cell(columns[at], cell, place, faults)
            elif at >= len(heads) and not is_blank(cell):
                faults.append(Problem("plan-funds-cell", {**place, "value": str(cell)[:60]}, "error"))
        amounts += [0.0] * (len(years) - len(amounts))
        if "id" not in fund:
            faults.append(Problem("plan-funds-no-id", {"file": file, "row": number}, "error"))
        funds.append({**fund, "amounts": amounts})
    if faults:
        raise PlanError(problems=faults)
    return list(years.values()), [
        {key: value for key, value in fund.items() if value is not None} for fund in funds
    ]


def funds_to_rows(request, *, language="vi"):
    """The table of a request's funds as a list of rows, the first its headings; `funds_from_rows` reads it back.

    A condition is written ``zone = II, III`` or ``minority_share_pct >= 50``, several behind semicolons; ceilings that
    differ by commune are written ``24001: 500; 24002: 300``.
    """
    pick = 0 if language == "vi" else 1
    unit = ("triệu đồng", "million VND")[pick]
    heads = {key: words[pick] for key, words in COLUMNS.items()}
    rows = [
        [
            heads["id"],
            heads["label"],
            *(f"{year} ({unit})" for year in request.years),
            *list(heads.values())[2:],
        ]
    ]
    for fund in request.funds:
        row = [fund.id, fund.label, *(amount / MILLION for amount in fund.amounts)]
        for key in list(COLUMNS)[2:]:
            row.append(_shown(key, getattr(fund, key), pick))
        rows.append(row)
    return rows


def _shown(key, value, pick):
    if key == "where" and value is not None:
        return "; ".join(map(_condition_text, value if isinstance(value, tuple) else (value,)))
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {vnd / MILLION:.15g}" for name, vnd in value.items())
    if isinstance(value, bool):
        return (("có", "không"), ("yes", "no"))[pick][not value]
    if key in LISTED:
        return ", ".join(value) if value else None
    if key in MONEY:
        return value / MILLION if isinstance(value, (int, float)) and value else None
    return value


def _condition_text(one):
    if "in" in one:
        return f"{one['attribute']} = {', '.join(map(str, one['in']))}"
    sign = next(sign for sign, word in SIGNS.items() if word == one["compare"])
    return f"{one['attribute']} {sign} {one['value']:.15g}"


def _condition(text):
    """A condition, or a list of several, from its text; None where it is none."""
    found = []
    for part in filter(str.strip, text.split(";")):
        read = _CONDITION.match(part)
        number = to_number(read[3]) if read and read[2] != "=" else None
        if not read or (read[2] != "=" and number is None):
            return None
        values = [one.strip() for one in read[3].split(",") if one.strip()]
        rest = {"in": values} if read[2] == "=" else {"compare": SIGNS[read[2]], "value": number}
        found.append({"attribute": read[1], **rest})
    return found[0] if len(found) == 1 else found or None


def _by_commune(text, place, faults):
    """Ceilings by commune from ``24001: 500; 24002: 300``; one number where it is one."""
    parts = [part.partition(":") for part in text.split(";") if part.strip()]
    if not all(colon for _, colon, _ in parts):
        return _millions(text, place, faults)
    return {name.strip(): _millions(value.strip(), place, faults, blank=0.0) for name, _, value in parts}


def _folded(cell):
    return None if is_blank(cell) else fold(str(to_text(cell)))


def _millions(cell, place, faults, *, blank=None):
    if is_blank(cell):
        return blank
    number = None if is_ambiguous(cell) else to_number(cell)
    if number is None or number < 0:
        faults.append(Problem("plan-funds-cell", {**place, "value": str(cell)[:60]}, "error"))
        return 0.0
    return number * MILLION


def _cell(key, cell, place, faults):
    if key == "most_per_commune" and isinstance(cell, str):
        return _by_commune(cell, place, faults)
    if key in MONEY:
        return _millions(cell, place, faults)
    if key in ("carry", "special"):
        value = to_yes(cell)
        value = None if value is None else bool(value)
    elif key == "share_pct":
        value = to_number(cell)
    elif key == "where":
        value = _condition(str(cell))
    elif key in LISTED:
        value = [_word(part.strip()) for part in re.split(r"[,;+\n]", str(to_text(cell))) if part.strip()]
        words = {"sectors": sectors(), "kinds": ("capital", "recurrent")}.get(key)
        value = None if words and not set(value) <= set(words) else value
    else:
        value = to_text(cell)
    if value is None:
        faults.append(Problem("plan-funds-cell", {**place, "value": str(cell)[:60]}, "error"))
    return value


def _word(text):
    folded = fold(text)
    return next((key for key, words in WORDS.items() if folded in words), text)
