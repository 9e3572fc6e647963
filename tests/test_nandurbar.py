"""A real district end to end: 1,060 outlines, 943 census rows, schools and clinics of ten years later."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from confusion import BANDS, SERVICES, band_table, banded, cause_table, confusion, markdown
from gis.disagreements import CONTRADICTIONS
from gis.indicators.access import of_kind

pytestmark = pytest.mark.real
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def census(shared_data):
    table = pd.read_csv(shared_data / "nandurbar" / "nandurbar_village_amenities_2011.csv", dtype=str)
    return table.set_index("village_code_2011")


def test_every_row_of_the_district_is_used_or_listed(nandurbar_review):
    study = nandurbar_review.study
    told = {problem.code: problem.arguments for problem in study.problems}
    assert len(study.villages) == 1060 and len(study.reported) == 1060
    assert study.reported["record"].notna().sum() == 934
    assert (
        told["sheet-rows-without-village"]["count"] == 9
        and len(told["sheet-rows-without-village"]["rows"]) == 9
    )
    assert (
        told["villages-without-row"]["count"] == 126 and len(told["villages-without-row"]["villages"]) == 126
    )
    for layer in study.layers.values():
        assert layer.counts["rows_in"] == layer.counts["rows_used"] + layer.counts["rows_reported"]
    assert (
        study.layers["schools"].counts["rows_in"] == 2322
        and study.layers["clinics"].counts["rows_in"] == 1031
    )


def test_free_text_kinds_are_told_apart_and_the_unknown_are_listed(nandurbar_review):
    study = nandurbar_review.study
    clinics = study.layers["clinics"].frame
    assert len(of_kind(clinics, "subcentre")) == 10 and len(of_kind(clinics, "phc")) == 59
    unknown = next(p for p in study.problems if p.code == "layer-kind-unknown")
    assert unknown.arguments["count"] == clinics["kind"].isna().sum() == 6


def test_findings_stand_on_the_rules_of_the_set(nandurbar_review):
    findings = nandurbar_review.findings
    assert len(findings) == 1060 * len(nandurbar_review.criteria.criteria)
    primary = findings[findings["criterion"] == "primary-1km"]
    assert (primary["status"] == np.where(primary["value"] <= 1, "met", "unmet")).mean() > 0.97
    assert set(findings.loc[findings["criterion"] == "subcentre-people", "status"]) <= {"met", "unknown"}
    tap = findings[findings["criterion"] == "treated-tap"]
    assert (tap["status"] == "unknown").sum() == 139  # 126 without a row and 13 empty rows


def test_distances_agree_with_an_independent_computation(nandurbar_review):
    import geopandas as gpd

    study = nandurbar_review.study
    schools = of_kind(study.layers["schools"].frame, "primary")
    points = gpd.GeoDataFrame(
        geometry=study.villages["point"].to_numpy(), index=study.villages.index, crs=study.crs
    )
    joined = points.sjoin_nearest(schools[["geometry"]], distance_col="metres")
    nearest = joined.groupby(level=0)["metres"].first()
    table = nandurbar_review.measurements
    ours = table[table["measure"] == "nearest_distance(facilities=schools,kind=primary)"].set_index(
        "village_id"
    )["value"]
    np.testing.assert_allclose(ours.to_numpy(), nearest.reindex(ours.index).to_numpy() / 1000, rtol=1e-12)


def test_the_census_and_the_map_are_compared_in_full(nandurbar_review, census):
    study = nandurbar_review.study
    totals = {}
    for service in SERVICES:
        table, recall = confusion(study, census, service)
        assert table.index.tolist() == list(BANDS) and recall.dropna().between(0, 1).all()
        totals[service] = int(table.to_numpy().sum())
    # 934 rows join; 13 are empty and a few give no band
    assert all(900 <= total <= 921 for total in totals.values()), totals
    table, recall = confusion(study, census, "primary school")
    assert table.loc["in the village"].sum() == 911 and recall["in the village"] == pytest.approx(
        0.80, abs=0.01
    )


def test_the_documents_show_the_comparison_as_it_is_today(nandurbar_review, census):
    told = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
    for line in markdown(nandurbar_review.study, census).splitlines():
        assert line in told, line


@pytest.fixture(scope="module")
def banded_review(nandurbar_review, census):
    from gis.workflows import judge

    return judge(banded(nandurbar_review.study, census))


def test_census_bands_and_measured_distances_are_compared_village_by_village(banded_review, census):
    study, rows = banded_review.study, banded_review.disagreements
    for service, (_, kind, _, _) in SERVICES.items():
        table, _ = confusion(study, census, service)
        for km, near in ((5, BANDS[:2]), (10, BANDS[:3])):
            far = [band for band in BANDS if band not in near]
            of_criterion = rows[rows["criterion"] == f"{kind}-{km}"]
            claimed_far = (of_criterion["kind"] == "claimed-unmet").sum()
            # a health centre inside the outline may lie more than 5 km from the village's point
            assert abs(claimed_far - table.loc[far, list(near)].to_numpy().sum()) <= 2, (kind, km)
    # what the list of clinics may lack never contradicts a claim
    assert not rows[rows["kind"] == "claimed-met"]["criterion"].str.startswith(("subcentre", "phc")).any()
    alone = rows[rows["kind"] == "claim-alone"]
    assert set(alone["cause"]) <= {"facility-missing", "kind-unknown", "beyond-edge"}


def test_every_contradiction_of_the_district_has_a_cause_and_is_counted(nandurbar_review, banded_review):
    for review in (nandurbar_review, banded_review):
        rows = review.disagreements
        contradicted = rows[rows["kind"].isin(CONTRADICTIONS)]
        assert len(contradicted) == (review.findings["agreement"] == "disagree").sum()
        # ten years lie between, so nothing is left unexplained; what is seen on the map leads
        assert not (contradicted["cause"] == "unexplained").any()
        assert set(contradicted["cause"]) <= {"claim-older", "facility-outside", "near-threshold"}
    inside = nandurbar_review.disagreements
    primary = inside[(inside["criterion"] == "primary-inside") & (inside["kind"] == "claimed-met")]
    assert len(primary) == 184
    outside = primary[primary["causes"].str.contains("facility-outside")]
    assert (outside["away_m"].dropna() <= 500).all() and len(outside) == 115


def test_the_documents_show_the_disagreements_as_they_are_today(nandurbar_review, banded_review):
    told = (ROOT / "docs" / "contradictions.md").read_text(encoding="utf-8")
    rows = nandurbar_review.disagreements
    texts = [band_table(banded_review), cause_table(rows[rows["kind"].isin(CONTRADICTIONS)])]
    for line in "\n".join(texts).splitlines():
        assert line in told, line
    levels = nandurbar_review.confidence
    numbers = " / ".join(f"{count:,}" for count in levels.values())
    assert f"sure / likely / open: {numbers}" in told


def test_the_first_map_is_small(nandurbar_review):
    import gzip

    shapes = nandurbar_review.geometry(60)
    assert len(shapes) == 1060 and shapes.is_valid.all()
    assert len(gzip.compress(shapes.to_json(drop_id=False).encode())) < 900_000
