"""The yearly review: what is asked, read back, asked again and merged; and what is refused in one sentence."""

import datetime
import io
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import campaigns as rules
from gis.campaigns.form import read_cell
from gis.campaigns.layout import coded_sheet
from gis.catalogue import load_catalogue
from gis.criteria import load_criteria
from gis.errors import ConflictError, MissingError, StoreError
from gis.labels import Label
from gis.store import audit, campaigns, evidence, open_store, reported, sweeping
from gis.store.backup import backup, restore
from gis.store.checking import check
from gis.store.package import export_study, import_study
from gis.workflows import campaign_books as books
from gis.workflows import campaign_files as incoming
from gis.workflows import campaign_lists as lists
from gis.workflows import campaigns as work
from gis.workflows import read_stored, todo

WHO, STUDY, YEAR = "Y Lan", "dak-minh-hoa", 2025
DAY = datetime.date(2025, 11, 20)
LAYER = load_catalogue()["assessments"]


@pytest.fixture
def store(stored_sample, tmp_path):
    shutil.copytree(stored_sample, tmp_path / "store")
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def study(stored_sample):
    """The district as it stands before any campaign."""
    opened = open_store(stored_sample)
    yield read_stored(opened, STUDY)
    opened.close()


def start(store, study, **more):
    told = {"name": "Rà soát năm 2025", "year": YEAR, "deadline": "2025-11-15", "who": WHO} | more
    return work.open_campaign(store, study, STUDY, **told)


def stands(store, study, campaign, day=DAY):
    return work.situation(store, study, STUDY, campaign["id"], today=day)


def filled(now, commune, changes=(), *, as_before=True, edit=None, villages=None):
    """Bytes of a commune's template, filled in with last year's figures and these changes.

    `changes` is a mapping of (village id, "field|kind") to a value; `edit` may do anything to the workbook.
    """
    book = openpyxl.load_workbook(io.BytesIO(books.template(now, commune, "vi")))
    page, codes = book.worksheets[1], {}
    for cell in page[6]:
        codes[cell.value] = cell.column
    rows = {page.cell(row, codes["village_id"]).value: row for row in range(7, page.max_row + 1)}
    for village, row in rows.items():
        for code, column in codes.items():
            field, _, kind = str(code).partition("|")
            if (
                as_before
                and kind == "self"
                and f"{field}|before" in codes
                and (villages is None or village in villages)
            ):
                page.cell(row, column).value = page.cell(row, codes[f"{field}|before"]).value
    for (village, code), value in dict(changes).items():
        page.cell(rows[village], codes[code]).value = value
    if edit is not None:
        edit(book, page, codes, rows)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def send(store, study, campaign, *files, who=WHO, allowed=lambda commune, kind: True):
    with incoming.saved([(name, io.BytesIO(content)) for name, content in files]) as found:
        return incoming.receive(
            store, study, STUDY, campaign["id"], found, who=who, allowed=allowed, today=DAY
        )


def sentences(outcomes):
    return " ".join(problem.say("en") for one in outcomes for problem in one.problems)


def enter(store, village, field, value, who="A Blong", **more):
    with store.writing(who) as change:
        return reported.enter(change, STUDY, YEAR, village, field, value, **more)


def entries(store):
    with store.reading() as connection:
        return reported.entered(connection, STUDY)


def communes_of(now):
    return [sent.commune for sent in now.sent]


def village_of(now, at=0, commune=0):
    return now.villages.index[now.villages["commune_id"] == communes_of(now)[commune]][at]


# What is asked, and what a cell may hold


def test_the_form_asks_what_the_set_asks_in_the_order_of_the_catalogue_and_remarks_last():
    fields = rules.asked_fields(load_criteria("vn-dbkk-village-2021-2025"), LAYER)
    assert [name for name, _ in fields] == [
        "households", "poor_households", "poor_minority_households", "road_to_centre", "grid_households", "evidence", "note",
    ]  # fmt: skip
    form = {asked.name: asked for asked in rules.form_from(fields, LAYER)}
    assert form["households"].is_whole and form["road_to_centre"].kind == "yesno" and form["note"].is_remark


def asked(kind="number", unit="km"):
    return rules.Asked("x", kind, Label({"vi": "Cột x", "en": "Column x"}), unit)


@pytest.mark.parametrize(
    ("cell", "field", "value", "fault"),
    [
        ("12,5", asked(), 12.5, None),
        (None, asked(), None, None),
        ("không có số liệu", asked(), None, None),
        (0, asked(), 0.0, None),
        (-1, asked(), None, "out-of-range"),
        (1e308, asked(), None, "out-of-range"),
        ("inf", asked(), None, "unreadable"),
        (float("inf"), asked(), None, "unreadable"),
        (True, asked(), None, "unreadable"),
        ("1.250", asked(), None, "unreadable"),
        ("1.250", asked(unit="households"), 1250.0, None),
        ("12,5", asked(unit="households"), None, "unreadable"),
        ("12 hộ", asked(unit="km"), None, "unreadable"),
        (100.01, asked(unit="%"), None, "out-of-range"),
        ("Có", asked("yesno", None), 1.0, None),
        ("chưa", asked("yesno", None), 0.0, None),
        ("có lẽ", asked("yesno", None), None, "unreadable"),
        ("=1+1", asked("text", None), "=1+1", None),
        ("x" * 1001, asked("text", None), None, "out-of-range"),
    ],
)
def test_a_cell_is_a_value_a_blank_or_a_fault_and_never_a_guess(cell, field, value, fault):
    assert read_cell(cell, field) == (value, fault)


