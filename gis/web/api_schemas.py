"""The shapes of what is answered to programs, as JSON Schema (2020-12); names are those of the OpenAPI document.

They say what is always there. More may be there: a program passes over what it does not know.
"""

from gis.tables import STATUSES

TEXT, NUMBER, WHOLE, YES = {"type": "string"}, {"type": "number"}, {"type": "integer"}, {"type": "boolean"}
MAYBE_TEXT, MAYBE_NUMBER = {"type": ["string", "null"]}, {"type": ["number", "null"]}
MAYBE_WHOLE = {"type": ["integer", "null"]}
FIGURE = {
    "type": ["number", "string", "null"],
    "description": "null: not known; the text inf or -inf: there is no way there",
}
STATUS = {"type": "string", "enum": list(STATUSES)}
ANY = {"type": "object"}


def ref(name):
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def rows(schema):
    """A list of them."""
    return {"type": "array", "items": schema}


def made_of(needed, **besides):
    """An object of parts that are always there, and of some that may be."""
    return {"type": "object", "required": list(needed), "properties": {**needed, **besides}}


def named(schema):
    """An object of any names with values of one shape."""
    return {"type": "object", "additionalProperties": schema}


def _features(**besides):
    needed = {"type": {"const": "FeatureCollection"}, "features": rows(ref("Feature"))}
    return made_of(needed | besides)


COUNTS = dict.fromkeys(STATUSES, WHOLE)
OF = {"study": TEXT, "run": TEXT}

