"""Writes the invented district: the review sheets, the layers, a note and the study that binds them."""

import numpy as np
import pandas as pd
import shapely

from gis.labels import LANGUAGES
from gis.messages import say
from gis.sample import files, naming, people, services, sheets

CRITERIA = "vn-dbkk-village-2021-2025"

NOTE = "GHI-CHU.txt"
"""Says that the data are invented; its presence marks a folder as a sample."""


def write_review(folder, district, rung, report):
    """The workbooks; what the map knows of the villages is drawn here too, since both must agree."""
    settled, progress = district.places, district.villages["progress"].to_numpy()
    culture = services.culture_houses(settled, district.names, progress, district.rng(21))
    lines, transformers, on_grid = services.power(
        settled, district.ways, district.table, district.names, progress, district.rng(22)
    )
    masts = services.masts(settled, district.elevation, progress, district.rng(23))
    fields = services.irrigation(settled, district.elevation, district.streams, progress, district.rng(24))
    in_use = culture["village"][culture["HOAT_DONG"] == services.WORKS]
    seen = {
        "has_culture": np.isin(np.arange(len(progress)), in_use),
        "on_grid": on_grid,
        "masts": shapely.get_coordinates(masts["geometry"].to_numpy()),
    }
    planted = {}
    for place, year in enumerate(sheets.YEARS if rung else sheets.YEARS[-1:]):
        said = sheets.reviewed(year, settled, district.villages, district.table, seen, district.rng(30))
        report(0.4 + 0.15 * place, "sample-workbook", year=year)
        planted = sheets.write_workbook(
            folder / f"ra-soat-{year}.xlsx",
            year,
            said,
            settled,
            district.names,
            district.communes,
            district.codes,
            f"huyện {district.name}",
            district.rng(year),
        )
    facts = {
        "culture": culture,
        "lines": lines,
        "transformers": transformers,
        "masts": masts,
        "fields": fields,
    }
    return planted, facts


def write_places(folder, district, rung):
    settled, villages = district.places, district.villages
    if rung == 0:
        return {}
    shares = villages["minority_households"] / villages["households"]
    poor_zone = np.array(["I", "II", "III"], dtype=object)
    zone = _commune_zone(settled, villages["progress"].to_numpy())
    table = pd.DataFrame(
        {
            "MA_THON": district.village_codes,
            "TEN_THON": district.names,
            "MA_XA": district.codes[settled.commune],
            "TEN_XA": district.communes[settled.commune],
            "SO_HO": villages["households"],
            "SO_KHAU": villages["population"],
            "TL_DTTS": (100 * shares).round(1),
            "KHU_VUC": poor_zone[zone[settled.commune]],
            "geometry": shapely.points(settled.points) if rung < 3 else settled.cells,
        }
    )
    bound = {"village_id": "MA_THON", "name": "TEN_THON", "commune_id": "MA_XA"}
    name = "thon-diem.gpkg" if rung < 3 else "thon.gpkg"
    files.write_layer(folder / name, table.sort_values("MA_THON"))
    layers = {"villages": {"file": name, "as_of": "2024", "complete": "yes", "fields": bound}}
    if rung < 2:
        return layers
    order = np.argsort(settled.commune, kind="stable")
    starts = np.searchsorted(settled.commune[order], np.arange(len(district.communes) + 1))
    members = [order[start:stop] for start, stop in zip(starts[:-1], starts[1:], strict=True)]
    outlines = np.array([shapely.coverage_union_all(settled.cells[own]) for own in members])
    communes = pd.DataFrame(
        {
            "MA_XA": district.codes,
            "TEN_XA": district.communes,
            "MA_HUYEN": [f"{number + 1:03d}" for number in settled.district],
            "KHU_VUC": poor_zone[zone],
            "DAN_SO": np.bincount(settled.commune, weights=villages["population"]).astype(int),
            "geometry": outlines,
        }
    )
    files.write_layer(folder / "xa.gpkg", communes)
    layers["communes"] = {"file": "xa.gpkg", "as_of": "2024", "complete": "yes"}
    if rung >= 3:
        whole = [
            shapely.coverage_union_all(outlines[settled.district == n]) for n in range(len(settled.towns))
        ]
        upper = pd.DataFrame(
            {
                "MA_HUYEN": [f"{number + 1:03d}" for number in range(len(whole))],
                "TEN_HUYEN": [f"Huyện {district.communes[settled.commune[town]]}" for town in settled.towns],
                "geometry": whole,
            }
        )
        files.write_layer(folder / "huyen.gpkg", upper)
        layers["upper_units"] = {"file": "huyen.gpkg", "as_of": "2024", "complete": "yes"}
    return layers


def _commune_zone(settled, progress):
    mean = np.bincount(settled.commune, weights=progress) / np.bincount(settled.commune)
    return np.select([mean > 0.62, mean > 0.5], [0, 1], 2)


