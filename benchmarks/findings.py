"""From the files of a study to its findings, and two of its measurements beside geopandas.

Sizes are villages of the illustrative district; the real district is added where its data lie beside the project.
"""

import tempfile
from pathlib import Path

import geopandas as gpd

from benchmarks.table import ROOT, Row, compared, here, near, processor_seconds
from gis.indicators.access import nearest_distance, of_kind
from gis.indicators.roads import road_share
from gis.sample import make_sample
from gis.workflows import judge, read_study

NANDURBAR = ROOT / "tests" / "studies" / "nandurbar.yaml"
SIZES = {"quick": (24,), "usual": (1000, 10_000), "large": (1000, 10_000, 100_000)}


def rows(size, turns, seed):
    """Rows of the real district and of each size of the invented one, each judged once after a small one."""
    with tempfile.TemporaryDirectory() as folder:
        judge(read_study(make_sample(Path(folder), villages=24, seed=seed)))
    if size != "quick" and (ROOT.parent / "shared" / "data").is_dir():
        row, _ = to_findings(NANDURBAR, "1,060 villages, real")
        yield row
    for count in SIZES[size]:
        with tempfile.TemporaryDirectory() as folder:
            path = make_sample(Path(folder), villages=count, seed=seed)
            row, study = to_findings(path, f"{count:,} villages, invented")
        yield row
        yield from beside_geopandas(study, turns)


def to_findings(path, size):
    """The row of a study file, and the study."""
    started = processor_seconds()
    review = judge(read_study(path))
    spent = processor_seconds() - started
    return Row("files to findings", size, spent, agreement=f"{len(review.findings):,} findings"), review.study


def beside_geopandas(study, turns):
    """Rows of the share of hardened road and of the nearest school."""
    villages, roads = study.villages, study.layers["roads"].frame
    schools = of_kind(study.layers["schools"].frame, "primary")
    points = gpd.GeoDataFrame(geometry=villages["point"].to_numpy(), index=villages.index, crs=villages.crs)

    def overlay():
        shapes = villages[["geometry"]].reset_index()
        wanted = roads[roads["class"] == "village"][["surface", "geometry"]]
        pieces = gpd.overlay(wanted, shapes, how="intersection", keep_geom_type=True)
        pieces["length"] = pieces.length
        hard = pieces[pieces["surface"].isin(["asphalt", "concrete", "gravel"])]
        hard, whole = (each.groupby("village_id")["length"].sum() for each in (hard, pieces))
        return 100 * hard.reindex(villages.index, fill_value=0) / whole.reindex(villages.index)

    def join():
        found = points.sjoin_nearest(schools[["geometry"]], distance_col="metres")
        return found.groupby(level=0)["metres"].first() / 1000

    share = here(lambda: road_share(villages, roads, classes="village")["value"])
    distance = here(lambda: nearest_distance(villages, schools)["value"])
    size = f"{len(villages):,} villages"
    rivals = {"geopandas.overlay": here(overlay)}
    yield from compared(
        "share of hardened road", f"{size}, {len(roads):,} roads", share, rivals, agree, turns
    )
    rivals = {"geopandas.sjoin_nearest": here(join)}
    yield from compared(
        "nearest school, straight", f"{size}, {len(schools):,} schools", distance, rivals, agree, turns
    )


def agree(ours, theirs):
    """Whether every value is the same within a millionth, and the same villages lack one."""
    ours, theirs = (each.astype(float) for each in (ours, theirs.reindex(ours.index)))
    off = (ours - theirs).abs().max()
    return off <= 1e-6 and (ours.isna() == theirs.isna()).all(), near(off)