def test_a_word_of_a_list_is_read_in_either_language():
    field = rules.Asked("z", "choice", Label("z"), None, (("i", Label({"vi": "Khu vực I", "en": "Zone I"})),))
    assert read_cell("khu vực i", field) == ("i", None) == read_cell("Zone I", field)
    assert read_cell("Khu vực IV", field) == (None, "unreadable")


# Who has sent, and what counts


def submission(
    number, commune="x1", values=(), kinds=("self",), who=WHO, at="2025-11-10T00:00:00+00:00", faults=()
):
    table = {}
    for (village, field, kind), value in dict(values).items():
        table.setdefault(village, {}).setdefault(field, {})[kind] = value
    return {"id": number, "commune": commune, "kinds": list(kinds), "who": who, "at": at, "on": at[:10], "file": f"{number}.xlsx",
            "found": {"values": table, "faults": list(faults)}}  # fmt: skip


def test_a_commune_is_late_from_the_day_after_the_deadline():
    campaign = {"communes": ["x1", "x2", "x3"], "deadline": "2025-11-15"}
    files = [
        submission(1, "x1", at="2025-11-15T23:00:00+00:00"),
        submission(2, "x2", at="2025-11-18T01:00:00+00:00"),
        submission(3, "x3", kinds=("recheck",)),
    ]

    def states(*day):
        return [(s.state, s.days_late) for s in rules.progress(campaign, files, datetime.date(*day))]

    assert states(2025, 11, 15) == [("sent", 0), ("sent-late", 3), ("waiting", 0)]
    assert states(2025, 11, 16)[2] == ("late", 1)


def test_the_newer_workbook_counts_and_a_correction_is_of_its_own_workbook():
    cell = ("v", "households", "self")
    files = [submission(1, values={cell: 10.0}), submission(2, values={cell: 12.0})]
    said = {"village_id": "v", "field": "households", "kind": "self", "answer": "changed", "value": 11.0}
    assert rules.sent_values(files, [{**said, "submission_id": 1}])[0] == {cell: (12.0, 2)}
    assert rules.sent_values(files, [{**said, "submission_id": 2}])[0] == {cell: (11.0, 2)}


def test_a_file_of_the_recheck_leaves_the_self_assessment_as_it_was():
    files = [
        submission(1, values={("v", "households", "self"): 10.0}),
        submission(2, values={("v", "households", "recheck"): 9.0}, kinds=("recheck",)),
    ]
    values, _ = rules.sent_values(files, [])
    assert values == {("v", "households", "self"): (10.0, 1), ("v", "households", "recheck"): (9.0, 2)}


# What is asked about

FORM = rules.form_from(
    [["households", "number"], ["poor_households", "number"], ["poverty_rate_pct", "number"],
     ["road_village_km", "number"], ["road_village_hard_km", "number"], ["road_to_centre", "yesno"],
     ["income_per_head", "number"]],
    LAYER,
)  # fmt: skip


def ask(now, before, answers=(), faults=(), kind="self"):
    villages = pd.DataFrame({"name": ["A"], "commune_id": ["x1"]}, index=["v"])
    values = {("v", field, kind): (value, 1) for field, value in now.items()}
    table = pd.DataFrame([before], index=["v"])
    return rules.questions(
        values, list(faults), table, list(answers), form=FORM, layer=LAYER, villages=villages
    )


@pytest.mark.parametrize(
    ("field", "before", "now", "code"),
    [
        ("poverty_rate_pct", 30.0, 50.0, None),
        ("poverty_rate_pct", 30.0, 50.1, "campaign-jump-share"),
        ("households", 100.0, 130.0, None),
        ("households", 100.0, 131.0, "campaign-jump-count"),
        ("households", 100.0, 69.0, "campaign-jump-count"),
        ("households", 3.0, 8.0, None),
        ("households", 0.0, 6.0, "campaign-jump-count"),
        ("road_village_km", 10.0, 9.8, None),
        ("road_village_km", 10.0, 9.7, "campaign-jump-shrink"),
        ("road_village_km", 10.0, 90.0, None),
        ("road_to_centre", 1.0, 0.0, "campaign-jump-no"),
        ("road_to_centre", 0.0, 1.0, None),
        ("income_per_head", 20.0, 30.0, None),
        ("income_per_head", 20.0, 31.0, "campaign-jump-count"),
    ],
)
def test_a_figure_is_asked_about_beyond_the_written_limit_and_not_at_it(field, before, now, code):
    asked = ask({field: now}, {field: before})
    assert [reason.code for one in asked for reason in one.reasons] == ([code] if code else [])


def test_nothing_is_asked_where_last_year_or_this_year_is_blank():
    assert ask({"households": 500.0}, {}) == []
    assert ask({"households": 500.0}, {"households": float("nan")}) == []
    assert ask({}, {"households": 100.0}) == []


def test_figures_that_contradict_each_other_are_asked_about_each():
    asked = ask({"households": 20.0, "poor_households": 25.0}, {})
    assert [(one.field, one.reasons[0].code) for one in asked] == [
        ("households", "campaign-sheet-parts-exceed"),
        ("poor_households", "campaign-sheet-parts-exceed"),
    ]


def test_an_answer_holds_as_long_as_the_figures_do():
    (asked,) = ask({"households": 131.0}, {"households": 100.0})
    said = {"key": asked.key, "answer": "right", "reason": "nhập thôn", "village_id": "v", "field": "households",
            "kind": "self", "value": 131.0, "submission_id": 1}  # fmt: skip
    (still,) = ask({"households": 131.0}, {"households": 100.0}, [said])
    assert (still.answer, still.reason) == ("right", "nhập thôn")
    (again,) = ask({"households": 140.0}, {"households": 100.0}, [said])
    assert again.answer == "open"
    changed = {**said, "key": "other", "answer": "changed", "value": 140.0}
    (mended,) = ask({"households": 140.0}, {"households": 100.0}, [changed])
    assert mended.answer == "changed"
    (bare,) = ask({"households": 140.0}, {"households": 100.0}, [{**changed, "reason": ""}])
    assert bare.answer == "open"


