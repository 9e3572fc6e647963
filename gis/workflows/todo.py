"""Lists of what is to be done about a judged study, as tables."""

import pandas as pd


def without_evidence(review, pieces):
    """Claims of communes on criteria that count behind which no document or photo stands.

    Parameters
    ----------
    review : Review
    pieces : list of Mapping
        Evidence of the study. One counts for a claim if it names the village and the criterion, and the year or
        none; what names no criterion shows no certain claim and is counted in ``general``.

    Returns
    -------
    DataFrame
        Columns village_id, criterion, reported, reported_status, record, general, first. Claims that want a proof
        most are `first` and at the top: that a criterion is met, or that one of disadvantage applies.
    """
    found = _counted(review)
    claims = found[found["reported_status"].isin(("met", "unmet"))]
    of_year = [row for row in pieces if row["year"] in (None, review.study.year)]
    proven = {(row["village_id"], row["criterion"]) for row in of_year}
    bare = [pair not in proven for pair in zip(claims["village_id"], claims["criterion"], strict=True)]
    rows = claims[pd.Series(bare, index=claims.index, dtype=bool)]
    general = pd.Series([row["village_id"] for row in of_year if row["criterion"] is None], dtype=object)
    triggers = {criterion.id for criterion in review.counted if criterion.kind == "trigger"}
    rows = rows.assign(
        general=rows["village_id"].map(general.value_counts()).fillna(0).astype(int),
        first=(rows["reported_status"] == "met") != rows["criterion"].isin(triggers),
    )
    rows = rows.sort_values("first", ascending=False, kind="stable")
    columns = ["village_id", "criterion", "reported", "reported_status", "record", "general", "first"]
    return rows[columns].reset_index(drop=True)


def _counted(review):
    counted = [criterion.id for criterion in review.counted]
    return review.findings[review.findings["criterion"].isin(counted)]
