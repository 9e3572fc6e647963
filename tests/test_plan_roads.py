"""Works on roads: what a link, a share and a long way need, worked out by hand, and that they close what they say."""

from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

import tiny
from gis.catalogue import load_catalogue
from gis.criteria import Binding
from gis.findings import evaluate
from gis.interventions import load_interventions
from gis.labels import Label
from gis.measure import measure_checked
from gis.plan import Edit, Fund, Request, confirm, edited, find_options, plan, without_option
from gis.plan.candidates import Gaps
from gis.plan.candidates.roads import roads as make_roads
from gis.plan.candidates.roads_made import LONGEST_KM
from gis.plan.candidates.sheets import quantities
from gis.rasters import Raster
from gis.study import LayerData, Study, frozen
from gis.workflows import judge
from sets import criteria_set, criterion

CATALOGUE, NAN = load_catalogue(), np.nan
AREA = box(-1e5, -1e5, 1e5, 1e5)
LINK = criterion(
    "link",
    measured=Binding("all_season_link", ()),
    reported=Binding("reported_value", (("field", "road_to_centre"),)),
    unit="bool",
    compare="present",
    thresholds=MappingProxyType({"all": True}),
)
SHARE = criterion(
    "share",
    measured=Binding("road_share", (("classes", ("village",)),)),
    reported=Binding(
        "reported_share", (("denominator", "road_village_km"), ("numerator", "road_village_hard_km"))
    ),
    unit="%",
    compare="ge",
    thresholds=MappingProxyType({"all": 70}),
)
TIME = criterion(
    "time",
    measured=Binding("travel_time", (("facilities", "clinics"), ("mode", "motorbike"), ("season", "wet"))),
    reported=None,
    unit="min",
    thresholds=MappingProxyType({"all": 15}),
)


def layer(name, frame=None, raster=None):
    counts = {"rows_in": 1, "rows_used": 1, "rows_reported": 0}
    return LayerData(
        CATALOGUE[name], frame, raster, frozen({"*": "yes"}), "2026", f"{name}.gpkg", AREA, counts
    )


def centres(*places):
    """Centres of the communes x1, x2, …"""
    return tiny.facilities(*places, kind=None).assign(commune_id=[f"x{at + 1}" for at in range(len(places))])


def world(*rules, villages, reported=None, raster=None, **frames):
    """A review of a small study."""
    layers = {name: layer(name, frame) for name, frame in frames.items()}
    if raster is not None:
        layers["elevation"] = layer("elevation", raster=raster)
    sheet = pd.DataFrame(reported or {}, index=villages.index).assign(record="s")
    study = Study(
        "tiny", Label({"vi": "Thử", "en": "Test"}), "tiny.yaml", criteria_set(*rules),
        pd.Series("all", villages.index), villages,
        gpd.GeoDataFrame({"name": ["Xã Một"]}, geometry=[AREA], index=pd.Index(["x1"], name="commune_id"), crs=tiny.CRS),
        frozen(layers), frozen({2026: sheet}), frozen({}), frozen({}), villages.crs, 2026, "2026-01-01", 4, True, (),
        frozen({}), (),
    )  # fmt: skip
    return judge(study)


def made(review):
    found = make_roads(Gaps(review, load_interventions()))
    options = pd.DataFrame(found.options).set_index("option_id") if found.options else pd.DataFrame()
    return options, pd.DataFrame(found.ways)


def statuses(review, edits, *names):
    """The status of each village and criterion once edits are made, of all or some criteria."""
    study, rules = edited(review.study, edits), review.criteria
    if names:
        rules = replace(rules, criteria=tuple(one for one in rules.criteria if one.id in names))
    table = evaluate(measure_checked(study, rules), rules, study.villages, study.groups)
    return table.set_index(["village_id", "criterion"])["status"]


def said(review, village, name):
    """What a village reports of its way once that is whole."""
    rule = review.criteria.criterion(name)
    if rule.reported is None or rule.reported.indicator != "reported_value" or rule.decides == "measured":
        return []
    value = float((rule.compare == "present") != (rule.kind == "trigger"))
    return [
        Edit("report", {"village": village, "field": dict(rule.reported.arguments)["field"], "set": value})
    ]


def broken_promises(review, options, ways):
    """Ways whose gap is not met once all that they take is done, or is met before the last of it is."""
    wrong = []
    for (village, name, way), rows in ways.groupby(["village_id", "criterion", "way"]):
        edits = [edit for one in rows["option_id"] for edit in options.at[one, "edits"]]
        found = statuses(review, [*edits, *said(review, village, name)], name)[village, name]
        if found != "met":
            wrong.append((village, name, way, found))
    return wrong


