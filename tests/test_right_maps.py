"""Lengths, places and counts of what is drawn, against the ellipsoid and against the judgement itself."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pypdfium2
import pytest
import shapely
from pyproj import Geod, Transformer

from gis.crs import WGS84, metric_crs
from gis.reaching import decided_way
from gis.relief import shade
from gis.sheets.mapsheets import Ask, atlas
from gis.sheets.mapsheets.frame import bar_length, fit
from gis.verdicts import judge_set
from gis.workflows.upgrading import changes, verdicts_of
from tests.test_relief import UTM, extent, raster

GEOD = Geod(ellps="WGS84")


@pytest.mark.parametrize("latitude", [-34.0, 0.5, 9.0, 14.5, 23.0, 45.0, 62.0])
def test_a_printed_distance_times_the_scale_is_the_distance_on_the_ground(latitude):
    west, south, east, north = 107.1, latitude, 107.6, latitude + 0.4
    crs = metric_crs((west, south, east, north))
    to_metres = Transformer.from_crs(WGS84, crs, always_xy=True)
    corners = [to_metres.transform(x, y) for x in (west, east) for y in (south, north)]
    frame = fit((*np.min(corners, axis=0), *np.max(corners, axis=0)), 40, 40, 620, 420)
    for ends in (
        ((107.2, latitude + 0.2), (107.5, latitude + 0.2)),
        ((107.3, latitude + 0.05), (107.3, latitude + 0.35)),
    ):
        on_paper = frame.place([to_metres.transform(*each) for each in ends])
        paper_m = np.hypot(*(on_paper[1] - on_paper[0])) / 72 * 0.0254
        (*_, metres) = GEOD.inv(*ends[0], *ends[1])
        assert paper_m * frame.denominator == pytest.approx(metres, rel=0.005)
        # the bar is drawn by the same figure
        bar_m = bar_length(frame, 140) * frame.scale / 72 * 0.0254 * frame.denominator
        assert bar_m == pytest.approx(bar_length(frame, 140), rel=1e-9)


def test_an_atlas_has_a_page_for_every_commune_that_has_a_place(sample_review):
    content = atlas(sample_review, Ask(date="2026-11-26"), "vi")
    document = pypdfium2.PdfDocument(content)
    places = sample_review.study.villages
    seen = places[places.geometry.notna() | places["point"].notna()]["commune_id"].dropna().unique()
    assert len(document) == 1 + len(seen)
    document.close()


def test_a_hill_is_shaded_where_it_stands():
    heights = np.zeros((120, 160))
    row, column = np.mgrid[:120, :160]
    heights = np.maximum(0, 300 - 12.0 * np.hypot(row - 30, column - 110))
    ground = raster(heights)
    made = shade(ground, most_px=400)
    west, south, east, north = extent(ground)
    hit = np.abs(made.steps.astype(float)) > 0
    # the foot of a round hill is a ring about its top
    rows, columns = np.nonzero(hit)
    top, left = (rows.min() + rows.max() + 1) / 2, (columns.min() + columns.max() + 1) / 2
    mercator = Transformer.from_crs(WGS84, 3857, always_xy=True)
    (x0, y0), (x1, y1) = mercator.transform(west, south), mercator.transform(east, north)
    high, wide = made.steps.shape
    x, y = x0 + (x1 - x0) * left / wide, y1 - (y1 - y0) * top / high
    summit = (800_000 + 110.5 * 50, 1_620_000 - 30.5 * 50)
    wanted = Transformer.from_crs(UTM, 3857, always_xy=True).transform(*summit)
    assert abs(x - wanted[0]) <= 1.0 * (x1 - x0) / wide and abs(y - wanted[1]) <= 1.0 * (y1 - y0) / high


def test_the_way_that_is_drawn_is_as_long_as_it_is_told(sample_review):
    study, tried = sample_review.study, 0
    rows = sample_review.findings.dropna(subset="facility_id")
    for row in rows.iloc[:: max(1, len(rows) // 8)].to_dict("records"):
        parts = decided_way(study, sample_review.criteria.criterion(row["criterion"]), row)
        lines = gpd.GeoSeries([part[3] for part in parts], crs=study.crs).to_crs(4326)
        for part, line in zip(parts, lines, strict=True):
            assert GEOD.geometry_length(line) == pytest.approx(part[2], rel=0.02, abs=30), (
                row["village_id"],
                part[:3],
            )
            tried += 1
        joined = [shapely.get_coordinates(part[3])[[0, -1]] for part in parts]
        for (_, end), (begin, _) in zip(joined, joined[1:], strict=False):
            assert np.hypot(*(end - begin)) < 30
    assert tried


def test_the_list_of_an_upgrade_is_what_two_judgements_differ_by(sample_review):
    random, findings = np.random.default_rng(3), sample_review.findings.copy()
    turned = random.random(len(findings)) < 0.15
    findings.loc[turned, "status"] = random.choice(["met", "unmet", "unknown"], int(turned.sum()))
    other = replace(
        sample_review,
        findings=findings,
        results=judge_set(findings, sample_review.criteria, sample_review.study.villages),
    )
    wanted = set()
    for id_ in sample_review.study.villages.index:
        pair = [one.villages_table.loc[id_] for one in (sample_review, other)]
        for column, criterion in (
            ("status", ""),
            *((one.id, one.id) for one in sample_review.criteria.criteria),
        ):
            if pair[0][column] != pair[1][column]:
                wanted.add((id_, criterion, pair[0][column], pair[1][column]))
    table = changes({"a": verdicts_of(sample_review)}, {"a": verdicts_of(other)})
    found = list(
        table[["village_id", "criterion", "before", "after"]].fillna("").itertuples(index=False, name=None)
    )
    assert wanted and len(found) == len(set(found)) and set(found) == wanted
    assert set(table["cause"]) == {"program"}
