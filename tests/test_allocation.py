"""Places filled in the order of time: small cases by hand, and what holds of all of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from gis.allocation import allocate, without_place


def people(**counts):
    return pd.Series(counts, dtype=float)


def ways(**times):
    """Pairs from ``village_facility=time``."""
    pairs = [(*name.split("_"), time) for name, time in times.items()]
    return pd.DataFrame(pairs, columns=["village", "facility", "time"])


def test_who_is_nearer_has_the_places_and_the_rest_goes_on_to_the_next():
    # a (60 people) is nearer to f (50 places) than b (30): a fills it, 10 of a go on to g (15), 5 of b have room there
    found = allocate(
        people(a=60, b=30), people(f=50, g=15), ways(a_f=5, b_f=8, a_g=20, b_g=30)
    )  # fmt: skip
    flows = found.flows.values.tolist()
    assert flows == [["a", "f", 5, 50], ["a", "g", 20, 10], ["b", "g", 30, 5]]
    assert found.villages["served"].tolist() == [60, 5]
    assert found.villages["overflow"].tolist() == [0, 25]
    assert found.villages["beyond"].tolist() == [0, 0]
    assert found.villages["nearest"].tolist() == ["f", "f"]
    assert found.villages["nearest_time"].tolist() == [5, 8]
    # (50 x 5 + 10 x 20) / 60
    assert found.villages["served_time"].tolist() == pytest.approx([7.5, 30])
    assert found.villages["farthest_time"].tolist() == [20, 30]


def test_a_facility_tells_whom_it_would_have_and_whom_it_has():
    found = allocate(people(a=60, b=30), people(f=50, g=15), ways(a_f=5, b_f=8, a_g=20, b_g=30))
    f, g = found.facilities.loc["f"], found.facilities.loc["g"]
    assert f[["wanted", "load", "over", "spare", "turned_away", "villages"]].tolist() == [
        90,
        50,
        40,
        0,
        25,
        1,
    ]
    assert g[["wanted", "load", "over", "spare", "turned_away", "villages"]].tolist() == [0, 15, 0, 0, 0, 2]


def test_none_in_reach_is_a_gap_of_distance_and_all_full_a_gap_of_capacity():
    found = allocate(people(a=10, b=10, c=0), people(f=0), ways(a_f=5))
    assert found.villages[["overflow", "beyond"]].values.tolist() == [[10, 0], [0, 10], [0, 0]]
    assert found.villages["nearest"].tolist() == ["f", None, None]
    assert found.villages["nearest_time"].tolist() == [5, np.inf, np.inf]


def test_no_facility_and_no_village_are_no_error():
    none = ways()
    assert allocate(people(a=3), people(), none).villages["beyond"].tolist() == [3]
    assert allocate(people(), people(f=3), none).facilities["spare"].tolist() == [3]


def test_of_equally_near_villages_the_first_by_id_comes_first():
    found = allocate(people(b=10, a=10), people(f=15), ways(b_f=5, a_f=5))
    assert found.villages["overflow"].to_dict() == {"a": 0, "b": 5}
    assert found.flows["village"].tolist() == ["a", "b"]


def test_a_facility_that_is_never_full_takes_all():
    found = allocate(people(a=10, b=7), people(f=np.inf), ways(a_f=5, b_f=6))
    assert found.facilities.loc["f", ["load", "spare", "over"]].tolist() == [17, np.inf, 0]


def test_people_may_start_from_several_places_of_one_village():
    # of the village's 30 people 20 live by the school of 15 and 10 out of its reach: both gaps, told apart
    found = allocate(people(near=20, far=10), people(f=15), ways(near_f=5)).villages.sum(numeric_only=True)
    assert found[["demand", "served", "overflow", "beyond"]].tolist() == [30, 15, 5, 10]


# --- what holds of every division -----------------------------------------------------------------------

counts = st.integers(0, 40)


@st.composite
def cases(draw):
    villages, facilities = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    demand = pd.Series({f"v{n}": float(draw(counts)) for n in range(villages)})
    capacity = pd.Series({f"f{n}": float(draw(counts)) for n in range(facilities)})
    pairs = [
        (village, facility, float(draw(st.integers(1, 9))))
        for village in demand.index
        for facility in capacity.index
        if draw(st.booleans())
    ]
    return (
        demand,
        capacity,
        pd.DataFrame(pairs, columns=["village", "facility", "time"]).astype({"time": float}),
    )


def left(case):
    """Who finds no place, by village."""
    return pd.Series(without_place(*case), case[0].index)


@given(cases())
def test_nobody_is_lost_and_nothing_is_over_its_capacity(case):
    demand, capacity, pairs = case
    found = allocate(*case)
    missing = found.villages["overflow"] + found.villages["beyond"]
    assert (found.villages["served"] + missing == demand).all() and (missing == left(case)).all()
    assert (found.facilities["load"] <= capacity).all()
    assert found.facilities["load"].sum() == found.villages["served"].sum() == found.flows["people"].sum()
    assert found.facilities["turned_away"].sum() == found.villages["overflow"].sum()


@given(cases())
def test_nobody_passes_by_a_place_that_is_free_or_taken_by_one_from_farther(case):
    demand, capacity, pairs = case
    found = allocate(*case)
    missing = left(case)
    ranked = found.flows.set_index(["village", "facility"])["people"]
    order = pairs.sort_values(["time", "village", "facility"]).reset_index(drop=True)
    for at, (village, facility) in enumerate(zip(order["village"], order["facility"], strict=True)):
        later = order.iloc[at + 1 :]
        wants = missing[village] > 0 or any(
            ranked.get((village, other), 0) > 0
            for other in later.loc[later["village"] == village, "facility"]
        )
        has_place = found.facilities.at[facility, "spare"] > 0 or any(
            ranked.get((other, facility), 0) > 0
            for other in later.loc[later["facility"] == facility, "village"]
        )
        assert not (wants and has_place), (village, facility)


@given(cases(), st.integers(0, 4), st.integers(1, 30))
def test_more_room_leaves_nobody_more_without_a_place(case, which, more):
    demand, capacity, pairs = case
    wider = capacity.copy()
    wider.iloc[which % len(capacity)] += more
    assert (left((demand, wider, pairs)) <= left(case)).all()


@given(cases())
def test_one_facility_more_leaves_nobody_more_without_a_place(case):
    demand, capacity, pairs = case
    fewer = pairs[pairs["facility"] != capacity.index[-1]]
    assert (left(case) <= left((demand, capacity.iloc[:-1], fewer))).all()


@given(cases(), st.integers(1, 9))
def test_a_longer_limit_never_leaves_more_without_a_place(case, limit):
    demand, capacity, pairs = case
    assert left(case).sum() <= left((demand, capacity, pairs[pairs["time"] <= limit])).sum()


@given(cases(), st.integers(0, 5), st.integers(1, 30))
def test_fewer_people_in_one_village_leave_no_other_with_more_overflow(case, which, fewer):
    demand, capacity, pairs = case
    less = demand.copy()
    less.iloc[which % len(demand)] = max(less.iloc[which % len(demand)] - fewer, 0)
    assert (left((less, capacity, pairs)) <= left(case)).all()


@given(cases())
def test_at_least_half_of_those_are_served_who_could_be_at_all(case):
    demand, capacity, pairs = case
    size = len(demand) + len(capacity) + 2
    edges = [(0, 1 + at, count) for at, count in enumerate(demand)]
    edges += [(1 + len(demand) + at, size - 1, count) for at, count in enumerate(capacity)]
    edges += [
        (1 + demand.index.get_loc(village), 1 + len(demand) + capacity.index.get_loc(facility), 1000)
        for village, facility in zip(pairs["village"], pairs["facility"], strict=True)
    ]
    start, end, room = np.array(edges, dtype=np.int32).T
    most = maximum_flow(csr_array((room, (start, end)), shape=(size, size)), 0, size - 1).flow_value
    served = allocate(*case).villages["served"].sum()
    assert most / 2 <= served <= most


def test_a_new_road_may_leave_more_without_a_place():
    # b lives by f alone; a had only g. With a road to f, a is nearer there than b and takes the one place
    demand, capacity = people(a=1, b=1), people(f=1, g=1)
    before, after = ways(a_g=9, b_f=5), ways(a_g=9, b_f=5, a_f=3)
    assert left((demand, capacity, before)).tolist() == [0, 0]
    assert left((demand, capacity, after)).tolist() == [0, 1]


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_rows_does_not_matter(case, random):
    demand, capacity, pairs = case
    rows = list(range(len(pairs)))
    random.shuffle(rows)
    mixed = allocate(demand.iloc[::-1], capacity.iloc[::-1], pairs.iloc[rows])
    found = allocate(*case)
    pd.testing.assert_frame_equal(mixed.villages.loc[demand.index], found.villages)
    pd.testing.assert_frame_equal(mixed.facilities.loc[capacity.index], found.facilities)
    pd.testing.assert_frame_equal(mixed.flows, found.flows)
