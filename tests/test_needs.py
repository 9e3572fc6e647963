"""The planner's own needs list: written, edited and read back; what own works close, judged again."""

import math

import geopandas as gpd
import pytest
from pandas.testing import assert_frame_equal
from shapely import LineString

from gis.errors import TableError
from gis.interventions import load_interventions
from gis.labels import LANGUAGES
from gis.plan import edited, find_options
from gis.plan.needs import COLUMNS, needs_from_rows, needs_to_rows, own_options
from gis.workflows import judge, read_needs, write_needs

WORKS = load_interventions()


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    from gis.sample import make_sample
    from gis.workflows import read_study

    path = make_sample(tmp_path_factory.mktemp("needs"), villages=24, seed=3)
    return judge(read_study(path, criteria="kontum-dtts-village-2022"))


@pytest.fixture(scope="module")
def options(judged):
    return find_options(judged, WORKS)


def gap_of(judged, criterion, number=0):
    """The numbers of one gap: village, how much is missing to the figure."""
    findings = judged.findings
    rows = findings[(findings["status"] == "unmet") & (findings["criterion"] == criterion)]
    row = rows.iloc[number]
    return row["village_id"], row["threshold"] * row["denominator"] / 100 - row["numerator"]


def read(judged, rows, options=None, **more):
    return needs_from_rows(rows, judged, WORKS, options, file="nhu-cau.xlsx", **more)


