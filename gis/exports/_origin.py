"""What goes with every export: what the columns mean, where the figures come from, what to beware of."""

from pathlib import PurePath

import pandas as pd

from gis.exports._text import plain
from gis.labels import LANGUAGES
from gis.messages import say
from gis.sentences import marks_text


def dictionary(columns):
    """What each column of an export means: one row a column, labels in every language."""
    rows = [
        {
            "name": column.name,
            "short": column.short,
            "kind": column.kind,
            **{f"label_{language}": column.label.pick(language) for language in LANGUAGES},
            "unit": column.unit,
            "criterion": column.criterion,
            "clause": column.clause,
            "thresholds": column.thresholds,
            "verification": column.verification,
        }
        for column in columns
    ]
    return pd.DataFrame(rows, dtype="object").map(plain)


def run_table(review, language="vi"):
    """Where the figures come from: one row a fact, ``key``, ``label`` and ``value``, all text."""
    study, run = review.study, review.run
    rows = [("study", study.label.pick(language)), *(("notice", text) for text in notices(review, language))]
    rows += [("criteria_set", study.criteria.label.pick(language))]
    for key in ("id", "criteria_id", "edition", "criteria_hash", "code_version", "as_of", "year"):
        rows.append((key, getattr(run, key)))
    rows += [("crs", _crs_name(study.crs)), ("legal_ref", study.criteria.legal_ref)]
    rows += [("derived_from", study.criteria.derived_from), ("marks", marks_text(study.criteria, language))]
    # Where a file lay on the machine that made the export is nobody else's business.
    names = sorted((PurePath(file).name, digest) for file, digest in run.inputs.items())
    rows += [("input", f"{name} sha256:{digest}") for name, digest in names]
    rows += [
        ("parameter", f"{name} = {_worded(value, language)}")
        for name, value in sorted(run.parameters.items())
    ]
    rows += [("source", source) for source in study.criteria.sources]
    rows += [("citation", text) for text in dict.fromkeys(one.text(language) for one in study.citations)]
    rows += [("null", say("export-null-note", language))]
    rows = [
        (key, say(f"export-run-{key}", language), plain(value))
        for key, value in rows
        if value not in (None, "")
    ]
    return pd.DataFrame(rows, columns=["key", "label", "value"], dtype="object")


def notices(review, language):
    """What a reader must know before any figure: made-up data, thresholds nobody has checked."""
    codes = []
    if review.study.illustration:
        codes.append("export-notice-illustration")
    if review.headline["trial"]:
        codes.append("export-notice-trial")
    return tuple(say(code, language) for code in codes)


def _worded(value, language):
    if isinstance(value, list):
        return " > ".join(value)
    return (
        say("export-word-yes" if value else "export-word-no", language) if isinstance(value, bool) else value
    )


def _crs_name(crs):
    if crs is None:
        return None
    code = crs.to_epsg() if hasattr(crs, "to_epsg") else None
    return f"EPSG:{code}" if code else str(getattr(crs, "name", crs))
