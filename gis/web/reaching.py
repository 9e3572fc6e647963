"""How long the way to a service takes: bands on the map, catchments, every village and its way."""

import tempfile
import threading
from functools import partial
from pathlib import Path

import geopandas as gpd
from flask import Blueprint, render_template, request, url_for

from gis.exports import doubt_text, reach_list, write_reach
from gis.names import fold
from gis.reaching import (
    MODES,
    SEASONS,
    how_far,
    lacks,
    limits_of,
    other_season,
    service_of,
    services,
    title_of,
    ways_of,
)
from gis.reaching.far import MOST_DRAWN
from gis.web import asked, pieces, reachdata
from gis.web.downloads import XLSX
from gis.web.facts import text_of
from gis.web.guard import Refused
from gis.web.home import ready_all
from gis.web.payload import pack, send
from gis.web.reachdata import minutes_text, place_name
from gis.web.shapes import GEOJSON, collection
from gis.web.texts import language, pick, t
from gis.web.years import patient

pages = Blueprint("reaching", __name__)
one_at_a_time = threading.Lock()
"""What is prepared over the ground of a study is kept with it and shared."""

SHOWN = 100
"""Rows of the table that stand on the page; the files have all."""
MOST_BYTES = 200_000
"""Compressed size of the bands on the page; where they take more they are drawn with fewer cells."""
FEWEST_CELLS = 10_000
SORTS = ("slowest", "village", "place")
VIEWS = ("bands", "areas")
FILES = {
    "gpkg": "application/geopackage+sqlite3",
    "geojson": GEOJSON,
    "zip": "application/zip",
    "xlsx": XLSX,
    "csv": "text/csv",
}


@pages.get("/studies/<study_id>/reach")
def reach(study_id):
    """Bands, the table of villages, and the way of the one that is chosen."""
    standing = ready_all(study_id)
    review = standing.review
    shown = {"review": review, "study": review.study, "study_id": study_id}
    if (lacking := lacks(review.study)) is not None:
        return render_template("reaching/none.html", **shown, lacking=lacking)
    question = _question(review.study)
    far = _far(standing, question)
    chosen = asked.one_of("village", review.study.villages["name"].fillna("").to_dict())
    sort = asked.one_of("sort", {each: t(f"reach-sort-{each}") for each in SORTS}) or SORTS[0]
    rows = _rows(far, sort)
    return render_template(
        "reaching/reach.html",
        **shown,
        far=far,
        title=title_of(far, language()),
        services=services(review.study),
        modes=MODES,
        seasons=SEASONS,
        other=other_season(question["season"]),
        question=question,
        limits=", ".join(map(str, question["limits"])),
        view=asked.one_of("view", {each: t(f"reach-view-{each}") for each in VIEWS}) or VIEWS[0],
        views=VIEWS,
        bands=reachdata.legend(far),
        rows=rows[:SHOWN],
        count=len(rows),
        sort=sort,
        village=_village(standing, question, far, chosen) if chosen else None,
        files=list(FILES),
        query=_query(question),
        addresses={
            name: url_for(f"reaching.{name}", study_id=study_id, **_query(question))
            for name in ("bands", "areas", "points", "way")
        },
    )


@pages.get("/studies/<study_id>/reach/bands.geojson")
def bands(study_id):
    """The bands as areas, with what the legend says of each."""
    standing = ready_all(study_id)
    question = _question(standing.review.study)
    return _drawn(standing, question, "bands", reachdata.band_areas)


@pages.get("/studies/<study_id>/layers/reach.geojson")
def overlay(study_id):
    """The bands of the usual question as a layer of the overview, with their colours."""
    standing = ready_all(study_id)
    if lacks(standing.review.study) is not None:
        raise Refused(404, "web-no-layer", layer=pieces.REACH_LAYER)
    question = _question(standing.review.study)
    return _drawn(standing, question, "overlay", reachdata.coloured_areas)


@pages.get("/studies/<study_id>/reach/areas.geojson")
def areas(study_id):
    """For each place the ground from which it is the nearest."""
    standing = ready_all(study_id)
    question = _question(standing.review.study)
    return _drawn(standing, question, "areas", reachdata.place_areas)


@pages.get("/studies/<study_id>/reach/points.geojson")
def points(study_id):
    """The places that one goes to, and the villages with their minutes."""
    standing = ready_all(study_id)
    question = _question(standing.review.study)
    return _drawn(standing, question, "points", partial(reachdata.points, standing.review.study))


@pages.get("/studies/<study_id>/reach/way.geojson")
def way(study_id):
    """The ways from one village to the nearest place and to the next."""
    standing = ready_all(study_id)
    study = standing.review.study
    village = asked.one_of("village", study.villages["name"].fillna("").to_dict())
    if village is None:
        raise Refused(400, "web-bad-filter", name="village", value="", allowed=["…"])
    question = _question(study)
    found = _ways(standing, question, village)
    shapes = gpd.GeoSeries([one.line for one in found], crs=study.crs).to_crs(4326)
    told = [{"choice": at + 1, "place": one.facility_id} for at, one in enumerate(found)]
    return send(pack(collection(shapes, told), GEOJSON))