def chain(*states, kind="village", surface="earth"):
    """A road along the villages' points from the first eastwards, a kilometre a piece, open where its state says so."""
    pieces = [LineString([(500 + 1000 * at, 500), (1500 + 1000 * at, 500)]) for at in range(len(states))]
    hard = ["concrete" if state == 1 else surface for state in states]
    return tiny.roads(*pieces, all_season=list(states), surface=hard, **{"class": kind, "condition": "poor"})


def test_villages_along_one_road_share_the_stretch_nearest_the_centre():
    review = world(
        LINK, villages=tiny.villages(4), roads=chain(0, 0, 1), commune_centres=centres((3500, 500))
    )
    options, ways = made(review)
    # v2 is there already; v0 needs both kilometres, v1 one of them
    assert set(options.index) == {"harden-village-road@r0:0-1000", "harden-village-road@r1:0-1000"}
    needs = ways.groupby("village_id")["option_id"].agg(set)
    assert needs["v1"] == {"harden-village-road@r1:0-1000"} and needs["v0"] == set(options.index)
    assert ways["need"].tolist() == [2, 2, 1] and (ways["amount"] == 1).all()
    assert options["cost"].tolist() == [1.5e9, 1.5e9] and options["village_id"].tolist() == ["v0", "v1"]
    assert broken_promises(review, options, ways) == []
    half = statuses(review, options["edits"].iloc[0])
    assert half["v0", "link"] == "unmet"


def test_one_road_is_cut_where_the_next_village_joins_it():
    line = tiny.roads(
        LineString([(500, 500), (3500, 500)]),
        LineString([(1500, 800), (1500, 500)]),
        all_season=0.0,
        surface="earth",
    )
    review = world(LINK, villages=tiny.villages(4), roads=line, commune_centres=centres((3500, 500)))
    options, ways = made(review)
    stretches = sorted(one for one in options.index if "@r0" in one)
    assert stretches == ["harden-village-road@r0:0-1000", "harden-village-road@r0:1000-2000",
                         "harden-village-road@r0:2000-3000"]  # fmt: skip
    assert ways.groupby("village_id").size().to_dict() == {"v0": 3, "v1": 2, "v2": 1}
    assert broken_promises(review, options, ways) == []


def test_what_the_same_villages_need_is_one_work_and_a_long_one_is_split():
    pieces = [LineString([(500 + 400 * at, 500), (900 + 400 * at, 500)]) for at in range(20)]
    review = world(
        LINK,
        villages=tiny.villages(1),
        roads=tiny.roads(*pieces, all_season=0.0, surface="earth"),
        commune_centres=centres((8500, 500)),
    )
    options, ways = made(review)
    assert len(options) == 3 and options["quantity"].max() <= LONGEST_KM
    assert sum(edit.what.get("to_m", 400) - edit.what.get("from_m", 0) for each in options["edits"] for edit in each
               if edit.does == "improve") == pytest.approx(8000, abs=1)  # fmt: skip
    assert broken_promises(review, options, ways) == []


def test_a_ford_on_the_way_is_bridged_and_the_cheaper_way_round_is_taken():
    straight, round_ = (
        LineString([(500, 500), (2500, 500)]),
        LineString([(500, 500), (500, 900), (2500, 900), (2500, 500)]),
    )
    fords = tiny.facilities((1500, 500), kind="ford").assign(all_season=0.0)
    facts = {"villages": tiny.villages(3), "commune_centres": centres((2500, 500))}
    roads = tiny.roads(straight, all_season=0.0, surface="earth")
    review = world(LINK, roads=roads, crossings=fords, **facts)
    options, ways = made(review)
    assert "bridge-ford@f0" in options.index
    assert "bridge-ford@f0" in set(ways.loc[ways["village_id"] == "v0", "option_id"])
    assert broken_promises(review, options, ways) == []
    # 2.8 km without a bridge cost less than 2 km and a bridge
    both = tiny.roads(straight, round_, all_season=0.0, surface="earth")
    options, ways = made(world(LINK, roads=both, crossings=fords, **facts))
    first = ways[(ways["village_id"] == "v0") & (ways["way"] == ways["way"].min())]
    assert set(first["option_id"]) & set(options.index[options["place"] == "r1"])
    assert "bridge-ford@f0" not in set(first["option_id"])


