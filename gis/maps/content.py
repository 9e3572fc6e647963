"""What the page of a map shows, as plain lists and dicts: texts in all languages, shapes, findings."""

import json
from pathlib import PurePath

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import WGS84
from gis.geometry import simplify_shared
from gis.labels import LANGUAGES, Label
from gis.maps.bands import bands_layer
from gis.maps.shapes import DIGITS, deltas, encoded
from gis.messages import catalogue
from gis.sentences import limit, more_is_better, status_word, unit_label
from gis.tables import STATUSES

TOLERANCE_M = 20.0
"""How far a simplified outline may lie from the true one: under a pixel at the scale of a commune."""

MOST_FEATURES = 20_000
MOST_VERTICES = 200_000
MOST_BYTES = 9_500_000

SHOWN = (
    "name",
    "commune",
    "status",
    "infra_status",
    "missed",
    "unknown_count",
    "population",
    "approximate",
)
"""Columns of the review's list of villages that the page shows."""


def content_of(review, language="vi", criterion=None, far=None):
    """Everything the page shows, as plain lists and dicts: texts in all languages, shapes, findings."""
    study, criteria = review.study, review.study.criteria
    villages = review.villages_table
    shapes = _village_shapes(review)
    facts = {
        "language": language,
        "mode": criterion or "missed",
        "texts": {one: _texts(one) for one in LANGUAGES},
        "study": {"label": _label(study.label), "notices": _notices(review)},
        "headline": _plain(dict(review.headline)),
        "set": {
            "label": _label(criteria.label),
            "edition": str(criteria.edition),
            "polarity": criteria.polarity,
            "outcomes": {status: _label(label) for status, label in (criteria.outcomes or {}).items()},
        },
        "criteria": [_criterion(one) for one in criteria.criteria],
        "villages": {
            "id": [str(village) for village in villages.index],
            **{name: _column(villages, name) for name in SHOWN},
            "shape": [shapes.get(village) for village in villages.index],
        },
        "communes": _communes(study),
        "layers": _layers(study),
        "run": _run(review),
        "sources": list(_sources(study)),
    }
    facts["findings"] = _findings(review, villages.index, STATUSES)
    for with_sentence in (("unmet", "unknown"), ()):
        if len(json_block(facts).encode()) > MOST_BYTES:
            # The figures stay; a criterion that is met needs its sentence least.
            facts["findings"] = _findings(review, villages.index, with_sentence)
    layer = [] if far is None else [bands_layer(far)]
    if len(json_block(facts).encode()) + len(json_block(layer).encode()) <= MOST_BYTES:
        facts["layers"] += layer
    return facts


def json_block(data):
    """JSON that cannot end the script element it stands in, nor break a line of script."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def _texts(language):
    spoken = catalogue(language).items()
    texts = {code.removeprefix("map-"): text for code, text in spoken if code.startswith("map-")}
    kinds = [(kind, status) for kind in ("flag", "trigger") for status in STATUSES]
    return texts | {f"{kind}-{status}": status_word(status, kind, language) for kind, status in kinds}


def _label(label):
    return {language: Label(label).pick(language) for language in LANGUAGES}


def _criterion(criterion):
    return {
        "id": criterion.id,
        "code": str(criterion.code or ""),
        "label": _label(criterion.label),
        "kind": criterion.kind,
        "clause": criterion.clause or "",
        "yesno": criterion.unit == "bool",
        "up": more_is_better(criterion.compare, criterion.kind),
        "unit": {language: unit_label(criterion.unit, language) or "" for language in LANGUAGES},
    }


def _notices(review):
    shown = {"illustration": review.study.illustration, "trial": review.headline["trial"]}
    return [name for name, there in shown.items() if there]


def _sources(study):
    """What must be said of every input, by language."""
    return [{language: one.text(language) for language in LANGUAGES} for one in study.citations]


def _run(review):
    run, study = review.run, review.study
    facts = [
        ("criteria_id", f"{run.criteria_id} {run.edition}"),
        ("criteria_hash", run.criteria_hash),
        ("run", run.id),
    ]
    facts += [
        ("code_version", run.code_version),
        ("as_of", run.as_of),
        ("year", run.year),
        ("crs", study.crs and study.crs.name),
    ]
    # Where a file lay on the machine that made the map is nobody else's business.
    names = sorted((PurePath(file).name, digest) for file, digest in run.inputs.items())
    facts += [("input", f"{name} sha256:{digest[:16]}…") for name, digest in names]
    facts += [("legal", study.criteria.legal_ref), *(("source", source) for source in study.criteria.sources)]
    return [[key, str(value)] for key, value in facts if value not in (None, "")]


def _plain(value):
    """A value that JSON holds: None for NaN, the text "inf" for infinity."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Label):
        return _label(value)
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        if np.isnan(value):
            return None
        return ("inf" if value > 0 else "-inf") if np.isinf(value) else _short(value)
    return str(value) if value == value else None


def _short(value):
    number = float(f"{value:.6g}")
    return int(number) if number.is_integer() else number


