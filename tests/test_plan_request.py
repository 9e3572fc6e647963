"""Requests and funds as people give them: read, every fault named, read back as they were."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from gis.errors import PlanError
from gis.plan import Fund, Request, plan
from gis.plan.amounts import to_vnd
from gis.plan.asking import read_request, request_schema
from gis.plan.fundsheet import funds_from_excel, funds_from_rows, funds_to_rows
from gis.plan.fundtext import fund_from_text
from gis.plan.request import PARTS
from gis.plan.settling import assumptions, settled
from gis.plan.shares import load_coefficients, share_out, special
from gis.workflows import funds_to_excel
from planned import judged, options_of, work

LONG = Request(
    part="all",
    years=(2026, 2027),
    funds=(
        Fund(
            "ntm",
            "NTM",
            (4e9, 5e9),
            sectors=("roads",),
            where={"attribute": "zone", "in": ["III"]},
            share_pct=70.0,
        ),
        Fund(
            "xa", "Ngân sách xã", (1e9, 0.0), carry=False, most_per_commune={"x": 1e8}, kinds=("recurrent",)
        ),
    ),
    assumed=({"criterion": "housing", "year": 2027, "by": "Chương trình nhà ở"},),
    floor={"works": 1},
    essential=("water",),
    weights={"v1": 2.0},
    locked=("a",),
    banned=("b",),
    costs={"c": 1e9},
    maintenance=True,
    seconds=20.0,
    seed=7,
)


def codes(error):
    return sorted(problem.code for problem in error.value.problems)


def test_a_request_goes_to_plain_data_and_back():
    assert Request.from_plain(LONG.to_plain()) == LONG
    assert "total" not in LONG.to_plain()["funds"][0]


def test_a_request_file_is_read_as_a_planner_writes_it(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("years: 2026-2028\nfunds:\n  - {id: ntm, amounts: 5 tỷ}\n", encoding="utf-8")
    assert read_request(path).funds[0].amounts == (5e9, 5e9, 5e9)


def test_all_faults_of_a_form_come_at_once_with_line_and_key(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        "years: [2026]\nfunds:\n  - {id: ntm, amounts: [-1], share_pct: 120, sectors: [rail]}\nbudget: 5\n",
        encoding="utf-8",
    )
    with pytest.raises(PlanError) as error:
        read_request(path)
    said = error.value.say("en")
    assert len(said.splitlines()) == 4
    for part in ("plan.yaml:3 funds.ntm.share_pct", "funds.ntm.amounts.1", "rail", "«budget»"):
        assert part in said


def test_all_that_does_not_fit_together_comes_at_once():
    plain = {
        "years": [2027, 2026],
        "funds": [
            {"id": "a", "amounts": [1, 2, 3]},
            {"id": "a", "amounts": "1.250 tỷ"},
            {"id": "b", "amounts": 1, "most_per_commune": 1, "by_coefficient": "x"},
        ],
        "assumed": [{"criterion": "h", "year": 2027, "by": "x"}] * 2,
        "locked": ["o"],
        "banned": ["o"],
    }
    with pytest.raises(PlanError) as error:
        Request.from_plain(plain)
    assert codes(error) == [
        "plan-assumed-twice",
        "plan-fund-amounts",
        "plan-fund-twice",
        "plan-fund-two-ceilings",
        "plan-locked-and-banned",
        "plan-not-money",
        "plan-years-not-rising",
    ]


@pytest.mark.parametrize(
    "plain", [None, [], "x", {}, {"years": [], "funds": {}}, {"years": [2026], "funds": [None]}]
)
def test_what_is_no_request_is_one_error(plain):
    with pytest.raises(PlanError):
        Request.from_plain(plain)


@pytest.mark.parametrize(
    "where",
    [
        "zone",
        [],
        [{"in": ["I"]}],
        {"attribute": "zone"},
        {"attribute": "zone", "in": ["I"], "compare": "ge"},
        {"attribute": "zone", "compare": "ge", "value": "x"},
    ],
)
def test_what_is_no_condition_is_refused(where):
    with pytest.raises(PlanError) as error:
        Request.from_plain({"years": [2026], "funds": [{"id": "a", "amounts": 1, "where": where}]})
    assert "funds.a.where" in error.value.say("en")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e30, True, [], {}])
def test_no_amount_of_a_fund_is_not_a_number_of_dong(value):
    with pytest.raises(PlanError) as error:
        Request.from_plain({"years": [2026], "funds": [{"id": "a", "amounts": [value]}]})
    assert "funds.a.amounts.1" in error.value.say("vi")


def test_the_schema_knows_the_parts_the_planner_may_ask_for():
    assert tuple(request_schema()["properties"]["part"]["enum"]) == PARTS


def test_amounts_are_never_guessed():
    assert to_vnd("1,5 tỷ") == 1.5e9 and to_vnd(" 20 tr ") == 2e7 and to_vnd("1.500.000 đ") == 1.5e6
    assert to_vnd("1.250 triệu") is None and to_vnd("5 đô") is None and to_vnd(math.inf) is None


def test_a_fund_on_one_line():
    fund = fund_from_text(
        "ntm:5ty,4ty; sectors=roads+water; share=70; carry=no; work=3ty; coefficients=vn-2026-2030"
    )
    made = Request.from_plain({"years": [2026, 2027], "funds": [fund]}).funds[0]
    assert made.amounts == (5e9, 4e9) and made.sectors == ("roads", "water") and made.share_pct == 70
    assert made.carry is False and made.most_per_work == 3e9 and made.by_coefficient == "vn-2026-2030"


@pytest.mark.parametrize(
    "text", ["", "ntm", "ntm:", ":5", "ntm:5;colour=red", "ntm:5;share=much", "ntm:5;carry=?"]
)
def test_a_line_that_is_no_fund_is_one_sentence(text):
    with pytest.raises(PlanError) as error:
        fund_from_text(text)
    assert len(error.value.say("vi").splitlines()) == 1


def test_funds_go_to_a_table_and_come_back():
    fund = Fund("ntm", "NTM", (4e9, 5e9), sectors=("roads",), total=8e9, debts=1e8, carry=False, special=True)
    for language in ("vi", "en"):
        rows = funds_to_rows(Request(years=(2026, 2027), funds=(fund,)), language=language)
        years, funds = funds_from_rows(rows, file="von.xlsx")
        assert Request.from_plain({"years": years, "funds": funds}).funds == (fund,)


def test_conditions_and_ceilings_by_commune_go_through_the_table_too():
    both = (
        {"attribute": "zone", "in": ["II", "III"]},
        {"attribute": "minority_share_pct", "compare": "ge", "value": 50.0},
    )
    funds = (
        Fund("a", "A", (1e9,), where=both, most_per_commune={"24001": 5e8, "24002": 0.0}),
        Fund("b", "B", (1e9,), where=both[0], most_per_commune=2e8),
    )
    years, read = funds_from_rows(funds_to_rows(Request(years=(2026,), funds=funds)), file="von.xlsx")
    assert Request.from_plain({"years": years, "funds": read}).funds == funds
    with pytest.raises(PlanError):
        funds_from_rows([["Fund", "2026", "Condition on the village"], ["a", 1, "zone is III"]], file="f")


def test_a_workbook_of_funds_is_a_request_by_itself(tmp_path):
    request = Request(years=(2026, 2027), funds=(Fund("=1+1", "Vốn <b>", (4e9, 5e9), communes=("24001",)),))
    with pytest.raises(PlanError):
        Request.from_plain(request.to_plain())
    request = replace(request, funds=(replace(request.funds[0], id="ntm"),))
    for language in ("vi", "en"):
        funds_to_excel(request, tmp_path / "von.xlsx", language=language)
        assert read_request(tmp_path / "von.xlsx") == request


def test_a_table_of_funds_as_people_fill_it_in(tmp_path):
    path = tmp_path / "von.csv"
    path.write_text(
        'Bảng nguồn vốn,,,\nMã nguồn vốn,Năm 2026,2027 (triệu đồng),Lĩnh vực\nNTM,5000,,"giao thông, nước"\n,,,\n',
        encoding="utf-8",
    )
    assert funds_from_excel(path) == (
        [2026, 2027],
        [{"id": "NTM", "sectors": ["roads", "water"], "amounts": [5e9, 0.0]}],
    )


def test_every_wrong_cell_of_a_table_is_named():
    rows = [["Fund", "2026", "Sectors"], ["a", "nhiều", "rail"], [None, 5, None]]
    with pytest.raises(PlanError) as error:
        funds_from_rows(rows, file="f.xlsx")
    assert codes(error) == ["plan-funds-cell", "plan-funds-cell", "plan-funds-no-id"]
    with pytest.raises(PlanError):
        funds_from_rows([["Fund", "2027", "2026"], ["a", 1, 2]], file="f.xlsx")


def test_money_by_coefficients_is_shared_out_whole_and_by_the_highest_only():
    rule = load_coefficients()["vn-2026-2030"]
    villages = pd.DataFrame(
        {
            "commune_id": ["a", "a", "b", "c"],
            "zone": ["I", "III", "II", None],
            "poverty_class": ["ĐBKK", "không", None, "có"],
        }
    )
    shared = share_out(rule, 143e9, villages, ["a", "b", "c", "d"])
    # a: 50 + 1 disadvantaged village; b: 40; c: other 25 + 1; d: 25
    assert shared.table["points"].tolist() == [51, 40, 26, 25]
    assert shared.table["vnd"].sum() == pytest.approx(143e9)
    assert shared.table["open"].tolist() == [False, True, True, False]


def test_every_rule_of_coefficients_says_where_it_is_from():
    for rule in load_coefficients().values():
        assert rule.source and rule.communes and all(rule.note.get(language) for language in ("vi", "en"))


def test_works_of_the_special_mechanism_are_small_and_shared_with_the_people():
    options = pd.DataFrame(
        {"cost": [4.9e9, 5e9, 1e9, 1e9], "people_pct": [10, 10, 0, 10], "commune_id": ["a", "a", "a", None]}
    )
    assert special(options).tolist() == [True, False, False, False]


def test_what_a_study_does_not_have_is_named_all_at_once():
    review = judged([{}])
    request = Request(
        part="all",
        years=(2026,),
        funds=(Fund("a", "A", (1e9,), communes=("nowhere",), where={"attribute": "mood", "in": ["x"]}),
               Fund("b", "B", (1e9,), by_coefficient="none")),
        assumed=({"criterion": "no-such", "year": 2030, "by": "x"},),
        weights={"nobody": 1.0},
        locked=("no-work",),
    )  # fmt: skip
    with pytest.raises(PlanError) as error:
        settled(request, review, pd.DataFrame({"cost": []}))
    assert codes(error) == [
        "plan-assumed-late",
        "plan-request-no-attribute",
        "plan-request-no-coefficients",
        "plan-request-no-commune",
        "plan-request-no-criterion",
        "plan-request-no-option",
        "plan-request-no-village",
    ]
    for language in ("vi", "en"):
        assert "{" not in error.value.say(language)


def test_coefficients_become_ceilings_and_what_is_unchecked_is_told():
    review = judged([{}, {}], communes=["x1", "x2"], zone=["III", None])
    request = Request(
        years=(2026,), funds=(Fund("a", "A", (9e9,), by_coefficient="vn-2026-2030", special=True),)
    )
    fund = settled(request, review).funds[0]
    assert sum(fund.most_per_commune.values()) == pytest.approx(9e9)
    told = {problem.code for problem in assumptions(request, review)}
    assert told == {
        "plan-looks-at-works",
        "plan-coefficients-unread",
        "plan-coefficients-open",
        "plan-coefficients-absent",
        "plan-special-unread",
        "plan-figures-unread",
    }
    # zone III against a blank one, which is reckoned as other
    assert fund.most_per_commune == {"x1": pytest.approx(6e9), "x2": pytest.approx(3e9)}


def test_a_fund_of_the_special_mechanism_pays_for_nothing_else():
    review = judged([{"culture_house": 0.0}, {"culture_house": 0.0}])
    works = [
        work("small", 1e9, village="v000", people_pct=10.0),
        work("alone", 1e9, village="v001"),
    ]
    options = options_of(works, [("v000", "house", 0, "small", 1, 1), ("v001", "house", 0, "alone", 1, 1)])
    request = Request(years=(2026,), funds=(Fund("s", "S", (9e9,), special=True),))
    assert plan(review, options, request).works.index.tolist() == ["small"]
    assert plan(review, options, Request(years=(2026,), funds=(Fund("s", "S", (9e9,)),))).passing == 2
