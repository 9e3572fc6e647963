"""Schools, clinics, water, irrigation, power, masts and culture houses of the invented district.

Every function returns a GeoDataFrame-ready table with the column names of a Vietnamese office file.
"""

import numpy as np
import pandas as pd
import shapely

from gis.sample.people import near
from gis.sample.roads import ALLEY, CLASSES, SURFACES, VILLAGE

WORKS, RESTS = "Có", "Không"


def schools(places, roads, names, communes, progress, rng):
    """Main schools by every commune centre, satellite sites in villages, upper secondary in towns."""
    seats, villages = places.seats, np.arange(len(places.points))
    rows = []
    for kind, least, most in (("Mầm non", 90, 380), ("Tiểu học", 90, 380), ("Trung học cơ sở", 120, 420)):
        at = near(_centre_points(places, roads), places.cells, least, most, rng, seats)
        both = (rng.random(len(seats)) < 0.25) & (kind == "Trung học cơ sở")
        level = np.where(both, "PTDTBT TH và THCS", kind)
        rows.append(_facility(at, seats, level, [f"Trường {kind} {communes[c]}" for c in range(len(seats))]))
    for kind, base, reach in (("Mầm non", 0.35, 0.45), ("Tiểu học", 0.22, 0.4)):
        has = villages[rng.random(len(villages)) < base + reach * np.sqrt(progress)]
        at = near(places.points, places.cells, 40, 240, rng, has)
        rows.append(_facility(at, has, kind, [f"Điểm trường {kind.lower()} {names[v]}" for v in has]))
    at = near(places.points, places.cells, 200, 600, rng, places.towns)
    town_names = [communes[places.commune[town]] for town in places.towns]
    rows.append(
        _facility(at, places.towns, "Trung học phổ thông", [f"Trường THPT {name}" for name in town_names])
    )
    table = _together(rows, "T", rng, dead=0.015)
    table["SO_PHONG"] = rng.integers(1, 14, len(table))
    return table.rename(columns={"MA": "MA_TRUONG", "TEN": "TEN_TRUONG", "LOAI": "CAP_HOC"})


def clinics(places, roads, names, communes, progress, rng):
    """A station by every commune centre, a district hospital, some polyclinics and village posts."""
    seats = places.seats
    centre = _centre_points(places, roads)
    rows = [
        _facility(
            near(centre, places.cells, 80, 350, rng, seats),
            seats,
            "Trạm y tế xã",
            [f"Trạm y tế xã {name}" for name in communes],
        ),
        _facility(
            near(places.points, places.cells, 250, 600, rng, places.towns),
            places.towns,
            "Trung tâm y tế huyện",
            [f"Trung tâm y tế {communes[places.commune[town]]}" for town in places.towns],
        ),
    ]
    for kind, share in (("Phòng khám đa khoa khu vực", 0.12), ("Nhà thuốc", 0.5)):
        has = seats[rng.random(len(seats)) < share]
        rows.append(_facility(near(centre, places.cells, 60, 400, rng, has), has, kind, [kind] * len(has)))
    has = np.flatnonzero(rng.random(len(names)) < 0.22)
    rows.append(
        _facility(
            near(places.points, places.cells, 30, 160, rng, has),
            has,
            "Y tế thôn bản",
            [f"Y tế {names[v]}" for v in has],
        )
    )
    table = _together(rows, "Y", rng, dead=0.03)
    table["SO_GIUONG"] = np.where(
        table["LOAI"].str.startswith("Trung tâm"), 80, rng.integers(0, 8, len(table))
    )
    return table.rename(columns={"MA": "MA_CS", "TEN": "TEN_CS", "LOAI": "LOAI_CS"})


def culture_houses(places, names, progress, rng):
    """A culture house or rông house in most villages."""
    has = np.flatnonzero(rng.random(len(names)) < 0.42 + 0.6 * progress)
    rong = np.array([name.startswith(("Kon", "Plei", "Làng")) for name in names])[has]
    rong &= rng.random(len(has)) < 0.7
    kind = np.where(rong, "Nhà rông", "Nhà văn hóa thôn")
    at = near(places.points, places.cells, 25, 170, rng, has)
    titles = [f"{one} {names[village]}" for one, village in zip(kind, has, strict=True)]
    table = _together([_facility(at, has, kind, titles)], "V", rng, dead=0.03)
    table["SO_CHO"] = rng.integers(6, 20, len(table)) * 10
    return table.rename(columns={"MA": "MA_NVH", "TEN": "TEN_NVH", "LOAI": "LOAI_NVH"})