def test_rechecked_figures_are_checked_with_the_self_assessed_ones_beside_them():
    villages = pd.DataFrame({"name": ["A"], "commune_id": ["x1"]}, index=["v"])
    values = {("v", "households", "self"): (20.0, 1), ("v", "poor_households", "recheck"): (25.0, 2)}
    asked = rules.questions(values, [], villages, [], form=FORM, layer=LAYER, villages=villages)
    assert [(one.field, one.kind) for one in asked] == [("poor_households", "recheck")]


# Three ways

CELL = ("v", "households", "self")
CAMPAIGN = {"key": "abcd1234", "since": 5, "name": "K", "half": None, "year": YEAR}
OWN = "K (#abcd1234)"


def entry(number, value, reason=None, who="A Blong"):
    return {"id": number, "village_id": "v", "field": "households", "kind": "self", "value": value, "reason": reason,
            "who": who, "at": "2025-11-01T00:00:00+00:00"}  # fmt: skip


def compared(sent, past=(), sheet=None, files=(), answers=()):
    values = {} if sent is None else {CELL: (sent, 9)}
    table = None if sheet is None else pd.DataFrame({"households": [sheet]}, index=["v"])
    (cell,) = rules.three_way(CAMPAIGN, values, list(files), list(past), table, list(answers))
    return cell


@pytest.mark.parametrize(
    ("sent", "past", "sheet", "state", "was", "now"),
    [
        (12.0, [], None, "new", None, None),
        (12.0, [entry(3, 12.0)], None, "same", 12.0, 12.0),
        (12.0, [entry(3, 10.0)], None, "change", 10.0, 10.0),
        (12.0, [entry(7, 11.0), entry(3, 10.0)], None, "conflict", 10.0, 11.0),
        (12.0, [entry(7, 11.0, OWN), entry(3, 10.0)], None, "change", 10.0, 11.0),
        (12.0, [entry(7, None), entry(3, 10.0)], None, "new", 10.0, None),
        (12.0, [], 12.0, "same", 12.0, 12.0),
        (12.0, [], 10.0, "conflict", 10.0, 10.0),
    ],
)
def test_what_was_what_was_sent_and_what_is_there_now(sent, past, sheet, state, was, now):
    cell = compared(sent, past, sheet)
    assert (cell.state, cell.was, cell.sent, cell.now) == (state, was, sent, now)


def test_another_senders_file_is_a_conflict_and_the_same_persons_is_not():
    mine = [submission(8, values={CELL: 10.0}), submission(9, values={CELL: 12.0})]
    assert compared(12.0, files=mine).state == "new"
    theirs = [submission(8, values={CELL: 10.0}, who="A Blong"), submission(9, values={CELL: 12.0})]
    cell = compared(12.0, files=theirs)
    assert (cell.state, cell.other, cell.other_who, cell.other_file) == (
        "conflict",
        10.0,
        "A Blong",
        "8.xlsx",
    )


def test_a_later_blank_never_takes_a_figure_away_without_a_choice():
    files = [submission(8, values={CELL: 10.0}), submission(9, values={("v", "note", "self"): "x"})]
    found = rules.three_way(CAMPAIGN, {}, files, [], None, [])
    assert [(cell.field, cell.sent, cell.other, cell.state) for cell in found] == [
        ("households", None, 10.0, "conflict")
    ]


def test_a_choice_to_keep_holds_until_a_value_changes():
    cell = compared(12.0, [entry(7, 11.0)])
    kept = {"village_id": "v", "field": "households", "kind": "self", "answer": "kept", "key": cell.key}
    assert compared(12.0, [entry(7, 11.0)], answers=[kept]).state == "kept"
    assert compared(12.0, [entry(8, 13.0), entry(7, 11.0)], answers=[kept]).state == "conflict"
    assert compared(14.0, [entry(7, 11.0)], answers=[kept]).state == "conflict"


@given(
    sent=st.integers(0, 3),
    past=st.lists(
        st.tuples(st.integers(1, 9), st.one_of(st.none(), st.integers(0, 3)), st.booleans()), max_size=4
    ),
    sheet=st.one_of(st.none(), st.integers(0, 3)),
)
def test_what_somebody_else_entered_meanwhile_is_never_replaced_without_a_choice(sent, past, sheet):
    rows = [
        entry(number, None if value is None else float(value), OWN if own else None)
        for number, value, own in sorted({row[0]: row for row in past}.values(), reverse=True)
    ]
    cell = compared(float(sent), rows, None if sheet is None else float(sheet))
    latest = rows[0] if rows else None
    foreign = latest and latest["value"] is not None and latest["id"] > 5 and latest["reason"] is None
    if foreign and latest["value"] != sent:
        assert cell.state == "conflict"
    if cell.state == "same":
        assert cell.now == sent
    if cell.state == "new":
        assert cell.now is None


# From template to study


