"""A judged study: findings, verdicts, counts and lists, as every map, page, sheet and notebook shows them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.confidence import count_levels
from gis.crs import WGS84
from gis.disagreements import disagreements
from gis.errors import TableError
from gis.explanations import explanation, tell
from gis.filling import CAPACITY, filling
from gis.geometry import simplify_shared
from gis.ground import ground_of
from gis.sentences import limit
from gis.study import Study
from gis.tables import STATUSES
from gis.verdicts import counted_criteria

CARD = (
    "name", "commune_id", "commune", "status", "infra_status", "missed", "infra_missed", "unknown_count", "population",
    "households", "approximate", "has_row",
)  # fmt: skip
"""Columns of `Review.villages_table` that a scorecard repeats."""


@dataclass(frozen=True)
class Run:
    """What a result was made from: enough to make it again and to tell two results apart.

    Attributes
    ----------
    inputs : Mapping of str to str
        File to SHA-256.
    seconds : float
        How long it took; not part of `id`.
    """

    criteria_id: str
    edition: str
    criteria_hash: str
    recipe_hash: str
    inputs: Mapping
    parameters: Mapping
    code_version: str
    as_of: str | None
    year: int | None
    seconds: float

    @property
    def id(self):
        """Twelve hexadecimal digits, the same for the same inputs, rules, parameters and code."""
        content = [
            self.criteria_id,
            self.criteria_hash,
            self.recipe_hash,
            dict(self.inputs),
            dict(self.parameters),
            self.code_version,
            self.year,
        ]
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Review:
    """A study with its measurements, findings and verdicts.

    Attributes
    ----------
    measurements, findings, results : DataFrame
        Tables `MEASUREMENTS`, `FINDINGS` and `RESULTS`.
    beside : Mapping of str to Review
        The same study judged by further sets, by the name that the study gives each.
    """

    study: Study
    measurements: pd.DataFrame
    findings: pd.DataFrame
    results: pd.DataFrame
    run: Run
    beside: Mapping = field(default_factory=dict)

    @property
    def criteria(self):
        """The criteria set the study was judged by."""
        return self.study.criteria

    @cached_property
    def counted(self):
        """Criteria that a village can miss: flags and triggers, or all of a set that has only context."""
        return counted_criteria(self.criteria)

    @cached_property
    def ground(self):
        """What times over the ground of the study rest on; None where it has no heights."""
        return ground_of(self.study)

    @cached_property
    def headline(self):
        """The figures a planner is asked for, as a dict; see the keys."""
        status = self.results["status"].value_counts()
        infra = self.results["infra_status"].value_counts()
        judged = int(status.drop("exempt", errors="ignore").sum())
        met, target = int(status.get("met", 0)), self.study.target.get("share_pct")
        figures = self.criteria.figures
        return {
            "villages": len(self.results),
            **{word: int(status.get(word, 0)) for word in STATUSES},
            "share_pct": 100 * met / judged if judged else float("nan"),
            "target_pct": target,
            "target_by": self.study.target.get("by"),
            "short_by": None if target is None else max(0, _ceil(judged * target / 100) - met),
            **{f"infra_{word}": int(infra.get(word, 0)) for word in STATUSES},
            "infra_share_pct": _share(infra),
            "communes": len(self.communes),
            "communes_without_sheet": int((~self.communes["has_sheet"]).sum())
            if self.study.assessments
            else None,
            "trial": self.criteria.is_trial,
            "figures_total": figures["total"],
            "figures_checked": figures["checked"],
        }

    @cached_property
    def communes(self):
        """One row a commune (index ``commune_id``): counts, villages short of the target, sheet or none.

        ``short_by`` is how many more of its villages must pass for the commune to reach the target
        share; without a target, how many fail. Sorted by it, most first.
        """
        table = self.villages_table
        target = self.study.target.get("share_pct")
        blank = table["commune_id"].isna()
        ids = table["commune_id"].astype(object).mask(blank, "")
        known = [*self.study.communes.index, *[""] * bool(blank.any())]
        frame = pd.DataFrame(index=pd.Index(known))
        frame["name"] = [*self.study.communes["name"], *[""] * bool(blank.any())]
        frame["villages"] = ids.value_counts().reindex(known, fill_value=0)
        for prefix in ("", "infra_"):
            found = pd.crosstab(ids, table[f"{prefix}status"]).reindex(known, fill_value=0)
            for word in STATUSES:
                frame[f"{prefix}{word}"] = found.get(word, 0)
        judged = frame["villages"] - frame["exempt"]
        need = np.ceil(judged * target / 100 - 1e-9).astype(int) if target is not None else 0
        frame["short_by"] = frame["unmet"] if target is None else (need - frame["met"]).clip(lower=0)
        frame["has_sheet"] = table["has_row"].groupby(ids).any().reindex(known, fill_value=False).astype(bool)
        frame.index.name = "commune_id"
        frame["_name"], frame["_id"] = frame["name"], frame.index
        return frame.sort_values(
            ["short_by", "unknown", "_name", "_id"], ascending=[False, False, True, True]
        ).drop(columns=["_name", "_id"])

    @cached_property
    def by_criterion(self):
        """One row a criterion in the set's order (index id): label, kind and counts of the four statuses."""
        counts = self.findings.groupby(["criterion", "status"]).size().unstack(fill_value=0)
        counts = counts.reindex(
            index=[c.id for c in self.criteria.criteria], columns=list(STATUSES), fill_value=0
        )
        counts.insert(0, "kind", [c.kind for c in self.criteria.criteria])
        counts.insert(0, "label", [c.label for c in self.criteria.criteria])
        return counts

    @cached_property
    def villages_table(self):
        """One row a village (index id): place, verdicts, what it misses, and its status by each criterion."""
        villages, results = self.study.villages, self.results
        status = self.findings.pivot(index="village_id", columns="criterion", values="status")
        status = status.reindex(index=villages.index, columns=[c.id for c in self.criteria.criteria])
        names = np.array([c.id for c in self.counted], dtype=object)
        missed = (status[list(names)] == "unmet").to_numpy()
        records = self.study.reported.get("record", pd.Series(None, index=villages.index))
        # lists go by place, so that no column may bring an order of its own
        table = pd.DataFrame(
            {
                "name": villages["name"],
                "commune_id": villages["commune_id"],
                "commune": villages["commune"],
                "status": results["status"],
                "infra_status": results["infra_status"],
                "missed": results["missed"],
                "infra_missed": results["infra_missed"],
                "unknown_count": results["unknown"],
                "missed_list": [names[row].tolist() for row in missed],
                "population": villages["population"],
                "households": villages["households"],
                "approximate": villages["approximate"],
                "has_row": records.reindex(villages.index).notna(),
            },
            index=villages.index,
        )
        return table.join(status)

    def select(self, **conditions):
        """Rows of `villages_table` that fit every condition given, as `fits` takes them."""
        return self.villages_table[self.fits(**conditions)]

    def fits(self, *, status=None, commune=None, criterion=None, criterion_status=None, part="all"):
        """Which rows of `villages_table` fit every condition given.

        Parameters
        ----------
        status : str, optional
            One of the four statuses: the village's verdict in the given part of the set.
        commune : str, optional
            Commune id.
        criterion, criterion_status : str, optional
            A criterion and the status the village must have by it (``"unmet"`` when left out).
        part : str
            ``"all"`` criteria or the ``"infrastructure"`` part.

        Returns
        -------
        array of bool

        Raises
        ------
        TableError
            If a status, part or criterion is not known.
        """
        table = self.villages_table
        known = {
            "status": (status, STATUSES),
            "criterion_status": (criterion_status, STATUSES),
            "part": (part, ("all", "infrastructure")),
            "criterion": (criterion, tuple(self.by_criterion.index)),
        }
        for name, (given, allowed) in known.items():
            if given is not None and given not in allowed:
                raise TableError("select-unknown", name=name, value=str(given)[:60], known=list(allowed))
        chosen = np.ones(len(table), dtype=bool)
        if status:
            chosen &= (table["status" if part == "all" else "infra_status"] == status).to_numpy()
        if commune is not None:
            chosen &= (table["commune_id"].fillna("") == commune).to_numpy()
        if criterion:
            chosen &= (table[criterion] == (criterion_status or "unmet")).to_numpy()
        return chosen

    @cached_property
    def confidence(self):
        """How many findings are of each level of confidence."""
        return count_levels(self.findings)

    @cached_property
    def disagreements(self):
        """Where map and sheet do not say the same, with likely causes: table `DISAGREEMENTS`."""
        return disagreements(self.study, self.measurements, self.findings)

    def scorecard(self, village_id, language, decisions=None, fixes=None):
        """Everything about one village as plain data: its facts and its findings with sentences.

        Parameters
        ----------
        decisions : Mapping of str to Mapping, optional
            Criterion to what a person decided on the village's disagreement by it.
        fixes : Mapping of (str, str) to Mapping, optional
            Village and criterion to the cheapest change that closes the gap, as `gis.plan.fixes` gives them.

        Raises
        ------
        TableError
            If there is no such village.
        """
        if village_id not in self.villages_table.index:
            raise TableError("village-unknown", village=str(village_id)[:60])
        facts = self.villages_table.loc[village_id]
        return {
            "village_id": village_id,
            **{key: _plain(facts[key]) for key in CARD},
            "findings": [
                self._card(
                    row,
                    language,
                    (decisions or {}).get(row["criterion"]),
                    (fixes or {}).get((village_id, row["criterion"])),
                )
                for row in self.findings_of(village_id)
            ],
        }

    def findings_of(self, village_id):
        """The findings of one village as a list of dicts, in the order of the set."""
        first, last = self._spans[village_id]
        return self.findings.iloc[first:last].to_dict("records")

    @cached_property
    def fillings(self):
        """By the id of each criterion that asks for room, who finds a place where: `Filling`, None without its layer."""
        asking = [
            one for one in self.criteria.criteria if one.measured and one.measured.indicator in CAPACITY
        ]
        return {one.id: filling(self.study, one.measured) for one in asking}

    def explain(self, finding, decision=None, fix=None):
        """Why a finding (a row of `findings`, as a mapping) has its status, as an `Explanation`."""
        return explanation(finding, self.study, decision, self.fillings.get(finding["criterion"]), fix)

    def sentence(self, finding, language):
        """The same as a few short sentences."""
        return tell(self.explain(finding), language)

    def geometry(self, tolerance_m=0.0):
        """Village polygons or points in EPSG:4326 by village id, simplified with shared borders kept.

        Villages without any geometry are left out.
        """
        villages = self.study.villages
        areas = villages.geometry.dropna()
        shapes = pd.Series(simplify_shared(areas.to_numpy(), tolerance_m), index=areas.index, dtype=object)
        bare = villages.geometry.isna() & villages["point"].notna()
        shapes = pd.concat([shapes, villages.loc[bare, "point"].astype(object)]).sort_index()
        if villages.crs is None or shapes.empty:
            return gpd.GeoDataFrame(index=shapes.index, geometry=[], crs=WGS84)
        return gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, crs=villages.crs), crs=villages.crs).to_crs(
            WGS84
        )

    @cached_property
    def _spans(self):
        ids = self.findings["village_id"].to_numpy()
        starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]]) if len(ids) else []
        return (
            {ids[a]: (a, b) for a, b in zip(starts, np.r_[starts[1:], len(ids)], strict=True)}
            if len(ids)
            else {}
        )

    def _card(self, finding, language, decision, fix):
        explained = self.explain(finding, decision, fix)
        criterion = self.criteria.criterion(finding["criterion"])
        card = {key: _plain(value) for key, value in finding.items() if key != "village_id"}
        return {
            **card,
            "label": criterion.label.pick(language),
            "code": criterion.code,
            "clause": criterion.clause,
            "kind": criterion.kind,
            "theme": criterion.theme,
            "fixable_by": criterion.fixable_by,
            "decides": criterion.decides,
            "limit": limit(finding, language, criterion),
            "sentence": tell(explained, language),
            "explanation": explained.to_plain(),
            "source_ref": criterion.source_ref,
            "source_url": criterion.source_url,
        }


def _share(counts):
    judged = int(counts.drop("exempt", errors="ignore").sum())
    return 100 * int(counts.get("met", 0)) / judged if judged else float("nan")


def _ceil(number):
    """The next whole number up, with a hair of slack for 0.1 + 0.2."""
    return int(np.ceil(number - 1e-9))


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value
