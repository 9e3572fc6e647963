"""What could be built: every way closes its gap when the village is judged again, and no step less would do."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from gis.criteria import Binding
from gis.findings import evaluate
from gis.measure import measure_checked
from gis.plan import changed, cheapest_fixes, edited, find_options, without_option
from gis.plan.candidates.base import least_steps
from gis.plan.candidates.room import _least_for_each
from gis.plan.cheapest import _cheapest
from gis.review import Review
from sets import criterion
from small_studies import drawn_review

KON_TUM = "kontum-dtts-village-2022"


@pytest.fixture(scope="module")
def judged(sample_study):
    from gis.workflows import judge, read_study

    return judge(read_study(sample_study, criteria=KON_TUM))


@pytest.fixture(scope="module")
def options(judged):
    return find_options(judged)


def review_by(review, *criteria):
    """The same study judged by other criteria, and nothing else done."""
    asked = replace(review.criteria, criteria=criteria, logic="all")
    study = replace(review.study, criteria=asked)
    measurements = measure_checked(study, asked)
    findings = evaluate(measurements, asked, study.villages, study.groups)
    return Review(study, measurements, findings, review.results, review.run)


def asking(indicator, compare, figure, unit, **arguments):
    """A criterion that a measured value decides."""
    measured, figures = (
        Binding(indicator, tuple(sorted(arguments.items()))),
        MappingProxyType({"all": figure}),
    )
    return criterion(
        indicator, measured=measured, reported=None, compare=compare, thresholds=figures, unit=unit
    )


def statuses(review, edits, criteria):
    """The status of every village by some criteria once edits are made, from the very beginning."""
    study = edited(review.study, edits)
    chosen = [one for one in review.criteria.criteria if one.id in criteria]
    asked = replace(review.criteria, criteria=tuple(chosen))
    findings = evaluate(measure_checked(study, asked), asked, study.villages, study.groups)
    return findings.set_index(["village_id", "criterion"])["status"]


def unclosed(review, options, most=None):
    """Ways whose gap is not met once all that their options change is changed, an option or way at a time.

    Of each criterion so many ways are tried at most, spread over all of them.
    """
    wrong = []
    ways = options.ways.groupby(["village_id", "criterion", "way"])["option_id"].agg(tuple)
    if most is not None:
        by = ways.groupby("criterion", group_keys=False)
        ways = by.apply(lambda each: each.iloc[np.unique(np.linspace(0, len(each) - 1, most).astype(int))])
    for taken, rows in ways.groupby(ways):
        edits = [edit for one in taken for edit in options.table.at[one, "edits"]]
        gaps = [(village, criterion) for village, criterion, _ in rows.index]
        status = statuses(review, edits, {criterion for _, criterion in gaps})
        wrong += [(taken, gap, status[gap]) for gap in gaps if status[gap] != "met"]
    return wrong


def by_itself(options):
    """Options without those of roads, whose villages report a link by all of its stretches together."""
    roads = options.ways["option_id"].str.contains("road|bridge|path|link")
    return replace(options, ways=options.ways[~roads])


def test_every_way_closes_its_gap(judged, options):
    assert len(options.ways) > 50
    assert unclosed(judged, by_itself(options), most=5) == []


SCHOOLS = {"facilities": "schools", "kind": "primary"}
HALLS = {"facilities": "culture_houses", "share_pct": 20}
ASKED = [
    (asking("nearest_distance", "le", 1.0, "km", **SCHOOLS), "build-primary-school"),
    (asking("travel_time", "le", 25, "min", facilities="clinics", kind="station"), "build-health-station"),
    (asking("people_within_time", "ge", 60, "%", minutes=15, **SCHOOLS), "build-primary-school"),
    (asking("people_per_facility", "le", 900, "people", **SCHOOLS), "build-primary-school"),
    (asking("capacity_gap", "le", 0, "people", within_km=2, **HALLS), "enlarge-culture-house"),
]


@pytest.mark.parametrize("asked, work", ASKED, ids=[one.id for one, _ in ASKED])
def test_places_close_the_gaps_that_are_measured(judged, asked, work):
    review = review_by(judged, asked)
    found = find_options(review)
    assert work in set(found.table["intervention"])
    assert unclosed(review, found, most=4) == []
    # a place that serves several villages is one option
    if asked.id in ("travel_time", "people_per_facility"):
        assert found.ways.groupby("option_id")["village_id"].nunique().max() > 1


def test_every_way_closes_its_gap_in_a_study_drawn_at_random():
    review = drawn_review(3, villages=7, criteria=9)
    found = find_options(review)
    assert found.ways["criterion"].nunique() > 5
    assert unclosed(review, found, most=2) == []


def test_a_step_less_closes_nothing(judged, options):
    from gis.interventions import load_interventions
    from gis.plan import Edit

    works = load_interventions()
    table = options.table[(options.table["quantity"] > 1) & ~options.table.index.str.contains(r"\+|~|:")]
    table = table[[all(edit.does == "report" for edit in edits) for edits in table["edits"]]].iloc[::2]
    assert len(table) > 10
    for id_, row in table.iterrows():
        step = works[row["intervention"]].step
        less = [
            Edit("report", {**edit.what, "add": edit.what["add"] - step})
            if edit.what.get("add", 0) > step
            else edit
            for edit in row["edits"]
        ]
        needing = options.ways[options.ways["option_id"] == id_]
        smaller = options.table.index[options.table.index.str.startswith(id_ + ":")]
        for village, asked in needing[["village_id", "criterion"]].itertuples(index=False):
            others = options.ways[
                (options.ways["village_id"] == village) & (options.ways["criterion"] == asked)
            ]
            if not others["option_id"].isin(smaller).any():
                assert statuses(judged, less, {asked})[village, asked] == "unmet", (id_, asked)


def test_options_and_gaps_without_one_are_all_gaps(judged, options):
    left = without_option(judged, options)
    closable = set(options.ways[["village_id", "criterion"]].itertuples(index=False, name=None))
    without = set(left[["village_id", "criterion"]].itertuples(index=False, name=None))
    works = [one.id for one in judged.criteria.criteria if one.fixable_by == "works"]
    findings = judged.findings
    gaps = findings[(findings["status"] == "unmet") & findings["criterion"].isin(works)]
    assert closable | without == set(gaps[["village_id", "criterion"]].itertuples(index=False, name=None))
    assert not closable & without
    assert set(cheapest_fixes(options).index) == closable


def test_the_order_of_rows_does_not_matter(judged, options):
    study = judged.study
    layers = {
        name: data if data.frame is None else replace(data, frame=data.frame.iloc[::-1])
        for name, data in study.layers.items()
    }
    sheets = {year: sheet.iloc[::-1] for year, sheet in study.assessments.items()}
    other = replace(study, layers=layers, assessments=sheets, travels={})
    findings = judged.findings.iloc[::-1]
    again = find_options(replace(judged, study=other, findings=findings))
    pd.testing.assert_frame_equal(again.ways, options.ways)
    assert again.table.drop(columns="geometry").equals(options.table.drop(columns="geometry"))


def test_the_least_steps_are_found_whatever_is_guessed():
    wanted = np.array([1, 5, 17, 40, 99, 3])
    most = np.array([1, 9, 17, 64, 40, 0])
    tried = []

    def meets(at, steps):
        tried.append(len(at))
        return steps >= wanted[at]

    for guess in (None, wanted, wanted + 1, wanted * 0, wanted * 9 - 40):
        assert least_steps(meets, most, guess).tolist() == [1, 5, 17, 40, 0, 0]
    tried.clear()
    least_steps(meets, most, wanted)
    assert len(tried) <= 3


def test_sizes_that_are_tried_for_one_village_are_told_of_all():
    wanted, tried = np.array([3, 17, 200, 1]), []

    def met(size):
        tried.append(size)
        return size >= wanted

    for guess in (wanted, wanted + 2, np.array([1, 1, 1, 1]), wanted * 50):
        assert _least_for_each(met, 100, guess).tolist() == [3, 17, 0, 1]
    assert len(tried) < 60


def test_the_cheapest_of_amounts_that_add_up_is_the_cheapest_of_all_choices():
    random = np.random.default_rng(4)
    for _ in range(200):
        count = int(random.integers(1, 9))
        costs, amounts = (
            random.integers(1, 30, count).astype(float),
            random.integers(1, 9, count).astype(float),
        )
        need = float(random.integers(1, 30))
        taken = _cheapest(costs, amounts, need)
        choices = np.arange(1 << count)[:, None] >> np.arange(count) & 1
        enough = choices @ amounts >= need
        if not enough.any():
            assert len(taken) == 0
            continue
        assert amounts[taken].sum() >= need
        assert costs[taken].sum() == (choices @ costs)[enough].min()
    many = _cheapest(np.arange(1.0, 31.0), np.ones(30), 7.0)
    assert many.tolist() == list(range(7))


def test_facilities_that_do_not_work_are_kept_apart_and_may_be_repaired(judged, options):
    data = judged.study.layers["water_schemes"]
    assert len(data.closed) == data.counts["closed"] > 0
    assert not data.closed.index.isin(data.frame.index).any()
    repairs = options.table[options.table["intervention"] == "repair-water-scheme"]
    assert len(repairs)
    for id_, repair in repairs.iterrows():
        assert id_ == f"repair-water-scheme@{repair['place']}"
        opened = edited(judged.study, repair["edits"]).layers["water_schemes"].frame
        assert opened.geometry[repair["place"]] == data.closed.geometry[repair["place"]]


def test_a_planners_own_work_takes_the_place_of_the_generated_one_and_ways_alike_are_one(judged, options):
    id_ = options.ways["option_id"].iloc[0]
    table = options.table.loc[[id_]].assign(cost=1.0, source="proposed")
    own = replace(options, table=table, ways=options.ways[options.ways["option_id"] == id_])
    both = find_options(judged, own=own)
    assert both.table.at[id_, "cost"] == 1 and both.table.at[id_, "source"] == "proposed"
    assert both.table.index.equals(options.table.index)
    alike = both.ways.groupby(["village_id", "criterion", "way"])["option_id"].agg(tuple).reset_index()
    assert not alike.duplicated(["village_id", "criterion", "option_id"]).any()
    assert len(alike) == len(options.ways.drop_duplicates(["village_id", "criterion", "way"]))


def test_a_cost_that_the_planner_gives_is_the_planners(options):
    id_ = options.table.index[options.table["cost_by"] == "assumption"][0]
    given = changed(options, {id_: 2 * options.table.at[id_, "cost"], "no-such-work": 5.0})
    row, before = given.table.loc[id_], options.table.loc[id_]
    assert row["cost"] == row["cost_low"] == row["cost_high"] == 2 * before["cost"]
    assert row["maintenance"] == pytest.approx(2 * before["maintenance"]) and row["cost_by"] == "user"
    assert given.table.drop(index=id_)["cost"].equals(options.table.drop(index=id_)["cost"])
