"""Which villages what is measured can have changed for, between a study and the same with edits made."""

import numpy as np
import pandas as pd

from gis.measure import PLAIN_THINGS
from gis.registry import INDICATORS, discover


def touched_by(before, after, binding):
    """Positions of the villages that a measure has to be taken of again.

    Parameters
    ----------
    before, after : Study
        Of the same villages.
    binding : Binding
        Of a set whose references hold.

    Returns
    -------
    array of int
        Rising; none where nothing that it is measured from was edited.
    """
    discover("gis.indicators")
    declared, arguments = INDICATORS[binding.indicator], dict(binding.arguments)
    if "reported" in declared.things and before.reported is not after.reported:
        return _rows_changed(before.reported, after.reported)
    names = [arguments.get(thing, thing) for thing in declared.things if thing not in PLAIN_THINGS]
    if all(before.layers.get(name) is after.layers.get(name) for name in names):
        return np.zeros(0, dtype=int)
    return np.arange(len(after.villages))


def _rows_changed(before, after):
    """Positions of the rows of a table that differ; NaN is equal to NaN."""
    other = np.zeros(len(after), dtype=bool)
    for name in after:
        if name not in before:
            other |= after[name].notna().to_numpy()
        elif before[name] is not after[name]:
            one, two = before[name].to_numpy(), after[name].to_numpy()
            other |= (one != two) & ~(pd.isna(one) & pd.isna(two))
    return np.flatnonzero(other)
