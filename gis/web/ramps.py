"""Rasters as layers that colour the ground: how many people live where, how high it is; each with its legend."""

from functools import partial

import numpy as np
from flask import Blueprint

from gis.labels import format_number
from gis.relief import extent, on_mercator
from gis.web.guard import Refused
from gis.web.home import ready_all
from gis.web.layerlooks import credit_of
from gis.web.payload import pack, send
from gis.web.reliefs import indexed, small
from gis.web.texts import language, pick, t

PAINTS = ("#ffffff", "#e0dbee", "#bdb1da", "#9a88c4", "#6a4fa3", "#3b1a78")
"""Light to dark, told apart with any colour vision; `maptools.css` has the same for the legend."""
LETTERS = "ABCDEF"
MOST_BYTES = 180_000
PEOPLE_A_KM2 = (1, 10, 50, 200, 1000)
"""From an empty wood to a town."""
ROUND_M = 50
HATCH = 4
"""Every fourth cell along both diagonals is dark where nothing is known."""
UNKNOWN, STROKE = len(PAINTS), len(PAINTS) + 1

pages = Blueprint("ramps", __name__)


def layers(standing):
    """The rasters of a study that can be shown, as `home.layers_on_map` tells layers."""
    study = standing.review.study
    shown = [name for name in ("population", "elevation") if _raster(study, name) is not None]
    return [
        _row(study, name, *standing.beside(("ramp", name), 0, partial(_about, study, name))) for name in shown
    ]


@pages.get("/studies/<study_id>/layers/<any(population, elevation):name>.png")
def picture(study_id, name):
    """A raster in the colours of its classes."""
    standing = ready_all(study_id)
    study = standing.review.study
    if _raster(study, name) is None:
        raise Refused(404, "web-no-layer", layer=name)

    def make():
        return pack(small(lambda most_px: _drawn(study, name, most_px), MOST_BYTES), "image/png")

    return send(standing.prepared(("ramp", name), make))


def steps_of(study, name):
    """Where the classes of a raster begin: people a km², or metres above the sea."""
    if name == "population":
        return list(PEOPLE_A_KM2)
    values = _raster(study, name).values
    known = values[~np.isnan(values)]
    if not len(known):
        return []
    parts = np.quantile(known, np.arange(1, len(PAINTS)) / len(PAINTS))
    return sorted({int(ROUND_M * round(each / ROUND_M)) for each in parts})


def classes(values, steps):
    """The position of each value's class; `UNKNOWN` hatched with `STROKE` for NaN."""
    found = np.digitize(np.nan_to_num(values), steps).astype(np.uint8)
    rows, columns = np.indices(values.shape)
    blank = np.where((rows + columns) % HATCH == 0, STROKE, UNKNOWN)
    return np.where(np.isnan(values), blank, found).astype(np.uint8)


def _raster(study, name):
    data = study.layers.get(name)
    return data.raster if data is not None else None


def _drawn(study, name, most_px):
    values, _, _ = on_mercator(_raster(study, name), most_px=most_px)
    colours = [[int(paint[at : at + 2], 16) for at in (1, 3, 5)] for paint in (*PAINTS, "#ffffff", "#98a19d")]
    return indexed(
        classes(values / _unit(study, name), steps_of(study, name)), colours, np.ones(len(colours))
    )


def _unit(study, name):
    """What the values of a raster are divided by: people are counted a cell, and told a square kilometre."""
    raster = _raster(study, name)
    return raster.width * raster.height / 1e6 if name == "population" else 1.0


def _about(study, name):
    """Where its classes begin, whether some of it is unknown, and where it lies; every cell is looked at for this."""
    raster = _raster(study, name)
    return steps_of(study, name), bool(np.isnan(raster.values).any()), extent(raster)


def _row(study, name, steps, blank, box):
    data, code = study.layers[name], "ramp-people" if name == "population" else "ramp-metres"
    west, south, east, north = box
    said = next((each for each in study.citations if each.layer == data.layer.label), None)
    keys = [
        {"band": f"ramp{at}", "letter": LETTERS[at], "name": t(code, range=words)} for at, words in enumerate(_ranges(steps))
    ]  # fmt: skip
    if blank:
        keys.append({"band": "none", "letter": "", "name": t("ramp-blank")})
    return {
        "id": name,
        "label": pick(data.layer.label),
        "count": None,
        "color": PAINTS[3],
        "shape": "square",
        "letter": "",
        "width": 0.5,
        "geometry": "polygon",
        "ground": True,
        "picture": [[south, west], [north, east]],
        "keys": keys,
        "credit": credit_of(said) or pick(data.layer.label),
    }


def _ranges(steps):
    if not steps:
        return []
    told = [format_number(step, language()) for step in steps]
    middle = [f"{low}–{high}" for low, high in zip(told, told[1:], strict=False)]
    return [t("ramp-below", least=told[0]), *middle, t("ramp-from", most=told[-1])]
