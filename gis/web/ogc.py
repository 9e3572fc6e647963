"""OGC API – Features: layers, villages and findings as QGIS and ArcGIS open them, live and page by page."""

import datetime
import gzip
import hashlib
import json
from pathlib import PurePath

from flask import Blueprint, Response, current_app, request, url_for

from gis.web import offered
from gis.web.api_routes import CRS84, SCHEMA
from gis.web.guard import Refused
from gis.web.home import RETRY_S, ready
from gis.web.paging import (
    answer_of,
    box_asked,
    check_moment,
    filters_asked,
    know_only,
    link,
    links_around,
    page_asked,
)
from gis.web.payload import pack, pack_json, send
from gis.web.shapes import GEOJSON
from gis.web.texts import language, pick, t

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CONFORMS = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-{part}/1.0/conf/{one}"
    for part, one in ((1, "core"), (1, "oas30"), (1, "geojson"), (2, "crs"))
)
MANY = '{"type":"FeatureCollection",'
COMMON = ("f", "lang", "set")
"""What every address here may be asked with besides its own."""

pages = Blueprint("ogc", __name__, url_prefix="/ogc")


@pages.get("", strict_slashes=False)
def landing():
    """Where a program begins: links to all the rest."""
    know_only(*COMMON)
    return send(
        pack_json(
            {
                "title": t("web-product"),
                "description": t("api-ogc-about"),
                "links": [
                    link("self", _to("landing"), title=t("web-product")),
                    link(
                        "service-desc",
                        url_for("api.features_document", _external=True),
                        OPENAPI,
                        t("api-document"),
                    ),
                    link("service-doc", url_for("api.page", _external=True), "text/html", t("api-title")),
                    link("conformance", _to("conformance"), title=t("api-ogc-conformance")),
                    link("data", _to("collections"), title=t("api-ogc-collections")),
                ],
            }
        )
    )


@pages.get("/conformance")
def conformance():
    """Which parts of the standard are kept."""
    know_only(*COMMON)
    return send(pack_json({"conformsTo": list(CONFORMS)}))


@pages.get("/collections")
def collections():
    """Everything that can be opened; studies that are still computed or cannot be read are named beside it."""
    know_only(*COMMON)
    shelf, told, waiting = current_app.extensions["shelf"], [], []
    for study_id in shelf.found():
        standing = shelf.look(study_id)
        if standing.state == "ready":
            told += [_collection(study_id, standing, name) for name in offered.names_offered(standing.review)]
        else:
            waiting.append({"study": study_id, "state": standing.state})
    if not told and any(one["state"] == "computing" for one in waiting):
        # a list of nothing would be taken for an answer
        raise Refused(503, "web-computing", retry_s=RETRY_S, study=waiting[0]["study"])
    links = [link("self", _to("collections"))]
    return send(pack_json({"collections": told, "notReady": waiting, "links": links}), cache="no-store")


@pages.get("/collections/<collection_id>")
def collection(collection_id):
    """One table: what it is, where it lies and how it is asked."""
    know_only(*COMMON)
    study_id, standing, name = _asked(collection_id)
    return send(pack_json(_collection(study_id, standing, name)))


@pages.get("/collections/<collection_id>/schema")
def schema(collection_id):
    """The columns of one table: types, labels and units."""
    know_only(*COMMON)
    study_id, standing, name = _asked(collection_id)
    table = offered.offered(standing, name)
    geometry = {"point": "point", "polygon": "polygon", "line": "linestring"}.get(table.geometry, "any")
    columns = {one.name: _column(one) for one in table.fields(language())}
    columns["geometry"] = {"x-ogc-role": "primary-geometry", "format": f"geometry-{geometry}"}
    return _schema(table, columns, _to("schema", collection_id=collection_id), study_id, standing)


@pages.get("/collections/<collection_id>/queryables")
def queryables(collection_id):
    """What one table can be asked for by, and the values there are."""
    know_only(*COMMON)
    study_id, standing, name = _asked(collection_id)
    table = offered.offered(standing, name)
    columns = {
        one: {"type": "string", "title": t(f"api-filter-{one}"), "enum": list(values)}
        for one, values in table.filters.items()
    }
    return _schema(table, columns, _to("queryables", collection_id=collection_id), study_id, standing)


