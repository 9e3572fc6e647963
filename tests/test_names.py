"""Comparing names however they are spelt."""

import subprocess
import sys
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import TableError
from gis.names import NameDecision, clean, fold, longest_patterns, match_names
from gis.names.distance import SURE, letters_apart, likeness
from gis.names.keys import read_name
from labelled_names import interval, lists, scores


def test_spellings_of_one_place_fold_to_the_same():
    spellings = [
        "Đăk Tô",
        "ĐẮK TÔ",
        "Đak-Tô",
        "dak to",
        unicodedata.normalize("NFD", "Đăk Tô"),
        "Đăk\u200b Tô",
    ]
    assert {fold(name) for name in spellings} == {"dak to"}


def test_tone_placement_does_not_matter():
    assert fold("Thôn Hoà Bình") == fold("Thôn Hòa Bình")


def test_a_stored_name_is_composed_and_without_invisible_characters():
    assert clean(unicodedata.normalize("NFD", " Đăk\u200b  Tô ")) == "Đăk Tô"
    assert clean("   ") is None


def test_the_longest_pattern_wins_so_a_sub_centre_is_no_health_centre():
    patterns = [("phc", "phc"), ("phc", "primary health"), ("subcentre", "sub cent")]
    assert longest_patterns("PHC Sub Centre", patterns) == ("subcentre",)
    assert longest_patterns("p.h.c", [("phc", "p h c")]) == ("phc",)
    assert longest_patterns("market", patterns) == ()


def test_a_pattern_of_two_kinds_gives_both():
    patterns = [("primary", "Primary"), ("primary", "Primary with Upper"), ("upper", "Primary with Upper")]
    assert longest_patterns("Primary with Upper Primary", patterns) == ("primary", "upper")


def test_a_pattern_of_two_letters_is_a_word_of_its_own():
    assert longest_patterns("TH Kim Đồng", [("primary", "th")]) == ("primary",)
    assert longest_patterns("THCS Đăk Tô", [("primary", "th")]) == ()


def alike(one, other):
    """What two names are to each other: a reason, with "near" where a person must say, or nothing."""
    found = likeness(read_name(one), read_name(other))
    return found and (found.reason if found.score >= SURE else "near")


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Kon Rbàng", "KON  RBÀNG", "same"),
        ("Hoà Bình", "Hòa Bình", "same"),
        ("Đăk Tô", "Đắk Tô", "same"),
        ("Đăk Rơ Wa", "dak ro wa", "spelling"),
        ("Rơ Kơi", "Rờ Kơi", "spelling"),
        ("Kon Rbàng", "Kon R'bang", "spelling"),
        ("Thôn 2", "thon02", "spelling"),
        ("Ngọc Linh", "Ngok Linh", "same"),
        ("Mỹ Tân", "Mĩ Tân", "same"),
        ("Thôn 2", "T.2", "place"),
        ("Thôn 2", "Thôn II", "place"),
        ("Thôn 2", "thôn hai", "place"),
        ("Thôn 12", "Thôn mười hai", "place"),
        ("Thôn 2", "THON HAI", "place"),
        ("Tổ dân phố 4", "TDP 4", "place"),
        ("Tổ 4", "tổ dân phố số 4", "place"),
        ("Làng Kon Rbàng", "Kon Rbàng", "place"),
        ("Thôn Đoàn Kết", "Làng Đoàn Kết", "place"),
        ("Plei Rơng", "Plây Rơng", "place"),
        ("Thôn 3 (Plei Rơng)", "Thôn 3", "place"),
        ("Thôn 3 (Plei Rơng)", "Plei Rơng", "place"),
        ("Thôn 3 (Plei Rơng)", "Plei Rơng - thôn III", "place"),
        ("Kon Rơ Bàng", "Làng Kon Rbàng", "place"),
        ("Thị trấn Đắk Hà", "TT. Đăk Hà", "place"),
        ("Thống Nhất", "Thốgn Nhất", "typing"),
        ("Thôn 4", "Thnô 4", "place"),
        ("Kon Tum", "Kon Tu", "near"),
        ("Hoà Bình", "Hoà Minh", "near"),
        ("Hoà Bình", "Bình Hoà", "near"),
        ("Tổ 4", "Thôn 4", "near"),
        ("Kon Rbàng", "Plei Rbàng", "near"),
        ("Kon Rbàng", "Kon Rbàng 1", "near"),
        ("Kon Rbàng", "Kon Rbàng Thượng", "near"),
        ("Thôn 3 (Plei Rơng)", "Thôn 4 (Plei Rơng)", "near"),
        ("Thôn 5", "thon nam", "near"),
        ("Thôn 1", "Thôn 11", None),
        ("Thôn 1", "Thôn 2", None),
        ("Kon Rbàng 1", "Kon Rbàng 2", None),
        ("Kon Rbàng I", "Kon Rbàng II", None),
        ("Đăk A", "Đăk B", None),
        ("Kon Plông Bắc", "Kon Plông Nam", None),
        ("Đăk Tô Trên", "Đăk Tô Dưới", None),
        ("Đăk Mế", "Đăk Mế Mới", "near"),
    ],
)
def test_what_two_names_are_to_each_other_does_not_depend_on_their_order(one, other, reason):
    assert alike(one, other) == alike(other, one) == reason


