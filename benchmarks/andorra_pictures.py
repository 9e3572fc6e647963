"""The pictures of docs/andorra.md: bands of time, a way with its profile, the rains, and extents."""

import io

import matplotlib
import numpy as np
import shapely
from PIL import Image

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.colors import BoundaryNorm, ListedColormap  # noqa: E402

from gis.extents import approximate_villages  # noqa: E402

BANDS = ((0, 15, 30, 60, 120, 1e9), ("#1a6b3c", "#6fae62", "#e2d36b", "#dd8a43", "#a63a3a"))
BAND_WORDS = ("up to 15", "15 to 30", "30 to 60", "60 to 120", "over 120 minutes")
MORE = ((-1e9, 1, 10, 30, 1e6, 1e18), ("#ffffff00", "#b9d3ea", "#6f9fd0", "#2d5a9b", "#5a1f6b"))
MORE_WORDS = ("as in the dry season", "up to 10 minutes more", "10 to 30 more", "over 30 more", "cut off")


def bands(study, minutes, places, path):
    """Minutes of every cell in bands over the shaded ground."""
    figure, axes = _ground(study)
    _coloured(axes, study, minutes, *BANDS, BAND_WORDS)
    _lines(axes, study)
    _places(axes, study, places)
    _save(figure, path)


def rains(study, dry, wet, places, path):
    """How many minutes more every cell takes in the wet season."""
    figure, axes = _ground(study)
    with np.errstate(invalid="ignore"):
        more = np.where(np.isfinite(dry) & ~np.isfinite(wet), 1e12, wet - dry)
    _coloured(axes, study, np.where(np.isfinite(dry), more, np.nan), *MORE, MORE_WORDS)
    _lines(axes, study)
    _places(axes, study, places)
    _save(figure, path)


def way(study, ways, path, *, margin_m=900):
    """Ways between two places over the shaded ground, each with its words, and the heights along the first."""
    figure, axes = _ground(study, height=7.4)
    _lines(axes, study, road_width=0.7)
    for (words, line), colour in zip(ways, ("#b3261e", "#1f4e9b"), strict=False):
        axes.plot(*line.xy, color=colour, linewidth=2.2, label=words)
    west, south, east, north = shapely.total_bounds([line for _, line in ways])
    axes.set_xlim(west - margin_m, east + margin_m)
    axes.set_ylim(south - margin_m, north + margin_m)
    _names(axes, study)
    axes.legend(loc="upper center", fontsize=8, framealpha=0.9)
    line = ways[0][1]
    spots = np.linspace(0, line.length, 200)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, spots))
    heights = study.layers["elevation"].raster
    row = ((heights.north - xy[:, 1]) / heights.height).astype(int)
    column = ((xy[:, 0] - heights.west) / heights.width).astype(int)
    profile = figure.add_axes((0.08, 0.06, 0.88, 0.14))
    profile.fill_between(
        spots / 1000, heights.values[row, column], heights.values[row, column].min() - 20, color="#c9b79c"
    )
    profile.set_xlabel("km on foot", fontsize=8)
    profile.set_ylabel("m", fontsize=8)
    profile.tick_params(labelsize=8)
    _save(figure, path)


def extents(study, path):
    """Extents by times on foot, and the straight division of the same parishes."""
    figure, axes = _ground(study)
    _lines(axes, study)
    villages = study.villages
    limited = ~villages["commune_id"].isin(study.communes.index[study.communes.geometry.notna()])
    for chosen, colour in ((~limited, "#7a2e1d"), (limited, "#b07a1d")):
        for shape in shapely.get_parts(villages.geometry[chosen].to_numpy()):
            axes.fill(*shape.exterior.xy, facecolor=colour + "18", edgecolor=colour, linewidth=0.9)
    points = villages.set_geometry("point")[["commune_id", "point"]].rename_geometry("geometry")
    straight = approximate_villages(points, study.communes[study.communes.geometry.notna()])
    for shape in shapely.get_parts(straight.geometry.dropna().to_numpy()):
        axes.plot(*shape.exterior.xy, color="#333333", linewidth=0.7, linestyle=(0, (3, 2)))
    axes.scatter(villages["point"].x, villages["point"].y, s=8, color="black", zorder=5)
    _save(figure, path)


def _ground(study, *, height=6.2):
    heights = study.layers["elevation"].raster
    figure = plt.figure(figsize=(7.2, height), dpi=100)
    axes = figure.add_axes((0.01, 0.01 if height < 7 else 0.26, 0.98, 0.98 if height < 7 else 0.73))
    down, across = np.gradient(heights.values, heights.height)
    # light from the north-west, 45 degrees high
    shade = (1 + across - down) / np.sqrt(3 * (1 + across**2 + down**2))
    west, south, east, north = heights.bounds
    axes.imshow(shade, extent=(west, east, south, north), cmap="gray", vmin=-0.9, vmax=1.1)
    whole = study.villages.geometry.total_bounds
    axes.set_xlim(whole[0] - 1000, whole[2] + 1000)
    axes.set_ylim(whole[1] - 1000, whole[3] + 1000)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    return figure, axes


def _coloured(axes, study, values, edges, colours, words):
    west, south, east, north = study.layers["elevation"].raster.bounds
    palette = ListedColormap(colours)
    shown = np.ma.masked_invalid(values)
    axes.imshow(
        shown,
        extent=(west, east, south, north),
        cmap=palette,
        norm=BoundaryNorm(edges, len(colours)),
        alpha=0.55,
    )
    patches = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in colours if not colour.endswith("00")]
    names = [word for word, colour in zip(words, colours, strict=True) if not colour.endswith("00")]
    axes.legend(patches, names, loc="lower right", fontsize=8, framealpha=0.9)


def _lines(axes, study, *, road_width=0.5):
    rivers, roads = study.layers["rivers"].frame, study.layers["roads"].frame
    rivers[rivers["kind"] == "river"].plot(ax=axes, color="#2b7bba", linewidth=1.2, zorder=3)
    roads[roads["class"] != "path"].plot(ax=axes, color="#222222", linewidth=road_width, zorder=3)
    roads[roads["class"] == "path"].plot(
        ax=axes, color="#222222", linewidth=road_width * 0.7, linestyle=":", zorder=3
    )
    axes.set(xlabel=None, ylabel=None)


def _places(axes, study, places):
    points = study.villages["point"]
    axes.scatter(points.x, points.y, s=9, color="black", zorder=5)
    axes.scatter(*np.asarray(places).T, s=60, marker="P", color="#b3261e", edgecolor="white", zorder=8)
    _names(
        axes,
        study,
        shown=(
            "Andorra la Vella",
            "Ordino",
            "Encamp",
            "Canillo",
            "Soldeu",
            "Arinsal",
            "el Serrat",
            "Fontaneda",
        ),
    )


def _names(axes, study, shown=None):
    for name, point in zip(study.villages["name"], study.villages["point"], strict=True):
        if shown is None or name in shown:
            axes.annotate(
                name, (point.x, point.y), xytext=(-5, -10), textcoords="offset points", fontsize=7.5, ha="right", clip_on=True,
                bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.8}, zorder=7,
            )  # fmt: skip


def _save(figure, path):
    memory = io.BytesIO()
    figure.savefig(memory, facecolor="white")
    plt.close(figure)
    Image.open(memory).convert("RGB").quantize(128, method=Image.Quantize.FASTOCTREE).save(
        path, optimize=True
    )
