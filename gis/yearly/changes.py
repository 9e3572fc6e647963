"""A change of results in words: by cause, by village, by criterion."""

import pandas as pd

from gis.messages import say
from gis.sentences import status_word
from gis.trend.rescoring import ABSENT
from gis.yearly.listing import make_listing, verdict_word


def cause_rows(rescoring, language):
    """Villages by cause of the change of their result, and what it does to the number that passes."""
    table = pd.DataFrame({"villages": rescoring.counts, "net": rescoring.net}).reset_index(names="cause")
    table["meaning"] = [say(f"years-cause-{cause}-means", language) for cause in table["cause"]]
    table["cause"] = [say(f"years-cause-{cause}", language) for cause in table["cause"]]
    return make_listing(table, language)


def change_rows(rescoring, study, sets, language, *, changed_only=True):
    """One row a village: its verdict at the four corners and the cause of the change."""
    rows = rescoring.villages
    if changed_only:
        rows = rows[rows["cause"] != "same"]
    villages = study.villages.loc[rows.index]
    before, after = sets
    table = pd.DataFrame(
        {
            "village_id": rows.index,
            "name": villages["name"].to_numpy(),
            "commune": villages["commune"].to_numpy(),
            "cause": [say(f"years-cause-{cause}", language) for cause in rows["cause"]],
            "before": [verdict_word(before, status, language) for status in rows["before"]],
            "village_only": [verdict_word(before, status, language) for status in rows["village_only"]],
            "rule_only": [verdict_word(after, status, language) for status in rows["rule_only"]],
            "after": [verdict_word(after, status, language) for status in rows["after"]],
        }
    )
    corners = ("before", "village_only", "rule_only", "after")
    return make_listing(table, language, statuses={name: rows[name].tolist() for name in corners})


def criterion_change_rows(rescoring, sets, language):
    """One row a criterion: how many villages gained and lost it, by cause."""
    before, after = sets
    known = {one.id: one for one in (*before.criteria, *after.criteria)}
    counts = rescoring.by_criterion.reset_index()
    counts.insert(1, "label", [known[name].label.pick(language) for name in counts["criterion"]])
    counts["in_set"] = [say(f"years-in-{word}", language) for word in counts["in_set"]]
    return make_listing(counts, language)


def finding_change_rows(rescoring, study, sets, language):
    """One row a village and criterion that changed, with value and figure before and after."""
    before, after = sets
    known = [{one.id: one for one in one_set.criteria} for one_set in sets]
    rows = rescoring.criteria[rescoring.criteria["cause"] != "same"]
    rows = rows[(rows["before"] != rows["after"]) | (rows["cause"] == "cancelled")]
    villages = study.villages.loc[rows["village_id"]]
    table = pd.DataFrame(
        {
            "village_id": rows["village_id"].to_numpy(),
            "name": villages["name"].to_numpy(),
            "commune": villages["commune"].to_numpy(),
            "criterion": rows["criterion"].to_numpy(),
            "label": [(known[0] | known[1])[name].label.pick(language) for name in rows["criterion"]],
            "cause": [say(f"years-cause-{cause}", language) for cause in rows["cause"]],
            **{
                side: [
                    _finding_word(known[place].get(name), status, language)
                    for name, status in zip(rows["criterion"], rows[side], strict=True)
                ]
                for place, side in enumerate(("before", "after"))
            },
            **{
                name: rows[name].to_numpy()
                for name in ("value_before", "value_after", "threshold_before", "threshold_after")
            },
        }
    )
    return make_listing(table, language)


def _finding_word(criterion, status, language):
    if status == ABSENT or criterion is None:
        return say("years-not-in-set", language)
    return status_word(status, criterion.kind, language)