TYPED = st.one_of(
    st.text(max_size=16), st.text(alphabet="tThôn 12IVXx().,-'/aĐăắkổdpK\u0301\u0306\u200bj", max_size=16)
)


@given(TYPED, TYPED)
def test_any_text_can_be_compared_and_both_ways_give_the_same(one, other):
    there, back = likeness(read_name(one), read_name(other)), likeness(read_name(other), read_name(one))
    assert (there is None) == (back is None)
    assert there is None or 0 <= there.score <= 1 and there.score == pytest.approx(back.score)
    assert likeness(read_name(one), read_name(one)).score == 1


@given(st.text("abckđăơi", max_size=8), st.text("abckđăơi", max_size=8))
def test_a_weighted_distance_is_no_more_than_the_plain_one_and_zero_for_the_same_only(one, other):
    from rapidfuzz.distance import OSA

    apart = letters_apart(one, other)
    assert (apart == 0) == (one == other) and apart == letters_apart(other, one)
    assert apart <= OSA.distance(one, other) + 1e-9


def test_names_of_absurd_length_end_in_an_answer():
    long = "Kon " + "ba" * 20_000
    assert outcomes(frame(long, "9" * 6000), frame(long + "x", "8" * 6000)) == [("none", "nothing")] * 2
    assert alike(long, long.upper()) == "same"


def frame(*names, commune="x", key="v"):
    return pd.DataFrame(
        {"id": [f"{key}{at}" for at in range(len(names))], "name": list(names), "commune": commune}
    )


def outcomes(left, right, **options):
    table = match_names(left, right, **options).table
    return [(row.outcome, row.right_id if row.right_id else row.reason) for row in table.itertuples()]


def test_homonyms_of_other_communes_are_never_mixed():
    right = pd.concat([frame("Thôn 1", commune="x", key="x"), frame("Thôn 1", commune="y", key="y")])
    left = pd.concat([frame("thôn một", commune="y", key="a"), frame("T1", commune="x", key="b")])
    assert match_names(left, right).joined.to_dict() == {"a0": "y0", "b0": "x0"}


def test_a_name_that_two_villages_share_is_for_a_person_and_so_is_one_that_fits_two_alike():
    right = frame("Kon Rbàng Thượng", "Kon Rbàng Hạ", "Plei Rơng", "Plei Rơng")
    assert outcomes(frame("Kon Rbàng", "Plei Rơng"), right) == [("review", "near"), ("review", "several")]
    assert outcomes(frame("Kon Rbang"), frame("Kon Rbàng", "Kon Rbáng")) == [("review", "several")]


def test_a_name_is_joined_once_and_what_is_written_alike_goes_first():
    right = frame("Kon Rbàng", "Kon Rbáng")
    assert outcomes(frame("Kon Rbáng", "Kon Rbàng"), right) == [("automatic", "v1"), ("automatic", "v0")]
    assert outcomes(frame("Đoàn Kết", "Thôn Đoàn Kêt"), frame("Đoàn Kết")) == [
        ("automatic", "v0"),
        ("review", "taken"),
    ]


def test_names_to_review_are_proposed_one_to_one():
    left, right = frame("Làng Rơng", "Rơng"), frame("Kon Rơng", "Plei Rơng")
    table = match_names(left, right).table
    assert table["outcome"].tolist() == ["review", "review"]
    assert sorted(found[0].id for found in table["candidates"]) == ["v0", "v1"]