@pages.get("/studies/<study_id>/reach.<any(gpkg, geojson, zip, xlsx, csv):format>")
def file(study_id, format):
    """Bands, catchments and ways as layers, or the list of villages, whole and at the full grid."""
    standing = ready_all(study_id)
    question, reader = _question(standing.review.study), language()

    def make():
        with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
            path = Path(folder) / f"reach.{format}"
            with one_at_a_time:
                far = how_far(standing.review.study, **question)
            write_reach(standing.review, far, path, language=reader)
            return pack(path.read_bytes(), FILES[format])

    payload = patient(standing, ("reach-file", format, reader, *_key(question)), make)
    name = f"{study_id}-{question['service'].name.replace(':', '-')}-{question['mode']}-{question['season']}"
    return send(payload, filename=f"{name}.{format}")


def _question(study):
    """What the address asks: the service, how one goes, in which season, and the limits of the bands."""
    known = {service.name: pick(service.label) for service in services(study)}
    name = asked.one_of("to", known) if known else None
    return {
        "service": service_of(study, name),
        "mode": asked.one_of("mode", {each: t(f"reach-mode-{each}") for each in MODES}) or MODES[0],
        "season": asked.one_of("season", {each: t(f"reach-season-{each}") for each in SEASONS}) or SEASONS[0],
        "limits": limits_of(request.args.get("limits", "")),
    }


def _key(question):
    return question["service"].name, question["mode"], question["season"], question["limits"]


def _query(question):
    """The question as an address asks it."""
    service, mode, season, limits = _key(question)
    return {"to": service, "mode": mode, "season": season, "limits": ",".join(map(str, limits))}


def _far(standing, question):
    study = standing.review.study

    def work():
        most_cells = MOST_DRAWN
        with one_at_a_time:
            far = how_far(study, most_cells=most_cells, **question)
            while most_cells > FEWEST_CELLS and _size(far) > MOST_BYTES:
                most_cells //= 3
                far = how_far(study, most_cells=most_cells, **question)
        return far

    return patient(standing, ("reach", *_key(question)), work)


def _size(far):
    return len(pack(reachdata.band_areas(far), GEOJSON).body)


def _ways(standing, question, village):
    asked_for = {name: question[name] for name in ("service", "mode", "season")}

    def work():
        with one_at_a_time:
            return ways_of(standing.review.study, village_id=village, **asked_for)

    return patient(standing, ("reach-ways", village, *_key(question)), work)


def _drawn(standing, question, name, draw):
    """The response of one layer of the map, made once."""
    far = _far(standing, question)
    key = ("reach", name, language(), *_key(question))
    return send(standing.prepared(key, lambda: pack(draw(far), GEOJSON)))


def _rows(far, sort):
    """Rows of the table, sorted; marks and doubts in words."""
    listed, _ = reach_list(far, language())
    order = {
        "slowest": lambda row: 0,
        "village": lambda row: fold(row["village"] or row["village_id"]),
        "place": lambda row: fold(row["place"] or "\uffff"),
    }
    rows = []
    for row in listed.astype(object).where(listed.notna(), None).to_dict("records"):
        about = far.villages.loc[row["village_id"]]
        told = {
            "time": minutes_text(about["minutes"]),
            "other_time": minutes_text(about["other_min"]),
            "place": place_name(about["facility_name"], about["facility_id"]),
            "note": _note(about),
        }
        rows.append(row | told)
    return sorted(rows, key=order[sort])


def _note(about):
    """What must be said of a time: that it is at most so long, not sure, not known or estimated, and why."""
    why = doubt_text(about["doubt"], language())
    parts = []
    if about["mark"]:
        code = f"reach-mark-{about['mark']}"
        parts.append(t(f"{code}-why", why=why) if why else t(code))
    elif why:
        parts.append(why)
    if about["estimated_min"] > 0:
        parts.append(t("reach-mark-estimated", time=minutes_text(about["estimated_min"])))
    return "; ".join(parts)


def _mode(leg, question):
    return question["mode"] if leg.how == "ride" else "walk"


def _village(standing, question, far, village):
    """What the page says of the chosen village: its ways, leg by leg."""
    about = far.villages.loc[village]
    found = _ways(standing, question, village)
    return {
        "id": village,
        "name": text_of(about["name"]) or village,
        "commune": text_of(about["commune"]) or "",
        "time": minutes_text(about["minutes"]),
        "other_time": minutes_text(about["other_min"]),
        "note": _note(about),
        "straight_km": about["straight_km"],
        "ways": [
            {
                "place": place_name(one.facility_name, one.facility_id),
                "time": minutes_text(one.minutes),
                "km": one.km,
                "legs": [
                    {
                        "how": t(f"reach-mode-{_mode(leg, question)}"),
                        "km": leg.km,
                        "time": minutes_text(leg.minutes),
                    }
                    for leg in one.legs
                ],
            }
            for one in found
        ],
    }