SCHEMAS = {
    "Fault": made_of({"status": WHOLE, "error": rows(made_of({"code": TEXT, "message": TEXT}))}),
    "Link": made_of({"rel": TEXT, "type": TEXT, "href": {"type": "string", "format": "uri"}}, title=TEXT),
    "Geometry": {
        "type": ["object", "null"],
        "required": ["type"],
        "properties": {
            "type": {
                "type": "string",
                "enum": [
                    "Point",
                    "MultiPoint",
                    "LineString",
                    "MultiLineString",
                    "Polygon",
                    "MultiPolygon",
                    "GeometryCollection",
                ],
            },
            "coordinates": {"type": "array", "items": {}},
        },
    },
    "Feature": made_of(
        {
            "type": {"const": "Feature"},
            "geometry": ref("Geometry"),
            "properties": {"type": ["object", "null"]},
        },
        id={"type": ["string", "integer"]},
        links=rows(ref("Link")),
    ),
    "Drawing": _features(),
    "Features": _features(run=rows(ANY), dictionary=rows(ANY)),
    "Items": _features(
        timeStamp={"type": "string", "format": "date-time"},
        numberMatched=WHOLE,
        numberReturned=WHOLE,
        links=rows(ref("Link")),
    ),
    "Landing": made_of({"title": TEXT, "description": TEXT, "links": rows(ref("Link"))}),
    "Conformance": made_of({"conformsTo": rows(TEXT)}),
    "Collection": made_of(
        {
            "id": TEXT,
            "title": TEXT,
            "description": TEXT,
            "itemType": {"const": "feature"},
            "crs": rows(TEXT),
            "storageCrs": TEXT,
            "links": rows(ref("Link")),
        },
        extent=made_of({"spatial": made_of({"bbox": rows(rows(NUMBER)), "crs": TEXT})}),
    ),
    "Collections": made_of(
        {
            "collections": rows(ref("Collection")),
            "notReady": rows(made_of({"study": TEXT, "state": TEXT})),
            "links": rows(ref("Link")),
        }
    ),
    "Columns": made_of({"$id": TEXT, "type": TEXT, "title": TEXT, "properties": named(ANY)}),
    "Document": made_of({"openapi": TEXT, "info": ANY, "paths": named(ANY), "components": ANY}),
    "Headline": {
        "type": ["object", "null"],
        "description": "null while the study is computed or where it cannot be read; a figure that is null is not known",
        "additionalProperties": {"type": ["number", "boolean", "string", "null"]},
    },
    "Studies": made_of(
        {
            "studies": rows(
                made_of(
                    {
                        "id": TEXT,
                        "title": TEXT,
                        "state": {"type": "string", "enum": ["computing", "ready", "failed"]},
                        "href": TEXT,
                        "headline": ref("Headline"),
                    }
                )
            )
        }
    ),
    "Study": made_of(
        {
            **OF,
            "title": TEXT,
            "notices": rows(TEXT),
            "criteria_set": TEXT,
            "edition": TEXT,
            "as_of": MAYBE_TEXT,
            "year": MAYBE_WHOLE,
            "headline": ref("Headline"),
            "sets": rows(TEXT),
            "tables": named(TEXT),
            "features": named(TEXT),
        }
    ),
    "Table": made_of(
        {
            **OF,
            "numberMatched": WHOLE,
            "numberReturned": WHOLE,
            "links": rows(ref("Link")),
            "columns": rows(
                made_of(
                    {
                        "name": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
                        "type": {"type": "string", "enum": ["string", "number", "integer"]},
                        "label": TEXT,
                        "unit": TEXT,
                    }
                )
            ),
            "rows": rows(named({"type": ["string", "number", "null"]})),
        }
    ),
    "Criterion": made_of(
        {
            **dict.fromkeys(("id", "code", "label", "clause", "kind", "kind_text", "note"), TEXT),
            "figures": rows(
                made_of(
                    {"group_id": TEXT, "group": TEXT, "threshold": TEXT, "verification": TEXT, "checked": YES}
                )
            ),
        }
    ),
    "CriteriaOf": made_of({**OF, "criteria": rows(ref("Criterion"))}),
    "Plans": made_of(
        {
            **OF,
            "plans": rows(
                made_of(
                    {
                        **dict.fromkeys(("key", "name", "run", "at", "note"), TEXT),
                        "works": MAYBE_TEXT,
                        "kind": {"type": "string", "enum": ["plan", "scenario"]},
                        "headline": ANY,
                        "withdrawn": YES,
                    }
                )
            ),
        }
    ),
    "Village": made_of(
        {
            **dict.fromkeys(("id", "name", "commune", "commune_id", "status_text", "infra_text"), TEXT),
            "population": FIGURE,
            "households": FIGURE,
            "status": STATUS,
            "infra_status": STATUS,
            "missed": WHOLE,
            "unknown": WHOLE,
            "missed_text": rows(TEXT),
            "missed_ids": rows(TEXT),
        },
        state=TEXT,
    ),
    "VillageList": made_of({**OF, "filters": named(TEXT), "villages": rows(ref("Village"))}),
    "Commune": made_of(
        {
            "id": TEXT,
            "name": TEXT,
            "villages": WHOLE,
            **COUNTS,
            "share_pct": MAYBE_NUMBER,
            "short_by": WHOLE,
            "has_sheet": YES,
        }
    ),
    "CommuneList": made_of({**OF, "communes": rows(ref("Commune"))}),
    "Whole": made_of(
        {
            "study": made_of({"title": TEXT, "rung": WHOLE, "illustration": YES}),
            "run": made_of(
                {"id": TEXT, "criteria": TEXT, "edition": TEXT, "inputs": named(TEXT), "code_version": TEXT}
            ),
            "headline": ANY,
            "criteria": made_of({"legal_ref": MAYBE_TEXT, "rows": rows(ref("Criterion"))}),
            "communes": rows(ANY),
            "villages": rows(ref("Village")),
            "findings": made_of({"columns": rows(TEXT), "rows": rows({"type": "array", "items": {}})}),
        }
    ),
    "Progress": made_of(
        {
            "state": {"type": "string", "enum": ["computing", "ready", "failed"]},
            "fraction": {"type": "number", "minimum": 0, "maximum": 1},
            "percent": TEXT,
            "message": TEXT,
        }
    ),
    "MapTable": made_of(
        {
            "columns": rows(TEXT),
            "communes": rows(rows(TEXT)),
            "criteria": rows(made_of({"id": TEXT, "code": TEXT, "label": TEXT, "kind": TEXT, "works": YES})),
            "words": named(named(TEXT)),
            "rows": rows(ref("Row")),
        },
        villages=WHOLE,
        levels=ANY,
    ),
    "Row": {"type": "array", "items": {"type": ["string", "number", "null"]}},
    "Pairs": rows(rows(TEXT)),
    "LevelLeaf": made_of({"communes": ref("Pairs"), "rows": rows(ref("Row"))}),
    "LevelRows": made_of({"count": WHOLE, "page": WHOLE, "communes": ref("Pairs"), "rows": rows(ref("Row"))}),
    "LevelSummary": made_of(
        {"count": WHOLE, "all": WHOLE, "counts": made_of(COUNTS), "regions": named(rows(WHOLE))}
    ),
    "Narrowing": {"type": "object"},
    "Side": made_of(
        {
            **dict.fromkeys(("key", "label", "note", "status", "infra"), TEXT),
            "words": named(TEXT),
            "missed": rows(WHOLE),
            "unknown": rows(WHOLE),
            "criteria": rows(TEXT),
        },
        since=TEXT,
        before=TEXT,
    ),
    "Drawn": made_of({"state": TEXT, "fraction": NUMBER, "message": TEXT}),
    "Waiting": made_of({"state": TEXT}),
    "WhatIf": made_of(
        {
            "groups": rows(TEXT),
            "group": {"type": ["integer", "array"]},
            "movable": rows(ANY),
            "counted": rows(WHOLE),
            "works": rows(WHOLE),
            "rule": {"type": ["object", "array"]},
            "trigger": YES,
            "target_pct": MAYBE_NUMBER,
            "group_labels": rows(TEXT),
        }
    ),
    "Job": made_of(
        {
            "id": WHOLE,
            "kind": TEXT,
            "study": MAYBE_TEXT,
            "who": TEXT,
            "at": TEXT,
            "state": TEXT,
            "over": YES,
            "fraction": NUMBER,
            "percent": TEXT,
            "message": TEXT,
            "problems": rows(made_of({"code": TEXT, "severity": TEXT, "message": TEXT})),
            "stoppable": YES,
            "repeatable": YES,
        }
    ),
    "Received": made_of({"location": TEXT, "uploads": rows(TEXT)}),
}
