"""Ways to look at a study beside its verdicts of today: other years, sheet or map alone, other sets, plans built."""

from dataclasses import dataclass, replace

from flask import Blueprint

from gis.errors import GisError
from gis.plan.scenario_record import scenario_of
from gis.side_by_side import by_source, contested
from gis.tables import STATUSES
from gis.web import areas, choosing, facts, sessions
from gis.web.guard import Refused
from gis.web.home import ready, ready_all
from gis.web.payload import pack_json, send
from gis.web.texts import date, language, pick, t
from gis.web.verdicts import Verdicts, verdicts
from gis.web.years import patient, years_of
from gis.workflows.planning import saved_plan, saved_plans

NOW = "now"
"""Stands in addresses for the verdicts of today under the chosen set."""

MOST_PLANS = 12
"""Plans and scenarios that are offered, the latest."""

pages = Blueprint("sides", __name__)
pages.app_url_defaults(choosing.keep_set)


@dataclass(frozen=True)
class Side:
    """A study looked at in one way.

    Attributes
    ----------
    key, label : str
        As the address and as a reader names it.
    seen : Verdicts
    note : str
        What a reader must know of it; empty where there is nothing.
    before : Verdicts or None
        Of a year, the verdicts of the year before it.
    since : str
        That year.
    """

    key: str
    label: str
    seen: Verdicts
    note: str = ""
    before: Verdicts | None = None
    since: str = ""

    @property
    def words(self):
        """What each status of a village is called under the set it was judged by."""
        return {status: facts.outcome_of(self.seen.criteria, status, language()) for status in STATUSES}


def offered(study_id, standing):
    """What a study can be looked at in, today first: ``key``, ``label``, ``kind`` and of a year ``year``."""
    study = standing.review.study
    rows = [{"key": NOW, "label": t("sides-now"), "kind": "now", "year": study.year}]
    years = sorted(study.assessments)
    if len(years) > 1 or (years and study.year is not None and study.year not in years):
        rows += [
            {"key": f"year-{year}", "label": t("sides-year", year=str(year)), "kind": "year", "year": year}
            for year in years
            if year != study.year
        ]
    if _both(standing):
        rows += [
            {"key": name, "label": t(f"sides-{name}"), "kind": "source"} for name in ("reported", "measured")
        ]
    chosen = choosing.asked() or choosing.OWN
    whole = ready_all(study_id).review
    for name in choosing.sets_of(whole):
        if name != chosen:
            one = choosing.chosen_review(whole, name).criteria
            label = f"{pick(one.label)} ({date(one.edition)})"
            rows.append({"key": f"set-{name}", "label": label, "kind": "set"})
    return rows + [
        {"key": f"plan-{row['key']}", "label": t(f"sides-{row['kind']}", name=row["name"]), "kind": "plan"}
        for row in _plans(study_id)
    ]


def side(study_id, standing, key):
    """A study looked at in one way.

    Raises
    ------
    Refused
        404 where there is no such way, 503 while it is worked out, 422 where a plan speaks of what is gone.
    """
    known = {row["key"]: row for row in offered(study_id, standing)}
    if key not in known:
        raise Refused(404, "sides-unknown", key=key[:60])
    label, review = known[key]["label"], standing.review
    kind, _, name = key.partition("-")
    if key == NOW:
        return Side(key, label, verdicts(review))
    if kind == "year":
        return _year(standing, key, label, int(name))
    if kind == "set":
        other = choosing.chosen_review(ready_all(study_id).review, name)
        return Side(key, label, verdicts(other), t("sides-set-note"))
    if kind == "plan":
        record = saved_plan(sessions.store(), study_id, name).record
        seen = patient(standing, ("side", key), lambda: _built(record, review))
        if seen is None:
            raise Refused(422, "sides-plan-open", name=label)
        return Side(key, label, seen, t("sides-plan-note"))
    seen = patient(standing, ("side", key), lambda: verdicts(by_source(review, key)))
    both, every = len(_both(standing)), len(review.criteria.criteria)
    return Side(key, label, seen, t("sides-source-note", both=both, every=every))


def _both(standing):
    return standing.beside(("contested",), standing.review.run.id, lambda: contested(standing.review))


def _year(standing, key, label, year):
    seen = years_of(standing)[2][year]
    code = "sides-year-note" if seen.measured else "sides-year-reported-note"
    note = t(code, year=str(year), reported=seen.reported, measured=seen.measured)
    return _after(standing, Side(key, label, seen, note), year)


def _after(standing, one, year):
    """A side with the verdicts of the year before."""
    by_year = years_of(standing)[2]
    since = max((each for each in by_year if year is not None and each < year), default=None)
    return one if since is None else replace(one, before=by_year[since], since=str(since))


def _plans(study_id):
    """Plans and scenarios of the study as it stands that were not withdrawn; they are of its own set."""
    if choosing.asked() or sessions.found_store() is None or not areas.sees_whole():
        return []
    rows = saved_plans(sessions.store(), study_id)
    return [row for row in rows if not row["withdrawn"] and not row["changed"]][:MOST_PLANS]


def _built(record, review):
    """The verdicts as if all works of a plan or scenario were built; None where it names what is gone."""
    try:
        return verdicts(scenario_of(record, review).after)
    except GisError:
        return None


@pages.get("/studies/<study_id>/sides/<key>.json")
def data(study_id, key):
    """The verdicts of every village looked at in one way, in the order of the map's table."""
    standing = ready(study_id)
    one = side(study_id, standing, key)
    if key == NOW and len(standing.review.study.assessments) > 1:
        one = _after(standing, one, standing.review.study.year)
    make = lambda: pack_json(_told(one, standing.review))  # noqa: E731
    return send(standing.prepared(("side", key, language()), make))


def _told(one, review):
    table = one.seen.table.reindex(review.villages_table.index)
    told = {
        "key": one.key,
        "label": one.label,
        "note": one.note,
        "words": one.words,
        "status": _letters(table["status"]),
        "infra": _letters(table["infra_status"]),
        "missed": table["missed"].fillna(0).astype(int).tolist(),
        "unknown": table["unknown"].fillna(0).astype(int).tolist(),
        # a criterion that the other set does not have is not asked there
        "criteria": [
            _letters(table[criterion.id]) if criterion.id in table else "x" * len(table)
            for criterion in review.criteria.criteria
        ],
    }
    if one.before is not None:
        told |= {"since": one.since, "before": _letters(one.before.table["status"].reindex(table.index))}
    return told


def _letters(statuses):
    return "".join(facts.LETTERS.get(status, "k") for status in statuses)