def test_every_village_goes_out_in_a_template_and_comes_back_as_it_was_written(store, study):
    campaign = start(store, study, with_last_year=True, contact="Phòng Dân tộc")
    now = stands(store, study, campaign)
    archive = zipfile.ZipFile(io.BytesIO(books.templates_zip(now, "vi")))
    names = archive.namelist()
    assert names == ["01001-bo-y-thuong.xlsx", "01002-ia-suong.xlsx", "danh-sach-xa.txt"]
    assert "Bờ Y Thượng" in archive.read("danh-sach-xa.txt").decode("utf-8-sig")
    assert books.templates_zip(now, "vi") == books.templates_zip(now, "vi")
    packed = books.zipped({f"{c}.xlsx": filled(now, c) for c in communes_of(now)})
    outcomes = send(store, study, campaign, ("tat-ca.zip", packed))
    assert [(one.taken, one.commune) for one in outcomes] == [(True, "01001"), (True, "01002")]
    now = stands(store, study, campaign)
    assert {sent.state for sent in now.sent} == {"sent-late"} and now.questions == ()
    assert len(now.villages) == 24 and {cell.state for cell in now.cells} == {"new"}
    done = work.merge(store, now, communes=communes_of(now), who=WHO)
    assert done == {"entered": len(now.cells), "kept": 0, "open": 0, "locked": 0}
    assert {cell.state for cell in stands(store, study, campaign).cells} == {"same"}
    work.judge_by_year(store, STUDY, YEAR, who=WHO)
    after = read_stored(store, STUDY)
    assert after.year == YEAR
    for field in [one.name for one in now.form if one.kind in ("number", "yesno")]:
        old, new = study.assessments[2024][field], after.assessments[YEAR][field]
        pd.testing.assert_series_equal(old.astype(float), new.astype(float), check_names=False)
    assert entries(store)["kind"].eq("self").all()
    assert check(store, deep=True) == ()


def test_a_template_locks_codes_leaves_cells_to_fill_and_offers_lists_and_ranges(store, study):
    now = stands(store, study, start(store, study))
    content = books.template(now, "01001", "vi")
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[1]
    assert (
        book["langmap"].sheet_state == "veryHidden"
        and page.protection.sheet
        and page.row_dimensions[6].hidden
    )
    codes = {cell.value: cell.column for cell in page[6]}
    assert (
        page.cell(7, codes["village_id"]).protection.locked and page.cell(7, codes["name"]).protection.locked
    )
    assert page.cell(7, codes["households|before"]).protection.locked
    assert not page.cell(7, codes["households|self"]).protection.locked
    assert not page.cell(7, codes["households|recheck"]).protection.locked
    kinds = {rule.type for rule in page.data_validations.dataValidation}
    assert kinds == {"list", "whole"}
    assert page.cell(7, codes["households|before"]).value == study.assessments[2024]["households"].iloc[0]
    assert isinstance(page.cell(7, codes["village_id"]).value, str)


def test_a_first_year_has_nothing_to_compare_with(store, study):
    campaign = start(store, study, year=2020, deadline="2020-11-15")
    now = stands(store, study, campaign)
    assert now.before[0] is None
    content = filled(now, "01001", {(village_of(now), "households|self"): 40}, as_before=False)
    assert send(store, study, campaign, ("a.xlsx", content))[0].taken
    after = stands(store, study, campaign)
    assert after.questions == () and [cell.sent for cell in after.cells] == [40.0]


def test_nothing_in_a_workbook_is_a_formula(store, study):
    hostile = study.villages.copy()
    hostile["name"] = ['=HYPERLINK("http://x")'] * len(hostile)
    now = stands(store, study, start(store, study, name="=1+1", contact="@SUM(A1)"))
    now = work.Situation(**{**vars(now), "villages": now.villages.assign(name=hostile["name"])})
    for content in (books.template(now, "01001", "vi"), lists.question_list(now, "01001", "vi")):
        archive = zipfile.ZipFile(io.BytesIO(content))
        pages = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert not any(b"<f>" in page or b"<hyperlink" in page for page in pages)


def edit_id(book, page, codes, rows):
    page.cell(8, codes["village_id"]).value = "999"


def add_row(book, page, codes, rows):
    page.cell(page.max_row + 1, codes["name"]).value = "Thôn mới"


def foreign_village(book, page, codes, rows):
    page.cell(8, codes["village_id"]).value = "0100201"


def twice(book, page, codes, rows):
    page.cell(8, codes["village_id"]).value = page.cell(7, codes["village_id"]).value


def swap_ids(book, page, codes, rows):
    one, other = page.cell(7, codes["village_id"]), page.cell(8, codes["village_id"])
    one.value, other.value = other.value, one.value


def delete_column(book, page, codes, rows):
    page.delete_cols(codes["poor_households|self"])


def swap_titles(book, page, codes, rows):
    one, other = page.cell(4, codes["households|before"]), page.cell(4, codes["poor_households|before"])
    one.value, other.value = other.value, one.value


def merge_cells(book, page, codes, rows):
    page.merge_cells(
        start_row=8, end_row=9, start_column=codes["households|self"], end_column=codes["households|self"]
    )


def delete_codes(book, page, codes, rows):
    page.delete_rows(6)


def other_layout(book, page, codes, rows):
    book["langmap"].cell(1, 2).value = "langmap-campaign-99"


def other_campaign(book, page, codes, rows):
    book["langmap"].cell(4, 2).value = "00000000"


def other_commune(book, page, codes, rows):
    book["langmap"].cell(5, 2).value = "01002"


