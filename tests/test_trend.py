"""Years, causes, targets, closeness, counts and pilots on tables that can be worked out by hand."""

from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from gis.tables import STATUSES
from gis.trend import (
    closest_to_passing,
    compare_years,
    counts_by,
    progress,
    propose_pilots,
    split_change,
    split_changes,
)
from gis.verdicts import judge_set
from sets import criteria_set, criterion

WORDS = {"m": "met", "u": "unmet", "?": "unknown", "x": "exempt"}
NAN = float("nan")


def review(rows, *, criteria=None, margin=None, threshold=10.0, villages=None, reported=None):
    """A judgement from letters: village to one letter a criterion; the set asks for all of them."""
    width = len(next(iter(rows.values())))
    criteria = criteria or criteria_set(*(criterion(f"c{place + 1}") for place in range(width)))
    findings = pd.DataFrame(
        [
            {
                "village_id": village,
                "criterion": one.id,
                "status": WORDS[letter],
                "value": 0.0,
                "threshold": threshold,
                "margin": (margin or {}).get((village, one.id), NAN),
            }
            for village, letters in rows.items()
            for one, letter in zip(criteria.criteria, letters, strict=True)
        ]
    )
    index = pd.Index(list(rows), name="village_id")
    if villages is None:
        villages = pd.DataFrame({"name": [f"Thôn {village}" for village in rows]}, index=index)
        villages = villages.assign(commune_id="x1", commune="Xã Một", population=100.0)
    results = judge_set(findings, criteria, villages)
    reported = pd.DataFrame(index=index) if reported is None else reported
    study = SimpleNamespace(villages=villages, reported=reported, layers={})
    return SimpleNamespace(criteria=criteria, findings=findings, results=results, study=study)


def corner(text):
    return pd.Series([WORDS[letter] for letter in text], index=[f"v{n}" for n in range(len(text))])


# What changed, and why


def test_the_cause_of_a_change_by_hand():
    #            same  village  rule  together  needs both  cancelled  out of sight
    a = corner("m" + "u" + "m" + "u" + "u" + "m" + "m")
    b = corner("m" + "m" + "m" + "m" + "u" + "u" + "?")
    c = corner("m" + "u" + "u" + "m" + "u" + "m" + "m")
    d = corner("m" + "m" + "u" + "m" + "m" + "m" + "?")
    causes = ["same", "village", "rule", "together", "together", "cancelled", "village"]
    assert split_change(a, b, c, d).tolist() == causes


FOUR = st.lists(st.sampled_from("mu?x"), min_size=4, max_size=4)


@given(st.lists(FOUR, min_size=1, max_size=30), st.randoms())
def test_the_split_does_not_depend_on_order_and_adds_up(rows, random):
    a, b, c, d = (corner("".join(letters)) for letters in zip(*rows, strict=True))
    cause = split_change(a, b, c, d)
    shuffled = random.sample(list(a.index), len(a))
    again = split_change(a[shuffled], b[shuffled], c, d)
    pd.testing.assert_series_equal(again.sort_index(), cause.sort_index())
    step = (d == "met").astype(int) - (a == "met").astype(int)
    assert step.groupby(cause).sum().sum() == (d == "met").sum() - (a == "met").sum()
    assert (step[cause.isin(["same", "cancelled"])] == 0).all()
    # exchanging what is walked first exchanges the two names and nothing else
    turned = split_change(a, c, b, d).replace({"village": "rule", "rule": "village"})
    pd.testing.assert_series_equal(turned, cause)


@given(st.lists(FOUR, min_size=1, max_size=20))
def test_under_one_set_nothing_is_the_rules_and_in_one_year_nothing_the_villages(rows):
    a, b, _, _ = (corner("".join(letters)) for letters in zip(*rows, strict=True))
    assert set(split_change(a, b, a, b)) <= {"same", "village"}
    assert set(split_change(a, a, b, b)) <= {"same", "rule"}


def test_a_criterion_of_one_set_only_is_a_change_of_rule():
    old = criteria_set(criterion("road"), criterion("gone"))
    new = criteria_set(criterion("road"), criterion("come"))
    a = review({"v1": "mm", "v2": "uu"}, criteria=old)
    b = review({"v1": "mu", "v2": "mu"}, criteria=old)
    c = review({"v1": "um", "v2": "uu"}, criteria=new)
    d = review({"v1": "uu", "v2": "mm"}, criteria=new)
    found = split_changes(a, b, c, d)
    rows = found.criteria.set_index(["village_id", "criterion"])
    assert rows["cause"].to_dict() == {
        ("v1", "road"): "rule", ("v1", "gone"): "rule", ("v1", "come"): "rule",
        ("v2", "road"): "village", ("v2", "gone"): "rule", ("v2", "come"): "rule",
    }  # fmt: skip
    assert rows.loc[("v1", "gone"), ["before", "after"]].tolist() == ["met", "absent"]
    by = found.by_criterion
    assert by.loc["road", ["gained-village", "lost-rule"]].tolist() == [1, 1]
    assert by["in_set"].to_dict() == {"road": "both", "gone": "before", "come": "after"}
    assert (by.drop(columns="in_set").sum(axis=1) == 2).all()
    assert found.net.sum() == 0 and found.counts.sum() == 2


