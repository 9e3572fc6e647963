"""Which column of a sheet is which field: certain matches are taken, likely ones proposed with a score."""

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from gis.names import fold
from gis.values import UNIT_WORDS, is_blank, plain_text, to_number, to_yes

PART = " / "
"""Between the parts of a title that stands in several heading rows."""

CERTAIN, PROPOSED = 1.0, 0.55
"""Score at which a column is taken without asking, and from which a field is proposed."""

MOST_SCORED = 300
"""Columns that are scored; a sheet of more unknown columns is no review form."""

NUMBERING = ("tt", "stt", "no", "so tt", "so thu tu")
ADDING = frozenset({"tong", "tong so", "tong cong", "so luong", "chung"})
"""Last parts that add nothing to the title above them."""

NAMING = {
    "households": {"so ho", "ho", "tong so ho"},
    "people": {"so khau", "khau", "so nguoi", "nguoi"},
    "km": {"so km", "chieu dai", "tong chieu dai", "tong so km", "tong km"},
    "ha": {"dien tich", "so ha"},
    "million VND": {"so tien", "kinh phi"},
    "rooms": {"so phong"},
    "houses": {"so nha"},
}
"""Last parts that only name what a field of a unit counts: "Hộ nghèo / Số hộ"."""

GROUPS = frozenset(
    {"thong tin chung", "thong tin thon", "thong tin ve thon", "dan so", "dan cu", "dan so va ho", "giao thong",
     "duong giao thong", "ha tang", "co so ha tang", "ha tang thiet yeu", "thuy loi", "dien", "nuoc", "dien nuoc",
     "nuoc sinh hoat", "van hoa", "co so vat chat van hoa", "giao duc", "y te", "nha o", "nha o dan cu",
     "thong tin truyen thong", "thong tin va truyen thong", "vien thong", "kinh te", "ket qua ra soat",
     "dat dai", "san xuat", "don vi", "dia ban"}
)  # fmt: skip
"""Headings over several columns that name a theme; below them a title stands for itself."""

_ORDINAL = re.compile(
    r"\s*(\(?([0-9]{1,2}|[IVX]{1,4}|[a-zđ])[.)](?=\s|\D)|\((\d{1,2}|\*+)\)\s*\Z)", re.UNICODE
)
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_ANSWERS = frozenset({"co khong", "co hoac khong", "dat chua dat", "dat khong dat", "x", "co hay khong"})
_PLACES = ("villages", "schools", "houses")
"""Units whose words name places in a heading: "Thôn (làng)"."""
_MOVABLE = {"km": "km", "ha": "ha", "m2": "m2"}
"""Units that a name of the catalogue may carry as a word, wherever it stands in it."""


@dataclass(frozen=True)
class ColumnMatch:
    """One titled column and the field it is or may be.

    Attributes
    ----------
    column : str
        Letter of the column, as spreadsheets show it.
    title : str
        Parts of the heading from top to bottom, joined by " / ".
    field : str or None
        Canonical field; None where nothing fits.
    score : float
        1 for a certain match, which is taken; from 0.55 a proposal, which a person must confirm.
    why : str
        ``column-named`` by the study, ``column-exact``, ``column-similar`` or ``column-unknown``.
    alternatives : tuple of (str, float)
        Further fields with their scores, best first.
    """

    column: str
    title: str
    field: str | None
    score: float
    why: str
    alternatives: tuple = ()

    @property
    def taken(self):
        """Whether the column is used without asking."""
        return self.field is not None and self.score >= CERTAIN