def test_a_second_way_is_offered_where_it_costs_hardly_more():
    lines = [LineString([(500, 500), (2500, 500)]), LineString([(500, 500), (1500, 900), (2500, 500)])]
    far = LineString([(500, 500), (1500, 3000), (2500, 500)])
    facts = {"villages": tiny.villages(1), "commune_centres": centres((2500, 500))}
    two = made(world(LINK, roads=tiny.roads(*lines, all_season=0.0, surface="earth"), **facts))
    assert two[1].groupby("way")["option_id"].agg(list).tolist() == [
        ["harden-village-road@r0:0-2000"], ["harden-village-road@r1:0-2154"]]  # fmt: skip
    one = made(world(LINK, roads=tiny.roads(lines[0], far, all_season=0.0, surface="earth"), **facts))
    assert one[1]["way"].nunique() == 1


def test_a_broken_hard_road_is_repaired_and_a_path_becomes_a_road():
    broken = chain(0, kind="village", surface="concrete")
    options, _ = made(
        world(LINK, villages=tiny.villages(1), roads=broken, commune_centres=centres((1500, 500)))
    )
    assert options.index.tolist() == ["repair-road@r0:0-1000"]
    path = chain(0, kind="path")
    review = world(LINK, villages=tiny.villages(1), roads=path, commune_centres=centres((1500, 500)))
    options, ways = made(review)
    assert options.index.tolist() == ["widen-path@r0:0-1000"]
    after = edited(review.study, options["edits"].iloc[0]).layers["roads"].frame
    assert after["class"].tolist() == ["village"] and broken_promises(review, options, ways) == []


def test_where_no_road_leads_a_new_one_is_opened_with_a_bridge_over_the_river():
    roads = tiny.roads(
        LineString([(500, 500), (900, 500)]), LineString([(1500, 500), (2500, 500)]), all_season=1.0
    )
    river = gpd.GeoDataFrame(
        {"kind": ["river"]}, geometry=[LineString([(1200, 0), (1200, 1000)])], index=pd.Index(["w0"], name="id"),
        crs=tiny.CRS,
    )  # fmt: skip
    fords = tiny.facilities((9000, 9000), kind="bridge").assign(all_season=1.0)
    review = world(
        LINK,
        villages=tiny.villages(2),
        roads=roads,
        rivers=river,
        crossings=fords,
        commune_centres=centres((2500, 500)),
    )
    options, ways = made(review)
    new = options.loc["open-road@900,500-1500,500"]
    # 600 m in a straight line, 780 m as it winds, in steps of 100 m
    assert new["quantity"] == pytest.approx(0.8) and new["cost"] == pytest.approx(0.8 * 3.2e9)
    assert "bridge-ford@900,500-1500,500:0" in options.index
    assert set(ways["village_id"]) == {"v0"} and broken_promises(review, options, ways) == []
    # a slip of the pen is closed like any other gap; what is too far is not proposed
    near = tiny.roads(
        LineString([(500, 500), (980, 500)]), LineString([(1000, 500), (2500, 500)]), all_season=1.0
    )
    options, _ = made(
        world(LINK, villages=tiny.villages(1), roads=near, commune_centres=centres((2500, 500)))
    )
    assert options["quantity"].tolist() == [0.1]
    far = tiny.roads(
        LineString([(0, 500), (900, 500)]), LineString([(9000, 500), (9500, 500)]), all_season=1.0
    )
    options, _ = made(world(LINK, villages=tiny.villages(1), roads=far, commune_centres=centres((9500, 500))))
    assert options.empty


def test_beyond_the_new_road_what_is_closed_is_hardened_too():
    roads = tiny.roads(
        LineString([(1500, 500), (2500, 500)]), LineString([(2500, 500), (3500, 500)]), all_season=[0.0, 1.0]
    ).assign(surface=["earth", "concrete"])
    review = world(LINK, villages=tiny.villages(1), roads=roads, commune_centres=centres((3500, 500)))
    options, ways = made(review)
    assert set(options["intervention"]) == {"open-road", "harden-village-road"} and len(ways) == 2
    assert broken_promises(review, options, ways) == []


def test_what_is_hardened_for_a_link_counts_for_the_share():
    share = replace(SHARE, decides="reported")
    link = replace(LINK, decides="reported")
    villages = tiny.villages(3)
    roads = pd.concat(
        [
            chain(0, 1),
            tiny.roads(LineString([(200, 200), (200, 800)]), all_season=0.0, surface="earth").rename(
                {"r0": "s0"}
            ),
        ]
    )
    report = {
        "road_village_km": [2.0, NAN, NAN],
        "road_village_hard_km": [0.6, NAN, NAN],
        "road_to_centre": [0.0, 1, 1],
    }
    review = world(
        link, share, villages=villages, roads=roads, commune_centres=centres((2500, 500)), reported=report
    )
    options, ways = made(review)
    # 0.8 km are missing; the link gives the 0.5 km that lie in the village, 0.3 km are left
    rows = ways[ways["criterion"] == "share"].set_index("option_id")
    assert rows.loc["harden-village-road@r0:0-1000", "amount"] == pytest.approx(0.5, abs=1e-6)
    rest = rows.drop("harden-village-road@r0:0-1000")
    assert (
        rest["amount"].tolist() == pytest.approx([0.3], abs=1e-4) and (rows["need"] - 0.8).abs().max() < 1e-4
    )
    assert options.at[rest.index[0], "place"] == "s0"
    assert broken_promises(review, options, ways) == []