# Years


def four_years():
    """kept, back by c2, back after a year without figures, new, never, out of sight, exempt, only now known."""
    rows = {
        2021: ("mm", "mm", "mm", "um", "uu", "mm", "xx", "??"),
        2022: ("mm", "mm", "m?", "um", "um", "mm", "xx", "m?"),
        2024: ("mm", "mu", "mu", "mm", "um", "?m", "xx", "mm"),
    }
    return {year: review(dict(zip("abcdefgh", letters, strict=True))) for year, letters in rows.items()}


def test_back_sliders_new_passes_and_lost_sight_by_hand():
    found = compare_years(four_years())
    assert found.years == (2021, 2022, 2024)
    assert found.statuses[2022].tolist() == [
        "met", "met", "unknown", "unmet", "unmet", "met", "exempt", "unknown",
    ]  # fmt: skip
    assert found.standing.to_dict() == {
        "a": "kept", "b": "back", "c": "back", "d": "new", "e": "never", "f": "was-met", "g": "exempt", "h": "kept",
    }  # fmt: skip
    assert found.events.to_dict("split")["data"] == [
        [2022, "c", "lost-sight", 2021, ("c2",)],
        [2024, "b", "back", 2022, ("c2",)],
        [2024, "c", "back", 2021, ("c2",)],
        [2024, "d", "new", 2022, ("c1",)],
        [2024, "f", "lost-sight", 2022, ("c1",)],
    ]
    summary = found.summary
    assert summary.loc[2024, list(STATUSES)].tolist() == [3, 3, 1, 1]
    assert summary.loc[2024, "share_pct"] == pytest.approx(300 / 7)
    assert summary.loc[2024, "share_open_pct"] == pytest.approx(400 / 7)
    assert summary[["new", "back", "lost-sight"]].values.tolist() == [[0, 0, 0], [0, 0, 1], [1, 2, 1]]


def test_the_order_of_rows_changes_no_history():
    years = four_years()
    for one in years.values():
        one.findings = one.findings.sample(frac=1, random_state=3)
        one.results = one.results.sort_index(ascending=False)
    first, second = compare_years(four_years()), compare_years(years)
    pd.testing.assert_frame_equal(first.events, second.events)
    pd.testing.assert_frame_equal(first.summary, second.summary)
    pd.testing.assert_series_equal(first.standing, second.standing.sort_index())


# The target


def history(**letters):
    """Years, such as y2021="mmu", as a history of one criterion."""
    years = {int(name[1:]): text for name, text in letters.items()}
    return compare_years(
        {
            year: review({f"v{place}": letter for place, letter in enumerate(text)})
            for year, text in years.items()
        }
    )


def test_progress_pace_and_projection_by_hand():
    # 10 villages: 2 met, then 3 (one back, two new), then 5 and one without figures; half by the end of 2026
    seen = history(y2022="mmuuuuuuuu", y2023="umm" + "m" + "uuuuuu", y2024="ummmmm" + "uuu?")
    ahead = progress(seen, share_pct=70, by="2026-12-31")
    assert (ahead.judged, ahead.met, ahead.unknown) == (10, 5, 1)
    assert (ahead.wanted, ahead.short_by, ahead.short_by_open) == (7, 2, 1)
    assert ahead.years_left == 2 and ahead.pace_needed == 1
    assert ahead.steps[["compared", "not_compared", "new", "back", "pace"]].values.tolist() == [
        [10, 0, 2, 1, 1.0],
        [9, 1, 2, 0, 2.0],
    ]
    assert (ahead.pace_mean, ahead.pace_least, ahead.pace_most) == (1.5, 1, 2)
    assert (ahead.expected, ahead.expected_least, ahead.expected_most) == (8, 7, 10)
    assert ahead.why_none is None and not ahead.is_default


def test_a_missing_sheet_is_no_loss_of_pace():
    ahead = progress(history(y2023="mmuu", y2024="??mu"), share_pct=50, by=2025)
    assert ahead.steps["pace"].tolist() == [1.0] and ahead.steps["not_compared"].tolist() == [2]


def test_from_one_year_nothing_is_projected():
    ahead = progress(history(y2024="mu"), by="31/12/2026")
    assert ahead.expected is None and ahead.pace_mean is None and ahead.why_none == "one-year"
    assert ahead.is_default and ahead.target_pct == 50 and ahead.short_by == 0 and ahead.pace_needed is None


