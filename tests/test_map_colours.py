"""The colours of the map are told apart with any colour vision, and none stands for its class alone."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

STATIC = Path(__file__).resolve().parents[1] / "gis" / "web" / "static"
# G. Machado, M. Oliveira, L. Fernandes (2009), A physiologically-based model for simulation of color vision
# deficiency, IEEE TVCG 15 (6), table of severity 1.0; on linear light.
SEEN = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
}  # fmt: skip
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])
LEAST_APART = 10.0
"""CIE 1976: some four times what is just noticed between fields that lie side by side."""
VIEWS = {
    "missed": ["met", "missed1", "missed2", "missed3", "missed4", "unknown", "exempt"],
    "criterion": ["met", "unmet", "unknown", "exempt"],
    "tried": ["now", "worse", "plain"],
}


def looks():
    """Name to colour, ink, pattern and sign of every class in paint.js."""
    text = (STATIC / "paint.js").read_text(encoding="utf-8")
    block = re.search(r"const LOOKS = \{(.*?)\n\};", text, re.DOTALL)[1]
    rows = re.findall(r"(\w+): \{([^}]*)\}", block)
    return {name: dict(re.findall(r'(\w+): "([^"]*)"', row)) for name, row in rows}


def linear(colour):
    rgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour, seen):
    xyz = TO_XYZ @ np.clip(SEEN[seen] @ linear(colour), 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one, other, seen):
    return float(np.linalg.norm(lab(one, seen) - lab(other, seen)))


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("view", VIEWS)
def test_classes_of_one_view_are_apart_for_every_eye(view, seen):
    known = looks()
    pairs = {
        (one, other): apart(known[one]["color"], known[other]["color"], seen)
        for one, other in combinations(VIEWS[view], 2)
    }
    close = {pair: distance for pair, distance in pairs.items() if distance < LEAST_APART}
    # classes as near as these have a pattern that the other does not have
    alike = [pair for pair in close if known[pair[0]].get("pattern") == known[pair[1]].get("pattern")]
    assert not alike, close


def test_what_is_not_known_is_hatched_and_nothing_else_is():
    assert [name for name, look in looks().items() if look.get("pattern") == "hatch"] == ["unknown"]


def test_signs_on_the_classes_can_be_read():
    for name, look in looks().items():
        light = [TO_XYZ[1] @ linear(look[part]) + 0.05 for part in ("color", "ink")]
        assert max(light) / min(light) >= 4.5, (name, max(light) / min(light))


def test_bands_of_travel_time_are_apart_for_every_eye():
    from gis.reaching.paints import COLOURS

    for seen in SEEN:
        near = min(apart(one, other, seen) for one, other in combinations(COLOURS, 2))
        assert near >= LEAST_APART
