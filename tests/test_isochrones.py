"""Bands and catchments follow the cells of a grid, cover what they are of and nothing else."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gis.isochrones import LIMITS, NOWHERE, band_of, bands, coarser, outlines, smoother

GRID = {"west": 100.0, "north": 50.0, "width": 2.0, "height": 3.0}
CLASSES = arrays(np.int64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(NOWHERE, 3))


def middles(classes):
    row, column = np.indices(classes.shape)
    return 100 + (column + 0.5) * 2, 50 - (row + 0.5) * 3


def test_a_band_holds_its_upper_limit_and_unreached_is_a_band_of_its_own():
    chosen = bands((15, 30))
    minutes = np.array([0, 15, 15.01, 30, 31, np.inf, np.nan])
    assert band_of(minutes, chosen).tolist() == [0, 0, 1, 1, 2, 3, NOWHERE]
    assert [(band.above, band.upto) for band in chosen] == [(0, 15), (15, 30), (30, np.inf), (np.inf, np.inf)]


@pytest.mark.parametrize(
    "limits", [(), (0, 15), (30, 15), (15, 15), (1.5,), range(1, 9), (np.inf,), (np.nan,)]
)
def test_limits_that_are_no_limits_are_refused(limits):
    with pytest.raises(ValueError):
        bands(limits)


def test_the_area_of_a_class_is_its_cells():
    codes, areas = outlines(np.array([[0, 0, 1], [0, NOWHERE, 1]]), **GRID)
    assert codes.tolist() == [0, 1]
    assert shapely.area(areas).tolist() == [18, 12]
    assert areas[1].equals(shapely.box(104, 44, 106, 50))


def test_cells_that_meet_at_a_corner_are_two_parts_of_one_area():
    _, areas = outlines(np.array([[0, 1], [1, 0]]), **GRID)
    assert [len(area.geoms) for area in areas] == [2, 2] and shapely.is_valid(areas).all()


@given(CLASSES)
def test_areas_cover_their_cells_and_no_other_and_do_not_overlap(classes):
    codes, areas = outlines(classes, **GRID)
    assert codes.tolist() == sorted(set(classes[classes != NOWHERE].tolist()))
    assert shapely.is_valid(areas).all()
    x, y = middles(classes)
    for code, area in zip(codes, areas, strict=True):
        assert area.area == 6 * (classes == code).sum()
        assert (shapely.contains_xy(area, x, y) == (classes == code)).all()
    assert not len(areas) or shapely.coverage_is_valid(areas)


@given(CLASSES, st.floats(0, 20))
def test_simpler_areas_share_borders_and_never_cover_what_is_in_none_of_them(classes, tolerance):
    _, areas = outlines(classes, **GRID)
    simple = smoother(areas, tolerance)
    assert not len(areas) or shapely.coverage_is_valid(simple)
    assert shapely.union_all(simple).symmetric_difference(shapely.union_all(areas)).area < 1e-9


@given(CLASSES, st.integers(1, 4))
def test_a_coarser_grid_makes_nothing_look_nearer_and_loses_no_ground(classes, factor):
    wide = coarser(classes, factor).repeat(factor, 0).repeat(factor, 1)
    wide = wide[: classes.shape[0], : classes.shape[1]]
    assert (wide >= classes).all()
    owned = coarser(classes, factor, worst_last=False)
    assert ((owned == NOWHERE) == (coarser(classes, factor) == NOWHERE)).all()
    assert set(owned.ravel()) <= set(classes.ravel()) | {NOWHERE}


@given(CLASSES, st.integers(1, 200), st.integers(1, 200))
def test_a_longer_limit_never_covers_less(classes, first, second):
    minutes = np.where(classes == NOWHERE, np.nan, classes * 40.0)
    short, long = sorted((first, second))
    within = [band_of(minutes, bands([limit])) == 0 for limit in (short, long)]
    assert (within[1] | ~within[0]).all()


def test_the_usual_limits_are_limits():
    assert len(bands(LIMITS)) == len(LIMITS) + 2