def empty(book, page, codes, rows):
    for row in rows.values():
        for code, column in codes.items():
            if str(code).endswith(("|self", "|recheck")):
                page.cell(row, column).value = None


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (edit_id, "999"),
        (add_row, "not on the list"),
        (foreign_village, "another commune"),
        (twice, "twice"),
        (swap_ids, "exchanged"),
        (delete_column, "poor_households|self"),
        (swap_titles, "swapped"),
        (merge_cells, "merged cells"),
        (delete_codes, "no template"),
        (other_layout, "does not know"),
        (other_campaign, "another campaign"),
        (other_commune, "another commune"),
        (empty, "Nothing is filled in"),
    ],
)
def test_a_workbook_that_was_tampered_with_is_refused_in_words_and_nothing_is_kept(store, study, edit, words):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    (outcome,) = send(store, study, campaign, ("xa.xlsx", filled(now, "01001", edit=edit)))
    assert not outcome.taken and words in sentences([outcome]) and "xa.xlsx" in sentences([outcome])
    with store.reading() as connection:
        assert campaigns.received(connection, campaign) == []
        assert sweeping.named(connection) == {
            pair for pair in sweeping.named(connection) if pair[1] != "evidence"
        }


def test_other_files_are_refused_one_by_one_and_the_good_one_is_taken(store, study):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    other = openpyxl.Workbook()
    other.active["A1"] = "Thôn"
    sink = io.BytesIO()
    other.save(sink)
    outcomes = send(
        store, study, campaign,
        ("khac.xlsx", sink.getvalue()), ("hong.xlsx", b"PK\3\4 broken"), ("la.zip", books.zipped({"a.txt": b"x"})),
        ("<script>.xlsx", b"<OGRVRTDataSource/>"), ("tot.xlsx", filled(now, "01002")),
    )  # fmt: skip
    assert [one.taken for one in outcomes] == [False, False, False, False, True]
    assert all(one.problems for one in outcomes[:4])


def test_what_was_moved_or_cannot_be_read_is_told_and_the_rest_is_taken(store, study):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    one, other = village_of(now, 0), village_of(now, 1)

    def move(book, page, codes, rows):
        del book["langmap"]
        page.delete_rows(rows[other])
        # A column moved to the far right with its code is still the same one.
        far = page.max_column + 1
        for row in range(4, page.max_row + 1):
            cell = page.cell(row, codes["road_to_centre|self"])
            page.cell(row, far).value = cell.value
            if not isinstance(cell, openpyxl.cell.cell.MergedCell):
                cell.value = None

    changes = {
        (one, "households|self"): 1e308, (one, "poor_households|self"): "khoảng 20",
        (one, "grid_households|self"): "=1+1", (one, "road_to_centre|self"): "không",
        (one, "note|self"): "'=cmd|' /C calc'!A0",
    }  # fmt: skip
    (outcome,) = send(store, study, campaign, ("xa.xlsx", filled(now, "01001", changes, edit=move)))
    assert outcome.taken, sentences([outcome])
    said = sentences([outcome])
    assert "identifies" in said and other in said and "khoảng 20" in said
    now = stands(store, study, campaign)
    values = {(cell.village_id, cell.field): cell.sent for cell in now.cells}
    assert values[one, "road_to_centre"] == 0.0 and values[one, "note"] == "'=cmd|' /C calc'!A0"
    # what was typed as a formula has no value until a spreadsheet has computed it
    assert not {(one, "households"), (one, "poor_households"), (one, "grid_households")} & set(values)
    assert not {village for village, _ in values} & {other}
    asked = {one.field: one for one in now.open_questions if not one.can_be_right}
    assert set(asked) == {"households", "poor_households"}


def test_zeros_that_a_spreadsheet_took_from_codes_are_put_back(store, study):
    campaign = start(store, study)

    def shorten(book, page, codes, rows):
        for row in rows.values():
            page.cell(row, codes["village_id"]).value = int(page.cell(row, codes["village_id"]).value)

    (outcome,) = send(
        store, study, campaign, ("a.xlsx", filled(stands(store, study, campaign), "01001", edit=shorten))
    )
    assert outcome.taken and outcome.problems == (), sentences([outcome])


def test_a_commune_may_send_again_and_the_older_file_stays(store, study):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    village = village_of(now)
    for value in (50, 51):
        send(
            store,
            study,
            campaign,
            (f"{value}.xlsx", filled(now, "01001", {(village, "households|self"): value})),
        )
    now = stands(store, study, campaign)
    assert [file["file"] for file in now.sent[0].files] == ["50.xlsx", "51.xlsx"]
    assert next(c.sent for c in now.cells if (c.village_id, c.field) == (village, "households")) == 51.0
    assert all(store.files.path(file["content"], "evidence").is_file() for file in now.sent[0].files)


def test_the_recheck_is_taken_from_verifiers_and_the_rest_from_the_commune(store, study):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    village = village_of(now)
    both = filled(now, "01001", {(village, "households|recheck"): 77})
    (outcome,) = send(store, study, campaign, ("a.xlsx", both), allowed=lambda commune, kind: kind == "self")
    assert outcome.taken and "verifier" in sentences([outcome])
    assert {cell.kind for cell in stands(store, study, campaign).cells} == {"self"}
    (outcome,) = send(
        store, study, campaign, ("b.xlsx", both), allowed=lambda commune, kind: kind == "recheck"
    )
    assert outcome.taken
    cells = stands(store, study, campaign).cells
    assert [(c.field, c.sent) for c in cells if c.kind == "recheck"] == [("households", 77.0)]
    work.merge(store, stands(store, study, campaign), communes=["01001"], who=WHO)
    kept = entries(store)
    rows = kept[(kept["village_id"] == village) & (kept["field"] == "households")]
    assert sorted(rows["kind"]) == ["recheck", "self"]
    # the re-checked value is the one that counts
    assert read_stored(store, STUDY).assessments[YEAR].at[village, "households"] == 77.0
    (outcome,) = send(store, study, campaign, ("c.xlsx", both), allowed=lambda commune, kind: False)
    assert not outcome.taken and "01001" in sentences([outcome])