@pytest.mark.parametrize(
    ("years", "by", "why"),
    [
        ({"y2023": "mu", "y2024": "mu"}, None, "no-date"),
        ({"y2023": "mu", "y2024": "mu"}, "soon", "no-date"),
        ({"y2023": "mu", "y2024": "mu"}, "2024-12-31", "over"),
        ({"y2023": "??", "y2024": "mu"}, 2030, "none-compared"),
    ],
)
def test_what_cannot_be_projected_says_why(years, by, why):
    assert progress(history(**years), by=by).why_none == why


def test_the_date_of_judgement_comes_in_as_an_argument():
    seen = history(y2023="uuuu", y2024="muuu")
    middle = progress(seen, share_pct=50, by="2025-12-31", as_of="2025-06-30")
    assert middle.as_of == date(2025, 6, 30) and middle.years_left == pytest.approx(184 / 365)
    assert middle.pace_needed == pytest.approx(365 / 184)


@given(st.text("mu?", min_size=1, max_size=12), st.text("mu?", min_size=12, max_size=12))
def test_a_projection_stays_between_none_and_all(now, before):
    ahead = progress(history(y2023=before[: len(now)], y2024=now), share_pct=50, by=2034)
    if ahead.expected is not None:
        assert 0 <= ahead.expected_least <= ahead.expected <= ahead.expected_most <= ahead.judged


# Closest to passing


def test_the_closest_come_first_by_criteria_and_then_by_margin():
    far, near = {("a", "c1"): -4.0}, {("b", "c1"): -1.0, ("c", "c1"): -9.0, ("c", "c2"): -2.0}
    rows = {"a": "umm", "b": "umm", "c": "uum", "d": "mm?", "e": "mmm", "f": "xxx", "g": "u??", "h": "umm"}
    found = closest_to_passing(review(rows, margin=far | near | {("h", "c1"): -np.inf}))
    # d only lacks a figure; b misses 1 of 10, a 4 of 10, h is out of reach; then g and c need two steps or more
    assert found.index.tolist() == ["d", "b", "a", "h", "g", "c"]
    assert found["missed"].tolist() == [0, 1, 1, 1, 1, 2] and found["unknown"].tolist() == [1, 0, 0, 0, 2, 0]
    assert found["one_step"].tolist() == [("c3",), ("c1",), ("c1",), ("c1",), (), ()]
    assert found["shortfall_pct"].tolist()[1:] == [10, 40, np.inf, 100, 90] and np.isnan(
        found["shortfall_pct"].iloc[0]
    )
    assert found.loc["c", "by"] == "c1" and found.loc["d", "by"] is None


def test_one_step_follows_the_rule_of_the_set_not_the_number_of_marks():
    # disadvantaged by c1, or by c2 together with c3: unmet means that the disadvantage is there
    one_set = criteria_set(
        *(criterion(name, kind="trigger") for name in ("c1", "c2", "c3")),
        polarity="trigger",
        logic={"any_n": 1, "of": ["c1", {"all": ["c2", "c3"]}]},
    )
    found = closest_to_passing(review({"a": "umm", "b": "muu", "c": "uuu", "d": "umu"}, criteria=one_set))
    assert found["one_step"].to_dict() == {"a": ("c1",), "b": ("c2", "c3"), "c": (), "d": ("c1",)}


def test_a_study_that_passes_everywhere_has_nothing_close():
    assert closest_to_passing(review({"a": "mm", "b": "xx"})).empty


# Counts


def test_counts_by_zone_share_and_an_unknown_row():
    index = pd.Index(list("abcd"), name="village_id")
    villages = pd.DataFrame(
        {"commune_id": "x1", "commune": "Xã", "zone": ["III", None, "I", "III"]}, index=index
    )
    villages["minority_share_pct"] = [14.9, 15.0, NAN, 80.0]
    found = review({"a": "m", "b": "u", "c": "?", "d": "x"}, villages=villages)
    zones = counts_by(found, "zone")
    assert zones.index.tolist() == ["I", "III", None]
    assert zones[["villages", *STATUSES]].values.tolist() == [
        [1, 0, 0, 1, 0],
        [2, 1, 0, 0, 1],
        [1, 0, 1, 0, 0],
    ]
    assert zones["share_pct"].tolist() == [0, 100, 0]
    shares = counts_by(found, "minority")
    assert shares["villages"].to_dict() == {"< 15": 1, "15 – < 50": 1, "≥ 50": 1, None: 1}
    assert np.isnan(shares.loc["≥ 50", "share_pct"])
    assert counts_by(found, "minority", bins=(50,))["villages"].to_dict() == {"< 50": 2, "≥ 50": 1, None: 1}
    with pytest.raises(KeyError):
        counts_by(found, "poverty")


