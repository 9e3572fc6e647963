"""The verdicts of one judgement as small as several years of them can be kept."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Verdicts:
    """What maps and lists need of a judgement, without its findings.

    Attributes
    ----------
    table : DataFrame
        Index village id: ``status``, ``infra_status``, ``missed``, ``unknown``, and its status by each criterion
        under the criterion's id.
    criteria : CriteriaSet
    reported, measured : int
        How many findings rest on a sheet and on the map.
    """

    table: pd.DataFrame
    criteria: object
    reported: int
    measured: int


def verdicts(review):
    """The verdicts of a review."""
    ids = [one.id for one in review.criteria.criteria]
    table = review.villages_table[["status", "infra_status", "missed", "unknown_count", *ids]]
    source = review.findings["source"].value_counts()
    return Verdicts(
        table.rename(columns={"unknown_count": "unknown"}),
        review.criteria,
        int(source.get("reported", 0)),
        int(source.get("measured", 0)) + int(source.get("both", 0)),
    )
