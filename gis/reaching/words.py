"""Bands and questions of travel time in a reader's words."""

import numpy as np

from gis.labels import format_value
from gis.messages import say


def band_text(above, upto, language):
    """A band of minutes in words, such as ``15–30 phút``."""
    if above == np.inf:
        return say("reach-band-unreached", language)
    if upto == np.inf:
        return say("reach-band-beyond", language, minutes=format_value(above, None, language))
    if above == 0:
        return say("reach-band-first", language, minutes=format_value(upto, None, language))
    ends = {"above": format_value(above, None, language), "upto": format_value(upto, None, language)}
    return say("reach-band-between", language, **ends)


def title_of(far, language):
    """What a `HowFar` is about, in one line: the service, how one goes and in which season."""
    return say(
        "reach-about",
        language,
        service=far.service.label.pick(language),
        mode=say(f"reach-mode-{far.mode}", language),
        season=say(f"reach-season-{far.season}", language),
    )
