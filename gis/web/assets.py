"""The files every page needs, ours and Leaflet's, read and compressed once."""

import hashlib
from pathlib import Path

from flask import Blueprint, abort, current_app, request

from gis.web.payload import pack, send

OWN = Path(__file__).parent / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
FROM_LEAFLET = ("leaflet.js", "leaflet.css", "images/layers.png", "images/layers-2x.png")
FOREVER = "public, max-age=31536000, immutable"

pages = Blueprint("assets", __name__)


class Assets(dict):
    """Name to `Payload`; `version` changes with any byte of any file."""

    version = ""


def load_assets():
    """Everything that may be asked for under ``/static/``; nothing else can be."""
    assets = Assets()
    for path in sorted(OWN.iterdir()):
        if path.suffix in TYPES:
            assets[path.name] = pack(path.read_bytes(), TYPES[path.suffix])
    leaflet = _leaflet_folder()
    for name in FROM_LEAFLET:
        assets[f"leaflet/{name}"] = pack((leaflet / name).read_bytes(), TYPES[Path(name).suffix])
    names = "".join(f"{name}{payload.etag}" for name, payload in assets.items())
    assets.version = hashlib.sha256(names.encode()).hexdigest()[:10]
    return assets


def _leaflet_folder():
    from xstatic.pkg import leaflet

    return Path(leaflet.BASE_DIR)


@pages.get("/static/<path:name>")
def static(name):
    """One file; under ``/static/v-<version>/`` it may be kept for ever, since its address changes with it."""
    assets = current_app.extensions["assets"]
    prefix = f"v-{assets.version}/"
    current = name.startswith(prefix)
    payload = assets.get(name.removeprefix(prefix))
    if payload is None:
        abort(404)
    return send(payload, cache=FOREVER if current else "public, no-cache")


@pages.get("/favicon.ico")
def favicon():
    """The mark of the product; asked for by every browser."""
    return send(current_app.extensions["assets"]["mark.svg"], cache="public, max-age=86400")


@pages.get("/health")
def health():
    """Whether the server answers, for a watcher."""
    return {"ok": True, "path": request.path}
