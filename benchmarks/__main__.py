"""`make bench`: how long the product takes from files to findings, and its measurements beside their rivals.

Each row is a median of several runs in turn with the rival, in one process, on the machine at hand: compare
ratios, not seconds. Sizes are villages of the illustrative district; the real district is added where its
data lie beside the project.
"""

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd

from benchmarks import evaluate, people
from gis.indicators.access import nearest_distance, of_kind
from gis.indicators.roads import road_share
from gis.sample import make_sample
from gis.workflows import judge, read_study

ROOT = Path(__file__).parents[1]
NANDURBAR = ROOT / "tests" / "studies" / "nandurbar.yaml"


def seconds(work, runs):
    """Median seconds of calling `work`, after one call that is not counted."""
    work()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def files_to_findings(path, runs):
    """Cold and warm seconds from the study file to the findings."""
    started = time.perf_counter()
    review = judge(read_study(path))
    cold = time.perf_counter() - started
    return review, cold, seconds(lambda: judge(read_study(path)), runs)


def overlay_share(villages, roads):
    """The share of hardened village road by geopandas.overlay, as a rival of `road_share`."""
    shapes = villages[["geometry"]].reset_index()
    pieces = gpd.overlay(roads[roads["class"] == "village"][["surface", "geometry"]], shapes, how="intersection", keep_geom_type=True)
    pieces["length"] = pieces.length
    hard = pieces[pieces["surface"].isin(["asphalt", "concrete", "gravel"])].groupby("village_id")["length"].sum()
    return 100 * hard.reindex(villages.index, fill_value=0) / pieces.groupby("village_id")["length"].sum().reindex(villages.index)


def nearest_join(villages, schools):
    """Distance to the nearest school by geopandas.sjoin_nearest, as a rival of `nearest_distance`."""
    points = gpd.GeoDataFrame(geometry=villages["point"].to_numpy(), index=villages.index, crs=villages.crs)
    return points.sjoin_nearest(schools[["geometry"]], distance_col="metres").groupby(level=0)["metres"].first() / 1000


def compare(name, ours, rival, label, runs):
    """One line: seconds of both, their ratio, and the largest difference of their results."""
    difference = (pd.Series(ours()).astype(float) - pd.Series(rival()).astype(float)).abs().max()
    mine, theirs = seconds(ours, runs), seconds(rival, runs)
    print(f"{name:<44} {mine:8.3f} s   {label} {theirs:8.3f} s   ratio {theirs / mine:6.1f}   difference {difference:.1e}")


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--villages", type=int, nargs="*", default=[120, 1000, 10_000])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    studies = [(f"{count:,} invented villages", count) for count in options.villages]
    with tempfile.TemporaryDirectory() as folder:
        if (ROOT.parent / "shared" / "data").is_dir():
            review, cold, warm = files_to_findings(NANDURBAR, options.runs)
            print(f"{'1,060 real villages, files to findings':<44} {warm:8.3f} s   first time {cold:.3f} s")
        for name, count in studies:
            path = make_sample(Path(folder) / str(count), villages=count, seed=1)
            review, cold, warm = files_to_findings(path, options.runs)
            print(f"{name + ', files to findings':<44} {warm:8.3f} s   first time {cold:.3f} s")
            study = review.study
            villages, roads = study.villages, study.layers["roads"].frame
            schools = of_kind(study.layers["schools"].frame, "primary")
            compare("  share of hardened village road", lambda v=villages, r=roads: road_share(v, r, classes="village")["value"],
                    lambda v=villages, r=roads: overlay_share(v, r), "geopandas.overlay", options.runs)  # fmt: skip
            compare("  nearest primary school", lambda v=villages, s=schools: nearest_distance(v, s)["value"],
                    lambda v=villages, s=schools: nearest_join(v, s), "sjoin_nearest    ", options.runs)  # fmt: skip
    evaluate.report([1000, 100_000], options.runs)
    people.report(10_000, 2200, 200_000, 1, options.runs)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
