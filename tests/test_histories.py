"""Units that merge, split and change their names."""

import numpy as np
import pandas as pd
import pytest

from gis.errors import TableError
from gis.histories import Share, carry, lineage, old_units, read_crosswalk

RULES = {"households": "count", "rate": Share("households"), "market": "agree", "note": "text"}


def steps(*rows):
    """A crosswalk of (old, new, kind, share) of 1 July 2025; a fifth item is another date."""
    keys = ("old_id", "new_id", "kind", "share", "date")
    return read_crosswalk(
        [
            dict(zip(keys, (*row, "2025-07-01") if len(row) < 5 else row, strict=True))
            | {"old_name": f"Xã {row[0]}"}
            for row in rows
        ]
    )


def table(**rows):
    return pd.DataFrame.from_dict(rows, orient="index", columns=["households", "rate", "market", "note"])


MERGED = steps(("a", "n", "merge", None), ("b", "n", "merge", None))


def test_merged_units_add_counts_weigh_shares_and_keep_what_they_agree_on():
    old = table(a=[100.0, 10.0, 1.0, "x"], b=[300.0, 30.0, 1.0, "y"], c=[7.0, 5.0, 0.0, None])
    new, problems = carry(old, MERGED, to="new", rules=RULES, at="2024-12-31")
    # (100 x 10 + 300 x 30) / 400 = 25
    assert new.loc["n"].tolist() == [400.0, 25.0, 1.0, "x; y"]
    assert new.loc["c"].tolist()[:3] == [7.0, 5.0, 0.0] and not problems


def test_yes_and_no_of_merged_units_become_unknown_and_are_told():
    new, problems = carry(
        table(a=[1.0, 1.0, 1.0, None], b=[1.0, 1.0, 0.0, None]),
        MERGED,
        to="new",
        rules=RULES,
        at="2024-12-31",
    )
    assert np.isnan(new.loc["n", "market"]) and new.loc["n", "households"] == 2
    assert [problem.code for problem in problems] == ["history-parts-unknown"]
    assert problems[0].arguments["columns"] == ["market"] and "n" in problems[0].say("vi")


def test_a_part_that_is_not_in_the_table_makes_the_sum_unknown():
    new, problems = carry(table(a=[1.0, 1.0, 1.0, None]), MERGED, to="new", rules=RULES, at="2024-12-31")
    assert np.isnan(new.loc["n", "households"]) and problems


def test_a_split_needs_shares_and_then_keeps_the_sum():
    old = table(a=[100.0, 10.0, 1.0, "x"])
    known = steps(("a", "m", "split", "0.25"), ("a", "n", "split", "0,75"))
    new, _ = carry(old, known, to="new", rules=RULES, at="2024-12-31")
    assert new["households"].to_dict() == {"m": 25.0, "n": 75.0} and new["rate"].tolist() == [10.0, 10.0]
    assert new["market"].isna().all()
    blind, problems = carry(
        old,
        steps(("a", "m", "split", None), ("a", "n", "split", None)),
        to="new",
        rules=RULES,
        at="2024-12-31",
    )
    assert blind[["households", "rate"]].isna().all(axis=None)
    assert [problem.code for problem in problems] == ["history-divided-without-share"]


def test_a_transfer_leaves_the_rest_where_it_was():
    moved = steps(("a", "b", "transfer", "0.1"))
    old = table(a=[100.0, 10.0, 1.0, None], b=[50.0, 4.0, 1.0, None])
    new, _ = carry(old, moved, to="new", rules=RULES, at="2024-12-31")
    assert new["households"].to_dict() == {"a": 90.0, "b": 60.0}
    assert new["households"].sum() == old["households"].sum()


def test_a_rename_there_and_back_changes_nothing():
    renamed = steps(("a", "z", "rename", None), ("b", "b", "same", None))
    old = table(a=[1.0, 2.0, 0.0, "x"], b=[3.0, 4.0, 1.0, None])
    new, _ = carry(old, renamed, to="new", rules=RULES, at="2024-12-31")
    assert list(new.index) == ["b", "z"]
    back, problems = carry(new, renamed, to="old", rules=RULES, at="2024-12-31")
    pd.testing.assert_frame_equal(back, old)
    assert not problems


def test_back_from_a_merger_is_unknown_without_weights_and_keeps_the_sum_with_them():
    new = table(n=[400.0, 25.0, 1.0, "x"])
    blind, problems = carry(new, MERGED, to="old", rules=RULES, at="2024-12-31")
    assert blind["households"].isna().all() and problems[0].code == "history-divided-without-share"
    weighed, _ = carry(
        new, MERGED, to="old", rules=RULES, at="2024-12-31", weights=pd.Series({"a": 1.0, "b": 3.0})
    )
    assert weighed["households"].to_dict() == {"a": 100.0, "b": 300.0}


def test_back_from_a_split_adds_up():
    split = steps(("a", "m", "split", None), ("a", "n", "split", None))
    back, _ = carry(
        table(m=[1.0, 10.0, 1.0, None], n=[3.0, 30.0, 1.0, None]),
        split,
        to="old",
        rules=RULES,
        at="2024-12-31",
    )
    assert back.loc["a"].tolist()[:3] == [4.0, 25.0, 1.0]


