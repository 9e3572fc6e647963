"""Where map and sheet do not say the same, or cannot be compared: one row a village and criterion."""

import numpy as np
import pandas as pd

from gis.disagreements.causes import CAUSES, fitting
from gis.disagreements.kinds import KINDS
from gis.disagreements.places import no_places
from gis.tables import DISAGREEMENTS, conform


def disagreements(study, measurements, findings):
    """Every finding of which map and sheet do not say the same, or cannot be compared, with its causes.

    Parameters
    ----------
    study : Study
    measurements, findings : DataFrame
        Tables `MEASUREMENTS` and `FINDINGS`; the findings with ``near``.

    Returns
    -------
    DataFrame
        Table `DISAGREEMENTS`, sorted as the findings are. Only criteria that the set measures and asks for
        in the sheet; see `not_measured` for the others.
    """
    both = {one.id for one in study.criteria.criteria if one.measured and one.reported}
    rows = findings[findings["criterion"].isin(both) & (findings["status"] != "exempt")]
    rows = rows.assign(kind=_kind(rows))
    rows = rows[rows["kind"].notna()].reset_index(drop=True)
    sides = _sides(study, measurements, rows)
    fits, places = fitting(study, rows, sides)
    first = np.argmax(fits.to_numpy(), axis=1) if len(rows) else np.zeros(0, dtype=int)
    names = np.array(CAUSES, dtype=object)
    rows = rows.assign(
        year=study.year or 0,
        cause=names[first],
        causes=[" ".join(names[row]) for row in fits.to_numpy()],
        record=sides["record"].to_numpy(),
        layer=sides["layer"].to_numpy(),
        **_place_of_first(rows, names[first], places),
    )
    return conform(rows[[name for name in DISAGREEMENTS if name in rows]], DISAGREEMENTS)


def not_measured(criteria):
    """Criteria of a set that only the sheet answers: no map can contradict what is claimed by them."""
    return tuple(one for one in criteria.criteria if one.reported and not one.measured)


def count_causes(table):
    """For each cause how many rows and villages it touches, and of how many rows it is the first; most first.

    Parameters
    ----------
    table : DataFrame
        Table `DISAGREEMENTS`.

    Returns
    -------
    DataFrame
        Columns ``cause``, ``villages``, ``rows``, ``first``.
    """
    each = table.assign(each=table["causes"].str.split(" ")).explode("each")
    counted = each.groupby("each").agg(villages=("village_id", "nunique"), rows=("village_id", "size"))
    counted["first"] = table["cause"].value_counts().reindex(counted.index, fill_value=0)
    counted = counted.rename_axis("cause").reset_index()
    counted["_order"] = counted["cause"].map(CAUSES.index)
    return (
        counted.sort_values(["first", "rows", "_order"], ascending=[False, False, True])
        .drop(columns="_order")
        .reset_index(drop=True)
    )


def _kind(findings):
    on_map, on_sheet = findings["measured_status"], findings["reported_status"]
    told = on_sheet.isin(["met", "unmet"])
    seen = on_map.isin(["met", "unmet"])
    return np.select(
        [told & seen & (on_map != on_sheet) & (on_sheet == "met"), told & seen & (on_map != on_sheet),
         told & ~seen, ~told],
        KINDS,
        None,
    )  # fmt: skip


def _sides(study, measurements, rows):
    """Of each row why each side has no value, the layer behind the measurement and the record of the claim."""
    bindings = {one.id: one for one in study.criteria.criteria}
    found = []
    for source, columns in (("measured", ["doubt", "layer"]), ("reported", ["doubt", "record", "value"])):
        names = {name: getattr(one, source).measure for name, one in bindings.items() if getattr(one, source)}
        measure = rows["criterion"].map(names)
        keys = pd.DataFrame({"village_id": rows["village_id"], "measure": measure}, dtype=object)
        of_source = measurements.loc[
            measurements["source"] == source, ["village_id", "measure", *columns]
        ].rename(columns={"doubt": f"{source}_doubt"})
        found.append(
            keys.merge(of_source, how="left", on=["village_id", "measure"]).drop(
                columns=["village_id", "measure"]
            )
        )
    return pd.concat(found, axis=1)


def _place_of_first(rows, cause, places):
    """The place of the first cause of each row, where it has one."""
    told = no_places().reindex(rows.index)
    for code, place in places.items():
        leading = place.index[cause[place.index] == code]
        told.loc[leading] = place.loc[leading]
    return {name: told[name].to_numpy() for name in told}