def _column(frame, name):
    return [_plain(value) for value in frame[name]] if name in frame else [None] * len(frame)


def _findings(review, villages, with_sentence):
    """For each village its findings in the order of the criteria, each a list; texts are numbered."""
    place = {one.id: at for at, one in enumerate(review.study.criteria.criteria)}
    row_of = {village: at for at, village in enumerate(villages)}
    rows = [[None] * len(place) for _ in villages]
    texts, numbers = [], {}

    def number(text):
        if text not in numbers:
            numbers[text] = len(texts)
            texts.append(text)
        return numbers[text]

    rules = {criterion.id: criterion for criterion in review.study.criteria.criteria}
    for finding in review.findings.to_dict("records"):
        if finding["village_id"] not in row_of or finding["criterion"] not in place:
            continue
        if finding["compare"] != "band":  # a word of the findings and not of the set; the sentence says it
            finding["grade"] = None
        limits = [number(limit(finding, language, rules[finding["criterion"]])) for language in LANGUAGES]
        sentences = [-1, -1]
        if finding["status"] in with_sentence:
            sentences = [number(review.sentence(finding, language)) for language in LANGUAGES]
        rows[row_of[finding["village_id"]]][place[finding["criterion"]]] = [
            STATUSES.index(finding["status"]),
            *(_plain(finding[name]) for name in ("value", "margin", "measured", "reported")),
            *(
                -1 if (text := _plain(finding[name])) is None else number(text)
                for name in ("source", "facility_name", "grade")
            ),
            *limits,
            *sentences,
        ]
    return {"texts": texts, "rows": rows}


def _village_shapes(review):
    """Village to its encoded shape: the simplified outline, else its point; nothing where it has neither."""
    outlines = review.geometry(TOLERANCE_M)
    shapes = {village: encoded(shape) for village, shape in outlines.geometry.items()}
    places = review.study.villages
    if "point" in places and places.crs is not None:
        points = places.set_geometry("point", crs=places.crs).geometry
        points = points[points.notna() & ~points.index.isin(list(shapes))]
        shapes |= {village: encoded(point) for village, point in points.to_crs(WGS84).items()}
    return {village: shape for village, shape in shapes.items() if shape is not None}


def _communes(study):
    communes = study.communes
    if communes is None or communes.crs is None or not communes.geometry.notna().any():
        return []
    outlines = communes[communes.geometry.notna() & ~communes.geometry.is_empty]
    simple = gpd.GeoSeries(simplify_shared(outlines.geometry.to_numpy(), TOLERANCE_M), crs=communes.crs)
    simple = simple.to_crs(WGS84)
    return [
        {"name": _plain(name), "shape": encoded(shape)}
        for name, shape in zip(outlines["name"], simple, strict=True)
    ]


def _layers(study):
    """Infrastructure as points and lines; what is left out of a large layer is counted."""
    found = []
    for name, given in study.layers.items():
        if given.frame is None or given.layer.role not in ("facility", "network") or given.frame.crs is None:
            continue
        frame = given.frame[given.frame.geometry.notna() & ~given.frame.geometry.is_empty]
        if not len(frame):
            continue
        about = {"id": name, "label": _label(given.layer.label), "style": _plain(dict(given.layer.style))}
        lines = frame.geom_type.isin(["LineString", "MultiLineString"])
        if lines.any():
            found.append(about | {"total": int(lines.sum())} | _lines(frame[lines]))
        if not lines.all():
            found.append(about | {"total": int((~lines).sum())} | _points(frame[~lines], given.layer))
    return found


def _points(frame, layer):
    if len(frame) > MOST_FEATURES:
        frame = frame.iloc[np.linspace(0, len(frame) - 1, MOST_FEATURES).astype(int)]
    places = shapely.get_coordinates(frame.geometry.representative_point().to_crs(WGS84))
    kinds = [text.split() for text in _texts_of(frame, "kind")]
    order = {kind: at for at, kind in enumerate(dict.fromkeys(kind for several in kinds for kind in several))}
    return {
        "type": "points",
        "shown": len(frame),
        "places": np.round(places * 10**DIGITS).astype(int).ravel().tolist(),
        "names": _column(frame, "name"),
        "kinds": [_label(layer.kind_label(kind)) for kind in order],
        "kind": [[order[kind] for kind in several] for several in kinds],
    }


def _lines(frame):
    lines = frame.geometry.simplify(TOLERANCE_M)
    longest = np.argsort(-lines.length.to_numpy(), kind="stable")
    vertices = np.cumsum(shapely.get_num_coordinates(lines.to_numpy())[longest])
    kept = np.sort(longest[(vertices <= MOST_VERTICES) & (np.arange(len(longest)) < MOST_FEATURES)])
    parts = shapely.get_parts(lines.iloc[kept].to_crs(WGS84).to_numpy())
    return {
        "type": "lines",
        "shown": len(kept),
        "lines": [deltas(shapely.get_coordinates(part)) for part in parts],
    }


def _texts_of(frame, name):
    values = frame[name] if name in frame else [None] * len(frame)
    return [value if isinstance(value, str) else "" for value in values]
