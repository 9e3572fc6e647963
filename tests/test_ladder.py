"""A study may be as poor as one sheet: the same district on each rung, and what every rung adds."""

import pytest

from gis.review import Review
from gis.study import RUNGS
from gis.workflows import judge, read_study

SEED, VILLAGES = 7, 24


@pytest.fixture(scope="module")
def ladder(tmp_path_factory):
    """The district judged on every rung by the set with the most that a map can measure."""
    from gis.sample import make_sample

    folder = tmp_path_factory.mktemp("ladder")
    paths = [
        make_sample(folder / f"rung{rung}", villages=VILLAGES, seed=SEED, rung=rung)
        for rung in range(len(RUNGS))
    ]
    return [judge(read_study(path, criteria="kontum-dtts-village-2022")) for path in paths]


def measured(review: Review):
    return int((review.findings["measured"].notna()).sum())


def test_every_rung_is_recognised_and_gives_findings_communes_and_lists(ladder):
    assert [review.study.rung for review in ladder] == list(range(len(RUNGS)))
    for review in ladder:
        assert review.headline["villages"] == len(review.results) > 0
        assert review.communes["villages"].sum() == len(review.results)
        assert (review.findings["source"] == "reported").any()


def test_the_map_grows_from_nothing_to_points_to_polygons(ladder):
    kinds = [set(review.geometry().geom_type) for review in ladder]
    assert kinds[0] == set() and kinds[1] == {"Point"} and kinds[2] >= {"Point"} or kinds[2]
    assert all(kind <= {"Polygon", "MultiPolygon"} and kind for kind in kinds[3:])
    assert ladder[2].study.communes.geometry.notna().all()


def test_each_rung_measures_at_least_what_the_one_below_does(ladder):
    counts = [measured(review) for review in ladder]
    assert counts == sorted(counts) and counts[0] == counts[1] == 0 and counts[4] > 0


def test_one_more_layer_never_costs_an_answer(ladder):
    """A finding that is decided on a rung is decided on the next one too."""
    for lower, upper in zip(ladder[1:], ladder[2:], strict=False):
        keys = ["village_id", "criterion"]
        before = lower.findings.set_index(keys)["status"]
        after = upper.findings.set_index(keys)["status"].reindex(before.index)
        assert not ((before != "unknown") & (after == "unknown")).any()


def test_nothing_reported_changes_from_rung_to_rung(ladder):
    first = ladder[1].findings.set_index(["village_id", "criterion"])["reported"]
    for review in ladder[2:]:
        again = review.findings.set_index(["village_id", "criterion"])["reported"]
        assert again.reindex(first.index).equals(first)
