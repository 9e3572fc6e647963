"""A request set against a study: what it names must be there, and shares become amounts."""

from dataclasses import replace

from gis.errors import PlanError, Problem
from gis.plan.request import PARTS
from gis.plan.shares import load_coefficients, share_out
from gis.verdicts import counted_criteria


def settled(request, review, options=None):
    """A request as it holds for a study: everything it names is there, coefficients have become ceilings by commune.

    Parameters
    ----------
    request : Request
    review : Review
    options : DataFrame, optional
        Table `OPTIONS`; where given, options that the request names must be in it.

    Returns
    -------
    Request

    Raises
    ------
    PlanError
        With everything that it names and the study does not have.
    """
    faults, study = [], review.study
    communes = set(study.communes.index) | set(study.villages["commune_id"].dropna())
    criteria = {one.id for one in review.study.criteria.criteria}

    def known(where, code, names, there):
        for name in sorted(set(names) - there):
            faults.append(Problem(code, {"where": where, "name": str(name)[:60]}, "error"))

    if request.part not in PARTS:
        faults.append(
            Problem("plan-no-part", {"part": str(request.part)[:60], "known": list(PARTS)}, "error")
        )
    known("assumed", "plan-request-no-criterion", [each["criterion"] for each in request.assumed], criteria)
    for each in request.assumed:
        if request.years and each["year"] > request.years[-1]:
            faults.append(Problem("plan-assumed-late", {"criterion": each["criterion"], "year": each["year"],
                                                        "last": str(request.years[-1])}, "error"))  # fmt: skip
    known("weights", "plan-request-no-village", request.weights, set(study.villages.index))
    rules, funds = load_coefficients(), []
    for fund in request.funds:
        where = f"funds.{fund.id}"
        known(f"{where}.communes", "plan-request-no-commune", fund.communes or (), communes)
        known(f"{where}.where", "plan-request-no-attribute", _asked(fund.where), set(study.villages.columns))
        if isinstance(fund.most_per_commune, dict):
            known(f"{where}.most_per_commune", "plan-request-no-commune", fund.most_per_commune, communes)
        if fund.by_coefficient is None:
            funds.append(fund)
        elif fund.by_coefficient not in rules:
            told = {"where": where, "name": str(fund.by_coefficient)[:60], "known": sorted(rules)}
            faults.append(Problem("plan-request-no-coefficients", told, "error"))
        else:
            shared = share_out(
                rules[fund.by_coefficient], fund.money, study.villages, fund.communes or communes
            )
            funds.append(replace(fund, most_per_commune=shared.by_commune))
    if options is not None:
        for key in ("locked", "banned", "costs"):
            known(key, "plan-request-no-option", getattr(request, key), set(options.index))
    if faults:
        raise PlanError(problems=faults)
    return replace(request, funds=tuple(funds))


def assumptions(request, review, options=None):
    """What a plan under a request rests on that nobody has proved, as problems to be told beside every result.

    Parameters
    ----------
    request : Request
    review : Review
    options : DataFrame, optional
        Table `OPTIONS` of the works that are shown.

    Returns
    -------
    list of Problem
        Criteria taken as met through a programme; criteria that no work changes and that are left open; coefficients
        and figures of the set that nobody checked; works whose cost nobody stands for.
    """
    told, criteria = [], review.study.criteria
    named = {each["criterion"] for each in request.assumed}
    for each in request.assumed:
        label = criteria.criterion(each["criterion"]).label
        told.append(
            Problem("plan-assumes", {"criterion": label, "year": each["year"], "by": each["by"]}, "note")
        )
    left = [one for one in counted_criteria(criteria) if one.fixable_by != "works" and one.id not in named]
    if left and request.part == "all":
        told.append(
            Problem("plan-leaves-open", {"criteria": [one.label for one in left], "count": len(left)})
        )
    if left and request.part == "infrastructure":
        told.append(Problem("plan-looks-at-works", {"criteria": [one.label for one in left]}, "note"))
    for fund in request.funds:
        if fund.by_coefficient:
            told += _of_coefficients(fund, review)
        if fund.special:
            told.append(Problem("plan-special-unread", {"fund": fund.label}))
    if (unread := criteria.figures["total"] - criteria.figures["checked"]) > 0:
        told.append(Problem("plan-figures-unread", {"count": unread, "total": criteria.figures["total"]}))
    if options is not None and len(options):
        guessed = options["cost_by"] == "assumption"
        if guessed.any():
            vnd = float(options["cost"][guessed].sum()) / 1e6
            facts = {"count": int(guessed.sum()), "of": len(options), "million": round(vnd)}
            told.append(Problem("plan-costs-assumed", facts))
    return told


def _of_coefficients(fund, review):
    rule = load_coefficients()[fund.by_coefficient]
    villages, communes = review.study.villages, review.study.communes.index
    if not rule.checked:
        yield Problem(
            "plan-coefficients-unread", {"fund": fund.label, "rule": rule.label, "source": rule.source}
        )
    shared = share_out(
        rule, fund.money, villages, fund.communes or communes.union(villages["commune_id"].dropna().unique())
    )
    if open_ := list(shared.table.index[shared.table["open"]]):
        yield Problem("plan-coefficients-open", {"fund": fund.label, "communes": open_, "count": len(open_)})
    absent = sorted({c["attribute"] for _, c in (*rule.communes, *rule.villages)} - set(villages.columns))
    if absent:
        yield Problem("plan-coefficients-absent", {"fund": fund.label, "attributes": absent})


def _asked(where):
    if where is None:
        return ()
    return tuple(one["attribute"] for one in (where if isinstance(where, tuple) else (where,)))
