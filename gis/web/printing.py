"""Maps to print: a small form with a preview, the map as a PDF or a picture, and the atlas as long work."""

import datetime
import math
import threading
from dataclasses import dataclass, field, replace

from flask import Blueprint, redirect, render_template, request, url_for

from gis import sheets
from gis.errors import PaperError
from gis.sheets import mapsheets
from gis.web import asked, choosing, facts, lists, progress
from gis.web.guard import Refused
from gis.web.home import has_map, ready
from gis.web.payload import pack, pack_json, send
from gis.web.texts import language, number, t

PDF, PNG = "application/pdf", "image/png"
OWN = ("commune", "criterion", "part")
"""Filters of the lists that a map has fields for; by any other it shows fewer villages."""

AT_ONCE_S = 0.5
"""So long the page of an atlas waits for it before it tells how far it is."""

pages = Blueprint("printing", __name__)


class Stopped(Exception):
    """The reader does not want the atlas any more."""


@dataclass
class Making:
    """An atlas that is being drawn: how far it is, and whether it is to stop."""

    attempt: int = 0
    page: int = 0
    pages: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def report(self, fraction, code, *, page, pages):
        if self.stop.is_set():
            raise Stopped
        self.page, self.pages = page, pages


@pages.app_context_processor
def printed():
    """What stands below every page on paper."""
    return {"printed_on": lambda: datetime.date.today().isoformat()}


@pages.get("/studies/<study_id>/print/map")
def form(study_id):
    """What a map can show, and how it looks with what is chosen."""
    standing = ready(study_id)
    review = standing.review
    ask, filters = _ask(study_id, standing)
    layers = mapsheets.offered(review.study)
    extent = request.args.get("extent", "")
    return render_template(
        "printing/map.html",
        review=review,
        study=review.study,
        study_id=study_id,
        ask=ask,
        said=ask.said,
        extent=extent if ask.extent else "",
        hidden={name: value for name, value in filters.items() if name not in OWN},
        query=_query(),
        communes=facts.communes_by_name(review, language()),
        commune=request.args.get("commune", ""),
        criteria=facts.criteria_counts(review, language()),
        layers=[(id_, layer.label) for id_, layer in layers.items()],
        sizes=tuple(mapsheets.SIZES),
        day=request.args.get("date", datetime.date.today().isoformat()),
        has_map=has_map(review),
    )


@pages.get("/studies/<study_id>/print/map.<any(pdf, png):format>")
def file(study_id, format):
    """The map as a PDF, or as the picture that the form shows."""
    standing, reader = ready(study_id), language()
    ask, _ = _ask(study_id, standing)

    def make():
        pdf = mapsheets.map_sheet(standing.review, ask, reader)
        return pack(pdf, PDF) if format == "pdf" else pack(sheets.to_png(pdf), PNG)

    payload = standing.prepared(("print", format, reader, ask), make) if _is_kept(ask) else make()
    if format == "png":
        return send(payload)
    about = "-".join(part for part in (ask.commune, ask.criterion or ask.show, ask.size) if part)
    return send(payload, filename=f"{study_id}{choosing.in_names()}-{t('printing-file')}-{about}.pdf")


@pages.get("/studies/<study_id>/print/atlas")
def atlas(study_id):
    """How far the atlas is; it begins with the first look at this page."""
    standing = ready(study_id)
    ask = _of_atlas(study_id, standing)
    done = _begun(standing, ask, wait_s=AT_ONCE_S)
    return render_template(
        "printing/atlas.html",
        review=standing.review,
        study=standing.review.study,
        study_id=study_id,
        making=_making(standing, ask),
        done=done,
        query=_query(),
    )


@pages.get("/studies/<study_id>/print/atlas.json")
def state(study_id):
    """The same for the page that waits."""
    standing = ready(study_id)
    ask = _of_atlas(study_id, standing)
    done, making = _begun(standing, ask, wait_s=0), _making(standing, ask)
    told = {
        "state": "ready" if done else "computing",
        "fraction": making.page / making.pages if making.pages else 0,
        "message": t("mapsheet-drawing", page=number(making.page), pages=number(making.pages))
        if making.pages
        else t("printing-waiting"),
    }
    return send(pack_json(told), cache="no-store")