def column_letter(position):
    """The letter of a column counted from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(25), column_letter(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def propose_mapping(titles, samples, layer, types, named=None):
    """For every titled column the field it is, or may be; one column a field and one field a column.

    Parameters
    ----------
    titles : sequence of str or None
        One a column; parts of several heading rows joined by " / ".
    samples : sequence of sequence
        A few cells of each column, which support or speak against a field.
    layer : Layer
    types : Mapping of str to str
        Further fields, known by their own name only, with their types.
    named : Mapping of str to int, optional
        Field to position of the columns that the study names.

    Returns
    -------
    tuple of ColumnMatch
        In the order of the columns; those without a title and of mere numbering are left out.
    """
    field_of = title_reader(layer, types)
    taken = {position: field for field, position in (named or {}).items()}
    why = dict.fromkeys(taken, "column-named")
    for position, title in enumerate(titles):
        if title and position not in taken:
            field = field_of(title)
            if field and field not in taken.values():
                taken[position], why[position] = field, "column-exact"
    open_fields = [name for name in (*layer.fields, *types) if name not in taken.values()]
    loose = [at for at, title in enumerate(titles) if title and at not in taken and not _numbers(title)]
    ranked = {
        at: _ranked(titles[at], samples[at] if at < len(samples) else (), layer, open_fields)
        for at in loose[:MOST_SCORED]
    }
    proposed = _assigned(ranked)
    matches = []
    for position, title in enumerate(titles):
        if not title or _numbers(title):
            continue
        others = tuple((name, score) for name, score in ranked.get(position, ()))
        if position in taken:
            field, score, reason = taken[position], CERTAIN, why[position]
        elif position in proposed:
            field, score = proposed[position]
            reason, others = "column-similar", tuple(other for other in others if other[0] != field)
        else:
            field, score, reason = None, 0.0, "column-unknown"
        matches.append(ColumnMatch(column_letter(position), title, field, score, reason, others[:3]))
    return tuple(matches)


def title_reader(layer, types=()):
    """A function that gives the field a title names without doubt; None where it names none.

    The whole title counts, read from the top or from the bottom part, with its unit anywhere. Left out are
    ordinals, a group heading that only names a theme, and a last part that only says "total" or what is
    counted. A title that states a unit which the field has not, names it not.
    """
    names, read = _names(layer), {}
    own = {fold(name): name for name in types}

    def field_of(title):
        if title not in read:
            read[title] = _exact(title, layer, names) or own.get(fold(title))
        return read[title]

    return field_of


def _exact(title, layer, names):
    parts, unit = _read(title)
    for words, dropped in _wordings(parts):
        field = (names.get((words, unit)) if unit in _MOVABLE else None) or names.get(words)
        if field is None:
            continue
        entry = layer.fields[field]
        adds_nothing = dropped is None or dropped in ADDING or dropped in NAMING.get(entry.unit, ())
        if adds_nothing and _agrees(unit, entry):
            return field
    return None


def _numbers(title):
    return fold(title) in NUMBERING


def _read(title):
    """The folded parts of a title and the unit that it states."""
    parts, unit = [], None
    for part in title.split(PART):
        part = _ORDINAL.sub(" ", plain_text(part)).strip(" *:")
        for found in _BRACKETS.finditer(part):
            stated = unit_of(found[1] if found[1] is not None else found[2])
            if stated:
                unit, part = stated, part.replace(found[0], " ")
        alone = unit_of(part)
        if alone and parts:
            unit, part = alone, ""
        if "%" in part:
            unit, part = "%", part.replace("%", " ")
        if fold(part):
            parts.append(fold(part))
    return parts, unit


def unit_of(text):
    """The unit that a text names, as the catalogue spells it; ``yesno`` for "có/không", None for no unit.

    Examples
    --------
    >>> unit_of("km"), unit_of("hộ"), unit_of("m²"), unit_of("có/không"), unit_of("xã")
    ('km', 'households', 'm2', 'yesno', None)
    """
    bare = " ".join(text.lower().split())
    if bare in ("%", "tỷ lệ %", "phần trăm"):
        return "%"
    if fold(bare) in _ANSWERS:
        return "yesno"
    if bare in ("m", "mét"):
        return "m"
    return next((unit for unit, words in UNIT_WORDS.items() if bare in words and unit not in _PLACES), None)


def _agrees(unit, field):
    if unit is None:
        return True
    if unit == "yesno" or field.type == "yesno":
        return unit == "yesno" and field.type == "yesno"
    if unit.startswith("million"):
        return str(field.unit).startswith("million")
    return field.type == "number" and unit == field.unit


def _wordings(parts):
    """Ways to say a title in one line, each with the last part that was left out, if any."""
    kept = [part for part in parts if part not in GROUPS or part == parts[-1]]
    for many in [parts] if kept == parts else [parts, kept]:
        # a part whose words the next one repeats says nothing more
        told = [
            part
            for part, below in zip(many, [*many, ""][1:], strict=True)
            if not set(part.split()) <= set(below.split())
        ]
        for chosen in (told, told[::-1]):
            words = " ".join(chosen)
            yield words, None
            bare = re.sub(r"\b(trong do|chia ra|bao gom)( co)?\b", " ", words)
            yield " ".join(bare.split()), None
        if len(told) > 1:
            yield " ".join(told[:-1]), told[-1]


def _names(layer):
    """Folded name, or (name without its unit, unit), to field; the first field of the catalogue wins."""
    names = {}
    for field in layer.fields.values():
        names.setdefault(fold(field.name), field.name)
    for field in layer.fields.values():
        for name in sorted(field.names):
            names.setdefault(name, field.name)
    for field in layer.fields.values():
        word = _MOVABLE.get(field.unit)
        for name in sorted(field.names):
            words = name.split()
            if word in words and len(words) > 1:
                words.remove(word)
                names.setdefault((" ".join(words), field.unit), field.name)
    return names


def _ranked(title, sample, layer, open_fields):
    """Fields that a title resembles, with scores, best first."""
    parts, unit = _read(title)
    whole = " ".join(parts)
    own, last = set(whole.split()), parts[-1] if parts else ""
    if not own:
        return ()
    by_word, known = defaultdict(set), {}
    for name in open_fields:
        field = layer.fields.get(name)
        for said in (field.names if field else ()) or {fold(name)}:
            known.setdefault(said, name)
            for word in said.split():
                by_word[word].add(said)
    near = {said for word in own for said in by_word.get(word, ())}
    near |= set(get_close_matches(whole, known, n=3, cutoff=0.75)) if len(whole) < 80 else set()
    scores = {}
    for said in near:
        words = set(said.split())
        shared = 2 * len(own & words) / (len(own) + len(words))
        if said == last and len(parts) > 1:
            shared = max(shared, 0.8)
        if shared > 0.4 or whole in known or len(near) < 10:
            letters = SequenceMatcher(None, whole.replace(" ", ""), said.replace(" ", "")).ratio()
            score = max(shared, 0.5 * (shared + letters), 0.95 * letters if letters > 0.85 else 0)
            name = known[said]
            scores[name] = max(scores.get(name, 0), score)
    fitted = {name: _fitted(score, unit, sample, layer.fields.get(name)) for name, score in scores.items()}
    order = {name: at for at, name in enumerate(open_fields)}
    best = sorted(fitted.items(), key=lambda found: (-found[1], order[found[0]]))
    return tuple((name, score) for name, score in best[:6] if score >= PROPOSED)


def _fitted(score, unit, sample, field):
    """A score of the words, with what the unit and the values say for or against the field."""
    if field is None:
        return round(min(score, 0.95), 2)
    if unit is not None:
        score += 0.1 if _agrees(unit, field) else -0.3
    cells = [cell for cell in sample if not is_blank(cell)]
    if cells and field.type in ("number", "integer", "year", "yesno"):
        read = [to_yes(cell) if field.type == "yesno" else to_number(cell) for cell in cells]
        good = [value for value in read if value is not None]
        fits = len(good) / len(cells)
        if field.unit == "%" and any(not 0 <= value <= 100 for value in good):
            fits = 0
        score += 0.05 if fits > 0.8 else -0.25
    return round(min(max(score, 0), 0.95), 2)


def _assigned(ranked):
    """Position to (field, score), best scores first, each field once."""
    pairs = [
        (-score, position, order, field)
        for position, found in ranked.items()
        for order, (field, score) in enumerate(found)
    ]
    chosen, used = {}, set()
    for score, position, _, field in sorted(pairs):
        if position not in chosen and field not in used:
            chosen[position] = (field, -score)
            used.add(field)
    return chosen
