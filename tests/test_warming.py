"""The compiled loops are ready before the first page of a study with heights asks for them."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from gis.web import mapdata

ASKED = """
import importlib, pkgutil
import numpy as np
import tiny
from shapely import LineString
from gis import kernels
from gis.indicators.lived import travel_time_people
from gis.indicators.travel import cut_off_in_rains
from gis.rasters import Raster
from gis.travel.warming import load_loops

def compiled():
    found = {}
    for module in pkgutil.iter_modules(kernels.__path__):
        for name, loop in vars(importlib.import_module(f"gis.kernels.{module.name}")).items():
            found[module.name, name] = len(getattr(loop, "signatures", ()))
    return found

load_loops()
before = compiled()
villages, schools = tiny.villages(2), tiny.facilities((100, 100))
heights = Raster(np.zeros((20, 40)), 0.0, 1000.0, 50.0, 50.0, villages.crs)
ground = heights, tiny.roads(LineString([(0, 500), (2000, 500)]))
people = Raster(np.ones((10, 20)), 0.0, 1000.0, 100.0, 100.0, villages.crs)
assert (travel_time_people(villages, schools, people, *ground, mode="motorbike")["value"] > 0).all()
cut_off_in_rains(villages, schools, *ground)
print(sorted(name for name, count in compiled().items() if count != before[name]))
"""


def test_what_is_loaded_ahead_is_all_that_ways_and_people_ask_for():
    ran = subprocess.run(
        [sys.executable, "-c", ASKED], cwd="tests", capture_output=True, text=True, timeout=300
    )
    assert (ran.stdout.strip(), ran.returncode) == ("[]", 0), ran.stderr


@pytest.mark.parametrize(("layers", "loaded"), [({"elevation": None}, [True]), ({"roads": None}, [])])
def test_the_loops_are_loaded_only_for_a_study_with_heights(monkeypatch, layers, loaded):
    calls = []
    monkeypatch.setattr(mapdata, "load_loops", lambda: calls.append(True))
    review = SimpleNamespace(study=SimpleNamespace(layers=layers, villages=()), disagreements=())
    mapdata.prepare(SimpleNamespace(review=review, prepared=lambda key, make: None))
    assert calls == loaded
