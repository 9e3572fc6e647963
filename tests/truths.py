"""What pages must say of a review, counted by hand from its findings: plain loops that share nothing with the product."""

import math
import unicodedata
from dataclasses import replace

import numpy as np
import pandas as pd

from gis.study import frozen
from gis.verdicts import judge_set
from gis.workflows import judge
from small_studies import drawn_review

STATUSES = ("met", "unmet", "unknown", "exempt")
OPPOSITE = {"met": "unmet", "unmet": "met"}


class Truth:
    """Villages of a review as plain dicts, and counts over them.

    Every village has ``id``, ``name``, ``commune_id`` (``-`` where blank), ``commune``, ``all`` and ``infrastructure``
    (verdicts), ``missed`` and ``unknown`` (numbers by part), ``by`` (criterion to status), ``sure`` (criterion to
    confidence), ``zone``, ``group``, ``minority`` and ``record``.
    """

    def __init__(self, review):
        study, criteria = review.study, review.criteria
        self.criteria = criteria
        self.ids = [one.id for one in criteria.criteria]
        self.counted = [one.id for one in criteria.criteria if one.kind != "context"] or self.ids
        self.works = [
            one.id for one in criteria.criteria if one.id in self.counted and one.fixable_by == "works"
        ]
        self.target = study.target.get("share_pct")
        found = {}
        for row in review.findings.to_dict("records"):
            found.setdefault(row["village_id"], {})[row["criterion"]] = row
        reported = study.reported
        self.villages = []
        for id_, row in zip(study.villages.index, study.villages.to_dict("records"), strict=True):
            mine = found.get(id_, {})
            by = {name: mine[name]["status"] if name in mine else "unknown" for name in self.ids}
            self.villages.append(
                {
                    "id": id_,
                    "name": id_ if blank(row["name"]) else str(row["name"]),
                    "commune_id": "-" if blank(row["commune_id"]) else row["commune_id"],
                    "commune": "" if blank(row["commune"]) else row["commune"],
                    "by": by,
                    "sure": {name: None if blank(one["confidence"]) else one["confidence"] for name, one in mine.items()},
                    "all": self.verdict(by),
                    "infrastructure": every([by[name] for name in self.works]) if self.works else "exempt",
                    "missed": {part: sum(by[name] == "unmet" for name in names) for part, names in self.parts()},
                    "unknown": {part: sum(by[name] == "unknown" for name in names) for part, names in self.parts()},
                    "zone": None if blank(row.get("zone")) else str(row["zone"]),
                    "group": study.groups[id_],
                    "minority": number(row.get("minority_share_pct")),
                    "record": "record" in reported and id_ in reported.index and not blank(reported.at[id_, "record"]),
                }
            )  # fmt: skip

    def parts(self):
        return (("all", self.counted), ("infrastructure", self.works))

    def verdict(self, by):
        """The verdict of the whole set on a village of these statuses."""
        logic = self.criteria.logic
        assert isinstance(logic, str) or "points" not in logic, "points are counted elsewhere"
        rule = {"all": self.counted} if isinstance(logic, str) else logic
        if self.criteria.polarity != "trigger":
            return applied(rule, by)
        turned = applied(rule, {name: OPPOSITE.get(status, status) for name, status in by.items()})
        return OPPOSITE.get(turned, turned)

    def counts(self, villages, of):
        """How many of some villages are in each status."""
        return {status: sum(of(one) == status for one in villages) for status in STATUSES}

    def headline(self, part):
        """Counts, share in percent and how many more must pass, of all criteria or of the infrastructure part."""
        found = self.counts(self.villages, lambda one: one[part])
        judged = found["met"] + found["unmet"] + found["unknown"]
        return found | {
            "villages": len(self.villages),
            "share_pct": 100 * found["met"] / judged if judged else math.nan,
            "short_by": None if self.target is None else short(found, self.target),
        }

    def communes(self, part):
        """By commune id: villages, counts, how many short of the target and whether any of its villages has a row."""
        found = {}
        for id_ in {one["commune_id"] for one in self.villages}:
            inside = [one for one in self.villages if one["commune_id"] == id_]
            counts = self.counts(inside, lambda one: one[part])
            missing = counts["unmet"] if self.target is None else short(counts, self.target)
            sheet = any(one["record"] for one in inside)
            found[id_] = counts | {"villages": len(inside), "short_by": missing, "has_sheet": sheet}
        return found

    def kept(self, *, part="all", q="", **asked):
        """Ids of the villages that answer to filters as addresses write them, in the order of the study."""
        return [one["id"] for one in self.villages if self._fits(one, part, q, asked)]

    def _fits(self, one, part, q, asked):
        criterion = asked.get("criterion")
        words = folded(q).split()
        hay = folded(f"{one['name']} {one['commune']} {one['id']}")
        share = one["minority"]
        return (
            (not asked.get("commune") or one["commune_id"] == asked["commune"])
            and (not asked.get("status") or one[part] == asked["status"])
            and (not asked.get("criterion_status") or one["by"][criterion] == asked["criterion_status"])
            and (not asked.get("zone") or (one["zone"] or "-") == asked["zone"])
            and (not asked.get("group") or str(one["group"]) == asked["group"])
            and (
                not asked.get("minority")
                or {
                    "-": share is None,
                    "ge50": share is not None and share >= 50,
                    "ge15": share is not None and share >= 15,
                    "lt15": share is not None and share < 15,
                }[asked["minority"]]
            )
            and (not asked.get("confidence") or self.sureness(one, criterion) == asked["confidence"])
            and all(word in hay for word in words)
        )

    def sureness(self, one, criterion=None):
        """How sure a village is: by one criterion, else the least sure of those that count."""
        levels = [one["sure"].get(name) for name in ([criterion] if criterion else self.counted)]
        return next((level for level in ("open", "likely", "sure") if level in levels), None)


