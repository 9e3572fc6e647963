"""Evidence as plain values ready to be printed: whose, what, when and where it was taken."""

from gis.labels import format_number
from gis.reaching import lacks, service_of
from gis.store import audit, evidence
from gis.web import areas, doing, sessions
from gis.web.facts import text_of
from gis.web.origins import FrozenOrigin
from gis.web.texts import date, language, moment, pick, t
from gis.workflows.evidence import places

TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PHOTO_LAYER = "photos"
CAMERA = {"color": "#7a1f6b", "shape": "square", "letter": "", "width": 1.5, "geometry": "point"}


def rows_of(study_id, standing, *, deleted=False):
    """Evidence of a study in sight, read once for each state of it; None where none is kept for it."""
    if isinstance(standing.origin, FrozenOrigin):
        return areas.kept(standing.origin.frozen.evidence, standing.review)
    if not doing.is_stored(study_id):
        return None

    def look():
        with sessions.store().reading() as connection:
            return areas.kept(evidence.listed(connection, study_id, deleted=deleted), standing.review)

    return standing.beside(f"evidence-{deleted}", mark_of(study_id), look)


def mark_of(study_id):
    """A number that grows with every change of a study, its evidence too."""
    with sessions.store().reading() as connection:
        return audit.latest(connection, study_id)


def told(standing, rows):
    """Evidence as plain values ready to be printed."""
    review = standing.review
    found = places(review.study, rows)
    table = review.villages_table[["name", "commune"]]
    criteria = {one.id: pick(one.label) for one in review.criteria.criteria}
    names = dict(zip(table.index, table["name"], strict=True))
    communes = dict(zip(table.index, table["commune"], strict=True))
    shown = []
    for row in rows:
        place, about = found.get(row["id"]), row["about"] or {}
        village = row["village_id"]
        shown.append(
            {
                "number": row["id"],
                "village_id": village,
                "village": text_of(names.get(village)) or village,
                "commune": text_of(communes.get(village)) or "",
                "criterion": criteria.get(row["criterion"], row["criterion"] or ""),
                "year": row["year"],
                "file": row["file"],
                "kind_text": t(f"evidence-kind-{row['kind'] if row['kind'] in TYPES else 'other'}"),
                "size_text": _size(row["size"]),
                "note": row["note"] or "",
                "who": row["who"],
                "at": moment(row["at"]),
                "taken": _taken(about.get("taken")),
                "lon": about.get("lon"),
                "lat": about.get("lat"),
                "word": place.word if place else None,
                "place": _where(place, names),
                "year_word": place.year if place else None,
                "year_text": _other_year(place, row, about),
                "notes": [t(code) for code in about.get("notes", ())],
                "has_preview": bool(row["preview"]),
                "removed": bool(row["deleted_at"]),
            }
        )
    return shown


def _where(place, names):
    if place is None or place.word is None:
        return ""
    if place.distance_m is None:
        text = t("evidence-place-unknown")
    else:
        away = (
            t("evidence-metres", value=round(place.distance_m))
            if place.distance_m < 1000
            else t("evidence-kilometres", value=round(place.distance_m / 1000, 1))
        )
        text = t(f"evidence-place-{place.word}{'-point' if place.from_point else ''}", distance=away)
    return (
        f"{text} {t('evidence-place-other', village=str(names.get(place.other, place.other)))}"
        if place.other
        else text
    )


def _other_year(place, row, about):
    if place is None or place.year in (None, "same"):
        return ""
    return t("evidence-other-year", year=int(about["taken"][:4]), claim=str(row["year"]))


def _taken(written):
    return f"{date(written[:10])} {written[11:16]}" if written else ""


def _size(size):
    return f"{format_number(max(size / 1e6, 0.01), language(), 2 if size < 1e6 else 1)} MB"


REACH_LAYER = "reach"
BANDS = {"color": "#35978f", "shape": "square", "letter": "", "width": 0.5, "geometry": "polygon"}


def photo_layer(study_id, standing):
    """The layer of photos as `home.layers_on_map` tells layers; empty where no photo says where it was taken."""
    rows = [
        row for row in rows_of(study_id, standing) or [] if row["about"] and row["about"]["lon"] is not None
    ]
    if not rows:
        return []
    return [{"id": PHOTO_LAYER, "label": t("evidence-page-photos"), "count": len(rows), **CAMERA}]


MISSING_LAYER = "roads-missing"
MISSING = {"color": "#b3261e", "shape": "square", "letter": "", "width": 5, "geometry": "line"}


def missing_layer(study):
    """The layer of what links open all year lack, as `home.layers_on_map` tells layers; empty without centres.

    Nobody waits for its count.
    """
    if not {"roads", "commune_centres"} <= set(study.layers):
        return []
    return [{"id": MISSING_LAYER, "label": t("roads-missing-layer"), "count": None, **MISSING}]


def reach_layer(study):
    """The layer of walking times to the usual service as `home.layers_on_map` tells layers; empty without heights."""
    if lacks(study) is not None:
        return []
    service = service_of(study)
    label = t("reach-layer", service=service.label)
    return [{"id": REACH_LAYER, "label": label, "count": service.places, "ground": True, **BANDS}]
