"""What a person says of a file in the form of its page, made into the options of an upload."""

import re

from gis.catalogue import load_catalogue
from gis.store.studies import SHEETS
from gis.web.guard import Refused
from gis.web.texts import pick

COMPLETE = ("yes", "no", "unknown")
LONGEST = 200
EPSG = re.compile(r"(?:EPSG:)?(\d{4,6})\Z", re.IGNORECASE)
SWAPPED = ";swap"


def options_from(form, upload):
    """The options of an upload as a form says them; what is left blank is not said.

    Parameters
    ----------
    form : Mapping of str to str
    upload : Mapping
        Row of the upload, with what was found in it.

    Returns
    -------
    dict
        As `gis.workflows.uploads.complete_options` takes them.

    Raises
    ------
    Refused
        422 for a value that cannot be used; nothing is changed.
    """
    catalogue, before = load_catalogue(), upload["options"]
    layer_type = form.get("layer_type") or None
    if layer_type is not None and layer_type not in catalogue:
        raise Refused(422, "web-no-layer", layer=layer_type[:60])
    is_sheet = layer_type == SHEETS
    entry = _texts(form, ("sheet", "encoding") if is_sheet else ("layer", "encoding", "as_of", "licence"))
    if citation := _text(form, "citation"):
        entry["citation"] = citation
    entry |= _sheet(form) if is_sheet else _place(form) | _complete(form)
    bound_for = before.get("bound_for")
    options = {"layer_type": layer_type, "entry": entry, "bound_for": bound_for}
    if layer_type == bound_for:
        fields = _fields(form, upload, catalogue.get(layer_type))
        entry |= {"fields": fields} if fields else {}
    if is_sheet and form.get("source", "").startswith(f"{SHEETS}-{entry.get('year')}"):
        options["source"] = form["source"][:LONGEST]
    elif not is_sheet and form.get("beside") == "yes":
        options["beside"] = True
    kept = {
        key: before["entry"][key] for key in ("kinds", "where", "covers_km") if key in before.get("entry", {})
    }
    return options | {"entry": (kept if layer_type == bound_for else {}) | entry}


def _text(form, name):
    return " ".join(form.get(name, "").split())[:LONGEST]


def _texts(form, names):
    return {name: text for name in names if (text := _text(form, name))}


def _sheet(form):
    year = _text(form, "year")
    if not year:
        return {}
    if not (year.isascii() and year.isdigit() and 1900 <= int(year[:9]) <= 2200):
        raise Refused(422, "intake-page-bad-year", value=year[:20])
    return {"year": int(year)} | ({"kind": "recheck"} if form.get("kind") == "recheck" else {})


def _place(form):
    """The CRS: another one that was typed in counts before one that was chosen."""
    chosen = _text(form, "crs_other") or _text(form, "crs")
    if not chosen:
        return {}
    code = EPSG.match(chosen.removesuffix(SWAPPED).strip())
    if not code:
        raise Refused(422, "intake-page-bad-crs", value=chosen[:40])
    return {"crs": int(code[1])} | ({"swap_axes": True} if chosen.endswith(SWAPPED) else {})


def _complete(form):
    chosen = form.get("complete", "")
    by_commune = {
        name.removeprefix("complete:"): value
        for name, value in form.items()
        if name.startswith("complete:") and value in COMPLETE
    }
    if chosen not in COMPLETE and not by_commune:
        return {}
    everywhere = chosen if chosen in COMPLETE else "unknown"
    return {"complete": {"*": everywhere, **by_commune} if by_commune else everywhere}


def _fields(form, upload, layer):
    """Field to column where a person says something else than the catalogue does, or said so before."""
    columns, chosen = (upload["found"] or {}).get("columns", []), {}
    for number, column in enumerate(columns):
        field = form.get(f"field-{number}", column["field"] or "")
        if not field:
            continue
        if field in chosen:
            label = pick(layer.fields[field].label) if field in layer.fields else field
            raise Refused(422, "intake-page-field-twice", field=label)
        chosen[field] = column
    fields = {
        field: column["column"]
        for field, column in chosen.items()
        if field != column["field"] or column["how"] != "known"
    }
    if layer is not None and layer.id == SHEETS:
        return fields
    let_go = [column["field"] for column in columns if column["how"] == "known"]
    let_go += [field for field, column in upload["options"]["entry"].get("fields", {}).items() if not column]
    return fields | {field: "" for field in let_go if field not in chosen}
