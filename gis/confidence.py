"""How far a finding can be relied on: sure, likely or open, by a few written signs of which the weakest decides.

How sure the figure of the set itself is (its verification) is not mixed in. It is the same for all villages,
is mended once at the annex, and would hide what tells one village from another; it stands beside.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.tables import FINDINGS, conform

LEVELS = ("sure", "likely", "open")

HOLES = ("layer-missing", "layer-incomplete", "beyond-edge", "kind-unknown")
"""Doubts of a measurement that come from what a layer lacks."""


@dataclass(frozen=True)
class Sign:
    """What speaks against a finding: its code, the most that a finding with it can be, and what it is about."""

    code: str
    level: str
    about: str


SIGNS = (
    Sign("data-gaps", "open", "completeness"),
    Sign("no-answer", "open", "sources"),
    Sign("contradicted", "open", "sources"),
    Sign("near-threshold", "likely", "position"),
    Sign("claim-alone", "likely", "sources"),
    Sign("name-weak", "likely", "names"),
    Sign("layer-old", "likely", "age"),
    Sign("layer-undated", "likely", "age"),
    Sign("claim-old", "likely", "age"),
    Sign("extent-approximate", "likely", "extent"),
)
"""Every sign, in the order in which they are told. One open sign makes a finding open, else one likely sign likely."""


def rate(findings, study):
    """The findings with ``confidence`` and ``confidence_why``.

    Parameters
    ----------
    findings : DataFrame
        Table `FINDINGS` with ``near``; see `gis.tolerance.with_tolerance`.
    study : Study

    Returns
    -------
    DataFrame
        A copy. Both are None where the criterion does not apply; ``confidence_why`` is None where nothing
        speaks against the finding.

    Notes
    -----
    A sign about the map counts where the map decided the status, one about the sheet where the sheet did; a
    sign more never makes a finding surer.
    """
    found = _signs(findings, study)
    judged = (findings["status"] != "exempt").to_numpy()
    level, why = np.zeros(len(findings), dtype=int), np.full(len(findings), "", dtype=object)
    for sign in SIGNS:
        there = found[sign.code] & judged
        level = np.where(there, np.maximum(level, LEVELS.index(sign.level)), level)
        why = why + np.where(there, f" {sign.code}", "")
    words = np.array(LEVELS, dtype=object)[level]
    rated = findings.assign(
        confidence=np.where(judged, words, None),
        confidence_why=[text.strip() or None for text in why],
    )
    return conform(rated, FINDINGS)


def count_levels(findings):
    """How many findings are of each level of confidence, as a dict in the order of `LEVELS`."""
    counts = findings["confidence"].value_counts()
    return {level: int(counts.get(level, 0)) for level in LEVELS}


def _signs(findings, study):
    """Code of a sign to a mask over the findings."""
    unknown = (findings["status"] == "unknown").to_numpy()
    by_map = ~unknown & findings["source"].isin(["measured", "both"]).to_numpy()
    by_sheet = ~unknown & findings["source"].isin(["reported", "both"]).to_numpy()
    measured = findings["measured_status"].isin(["met", "unmet"]).to_numpy()
    holes = (
        findings["doubt"].isin(HOLES) & (findings["reason"] == "unknown-" + findings["doubt"].fillna(""))
    ).to_numpy()
    layers = findings["layer"]
    old = {name for name, data in study.layers.items() if data.stale}
    undated = {name for name, data in study.layers.items() if not data.as_of and data.layer.max_age_years}
    weak = findings["village_id"].isin(study.weak_names).to_numpy()
    rough = findings["village_id"].map(study.villages["approximate"]).to_numpy(dtype=bool)
    return {
        "data-gaps": unknown & holes,
        "no-answer": unknown & ~holes,
        "contradicted": ~unknown & (findings["agreement"] == "disagree").to_numpy(),
        "near-threshold": by_map & findings["near"].to_numpy(dtype=bool),
        "claim-alone": by_sheet & ~measured,
        "name-weak": by_sheet & weak,
        "layer-old": by_map & layers.isin(old).to_numpy(),
        "layer-undated": by_map & layers.isin(undated).to_numpy(),
        "claim-old": by_sheet & _claim_is_old(study),
        "extent-approximate": by_map & rough,
    }


def _claim_is_old(study):
    """Whether the assessment is older, at the date that the study speaks of, than the set lets it be."""
    most = study.criteria.max_age_years
    year = pd.to_numeric(str(study.as_of or "")[:4], errors="coerce")
    return most is not None and study.year is not None and year == year and year - study.year > most
