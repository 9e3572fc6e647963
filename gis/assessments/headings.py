"""Where the heading of a sheet stands, and what each column is called across its rows."""

import re
from dataclasses import dataclass

from gis.assessments.joining import KEYS
from gis.assessments.mapping import NUMBERING, PART, column_letter, title_reader
from gis.names import fold
from gis.values import is_blank, plain_text, to_number, to_yes

HEADER_ROWS = 30
MOST_DEEP = 4
_BY_LETTER = re.compile(r"column:([A-Za-z]{1,3})\Z")
_TITLE_LINE = re.compile(
    r"(uy ban nhan dan|ubnd|cong hoa xa hoi|doc lap|bieu|phu luc|kem theo|don vi|dvt|mau so|tong hop)\b"
    r"|.*\bngay\b.*\bthang\b"
)


@dataclass(frozen=True)
class Heading:
    """The heading block of a sheet.

    Attributes
    ----------
    first, last : int
        Rows counted from 0; `last` is the last row of the heading, without the row of column numbers.
    titles : tuple of (str or None)
        One a column; the parts of several rows joined by " / ".
    fields : Mapping of str to int
        Field to position of the columns that are certain or named by the study.
    """

    first: int
    last: int
    titles: tuple
    fields: dict


def find_heading(cells, layer, named, types, merged=()):
    """The block of one to four rows that names the most fields; None where no row names a village or two fields.

    Parameters
    ----------
    cells : list of list
    layer : Layer
    named : Mapping of str to str
        Field to column as the study names it: a title, its parts joined by " / ", or ``column:F``.
    types : Mapping of str to str
    merged : iterable of (int, int, int, int)
        Merged ranges: top, left, bottom, right, counted from 0. Where there are none, an empty cell right of
        a filled one with titles below it belongs to that one.
    """
    field_of = title_reader(layer, types)
    best = None
    for first in range(min(len(cells), HEADER_ROWS)):
        if not any(_is_text(cell) for cell in cells[first]):
            continue
        for last in _last_rows(cells, first, merged, field_of):
            titles = column_titles(cells, first, last, merged)
            fields = _fields(titles, field_of, named)
            # more fields, then the deeper block when the rows below are titles too, then the upper one
            rank = (len(fields), bool({"village", "village_id"} & set(fields)))
            if best is None or rank > best[0]:
                best = rank, Heading(first, last, titles, fields)
    if best is None or not (best[0][1] or best[0][0] > 1):
        return None
    heading = best[1]
    above = heading.first - 1
    if above >= 0 and any(map(_is_text, cells[above])) and _may_be_banner(cells[above]):
        # titles below a group title mean what they say there, also where fewer of them are known then
        titles = column_titles(cells, above, heading.last, merged)
        return Heading(above, heading.last, titles, _fields(titles, field_of, named))
    return heading


def _is_text(cell):
    return isinstance(cell, str) and not is_blank(cell)


def _last_rows(cells, first, merged, field_of):
    """Rows where a heading that begins in `first` may end, the likeliest first."""
    forced = max(
        (bottom for top, _, bottom, _ in merged if top == first and bottom < first + MOST_DEEP), default=None
    )
    likely = first
    keys = [at for at, cell in enumerate(cells[first]) if _is_text(cell) and _is_key(cell, field_of)]
    while likely + 1 < len(cells) and likely - first < MOST_DEEP - 1:
        below = cells[likely + 1]
        if any(at < len(below) and not is_blank(below[at]) for at in keys) or not _titles_only(below):
            break
        likely += 1
    banner = not keys and first + 1 < len(cells) and _may_be_banner(cells[first])
    if keys or banner:
        found = [forced] if forced is not None and forced < len(cells) else [likely]
        found += range(first, min(first + MOST_DEEP, len(cells)))
    else:
        found = [first]
    if banner:
        found = [last for last in found if last > first] or [first]
    return list(dict.fromkeys(found))


def _is_key(cell, field_of):
    return fold(cell) in NUMBERING or field_of(cell) in KEYS


def _may_be_banner(row):
    told = [cell for cell in row if not is_blank(cell)]
    return all(
        _is_text(cell) and len(cell) <= 80 and ":" not in cell and not _TITLE_LINE.match(fold(cell))
        for cell in told
    ) and is_blank(row[0])


def _titles_only(row):
    """Whether a row holds words only, none of them an answer or a figure."""
    told = [cell for cell in row if not is_blank(cell)]
    return bool(told) and all(
        _is_text(cell) and (to_yes(cell) is None or len(fold(cell)) > 3) and to_number(cell) is None
        for cell in told
    )


def column_titles(cells, first, last, merged=()):
    """Titles of the columns of a heading block, parts from top to bottom, None where a column has none."""
    width = max((len(cells[row]) for row in range(first, last + 1)), default=0)
    grid = [
        [
            cells[row][at] if at < len(cells[row]) and not is_blank(cells[row][at]) else None
            for at in range(width)
        ]
        for row in range(first, last + 1)
    ]
    inside = [
        (max(top, first), left, min(bottom, last), right)
        for top, left, bottom, right in merged
        if top <= last and bottom >= first and left < width and bottom - top < HEADER_ROWS
    ]
    for top, left, _, right in inside:
        value = grid[top - first][left]
        for at in range(left, min(right + 1, width)):
            grid[top - first][at] = value
    if not inside:
        _spread(grid)
    titles = []
    for at in range(width):
        parts = [" ".join(plain_text(str(row[at])).split()) for row in grid if row[at] is not None]
        parts = [part for part, above in zip(parts, [None, *parts], strict=False) if part != above]
        titles.append(PART.join(parts) or None)
    return tuple(titles)


def _spread(grid):
    """Give group titles to the empty cells right of them that have titles below, as merged cells would."""
    for number, row in enumerate(grid[:-1]):
        below = grid[number + 1 :]
        for at in range(1, len(row)):
            filled = [any(under[place] is not None for under in below) for place in (at - 1, at)]
            if row[at] is None and row[at - 1] is not None and all(filled):
                # a group of an upper row ends where the next one begins
                borders = [upper[at] for upper in grid[:number] if upper[at] != upper[at - 1]]
                if not borders:
                    row[at] = row[at - 1]


def _fields(titles, field_of, named):
    """Field to position: what the study names, then the titles that say it without doubt, the earlier first."""
    fields = named_columns(titles, named)
    for at, title in enumerate(titles):
        field = field_of(title) if title and at not in fields.values() else None
        if field and field not in fields and field not in named:
            fields[field] = at
    return fields


def named_columns(titles, named):
    """Field to position of the columns that the study names and the heading has."""
    found = {}
    for field, column in named.items():
        letter = _BY_LETTER.match(column.strip())
        if letter:
            wanted = letter[1].upper()
            places = [at for at, title in enumerate(titles) if column_letter(at) == wanted and title]
        else:
            places = _places(titles, column.strip())
        if places:
            found[field] = places[0]
    return found


def _places(titles, column):
    """Columns of a title: the whole title as it stands, then folded, then a last part that only one column has."""
    told = [(at, title) for at, title in enumerate(titles) if title]
    same = [at for at, title in told if title == column]
    alike = [at for at, title in told if fold(title) == fold(column)]
    last = [at for at, title in told if fold(title.rpartition(PART)[2]) == fold(column)]
    return same or alike or (last if len(last) == 1 else [])