def test_where_only_the_map_decides_the_worst_stretches_are_hardened_until_it_is_enough():
    villages = tiny.villages(1)
    lines = [LineString([(100, y), (900, y)]) for y in (200, 400, 600)]
    roads = tiny.roads(*lines, surface=["concrete", "earth", "earth"], condition=["good", "fair", "poor"])
    review = world(replace(SHARE, reported=None), villages=villages, roads=roads)
    options, ways = made(review)
    # 70 % of 2.4 km are 1.68 km; 0.88 km are missing: the poor road, and 80 m of the other
    assert options["quantity"].tolist() == [0.9] and options["place"].tolist() == ["r2"]
    assert ways["need"].tolist() == pytest.approx([0.88], abs=0.002)
    assert broken_promises(review, options, ways) == []


def water(x, kind="ford", state=0.0):
    """A river across the road at some x, and what leads over it there."""
    river = gpd.GeoDataFrame(
        {"kind": ["river"]}, geometry=[LineString([(x, -4000), (x, 5000)])], index=pd.Index(["w0"], name="id"),
        crs=tiny.CRS,
    )  # fmt: skip
    return {"rivers": river, "crossings": tiny.facilities((x, 500), kind=kind).assign(all_season=state)}


def flat():
    """Level ground of 10 km by 10 km in cells of 50 m, so that its edge is far from the first village."""
    return Raster(np.zeros((200, 200)), -4500.0, 5500.0, 50.0, 50.0, tiny.villages(1).crs)


def test_a_way_that_takes_too_long_is_bettered_where_it_is_worst():
    clinic = tiny.facilities((2400, 500), kind="station")
    roads = tiny.roads(
        LineString([(500, 500), (1500, 500)]), LineString([(1500, 500), (2400, 500)]), surface=["earth", "concrete"],
        all_season=[0.0, 1.0], condition="good",
    )  # fmt: skip
    facts = {"villages": tiny.villages(1), "roads": roads, "clinics": clinic, "raster": flat(), **water(9000)}
    review = world(replace(TIME, thresholds=MappingProxyType({"all": 8})), **facts)
    assert review.findings["status"].tolist() == ["unmet"]
    options, ways = made(review)
    assert set(options["place"]) == {"r0"} and broken_promises(review, options, ways) == []
    # the clinic is no nearer than the roads can be made fast
    options, ways = made(world(replace(TIME, thresholds=MappingProxyType({"all": 1})), **facts))
    assert options.empty


def test_a_ford_that_the_rains_close_is_bridged():
    clinic = tiny.facilities((2400, 500), kind="station")
    roads = tiny.roads(LineString([(500, 500), (2400, 500)]), surface="concrete", condition="good")
    rule = criterion(
        "cut", measured=Binding("cut_off_in_rains", (("facilities", "clinics"), ("max_min", 30), ("mode", "motorbike"))),
        reported=None, unit="bool", compare="absent", thresholds=MappingProxyType({"all": True}),
    )  # fmt: skip
    review = world(rule, villages=tiny.villages(1), roads=roads, clinics=clinic, raster=flat(), **water(1200))
    assert review.findings["status"].tolist() == ["unmet"]
    options, ways = made(review)
    assert options.index.tolist() == ["bridge-ford@f0"] and broken_promises(review, options, ways) == []


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    from gis.sample import make_sample
    from gis.workflows import read_study

    path = make_sample(tmp_path_factory.mktemp("roads"), villages=24, seed=3)
    study = read_study(path, criteria="kontum-dtts-village-2022")
    rules = tuple(one for one in study.criteria.criteria if one.theme == "roads")
    return judge(replace(study, criteria=replace(study.criteria, criteria=rules), beside=frozen({})))


