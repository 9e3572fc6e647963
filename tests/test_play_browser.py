"""Trying a figure in a real browser: it says what the server would say of a set with that figure."""

import random
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from gis.amendments import amend
from gis.findings import evaluate
from gis.labels import Label
from gis.verdicts import judge_set
from gis.whatif import COMPARES, what_if
from tests.sets import MEASURED, REPORTED, criteria_set, criterion
from tests.test_whatif import review_of
from tests.tiny import measurements

LETTERS = {"met": "m", "unmet": "u", "unknown": "k", "exempt": "x"}
WORDS = ["unmet", "met", "unknown", "exempt"]
JUDGE = """async ([address, cases]) => {
  const { prepare, judge } = await import(address);
  return cases.map(([data, letters, changes]) => {
    const found = judge(prepare(data, letters), changes);
    return Object.fromEntries(Object.entries(found).map(([name, column]) => [name, name === "codes" ? column.map((one) => [...one]) : [...column]]));
  });
}"""


def letters_of(review):
    """The stored statuses of each village by criterion, as the table of the map sends them."""
    ids = [one.id for one in review.criteria.criteria]
    return ["".join(LETTERS[row[name]] for name in ids) for row in review.villages_table[ids].to_dict("records")]


def moved(criteria, changes):
    """The set with figures moved, as the server would judge by it."""
    rows = [
        replace(one, thresholds=MappingProxyType({**one.thresholds, **changes[one.id]})) if one.id in changes else one
        for one in criteria.criteria
    ]
    return replace(criteria, criteria=tuple(rows))


def judged(review, criteria):
    """The server's answer in the codes of the browser."""
    villages = review.study.villages
    findings = evaluate(review.measurements, criteria, villages, review.study.groups)
    results = judge_set(findings, criteria, villages)
    code = {word: number for number, word in enumerate(WORDS)}
    table = findings.pivot(index="village_id", columns="criterion", values="status").reindex(villages.index)
    return {
        "codes": [[code[word] for word in table[one.id]] for one in criteria.criteria],
        "verdict": [code[word] for word in results["status"]],
        "infra": [code[word] for word in results["infra_status"]],
        "missed": results["missed"].tolist(),
        "unknown": results["unknown"].tolist(),
        "infraMissed": results["infra_missed"].tolist(),
    }


@pytest.fixture
def browser_judge(new_page, serve, tmp_path):
    """``browser_judge(cases)``: what the page's own judging gives."""
    site = serve(tmp_path)

    def run(cases):
        page = new_page()
        page.goto(f"{site}/")
        found = page.evaluate(JUDGE, [f"{site}/static/whatif.js", cases])
        assert page.faults == []
        return found

    return run