def answered(now, commune, answers):
    """The list of questions of a commune with answers: field to (word, value, reason)."""
    book = openpyxl.load_workbook(io.BytesIO(lists.question_list(now, commune, "vi")))
    page = book.worksheets[0]
    codes = {cell.value: cell.column for cell in page[6] if cell.value}
    order = [one.field for one in now.of(now.open_questions, commune)]
    for field, told in answers.items():
        row = 7 + order.index(field)
        for name, value in zip(("answer", "value", "reason"), told, strict=True):
            page.cell(row, codes[name]).value = value
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def test_questions_go_out_and_answers_come_back(store, study):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    village = village_of(now)
    before = study.assessments[2024].loc[village]
    changes = {(village, "road_to_centre|self"): "không", (village, "poor_households|self"): "vài hộ",
               (village, "households|self"): before["households"] * 2}  # fmt: skip
    send(store, study, campaign, ("a.xlsx", filled(now, "01001", changes)))
    now = stands(store, study, campaign)
    fields = {one.field for one in now.open_questions}
    assert {"road_to_centre", "poor_households", "households"} <= fields
    halves = {"road_to_centre": ("đúng", None, None), "poor_households": ("đúng", None, "chắc"),
              "households": ("sửa thành", "nhiều", "x")}  # fmt: skip
    (outcome,) = send(store, study, campaign, ("b.xlsx", answered(now, "01001", halves)))
    assert not outcome.taken and "no whole answer" in sentences([outcome])
    assert len(stands(store, study, campaign).open_questions) == len(now.open_questions)
    whole = {"road_to_centre": ("Đúng", None, "lũ cuốn ngầm"), "poor_households": ("sửa thành", 13, ""),
             "households": ("changed to", before["households"], "gõ nhầm")}  # fmt: skip
    bare = openpyxl.load_workbook(io.BytesIO(answered(now, "01001", whole)))
    del bare["langmap"]
    sink = io.BytesIO()
    bare.save(sink)
    (outcome,) = send(
        store, study, campaign, ("x.xlsx", sink.getvalue()), allowed=lambda commune, kind: False
    )
    assert not outcome.taken and "01001" in sentences([outcome])
    (outcome,) = send(store, study, campaign, ("c.xlsx", sink.getvalue()))
    assert outcome.taken and dict(outcome.counts) == {"right": 1, "changed": 2}
    after = stands(store, study, campaign)
    values = {(cell.village_id, cell.field): cell.sent for cell in after.cells}
    assert (
        values[village, "poor_households"] == 13.0 and values[village, "households"] == before["households"]
    )
    assert [(one.field, one.reason) for one in after.questions if one.answer == "right"] == [
        ("road_to_centre", "lũ cuốn ngầm")
    ]
    # the others were only odd beside the wrong number of households
    assert after.open_questions == ()
    (outcome,) = send(store, study, campaign, ("d.xlsx", answered(now, "01001", whole)))
    assert not outcome.taken and "not asked about any more" in sentences([outcome])


def test_a_value_entered_meanwhile_waits_for_a_choice_and_the_rest_goes_in(store, study):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    one, other = village_of(now, 0), village_of(now, 1)
    send(store, study, campaign, ("a.xlsx", filled(now, "01001")))
    enter(store, one, "households", 500.0, reason="họp thôn")
    enter(store, other, "households", 600.0)
    now = stands(store, study, campaign)
    clash = [(c.village_id, c.now, c.now_who) for c in now.cells if c.state == "conflict"]
    assert clash == [(one, 500.0, "A Blong"), (other, 600.0, "A Blong")]
    choices = {(one, "households", "self"): "now"}
    done = work.merge(store, now, communes=["01001"], choices=choices, who=WHO)
    assert (done["kept"], done["open"]) == (1, 1)
    now = stands(store, study, campaign)
    assert {c.village_id: c.state for c in now.cells if c.field == "households" and c.state in ("kept", "conflict")} == {
        one: "kept", other: "conflict",
    }  # fmt: skip
    work.merge(store, now, communes=["01001"], choices={(other, "households", "self"): "sent"}, who=WHO)
    kept = entries(store).set_index(["village_id", "field"])["value"]
    assert kept[one, "households"] == 500.0
    assert kept[other, "households"] == study.assessments[2024].at[other, "households"]
    with store.reading() as connection:
        past = reported.history(connection, study_id=STUDY, village_id=other, field="households")
        lines = audit.history(connection, study_id=STUDY, action="campaign-merged")
    assert [row["value"] for row in past][1] == 600.0 and "#" in past[0]["reason"]
    assert len(lines) == 2


def test_two_senders_who_differ_wait_for_a_choice_of_either_file(store, study):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    village = village_of(now)
    send(
        store,
        study,
        campaign,
        ("xa.xlsx", filled(now, "01001", {(village, "households|self"): 50})),
        who="A Blong",
    )
    send(store, study, campaign, ("huyen.xlsx", filled(now, "01001", {(village, "households|self"): 52})))
    now = stands(store, study, campaign)
    (cell,) = [c for c in now.cells if c.state == "conflict"]
    assert (cell.sent, cell.other, cell.other_file) == (52.0, 50.0, "xa.xlsx")
    work.merge(store, now, communes=["01001"], choices={(village, "households", "self"): "other"}, who=WHO)
    now = stands(store, study, campaign)
    assert [c.state for c in now.cells if (c.village_id, c.field) == (village, "households")] == ["kept"]
    assert entries(store).set_index(["village_id", "field"])["value"][village, "households"] == 50.0


