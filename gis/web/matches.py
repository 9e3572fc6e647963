"""Names in sheets that need a person: which village is meant, decided once and not asked again."""

from flask import Blueprint, redirect, render_template, request, url_for

from gis.store import decisions
from gis.web import doing, sessions
from gis.web.guard import Refused, let_through
from gis.web.home import ready
from gis.workflows.states import keeps_by_matches

pages = Blueprint("matches", __name__)

NONE = "-"
"""What a form sends for "none of these"; no village id is a hyphen alone."""

OUTCOMES = ("automatic", "decided", "review", "none")
FORM_BYTES = 1_000_000
MOST = 500
"""Names shown at once; the next ones come when these are decided."""


let_through(pages, lambda: FORM_BYTES, "decide")


@pages.get("/studies/<study_id>/matches")
def listed(study_id):
    """Names to decide, each with its candidates, and what was decided before."""
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        decided = decisions.standing(connection, study_id, "match")
    review = ready(study_id).review
    rows, counts = open_names(review.study)
    names = review.study.villages["name"]
    return render_template(
        "intake/matches.html",
        study_row=study,
        study_id=study_id,
        rows=rows[:MOST],
        left=max(0, len(rows) - MOST),
        counts=counts,
        decided=[{**row, "village": names.get(row["answer"], row["answer"])} for row in reversed(decided)],
        villages=_by_commune(review.study),
        none=NONE,
    )


@pages.post("/studies/<study_id>/matches")
def decide(study_id):
    """Record what one name means, or all that are proposed; or open a decision again."""
    sessions.allow("decide")
    doing.stored_study(study_id)
    do, number = request.form.get("do", "").partition(":")[::2]
    if do == "withdraw":
        subject = _subject(number)
        keeps = keeps_by_matches(sessions.store(), study_id, [(subject, None, True)])
        with sessions.store().writing(sessions.who()) as change:
            decisions.withdraw(change, study_id, "match", subject, keeps=keeps)
    elif do in ("one", "all"):
        known = set(ready(study_id).review.study.villages.index)
        numbers = (
            [number] if do == "one" else [n.partition(":")[2] for n in request.form if n.startswith("name:")]
        )
        made = [
            (_subject(each), _answer(each, known)) for each in numbers if request.form.get(f"answer:{each}")
        ]
        if not made:
            raise Refused(422, "intake-page-match-choose")
        keeps = keeps_by_matches(sessions.store(), study_id, [(*each, False) for each in made])
        with sessions.store().writing(sessions.who()) as change:
            for subject, answer in made:
                decisions.decide(change, study_id, "match", subject, answer, keeps=keeps)
    else:
        raise Refused(400, "web-bad-request")
    return redirect(url_for("matches.listed", study_id=study_id), 303)


def _subject(number):
    name = request.form.get(f"name:{number}", "")
    if not name:
        raise Refused(400, "web-bad-request")
    commune = request.form.get(f"commune:{number}", "")
    return {"name": name} | ({"commune": commune} if commune else {})


def _answer(number, known):
    answer = request.form.get(f"answer:{number}", "")
    if answer == NONE:
        return None
    if answer not in known:
        raise Refused(422, "web-no-village", village=answer[:60])
    return answer


def open_names(study):
    """Names to decide, each once with the sheets it stands in, and how many names there are of each outcome."""
    rows, counts = {}, dict.fromkeys(OUTCOMES, 0)
    communes = study.communes["name"]
    for sheet, report in getattr(study, "matches", {}).items():
        for found in report.table.itertuples(index=False):
            counts[found.outcome] += 1
            if found.outcome not in ("review", "none"):
                continue
            commune = None if found.commune is None or found.commune != found.commune else str(found.commune)
            row = rows.setdefault(
                (found.name, commune),
                {
                    "name": str(found.name),
                    "commune": commune,
                    "commune_name": communes.get(commune, commune),
                    "outcome": found.outcome,
                    "reason": found.reason,
                    "candidates": found.candidates,
                    "places": [],
                },
            )
            row["places"].append(f"{sheet} · {found.left_id}")
    ordered = sorted(
        rows.values(), key=lambda row: (row["outcome"] != "review", row["commune"] or "", row["name"])
    )
    return ordered, counts


def _by_commune(study):
    """Commune to its villages, id and name in order of name, for names without any candidate."""
    found = {}
    for row in study.villages.sort_values("name").itertuples():
        found.setdefault(str(row.commune_id), []).append((str(row.Index), str(row.name)))
    return found
