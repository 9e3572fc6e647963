"""What the first screen of a study shows of the year: four figures, communes with their marks, and five doors."""

from flask import Blueprint, current_app, render_template, url_for

from gis.web import areas, choosing, doing, facts, progress, todo
from gis.web.guard import Refused
from gis.web.home import ready_all
from gis.web.origins import FROZEN
from gis.web.texts import language, t

pages = Blueprint("yearview", __name__)

RECEIVED_SIGNS = {"sent": "✓", "sent-late": "✓", "late": "!", "waiting": "…", "not-asked": "–", "none": "!"}
"""How far a commune is with its sheet, as a sign beside its word."""

MOST_ROWS = 150
"""Communes of which the first screen has a row; their list has all."""

MOST_VILLAGES = 3000
"""Beyond so many the small map of the first screen colours communes and not villages."""

NEEDS_STORE = "any('templates', 'files')"
"""Doors that lead nowhere for a study that is only read from its folder."""


@pages.app_template_global("year_view")
def year_view(study_id, part):
    """The figures, communes and doors of a study whose review is ready, as plain values.

    Parameters
    ----------
    study_id : str
    part : str
        One of `gis.web.facts.PARTS`.

    Returns
    -------
    dict
        ``figures``, ``communes`` and how many ``more`` there are, ``by_commune`` (commune to its result, where there
        are too many villages for the map; else None), ``campaign`` (its number, name and how many have not sent; None where none is
        open), ``stood`` (whether checked and locked are kept for the study) and ``doors``.
    """
    own = ready_all(study_id)
    standing = own.under(choosing.asked()) if choosing.asked() else own
    review = standing.review
    rows, campaign, stood = marked_communes(study_id, standing, part)
    return {
        "figures": facts.headline(review, part),
        "communes": rows[:MOST_ROWS],
        "more": max(0, len(rows) - MOST_ROWS),
        "by_commune": _results(review, rows) if len(review.study.villages) > MOST_VILLAGES else None,
        "campaign": campaign,
        "stood": stood,
        "sheets": bool(review.study.assessments),
        "doors": doors(study_id, campaign),
    }


def marked_communes(study_id, standing, part):
    """Communes as `gis.web.facts.communes` tells them, with how far each is.

    Returns
    -------
    rows : list of dict
        With ``received`` (``state``, ``sign`` and ``word``), and ``checked`` and ``locked``, numbers of villages.
    campaign : dict or None
        The open campaign that says what was received; without one it is whether the sheets of the year have rows.
    stood : bool
        Whether checked and locked are kept for the study.
    """
    review = standing.review
    # A campaign is about the study and not about one of the sets beside its own.
    campaign, sent = _campaign(study_id, ready_all(study_id)) if doing.is_stored(study_id) else (None, {})
    stood = progress.stood(study_id, standing)
    rows, steps = facts.communes(review, part, language()), _steps(review, stood)
    for row in rows:
        own = "sent" if row["has_sheet"] else "none"
        state = sent.get(row["id"], "not-asked") if campaign else own
        row["received"] = {
            "state": state,
            "sign": RECEIVED_SIGNS[state],
            "word": t(f"first-received-{state}"),
        }
        row["checked"], row["locked"] = steps.get(row["id"], (0, 0))
    return rows, campaign, stood is not None


def _campaign(study_id, standing):
    """The latest open campaign, counted over the communes that the reader sees, and commune to how it stands in it."""
    for row, found in todo.open_campaigns(study_id, standing):
        seen = set(standing.review.communes.index)
        states = found["states"]
        if not areas.sees_whole():
            states = {commune: state for commune, state in states.items() if commune in seen}
        late, waiting = (list(states.values()).count(state) for state in ("late", "waiting"))
        figures = {"number": row["id"], "name": row["name"], "missing": late + waiting}
        return figures | {"communes": len(states), "late": late}, states
    return None, {}


def _results(review, rows):
    """Commune to whether it is at the target, short of it, or cannot be told because of villages without data."""
    has_target, found = review.study.target.get("share_pct") is not None, {}
    for row in rows:
        short, unknown = row["short_by"], row["unknown"]
        open_end = unknown >= short if has_target else short == 0 and unknown > 0
        found[row["id"]] = (
            "met" if not short and (has_target or not unknown) else "unknown" if open_end else "unmet"
        )
    return found


def _steps(review, stood):
    """Commune to how many of its villages are checked, and how many of them locked."""
    if stood is None:
        return {}
    commune = review.study.villages["commune_id"].reindex(stood.index).fillna(facts.NO_COMMUNE)
    checked = stood["state"].isin(("verified", "recognised")).groupby(commune).sum()
    locked = (stood["state"] == "recognised").groupby(commune).sum()
    return {key: (int(checked[key]), int(locked[key])) for key in checked.index}


def doors(study_id, campaign):
    """The five ways on from the first screen: what it is called, where it leads, and its Excel where it is a list."""
    place, past = {"study_id": study_id}, FROZEN in study_id
    stored = doing.is_stored(study_id)
    templates = (
        url_for("campaigns.page", number=campaign["number"], **place)
        if campaign
        else url_for("campaigns.listed", **place)
        if stored
        else url_for("yearview.needs_store", door="templates", **place)
    )
    files = url_for(
        "intake.files" if stored else "yearview.needs_store", **place, **({} if stored else {"door": "files"})
    )
    gaps, works = ((f"options-{view}", {**place, "view": view}) for view in ("gaps", "works"))
    found = [
        ("templates", templates, None),
        ("files", files, None),
        (
            "gaps",
            url_for("options.listed", **gaps[1]),
            url_for("options.listed_file", format="xlsx", **gaps[1]),
        ),
        (
            "works",
            url_for("options.listed", **works[1]),
            url_for("options.listed_file", format="xlsx", **works[1]),
        ),
        ("papers", url_for("papers.papers", **place), None),
    ]
    # A frozen version takes nothing in and plans nothing, and neither does who sees a part; gaps are a list of villages.
    if past or not areas.sees_whole():
        unmet = {**place, "status": "unmet"}
        gaps = (
            "gaps",
            url_for("lists.villages", **unmet),
            url_for("lists.villages_file", format="xlsx", **unmet),
        )
        found = [gaps, found[4]]
    return [{"code": code, "address": address, "file": file} for code, address, file in found]


@pages.get(f"/studies/<study_id>/first/<{NEEDS_STORE}:door>")
def needs_store(study_id, door):
    """What must be done before a study of the folder can send templates or take in files."""
    if doing.is_stored(study_id):
        raise Refused(404, "web-not-found")
    review = ready_all(study_id).review
    has_store = current_app.extensions["store"] is not None
    return render_template(
        "home/needs_store.html",
        review=review,
        study=review.study,
        study_id=study_id,
        door=door,
        has_store=has_store,
    )
