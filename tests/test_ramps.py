"""Rasters that colour the ground: classes by hand, nothing unknown as zero, colours that are told apart."""

import re
import struct
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from gis.rasters import Raster
from gis.web import ramps
from tests.test_map_colours import LEAST_APART, SEEN, STATIC, apart


def study(name, values, cell_m=100.0):
    raster = Raster(np.asarray(values, dtype=float), 800_000.0, 1_620_000.0, cell_m, cell_m, "EPSG:32648")
    return SimpleNamespace(layers={name: SimpleNamespace(raster=raster)})


def test_unknown_is_hatched_and_zero_is_the_first_class():
    found = ramps.classes(np.array([[0.0, 1.0, 9.9, 10.0, 5000.0, np.nan]]), list(ramps.PEOPLE_A_KM2))
    assert found[0, :5].tolist() == [0, 1, 1, 2, 5]
    assert found[0, 5] in (ramps.UNKNOWN, ramps.STROKE)
    blank = ramps.classes(np.full((8, 8), np.nan), [1])
    assert (blank == ramps.STROKE).sum() == 16 and (blank >= ramps.UNKNOWN).all()


def test_people_are_told_a_square_kilometre_and_heights_in_round_metres():
    # two people a hectare are 200 a square kilometre
    assert 2.0 / ramps._unit(study("population", [[2.0]]), "population") == pytest.approx(200)
    steps = ramps.steps_of(study("elevation", [np.arange(0.0, 1200.0)]), "elevation")
    assert steps == [200, 400, 600, 800, 1000]
    assert ramps.steps_of(study("elevation", np.full((4, 4), 70.0)), "elevation") == [50]
    assert ramps.steps_of(study("elevation", np.full((4, 4), np.nan)), "elevation") == []


def test_colours_are_apart_for_every_eye_and_those_of_the_legend():
    css = (STATIC / "maptools.css").read_text(encoding="utf-8")
    assert tuple(re.findall(r"\.band\.ramp\d \{[^}]*background: (#\w{6})", css)) == ramps.PAINTS
    for seen in SEEN:
        assert min(apart(one, other, seen) for one, other in combinations(ramps.PAINTS, 2)) >= LEAST_APART


def test_a_picture_has_the_shape_of_the_map_and_is_small():
    data = ramps._drawn(
        study("population", np.random.default_rng(1).uniform(0, 30, (80, 160))), "population", 120
    )
    columns, rows = struct.unpack(">II", data[16:24])
    assert columns == 120 and 55 <= rows <= 65 and len(data) < ramps.MOST_BYTES