def water_points(places, names, progress, rng):
    """Taps, wells and springs; the survey did not reach every village."""
    seen = rng.random(len(names)) < 0.7
    has = np.repeat(np.flatnonzero(seen), rng.integers(1, 5, int(seen.sum())))
    kind = np.where(
        rng.random(len(has)) < progress[has] * 0.7,
        "Vòi công cộng",
        rng.choice(["Giếng khoan", "Giếng đào", "Mạch lộ", "Bể chứa"], len(has)),
    )
    at = near(places.points, places.cells, 20, 500, rng, has)
    titles = [f"{one} {names[village]}" for one, village in zip(kind, has, strict=True)]
    table = _together([_facility(at, has, kind, titles)], "N", rng, dead=0.15)
    return table.rename(columns={"MA": "MA_DN", "TEN": "TEN_DN", "LOAI": "LOAI_NGUON"})


def water_schemes(places, names, progress, rng):
    """Gravity and pumped schemes, a quarter of them out of order."""
    has = np.flatnonzero(rng.random(len(names)) < 0.3 + 0.35 * progress)
    kind = np.where(rng.random(len(has)) < 0.8, "Cấp nước tự chảy", "Cấp nước bơm dẫn")
    at = near(places.points, places.cells, 150, 900, rng, has)
    titles = [f"Công trình nước {names[village]}" for village in has]
    table = _together([_facility(at, has, kind, titles)], "C", rng, dead=0.25)
    table["SO_HO_PV"] = rng.integers(30, 160, len(table))
    return table.rename(columns={"MA": "MA_CT", "TEN": "TEN_CT", "LOAI": "LOAI_CT"})


def irrigation(places, elevation, streams, progress, rng):
    """Fields below a weir: rounded areas on low, flat ground, kept inside their village."""
    has = np.flatnonzero(rng.random(len(places.points)) < 0.45 + 0.4 * progress)
    tries = np.stack([near(places.points, places.cells, 200, 1100, rng, has) for _ in range(6)], axis=1)
    best = np.argmin(elevation.at(tries) + 0.02 * streams.distance.at(tries), axis=1)
    middle = tries[np.arange(len(has)), best]
    angle = np.linspace(0, 2 * np.pi, 25)[:-1]
    size = rng.uniform(80, 330, len(has))
    wave = np.zeros((len(has), len(angle)))
    for k in (1, 2, 3, 5):
        turn = rng.uniform(0, 2 * np.pi, (len(has), 1))
        wave += rng.normal(0, 0.22 / k, (len(has), 1)) * np.cos(k * angle + turn)
    radius = size[:, None] * np.clip(1 + wave, 0.35, 1.8)
    ring = middle[:, None] + np.stack([radius * np.cos(angle) * 1.5, radius * np.sin(angle)], axis=2)
    area = shapely.intersection(shapely.polygons(np.round(ring, 1)), shapely.buffer(places.cells[has], -5))
    area = _largest(area)
    kept = shapely.area(area) > 3000
    has, area = has[kept], area[kept]
    return pd.DataFrame(
        {
            "MA_TL": [f"L{number:06d}" for number in range(1, len(has) + 1)],
            "TEN_TL": [f"Khu tưới số {number}" for number in range(1, len(has) + 1)],
            "LOAI_TL": "Khu tưới",
            "DT_TUOI": np.round(shapely.area(area) / 10_000, 2),
            "KIEN_CO": np.where(rng.random(len(has)) < 0.25 + 0.5 * progress[has], "Có", "Không"),
            "village": has,
            "geometry": area,
        }
    )


def power(places, roads, table, names, progress, rng):
    """Medium-voltage lines beside the roads between villages, and a transformer where the grid arrives.

    Returns
    -------
    lines, transformers : DataFrame
    on_grid : array of bool
    """
    on_grid = progress > rng.uniform(0, 0.09, len(progress))
    along = table[(table["class_"] <= VILLAGE) & (table["village"] != table["other"])]
    along = along[on_grid[along["village"]] & on_grid[along["other"]]]
    geometry = shapely.simplify(along["geometry"].to_numpy(), 60)
    lines = pd.DataFrame(
        {
            "MA": [f"DZ{number:06d}" for number in range(1, len(along) + 1)],
            "LOAI_LUOI": "Trung áp",
            "DIEN_AP": 22.0,
            "geometry": shapely.transform(geometry, lambda points: np.round(points + (18.0, 12.0), 2)),
        }
    )
    has = np.flatnonzero(on_grid)
    at = near(places.points, places.cells, 30, 220, rng, has)
    transformers = pd.DataFrame(
        {
            "MA_TBA": [f"TBA{number:06d}" for number in range(1, len(has) + 1)],
            "TEN_TBA": [f"TBA {names[v]}" for v in has],
            "LOAI_LUOI": "Trạm biến áp",
            "CONG_SUAT": rng.choice([50, 75, 100, 160, 250], len(has)),
            "geometry": shapely.points(at),
        }
    )
    return lines, transformers, on_grid