def random_review(dice):
    """A study of twelve villages under a set made at random: intervals, triggers, exemptions, nested rules."""
    ids, groups = [f"v{number:02}" for number in range(12)], ("a", "b")
    rows, tables = [], []
    polarity = dice.choice(["flag", "trigger"])
    for number in range(dice.randint(2, 6)):
        name = f"c{number}"
        kind = "trigger" if polarity == "trigger" else dice.choice(["flag", "flag", "trigger", "context"])
        sides = dice.choice([(MEASURED,), (REPORTED,), (MEASURED, REPORTED)])
        bound = {"measured": None, "reported": None}
        for side, binding in zip(("measured", "reported"), (MEASURED, REPORTED), strict=True):
            if binding not in sides:
                continue
            bound[side] = replace(binding, arguments=(*binding.arguments, ("number", number)))
            low = np.array([dice.choice([np.nan, np.inf, *(step / 4 for step in range(20))]) for _ in ids])
            wide = np.array([dice.choice([0, 0, 0.25, 1.5]) for _ in ids])
            tables.append(measurements(ids, bound[side].measure, side, low, low=low, high=low + wide))
        decides = "worse" if len(sides) == 2 and dice.random() < 0.4 else dice.choice([n for n, b in bound.items() if b])
        applies = dice.choice([None, None, {"groups": ("a",)}, {"attribute": "rule", "in": ("1", "2")}])
        figures = {group: dice.choice([None, *(step / 2 for step in range(9))]) for group in groups}
        rows.append(
            criterion(
                name, kind=kind, compare=dice.choice(COMPARES), decides=decides, applies=applies, **bound,
                fixable_by=dice.choice(["works", "none"]), thresholds=MappingProxyType(figures),
                verification=MappingProxyType(dict.fromkeys(groups, "text")),
                checked=MappingProxyType(dict.fromkeys(groups)),
            )
        )  # fmt: skip
    names = [one.id for one in rows]
    half = names[: max(1, len(names) // 2)]
    logic = dice.choice(
        [
            "all",
            {"all": [half[0], {"any_n": 1, "of": names}]},
            {"any_n": dice.randint(1, len(names)), "of": names},
            {
                "any_n": len(names),
                "of": names,
                "or_n": {"n": 1, "when": {"attribute": "share", "compare": "ge", "value": 2}},
            },
        ]
    )
    labels = MappingProxyType({group: Label(group) for group in groups})
    criteria = criteria_set(*rows, polarity=polarity, logic=logic, groups=labels, default_group=None)
    villages = pd.DataFrame(
        {
            "rule": [dice.choice(["1", "3", None]) for _ in ids],
            "share": [dice.choice([1.0, 2.0, np.nan]) for _ in ids],
        },
        index=ids,
    )
    of = pd.Series([dice.choice([*groups, *groups, None]) for _ in ids], index=ids, dtype=object)
    return review_of(criteria, pd.concat(tables, ignore_index=True), groups=of, villages=villages)


def test_the_browser_judges_random_sets_as_the_server_does(browser_judge):
    dice, cases, expected = random.Random(4), [], []
    for _ in range(120):
        review = random_review(dice)
        told = what_if(review)
        changes = {
            one["id"]: {group: dice.choice([0, 0.5, 1.0, 2.3, 4]) for group in told["groups"] if dice.random() < 0.8}
            for one in told["movable"]
            if dice.random() < 0.6
        }
        cases.append([told, letters_of(review), changes])
        expected.append(judged(review, moved(review.criteria, changes)))
    for case, found, wanted in zip(cases, browser_judge(cases), expected, strict=True):
        assert {name: found[name] for name in wanted} == wanted, case


def some_changes(review, dice):
    """Every figure of a real set moved on its own to four places between its values, and some together."""
    told = what_if(review)
    singles = []
    for one in told["movable"]:
        for share in (0.1, 0.4, 0.8, 1.7):
            known = [figure for figure in one["figures"].values() if figure is not None]
            aim = share * (known[0] if known and known[0] else one["most"] / 2)
            aim = min(max(1, aim), 100) if one["unit"] == "%" else aim
            figure = round(aim * one["scale"]) / one["scale"]
            singles.append({one["id"]: dict.fromkeys(told["groups"], figure)})
    together = [{**dice.choice(singles), **dice.choice(singles), **dice.choice(singles)} for _ in range(3)]
    return told, [*singles, *together]


@pytest.mark.parametrize("name", ["sample_review", "nandurbar_review"])
def test_the_browser_judges_real_studies_with_moved_figures_as_the_server_does(name, request, browser_judge):
    review = request.getfixturevalue(name)
    told, many = some_changes(review, random.Random(1))
    assert told["movable"]
    wanted = []
    for changes in many:
        figures = {(id_, group): {"thresholds": figure, "verification": "text"} for id_, by in changes.items()
                   for group, figure in by.items() if review.criteria.criterion(id_).in_group(group)}  # fmt: skip
        wanted.append(judged(review, amend(review.criteria, figures)))
    found = browser_judge([[told, letters_of(review), changes] for changes in [{}, *many]])
    for answer, expected in zip(found, [judged(review, review.criteria), *wanted], strict=True):
        assert {key: answer[key] for key in expected} == expected
    assert len({tuple(answer["verdict"]) for answer in found}) > 1
