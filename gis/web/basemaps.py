"""What lies under the villages where a reader wants it: relief, tiles of the office's own, tiles of the network."""

import logging
import re
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from flask import Blueprint, current_app, request, url_for

from gis.basemaps import find_base_maps, kind_of_picture
from gis.errors import Problem, SettingError
from gis.relief import extent
from gis.web import reliefs
from gis.web.assets import FOREVER
from gis.web.guard import HEADERS, Refused
from gis.web.home import ready_all
from gis.web.payload import Payload, send
from gis.web.reliefs import png
from gis.web.texts import language

log = logging.getLogger("gis.web")

ONLINE = "online"
OFFLINE_PICTURES = "img-src 'self' data:"
TEMPLATE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~/{}?=&%@+-]*")
PLACES = ("{z}", "{x}", "{y}")
LOOK_AGAIN_S = 2.0
NOTHING = png(np.zeros((1, 1), dtype=np.int8))
"""A picture of one clear pixel."""

pages = Blueprint("basemaps", __name__)


@dataclass
class Found:
    """The base maps of the folder as they were when last looked for."""

    maps: tuple = ()
    looked: float = -LOOK_AGAIN_S


_looking = threading.Lock()


@pages.record_once
def begin(state):
    """Refuse a setting that is no address of tiles before the first reader comes."""
    origin_of(state.app.config["SETTINGS"])
    state.app.extensions["basemaps"] = Found()


def base_maps():
    """Every base map of the folder; a file that came or changed is seen within two seconds."""
    found = current_app.extensions["basemaps"]
    with _looking:
        if time.monotonic() - found.looked >= LOOK_AGAIN_S:
            before = found.maps
            found.maps = find_base_maps(current_app.config["SETTINGS"].basemaps, before)
            found.looked = time.monotonic()
            for one in found.maps:
                if one.problem is not None and one not in before:
                    log.warning("%s", one.problem.say("en"))
    return found.maps


def origin_of(settings):
    """The origin of the tiles in the network that the settings name; None where they name none.

    Raises
    ------
    SettingError
        If it is not the address of tiles with ``{z}``, ``{x}`` and ``{y}`` once each.
    """
    written = settings.online_tiles
    if not written:
        return None
    plain = written
    for place in PLACES:
        plain = plain.replace(place, "0", 1)
    if not TEMPLATE.fullmatch(written) or "{" in plain or any(written.count(each) != 1 for each in PLACES):
        raise SettingError("setting-tiles", setting="GIS_ONLINE_TILES", value=written[:200])
    parts = urlsplit(plain)
    return f"{parts.scheme}://{parts.netloc}"


def on_offer(study):
    """What the map of a study can be laid on, as the page needs it.

    Returns
    -------
    dict
        ``maps``: a list of ``id``, ``title``, ``credit``, ``address`` with the places of a tile in it, ``least``,
        ``most``, ``bounds``. ``problems``: sentences about files that cannot be used. ``relief``: address and
        bounds, None where the study has no heights.
    """
    settings, maps, problems = current_app.config["SETTINGS"], [], []
    for one in base_maps():
        if one.problem is not None:
            problems.append(one.problem.say(language()))
            continue
        where = url_for("basemaps.tile", id=one.id, mark=one.mark, z=0, x=0, y=0)
        west, south, east, north = one.about.bounds
        maps.append(
            {
                "id": one.id,
                "title": one.about.title,
                "credit": one.about.credit,
                "address": f"{where.removesuffix('/0/0/0')}/{{z}}/{{x}}/{{y}}",
                "least": one.about.least,
                "most": one.about.most,
                "bounds": [[south, west], [north, east]],
            }
        )
    if settings.online_tiles:
        maps.append(
            {
                "id": ONLINE,
                "title": Problem("basemap-online").say(language()),
                "credit": settings.online_credit,
                "address": settings.online_tiles,
                "least": 0,
                "most": 19,
                "bounds": None,
            }
        )
    return {"maps": maps, "problems": problems, "relief": _relief_of(study)}


def _relief_of(study):
    heights = study.layers.get("elevation")
    if heights is None or heights.raster is None:
        return None
    west, south, east, north = extent(heights.raster)
    return {"bounds": [[south, west], [north, east]]}


@pages.get("/basemaps/<id>/<mark>/<int:z>/<int:x>/<int:y>")
def tile(id, mark, z, x, y):
    """One picture of a base map; its address changes with the file, so it may be kept for ever."""
    one = next((each for each in base_maps() if each.id == id), None)
    if one is None or one.tile is None:
        raise Refused(404, "basemap-none", map=id[:60])
    about = one.about
    inside = about.least <= z <= about.most and x < 2**z and y < 2**z
    data = one.tile(z, x, y) if inside else None
    kind = kind_of_picture(data) if data else None
    if kind is None:
        # Beyond its edge a map has no tiles; a browser would take an empty answer for a fault.
        data, kind = NOTHING, "image/png"
    payload = Payload(data, f"{one.mark}-{z}-{x}-{y}", kind, False)
    return send(payload, cache=FOREVER if mark == one.mark else "public, no-cache")


@pages.get("/studies/<study_id>/relief.png")
def relief(study_id):
    """Light and shade of the study's heights."""
    payload = reliefs.prepared(ready_all(study_id))
    if payload is None:
        raise Refused(404, "web-no-layer", layer="relief")
    return send(payload)


@pages.after_app_request
def let_tiles_in(response):
    """Where the settings name tiles in the network, the workspace may show pictures from there and nowhere else."""
    origin = origin_of(current_app.config["SETTINGS"])
    if origin and request.endpoint == "workspace.page":
        policy = HEADERS["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            OFFLINE_PICTURES, f"{OFFLINE_PICTURES} {origin}"
        )
    return response
