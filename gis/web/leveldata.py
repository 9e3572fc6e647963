"""What the page of a study of very many villages asks for, piece by piece as it shows it."""

import numpy as np
from flask import Blueprint, request

from gis.web import asked, lists, progress, whole
from gis.web.crowd import ROWS_A_PAGE, SORTS, Crowd
from gis.web.facts import communes_by_name
from gis.web.guard import Refused
from gis.web.home import PATIENCE_S, RETRY_S, ready
from gis.web.levels import is_large, kept_levels
from gis.web.payload import pack_json, packed, send
from gis.web.shapes import GEOJSON
from gis.web.texts import language, t

pages = Blueprint("leveldata", __name__)


@pages.get("/studies/<study_id>/levels/<level>/<int:leaf>.geojson")
def outlines(study_id, level, leaf):
    """Outlines of one leaf of a level."""
    standing, levels = _large(study_id)

    def make():
        try:
            return packed(levels.body(level, leaf), GEOJSON)
        except KeyError:
            raise Refused(404, "levels-no-leaf", level=level[:20], leaf=leaf) from None

    return send(standing.prepared(("leaf", level[:20], leaf), make))


@pages.get("/studies/<study_id>/levels/villages/<int:leaf>.json")
def villages(study_id, leaf):
    """Names and verdicts of the villages of one leaf."""
    standing, levels = _large(study_id)
    if leaf >= len(levels.members["villages"]):
        raise Refused(404, "levels-no-leaf", level="villages", leaf=leaf)
    crowd, reader = _crowd(standing, levels), language()

    def make():
        return pack_json(crowd.rows(crowd.ids.get_indexer(levels.members["villages"][leaf]), reader))

    return send(standing.prepared(("leaf-rows", leaf, reader), make))


@pages.get("/studies/<study_id>/levels/summary.json")
def summary(study_id):
    """How many villages fit the filters of the address, where they are, and their counts by region."""
    standing, levels = _large(study_id)
    crowd = _crowd(standing, levels)
    names = [each["name"] for each in levels.index["levels"] if each["name"] != "villages"]
    level = asked.one_of("level", dict(zip(names, names, strict=True))) or names[0]
    filters, chosen = _chosen(study_id, standing, crowd)
    part, criterion = filters.get("part", "all"), filters.get("criterion")

    def make():
        return pack_json(crowd.summary(chosen(), part, criterion, level))

    return send(_told(standing, ("summary", level), filters, make))


@pages.get("/studies/<study_id>/levels/rows.json")
def rows(study_id):
    """One page of the villages that fit the filters of the address, in the order it asks for."""
    standing, levels = _large(study_id)
    crowd, reader = _crowd(standing, levels), language()
    if village := request.args.get("village"):
        if village not in crowd.ids:
            raise Refused(404, "web-no-village", village=village[:60])
        return send(pack_json({"count": 1, "page": 1, **crowd.rows([crowd.ids.get_loc(village)], reader)}))
    sorts = {sign + each: t(f"js-column-{each}") for each in SORTS for sign in ("", "-")}
    sort = asked.one_of("sort", sorts)
    filters, chosen = _chosen(study_id, standing, crowd)
    page = asked.whole_number("page", 1, len(crowd.ids) // ROWS_A_PAGE + 1)

    def make():
        fits = chosen()
        places = np.flatnonzero(fits)
        if sort:
            order = crowd.order(sort, filters.get("part", "all"))
            places = order[fits[order]]
        shown = places[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        return pack_json({"count": len(places), "page": page, **crowd.rows(shown, reader)})

    return send(_told(standing, ("rows", sort, page, reader), filters, make))


@pages.get("/studies/<study_id>/levels/communes.json")
def communes(study_id):
    """Every commune with its name, for the filter of the page."""
    standing, reader = ready(study_id), language()
    return send(
        standing.prepared(
            ("commune-names", reader), lambda: pack_json(communes_by_name(standing.review, reader))
        )
    )


def beginning(standing, reader):
    """What `whole.map_table` tells of a small study, with the levels in place of communes and villages."""
    levels = levels_of(standing)
    return {
        "communes": [],
        **whole.map_words(standing.review, reader),
        "rows": [],
        "villages": len(standing.review.villages_table),
        "levels": levels.index,
    }


def prepare(standing):
    """Make what the first reader of a large study would otherwise wait for."""
    _crowd(standing, levels_of(standing, wait_s=None)).warm()
    len(standing.review.communes)


def levels_of(standing, *, wait_s=PATIENCE_S):
    """The levels of a study, made in the background.

    Raises
    ------
    Refused
        503 while they are made.
    """
    try:
        return standing.worked_out(
            ("levels",), lambda: kept_levels(standing.review, standing.folder), wait_s=wait_s, for_good=True
        )
    except TimeoutError:
        raise Refused(503, "web-computing", retry_s=RETRY_S, study=standing.study_id) from None


def _large(study_id):
    standing = ready(study_id)
    if not is_large(standing.review):
        raise Refused(404, "levels-not-large", study=study_id)
    return standing, levels_of(standing)


def _crowd(standing, levels):
    return standing.beside(
        "crowd", standing.review.run.id, lambda: Crowd(standing.review, levels.members["groups"])
    )


def _chosen(study_id, standing, crowd):
    """The filters of the address, and a function that finds which villages fit them and its search."""
    stood = progress.stood(study_id, standing)
    filters = lists.filters_asked(standing.review, stood)
    search = request.args.get("q", "").strip()[:200]

    def chosen():
        return crowd.found(lists.fitting(standing.review, stood, filters), search)

    return filters | ({"q": search} if search or stood is not None else {}), chosen


def _told(standing, key, filters, make):
    """What people search for has no end, so only other answers are kept; states change under a judgement."""
    return make() if "q" in filters else standing.prepared((*key, *sorted(filters.items())), make)