def test_a_merge_that_somebody_overtook_enters_nothing(store, study):
    campaign = start(store, study)
    send(store, study, campaign, ("a.xlsx", filled(stands(store, study, campaign), "01001")))
    now = stands(store, study, campaign)
    enter(store, village_of(now, 3), "households", 1.0)
    before = len(entries(store))
    with pytest.raises(ConflictError):
        work.merge(store, now, communes=["01001"], who=WHO)
    assert len(entries(store)) == before


def test_values_of_a_recognised_village_stay_and_are_counted(store, study, monkeypatch):
    campaign = start(store, study)
    send(store, study, campaign, ("a.xlsx", filled(stands(store, study, campaign), "01001")))
    now = stands(store, study, campaign)
    locked, real = village_of(now), reported.enter

    def enter_unless_locked(change, study_id, year, village, *rest, **told):
        if village == locked:
            raise StoreError("store-recognised", village=village)
        return real(change, study_id, year, village, *rest, **told)

    monkeypatch.setattr(reported, "enter", enter_unless_locked)
    done = work.merge(store, now, communes=["01001"], who=WHO)
    of_it = [cell for cell in now.cells if cell.village_id == locked]
    assert (done["locked"], done["entered"]) == (len(of_it), len(now.cells) - len(of_it))
    assert locked not in set(entries(store)["village_id"])


def test_two_communes_are_merged_one_after_the_other(store, study):
    campaign = start(store, study)
    now = stands(store, study, campaign)
    send(store, study, campaign, *((f"{c}.xlsx", filled(now, c)) for c in communes_of(now)))
    now = stands(store, study, campaign)
    first = work.merge(store, now, communes=["01001"], who=WHO)["entered"]
    assert set(entries(store)["village_id"]) == {c.village_id for c in now.of(now.cells, "01001")}
    # what was looked at before still holds for the other commune
    second = work.merge(store, now, communes=["01002"], who=WHO)["entered"]
    assert first + second == len(now.cells)


def test_the_second_half_takes_the_place_of_the_first_and_the_history_says_whose_it_was(store, study):
    first = start(store, study, name="Sáu tháng đầu", half=1)
    village = village_of(stands(store, study, first))
    send(
        store,
        study,
        first,
        ("1.xlsx", filled(stands(store, study, first), "01001", {(village, "households|self"): 90})),
    )
    work.merge(store, stands(store, study, first), communes=["01001"], who=WHO)
    second = start(store, study, name="Sáu tháng cuối", half=2)
    send(
        store,
        study,
        second,
        ("2.xlsx", filled(stands(store, study, second), "01001", {(village, "households|self"): 95})),
    )
    now = stands(store, study, second)
    cell = next(c for c in now.cells if (c.village_id, c.field) == (village, "households"))
    assert (cell.state, cell.was, cell.now, cell.sent) == ("change", 90.0, 90.0, 95.0)
    work.merge(store, now, communes=["01001"], who=WHO)
    with store.reading() as connection:
        past = reported.history(connection, study_id=STUDY, village_id=village, field="households")
    assert [(row["value"], row["reason"].split(" (")[0]) for row in past] == [
        (95.0, "Sáu tháng cuối"), (90.0, "Sáu tháng đầu"),
    ]  # fmt: skip


def test_opening_keeps_the_year_that_counts_until_a_person_says_otherwise(store, study):
    with store.writing(WHO) as change:
        from gis.store import studies

        recipe = dict(studies.get_study(change.connection, STUDY)["recipe"])
        del recipe["year"]
        studies.set_recipe(change, STUDY, recipe)
    campaign = start(store, study)
    with pytest.raises(StoreError) as told:
        work.judge_by_year(store, STUDY, YEAR, who=WHO)
    assert told.value.code == "campaign-year-empty"
    send(store, study, campaign, ("a.xlsx", filled(stands(store, study, campaign), "01001")))
    work.merge(store, stands(store, study, campaign), communes=["01001"], who=WHO)
    assert read_stored(store, STUDY).year == 2024
    work.judge_by_year(store, STUDY, YEAR, who=WHO)
    assert read_stored(store, STUDY).year == YEAR


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "name"),
        ({"year": 20}, "20"),
        ({"half": 3}, "half"),
        ({"deadline": "15/11/2025"}, "15/11/2025"),
        ({"communes": ["zz"]}, "zz"),
    ],
)
def test_a_campaign_with_a_wrong_fact_is_not_opened(store, study, wrong, words):
    with pytest.raises(StoreError) as told:
        start(store, study, **wrong)
    assert words in told.value.say("en")
    with store.reading() as connection:
        assert campaigns.listed(connection, STUDY) == []


def test_a_closed_campaign_takes_nothing_until_it_is_opened_again(store, study):
    campaign = start(store, study)
    content = filled(stands(store, study, campaign), "01001")
    with store.writing(WHO) as change:
        campaigns.close(change, STUDY, campaign["id"])
    with pytest.raises(StoreError, match="closed"):
        send(store, study, campaign, ("a.xlsx", content))
    with store.writing(WHO) as change:
        campaigns.close(change, STUDY, campaign["key"], undo=True)
    assert send(store, study, campaign, ("a.xlsx", content))[0].taken
    with store.reading() as connection, pytest.raises(MissingError):
        campaigns.get(connection, STUDY, 99)


def test_only_the_communes_asked_are_asked(store, study):
    campaign = start(store, study, communes=["01002"])
    now = stands(store, study, campaign)
    assert communes_of(now) == ["01002"] and len(now.villages) == 9


