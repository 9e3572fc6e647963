"""Kinds of work in a reader's words, and the columns of tables that people fill in, by their headings."""

from gis.labels import LANGUAGES
from gis.messages import say
from gis.names import fold

HEADING_ROWS = 30


def sector_word(sector, language):
    """The name of a sector; what is not one stays as it is."""
    return _word("interventions-sector-", sector, language)


def unit_word(unit, language):
    """What a quantity counts, such as ``phòng``; units that read the same everywhere stay as they are."""
    return unit if unit in ("km", "ha", None) else _word("interventions-unit-", unit, language)


def cost_word(verification, language):
    """Who stands for a cost: an assumption is always said to be one."""
    return _word("interventions-cost-by-", verification, language)


def money_word(kind, language):
    """The name of a kind of money."""
    return _word("interventions-money-", kind, language)


def _word(prefix, code, language):
    code = "" if code is None else str(code)
    word = say(prefix + code, language)
    return code if word == prefix + code else word


def heading_names(columns, prefix):
    """Folded heading to code of the column: its message in either language, and the code itself."""
    known = {fold(code): code for code in columns}
    return known | {fold(say(prefix + code, language)): code for code in columns for language in LANGUAGES}


def heading_columns(cells, code_of, *, least=2):
    """Where the columns of a table stand, by their headings.

    Parameters
    ----------
    cells : list of list
    code_of : callable
        Of a text: the code of the column that it is the heading of; None where it is none.
    least : int
        A row with fewer headings is none of headings.

    Returns
    -------
    row : int
        Of the headings, from 0; -1 where there is none.
    places : dict of str to int
        Code to position.
    """
    best = -1, {}
    for number, row in enumerate(cells[:HEADING_ROWS]):
        places = {}
        for at, cell in enumerate(row):
            code = code_of(cell) if isinstance(cell, str) else None
            if code is not None:
                places.setdefault(code, at)
        if len(places) >= max(least, len(best[1]) + 1):
            best = number, places
    return best