def test_further_names_of_a_village_count():
    right = frame("Thôn 4", "Thôn 5").assign(alternates=[["Plei Trang"], None])
    assert outcomes(frame("làng Plei Trang", key="r"), right) == [("automatic", "v0")]


def test_a_row_without_commune_joins_only_a_name_that_is_there_once():
    right = pd.concat([
        frame("Thôn 1", "Kon Rbàng", commune="x", key="x"), frame("Thôn 1", "Plei Rơng", commune="y", key="y")
    ])  # fmt: skip
    left = frame("Thôn 1", "KON RBANG", "làng Plei Rơng", "Xốp Dùi", commune=None)
    assert outcomes(left, right) == [
        ("review", "commune-unknown"), ("automatic", "x1"), ("review", "commune-unknown"), ("none", "nothing")
    ]  # fmt: skip
    twice = frame("Kon Rbàng", "Kon Rbang", commune=None)
    assert {outcome for outcome, _ in outcomes(twice, right)} == {"review"}
    # where there is one commune only it is of that one
    assert outcomes(frame("T1", commune=None), frame("Thôn 1", "Thôn 2")) == [("automatic", "v0")]


def test_a_row_of_a_commune_that_is_not_there_is_never_automatic():
    left = frame("Thôn 1", "Kon Rbàng", commune="z")
    assert outcomes(left, frame("Thôn 1", "Kon Rbàng")) == [
        ("none", "nothing"),
        ("review", "commune-unknown"),
    ]


def test_decisions_join_first_hold_for_every_spelling_alike_and_the_latest_wins():
    right = frame("Kon Rbàng Thượng", "Kon Rbàng Hạ")
    made = [
        NameDecision("Kon Rbàng", "x", "v0", "An", "2023-05-01"),
        NameDecision("KON RBÀNG", "x", "v1", "Bình", "2024-05-01"),
    ]
    assert outcomes(frame("kon rbàng"), right, decisions=made) == [("decided", "v1")]
    assert outcomes(frame("kon rbàng"), right, decisions=made[::-1]) == [("decided", "v1")]
    assert outcomes(frame("Kon Rbàng", commune="y"), right, decisions=made) == [("none", "nothing")]
    none = [NameDecision("Kon Rbàng Hạ", "x", None)]
    assert outcomes(frame("Kon Rbàng Hạ"), right, decisions=none) == [("decided", "decided")]
    gone = match_names(frame("Kon Rbàng"), right, decisions=[NameDecision("Kon Rbàng", "x", "v7")])
    assert gone.problems[0].code == "match-decision-without-place" and gone.counts["decided"] == 0


def test_lists_without_needed_columns_or_with_an_id_twice_are_refused():
    with pytest.raises(TableError, match="commune"):
        match_names(frame("a").drop(columns="commune"), frame("a"))
    with pytest.raises(TableError, match="v0"):
        match_names(frame("a"), pd.concat([frame("a"), frame("b")]))


def test_empty_lists_and_empty_names_are_no_match():
    assert outcomes(frame(), frame("a")) == []
    assert outcomes(frame(None, "", " . "), frame("a", None)) == [("none", "nothing")] * 3


def test_the_order_of_rows_changes_nothing():
    left, right = lists(11, communes=40)
    rng = np.random.default_rng(0)
    first = match_names(left, right).table
    for _ in range(2):
        again = match_names(
            left.iloc[rng.permutation(len(left))], right.iloc[rng.permutation(len(right))]
        ).table
        pd.testing.assert_frame_equal(again, first)


def test_what_is_joined_without_a_person_is_right_on_thousands_of_spellings():
    """Precision 3,632 of 3,636 (95 %: 0.9972 to 0.9996), recall 3,632 of 3,762 (0.9591 to 0.9708) for this seed."""
    left, right = lists(2025)
    hits, automatic, pairs = scores(match_names(left, right).table, left.set_index("id")["truth"])
    assert len(left) > 4000 and set(left["rule"]) >= {
        "roman",
        "in words",
        "đăk",
        "slip",
        "near name",
        "absent",
        "swapped",
    }
    assert hits / automatic >= 0.995 and interval(hits, automatic)[0] >= 0.995
    assert hits / pairs >= 0.95 and interval(hits, pairs)[0] >= 0.95