@pages.post("/studies/<study_id>/print/atlas/stop")
def stop(study_id):
    """Stop an atlas that is being drawn."""
    standing = ready(study_id)
    ask = _of_atlas(study_id, standing)
    making = _making(standing, ask)
    making.stop.set()
    standing.beside(_key(ask), making.attempt + 1, lambda: Making(making.attempt + 1))
    return redirect(url_for("printing.form", study_id=study_id, **_query()))


@pages.get("/studies/<study_id>/print/atlas.pdf")
def atlas_file(study_id):
    """The atlas; who asks before it is drawn is asked to come again."""
    standing = ready(study_id)
    ask = _of_atlas(study_id, standing)
    if not _begun(standing, ask, wait_s=AT_ONCE_S):
        raise Refused(503, "printing-not-yet", retry_s=3)
    payload = standing.prepared(_key(ask), lambda: _draw(standing, ask, _making(standing, ask), language()))
    about = "-".join(part for part in (ask.criterion, ask.size) if part)
    return send(payload, filename=f"{study_id}{choosing.in_names()}-{t('printing-atlas-file')}-{about}.pdf")


def _key(ask):
    return ("atlas", language(), ask)


def _making(standing, ask):
    """The atlas that is being drawn, or will be next."""
    kept = standing.kept_beside(_key(ask))
    return kept or standing.beside(_key(ask), 0, Making)


def _draw(standing, ask, making, reader):
    return pack(mapsheets.atlas(standing.review, ask, reader, report=making.report), PDF)


def _begun(standing, ask, *, wait_s):
    """Whether the atlas is there; begins to draw it where nobody did.

    Raises
    ------
    Refused
        422 with its sentence where it cannot be drawn.
    """
    making, key, reader = _making(standing, ask), _key(ask), language()

    def work():
        standing.prepared(key, lambda: _draw(standing, ask, making, reader))
        return True

    try:
        return standing.worked_out((*key, making.attempt), work, wait_s=wait_s)
    except (TimeoutError, Stopped):
        return False
    except PaperError as fault:
        raise Refused(422, "web-study-failed", problems=fault.problems) from None


def _query():
    """The query of this page for the links to the same map; the set is kept by every link of itself."""
    return {name: request.args.getlist(name) for name in request.args if name != "set"}


def _ask(study_id, standing):
    """What the address asks to be printed, and the filters it names."""
    review = standing.review
    filters, ids = lists.chosen(review, progress.stood(study_id, standing))
    others = {name: value for name, value in filters.items() if name not in OWN}
    commune = filters.get("commune")
    return mapsheets.Ask(
        show=asked.one_of("show", {each: t(f"printing-show-{each}") for each in mapsheets.SHOWN})
        or mapsheets.SHOWN[0],
        criterion=filters.get("criterion"),
        commune="" if commune == facts.NO_COMMUNE else commune,
        part=filters.get("part", "all"),
        villages=tuple(ids) if others else None,
        said="; ".join(lists.said(review, others)) if others else "",
        layers=_layers(review),
        size=asked.one_of("size", {each: each.upper() for each in mapsheets.SIZES}) or "a4",
        extent=_extent(),
        date=_date(),
    ), filters


def _of_atlas(study_id, standing):
    """The same for an atlas, which shows every commune in its own frame."""
    ask, _ = _ask(study_id, standing)
    return replace(ask, show=mapsheets.SHOWN[0], commune=None, villages=None, said="", extent=None)


def _is_kept(ask):
    # what people search for, where they look and any other day has no end
    return ask.villages is None and ask.extent is None and ask.date in ("", datetime.date.today().isoformat())


def _layers(review):
    """The layers asked for: each in a field of its own, or all in one as the workspace writes them.

    What the workspace can show and a print cannot is passed over.
    """
    known = mapsheets.offered(review.study)
    wanted = [each for text in request.args.getlist("layers") for each in text.split(",")]
    return tuple(dict.fromkeys(each for each in wanted if each in known))


def _extent():
    """West, south, east and north in degrees, None where all is to be shown."""
    text = request.args.get("extent", "")
    if not text:
        return None
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        west = south = east = north = math.nan
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise Refused(400, "printing-bad-extent", value=text[:60])
    return west, south, east, north


def _date():
    text = request.args.get("date", "")
    if not text:
        return ""
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused(400, "printing-bad-date", value=text[:60]) from None
