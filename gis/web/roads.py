"""The roads of a study: what lies in its villages, what links lack, who lives near."""

import numpy as np
import pandas as pd
from flask import Blueprint, Response, render_template

from gis.catalogue import load_catalogue
from gis.roadfacts import access_index, road_lengths, village_roads
from gis.web import asked
from gis.web.downloads import FORMATS, send_list
from gis.web.facts import text_of
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.islands import SHOWN, islands_of
from gis.web.payload import pack, send
from gis.web.pieces import MISSING_LAYER
from gis.web.shapes import GEOJSON, collection
from gis.web.texts import language, pick, quantity, t

pages = Blueprint("roads", __name__)

ROWS_A_PAGE = 200

COLUMNS = {
    "id": "web-column-id",
    "name": "web-column-name",
    "commune": "web-commune",
    "total_km": "roads-total-km",
    "hardened_km": "roads-hardened-km",
    "open_km": "roads-open-km",
    "linked": "roads-linked",
    "missing_km": "roads-missing-km",
    "unrecorded_km": "roads-unrecorded-km",
    "worst_km": "roads-worst-km",
    "worst_road": "roads-worst-road",
    "worst_class": "roads-class",
    "worst_surface": "roads-surface",
}
"""Column of the file to the message that heads it."""
LENGTHS = {
    "id": "web-column-id",
    "name": "web-column-name",
    "commune": "web-commune",
    "class": "roads-class",
    "surface": "roads-surface",
    "km": "roads-km",
}
LINKED = {1.0: "roads-link-yes", 0.0: "roads-link-no"}


@pages.get("/studies/<study_id>/roads")
def listed(study_id):
    """Who lives near a road open all year, lengths by class and surface, every village's link, and islands."""
    standing = ready(study_id)
    review = standing.review
    shown = {"review": review, "study": review.study, "study_id": study_id}
    if "roads" not in review.study.layers:
        return render_template("roads/list.html", **shown, there=False)
    table = _facts(standing)
    page, last, rows = asked.page_of(table, ROWS_A_PAGE)
    return render_template(
        "roads/list.html",
        **shown,
        there=True,
        index=standing.beside("road-access", 0, lambda: access_index(review.study)),
        grid=by_class(_lengths(standing)),
        rows=[_row(row) for row in rows.to_dict("records")],
        count=len(table),
        broken=int((table["linked"] == 0).sum()),
        open=int(table["linked"].isna().sum()),
        page=page,
        last=last,
        has_centres="commune_centres" in review.study.layers,
        islands=islands_of(standing),
        islands_shown=SHOWN,
    )


@pages.get("/studies/<study_id>/roads.<any(xlsx, csv):format>")
def listed_file(study_id, format):
    """The list of villages as a file."""
    standing = _with_roads(study_id)
    table = _facts(standing)
    table["linked"] = [_linked(value) for value in table["linked"]]
    numbers = [name for name in COLUMNS if name.endswith("_km")]
    # a cell has no word for what no road joins; the column before says that there is no link
    table[numbers] = table[numbers].astype(float).replace(np.inf, np.nan).round(3)
    for name, field in (("worst_class", "class"), ("worst_surface", "surface")):
        table[name] = [_word(field, value) for value in table[name]]
    headings = {name: t(code) for name, code in COLUMNS.items()}
    name = f"{study_id}-roads"
    return send_list(standing.review, table, headings, format, title=t("roads-title"), name=name)


@pages.get("/studies/<study_id>/road-lengths.<any(xlsx, csv):format>")
def lengths_file(study_id, format):
    """Lengths by class and surface of every village as a file."""
    standing = _with_roads(study_id)
    lengths = _lengths(standing)
    villages = standing.review.study.villages
    table = pd.DataFrame(
        {
            "id": lengths["village_id"],
            "name": villages["name"].reindex(lengths["village_id"]).to_numpy(),
            "commune": villages["commune"].reindex(lengths["village_id"]).to_numpy(),
            "class": [_word("class", value) for value in lengths["class"]],
            "surface": [_word("surface", value) for value in lengths["surface"]],
            "km": lengths["km"].round(3),
        }
    )
    headings = {name: t(code) for name, code in LENGTHS.items()}
    name = f"{study_id}-road-lengths"
    return send_list(standing.review, table, headings, format, title=t("roads-lengths"), name=name)


