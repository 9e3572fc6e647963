"""Three-valued logic with a fourth way out: yes, no, unknown, and parts that do not apply."""

import numpy as np
import pandas as pd

NO, YES, UNKNOWN, EXEMPT = 0, 1, 2, 3
WORDS = np.array(["unmet", "met", "unknown", "exempt"], dtype=object)


def codes_of(words):
    """Codes of a column of status words; anything else is unknown."""
    at, distinct = pd.factorize(np.asarray(words, dtype=object))
    known = {word: code for code, word in enumerate(WORDS)}
    # the last is for words that are blank
    return np.array([*(known.get(word, UNKNOWN) for word in distinct), UNKNOWN])[at]


def negate(codes):
    """Yes for no and no for yes; the others stay."""
    return np.array([YES, NO, UNKNOWN, EXEMPT])[codes]


def all_of(parts):
    """Whether all parts hold; parts that do not apply are left out, and where none applies, neither does this."""
    applies = no = open_ = False
    for part in parts:
        applies, no, open_ = applies | (part != EXEMPT), no | (part == NO), open_ | (part == UNKNOWN)
    return np.where(applies, np.where(no, NO, np.where(open_, UNKNOWN, YES)), EXEMPT)


def at_least(wanted, parts):
    """Whether at least `wanted` (a number a row) of the parts hold.

    Parts that do not apply are left out: of three parts of which one does not apply, "three of three" asks
    for the two others.
    """
    sure, open_, out = (sum((part == code).astype(int) for part in parts) for code in (YES, UNKNOWN, EXEMPT))
    wanted = np.minimum(wanted, len(parts) - out)
    decided = np.where(sure >= wanted, YES, np.where(sure + open_ < wanted, NO, UNKNOWN))
    return np.where(out == len(parts), EXEMPT, decided)


def either(one, other):
    """What two possible answers have in common: the answer if they agree, else unknown."""
    return np.where(one == other, one, UNKNOWN)
