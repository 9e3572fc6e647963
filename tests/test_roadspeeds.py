"""How fast one rides on a road, and what is taken for what nobody recorded."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.catalogue import load_catalogue
from gis.names import longest_patterns
from gis.roadspeeds import MODES, fastest_kmh, road_speeds

ROADS = load_catalogue()["roads"]


def ask(
    season="dry", mode="motorbike", factors=ROADS.condition_factors, slope_pct=None, streams=None, **columns
):
    roads = pd.DataFrame(columns)
    how = {"mode": mode, "season": season, "factors": factors, "slope_pct": slope_pct, "streams": streams}
    kmh, estimated = road_speeds(roads, ROADS.speeds, **how)
    return kmh.tolist(), estimated.tolist()


def test_the_speed_is_that_of_class_surface_season_and_mode():
    columns = {"class": ["commune", "path"], "surface": ["gravel", "earth"], "all_season": [1.0, 1.0]}
    assert ask(**columns) == ([25, 6], [False, False])
    assert ask(season="wet", **columns) == ([20, 0], [False, False])
    assert ask(mode="car", **columns)[0] == [22, 0] and ask(mode="bicycle", **columns)[0] == [10, 0]


def test_the_condition_leaves_a_share_of_it_and_an_unknown_one_all():
    columns = {
        "class": ["commune"] * 4,
        "surface": ["gravel"] * 4,
        "condition": ["good", "fair", "poor", None],
    }
    assert ask(**columns) == (pytest.approx([25, 25 * 0.85, 15, 25]), [False] * 4)


def test_an_unknown_class_or_surface_is_the_usual_one_and_marked():
    columns = {"class": ["national", "field", "commune", None], "surface": [None, None, None, "earth"]}
    # asphalt, earth, gravel; a village road
    assert ask(**columns) == ([50, 12, 25, 15], [True] * 4)
    assert ask(**{"class": ["village"]}) == ([20], [True])


def test_a_road_that_is_not_open_all_year_is_closed_in_the_rains():
    columns = {"class": ["village"] * 3, "surface": ["concrete"] * 3, "all_season": [1, 0, np.nan]}
    assert ask(season="wet", **columns) == ([25, 0, 25], [False, False, True])
    assert ask(**columns) == ([28] * 3, [False] * 3)


def test_where_nobody_recorded_it_steep_earth_streams_and_fords_close_a_road_in_the_rains():
    columns = {
        "class": ["village"] * 7,
        "surface": ["earth"] * 6 + ["concrete"],
        "structure": [None, None, None, "bridge", "ford", "ford", None],
        "all_season": [np.nan] * 5 + [1, np.nan],
    }
    given = {"slope_pct": [9.9, 10, 2, 2, 2, 12, 20], "streams": [0, 0, 1, 1, 0, 1, 1]}
    kmh, estimated = ask(season="wet", **given, **columns)
    assert kmh == [7, 0, 0, 7, 0, 7, 25] and estimated == [True] * 5 + [False, True]
    # without heights and streams only the ford is known to close
    assert ask(season="wet", **columns)[0] == [7, 7, 7, 7, 0, 7, 25]
    assert ask(season="wet", slope_pct=[np.nan] * 7, **columns)[0] == [7, 7, 7, 7, 0, 7, 25]


def some(words):
    return st.sampled_from([*words, None])


road = st.fixed_dictionaries(
    {
        "class": some(ROADS.vocabularies["class"]),
        "surface": some(ROADS.vocabularies["surface"]),
        "condition": some(ROADS.vocabularies["condition"]),
        "structure": some(ROADS.vocabularies["structure"]),
        "all_season": st.sampled_from([0.0, 1.0, np.nan]),
    }
)


@given(st.lists(road, min_size=1, max_size=6), st.sampled_from(MODES), st.data())
def test_the_rains_never_make_faster_and_no_road_is_faster_than_the_fastest(roads, mode, data):
    columns = pd.DataFrame(roads).to_dict("list")
    slope = [data.draw(st.sampled_from([0.0, 15.0, np.nan])) for _ in roads]
    dry = ask(mode=mode, **columns)[0]
    wet = ask(season="wet", mode=mode, slope_pct=slope, **columns)[0]
    assert all(a <= b for a, b in zip(wet, dry, strict=True))
    assert max(dry) <= fastest_kmh(ROADS.speeds, mode=mode, season="dry")
    back = ask(
        season="wet", mode=mode, slope_pct=slope[::-1], **{name: each[::-1] for name, each in columns.items()}
    )
    assert back[0] == wet[::-1]


def test_another_word_for_mode_or_season_is_refused():
    for wrong in ({"mode": "walk"}, {"season": "mùa mưa"}):
        with pytest.raises(ValueError):
            ask(**wrong, **{"class": ["village"]})


@pytest.mark.parametrize(
    ("written", "structure"),
    [
        ("Cầu treo", "bridge"),
        ("cầu BTCT", "bridge"),
        ("Ngầm tràn", "ford"),
        ("Cầu, ngầm", "ford"),
        ("Đường tràn", "ford"),
        ("Hầm chui", "tunnel"),
        ("yes", "bridge"),
        ("viaduct", "bridge"),
        ("Không", None),
    ],
)
def test_structures_are_known_by_their_vietnamese_and_english_words(written, structure):
    assert longest_patterns(written, ROADS.patterns("structure")) == ((structure,) if structure else ())
