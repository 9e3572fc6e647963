"""One file on its way in: what it is thought to be, how it looks, what is wrong with it; accept or discard."""

import json

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis.catalogue import load_catalogue
from gis.store import studies, uploads
from gis.web import choices, doing, sessions
from gis.web.guard import Refused, let_through
from gis.web.intake import source_label
from gis.web.payload import pack, send
from gis.web.texts import pick, t
from gis.workflows.proposing import needed_types
from gis.workflows.uploads import discard_upload, preview_path

pages = Blueprint("reviewing", __name__)

FORM_BYTES = 1_000_000
"""The form of a file of very many columns or communes is larger than other forms."""

ENCODINGS = ("utf-8", "cp1258", "tcvn3", "vni", "cp1252", "utf-16")
USUAL_CRS = (
    4326,
    9210,
    9211,
    9212,
    9213,
    9214,
    9215,
    9216,
    9217,
    5896,
    5897,
    5898,
    5899,
    3405,
    3406,
    32648,
    32649,
)
"""WGS 84, the zones of VN-2000 and UTM, offered where nothing better is known."""

KINDS = {"raster": ("raster",), "table": ("table",)}
BESIDE = ("facility", "network", "area")
"""Roles of which a study may hold several files of one type side by side."""

MAPPED = ("boundary", "facility", "network", "area")


let_through(pages, lambda: FORM_BYTES, "decide")


@pages.get("/studies/<study_id>/files/<upload_id>")
def upload(study_id, upload_id):
    """The page of one file."""
    study, row = doing.stored_study(study_id), _upload(study_id, upload_id)
    if row["state"] == "accepted":
        return redirect(url_for("intake.files", study_id=study_id))
    job = doing.latest_job(study_id, upload=upload_id)
    if row["state"] == "waiting" or (job and not job["over"]):
        return render_template("intake/waiting.html", study_row=study, study_id=study_id, upload=row, job=job)
    found = row["found"]
    shown = {
        "study_row": study,
        "study_id": study_id,
        "upload": row,
        "found": found,
        "faults": doing.say_all(found.get("faults", ())),
        # a job that failed has said in the faults of the next try what stands against it
        "job": job if job and job["state"] != "done" else None,
    }
    if row["state"] == "discarded":
        return render_template("intake/discarded.html", **shown)
    return render_template("intake/upload.html", **shown, **_questions(study, row))


@pages.post("/studies/<study_id>/files/<upload_id>")
def decide(study_id, upload_id):
    """Look again with other choices, accept, or discard."""
    sessions.allow("import")
    doing.stored_study(study_id)
    row, do = _upload(study_id, upload_id), request.form.get("do", "")
    here = redirect(url_for("reviewing.upload", study_id=study_id, upload_id=upload_id), 303)
    if row["state"] == "accepted":
        return here
    if do == "discard":
        discard_upload(sessions.store(), study_id, upload_id, who=sessions.who())
        return redirect(url_for("intake.files", study_id=study_id), 303)
    if do not in ("review", "accept"):
        raise Refused(400, "web-bad-request")
    options = choices.options_from(request.form, row)
    if do == "accept" and _same_choices(options, row["options"]):
        doing.begin("accept-upload", study_id, study=study_id, upload=upload_id, seen=doing.seen())
        return here
    # What was chosen since it was tried has to be tried first: nobody accepts what was not shown.
    with sessions.store().writing(sessions.who()) as change:
        uploads.settle(change, study_id, upload_id, "waiting", options=options)
    doing.begin("read-upload", study_id, study=study_id, upload=upload_id)
    if do == "accept":
        return redirect(url_for("reviewing.upload", study_id=study_id, upload_id=upload_id, tried="again"), 303)
    return here


@pages.get("/studies/<study_id>/files/<upload_id>/preview.geojson")
def preview(study_id, upload_id):
    """The light map of a file."""
    _upload(study_id, upload_id)
    found = _preview(upload_id)["map"] or '{"type":"FeatureCollection","features":[]}'
    return send(pack(found, "application/geo+json"), cache="no-store")


def _same_choices(options, before):
    known = ("layer_type", "entry", "source", "beside")
    return all((options.get(name) or None) == (before.get(name) or None) for name in known)


def _upload(study_id, upload_id):
    with sessions.store().reading() as connection:
        return uploads.get(connection, study_id, upload_id)


def _preview(upload_id):
    try:
        return json.loads(preview_path(sessions.store(), upload_id).read_text(encoding="utf-8"))
    except OSError:
        return {"map": None, "table": {"columns": [], "numbers": [], "rows": []}}


