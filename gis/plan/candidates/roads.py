"""Works on roads and bridges, made together so that what serves several villages and criteria is one work."""

from gis.plan.candidates.base import Made, maker
from gis.plan.candidates.roads_links import link_demands
from gis.plan.candidates.roads_works import RoadWorks, road_options


@maker
def roads(gaps):
    """Stretches to be made passable all year, bridges, and new roads where none leads."""
    works = RoadWorks(gaps)
    data = gaps.review.study.layers.get("roads")
    if data is None or data.frame is None or not len(data.frame):
        return Made()
    demands, cut_off = link_demands(works)
    options, ways = road_options(works, demands)
    return Made([option.row for option in options], ways)
