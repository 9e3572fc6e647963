"""Works on roads and bridges, made together so that what serves several villages and criteria is one work."""

from gis.plan.candidates.base import Made, maker
from gis.plan.candidates.roads_links import link_demands
from gis.plan.candidates.roads_made import road_options
from gis.plan.candidates.roads_shares import share_ways
from gis.plan.candidates.roads_times import time_demands
from gis.plan.candidates.roads_works import road_works


@maker
def roads(gaps):
    """Stretches to be made passable all year, bridges, and new roads where none leads."""
    works = road_works(gaps)
    if works is None:
        return Made()
    options, ways = road_options(works, [*link_demands(works), *time_demands(works)])
    more, shares = share_ways(works, {option.id: option for option in options})
    return Made([option.row for option in [*options, *more]], [*ways, *shares])
