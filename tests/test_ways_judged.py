"""What a study's findings promise of its ways: more to go by never takes longer, less never shorter, no order matters."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from gis.sample import make_sample
from gis.workflows import judge, read_study

CRITERIA = Path(__file__).parent / "studies" / "criteria" / "andorra-access.yaml"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A sample of 24 villages, judged by ways on foot and by motorbike in both seasons."""
    path = make_sample(tmp_path_factory.mktemp("ways"), villages=24, seed=3)
    recipe = yaml.safe_load(path.read_text(encoding="utf-8")) | {"criteria": CRITERIA.name, "groups": {}}
    shutil.copy(CRITERIA, path.parent)
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    return read_study(path)


@pytest.fixture(scope="module")
def findings(study):
    return judge(study).findings


def with_layer(study, **frames):
    layers = {
        name: dataclasses.replace(layer, frame=frames.get(name, layer.frame))
        for name, layer in study.layers.items()
    }
    return dataclasses.replace(study, layers=layers)


def later(before, after):
    """By how many minutes each time is longer; 0 where neither is reached."""
    timed = (before["unit"] == "min").to_numpy()
    old, new = (each["value"].to_numpy(dtype=float)[timed] for each in (before, after))
    assert timed.any() and (np.isnan(old) == np.isnan(new)).all()
    known = ~np.isnan(old) & ~(np.isinf(old) & np.isinf(new))
    return new[known] - old[known]


def test_the_order_of_all_rows_changes_no_finding(study, findings):
    frames = {name: layer.frame for name, layer in study.layers.items() if layer.frame is not None}
    mixed = {name: frame.sample(frac=1, random_state=5) for name, frame in frames.items()}
    found = judge(with_layer(study, **mixed)).findings
    pd.testing.assert_frame_equal(found, findings)


def test_a_road_more_lengthens_no_time_and_turns_no_met_to_unmet(study, findings):
    roads, points = study.layers["roads"].frame, study.villages["point"].to_numpy()
    line = shapely.LineString([points[0], points[-1]])
    said = {"class": "commune", "surface": "asphalt", "all_season": 1.0, "structure": None}
    new = roads.iloc[[0]].assign(geometry=[line], **said).set_axis(["new"])
    found = judge(with_layer(study, roads=pd.concat([roads, new]))).findings
    assert (later(findings, found) <= 1e-3).all() and (later(findings, found) < -1).any()
    assert not ((findings["status"] == "met") & (found["status"] == "unmet")).any()


def test_bridges_and_fords_closed_in_the_rains_shorten_no_time_and_no_time_of_the_dry_season(study, findings):
    crossings = study.layers["crossings"].frame
    found = judge(with_layer(study, crossings=crossings.assign(all_season=0.0))).findings
    assert (later(findings, found) >= -1e-3).all() and (later(findings, found) > 1).any()
    dry = findings["criterion"].str.endswith("-dry").to_numpy()
    assert later(findings[dry], found[dry]) == pytest.approx(0)