def test_the_measure_can_fail():
    left, right = lists(3, communes=30)
    truth = left.set_index("id")["truth"]
    wrong = pd.DataFrame({"left_id": left["id"], "right_id": right["id"].iloc[0], "outcome": "automatic"})
    hits, automatic, _ = scores(wrong, truth)
    assert hits / automatic < 0.1
    low, high = interval(99, 100)
    assert low == pytest.approx(0.9455, abs=1e-4) and high == pytest.approx(0.9982, abs=1e-4)


@pytest.fixture(scope="module")
def kontum(shared_data):
    """Old communes of Kon Tum, and the names by which the communes of 2025 call those that they were made of."""
    import pyogrio

    old = pd.read_csv(shared_data / "kontum" / "kontum_communes_pre2025_list.csv", dtype=str)
    new = pyogrio.read_dataframe(shared_data / "kontum" / "kontum_communes_2025.gpkg", read_geometry=False)
    parts = [
        (f"{row.code}-{at}", part.strip(), row.code)
        for row in new.itertuples()
        for at, part in enumerate(
            (row.full_name if row.merged_from == "giữ nguyên" else row.merged_from).split(",")
        )
    ]
    left = pd.DataFrame({"id": old["district_code"] + "-" + old["commune_code"], "name": old["commune"]})
    return old, new, left, pd.DataFrame(parts, columns=["id", "name", "commune"])


@pytest.mark.real
def test_old_communes_of_kon_tum_find_themselves_in_the_new_ones(kontum):
    old, _, left, parts = kontum
    report = match_names(left.assign(commune=old["commune_2025_code"]), parts)
    assert dict(report.counts) == {"automatic": 99, "decided": 0, "review": 2, "none": 1}
    open_ = report.table[report.table["right_id"].isna()]
    assert open_["name"].tolist() == ["Xã Đắk Blô", "Xã Bờ Y", "Xã Măng Buk"]
    # as one field of 102 the two Đắk Long and the two Đắk Hà are for a person, the rest is right
    report = match_names(left.assign(commune="x"), parts.assign(commune="x"))
    found = report.joined.map(parts.set_index("id")["commune"])
    truth = old["commune_2025_code"].set_axis(left["id"])
    assert len(found) == 97 and (found == truth.reindex(found.index)).all()


@pytest.mark.real
def test_names_of_communes_and_districts_of_two_offices_match(kontum, shared_data):
    import pyogrio

    old, new, _, _ = kontum
    known = pd.DataFrame({"id": new["code"], "name": new["full_name"], "commune": "x"})
    named = pd.DataFrame(
        {"id": range(len(old)), "name": old["commune_2025"], "commune": "x"}
    ).drop_duplicates("name")
    joined = match_names(named, known).joined
    assert joined.tolist() == old["commune_2025_code"][joined.index].tolist() and len(joined) == 40
    path = shared_data / "kontum" / "kontum_districts_pre2025.gpkg"
    districts = pyogrio.read_dataframe(path, layer="districts", read_geometry=False)
    right = pd.DataFrame({"id": districts["level2_id"], "name": districts["name"], "commune": "x"})
    names = [name.replace("Đắk", "Đăk").replace("Huyện", "H.").upper() for name in districts["name"]]
    left = pd.DataFrame({"id": districts["level2_id"], "name": names, "commune": "x"})
    report = match_names(left, right)
    assert report.counts["automatic"] == 10 and (report.joined == report.joined.index).all()


@pytest.mark.real
def test_villages_of_sikkim_match_between_two_censuses(shared_data):
    """Precision 389 of 389 (95 %: 0.9902 to 1), recall 389 of 393 (0.974 to 0.996); 16 are spelt otherwise."""
    listed = pd.read_csv(shared_data / "sikkim" / "sikkim_village_codes_2001_2011.csv", dtype=str)
    listed = listed.dropna(subset="village_name_2001")
    block = listed["sub_district_code_2011"]
    left = pd.DataFrame(
        {"id": listed["village_code_2011"], "name": listed["village_name_2001"], "commune": block}
    )
    right = pd.DataFrame(
        {"id": listed["village_code_2011"], "name": listed["village_name_2011"], "commune": block}
    )
    report = match_names(left, right)
    assert (report.joined == report.joined.index).all()
    assert dict(report.counts) == {"automatic": 389, "decided": 0, "review": 4, "none": 0}


def test_folding_loads_nothing_that_the_reader_of_files_does_without():
    code = "import sys, gis.names; print([name for name in ('rapidfuzz', 'scipy', 'pandas', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