def masts(places, elevation, progress, rng):
    """Masts on rising ground beside some of the villages, more where progress is."""
    has = np.flatnonzero(rng.random(len(progress)) < 0.16 + 0.3 * progress)
    tries = np.stack([near(places.points, places.cells, 150, 1000, rng, has) for _ in range(5)], axis=1)
    best = np.argmax(elevation.at(tries), axis=1)
    fast = rng.random(len(has)) < 0.55 + 0.4 * progress[has]
    return pd.DataFrame(
        {
            "MA_BTS": [f"BTS{number:05d}" for number in range(1, len(has) + 1)],
            "CONG_NGHE": np.where(fast, "4G", "3G"),
            "NHA_MANG": rng.choice(["Nhà mạng A", "Nhà mạng B", "Nhà mạng C"], len(has)),
            "BAN_KINH": np.round(rng.uniform(2.5, 6, len(has)), 1),
            "NAM_PS": rng.integers(2009, 2019, len(has)),
            "geometry": shapely.points(tries[np.arange(len(has)), best]),
        }
    )


def road_layer(table, names):
    """The roads as an office would list them."""
    words = {
        "national": "Quốc lộ", "provincial": "Đường tỉnh", "district": "Đường huyện", "commune": "Đường xã",
        "village": "Đường trục thôn", "alley": "Đường ngõ, xóm", "field": "Đường trục chính nội đồng",
        "path": "Đường mòn",
    }  # fmt: skip
    grounds = {"asphalt": "Láng nhựa", "concrete": "BTXM", "gravel": "Cấp phối", "earth": "Đất"}
    states = {"good": "Tốt", "fair": "Trung bình", "poor": "Xấu"}
    kind = np.array([words[name] for name in CLASSES], dtype=object)[table["class_"]]
    start, stop = names[table["village"]], names[table["other"]]
    title = kind + " " + start + np.where(table["village"] == table["other"], "", " - " + stop)
    title = np.where(table["class_"] == ALLEY, None, title)
    return pd.DataFrame(
        {
            "MA_DUONG": [f"D{number:07d}" for number in range(1, len(table) + 1)],
            "TEN_DUONG": title,
            "LOAI_DUONG": kind,
            "KET_CAU": np.array([grounds[name] for name in SURFACES], dtype=object)[table["surface"]],
            "CHIEU_RONG": table["width_m"],
            "CHIEU_DAI": table["length_km"].round(3),
            "TINH_TRANG": table["condition"].map(states),
            "BON_MUA": np.where(table["all_season"], "Có", "Không"),
            "geometry": table["geometry"],
        }
    )


def crossing_layer(crossings):
    """Bridges and fords as an office would list them."""
    bridge = crossings["kind"] == "bridge"
    return pd.DataFrame(
        {
            "MA_CAU": [f"K{number:06d}" for number in range(1, len(crossings) + 1)],
            "LOAI_CT": np.where(bridge, "Cầu", "Ngầm tràn"),
            "BON_MUA": np.where(crossings["all_season"].astype(bool), "Có", "Không"),
            "geometry": crossings["geometry"],
        }
    )


def _centre_points(places, roads):
    points = places.points.copy()
    points[places.seats] = roads.centres
    return points


def _facility(points, village, kind, names):
    titles = np.array(names, dtype=object)
    return pd.DataFrame({"TEN": titles, "LOAI": kind, "village": village, "geometry": shapely.points(points)})


def _together(tables, letter, rng, *, dead):
    """One table with codes, years and working states, sorted by village."""
    table = pd.concat([rows for rows in tables if len(rows)] or tables[:1], ignore_index=True)
    table = table.sort_values("village", kind="stable", ignore_index=True)
    table.insert(0, "MA", [f"{letter}{number:06d}" for number in range(1, len(table) + 1)])
    table["HOAT_DONG"] = np.where(rng.random(len(table)) < dead, RESTS, WORKS)
    table["NAM_XD"] = rng.integers(1998, 2024, len(table))
    return table


def _largest(areas):
    parts, owner = shapely.get_parts(areas, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    first = np.unique(owner[order], return_index=True)[1]
    largest = np.full(len(areas), shapely.Polygon(), dtype=object)
    largest[owner[order][first]] = parts[order][first]
    return largest
