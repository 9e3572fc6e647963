"""The years of a study in words: villages by status, village by village, and what happened."""

import numpy as np
import pandas as pd

from gis.messages import say
from gis.tables import STATUSES
from gis.yearly.listing import criterion_words, make_listing, verdict_word


def year_rows(history, criteria, language):
    """One row a year: villages by status, shares, and what happened since the year before."""
    table = history.summary.reset_index()
    table["year"] = table["year"].astype(str)
    if len(table):
        # nothing can have happened before the first year
        table[["new", "back", "lost-sight"]] = table[["new", "back", "lost-sight"]].astype(float)
        table.loc[0, ["new", "back", "lost-sight"]] = np.nan
    heads = {status: verdict_word(criteria, status, language) for status in STATUSES}
    return make_listing(table.round({"share_pct": 2, "share_open_pct": 2}), language, heads)


def status_rows(history, study, language, *, standing=None):
    """One row a village: its verdict in every year, where it stands, and what it was made from."""
    villages, criteria = study.villages, study.criteria
    words = {status: verdict_word(criteria, status, language) for status in STATUSES}
    table = pd.DataFrame(
        {
            "village_id": history.statuses.index,
            "name": villages["name"].reindex(history.statuses.index).to_numpy(),
            "commune": villages["commune"].reindex(history.statuses.index).to_numpy(),
        }
    )
    for year in history.years:
        table[str(year)] = history.statuses[year].map(words).to_numpy()
    table["standing"] = [say(f"years-standing-{word}", language) for word in history.standing]
    if len(history.parents):
        told = history.parents.groupby("village_id").apply(
            lambda rows: _parents(rows, words), include_groups=False
        )
        table["parents"] = table["village_id"].map(told)
        table["parents"] = table["parents"].where(table["parents"].notna(), None)
    statuses = history.statuses
    if standing:
        kept = (history.standing == standing).to_numpy()
        table, statuses = table[kept].reset_index(drop=True), statuses[kept]
    codes = {str(year): statuses[year].tolist() for year in history.years}
    return make_listing(table, language, {str(year): str(year) for year in history.years}, codes)


def event_rows(history, study, language, *, kind=None):
    """One row an event: which village, when, by which criteria."""
    events = history.events
    if kind:
        events = events[events["kind"] == kind]
    villages = study.villages.loc[events["village_id"]]
    table = pd.DataFrame(
        {
            "year": events["year"].astype(str).to_numpy(),
            "event": [say(f"years-event-{word}", language) for word in events["kind"]],
            "village_id": events["village_id"].to_numpy(),
            "name": villages["name"].to_numpy(),
            "commune": villages["commune"].to_numpy(),
            "since": events["since"].astype(str).to_numpy(),
            "criteria": [criterion_words(study.criteria, names, language) for names in events["criteria"]],
        }
    )
    return make_listing(table, language)


def _parents(rows, words):
    told = [f"{row.year}: {row.name} ({row.unit_id}) {words[row.status]}" for row in rows.itertuples()]
    return "; ".join(told)
