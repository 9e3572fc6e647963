"""How layers stand on the map and in its list: in groups, each with a legend of what its things are, and its credit."""

import colorsys
from functools import partial

from gis.web.facts import text_of
from gis.web.texts import language, pick, t

GROUPS = {
    "reach": ("reach", "population", "elevation"),
    "roads": ("roads", "crossings", "roads-missing"),
    "water": ("water_points", "water_schemes", "irrigation", "rivers"),
    "schools": ("schools",),
    "health": ("clinics",),
    "supply": ("power", "telecom", "culture_houses"),
}
OWN = "own"
"""The group of every other layer."""

SHAPES = ("circle", "square", "triangle", "diamond", "house", "star", "cross", "drop")
"""Signs that are told apart without colour; a layer's own comes first."""
MOST_LOOKS = len(SHAPES)
DASHES = {"good": "", "fair": "9 4", "poor": "2 5", None: "14 4 2 4"}
"""By the state that was recorded; a road of unrecorded state must not look like a good one."""
WIDEST_PX, THINNEST_PX = 4.5, 1.3


def grouped(rows):
    """Layers as the list of the map shows them: code of the group, its layers; groups without layers are left out."""
    of = {layer: group for group, layers in GROUPS.items() for layer in layers}
    return [
        (group, [row for row in rows if of.get(row["id"], OWN) == group])
        for group in (*GROUPS, OWN)
        if any(of.get(row["id"], OWN) == group for row in rows)
    ]


def with_legends(standing, rows):
    """Layers as `home.layers_on_map` tells them, with ``looks``, ``wears`` and ``credit`` of each.

    ``looks`` are the rows of its legend by kind: label, count, shape, color, width; ``wears`` those by state: label,
    count, dash. Both are empty where its things are all one.
    """
    study = standing.review.study
    said = {citation.layer: citation for citation in study.citations}
    told = []
    for row in rows:
        data = study.layers.get(row["id"])
        if data is None or data.frame is None:
            told.append({"credit": row["label"]} | row | {"looks": [], "wears": []})
            continue
        credit = credit_of(said.get(data.layer.label)) or row["label"]
        looks, wears = standing.beside(("looks", row["id"], language()), 0, partial(_both, data, row))
        told.append(row | {"looks": looks, "wears": wears, "credit": credit})
    return told


def _both(data, row):
    return _looks(data, row), _wears(data)


def credits(study):
    """Who must be named for the borders that the map always shows."""
    said = {citation.layer: citation for citation in study.citations}
    found = [study.layers[name].layer.label for name in ("villages", "communes") if name in study.layers]
    return [credit for label in found if (credit := credit_of(said.get(label)))]


def credit_of(citation):
    """What must be said of a layer where it is seen: what the study says of it, else its file; its date; its licence."""
    if citation is None:
        return ""
    said = citation.said.pick(language()) if citation.said else ""
    parts = (said or citation.file, citation.as_of, citation.licence)
    return f"{pick(citation.layer)}: {', '.join(part for part in parts if part)}"


def looks_of(data):
    """For each thing of a layer the position of its kind and of its state in the legend, as pairs."""
    keys, states = _keys(data), _states(data)
    place = {key: at for at, key in enumerate(_ordered(data, keys))}
    last = MOST_LOOKS - 1
    wear = {state: at for at, state in enumerate(_worn(states))}
    return [(min(place[key], last), wear.get(state, 0)) for key, state in zip(keys, states, strict=True)]


def _keys(data):
    field = next((each for each in ("kind", "class") if each in data.layer.vocabularies), None)
    if field is None or field not in data.frame:
        return [None] * len(data.frame)
    return [text_of(value) or None for value in data.frame[field]]


def _states(data):
    if "condition" not in data.frame or "condition" not in data.layer.vocabularies:
        return [None] * len(data.frame)
    return [text_of(value) or None for value in data.frame["condition"]]


def _ordered(data, keys):
    """Kinds there are, in the order of the catalogue; several of one thing after the plain ones, unrecorded last."""
    field = "kind" if "kind" in data.layer.vocabularies else "class"
    known = {value: at for at, value in enumerate(data.layer.vocabularies.get(field, ()))}

    def order(key):
        if key is None:
            return (2, 0, "")
        parts = key.split()
        return (len(parts) > 1, known.get(parts[0], len(known)), key)

    return sorted(set(keys), key=order)


def _worn(states):
    there = set(states)
    return [state for state in DASHES if state in there] if len(there - {None}) else []


def _looks(data, row):
    keys = _keys(data)
    ordered = _ordered(data, keys)
    if len(ordered) < 2:
        return []
    shapes = [row["shape"], *(each for each in SHAPES if each != row["shape"])]
    if row["shape"] not in SHAPES:
        shapes = list(SHAPES)
    found = []
    for at, key in enumerate(ordered[:MOST_LOOKS]):
        rest = at == MOST_LOOKS - 1 and len(ordered) > MOST_LOOKS
        among = set(ordered[at:]) if rest else {key}
        share = at / max(1, min(len(ordered), MOST_LOOKS) - 1)
        found.append(
            {
                "label": t("layer-several") if rest else _label(data, key),
                "count": sum(each in among for each in keys),
                "shape": shapes[at],
                "color": shaded(row["color"], share) if row["geometry"] == "line" else row["color"],
                "width": round(WIDEST_PX - share * (WIDEST_PX - THINNEST_PX), 1),
            }
        )
    return found


def _wears(data):
    states = _states(data)
    vocabulary = data.layer.vocabularies.get("condition", {})
    return [
        {
            "label": pick(vocabulary[state][0]) if state in vocabulary else t("layer-state-unrecorded"),
            "count": states.count(state),
            "dash": DASHES[state],
        }
        for state in _worn(states)
    ]


def _label(data, key):
    if key is None:
        return t("layer-kind-unrecorded")
    vocabularies = data.layer.vocabularies
    known = vocabularies.get("kind") or vocabularies.get("class") or {}
    return ", ".join(pick(known[part][0]) if part in known else part for part in key.split())


def shaded(color, share):
    """A colour from dark to light: half as light as given at 0, a third of the way to white at 1."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, full = colorsys.rgb_to_hls(red, green, blue)
    light = light * 0.5 + share * (light + (1 - light) * 0.33 - light * 0.5)
    return "#" + "".join(f"{round(255 * each):02x}" for each in colorsys.hls_to_rgb(hue, light, full))
