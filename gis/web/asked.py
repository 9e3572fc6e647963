"""What an address asks for, checked against what there is."""

import math

from flask import request

from gis.web.facts import PARTS
from gis.web.guard import Refused, wants_data
from gis.web.texts import t


def one_of(name, allowed):
    """The value of a part of the query, None where it is not given.

    Parameters
    ----------
    name : str
    allowed : Mapping of str to str
        Value to what a reader calls it.

    Raises
    ------
    Refused
        400 with the values there are: in words on a page, as they must be written in data.
    """
    value = request.args.get(name, "")
    if not value:
        return None
    if value not in allowed:
        known = list(allowed if wants_data() else allowed.values())
        raise Refused(400, "web-bad-filter", name=name, value=value[:60], allowed=known)
    return value


def part():
    """All criteria or the infrastructure part, as `gis.web.facts.PARTS` names them."""
    return one_of("part", {each: t(f"web-part-{each}") for each in PARTS}) or PARTS[0]


def page_of(rows, size):
    """The page of a list that is asked for, the number of the last one, and the rows of it."""
    last = max(1, math.ceil(len(rows) / size))
    page = whole_number("page", 1, last)
    return page, last, rows[(page - 1) * size : page * size]


def whole_number(name, least, most, *, usual=None):
    """A whole number between two; `usual`, else `least`, where it is not given.

    Raises
    ------
    Refused
        400 where it is anything else.
    """
    text = request.args.get(name, str(least if usual is None else usual))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise Refused(400, "web-bad-filter", name=name, value=text[:60], allowed=[f"{least}–{most}"])
    return int(text)