@pages.get("/studies/<study_id>/roads-missing.geojson")
def missing_lines(study_id):
    """What each village lacks for a link open all year, as lines."""
    standing = _with_roads(study_id)
    facts = _roads(standing)
    lines = facts[facts["line"].notna() & ~facts["line"].is_empty]
    kept = ["missing_km", "unrecorded_km", "worst_km", "worst_road", "worst_class", "worst_surface"]
    text = lines[[*kept, "line"]].to_crs(4326).reset_index().to_json()
    sent = Response(text, mimetype=FORMATS["geojson"][1])
    sent.headers.set("Content-Disposition", "attachment", filename=f"{study_id}-roads-missing.geojson")
    return sent


@pages.get(f"/studies/<study_id>/layers/{MISSING_LAYER}.geojson")
def missing_overlay(study_id):
    """The same lines as a layer of the overview."""
    standing = _with_roads(study_id)

    def make():
        facts = _roads(standing)
        lines = facts[facts["line"].notna() & ~facts["line"].is_empty]
        names = standing.review.study.villages["name"]
        told = [
            {
                "name": text_of(names[id_]) or id_,
                "kind": t("roads-missing-on-map", km=quantity(round(km, 2), "km")),
            }
            for id_, km in lines["missing_km"].items()
        ]
        return pack(collection(lines["line"].to_crs(4326), told), GEOJSON)

    return send(standing.prepared(("layer", MISSING_LAYER, language()), make))


@pages.app_template_global()
def village_roads_of(study_id, village_id):
    """The roads of one village for its sheet; None where the study has no roads or none lies inside."""
    standing = ready(study_id)
    if "roads" not in standing.review.study.layers:
        return None
    lengths = _lengths(standing)
    row = _roads(standing).loc[village_id].to_dict()
    own = lengths[lengths["village_id"] == village_id]
    return {"grid": by_class(own), **_row(row)} if len(own) or row["missing_km"] > 0 else None


def by_class(lengths):
    """Lengths as rows of classes and columns of surfaces, in the order of the catalogue, with their sums.

    Returns
    -------
    dict
        ``surfaces``, the words that head the columns; ``rows`` of the class's word and its lengths in km; ``total``.
    """
    known = load_catalogue()["roads"].vocabularies
    classes, surfaces = ([*known[field], None] for field in ("class", "surface"))
    summed = lengths.groupby(["class", "surface"], dropna=False)["km"].sum()
    cells = {(_blank(kind), _blank(surface)): km for (kind, surface), km in summed.items()}
    surfaces = [each for each in surfaces if any((kind, each) in cells for kind in classes)]
    rows = [
        (_word("class", kind), [*found, sum(found)])
        for kind in classes
        if sum(found := [cells.get((kind, each), 0.0) for each in surfaces]) > 0
    ]
    return {
        "surfaces": [_word("surface", each) for each in surfaces],
        "rows": rows,
        "total": [sum(column) for column in zip(*(found for _, found in rows), strict=True)],
    }


def _with_roads(study_id):
    """The standing of a study that has roads.

    Raises
    ------
    Refused
        404 without them.
    """
    standing = ready(study_id)
    if "roads" not in standing.review.study.layers:
        raise Refused(404, "roads-no-layer")
    return standing


def _roads(standing):
    return standing.beside("road-facts", 0, lambda: village_roads(standing.review.study))


def _lengths(standing):
    study = standing.review.study
    return standing.beside(
        "road-lengths", 0, lambda: road_lengths(study.villages, study.layers["roads"].frame)
    )


def _facts(standing):
    """One row a village, those that lack most first."""
    villages = standing.review.study.villages
    table = _roads(standing).drop(columns="line").reset_index(names="id")
    table.insert(1, "name", villages["name"].to_numpy())
    table.insert(2, "commune", villages["commune"].to_numpy())
    return table.sort_values(["missing_km", "id"], ascending=[False, True], ignore_index=True)


def _row(row):
    """A row of the list in words."""
    km = {name: round(row[name], 2) for name in COLUMNS if name.endswith("_km")}
    words = (_word(field, row[f"worst_{field}"]) for field in ("class", "surface"))
    return {
        **row,
        **km,
        "link": _linked(row["linked"]),
        "worst_kind": ", ".join(words) if row["worst_road"] else "",
        "is_cut_off": row["missing_km"] == np.inf,
    }


def _linked(value):
    return t(LINKED.get(value, "roads-link-unknown"))


def _word(field, value):
    """A value of a field of roads in the reader's language."""
    value = _blank(value)
    if value is None:
        return t("roads-not-recorded")
    known = load_catalogue()["roads"].vocabularies[field]
    return pick(known[value][0]) if value in known else value


def _blank(value):
    return None if pd.isna(value) else value
