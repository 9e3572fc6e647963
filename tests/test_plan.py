"""From a review to a plan, the whole way through on the illustrative district."""

import pytest

from gis.plan import Fund, Request, find_options, plan


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    from gis.sample import make_sample
    from gis.workflows import judge, read_study

    folder = tmp_path_factory.mktemp("plan")
    path = make_sample(folder, villages=30, seed=3)
    return judge(read_study(path, criteria="kontum-dtts-village-2022"))


def test_a_plan_stays_within_its_money_and_its_bound(judged):
    request = Request(years=(2026, 2027), funds=(Fund("ntm", "NTM", (4e9, 4e9)),))
    made = plan(judged, find_options(judged), request)
    assert 0 < made.passing <= made.bound
    assert sum(sum(paid.values()) for paid in made.works["paid"]) <= 8e9 + 1