def applied(rule, by):
    """A rule over statuses where ``met`` means that it holds."""
    if isinstance(rule, str):
        return by[rule]
    if "all" in rule:
        return every([applied(part, by) for part in rule["all"]])
    parts = [applied(part, by) for part in rule["of"]]
    assert "or_n" not in rule, "rules by attributes are counted elsewhere"
    asked = [part for part in parts if part != "exempt"]
    wanted = min(int(rule["any_n"]), len(asked))
    if not asked:
        return "exempt"
    if asked.count("met") >= wanted:
        return "met"
    return "unmet" if asked.count("met") + asked.count("unknown") < wanted else "unknown"


def every(statuses):
    for status in ("unmet", "unknown", "met"):
        if status in statuses:
            return status
    return "exempt"


def short(counts, target):
    judged = counts["met"] + counts["unmet"] + counts["unknown"]
    wanted = next(n for n in range(judged + 1) if 100 * n >= judged * target - 1e-6 or n == judged)
    return max(0, wanted - counts["met"])


def folded(text):
    bare = (
        letter for letter in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(letter)
    )
    return " ".join(
        "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in "".join(bare).replace("đ", "d")).split()
    )  # fmt: skip


def blank(value):
    return value is None or value != value or value == ""


def number(value):
    return None if blank(value) else float(value)


def drawn_web_review(seed, villages=24, criteria=9):
    """A judged study drawn at random of which pages can be shown: zones, shares, blanks, and what is not considered."""
    random = np.random.default_rng(seed)
    study = drawn_review(seed, villages, criteria).study
    places = study.villages
    places["zone"] = random.choice(np.array(["I", "II", None], dtype=object), villages)
    places["minority_share_pct"] = random.choice([0.0, 14.9, 15.0, 49.99, 50.0, 100.0, np.nan], villages)
    study.communes["name"] = ["Xã Đăk Rơ", "Xã Ia Ê"]
    places["commune"] = places["commune_id"].map(study.communes["name"])
    places.loc[places.index[[3, 7]], ["commune_id", "commune"]] = None
    places["name"] = random.choice(["Thôn Đăk Tô", "Làng Kon Pring", "Bản Ế 2", "Buôn Ma"], villages)
    target = {"share_pct": int(random.integers(20, 100)), "by": "2027-12-31"}
    rules = study.criteria
    if seed % 2:
        rules = replace(rules, logic={"any_n": criteria - 2, "of": tuple(one.id for one in rules.criteria)})
    rows = random.random(villages) < 0.5
    sheets = {year: blanked(table, rows) for year, table in study.assessments.items()}
    review = judge(replace(study, target=frozen(target), criteria=rules, assessments=frozen(sheets)))
    findings = review.findings.copy()
    for status, share in (("met", 0.8), ("exempt", 0.05)):
        findings["status"] = findings["status"].mask(random.random(len(findings)) < share, status)
    levels = np.array(["sure", "likely", "open", None], dtype=object)
    findings["confidence"] = pd.Series(random.choice(levels, len(findings)), dtype=object)
    return replace(review, findings=findings, results=judge_set(findings, review.criteria, places))


def blanked(table, kept):
    """A sheet in which only the villages of `kept` have a row."""
    table = table.astype(dict.fromkeys(table.columns.drop("record"), float))
    table.loc[~kept] = np.nan
    return table.assign(record=table["record"].where(kept, None))


def shuffled(review, seed):
    """The same judgement with the rows of every table in another order."""
    random = np.random.default_rng(seed)
    order = review.study.villages.index[random.permutation(len(review.study.villages))]
    study = replace(
        review.study, villages=review.study.villages.loc[order], groups=review.study.groups.loc[order]
    )
    # the findings of a village stay together, which is how every judgement has them
    rank = pd.Series(range(len(order)), order)
    findings = review.findings.iloc[np.argsort(review.findings["village_id"].map(rank), kind="stable")]
    return replace(
        review, study=study, findings=findings.reset_index(drop=True), results=review.results.loc[order]
    )