@pages.get("/collections/<collection_id>/items")
def items(collection_id):
    """Features of one table that lie in a box and answer to its filters, a page of them."""
    _, standing, name = _asked(collection_id)
    table = offered.offered(standing, name)
    know_only(*COMMON, "limit", "offset", "bbox", "datetime", "crs", "bbox-crs", *table.filters)
    check_moment()
    _check_crs()
    chosen = answer_of(table, filters_asked(table.filters), box_asked())
    start, limit = page_asked()
    shown = chosen[start : start + limit]
    here = _to("items", collection_id=collection_id)
    told = {
        "type": "FeatureCollection",
        "numberMatched": len(chosen),
        "numberReturned": len(shown),
        "links": [
            *links_around(here, start, limit, len(chosen), GEOJSON),
            link("collection", _to("collection", collection_id=collection_id)),
        ],
        "features": table.features(shown, language()),
    }
    return _send_features(told)


@pages.get("/collections/<collection_id>/items/<path:feature_id>")
def item(collection_id, feature_id):
    """One feature."""
    know_only(*COMMON, "crs")
    _check_crs()
    _, standing, name = _asked(collection_id)
    table = offered.offered(standing, name)
    at = table.position(feature_id)
    if at is None:
        raise Refused(404, "api-no-feature", feature=feature_id[:60], collection=collection_id[:80])
    told = table.features([at], language())[0]
    told["links"] = [
        link("self", _to("item", collection_id=collection_id, feature_id=feature_id), GEOJSON),
        link("collection", _to("collection", collection_id=collection_id)),
    ]
    return _send_features(told)


def _asked(collection_id):
    """Study, its standing and the name of the table that an id names."""
    study_id, _, name = collection_id.rpartition(".")
    if not study_id:
        raise Refused(404, "api-no-collection", collection=collection_id[:80])
    standing = ready(study_id)
    if name not in offered.names_offered(standing.review):
        raise Refused(404, "api-no-collection", collection=collection_id[:80])
    return study_id, standing, name


def _collection(study_id, standing, name):
    review, id_ = standing.review, f"{study_id}.{name}"
    table = offered.offered(standing, name)
    told = {
        "id": id_,
        "title": f"{pick(review.study.label)} – {offered.title_of(review, name)}",
        "description": _description(review, name),
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            link("self", _to("collection", collection_id=id_)),
            link("items", _to("items", collection_id=id_), GEOJSON, offered.title_of(review, name)),
            link("describedby", _to("schema", collection_id=id_), SCHEMA),
            link(
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                _to("queryables", collection_id=id_),
                SCHEMA,
            ),
        ],
    }
    if table.extent:
        told["extent"] = {"spatial": {"bbox": [table.extent], "crs": CRS84}}
    return told


def _description(review, name):
    """What a reader must know before any figure: made-up data, figures nobody has checked, and the run."""
    if name not in offered.KINDS:
        data = review.study.layers[name]
        return t("api-collection-layer", as_of=data.as_of or "–", file=PurePath(data.file or "–").name)
    return " ".join(
        (
            *facts_said(review),
            t(
                "api-collection-run",
                run=review.run.id,
                set=review.run.criteria_id,
                edition=str(review.run.edition),
            ),
        )
    )


def facts_said(review):
    """Sentences that go before every figure of a study."""
    said = [t("export-notice-illustration")] if review.study.illustration else []
    return said + ([t("export-notice-trial")] if review.headline["trial"] else [])


def _column(field):
    told = {"type": [field.type, "null"], "title": field.label}
    return told | ({"x-ogc-unit": field.unit} if field.unit else {})


def _schema(table, columns, address, study_id, standing):
    told = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": f"{pick(standing.review.study.label)} – {offered.title_of(standing.review, table.name)}",
        "properties": columns,
        "additionalProperties": False,
    }
    return send(pack(json.dumps(told, ensure_ascii=False, allow_nan=False), SCHEMA))


def _to(view, **values):
    kept = {name: request.args[name] for name in ("lang", "set") if request.args.get(name)}
    return url_for(f"ogc.{view}", _external=True, **values, **kept)


def _check_crs():
    """Refuse coordinates in another system; programs name the one there is."""
    for name in ("crs", "bbox-crs"):
        value = request.args.get(name, CRS84)
        if value != CRS84:
            raise Refused(400, "web-bad-filter", name=name, value=value[:60], allowed=[CRS84])


def _moment():
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _send_features(told):
    """The response of features, known again by its content; the moment it was made at is no part of that."""
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    etag = hashlib.sha256(text.encode()).hexdigest()[:20]
    if text.startswith(MANY):
        text = f'{MANY}"timeStamp":"{_moment()}",{text[len(MANY) :]}'
    body = text.encode()
    response = Response(content_type=GEOJSON)
    response.headers["Content-Crs"] = f"<{CRS84}>"
    response.vary.update(("Accept-Encoding", "Cookie"))
    if "gzip" in request.accept_encodings and len(body) > 1400:
        body, etag = gzip.compress(body, 5, mtime=0), f"{etag}-z"
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    response.set_etag(etag, weak=True)
    return response.make_conditional(request)
