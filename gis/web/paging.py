"""How a table that is offered to programs is asked: filters, a box, pages, and the links from one to the next."""

import math
import re
from urllib.parse import urlencode

import numpy as np
from flask import request

from gis.web.asked import whole_number
from gis.web.guard import Refused

USUAL, MOST = 100, 1000
"""Rows of one answer where nothing is asked, and at most."""
LAST = 100_000_000
MOMENT = re.compile(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]+)?(Z|[+-][0-2][0-9]:[0-5][0-9]))?"
)


def know_only(*names):
    """Refuse an address that asks for something there is not: its answer would be taken for what was asked.

    Raises
    ------
    Refused
        400 for an unknown name in the query, or another form than JSON.
    """
    for name in request.args:
        if name not in names:
            raise Refused(400, "api-unknown-parameter", name=name[:60], known=list(names))
    if request.args.get("f", "json") not in ("json", "geojson"):
        raise Refused(400, "web-bad-filter", name="f", value=request.args["f"][:60], allowed=["json"])


def page_asked():
    """Where the page begins and how many rows it may have; more than `MOST` is cut to that, as the standard says."""
    offset, limit = whole_number("offset", 0, LAST), whole_number("limit", 1, LAST, usual=USUAL)
    return offset, min(limit, MOST)


def box_asked():
    """West, south, east and north of ``bbox`` in degrees; None where none is asked. Heights are not looked at."""
    text = request.args.get("bbox")
    if text is None:
        return None
    try:
        numbers = [float(one) for one in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[at] for at in (0, 1, 3, 4)]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or numbers[1] > numbers[3]:
        raise Refused(400, "api-bad-box", value=text[:60])
    return numbers


def check_moment():
    """Refuse a ``datetime`` that is none; features without a time of their own answer to every one.

    Raises
    ------
    Refused
        400
    """
    text = request.args.get("datetime", "..")
    sides = text.split("/")
    if len(sides) > 2 or not all(side in ("", "..") or MOMENT.fullmatch(side) for side in sides):
        raise Refused(400, "api-bad-moment", value=text[:60])


def filters_asked(known):
    """The filters of the address, by name.

    Parameters
    ----------
    known : Mapping of str to collection of str
        Name to the values there are.

    Raises
    ------
    Refused
        400 for another value, and for a criterion without the status wanted of it, or the other way round.
    """
    found = {}
    for name, values in known.items():
        value = request.args.get(name, "")
        if value and value not in values:
            raise Refused(400, "web-bad-filter", name=name, value=value[:60], allowed=list(values))
        if value:
            found[name] = value
    if "criterion_status" in known and ("criterion" in found) != ("criterion_status" in found):
        raise Refused(400, "api-criterion-and-status")
    return found


def answer_of(table, filters, box=None):
    """Positions of the rows of an `Offered` table that answer to filters and touch a box."""
    if not filters and box is None:
        return np.arange(len(table))
    kept = table.fits(filters)
    if box is not None:
        kept &= table.within(box)
    return np.flatnonzero(kept)


def link(rel, href, type_="application/json", title=None):
    """A link as the standard writes it."""
    told = {"rel": rel, "type": type_, "href": href}
    return told | ({"title": title} if title else {})


def links_around(address, start, limit, count, type_="application/json"):
    """Links to this page, the next and the one before, with everything else as it was asked."""

    def to(rel, offset):
        asked = {name: value for name, value in request.args.items() if name not in ("limit", "offset")}
        query = urlencode({**asked, "limit": limit, "offset": offset})
        return link(rel, f"{address.partition('?')[0]}?{query}", type_)

    links = [to("self", start)]
    if start + limit < count:
        links.append(to("next", start + limit))
    if start:
        links.append(to("prev", max(0, start - limit)))
    return links
