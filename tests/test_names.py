"""Comparing names however they are spelt."""

import unicodedata

from gis.names import clean, fold, longest_patterns


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
