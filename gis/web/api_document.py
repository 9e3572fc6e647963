"""The OpenAPI document and the rows of the page about it, from the descriptions and the addresses there are."""

import re

import gis
from gis.web.api_routes import GROUPS, PARAMETERS, ROUTES
from gis.web.api_schemas import SCHEMAS
from gis.web.texts import t

DATA_ENDS = ("json", "geojson")
CHOICE = re.compile(r"\.<any\(([^)]*)\):\w+>")
"""The ending of an address that answers in several formats."""
FAULT = {"$ref": "#/components/schemas/Fault"}


def data_rules(app):
    """Every rule that answers data: endpoint and method to the address as a document writes it.

    A rule that answers in several formats is the address of the one that is data.
    """
    found = {}
    for rule in app.url_map.iter_rules():
        steady = rule.endpoint.startswith(("api.", "ogc.")) and rule.endpoint not in ("api.page",)
        for end in DATA_ENDS:
            path = address(rule, end)
            if path.endswith(f".{end}") or steady:
                for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                    found[(rule.endpoint, method.lower(), "" if steady else end)] = path
                if steady:
                    break
    return found


def address(rule, end):
    """The address of a rule with ``{name}`` for what is filled in, a choice of endings being `end` where it can.

    Examples
    --------
    >>> from werkzeug.routing import Map, Rule
    >>> rule = Rule("/studies/<study_id>/villages.<any(xlsx, csv, json):format>", endpoint="x")
    >>> _ = Map([rule])
    >>> address(rule, "json"), address(rule, "geojson")
    ('/studies/{study_id}/villages.json', '/studies/{study_id}/villages.')
    """
    path = CHOICE.sub(
        lambda found: f".{end}" if end in found[1].replace(" ", "").split(",") else ".", rule.rule
    )
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", path)


def listed(app):
    """What the page shows: groups of addresses with method, words and what each can be asked for."""
    rules = data_rules(app)
    shown = []
    for group in GROUPS:
        rows = [
            {
                "method": route.method.upper(),
                "path": rules[route.key],
                "says": t(route.code),
                "asked": [(name, t(PARAMETERS[name][1])) for name in route.asked],
                "open": route.method == "get" and "{" not in rules[route.key],
            }
            for route in ROUTES
            if route.group == group and route.key in rules
        ]
        shown.append({"name": group, "title": t(f"api-group-{group}"), "rows": rows})
    return shown


def document(app):
    """Everything as an OpenAPI 3.1 document, in the language of the reader."""
    return _document(app, ROUTES, "3.1.0", t("api-title"))


def features_document(app):
    """The addresses of OGC API – Features as an OpenAPI 3.0 document."""
    told = _document(app, [one for one in ROUTES if one.group == "ogc"], "3.0.3", t("api-ogc-title"))
    return _older(told)


def _document(app, routes, version, title):
    rules, paths, named = data_rules(app), {}, set()
    for route in routes:
        if route.key in rules:
            paths.setdefault(rules[route.key], {})[route.method] = _operation(route, rules[route.key])
            named.add(route.schema)
    security = [{}, {"key": []}] if app.config["ACCOUNTS"] else [{}]
    return {
        "openapi": version,
        "info": {"title": title, "version": gis.__version__, "description": t("api-about")},
        "servers": [{"url": "/"}],
        "tags": [
            {"name": each, "description": t(f"api-group-{each}")}
            for each in dict.fromkeys(one.group for one in routes)
        ],
        "security": security,
        "paths": paths,
        "components": {
            "schemas": _needed(named | {"Fault"}),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "basic", "description": t("api-key-about")}
            },
        },
    }


def _operation(route, path):
    parts = [_parameter(name, "path") for name in re.findall(r"{(\w+)}", path)]
    told = {
        "operationId": re.sub(r"\W+", "_", "_".join(filter(None, route.key))),
        "tags": [route.group],
        "summary": t(route.code),
        "parameters": parts + [_parameter(name, "query") for name in route.asked],
        "responses": {
            "200": {
                "description": t("api-answer"),
                "content": {route.type: {"schema": {"$ref": f"#/components/schemas/{route.schema}"}}},
            },
            "default": {
                "description": t("api-fault"),
                "content": {"application/json": {"schema": FAULT}},
            },
        },
    }
    if route.body:
        told["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": route.body}}}
    return told


def _parameter(name, where):
    schema, code = PARAMETERS[name]
    told = {"name": name, "in": where, "required": where == "path", "description": t(code), "schema": schema}
    return told | ({"style": "form", "explode": False} if schema.get("type") == "array" else {})


def _needed(names):
    """The schemas of some names and all that they are made of."""
    found, open_ = {}, sorted(names)
    while open_:
        name = open_.pop()
        if name not in found:
            found[name] = SCHEMAS[name]
            open_ += re.findall(r"#/components/schemas/(\w+)", str(SCHEMAS[name]))
    return dict(sorted(found.items()))


def _older(told):
    """A document of OpenAPI 3.1 as 3.0 writes it: what may be null, and what is one value only."""
    if isinstance(told, list):
        return [_older(one) for one in told]
    if not isinstance(told, dict):
        return told
    told = {name: _older(value) for name, value in told.items()}
    if isinstance(told.get("type"), list):
        types = [one for one in told["type"] if one != "null"]
        nullable = {"nullable": True} if len(types) < len(told["type"]) else {}
        rest = {name: value for name, value in told.items() if name != "type"}
        one = {"type": types[0]} if len(types) == 1 else {"anyOf": [{"type": each} for each in types]}
        told = rest | one | nullable
    if "const" in told:
        told["enum"] = [told.pop("const")]
    told.pop("prefixItems", None)
    if told.get("type") == "array":
        told.setdefault("items", {})
    return told
