"""The colours of bands of travel time, the same on every map."""

COLOURS = ("#01665e", "#35978f", "#80cdc1", "#f1efba", "#efc27e", "#c4803a", "#8c510a")
"""From the nearest to the farthest; told apart with any colour vision."""
UNREACHED = "#3c4643"


def step_of(at, count):
    """The position in `COLOURS` of a band of so many, the last of which is not reached: as far apart as can be."""
    return round(at * (len(COLOURS) - 1) / max(count - 2, 1))
