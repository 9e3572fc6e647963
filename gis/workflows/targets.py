"""What a study is asked about its target: progress, the villages nearest to it, and where to begin."""

import numpy as np
import pandas as pd

from gis.errors import StudyError
from gis.geometry import containing
from gis.trend import closest_to_passing, progress, propose_pilots
from gis.trend.counting import attribute_of, commune_attribute
from gis.trend.pilots import LEVELS

ALL = "*"
"""The unit of the level that has only one."""


def target_progress(history, review, *, share_pct=None, by=None):
    """How far a study is from its target: that of the arguments, else its own; see `gis.trend.progress`."""
    target, own = review.study.target, review.study
    return progress(
        history,
        share_pct=target.get("share_pct") if share_pct is None else share_pct,
        by=target.get("by") if by is None else by,
        as_of=own.as_of if own.year == history.years[-1] else None,
    )


def closest(review):
    """`gis.trend.closest_to_passing` with name and commune."""
    table = closest_to_passing(review)
    villages = review.study.villages
    named = table.assign(name=villages["name"], commune=villages["commune"])
    return named[["name", "commune", *table.columns]]


def pilot_villages(review, *, level="commune", weights=None, willingness=None):
    """Propose pilots for every commune, for every unit above, or one for all.

    Parameters
    ----------
    review : Review
    level : str
        ``"commune"``, ``"upper"`` (the district or whatever unit the communes belong to) or ``"all"``.
    weights : Mapping of str to float, optional
    willingness : str, optional
        A column of the villages or a field of the sheets, numbers or yes and no.

    Returns
    -------
    Pilots

    Raises
    ------
    StudyError
        If the level is unknown or nobody says which units there are, weights are wrong, or no village has that
        column.
    """
    study = review.study
    if level not in LEVELS:
        raise StudyError("years-no-level", level=str(level)[:40], known=list(LEVELS))
    units = units_of(study, level)
    if units is None:
        raise StudyError("years-no-units", level=level)
    willing = None
    if willingness:
        column = attribute_of(study, willingness)
        willing = None if column is None else pd.to_numeric(column, errors="coerce")
        if willing is None or willing.isna().all():
            raise StudyError("years-no-willingness", column=willingness[:60])
    try:
        return propose_pilots(review, units, level=level, weights=weights, willingness=willing)
    except ValueError:
        raise StudyError("years-bad-weights") from None


def units_of(study, level):
    """Village to the id of its unit at a level; None where nobody says."""
    if level == "commune":
        return study.villages["commune_id"]
    if level == "all":
        return pd.Series(ALL, index=study.villages.index, dtype=object)
    named = commune_attribute(study, "upper_id")
    if named is not None and named.notna().any():
        return named
    frame = _upper_units(study)
    if frame is None:
        return None
    inside = containing(study.villages["point"].to_numpy(dtype=object), frame.geometry.to_numpy())
    names = frame.index.to_numpy(dtype=object)[inside]
    return pd.Series(np.where(inside >= 0, names, None), index=study.villages.index, dtype=object)


def unit_names(study, level):
    """Unit id to its name; the id where there is no name."""
    if level == "commune":
        return study.communes["name"].to_dict()
    frame = _upper_units(study)
    return {} if level == "all" or frame is None else frame["name"].dropna().to_dict()


def _upper_units(study):
    """The districts or other units above the communes by their id; None where there are none."""
    layer = study.layers.get("upper_units")
    if layer is None or not len(layer.frame):
        return None
    return layer.frame.set_index("upper_id") if "upper_id" in layer.frame else layer.frame