def test_steps_chain_by_date_and_only_those_after_the_table():
    chain = steps(
        ("a", "b", "rename", None, "2020"),
        ("b", "c", "merge", None, "2025-07-01"),
        ("d", "c", "merge", None, "2025-07-01"),
    )
    old = table(a=[1.0, 1.0, 1.0, None], d=[2.0, 1.0, 1.0, None])
    new, _ = carry(old, chain, to="new", rules=RULES, at="2019-12-31")
    assert new["households"].to_dict() == {"c": 3.0}
    half, _ = carry(old, chain, to="new", rules=RULES, at="2019-12-31", until="2021-01-01")
    assert half["households"].to_dict() == {"b": 1.0, "d": 2.0}
    assert lineage(chain, "a", "2021-01-01") == ("b",) and lineage(chain, "a", "2026-01-01") == ("c",)
    assert lineage(chain, "c", "2021-01-01", known="new") == ("b", "d")
    assert lineage(chain, "c", "2019-01-01", known="new") == ("a", "d")


def test_a_unit_that_takes_in_another_goes_on_without_a_row_of_its_own():
    grown = steps(("a", "b", "merge", None))
    assert lineage(grown, "b", "2020-01-01", known="new") == ("a", "b")
    new, _ = carry(
        table(a=[1.0, 1.0, 1.0, None], b=[2.0, 1.0, 1.0, None]),
        steps(("a", "b", "merge", None)), to="new", rules=RULES, at="2024-12-31",
    )  # fmt: skip
    assert new["households"].to_dict() == {"b": 3.0}


def test_old_units_have_their_old_names_and_the_commune_of_what_they_became():
    today = pd.DataFrame({"name": ["Mới", "Khác"], "commune_id": ["x", "y"]}, index=["n", "k"])
    old = old_units(MERGED, today, "2024-12-31")
    assert (
        old["name"].to_dict() == {"a": "Xã a", "b": "Xã b", "k": "Khác"} and old.loc["a", "commune_id"] == "x"
    )


def test_all_parts_of_a_split_unit_were_one_before():
    today = pd.DataFrame({"name": ["Một", "Hai", "Khác"], "commune_id": "x"}, index=["m", "n", "k"])
    split = steps(("a", "m", "split", "0.5"), ("a", "n", "split", "0.5"))
    assert old_units(split, today, "2024-12-31").index.tolist() == ["a", "k"]


def test_all_faults_of_a_crosswalk_come_at_once():
    rows = [
        {"old_id": "a", "new_id": None, "kind": "merge", "date": "2025"},
        {"old_id": "a", "new_id": "b", "kind": "vanish", "date": "soon", "share": "2"},
        {"old_id": "c", "new_id": "d", "kind": "split", "date": "2025", "share": "0.5"},
        {"old_id": "e", "new_id": "f", "kind": "same", "date": "2025"},
        {"old_id": "e", "new_id": "f", "kind": "same", "date": "2025"},
    ]
    with pytest.raises(TableError) as fault:
        read_crosswalk(rows, file="ls.csv")
    codes = {problem.code for problem in fault.value.problems}
    assert codes == {
        "history-no-id", "history-unknown-kind", "history-no-date", "history-impossible-share",
        "history-shares-not-one", "history-row-twice",
    }  # fmt: skip
    assert "vanish (2)" in fault.value.say("vi")


def test_a_column_without_a_rule_is_refused():
    with pytest.raises(TableError):
        carry(table(a=[1.0, 1.0, 1.0, None]).assign(other=1), MERGED, to="new", rules=RULES, at="2024-12-31")


@pytest.fixture(scope="module")
def kontum(shared_data):
    """The old communes and the crosswalk that their list makes."""
    listed = pd.read_csv(shared_data / "kontum" / "kontum_communes_pre2025_list.csv", dtype=str)
    parts = listed["commune_2025_code"].value_counts()
    rows = [
        {
            "old_id": f"{row.district_code}-{row.commune_code}", "old_name": row.commune, "new_id": row.commune_2025_code,
            "new_name": row.commune_2025, "kind": "merge" if parts[row.commune_2025_code] > 1 else "rename",
            "date": "2025-07-01",
        }
        for row in listed.itertuples()
    ]  # fmt: skip
    return listed.assign(unit=listed["district_code"] + "-" + listed["commune_code"]), read_crosswalk(rows)


def test_every_commune_of_kon_tum_has_a_new_one_and_no_household_is_lost(kontum):
    listed, crosswalk = kontum
    rng = np.random.default_rng(4)
    old = pd.DataFrame(
        {"households": rng.integers(50, 3000, 102).astype(float), "rate": rng.uniform(0, 90, 102)},
        index=listed["unit"],
    )
    new, problems = carry(old, crosswalk, to="new", rules=RULES, at="2024-12-31")
    assert len(old) == 102 and len(new) == 40 and not problems
    assert new["households"].sum() == old["households"].sum()
    poor = (old["households"] * old["rate"]).sum()
    assert (new["households"] * new["rate"]).sum() == pytest.approx(poor, rel=1e-12)
    parts = listed.groupby("commune_2025_code").size()
    assert parts.max() == 5 and (parts == 1).sum() == 4
    back, _ = carry(new, crosswalk, to="old", rules=RULES, at="2024-12-31", weights=old["households"])
    pd.testing.assert_series_equal(back["households"], old["households"].sort_index(), check_names=False)