HEAD = [
    "Mã thôn",
    "Loại công trình",
    "Khối lượng",
    "Kinh phí (triệu đồng)",
    "Đã quyết định",
    "Tên công trình",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_needs_list_sent_back_unread_changes_nothing(judged, options, tmp_path, language):
    write_needs(options, judged, tmp_path / "nhu-cau.xlsx", language=language)
    needs = read_needs(tmp_path / "nhu-cau.xlsx", judged, options)
    assert (needs.costs, needs.locked, needs.banned, len(needs.works), needs.problems) == ({}, (), (), 0, ())
    same = needs.applied(options)
    assert_frame_equal(same.table, options.table)
    assert_frame_equal(same.ways, options.ways)


def test_what_a_planner_writes_beside_generated_options_holds(judged, options):
    rows = needs_to_rows(options, judged, WORKS, "vi")
    at = {name: place for place, name in enumerate(COLUMNS)}
    by_id = {row[at["id"]]: row for row in rows[1:]}
    one, other, third = list(by_id)[:3]
    by_id[one][at["cost"]] = 123.5
    by_id[one][at["year"]], by_id[one][at["note"]] = 2027, "theo dự toán"
    by_id[other][at["wanted"]] = "bắt buộc"
    by_id[third][at["wanted"]] = "Loại"
    needs = read(judged, rows, options)
    assert (needs.costs, needs.locked, needs.banned) == ({one: 123.5e6}, (other,), (third,))
    assert needs.notes.loc[one, ["year", "note"]].tolist() == [2027, "theo dự toán"]
    table = needs.applied(options).table
    assert table.loc[one, ["cost", "cost_low", "cost_high", "cost_by"]].tolist() == [123.5e6] * 3 + ["user"]
    assert table.loc[[other, third], "wanted"].tolist() == ["in", "out"]
    rows = needs_to_rows(needs.applied(options), judged, WORKS, "en", notes=needs.notes)
    again = read(judged, rows, needs.applied(options))
    assert (again.costs, again.locked, again.banned) == ({}, (other,), (third,)), "it reads back what it says"


def test_own_works_are_matched_by_name_priced_and_close_what_is_met_when_judged_again(judged, options):
    villages = judged.study.villages
    house, _ = gap_of(judged, "culture-house")
    road, km = gap_of(judged, "village-axis-road")
    wet, ha = gap_of(judged, "irrigation")
    rows = [["Xã", "Thôn", "Hạng mục", "Quy mô", "Kinh phí (triệu đồng)", "Đã quyết định"]]
    for village, kind, quantity, cost, decided in (
        (house, "Xây nhà văn hóa thôn", None, 900, "x"),
        (road, "harden-village-road", math.ceil(10 * km) / 10, None, None),
        (wet, "Extend canals and the irrigated area", ha / 2, 80, None),
    ):
        rows.append(
            [
                villages.at[village, "commune"],
                villages.at[village, "name"].upper(),
                kind,
                quantity,
                cost,
                decided,
            ]
        )
    needs = own_options(read(judged, rows), judged, WORKS)
    own = needs.own
    assert own.table["village_id"].tolist() == [house, wet, road]
    assert own.table["cost_by"].tolist() == ["user", "user", "assumption"]
    assert own.table["cost"].tolist()[:2] == [9e8, 8e7]
    assert own.table["wanted"].tolist() == ["in", None, None]
    gaps = set(zip(own.ways["village_id"], own.ways["criterion"], strict=True))
    assert gaps == {(house, "culture-house"), (road, "village-axis-road")}, "half a canal closes nothing"
    assert [problem.code for problem in needs.problems] == ["needs-close-nothing"]
    after = judge(edited(judged.study, [edit for edits in own.table["edits"] for edit in edits])).findings
    met = after[after["status"] == "met"].set_index(["village_id", "criterion"]).index
    assert all(gap in met for gap in gaps)
    both = needs.applied(options)
    assert len(both.table) == len(options.table) + 3 and len(both.ways) == len(options.ways) + 2
    part = both.ways[both.ways["village_id"] == road].groupby(["criterion", "way"])["option_id"].agg(list)
    assert len(part) == part.map(tuple).nunique(), "the own way is one more way"


def test_two_half_roads_close_together_what_neither_closes_and_a_third_is_spared(judged):
    village, km = gap_of(judged, "village-axis-road")
    half = math.ceil(50 * km) / 100
    rows = [HEAD, *([village, "harden-village-road", half, 10 + n, None, f"đoạn {n}"] for n in (1, 2))]
    rows.append([village, "household-water", 1, 5, None, None])
    needs = own_options(read(judged, rows), judged, WORKS)
    ways = needs.own.ways[needs.own.ways["criterion"] == "village-axis-road"]
    assert ways["option_id"].tolist() == [f"own:harden-village-road@{village}{mark}" for mark in ("", "#2")]
    assert (
        ways["need"].tolist() == [2, 2] and ways["amount"].tolist() == [1, 1] and ways["way"].nunique() == 1
    )
    (
        assert_frame_equal(needs.works, read(judged, [HEAD, *rows[:0:-1]]).works),
        "whatever the order of the rows",
    )


def test_works_drawn_in_a_layer_lie_in_the_village_where_they_are_drawn(judged, tmp_path):
    villages = judged.study.villages
    house, _ = gap_of(judged, "culture-house")
    point = villages["point"][house]
    line = LineString([(point.x, point.y), (point.x + 300, point.y + 40)])
    drawn = gpd.GeoDataFrame(
        {
            "loai cong trinh": ["Xây nhà văn hóa thôn", "Mở mới đường thôn"],
            "so luong": [None, 0.3],
            "kinh phi": [950, None],
        },
        geometry=[point, line],
        crs=judged.study.crs,
    ).to_crs(4326)
    drawn.to_file(tmp_path / "nhu_cau.gpkg")
    needs = read_needs(tmp_path / "nhu_cau.gpkg", judged)
    assert needs.own.table["village_id"].tolist() == [house, house]
    built, opened = (edits[-1] for edits in needs.own.table["edits"])
    assert (built.does, opened.does) == ("build", "road")
    assert abs(built.what["x"] - point.x) < 0.01 and len(opened.what["line"]) == 2
    assert (house, "culture-house") in set(
        zip(needs.own.ways["village_id"], needs.own.ways["criterion"], strict=True)
    )
    assert needs.own.table.geometry.iloc[1].geom_type == "LineString"


def test_a_named_road_is_improved_where_it_lies(judged):
    roads = judged.study.layers["roads"].frame
    road = roads.index[(roads["class"] == "village") & (roads.length > 400)][0]
    village = judged.study.villages.index[0]
    rows = [[*HEAD, "Tuyến, địa điểm"], [village, "harden-village-road", 0.2, 100, None, None, road]]
    (edits,) = own_options(read(judged, rows), judged, WORKS).own.table["edits"]
    assert edits[-1].does == "improve" and edits[-1].what["id"] == road and edits[-1].what["to_m"] == 200


def test_every_wrong_row_of_a_needs_list_has_its_sentence(judged, options):
    village = judged.study.villages.index[0]
    known = options.table.index[0]
    head = [
        "Mã phương án",
        "Mã thôn",
        "Loại công trình",
        "Khối lượng",
        "Kinh phí (triệu đồng)",
        "Đã quyết định",
        "Chọn",
        "Năm",
    ]
    rows = [
        head,
        [None, village, "sân bay", 1, None, None, None, None],
        [None, village, "harden-alley", None, None, None, None, None],
        [None, village, "harden-alley", -2, None, None, None, None],
        [None, village, "build-weir", None, "1.250", None, None, None],
        [None, village, "build-weir", None, None, "có lẽ", None, None],
        [None, village, "build-weir", None, None, None, "tùy", None],
        [None, village, "build-weir", None, None, "có", "loại", None],
        [None, village, "build-weir", None, None, None, None, 27],
        [known, None, None, 9999, None, None, None, None],
        [known, None, None, None, None, None, None, None],
    ]
    with pytest.raises(TableError) as fault:
        read(judged, rows, options)
    found = [(p.arguments["row"], p.code) for p in fault.value.problems]
    assert found == [
        (2, "needs-no-kind"),
        (3, "needs-no-quantity"),
        (4, "needs-no-number"),
        (4, "needs-no-quantity"),
        (5, "needs-no-number"),
        (6, "needs-no-yes"),
        (7, "needs-no-wish"),
        (8, "needs-in-and-out"),
        (9, "needs-no-year"),
        (10, "needs-other-quantity"),
        (11, "needs-twice"),
    ]
    for language in LANGUAGES:
        assert "{" not in fault.value.say(language)
    with pytest.raises(TableError, match="no column"):
        read(judged, [["a", "b"], [1, 2]])
    with pytest.raises(TableError, match="no row"):
        read(judged, [HEAD])


def test_a_row_whose_village_nobody_knows_is_told_and_not_used(judged):
    commune = judged.study.villages["commune"].iloc[0]
    rows = [["Xã", "Thôn", "Loại công trình", "Kinh phí (triệu đồng)"]]
    rows += [[commune, "Không Có Thôn Này", "build-weir", 5], [commune, None, "build-health-station", 7000]]
    rows += [[None, None, "build-weir", 5]]
    needs = own_options(read(judged, rows), judged, WORKS)
    assert needs.own.table["intervention"].tolist() == ["build-health-station"], "one for the commune alone"
    assert needs.own.table["village_id"].tolist() == [None]
    codes = [problem.code for problem in needs.problems]
    assert "sheet-rows-without-village" in codes and "needs-no-village" in codes


def test_garbage_in_a_list_is_a_sentence_and_nothing_else(judged, options):
    from random import Random

    chance = Random(1)
    junk = [
        None,
        "",
        "=1+1",
        -1,
        1e308,
        float("nan"),
        True,
        "1e999",
        "９９",
        "\x00\u202e",
        "a" * 5000,
        "có",
        "loại",
    ]
    junk += [
        "harden-alley",
        judged.study.villages.index[0],
        10**20,
        "inf",
        "1.250",
        "2026-01-01T00:00:00",
        options.table.index[0],
    ]
    heads = needs_to_rows(options, judged, WORKS, "vi")[0]
    for _ in range(25):
        chosen = chance.sample(heads, chance.randint(1, len(heads)))
        rows = [[chance.choice(junk) for _ in range(chance.randint(0, len(heads)))] for _ in range(4)]
        try:
            read(judged, [chosen, *rows], options)
        except TableError as fault:
            assert all(fault.say(language) for language in LANGUAGES)
