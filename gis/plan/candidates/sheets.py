"""Works for what a village reports: so much of something in the village itself until the figure is reached."""

import math

from gis.plan.candidates.base import Made, maker
from gis.plan.edits import Edit
from gis.plan.pricing import priced


@maker
def reported_shares(gaps):
    """As much of the numerator as is missing to the figure, where a share is reported."""
    made = Made()
    for criterion, rows in gaps.of("reported_share", side="reported"):
        arguments = dict(criterion.reported.arguments)
        field, whole = arguments["numerator"], arguments["denominator"]
        for work, _ in _adding(gaps.interventions, field):
            for gap in rows.to_dict("records"):
                missing = gap["threshold"] * gap["denominator"] / 100 - gap["numerator"]
                if criterion.compare not in ("ge", "gt") or not missing > 0:
                    continue
                steps = (
                    math.floor(missing / work.step + 1e-9) + 1
                    if criterion.compare == "gt"
                    else math.ceil(missing / work.step - 1e-9)
                )
                quantity = round(steps * work.step, 6)
                edit = Edit(
                    "report", {"village": gap["village_id"], "field": field, "add": quantity, "whole": whole}
                )
                _add(made, gaps, work, gap, quantity, edit)
    return made


@maker
def reported_presence(gaps):
    """One of what the village reports it lacks."""
    made = Made()
    for criterion, rows in gaps.of("reported_value", side="reported"):
        field = dict(criterion.reported.arguments)["field"]
        if criterion.compare != "present":
            continue
        for work in gaps.interventions.values():
            becomes = [
                each["becomes"] for each in work.reports if each["field"] == field and "becomes" in each
            ]
            for gap in rows.to_dict("records") if becomes and work.unit == "piece" else ():
                edit = Edit("report", {"village": gap["village_id"], "field": field, "set": becomes[0]})
                _add(made, gaps, work, gap, 1.0, edit)
    return made


def _adding(interventions, field):
    for work in interventions.values():
        for each in work.reports:
            if each["field"] == field and "whole" in each:
                yield work, each


def _add(made, gaps, work, gap, quantity, edit):
    village = gap["village_id"]
    option = priced(work, gaps.review.study.villages.loc[[village]], quantity)
    if option is None:
        return
    id_ = f"{work.id}@{village}"
    made.options.append({"option_id": id_, **option, "edits": (edit,)})
    row = {"village_id": village, "criterion": gap["criterion"], "way": 0, "option_id": id_}
    made.ways.append({**row, "amount": 1.0, "need": 1.0, "takes": 0.0})