def write_services(folder, district, facts):
    settled, names, communes = district.places, district.names, district.communes
    progress = district.villages["progress"].to_numpy()
    layers = {}

    def put(layer, name, table, **entry):
        files.write_layer(folder / name, table)
        layers[layer] = {"file": name, "as_of": "2024", "complete": "yes", **entry}

    centres = pd.DataFrame(
        {"MA_XA": district.codes, "TEN_XA": communes, "geometry": shapely.points(district.ways.centres)}
    )
    put("commune_centres", "trung-tam-xa.gpkg", centres)
    put("settlements", "diem-dan-cu.gpkg", _settlement_layer(district))
    ways = services.road_layer(district.table, names)
    put("roads", "duong.gpkg", ways, as_of="2023", fields={"class": "LOAI_DUONG"})
    put("rivers", "song-suoi.gpkg", _river_layer(district), as_of="2020")
    put("crossings", "cau-ngam.gpkg", services.crossing_layer(district.crossings))
    put(
        "schools",
        "truong.shp",
        services.schools(settled, district.ways, names, communes, progress, district.rng(41)),
        kinds={
            "from": "CAP_HOC",
            "preschool": ["mầm non"],
            "primary": ["tiểu học", "TH và THCS"],
            "lower_secondary": ["trung học cơ sở", "TH và THCS"],
            "upper_secondary": ["trung học phổ thông"],
        },
    )
    put(
        "clinics",
        "y-te.shp",
        services.clinics(settled, district.ways, names, communes, progress, district.rng(42)),
        fields={"facility_id": "MA_CS", "kind": "LOAI_CS", "working": "HOAT_DONG"},
    )
    points = services.water_points(settled, names, progress, district.rng(43))
    put("water_points", "diem-nuoc.gpkg", points, complete="unknown", as_of="2022")
    put("water_schemes", "cap-nuoc.gpkg", services.water_schemes(settled, names, progress, district.rng(44)))
    put("irrigation", "thuy-loi.gpkg", facts["fields"])
    put("culture_houses", "nha-van-hoa.geojson", facts["culture"])
    put("telecom", "tram-bts.gpkg", facts["masts"], as_of="2018")
    files.write_layer(folder / "dien.gpkg", facts["lines"], layer="duong_day")
    files.add_layer(folder / "dien.gpkg", facts["transformers"], "tram_bien_ap")
    layers["power"] = {"file": "dien.gpkg", "layer": "tram_bien_ap", "as_of": "2024", "complete": "yes"}
    return layers


def _settlement_layer(district):
    settlements, people_of = district.settlements, district.villages["population"].to_numpy()
    owner = settlements["village"].to_numpy()
    counted = people.whole_people(owner, settlements["share"].to_numpy(), people_of)
    return pd.DataFrame(
        {
            "MA_DIEM_DC": [f"DC{number:06d}" for number in range(1, len(owner) + 1)],
            "TEN_DIEM_DC": [f"Cụm dân cư {name}" for name in district.names[owner]],
            "MA_THON": district.village_codes[owner],
            "DAN_SO": counted.astype(int),
            "geometry": shapely.points(settlements[["x", "y"]].to_numpy()),
        }
    )


def _river_layer(district):
    streams = district.streams
    window = shapely.box(*_window(district))
    lines, owner = shapely.get_parts(shapely.intersection(streams.lines, window), return_index=True)
    kept = (shapely.get_type_id(lines) == 1) & (shapely.length(lines) > 1)
    lines, is_river = lines[kept], streams.is_river[owner[kept]]
    rng = district.rng(45)
    first = rng.choice(naming.RIVERS, len(lines))
    second = rng.choice(naming.SECOND, len(lines))
    return pd.DataFrame(
        {
            "MA_SONG": [f"S{number:06d}" for number in range(1, len(lines) + 1)],
            "TEN_SONG": [f"{one} {two}" for one, two in zip(first, second, strict=True)],
            "LOAI_SONG": np.where(is_river, "Sông", "Suối"),
            "geometry": lines,
        }
    )


def _window(district):
    """The part of the ground that is written: the district and a margin."""
    west, south, east, north = shapely.total_bounds(district.places.cells)
    return west - 1500, south - 1500, east + 1500, north + 1500


def write_ground(folder, district, fields):
    elevation = district.elevation.window(_window(district))
    counted = people.population_grid(
        elevation, district.places, district.settlements, district.villages["population"].to_numpy()
    )
    cover = people.land_cover_grid(
        elevation, district.streams, district.settlements, fields["geometry"].to_numpy(), district.rng(51)
    )
    files.write_raster(folder / "do-cao.tif", elevation, digits=1)
    files.write_raster(folder / "dan-so.tif", counted)
    files.write_raster(folder / "lop-phu.tif", cover)
    return {
        "elevation": {"file": "do-cao.tif", "as_of": "2020", "complete": "yes"},
        "population": {"file": "dan-so.tif", "as_of": "2024", "complete": "yes"},
        "land_cover": {"file": "lop-phu.tif", "as_of": "2023", "complete": "yes"},
    }


def write_note(folder, district, planted):
    arguments = {
        "villages": len(district.names),
        "communes": len(district.communes),
        "seed": district.seed,
        "unjoined": len(planted["unjoined"]),
        "unjoined_names": [
            f"{district.names[village]} ({district.communes[district.places.commune[village]]})"
            for village in planted["unjoined"]
        ],
        "missing": len(planted["missing"]),
        "missing_names": [str(district.communes[commune]) for commune in planted["missing"]],
    }
    text = "\n\n".join(say("sample-note", language, **arguments) for language in LANGUAGES)
    (folder / NOTE).write_text(text + "\n", encoding="utf-8")


def write_study(folder, layers, rung, district):
    import yaml

    study = {
        "id": "dak-minh-hoa",
        "title": {tongue: say("sample-title", tongue, district=district.name) for tongue in LANGUAGES},
        "illustration": True,
        "criteria": CRITERIA,
        "groups": {"region": "chung"},
        "crs": files.CRS,
        "year": sheets.YEARS[-1],
        "target": {"share_pct": 50, "by": "2025-12-31"},
        "layers": layers,
        "assessments": [
            {"file": f"ra-soat-{year}.xlsx", "year": year, "fields": dict(sheets.FIELDS)}
            for year in (sheets.YEARS if rung else sheets.YEARS[-1:])
        ],
    }
    if not layers:
        del study["layers"], study["crs"]
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(study, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8")
    return path
