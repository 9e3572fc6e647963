"""Every address that answers data: what it tells, how its answer is built and what it can be asked for.

A new view that answers JSON gets a line here; a test holds this list against the addresses there are.
"""

from dataclasses import dataclass

from gis.tables import STATUSES
from gis.web.shapes import GEOJSON

GROUPS = ("v1", "ogc", "study", "map", "plan", "work")
"""Parts of the page, in order: steady addresses first, then what the pages themselves read."""

JSON, SCHEMA = "application/json", "application/schema+json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
TEXT = {"type": "string"}
STATUS = {"type": "string", "enum": list(STATUSES)}

PARAMETERS = {
    "study_id": (TEXT, "api-param-study"),
    "collection_id": (TEXT, "api-param-collection"),
    "feature_id": (TEXT, "api-param-feature"),
    "table": (TEXT, "api-param-table"),
    "layer_id": (TEXT, "api-param-layer"),
    "source": (TEXT, "api-param-source"),
    "upload_id": (TEXT, "api-param-upload"),
    "key": (TEXT, "api-param-plan"),
    "level": (TEXT, "api-param-level"),
    "leaf": ({"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, "api-param-leaf"),
    "number": ({"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, "api-param-job"),
    "lang": ({"type": "string", "enum": ["vi", "en"]}, "api-param-lang"),
    "set": (TEXT, "api-param-set"),
    "f": ({"type": "string", "enum": ["json"]}, "api-param-f"),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}, "api-param-limit"),
    "offset": ({"type": "integer", "minimum": 0, "maximum": 100_000_000, "default": 0}, "api-param-offset"),
    "bbox": ({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}, "api-param-bbox"),
    "datetime": (TEXT, "api-param-datetime"),
    "crs": ({"type": "string", "enum": [CRS84]}, "api-param-crs"),
    "bbox-crs": ({"type": "string", "enum": [CRS84]}, "api-param-crs"),
    "status": (STATUS, "api-filter-status"),
    "infra_status": (STATUS, "api-filter-infra_status"),
    "commune": (TEXT, "api-filter-commune"),
    "criterion": (TEXT, "api-filter-criterion"),
    "criterion_status": (STATUS, "api-filter-criterion_status"),
    "village": (TEXT, "api-filter-village"),
    "part": ({"type": "string", "enum": ["all", "infrastructure"]}, "api-param-part"),
    "sheet": ({"type": "string", "enum": ["yes", "no"]}, "api-param-sheet"),
    "state": ({"type": "string"}, "api-param-state"),
    "q": (TEXT, "api-param-q"),
    "sort": (TEXT, "api-param-sort"),
    "page": ({"type": "integer", "minimum": 1}, "api-param-page"),
    "to": (TEXT, "api-param-to"),
    "mode": (TEXT, "api-param-mode"),
    "season": (TEXT, "api-param-season"),
    "limits": (TEXT, "api-param-limits"),
    "before": (TEXT, "api-param-before"),
    "after": (TEXT, "api-param-after"),
    "a": (TEXT, "api-param-plan"),
    "b": (TEXT, "api-param-plan"),
    "base": (TEXT, "api-param-base"),
    "sector": (TEXT, "api-param-sector"),
    "wanted": (TEXT, "api-param-wanted"),
}
"""Name to its schema and the message code of its meaning."""

FILTERS = ("status", "infra_status", "commune", "criterion", "criterion_status", "village")
ITEMS = ("limit", "offset", "bbox", "datetime", "crs", "bbox-crs", *FILTERS, "f", "lang", "set")
NARROWED = ("part", "status", "commune", "criterion", "criterion_status", "state", "q", "lang", "set")
REACH = ("to", "mode", "season", "limits", "lang")


@dataclass(frozen=True)
class Route:
    """An address that answers data.

    Attributes
    ----------
    endpoint : str
    group, code : str
        Part of the page, and the message code of its sentence.
    schema : str
        Name in `gis.web.api_schemas.SCHEMAS`.
    asked : tuple of str
        Names in `PARAMETERS`.
    end : str
        Which of its formats, where it answers several.
    body : Mapping, optional
        Schema of the form that is sent.
    """

    endpoint: str
    group: str
    code: str
    schema: str
    asked: tuple = ()
    end: str = ""
    method: str = "get"
    type: str = JSON
    body: dict | None = None

    @property
    def key(self):
        """As `gis.web.api_document.data_rules` names its address."""
        return self.endpoint, self.method, self.end


def _drawn(endpoint, group, code, *asked):
    return Route(endpoint, group, code, "Drawing", asked, "geojson", type=GEOJSON)


ROUTES = (
    Route("api.studies", "v1", "api-does-studies", "Studies", ("f", "lang")),
    Route("api.study", "v1", "api-does-study", "Study", ("f", "lang", "set")),
    Route("api.table", "v1", "api-does-table", "Table", ("limit", "offset", *FILTERS, "f", "lang", "set")),
    Route("api.criteria", "v1", "api-does-criteria", "CriteriaOf", ("f", "lang", "set")),
    Route("api.plans_kept", "v1", "api-does-plans", "Plans", ("f", "lang")),
    Route("api.document", "v1", "api-does-document", "Document", ("lang",)),
    Route("ogc.landing", "ogc", "api-does-landing", "Landing", ("f", "lang", "set")),
    Route("ogc.conformance", "ogc", "api-does-conformance", "Conformance", ("f", "lang", "set")),
    Route("api.features_document", "ogc", "api-does-features-document", "Document", ("lang",)),
    Route("ogc.collections", "ogc", "api-does-collections", "Collections", ("f", "lang", "set")),
    Route("ogc.collection", "ogc", "api-does-collection", "Collection", ("f", "lang", "set")),
    Route("ogc.schema", "ogc", "api-does-schema", "Columns", ("f", "lang", "set"), type=SCHEMA),
    Route("ogc.queryables", "ogc", "api-does-queryables", "Columns", ("f", "lang", "set"), type=SCHEMA),
    Route("ogc.items", "ogc", "api-does-items", "Items", ITEMS, type=GEOJSON),
    Route("ogc.item", "ogc", "api-does-item", "Feature", ("crs", "f", "lang", "set"), type=GEOJSON),
    Route("downloads.download", "study", "api-does-whole", "Whole", ("lang", "set"), "json"),
    Route("downloads.download", "study", "api-does-whole-geojson", "Features", ("lang", "set"), "geojson", type=GEOJSON),
    Route(
        "lists.villages_file", "study", "api-does-villages", "VillageList",
        NARROWED, "json",
    ),
    Route("lists.communes_file", "study", "api-does-communes", "CommuneList", ("part", "sheet", "lang", "set"), "json"),
    Route("home.state", "study", "api-does-state", "Progress", ("lang",), "json"),
    _drawn("roads.missing_lines", "study", "api-does-roads-missing", "lang"),
    Route("mapdata.table", "map", "api-does-map-table", "MapTable", ("lang", "set"), "json"),
    _drawn("mapdata.outlines", "map", "api-does-map", "set"),
    _drawn("mapdata.communes", "map", "api-does-map-communes", "set"),
    _drawn("mapdata.layer", "map", "api-does-map-layer", "lang", "set"),
    Route("play.data", "map", "api-does-what-if", "WhatIf", ("lang", "set"), "json"),
    Route("workspace.narrow", "map", "api-does-narrow", "Narrowing", ("set",), "json"),
    Route("sides.data", "map", "api-does-side", "Side", ("lang", "set"), "json"),
    Route("leveldata.summary", "map", "api-does-level-summary", "LevelSummary", ("level", *NARROWED), "json"),
    Route("leveldata.rows", "map", "api-does-level-rows", "LevelRows", ("sort", "page", "village", *NARROWED), "json"),
    Route("leveldata.communes", "map", "api-does-level-communes", "Pairs", ("lang", "set"), "json"),
    Route("leveldata.villages", "map", "api-does-level-villages", "LevelLeaf", ("lang", "set"), "json"),
    _drawn("leveldata.outlines", "map", "api-does-level-outlines", "set"),
    _drawn("ways.way", "map", "api-does-decided-way", "village", "criterion", "lang", "set"),
    _drawn("roads.missing_overlay", "map", "api-does-roads-missing", "lang"),
    _drawn("evidence.on_map", "map", "api-does-photos", "lang"),
    _drawn("reaching.overlay", "map", "api-does-reach", *REACH),
    _drawn("reaching.bands", "map", "api-does-reach", *REACH),
    _drawn("reaching.areas", "map", "api-does-reach-areas", *REACH),
    _drawn("reaching.points", "map", "api-does-reach-points", *REACH),
    _drawn("reaching.way", "map", "api-does-reach-way", "village", *REACH),
    Route("reaching.file", "map", "api-does-reach-file", "Drawing", REACH, "geojson", type=GEOJSON),
    Route("gapcosts.state", "plan", "api-does-costs", "Waiting", ("criterion", "lang", "set"), "json"),
    _drawn("options.drawn", "plan", "api-does-options", "commune", "sector", "criterion", "q", "wanted", "lang"),
    _drawn("scenarios.drawn", "plan", "api-does-scenario", "base", "lang"),
    _drawn("scenarios.compared", "plan", "api-does-compared", "a", "b", "lang"),
    _drawn("plans.drawn", "plan", "api-does-plan", "lang"),
    _drawn("plans.works_file", "plan", "api-does-plan-file", "lang"),
    Route("printing.state", "work", "api-does-atlas", "Drawn", ("lang", "set"), "json"),
    Route("jobs.job", "work", "api-does-job", "Job", ("lang",), "json"),
    Route(
        "intake.receive_for_script", "work", "api-does-receive", "Received", ("lang",), "json", "post",
        body={
            "type": "object",
            "properties": {"file": {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}},
                           "csrf_token": {"type": "string"}},
        },
    ),
    _drawn("reviewing.preview", "work", "api-does-preview", "lang"),
    _drawn("versions.shapes", "work", "api-does-versions", "before", "after", "lang"),
)  # fmt: skip
