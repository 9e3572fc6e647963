"""The way to the place that decided a finding, for the map beside the scorecard."""

import geopandas as gpd
from flask import Blueprint

from gis.labels import format_number
from gis.reaching import decided_way, place_of
from gis.web import asked
from gis.web.facts import plain, text_of
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.payload import pack, send
from gis.web.reachdata import minutes_text, place_name
from gis.web.reaching import one_at_a_time
from gis.web.shapes import GEOJSON, collection
from gis.web.texts import language, pick, t
from gis.web.years import patient

pages = Blueprint("ways", __name__)


@pages.get("/studies/<study_id>/decided-way.geojson")
def way(study_id):
    """Lines from a village to the place that decided its finding by a criterion, and that place."""
    standing = ready(study_id)
    review = standing.review
    village = asked.one_of("village", review.study.villages["name"].fillna("").to_dict())
    criterion = asked.one_of("criterion", {one.id: pick(one.label) for one in review.criteria.criteria})
    if village is None or criterion is None:
        raise Refused(400, "ways-which")
    rows = review.findings
    row = rows[(rows["village_id"] == village) & (rows["criterion"] == criterion)].iloc[0].to_dict()
    if text_of(row["facility_id"]) is None:
        raise Refused(404, "ways-no-place")

    def work():
        with one_at_a_time:
            return decided_way(review.study, review.criteria.criterion(criterion), row)

    parts = patient(standing, ("decided-way", village, criterion), work)
    if not parts:
        raise Refused(404, "ways-no-position")
    return send(pack(_told(review.study, row, parts), GEOJSON))


def _told(study, row, parts):
    straight = parts[0][0] == "straight"
    told = [
        {"role": "part", "how": how if how in ("walk", "straight") else "ride", "words": _words(how, *rest)}
        for how, *rest in parts
    ]
    minutes = None if straight else plain(sum(part[1] for part in parts))
    length = sum(part[2] for part in parts)
    place = {
        "role": "place",
        "name": place_name(row["facility_name"], row["facility_id"]),
        "words": t("ways-straight", km=_km(length)) if straight
        else t("ways-whole", km=_km(length), time=minutes_text(minutes)),
    }  # fmt: skip
    spot = place_of(study, row).representative_point()
    shapes = gpd.GeoSeries([part[3] for part in parts] + [spot], crs=study.crs).to_crs(4326)
    return collection(shapes, [*told, place])


def _words(how, minutes, metres, line):
    if how == "straight":
        return t("ways-key-straight")
    return t("ways-part", how=t(f"reach-mode-{how}"), km=_km(metres), time=minutes_text(minutes))


def _km(metres):
    return format_number(round(metres / 1000, 2 if metres < 1000 else 1), language())
