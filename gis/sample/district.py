"""Puts the invented district together and writes it, on any rung of the ladder of data."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from gis.errors import StudyError
from gis.messages import say
from gis.sample import files, naming, people, places, roads, services, sheets, terrain

LARGEST = 100_000
RUNGS = (0, 1, 2, 3, 4, 5)
MIDDLE = (505_000.0, 1_618_000.0)
CELL_M = 50.0
MAX_CELLS = 4_200_000
CRITERIA = "vn-dbkk-village-2021-2025"


@dataclass(frozen=True)
class District:
    """All that was invented, before it is written."""

    places: places.Places
    elevation: terrain.Grid
    streams: terrain.Streams
    settlements: pd.DataFrame
    villages: pd.DataFrame
    names: np.ndarray
    communes: np.ndarray
    codes: np.ndarray
    ways: roads.Roads
    table: pd.DataFrame
    crossings: pd.DataFrame
    seed: int


def make_sample(folder, *, villages=120, communes=None, seed=1, rung=5, report=None):
    """Path of the study file of an invented district written into a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there; files of the same names are replaced.
    villages : int
        1 to 100,000.
    communes : int, optional
        1 to `villages`; one for every twelve villages when left out.
    seed : int
        The same seed and sizes give the same district; on one machine, the same bytes.
    rung : int
        How much data there is: 0 one Excel sheet, 1 and village points, 2 and commune outlines,
        3 village boundaries instead of points, 4 and roads and facilities, 5 and terrain, people and land cover.
    report : callable, optional
        ``report(fraction, code, **arguments)``, called as the work goes on.

    Returns
    -------
    Path
        ``study.yaml`` in `folder`.

    Raises
    ------
    StudyError
        If a size, the seed or the rung is out of range, all faults at once.
    """
    _check(villages, communes, seed, rung)
    report = report or (lambda fraction, code, **arguments: None)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    district = invent(villages, communes or max(1, round(villages / 12)), seed, report)
    report(0.4, "sample-writing")
    planted, facts = _write_review(folder, district, rung, report)
    layers = _write_places(folder, district, rung)
    report(0.7, "sample-writing")
    if rung >= 4:
        layers |= _write_services(folder, district, facts)
    if rung >= 5:
        layers |= _write_ground(folder, district, facts["fields"])
    _write_note(folder, district, planted)
    report(1.0, "sample-done", villages=villages, communes=len(district.communes))
    return _write_study(folder, layers, rung, district)


def invent(villages, communes, seed, report):
    """The district of a seed: ground, villages, names, people and roads."""

    def rng(stage):
        return np.random.default_rng([seed, stage])

    # Small districts have room; a hundred thousand villages at that size would leave the zone of the CRS.
    spacing = np.sqrt(5e6 if villages <= 2000 else 2.5e6)
    side = 1.8 * np.sqrt(villages) * spacing + 8 * spacing
    cell = CELL_M
    while (side / cell) ** 2 > MAX_CELLS * (1 if villages < 20_000 else 5):
        cell *= 2
    side = np.ceil(side / cell) * cell
    west = np.round((MIDDLE[0] - side / 2) / cell) * cell
    north = np.round((MIDDLE[1] + side / 2) / cell) * cell
    report(0.0, "sample-ground")
    elevation, streams = terrain.relief(west, north, side, cell, rng(0))
    sites = places.choose_sites(elevation, streams, side, spacing, rng(1))
    settled = places.settle(sites, elevation, villages, communes, rng(2))
    report(0.15, "sample-roads")
    settlements = people.hamlets(settled, rng(3))
    names, lowland = naming.village_names(settled.commune, rng(4))
    commune_names = np.array(naming.commune_names(communes, rng(5)), dtype=object)
    ways = roads.lay_roads(settled, elevation, streams, settlements, rng(6))
    described = people.describe(settled, elevation, ways.town_km, lowland, rng(7))
    table, crossings = roads.build(ways, described["progress"].to_numpy(), rng(8))
    codes = np.array([f"{1001 + number:05d}" for number in range(communes)], dtype=object)
    return District(
        settled, elevation, streams, settlements, described, names, commune_names, codes, ways, table, crossings, seed
    )


def _check(villages, communes, seed, rung):
    faults = []
    if not 1 <= villages <= LARGEST:
        faults.append(StudyError("sample-villages-range", found=villages, most=LARGEST))
    if communes is not None and not 1 <= communes <= max(villages, 1):
        faults.append(StudyError("sample-communes-range", found=communes, most=villages))
    if seed < 0:
        faults.append(StudyError("sample-seed-negative", found=seed))
    if rung not in RUNGS:
        faults.append(StudyError("sample-rung-range", found=rung, most=RUNGS[-1]))
    if faults:
        raise StudyError(problems=[problem for fault in faults for problem in fault.problems])


def _rng(district, stage):
    return np.random.default_rng([district.seed, stage])


def _name(district):
    return f"huyện {district.communes[district.places.commune[district.places.towns[0]]]}"


def _write_review(folder, district, rung, report):
    """The workbooks; what the map knows of the villages is drawn here too, since both must agree."""
    settled, progress = district.places, district.villages["progress"].to_numpy()
    culture = services.culture_houses(settled, district.names, progress, _rng(district, 21))
    lines, transformers, on_grid = services.power(
        settled, district.ways, district.table, district.names, progress, _rng(district, 22)
    )
    masts = services.masts(settled, district.elevation, progress, _rng(district, 23))
    fields = services.irrigation(settled, district.elevation, district.streams, progress, _rng(district, 24))
    seen = {
        "has_culture": np.isin(np.arange(len(progress)), culture["village"][culture["TINH_TRANG"] == services.WORKS]),
        "on_grid": on_grid,
        "masts": shapely.get_coordinates(masts["geometry"].to_numpy()),
    }
    planted = {}
    for place, year in enumerate(sheets.YEARS if rung else sheets.YEARS[-1:]):
        said = sheets.reviewed(year, settled, district.villages, district.table, seen, _rng(district, 30))
        report(0.4 + 0.15 * place, "sample-workbook", year=year)
        planted = sheets.write_workbook(
            folder / f"ra-soat-{year}.xlsx",
            year,
            said,
            settled,
            district.names,
            district.communes,
            district.codes,
            _name(district),
            _rng(district, year),
        )
    facts = {"culture": culture, "lines": lines, "transformers": transformers, "masts": masts, "fields": fields}
    return planted, facts


def _write_places(folder, district, rung):
    settled, villages = district.places, district.villages
    if rung == 0:
        return {}
    shares = villages["minority_households"] / villages["households"]
    poor_zone = np.array(["I", "II", "III"], dtype=object)
    zone = _commune_zone(settled, villages["progress"].to_numpy())
    table = pd.DataFrame(
        {
            "MA_THON": village_codes(district),
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
    outlines = np.array(
        [shapely.coverage_union_all(settled.cells[order[a:b]]) for a, b in zip(starts, starts[1:], strict=False)]
    )
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
        whole = [shapely.coverage_union_all(outlines[settled.district == number]) for number in range(len(settled.towns))]
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


def village_codes(district):
    """Code of each village: that of its commune and a running number in it."""
    commune = pd.Series(district.places.commune)
    number = commune.groupby(commune).cumcount() + 1
    return district.codes[commune] + number.map("{:02d}".format).to_numpy()


def _commune_zone(settled, progress):
    mean = np.bincount(settled.commune, weights=progress) / np.bincount(settled.commune)
    return np.select([mean > 0.62, mean > 0.5], [0, 1], 2)


def _write_services(folder, district, facts):
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
    put("roads", "duong.gpkg", services.road_layer(district.table, names), as_of="2023", fields={"class": "LOAI_DUONG"})
    put("rivers", "song-suoi.gpkg", _river_layer(district), as_of="2020")
    put("crossings", "cau-ngam.gpkg", services.crossing_layer(district.crossings))
    put(
        "schools",
        "truong.shp",
        services.schools(settled, district.ways, names, communes, progress, _rng(district, 41)),
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
        services.clinics(settled, district.ways, names, communes, progress, _rng(district, 42)),
        fields={"facility_id": "MA_CS", "kind": "LOAI_CS", "working": "TINH_TRANG"},
    )
    points = services.water_points(settled, names, progress, _rng(district, 43))
    put("water_points", "diem-nuoc.gpkg", points, complete="unknown", as_of="2022")
    put("water_schemes", "cap-nuoc.gpkg", services.water_schemes(settled, names, progress, _rng(district, 44)))
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
    counted = people._whole(owner, settlements["share"].to_numpy(), people_of)
    return pd.DataFrame(
        {
            "MA_DIEM_DC": [f"DC{number:06d}" for number in range(1, len(owner) + 1)],
            "TEN_DIEM_DC": [f"Cụm dân cư {name}" for name in district.names[owner]],
            "MA_THON": village_codes(district)[owner],
            "DAN_SO": counted.astype(int),
            "geometry": shapely.points(settlements[["x", "y"]].to_numpy()),
        }
    )


def _river_layer(district):
    streams = district.streams
    table = pd.DataFrame(
        {
            "TEN_SONG": None,
            "LOAI_SONG": np.where(streams.is_river, "Sông", "Suối") if len(streams.lines) else np.zeros(0, dtype=object),
            "geometry": streams.lines,
        }
    )
    west, south, east, north = shapely.total_bounds(district.places.cells)
    near = shapely.intersects(table["geometry"].to_numpy(), shapely.box(west - 500, south - 500, east + 500, north + 500))
    table = table[near].reset_index(drop=True)
    stems = _rng(district, 45).integers(0, len(naming.RIVERS) * len(naming.SECOND), len(table))
    table["TEN_SONG"] = [
        f"{naming.RIVERS[stem % len(naming.RIVERS)]} {naming.SECOND[stem // len(naming.RIVERS)]}" for stem in stems
    ]
    table.insert(0, "MA_SONG", [f"S{number:06d}" for number in range(1, len(table) + 1)])
    return table


def _write_ground(folder, district, fields):
    west, south, east, north = shapely.total_bounds(district.places.cells)
    window = (west - 1500, south - 1500, east + 1500, north + 1500)
    elevation = district.elevation.window(window)
    counted = people.population_grid(
        elevation, district.places, district.settlements, district.villages["population"].to_numpy()
    )
    cover = people.land_cover_grid(
        elevation, district.streams, district.settlements, fields["geometry"].to_numpy(), _rng(district, 51)
    )
    files.write_raster(folder / "do-cao.tif", elevation, digits=1)
    files.write_raster(folder / "dan-so.tif", counted)
    files.write_raster(folder / "lop-phu.tif", cover)
    return {
        "elevation": {"file": "do-cao.tif", "as_of": "2020", "complete": "yes"},
        "population": {"file": "dan-so.tif", "as_of": "2024", "complete": "yes"},
        "land_cover": {"file": "lop-phu.tif", "as_of": "2023", "complete": "yes"},
    }


def _write_note(folder, district, planted):
    arguments = {
        "villages": len(district.names),
        "communes": len(district.communes),
        "seed": district.seed,
        "unjoined": len(planted["unjoined"]),
        "unjoined_names": [str(district.names[village]) for village in planted["unjoined"]],
        "missing": len(planted["missing"]),
        "missing_names": [str(district.communes[commune]) for commune in planted["missing"]],
    }
    text = "\n\n".join(say("sample-note", language, **arguments) for language in ("vi", "en"))
    (folder / "GHI-CHU.txt").write_text(text + "\n", encoding="utf-8")


def _write_study(folder, layers, rung, district):
    import yaml

    study = {
        "id": "dak-minh-hoa",
        "title": {language: say("sample-title", language, district=_name(district)) for language in ("vi", "en")},
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
