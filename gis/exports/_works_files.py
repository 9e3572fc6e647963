"""The works of a plan as map layers and flat tables: shapefile, GeoPackage, GeoJSON, CSV."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd

from gis.errors import Problem
from gis.exports import shapefile as shp
from gis.exports._origin import dictionary
from gis.exports._report import ExportReport, same
from gis.exports._wide import Wide
from gis.exports.csv_table import write_csv
from gis.exports.geojson import geojson_shapes
from gis.exports.geopackage import write_layers
from gis.files import replacing
from gis.messages import say

NAME = "works"


def works_shapefile(works, path, language):
    """A zip of shapefiles, one a kind of geometry, in the study's CRS, with dictionary, villages served and a readme."""
    path, coding = Path(path), "utf-8"
    wide = Wide(works.table, works.columns, works.geometry)
    fields = works.columns[: shp.MOST_FIELDS]
    table, cut = shp.fit_table(wide, fields, coding, key="option_id")
    parts = shp.parts_by_kind(works.geometry, len(table), NAME) if len(table) else {}
    meaning = dictionary(works.columns)
    problems = [*works.problems]
    if cut:
        problems.append(Problem("export-text-cut", {"count": len(cut), "most": shp.MOST_TEXT_BYTES}))
    with replacing(path) as fresh:
        folder = fresh.parent
        for name, rows in parts.items():
            if name is not None:
                shp.write_part(folder / f"{name}.shp", table[rows], fields, works.geometry[rows], coding)
        tables = {
            NAME: works.table,
            "works_villages": works.links,
            "villages": works.villages,
            "dictionary": meaning,
            "no_geometry": works.table[parts[None]] if None in parts else None,
            "cut_texts": pd.DataFrame([vars(one) for one in cut]) if cut else None,
        }
        prefixed = [
            write_csv(rows, folder / f"{name}.csv") for name, rows in tables.items() if rows is not None
        ]
        if count := sum(map(len, prefixed)):
            problems.append(Problem("export-formula-prefixed", {"count": count}, "note"))
        (folder / "README.txt").write_bytes(_readme(works, language, problems).encode("utf-8-sig"))
        shp.zip_folder(folder, fresh)
        for name, rows in parts.items():
            if name is not None:
                shp.check_part(fresh, name, table[rows], works.geometry[rows], coding)
    return ExportReport(path, "shapefile", len(table), (path,), meaning, cut, tuple(problems))


def works_geopackage(works, path, language):
    """The layers ``works_point``, ``works_line`` ... in the study's CRS, with tables of villages, dictionary and facts."""
    path, meaning = Path(path), dictionary(works.columns)
    parts = shp.parts_by_kind(works.geometry, len(works.table), NAME) if len(works.table) else {}
    tables = {}
    for name, rows in parts.items():
        table = works.table[rows].reset_index(drop=True)
        if name is not None:
            table = gpd.GeoDataFrame(table, geometry=works.geometry[rows].array, crs=works.geometry.crs)
        tables["works_no_geometry" if name is None else name] = table
    tables |= {
        "works_villages": works.links,
        "villages": works.villages,
        "dictionary": meaning,
        "facts": works.facts,
    }
    write_layers(tables, path)
    return ExportReport(path, "geopackage", len(works.table), (path,), meaning, problems=works.problems)


def works_geojson(works, path, language):
    """One feature a work on WGS 84, null where nobody knows the place; dictionary and facts are members."""
    path, meaning = Path(path), dictionary(works.columns)
    records = works.table.astype("object").where(works.table.notna(), None).to_dict("records")
    features = [
        {"type": "Feature", "id": row["option_id"], "geometry": shape, "properties": row}
        for row, shape in zip(records, geojson_shapes(works.geometry, len(records)), strict=True)
    ]
    collection = {
        "type": "FeatureCollection",
        "facts": works.facts.to_dict("records"),
        "dictionary": meaning.to_dict("records"),
        "features": features,
    }
    with replacing(path) as fresh:
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(collection, file, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        found = json.loads(fresh.read_text(encoding="utf-8"))["features"]
        rows = pd.DataFrame([one["properties"] for one in found], columns=works.table.columns)
        same(works.table, rows, path.name)
    return ExportReport(path, "geojson", len(features), (path,), meaning, problems=works.problems)


def works_csv(works, path, language):
    """One row a work."""
    path, meaning = Path(path), dictionary(works.columns)
    with replacing(path) as fresh:
        cut = write_csv(works.table, fresh)
    told = (Problem("export-formula-prefixed", {"count": len(cut)}, "note"),) if cut else ()
    return ExportReport(path, "csv", len(works.table), (path,), meaning, tuple(cut), works.problems + told)


def _readme(works, language, problems):
    lines = [say("works-title", language), ""]
    lines += [f"{row['label']}: {row['value']}" for row in works.facts.to_dict("records")]
    lines += ["", say("works-readme-files", language), ""]
    lines += [problem.say(language) for problem in problems]
    return "\r\n".join(lines) + "\r\n"
