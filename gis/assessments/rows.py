"""What each row below a heading is: a village, a group, a total, a signature; and whose commune it stands in."""

import re
from dataclasses import dataclass, field

from gis.assessments.joining import KEYS
from gis.assessments.mapping import NUMBERING
from gis.names import clean, fold
from gis.values import is_blank, to_number, to_text, to_yes

UNITS = "xã|phường|thị trấn|đặc khu"
_TOTAL = re.compile(
    r"(tong cong|tong so|tong|cong|toan (xa|huyen|tinh|phuong|vung)|total)( (thon|lang|xa|ho|so|cong|toan|chung|\d+|[ivx]+))*\Z"
    r"|(tong cong|tong so|tong|cong)( toan)? (xa|phuong|thi tran|huyen|tinh|dac khu)\b"
)
_GROUP = re.compile(
    rf"(?:(?:[IVXLC]+|\d+|[A-Za-z])\s*[.):\-]+\s*|[IVXLC]+\s+)?((?:{UNITS})\s+\S.*)", re.IGNORECASE
)
_FOOTER = re.compile(
    r"(nguoi (lap|tong hop|bao cao|ra soat)|ghi chu|luu y|tm (ubnd|uy ban|dang uy|ban)|thu truong|(pho )?chu tich|ky ten"
    r"|ky va ghi|noi nhan|xac nhan|thay mat|truong (thon|ban|lang)\Z|dai dien|ke toan|can bo (lap|phu trach))\b"
    r"|.*\bngay\b.*\bthang\b.*\bnam\b"
)
_ROMAN = re.compile(r"[IVXLC]+[.)]?\Z")
_COLUMN_NUMBER = re.compile(r"\(?\s*(\d{1,3}|[A-Za-z])\s*\)?(\s*=.*)?\Z")
_TITLE_COMMUNE = re.compile(rf"\b({UNITS})\s+([^\W\d_][^,.;:()\d–—-]*)", re.IGNORECASE)
_NO_NAME = frozenset(
    {"hoi", "nong", "dat", "dac", "bien", "vung", "khu", "mien", "thuoc", "chua", "tren", "co", "loai"}
)
_BEHIND = frozenset({"huyen", "tinh", "nam", "quy", "thang", "giai", "thuoc", "thanh"})


@dataclass
class Rows:
    """The rows below a heading, each in exactly one place.

    Attributes
    ----------
    kept : list of list
        Rows of villages.
    numbers : list of int
        Their numbers in the sheet, from 1.
    communes : list of (str or None)
        The group that each stands in.
    skipped : list of (int, str)
        Number and code of the reason.
    totals : list of (int, list, int, bool)
        Number, row, how many rows were kept before it, whether it heads a group whose rows follow.
    """

    kept: list = field(default_factory=list)
    numbers: list = field(default_factory=list)
    communes: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    totals: list = field(default_factory=list)

    def skip(self, number, reason):
        self.skipped.append((number, reason))


def sort_rows(cells, heading, types):
    """Every row below a heading as a `Rows`; `types` gives the type of each of its fields."""
    rows, fields = Rows(), heading.fields
    village, code = fields.get("village"), fields.get("village_id")
    judge = _Judge(heading, types)
    numbering = next(
        (at for at, title in enumerate(heading.titles) if title and fold(title) in NUMBERING), None
    )
    arabic = numbering is not None and any(
        to_number(row[numbering]) for row in cells[heading.last + 1 :] if numbering < len(row)
    )
    commune, began, ended = None, False, False
    for number, row in enumerate(cells[heading.last + 1 :], start=heading.last + 2):
        width = len(row)
        name = row[village] if village is not None and village < width else None
        if is_blank(name):
            name = row[code] if code is not None and code < width else None
        if is_blank(name) and all(map(is_blank, row)):
            rows.skip(number, "sheet-blank-rows")
            continue
        kind, group = judge.name(name) if isinstance(name, str) else (None, None)
        if not began and _numbers_columns(row):
            rows.skip(number, "sheet-numbering-rows")
            continue
        began = True
        if is_blank(name):
            kind, group = judge.unnamed(row, numbering)
        elif kind is None and arabic and numbering < width and _is_roman(row[numbering]):
            kind = "group"
        if kind == "footer" or (ended and kind is None):
            if not judge.has_values(row, every=kind is None):
                ended = True
                rows.skip(number, "sheet-footer-rows")
                continue
            kind = None
        if kind == "total":
            rows.totals.append((number, row, len(rows.kept), False))
            rows.skip(number, "sheet-total-rows")
        elif kind == "group":
            if group and not judge.communes:
                commune = group
            rows.totals.append((number, row, len(rows.kept), True))
            rows.skip(number, "sheet-group-rows")
        elif kind == "heading":
            rows.skip(number, "sheet-heading-rows")
        elif is_blank(name):
            rows.skip(number, "sheet-rows-without-name")
        else:
            rows.kept.append(row)
            rows.numbers.append(number)
            rows.communes.append(commune)
    return rows