def test_poverty_is_counted_as_reported_and_every_village_once():
    reported = pd.DataFrame(
        {"poor_households": [1.0, 5.0, NAN, 3.0], "households": [20.0, 20.0, 20.0, 0.0]},
        index=pd.Index(list("abcd"), name="village_id"),
    )
    counts = counts_by(review({"a": "m", "b": "u", "c": "u", "d": "u"}, reported=reported), "poverty")
    assert counts["villages"].to_dict() == {"< 5": 0, "5 – < 10": 1, "10 – < 20": 0, "≥ 20": 1, None: 2}


# Pilots


def line_of_villages(rows, people, places, communes):
    index = pd.Index(list(rows), name="village_id")
    frame = pd.DataFrame({"name": list(rows), "commune_id": communes, "commune": communes}, index=index)
    points = [None if place is None else Point(place * 1000, 0) for place in places]
    villages = gpd.GeoDataFrame(frame.assign(population=people), geometry=points)
    return review(rows, villages=villages.assign(point=villages.geometry))


def test_pilots_by_hand_with_spread_and_ties():
    found = line_of_villages(
        {"a": "mu", "b": "mu", "c": "uu", "d": "mu", "e": "mu", "f": "mm", "g": "xx"},
        [100, 50, 100, 50, 50, 500, 500],
        [0, 1, 2, 4, 8, 9, 9],
        ["x1", "x1", "x1", "x2", "x2", "x3", "x3"],
    )
    weights = {"closeness": 2, "population": 1, "spread": 1}
    proposal = propose_pilots(found, found.study.villages["commune_id"], weights=weights)
    # first without spread: a = (0.5*0.5 + 1*0.25) / 0.75; then e, the farthest: 0.5*0.5 + 0.5*0.25 + 1*0.25
    assert proposal.weights == {"closeness": 0.5, "population": 0.25, "spread": 0.25}
    chosen = proposal.chosen
    assert chosen["village_id"].to_dict() == {"x1": "a", "x2": "e"}
    assert chosen["score"].round(6).tolist() == [0.666667, 0.625]
    assert chosen["away_km"].tolist()[1] == 8 and chosen["candidates"].tolist() == [3, 2]
    assert chosen["tied"].tolist() == [(), ()]
    assert proposal.without.to_dict("index") == {"x3": {"villages": 2, "met": 1, "exempt": 1}}
    alike = propose_pilots(found, found.study.villages["commune_id"], weights={"closeness": 1})
    assert alike.chosen["village_id"].tolist() == ["a", "d"] and alike.chosen["tied"].tolist() == [
        ("b",),
        ("e",),
    ]


def test_willingness_counts_where_it_is_known_and_a_missing_figure_does_no_harm():
    found = line_of_villages(
        {"a": "mu", "b": "mu", "c": "mu"}, [NAN, 100, 100], [None, 0, 1], ["x1", "x2", "x3"]
    )
    units, willing = pd.Series("*", index=found.results.index), pd.Series([1.0, 0.0, NAN], index=list("abc"))
    weights = {"closeness": 1, "population": 1, "willingness": 2}
    proposal = propose_pilots(found, units, weights=weights, willingness=willing)
    # a: (0.5 + 2*1) / 3; b: (0.5 + 1 + 0) / 4; c: (0.5 + 1) / 2
    assert proposal.chosen["village_id"].tolist() == ["a"]
    assert proposal.chosen["score"].iloc[0] == pytest.approx(2.5 / 3)
    assert np.isnan(proposal.chosen["population"].iloc[0])


@pytest.mark.parametrize("weights", [{"closeness": 0}, {"luck": 1}, {"closeness": -1}, {"spread": NAN}])
def test_weights_that_say_nothing_are_refused(weights):
    found = line_of_villages({"a": "mu"}, [1], [0], ["x1"])
    with pytest.raises(ValueError, match="weights"):
        propose_pilots(found, found.study.villages["commune_id"], weights=weights)


@given(st.lists(st.sampled_from(["mm", "mu", "uu", "u?", "xx"]), min_size=1, max_size=12), st.randoms())
def test_pilots_are_never_met_or_exempt_and_rows_may_come_in_any_order(letters, random):
    rows = {f"v{place:02}": text for place, text in enumerate(letters)}
    communes = [f"x{place % 3}" for place in range(len(rows))]
    found = line_of_villages(rows, range(len(rows)), range(len(rows)), communes)
    first = propose_pilots(found, found.study.villages["commune_id"])
    assert set(first.chosen["status"]) <= {"unmet", "unknown"}
    assert set(first.chosen.index) | set(first.without.index) == set(communes)
    order = random.sample(list(rows), len(rows))
    found.study.villages, found.results = found.study.villages.loc[order], found.results.loc[order]
    second = propose_pilots(found, found.study.villages["commune_id"])
    pd.testing.assert_frame_equal(first.chosen, second.chosen)