def test_receiving_does_not_count_the_study_as_changed_and_merging_does(store, study):
    from gis.store import studies

    def revision():
        with store.reading() as connection:
            return studies.get_study(connection, STUDY)["revision"]

    campaign, before = start(store, study), revision()
    send(store, study, campaign, ("a.xlsx", filled(stands(store, study, campaign), "01001")))
    assert revision() == before
    work.merge(store, stands(store, study, campaign), communes=["01001"], who=WHO)
    assert revision() > before


# Keeping


def with_all(store, study):
    """A campaign with two files, an answer and a choice; its row."""
    campaign = start(store, study)
    village = village_of(stands(store, study, campaign))
    odd = {(village, "road_to_centre|self"): "không"}
    send(store, study, campaign, ("a.xlsx", filled(stands(store, study, campaign), "01001", odd)))
    now = stands(store, study, campaign)
    send(store, study, campaign, ("b.xlsx", answered(now, "01001", {"road_to_centre": ("đúng", None, "lũ")})))
    send(store, study, campaign, ("c.xlsx", filled(now, "01002")))
    return campaign


def seen(store):
    with store.reading() as connection:
        return campaigns.carried(connection, STUDY)


def test_a_backup_brings_campaigns_files_and_answers_back(store, study, tmp_path, records_url):
    with_all(store, study)
    backup(store, tmp_path / "copy.zip")
    truth = seen(store)
    restore(tmp_path / "copy.zip", tmp_path / "new", records_url, who=WHO)
    again = open_store(tmp_path / "new", records_url, checked=True)
    assert seen(again) == truth and check(again, deep=True) == ()
    assert [len(one["submissions"]) for one in truth] == [2] and len(truth[0]["answers"]) == 1
    # and work goes on
    number = truth[0]["key"]
    now = work.situation(again, study, STUDY, number, today=DAY)
    assert work.merge(again, now, communes=communes_of(now), who=WHO)["entered"] == len(now.cells)
    assert check(again, deep=True) == ()
    again.close()


def test_a_package_carries_campaigns_and_taking_it_twice_changes_nothing(store, study, tmp_path):
    with_all(store, study)
    export_study(store, STUDY, tmp_path / "study.zip")
    other = open_store(tmp_path / "other")
    assert import_study(other, tmp_path / "study.zip", who=WHO).taken["campaign"] == 4
    assert seen(other) == seen(store)
    assert "campaign" not in import_study(other, tmp_path / "study.zip", who=WHO).taken
    other.close()


@pytest.mark.parametrize(
    "damage",
    [
        {"deadline": "mai"}, {"year": "2025"}, {"half": 3}, {"fields": [["households"]]}, {"communes": [1]},
        {"submissions": [{}]}, {"name": None},
    ],
)  # fmt: skip
def test_a_campaign_of_another_store_that_could_not_be_shown_is_not_taken(store, study, damage):
    with_all(store, study)
    (given,) = seen(store)
    with pytest.raises((ValueError, TypeError, KeyError)), store.writing(WHO) as change:
        campaigns.take(change, STUDY, [given | {"key": "ffffffff"} | damage])
    assert len(seen(store)) == 1


def test_a_file_that_is_gone_is_told_and_sweeping_takes_none_that_counts(store, study):
    with_all(store, study)
    sweeping.sweep(store, who=WHO, older_than_s=-1)
    assert check(store) == ()
    path = store.files.path(seen(store)[0]["submissions"][0]["content"], "evidence")
    path.unlink()
    (problem,) = check(store)
    assert problem.code == "store-submission-file-missing" and "a.xlsx" in problem.say("en")


# What is to be done


def test_a_claim_is_without_evidence_until_a_paper_names_it(sample_review):
    bare = todo.without_evidence(sample_review, [])
    assert set(bare["reported_status"]) <= {"met", "unmet"} and len(bare)
    first = bare.iloc[0]
    piece = {"village_id": first["village_id"], "criterion": first["criterion"], "year": None}
    assert len(todo.without_evidence(sample_review, [piece])) == len(bare) - 1
    assert len(todo.without_evidence(sample_review, [{**piece, "year": 1999}])) == len(bare)
    general = todo.without_evidence(sample_review, [{**piece, "criterion": None}])
    assert len(general) == len(bare)
    assert (
        general.set_index("village_id")["general"].groupby(level=0).max().to_dict()[first["village_id"]] == 1
    )


def test_evidence_of_the_store_is_what_the_list_looks_at(store):
    content, size = store.files.put_octets([b"photo"])
    with store.writing(WHO) as change:
        evidence.attach(
            change, STUDY, "0100101", content=content, file="a.jpg", size=size, criterion="x", year=2024
        )
    with store.reading() as connection:
        assert evidence.listed(connection, STUDY)[0]["criterion"] == "x"


def test_a_coded_sheet_is_found_by_its_codes_and_not_by_its_name():
    sheets = {"langmap": [["village_id"]], "Lạ": [[None], ["x", "village_id", "name"]]}
    assert coded_sheet(sheets, "village_id") == ("Lạ", 1, {"x": 0, "village_id": 1, "name": 2})
    assert coded_sheet({"a": []}, "village_id") is None


def test_paths_of_uploads_end_with_the_block():
    with incoming.saved([("Biểu xã.XLSX", io.BytesIO(b"x")), ("../../la", io.BytesIO(b"y"))]) as files:
        paths = [path for _, path in files]
        assert [name for name, _ in files] == ["Biểu xã.XLSX", "../../la"]
        assert len({path.parent for path in paths}) == 1 and paths[1].name == "1.xlsx"
    assert not any(Path(path).exists() for path in paths)