class _Judge:
    """Judges rows by their words; the same word is judged once."""

    def __init__(self, heading, types):
        fields = heading.fields
        self.titles = {
            fold(heading.titles[fields[name]]) for name in ("village", "village_id") if name in fields
        }
        self.figures = [(at, types.get(name, "text")) for name, at in fields.items() if name not in KEYS]
        self.communes = [fields[name] for name in ("commune", "commune_id") if name in fields]
        self.known = {}

    def name(self, text):
        """What a text in the column of the village says of its row: (kind or None, commune or None)."""
        if text not in self.known:
            self.known[text] = self._judged(text)
        return self.known[text]

    def _judged(self, text):
        folded = fold(text)
        if folded in self.titles:
            return "heading", None
        if _TOTAL.match(folded):
            return "total", None
        if _FOOTER.match(folded) or text.lstrip().startswith(("*", "(*")):
            return "footer", None
        group = _GROUP.fullmatch(clean(text) or "")
        return ("group", group[1]) if group else (None, None)

    def unnamed(self, row, numbering):
        """The same for a row without a village, by all its words.

        The commune in its own column makes a group only where the row has no number of its own.
        """
        own = numbering is not None and numbering < len(row) and to_number(row[numbering])
        counted = numbering is None or (own is not None and own == own)
        found = [
            self.name(cell)
            for at, cell in enumerate(row)
            if isinstance(cell, str) and not is_blank(cell) and not (counted and at in self.communes)
        ]
        for wanted in ("total", "footer", "group"):
            for kind, group in found:
                if kind == wanted:
                    return kind, group
        return None, None

    def has_values(self, row, every):
        """Whether a row holds figures; with `every`, answers and other texts that fit their column count too."""
        for at, kind in self.figures:
            cell = row[at] if at < len(row) else None
            if is_blank(cell):
                continue
            if kind in ("number", "integer", "year") and to_number(cell) is not None:
                return True
            if every and kind == "yesno" and to_yes(cell) is not None:
                return True
        return False


def _is_roman(cell):
    return isinstance(cell, str) and bool(_ROMAN.match(cell.strip()))


def _numbers_columns(row):
    """Whether a row only numbers its columns: (1) (2) (3), or A B 1 2 3."""
    told = [to_text(cell) for cell in row if not is_blank(cell)]
    if len(told) < 3:
        return False
    found = [_COLUMN_NUMBER.match(text) for text in told]
    if not all(found):
        return False
    figures = [int(match[1]) for match in found if match[1].isdecimal()]
    letters = [match[1].upper() for match in found if not match[1].isdecimal()]
    follow = all(after == before + 1 for before, after in zip(figures, figures[1:], strict=False))
    # letters come first and in their order: A, B, C
    return (
        follow
        and (not figures or figures[0] <= 3)
        and letters == [chr(65 + at) for at in range(len(letters))]
    )


def commune_of_titles(cells, sheet):
    """The one commune that the lines above a heading name, else the one that the sheet is named after."""
    found = {}
    for row in cells:
        for cell in row:
            if isinstance(cell, str):
                for unit, name in _TITLE_COMMUNE.findall(clean(cell) or ""):
                    name = _proper_name(name)
                    if name:
                        found.setdefault(fold(name), f"{unit.capitalize()} {name}")
    if len(found) == 1:
        return next(iter(found.values()))
    named = _GROUP.fullmatch(clean(sheet) or "") if sheet and not found else None
    return named[1] if named else None


def _proper_name(text):
    """The words of a name that begin with capitals; None where the first one does not or is no name."""
    words = []
    for word in text.split():
        if not word[0].isupper() or fold(word) in (_NO_NAME if not words else _BEHIND):
            break
        words.append(word)
    return " ".join(words[:5]) or None


def fill_down(values, numbers, position, cells, merged):
    """Communes with the blanks of merged cells filled from above, and how many were filled.

    Without merged cells it is done only where the pattern leaves no doubt: the first row names a commune and
    none is named twice.
    """
    values, filled = list(values), 0
    tops = {}
    for top, left, bottom, right in merged:
        if left <= position <= right and top < bottom:
            tops.update(dict.fromkeys(range(top + 2, min(bottom + 2, len(cells) + 1)), top))
    told = [fold(to_text(value)) for value in values if not is_blank(value)]
    plain = not tops and values and not is_blank(values[0]) and len(set(told)) == len(told)
    last = None
    for at, (value, number) in enumerate(zip(values, numbers, strict=True)):
        if not is_blank(value):
            last = value
            continue
        row = cells[tops[number]] if number in tops else ()
        above = row[position] if position < len(row) else last if plain else None
        if not is_blank(above):
            values[at] = above
            filled += 1
    return values, filled