def _questions(study, row):
    """What the form asks, with what is chosen now."""
    found, options = row["found"], row["options"]
    catalogue, entry = load_catalogue(), options.get("entry", {})
    layer = catalogue.get(options.get("layer_type"))
    arrival = found.get("arrival")
    fits = [name for name, _ in arrival["fits"]] if arrival else []
    with sessions.store().reading() as connection:
        current = studies.current_versions(connection, study["id"])
    complete = entry.get("complete", "")
    by_commune = complete if isinstance(complete, dict) else {}
    standing = current_app.extensions["shelf"].peek(study["id"])
    return {
        "types": _types(catalogue, arrival, fits),
        "layer": layer,
        "layer_label": pick(layer.label) if layer else "",
        "why": _why(arrival, fits, layer),
        "entry": entry,
        "is_sheet": arrival is not None and arrival["kind"] == "table",
        "is_map": arrival is not None and arrival["kind"] == "vector",
        "encodings": ENCODINGS,
        "crs_proposals": _places(found),
        "crs_now": arrival["report"]["crs"] if arrival else None,
        "usual_crs": USUAL_CRS,
        "fields": _fields(study, layer),
        "kinds": _kinds(found, layer),
        "complete_everywhere": by_commune.get("*", "") if by_commune else complete,
        "complete_of": by_commune,
        "problems": doing.say_all(found.get("problems", ())),
        "table": _preview(row["id"])["table"],
        "replaces": current.get(found.get("source")),
        "others_there": layer is not None and layer.role in BESIDE and layer.id in current,
        "same_as": found.get("same_as")
        and {**found["same_as"], "label": source_label(found["same_as"]["source"])},
        "sheets_there": [
            (source, version["file"]) for source, version in current.items() if doing.is_sheet(source)
        ],
        "outlines": bool(standing is not None and standing.review is not None),
    }


def _types(catalogue, arrival, fits):
    """Kinds of data that a file of this form can be, the best first."""
    roles = MAPPED if arrival is None else KINDS.get(arrival["kind"], MAPPED)
    others = [name for name, layer in catalogue.items() if layer.role in roles and name not in fits]
    if arrival is not None and arrival["kind"] != "table":
        others += [name for name, layer in catalogue.items() if layer.role == "table"]
    others.sort(key=lambda name: pick(catalogue[name].label))
    return [(name, pick(catalogue[name].label), name in fits[:1]) for name in (*fits, *others)]


def _why(arrival, fits, layer):
    """Why the file is thought to be what it is thought to be; empty where a person said so."""
    if arrival is None or layer is None or not fits or layer.id != fits[0]:
        return ""
    if arrival["kind"] == "table":
        return t("intake-page-why-sheet")
    scores = [score for _, score in arrival["fits"]]
    ahead = scores[0] - scores[1] if len(scores) > 1 else scores[0]
    if scores[0] >= 2 and ahead >= 1:
        return t("intake-page-why-name")
    return t("intake-page-why-columns") if scores[0] > 0 else t("intake-page-why-geometry")


def _fields(study, layer):
    """Fields that a column can be bound to: name and label."""
    if layer is None:
        return []
    fields = {name: pick(field.label) for name, field in layer.fields.items()}
    if layer.id == studies.SHEETS:
        fields |= {name: name for name in needed_types(sessions.store(), study) if name not in fields}
    return sorted(fields.items(), key=lambda field: field[1].casefold())


def _places(found):
    """CRS proposals as the select shows them: value and words."""
    rows = []
    for each in found.get("crs") or ():
        provinces = ", ".join(each["provinces"][:3])
        told = {
            "crs": str(each["crs"]),
            "name": f"{each['name']} ({provinces})" if provinces else each["name"],
        }
        words = t("intake-page-crs-anywhere", **told)
        if each["distance_km"] is not None:
            near = {"distance_km": each["distance_km"], "inside_pct": round(each["inside_pct"])}
            words = t("intake-page-crs-proposal", **told, **near)
        if each["swapped"]:
            words = t("intake-page-crs-swapped", words=words)
        rows.append((f"{each['crs']}{choices.SWAPPED if each['swapped'] else ''}", words))
    return rows


def _kinds(found, layer):
    rows = []
    for kind in found.get("kinds", ()):
        label = t("intake-page-kind-unknown")
        if kind["value"] is not None:
            known = layer.vocabularies.get(kind["field"], {}).get(kind["value"])
            label = pick(known[0]) if known else kind["value"]
        rows.append({"label": label, "count": kind["count"], "known": kind["value"] is not None})
    return rows
