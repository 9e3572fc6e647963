"""Three-valued logic with a fourth way out: yes, no, unknown, and parts that do not apply."""

import numpy as np

NO, YES, UNKNOWN, EXEMPT = 0, 1, 2, 3
WORDS = np.array(["unmet", "met", "unknown", "exempt"], dtype=object)


def codes_of(words):
    """Codes of a column of status words; anything else is unknown."""
    known = {word: code for code, word in enumerate(WORDS)}
    return words.map(known).fillna(UNKNOWN).to_numpy(dtype=int)


def negate(codes):
    """Yes for no and no for yes; the others stay."""
    return np.choose(codes, [YES, NO, UNKNOWN, EXEMPT])


def all_of(parts):
    """Whether all parts hold; parts that do not apply are left out, and where none applies, neither does this."""
    table = np.column_stack(parts)
    return np.where(
        (table == EXEMPT).all(1),
        EXEMPT,
        np.where((table == NO).any(1), NO, np.where((table == UNKNOWN).any(1), UNKNOWN, YES)),
    )


def at_least(wanted, parts):
    """Whether at least `wanted` (a number a row) of the parts hold.

    Parts that do not apply are left out: of three parts of which one does not apply, "three of three" asks
    for the two others.
    """
    table = np.column_stack(parts)
    sure, open_, out = ((table == code).sum(1) for code in (YES, UNKNOWN, EXEMPT))
    wanted = np.minimum(wanted, table.shape[1] - out)
    decided = np.where(sure >= wanted, YES, np.where(sure + open_ < wanted, NO, UNKNOWN))
    return np.where(out == table.shape[1], EXEMPT, decided)


def either(one, other):
    """What two possible answers have in common: the answer if they agree, else unknown."""
    return np.where(one == other, one, UNKNOWN)