def test_on_the_sample_every_way_closes_its_gap_and_the_order_of_rows_does_not_matter(judged):
    options, ways = made(judged)
    assert {"road-link-commune-centre", "village-axis-road"} <= set(ways["criterion"])
    assert ways["option_id"].isin(options.index).all() and options.index.is_unique
    assert (options["quantity"] > 0).all() and (options["cost"] > 0).all()
    assert (
        ways.groupby(["village_id", "criterion", "way"])["amount"].sum()
        >= ways.groupby(["village_id", "criterion", "way"])["need"].max() - 1e-9
    ).all()
    assert broken_promises(judged, options, ways) == []
    chance = np.random.default_rng(1)
    study = judged.study
    mixed = {
        name: replace(
            study.layers[name],
            frame=study.layers[name].frame.iloc[chance.permutation(len(study.layers[name].frame))],
        )
        for name in ("roads", "crossings", "commune_centres")
    }
    again = replace(judged, study=replace(study, layers=frozen({**study.layers, **mixed}), travels={}))
    other, other_ways = made(again)
    assert other.index.equals(options.index) and other_ways.equals(ways)
    assert other["cost"].equals(options["cost"]) and other["edits"].equals(options["edits"])


def test_a_work_of_the_sheets_is_placed_on_the_map(judged):
    options = pd.DataFrame(quantities(Gaps(judged, load_interventions())).options)
    lengths = options[
        options["intervention"].isin(["harden-village-road", "harden-field-road", "harden-alley"])
    ]
    assert (
        lengths["geometry"].map(lambda shape: shape.geom_type).isin(["LineString", "MultiLineString"])
    ).mean() > 0.9
    for _, option in lengths.iterrows():
        on_map = sum(edit.does == "improve" for edit in option["edits"])
        assert (on_map > 0) == (option["geometry"].geom_type != "Point")


def test_a_road_that_is_on_the_map_and_not_on_the_sheet_is_said_to_be_looked_at():
    report = {"road_to_centre": [0.0, 0.0]}
    review = world(
        replace(LINK, decides="reported"),
        villages=tiny.villages(2, point=[Point(500, 500), None]),
        roads=chain(1),
        commune_centres=centres((1500, 500)),
        reported=report,
    )
    left = without_option(review, find_options(review))
    assert left["reason"].tolist() == ["options-map-has-road", "options-data-missing"]


@pytest.mark.parametrize("seed", range(3))
def test_no_work_on_roads_takes_a_link_away_or_makes_a_way_longer(seed):
    chance = np.random.default_rng(seed)
    spots = chance.uniform(0, 4000, (14, 2))
    pairs = {tuple(sorted(chance.choice(14, 2, replace=False))) for _ in range(18)}
    lines = [LineString(spots[list(pair)]) for pair in sorted(pairs)]
    state = chance.choice([0.0, 1.0], len(lines), p=[0.7, 0.3])
    roads = tiny.roads(*lines, all_season=state, surface=np.where(state == 1, "concrete", "earth"))
    villages = tiny.villages(4, size=1000)
    villages["point"] = gpd.GeoSeries(
        [Point(spots[at]) for at in range(4)], index=villages.index, crs=tiny.CRS
    )
    far = criterion(
        "far", measured=Binding("network_distance", (("facilities", "clinics"),)), reported=None, compare="le"
    )
    clinics = tiny.facilities(tuple(spots[5]), kind="station")
    review = world(
        LINK, far, villages=villages, roads=roads, clinics=clinics, commune_centres=centres(tuple(spots[4]))
    )
    options, ways = made(review)
    assert broken_promises(review, options, ways) == []

    def values(study):
        table = measure_checked(study, review.criteria)
        return table.pivot(index="village_id", columns="measure", values="value")

    before = values(review.study)
    for edits in (
        [*options["edits"], [edit for each in options["edits"] for edit in each]] if len(options) else []
    ):
        after = values(edited(review.study, edits))
        assert (after["all_season_link()"] >= before["all_season_link()"]).all()
        distance = "network_distance(facilities=clinics)"
        assert (after[distance] <= before[distance] + 1e-3).all()


@pytest.mark.parametrize("kind, compare", [("flag", "present"), ("trigger", "absent")])
def test_what_a_plan_promises_of_a_link_is_kept_when_it_is_judged_anew(kind, compare):
    rule = replace(LINK, decides="reported", kind=kind, compare=compare)
    report = {"road_to_centre": [0.0, 0.0, 1.0]}
    review = world(
        rule,
        villages=tiny.villages(3),
        roads=chain(0, 0),
        commune_centres=centres((2500, 500)),
        reported=report,
    )
    money = Request(years=(2026,), funds=(Fund("ntm", "NTM", (4e9,)),), seconds=5)
    chosen = plan(review, find_options(review), money)
    assert chosen.passing == 2 and len(chosen.works) == 2
    kept = confirm(chosen, review)
    assert kept.promised == kept.kept == 2 and kept.villages_kept == 2
