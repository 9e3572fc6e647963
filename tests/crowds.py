"""A finished review of very many villages with crooked common borders, without reading any file."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from tests.fakes_web import CRS, ORIGIN, build_findings, build_review, build_villages

BENDS = 12
"""Corners along each side of a village."""


def build_crowd(count, *, side=12, seed=5, order=None):
    """A review of a square of about `count` villages, each commune a block `side` wide and two high.

    The last village has a point only, the first neither outline nor point. With `order` (a seed) its rows are
    shuffled.
    """
    wide = int(round(count**0.5))
    villages = _villages(wide, side, seed)
    base = build_review(seed=seed)
    findings, results = _tiled(base, villages.index, seed)
    blocks = villages.geometry[villages.geometry.notna()].groupby(villages["commune_id"])
    outlines = gpd.GeoSeries(
        blocks.agg(lambda inside: shapely.coverage_union_all(inside.to_numpy())), crs=CRS
    )
    names = villages.groupby("commune_id")["commune"].first().reindex(outlines.index)
    if order is not None:
        villages = villages.sample(frac=1, random_state=order)
        results = results.loc[villages.index]
    study = base.study
    study.villages = villages
    study.communes = gpd.GeoDataFrame({"name": names}, geometry=outlines, crs=CRS)
    study.groups = pd.Series("chung", index=villages.index)
    study.reported = pd.DataFrame({"record": "bieu.xlsx"}, index=villages.index)
    study.assessments = {2025: study.reported}
    return replace(base, findings=findings, results=results)


def _villages(wide, side, seed):
    rng = np.random.default_rng(seed)
    cell = 1500.0
    nodes = np.stack(np.meshgrid(np.arange(wide + 1.0), np.arange(wide + 1.0)), axis=-1)
    nodes = nodes + rng.uniform(-0.18, 0.18, nodes.shape)
    across, up = _crooked(nodes[:, :-1], nodes[:, 1:], rng), _crooked(nodes[:-1], nodes[1:], rng)
    rings = np.concatenate([across[:-1, :, :-1], up[:, 1:, :-1], across[1:, :, :0:-1], up[:, :-1, :0:-1]], axis=2).reshape(
        wide * wide, -1, 2
    )
    polygons = shapely.polygons(np.array(ORIGIN) + rings * cell)
    row, column = np.divmod(np.arange(wide * wide), wide)
    block = (row // 2) * -(-wide // side) + column // side
    frame = gpd.GeoDataFrame(
        {
            "name": [f"Thôn Đăk {number + 1}" for number in range(wide * wide)],
            "commune_id": [f"{30000 + each}" for each in block],
            "commune": [f"Xã Đăk {each + 1}" for each in block],
            "population": 300.0 + row,
            "households": 70.0 + column,
            "approximate": False,
        },
        geometry=polygons,
        crs=CRS,
        index=pd.Index([f"v{number:06d}" for number in range(wide * wide)], name="village_id"),
    )
    frame["point"] = frame.geometry.representative_point()
    frame.loc[[frame.index[0], frame.index[-1]], "geometry"] = None
    frame.loc[frame.index[0], "point"] = None
    return frame


def _crooked(begin, end, rng):
    """Corners from `begin` to `end`, off the straight line between them."""
    share = np.arange(BENDS + 1)[:, None] / BENDS
    line = begin[..., None, :] * (1 - share) + end[..., None, :] * share
    line[..., 1:-1, :] += rng.uniform(-0.012, 0.012, line[..., 1:-1, :].shape)
    return line


def _tiled(base, ids, seed):
    """Findings and results of the villages, each as one of a small review."""
    small = build_villages()
    findings = build_findings(small, base.study.criteria, seed)
    each = len(base.study.criteria.criteria)
    ordered = np.sort(ids.to_numpy())
    like = np.random.default_rng(seed).integers(1, len(small), len(ordered))
    rows = (like[:, None] * each + np.arange(each)).ravel()
    tiled = findings.iloc[rows].reset_index(drop=True)
    tiled["village_id"] = np.repeat(ordered, each)
    results = base.results.iloc[like].set_axis(ordered).reindex(ids)
    return tiled, results
