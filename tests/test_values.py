"""Cells of sheets: numbers, yes and no, text."""

import math

import pandas as pd
import pytest

from gis.values import convert, is_blank, to_count, to_number, to_text, to_yes


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1.234.567", 1234567), ("0,5", 0.5), ("98 %", 98), ("-3", -3),
        (12, 12), (True, 1), ("1.5", 1.5), ("1 234", 1234),
    ],
)  # fmt: skip
def test_numbers_are_read_in_vietnamese_and_english_notation(cell, number):
    assert to_number(cell) == number


@pytest.mark.parametrize("cell", ["", None, float("nan"), "-", "…"[:0], "n/a"])
def test_a_blank_cell_is_not_a_number_and_not_a_fault(cell):
    assert is_blank(cell) and math.isnan(to_number(cell)) and math.isnan(to_yes(cell))


@pytest.mark.parametrize("cell", ["nhiều", "1e999", "12 km", float("inf")])
def test_what_is_no_number_is_told_apart_from_blank(cell):
    assert to_number(cell) is None


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("Có", 1),
        ("x", 1),
        ("X", 1),
        ("đạt", 1),
        ("yes", 1),
        (2, 1),
        ("không", 0),
        ("Chưa", 0),
        ("0", 0),
        ("no", 0),
        ("Đang hoạt động", 1),
        ("Ngừng hoạt động", 0),
        ("Hư hỏng", 0),
    ],
)
def test_yes_and_no_are_read_as_people_write_them(cell, answer):
    assert to_yes(cell) == answer


def test_codes_keep_their_zeros_and_lose_a_false_decimal():
    assert [to_text("0101"), to_text(101.0), to_text("  Đăk  Tô ")] == ["0101", "101", "Đăk Tô"]


def test_failed_cells_become_missing_and_are_counted():
    column, failed = convert(pd.Series(["1", "?", None]), "number")
    assert column[0] == 1 and column[1:].isna().all() and failed == [1]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1\u2009250", 1250),
        ("1\u00a0250,5", 1250.5),
        ("１２", 12),
        ("໑໒", 12),
        ("98\u00a0％", 98),
        ("\u200b7", 7),
    ],
)
def test_odd_spaces_wide_and_lao_digits_and_invisible_letters_do_not_hide_a_number(cell, number):
    assert to_number(cell) == number


@pytest.mark.parametrize("cell", ["3/5", "12 5", "1_000", "2026-02-01", "②"])
def test_what_only_resembles_a_number_is_not_read(cell):
    assert to_number(cell) is None and to_count(cell) is None


@pytest.mark.parametrize("cell", ["không có số liệu", "Chưa có số liệu", "KXĐ", "chưa rà soát", "–"])
def test_not_known_is_blank_and_never_no(cell):
    assert is_blank(cell) and math.isnan(to_yes(cell))


@pytest.mark.parametrize(
    ("cell", "answer"), [("✓", 1), ("v", 1), ("Có (2018)", 1), ("chưa đạt", 0), ("Không (xa)", 0)]
)
def test_marks_and_explained_answers_are_read(cell, answer):
    assert to_yes(cell) == answer


def test_a_figure_may_carry_its_own_unit_and_no_other():
    column, failed = convert(pd.Series(["12 hộ", "98 %", "7 km", "5"]), "number", "households")
    assert column[[0, 3]].tolist() == [12, 5] and failed == [1, 2]
    column, failed = convert(pd.Series(["1,5 km", "2 m", "3 Km"]), "number", "km")
    assert column[[0, 2]].tolist() == [1.5, 3] and failed == [1]
