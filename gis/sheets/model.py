"""What a paper says, apart from how it is written: the same content goes into a workbook, a document and a PDF."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """What only the people who hand a paper in know; what is left out stays a dotted line to fill by hand.

    Attributes
    ----------
    issuer : str
        The body that hands it in, such as ``UBND xã Đăk Tô``.
    place : str
        Where it is signed.
    date : str
        When, as ``2026-11-23``.
    """

    issuer: str = ""
    place: str = ""
    date: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    width_mm : float
        On paper.
    align : str
        ``"left"``, ``"center"`` or ``"right"``.
    above : str
        Heading shared with the neighbours that have the same one; empty for none.
    """

    heading: str
    width_mm: float
    align: str = "left"
    above: str = ""


@dataclass(frozen=True)
class Cell:
    """A text as a reader sees it; `number` is the same for a workbook, `status` colours the cell besides."""

    text: str = ""
    number: float | None = None
    status: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns.

    Attributes
    ----------
    keys : int
        How many of the first columns say what a row is about; they stand again wherever the table is too
        wide for one page.
    totals : int
        How many of the last rows sum up the others.
    new_page : bool
        Whether the table begins on a page of its own.
    """

    title: str
    columns: tuple
    rows: tuple
    keys: int = 2
    totals: int = 0
    new_page: bool = False


@dataclass(frozen=True)
class Signature:
    """Who signs: the office in capital letters, one line or two, and how it is to be signed."""

    office: tuple
    how: str


@dataclass(frozen=True)
class Paper:
    """One paper to hand in.

    Attributes
    ----------
    name : str
        What its file is called, without suffix; ASCII.
    national : tuple of str
        Name and motto of the state; empty where the villages lie elsewhere.
    notices : tuple of str
        What a reader must know before any figure: invented data, figures that nobody has checked.
    notes, sources : tuple of str
        Below the tables.
    foot : str
        On every page: what the paper was made from.
    page_words : str
        How a page is numbered, with ``{page}`` and ``{pages}``.
    letters_words : str
        What to say where a format does not have all letters.
    """

    name: str
    language: str
    issuer: str
    national: tuple
    place_date: str
    title: str
    subtitle: tuple
    notices: tuple
    tables: tuple
    notes: tuple
    sources: tuple
    signatures: tuple
    foot: str
    page_words: str
    letters_words: str


SQUEEZE = 1.25
"""A table this much too wide is drawn narrower rather than in two parts."""


def panels(table, width_mm):
    """The parts of a table that each fit into a width, each with the columns that say what a row is about.

    A table that is only a little too wide stays whole. Columns under one heading stay together where they fit.

    Parameters
    ----------
    table : Table
    width_mm : float

    Returns
    -------
    list of Table
        The table itself where it fits.

    Examples
    --------
    >>> wide = Table("", tuple(Column(name, 40) for name in "abcd"), (tuple(map(Cell, "1234")),), keys=1)
    >>> [[column.heading for column in part.columns] for part in panels(wide, 120)]
    [['a', 'b', 'c'], ['a', 'd']]
    """
    if sum(column.width_mm for column in table.columns) <= width_mm * SQUEEZE:
        return [table]
    keys = table.columns[: table.keys]
    room = width_mm - sum(column.width_mm for column in keys)
    parts, used = [[]], 0.0
    for group in _groups(table):
        wide = sum(table.columns[at].width_mm for at in group)
        # more columns under one heading than a page holds: they part
        for piece in [group] if wide <= room else [[at] for at in group]:
            wide = sum(table.columns[at].width_mm for at in piece)
            if parts[-1] and used + wide > room + 1e-6:
                parts, used = [*parts, []], 0.0
            parts[-1] += piece
            used += wide
    return [_part(table, [*range(table.keys), *part]) for part in parts]


def _groups(table):
    """Positions of the columns after the keys, neighbours under one heading together."""
    groups = []
    for at in range(table.keys, len(table.columns)):
        above = table.columns[at].above
        if groups and above and table.columns[groups[-1][-1]].above == above:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _part(table, chosen):
    return Table(
        table.title,
        tuple(table.columns[at] for at in chosen),
        tuple(tuple(row[at] for at in chosen) for row in table.rows),
        table.keys,
        table.totals,
        table.new_page,
    )


def spans(columns):
    """The upper line of a heading: (first, last, text) of each column or run under one heading."""
    found = []
    for at, column in enumerate(columns):
        if found and column.above and found[-1][2] == column.above and columns[at - 1].above == column.above:
            found[-1] = (found[-1][0], at, column.above)
        else:
            found.append((at, at, column.above or column.heading))
    return found
