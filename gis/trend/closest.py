"""Which villages are closest to passing: by how many criteria, by how much, and by which one alone."""

import numpy as np
import pandas as pd

from gis.verdicts import counted_criteria, judge_set


def closest_to_passing(review):
    """Villages that do not pass, those closest to it first.

    Parameters
    ----------
    review : Review

    Returns
    -------
    DataFrame
        One row a village whose verdict is unmet or unknown, index village id. ``missed`` and ``unknown``:
        how many criteria that count; ``missed_list`` and ``unknown_list``: which, tuples in the order of the
        set; ``one_step``: those of both of which one alone, if it were met and nothing else changed, makes
        the whole set met; ``shortfall_pct``: the largest shortfall among the missed ones in percent of
        what is asked for, NaN where nothing is missed; ``by``: the criterion with that shortfall.

    Notes
    -----
    The order is: whether one step is enough; missed; unknown; the largest shortfall; village id. The
    shortfall of a criterion is what is missing divided by its figure. A yes or no, a band, and a figure of 0
    have no measure: what misses them counts as 100 percent. Not reachable is endless.
    ``one_step`` is found by trying: every criterion is set to met and the set's own rule asked again, so it
    holds for any rule, also where several disadvantages count together.
    """
    villages, criteria = review.study.villages, review.criteria
    order = [one.id for one in counted_criteria(criteria)]
    open_ids = review.results.index[review.results["status"].isin(["unmet", "unknown"])]
    findings = review.findings[review.findings["village_id"].isin(open_ids)]
    wide = findings.pivot(index="village_id", columns="criterion", values="status")
    wide = wide.reindex(index=open_ids, columns=order)
    shortfall = _shortfall(findings, order, open_ids)
    steps = _steps(findings, criteria, villages.loc[open_ids], wide)
    missed, unknown = (wide == "unmet").to_numpy(), (wide == "unknown").to_numpy()
    values = np.where(missed, shortfall.to_numpy(), -1.0)
    worst = values.argmax(axis=1)
    some = missed.any(axis=1)
    names = np.array(order, dtype=object)
    table = pd.DataFrame(
        {
            "status": review.results["status"].reindex(open_ids),
            "missed": missed.sum(axis=1),
            "unknown": unknown.sum(axis=1),
            "missed_list": [tuple(names[row]) for row in missed],
            "unknown_list": [tuple(names[row]) for row in unknown],
            "one_step": [tuple(names[row]) for row in steps],
            "shortfall_pct": np.where(some, values.max(axis=1, initial=-1.0), np.nan),
            "by": pd.Series(np.where(some, names[worst], None), index=open_ids, dtype=object),
        },
        index=open_ids,
    )
    table["_far"] = table["one_step"].map(len) == 0
    table["_id"] = table.index
    table = table.sort_values(["_far", "missed", "unknown", "shortfall_pct", "_id"], na_position="first")
    return table.drop(columns=["_far", "_id"])


def _shortfall(findings, order, ids):
    """How much is missing of every unmet figure, in percent of it."""
    threshold = findings["threshold"].abs().to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        share = 100 * findings["margin"].abs().to_numpy() / threshold
    share = np.where(np.isnan(share) | (threshold == 0), 100.0, share)
    share = findings.assign(share=share).pivot(index="village_id", columns="criterion", values="share")
    return share.reindex(index=ids, columns=order)


def _steps(findings, criteria, villages, wide):
    """For every village and criterion whether that one alone, if met, makes the set met."""
    enough = np.zeros(wide.shape, dtype=bool)
    if villages.empty:
        return enough
    for place, name in enumerate(wide.columns):
        asked = wide.index[wide[name].isin(["unmet", "unknown"])]
        if asked.empty:
            continue
        rows = findings[findings["village_id"].isin(asked)]
        status = rows["status"].where(rows["criterion"] != name, "met")
        results = judge_set(rows.assign(status=status), criteria, villages.loc[asked])
        passing = results.index[results["status"] == "met"]
        enough[:, place] = wide.index.isin(passing)
    return enough
