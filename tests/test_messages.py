"""Codes and arguments to sentences."""

from gis.labels import Label
from gis.messages import say


def test_amounts_are_grouped_and_places_are_not():
    sentence = say("yaml-syntax", "vi", file="a.yaml", line=12345, why="x")
    assert "12345" in sentence
    assert "2.000.000" in say("yaml-too-large", "vi", file="a", limit=2_000_000)
    assert "2,000,000" in say("yaml-too-large", "en", file="a", limit=2_000_000)


def test_lists_name_the_first_five_and_count_the_rest():
    text = say(
        "layer-geometry-missing",
        "en",
        layer=Label({"en": "Schools"}),
        file="f",
        count=7,
        rows=[1204, 2, 3, 4, 5, 6, 7],
    )
    assert "1204, 2, 3, 4, 5 … (+2)" in text and "Schools" in text


def test_an_unknown_code_and_a_missing_argument_hide_nothing():
    assert say("no-such-code", "vi", file="a") == "no-such-code (file=a)"
    assert "{line}" in say("yaml-syntax", "en", file="a")


def test_braces_in_arguments_stay_as_typed():
    assert "{0}{x}" in say("file-not-found", "en", file="{0}{x}")


def test_days_are_written_as_the_language_writes_them_and_names_of_editions_stay():
    told = dict(criteria="A", valid_from="2020-12-31", valid_to="2025-12-31", year="2026")
    assert "từ 31/12/2020 đến 31/12/2025" in say("criteria-not-in-force", "vi", **told)
    assert "from 2020-12-31 to 2025-12-31" in say("criteria-not-in-force", "en", **told)
    record = "a 2024-01-02.xlsx · 3; Y Lan, 2026-11-26"
    assert say("evidence-record", "vi", record=record) == "Nguồn: a 2024-01-02.xlsx · 3; Y Lan, 26/11/2026."
    assert "2026-11-23" in say("web-run", "vi", run="x", edition="2026-11-23", as_of="")


def test_one_thing_is_told_in_the_words_for_one():
    assert say("web-villages-count", "en", count=1) == "1 village"
    assert say("web-villages-count", "en", count=1000) == "1,000 villages"
    assert say("web-villages-count", "en", count=0) == "0 villages"
    assert say("villages-without-row", "en", count=1, file="a", sheet="b", villages=["Kon Pring"]).startswith(
        "a · b: 1 village has no row"
    )
    assert say("web-villages-count", "en") == "{count} villages"
