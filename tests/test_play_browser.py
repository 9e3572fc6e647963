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
    const plain = ([name, column]) => [name, name === "codes" ? column.map((one) => [...one]) : [...column]];
    return Object.fromEntries(Object.entries(found).map(plain));
  });
}"""


def letters_of(review):
    """The stored statuses of each village by criterion, as the table of the map sends them."""
    ids = [one.id for one in review.criteria.criteria]
    return [
        "".join(LETTERS[row[name]] for name in ids) for row in review.villages_table[ids].to_dict("records")
    ]


def moved(criteria, changes):
    """The set with figures moved, as the server would judge by it."""
    rows = [
        replace(one, thresholds=MappingProxyType({**one.thresholds, **changes[one.id]}))
        if one.id in changes
        else one
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
    """A study of twelve villages under a set made at random: intervals, triggers, exemptions, nested rules, points."""
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
        decides = (
            "worse"
            if len(sides) == 2 and dice.random() < 0.4
            else dice.choice([n for n, b in bound.items() if b])
        )
        applies = dice.choice([None, None, {"groups": ("a",)}, {"attribute": "rule", "in": ("1", "2")}])
        figures, easier = (
            {group: dice.choice([None, *(step / 2 for step in range(9))]) for group in groups}
            for _ in range(2)
        )
        rows.append(
            criterion(
                name, kind=kind, compare=dice.choice(COMPARES), decides=decides, applies=applies, **bound,
                fixable_by=dice.choice(["works", "none"]), thresholds=MappingProxyType(figures),
                verification=MappingProxyType(dict.fromkeys(groups, "text")),
                checked=MappingProxyType(dict.fromkeys(groups)), nearly=MappingProxyType(easier),
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
    if polarity == "flag" and dice.random() < 0.4:
        points = {name: {"met": dice.choice([5, 10, 7.5]), "nearly": dice.choice([2, 4])} for name in names}
        total = sum(entry["met"] for entry in points.values())
        required = tuple(dice.sample(names, dice.randint(0, 2)))
        logic = {
            "points": points,
            "pass": dice.choice([None, 0.5 * total, 0.8 * total]),
            "required": required,
        }
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


@pytest.mark.long
def test_the_browser_judges_random_sets_as_the_server_does(browser_judge):
    dice, cases, expected = random.Random(4), [], []
    for _ in range(60):
        review = random_review(dice)
        told = what_if(review)
        changes = {
            one["id"]: {
                group: dice.choice([0, 0.5, 1.0, 2.3, 4]) for group in told["groups"] if dice.random() < 0.8
            }
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


@pytest.mark.parametrize("name", ["sample_review", pytest.param("nandurbar_review", marks=pytest.mark.long)])
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


FIGURES = """(part) => Object.fromEntries(['met', 'unmet', 'unknown'].map((status) => {
  const value = document.querySelector(`.figures[data-figures="${part}"] .${status} .value`);
  return [status, [value.firstChild.textContent.trim(), value.querySelector('.was')?.textContent ?? '']];
}))"""


def opened(new_page, address, **size):
    page = new_page(**size)
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    page.wait_for_load_state("networkidle")
    return page


def test_a_moved_figure_recounts_the_page_stays_in_its_address_and_can_be_put_back(
    new_page, live_server, sample_review
):
    criteria = sample_review.criteria
    one = next(one for one in criteria.criteria if one.compare in COMPARES and one.kind != "context")
    group = sample_review.study.groups.iloc[0]
    figure = 50 if one.unit == "%" else one.thresholds[group] * 3
    wanted = judged(sample_review, amend(criteria, {(one.id, group): {"thresholds": figure}}))["verdict"]
    counts = {word: str(wanted.count(code)) for code, word in enumerate(WORDS)}
    stored = sample_review.headline
    assert int(counts["met"]) != stored["met"]
    page = opened(new_page, f"{live_server}/studies/dak-minh-hoa/map?lang=vi", width=390, height=800)
    before = page.inner_text(".headline"), page.inner_text("#communes"), page.inner_text("#criteria")
    page.click("#play-open")
    page.select_option("#play select", one.id)
    page.fill("#play input[type=number]", str(figure))
    for status in ("met", "unmet", "unknown"):
        now, was = page.evaluate(FIGURES, "all")[status]
        assert now == counts[status] and (str(stored[status]) in was) == (now != str(stored[status]))
    assert (
        "không lưu" in page.inner_text("#play")
        and page.evaluate("document.body.className").count("playing") == 1
    )
    bars = page.evaluate(
        "[...document.querySelectorAll('#communes tbody:not([hidden]) .bar rect.met')].map((r) => +r.getAttribute('width'))"
    )
    by_commune = sample_review.villages_table["commune_id"].to_numpy()
    order = page.evaluate(
        "[...document.querySelectorAll('#communes tbody:not([hidden]) tr')].map((r) => r.dataset.commune)"
    )
    for commune, width in zip(order, bars, strict=True):
        inside = [code for code, of in zip(wanted, by_commune, strict=True) if of == commune]
        assert abs(width - 100 * inside.count(1) / len(inside)) < 0.01
    page.wait_for_timeout(500)
    assert f"try={one.id}" in page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    again = opened(new_page, page.url)
    assert [again.evaluate(FIGURES, "all")[name][0] for name in counts if name != "exempt"] == [
        counts[name] for name in counts if name != "exempt"
    ]
    assert again.inner_text("#legend [data-class=met] .legend-count") == counts["met"]
    page.click("#play-fields button, .play-fields button")
    assert (
        page.inner_text(".headline"),
        page.inner_text("#communes"),
        page.inner_text("#criteria"),
    ) == before
    page.wait_for_timeout(300)
    assert "try=" not in page.url and page.faults == again.faults == []


def test_an_address_that_tries_nonsense_tries_nothing(new_page, live_server):
    odd = "try=no-such~*~3,poverty-high~*~abc,poverty-high~nowhere~3,poverty-high~*~-4,~~,poverty-high"
    page = opened(new_page, f"{live_server}/studies/dak-minh-hoa/map?lang=en&{odd}")
    assert "playing" not in page.evaluate("document.body.className") and page.faults == []


def test_the_panel_is_worked_by_keyboard_alone(new_page, live_server):
    page = opened(new_page, f"{live_server}/studies/dak-minh-hoa/map?lang=en")
    page.focus("#play-open")
    page.keyboard.press("Enter")
    page.wait_for_selector("#play input[type=range]")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"
    page.focus("#play input[type=range]")
    before = page.inner_text(".play-said")
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert page.inner_text(".play-said") != before and "stored" in page.inner_text(".play-moved")
