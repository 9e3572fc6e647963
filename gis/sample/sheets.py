"""The yearly review of the villages: what they would report, and the workbooks it is written in."""

import datetime

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gis.files import NO_FORMULAS
from gis.sample.naming import UNJOINED_ROWS, respell
from gis.sample.roads import ALLEY, EARTH, FIELD, VILLAGE

YEARS = (2023, 2024)
SHEET = "Ra soat"
TOTAL = "Tổng cộng"
INCOME = "Thu nhập BQ (triệu đồng/người/năm)"
COLUMNS = {
    "TT": None, "Mã xã": None, "Xã": None, "Thôn (làng)": None,
    "Số hộ": "households", "Số khẩu": "population", "Hộ DTTS": "minority", "Hộ nghèo": "poor",
    "Hộ cận nghèo": "near_poor", "Hộ nghèo DTTS": "poor_minority",
    "Km trục thôn": "road_km", "Km cứng hóa": "road_hard_km", "Km ngõ xóm": "alley_km",
    "Km ngõ xóm sạch, không lầy": "alley_clean_km", "Km ngõ xóm cứng hóa": "alley_hard_km",
    "Km nội đồng": "field_km",
    "Km nội đồng cứng hóa": "field_hard_km", "Đường ô tô đến trung tâm xã bốn mùa": "to_centre",
    "Đất SX (ha)": "farmland", "Diện tích tưới chủ động (ha)": "irrigated", "Km kênh mương": "canal_km",
    "Km kênh kiên cố": "canal_lined_km", "Hộ dùng điện lưới": "grid", "Hộ dùng điện an toàn": "safe_power",
    "Hộ nước HVS": "hygienic", "Hộ nước sạch": "clean", "Nhà văn hóa": "culture", "Sóng 4G": "signal",
    "Internet băng rộng": "broadband", "Phòng mẫu giáo": "rooms", "Phòng mẫu giáo chưa kiên cố": "rooms_weak",
    "Nhà kiên cố, bán kiên cố": "solid", "Nhà tạm, dột nát": "makeshift", "Tổng số nhà": "houses",
    INCOME: "income",
    "Tự đánh giá": "own", "Phúc tra": "recheck", "Minh chứng": "evidence", "Nhu cầu đầu tư": "need",
    "Kinh phí dự kiến (triệu đồng)": "cost", "Ghi chú": "note",
}  # fmt: skip
"""Heading of the sheet to column of `report`, in the order of the sheet."""

FIELDS = {
    "village": "Thôn (làng)", "road_to_centre": "Đường ô tô đến trung tâm xã bốn mùa",
    "road_alley_clean_km": "Km ngõ xóm sạch, không lầy", "farmland_ha": "Đất SX (ha)",
    "irrigated_ha": "Diện tích tưới chủ động (ha)", "income_per_head": INCOME,
    "cost_estimate": "Kinh phí dự kiến (triệu đồng)",
}  # fmt: skip
"""Headings that the study names itself; the others go by the names of the layer catalogue."""

TITLES = (
    "ỦY BAN NHÂN DÂN {district}",
    "BIỂU RÀ SOÁT HẠ TẦNG VÀ HỘ NGHÈO CÁC THÔN, LÀNG NĂM {year}",
    "(Số liệu minh họa, không phải số liệu thật của địa phương nào)",
)


def reviewed(year, places, villages, table, seen, rng):
    """What every village would report at the end of a year, one row a village.

    Parameters
    ----------
    villages : DataFrame
        As `people.describe` gives it.
    table : DataFrame
        Roads as built.
    seen : dict of str to array
        What the map shows of each village: has_culture (bool), on_grid (bool), masts (points).
    """
    count = len(villages)
    back = YEARS[-1] - year
    progress = np.clip(villages["progress"].to_numpy() - 0.07 * back + rng.normal(0, 0.02, count), 0, 1)
    households = np.maximum(1, np.round(villages["households"].to_numpy() * 0.985**back)).astype(int)
    report = pd.DataFrame({"households": households})
    report["population"] = np.round(villages["population"] * 0.985**back).astype(int)
    report["minority"] = np.minimum(villages["minority_households"].to_numpy(), households)
    poverty = np.clip(0.262 - 0.25 * progress + rng.normal(0, 0.045, count) + 0.03 * back, 0.005, 0.7)
    report["poor"] = np.round(households * poverty).astype(int)
    near = np.clip(poverty * rng.uniform(0.4, 1.1, count), 0, 0.3)
    report["near_poor"] = np.round(households * near).astype(int)
    among = np.clip(report["minority"] / households * rng.uniform(0.95, 1.35, count), 0, 1)
    report["poor_minority"] = np.round(report["poor"] * among).astype(int)
    _roads(report, table, back, rng)
    report["to_centre"] = _flipped(_linked(places, table) & (rng.random(count) > 0.05 * back), 0.04, rng)
    _services(report, progress, seen, places, back, rng)
    _judgement(report, rng)
    return report


def _roads(report, table, back, rng):
    count = len(report)
    for kind, name in ((VILLAGE, "road"), (ALLEY, "alley"), (FIELD, "field")):
        ours = table[table["class_"] == kind]
        hard = (ours["surface"] < EARTH).to_numpy()
        half = ours["length_km"].to_numpy() / 2
        total, done = np.zeros(count), np.zeros(count)
        for end in ("village", "other"):
            total += np.bincount(ours[end], weights=half, minlength=count)
            done += np.bincount(ours[end], weights=half * hard, minlength=count)
        share = np.divide(done, total, out=np.zeros(count), where=total > 0)
        boast = rng.random(count) < 0.08
        share += boast * rng.uniform(0.1, 0.4, count) - 0.1 * back * rng.random(count)
        share = np.clip(share, 0, 1)
        total = np.round(total * (1 + rng.normal(0, 0.03, count)), 2)
        report[f"{name}_km"] = total
        report[f"{name}_hard_km"] = np.round(total * share, 2)
    hard = report["alley_hard_km"] / report["alley_km"].clip(lower=0.01)
    clean = np.clip(hard + rng.uniform(0, 0.6, count), 0, 1)
    report["alley_clean_km"] = np.round(report["alley_km"] * clean, 2)


def _linked(places, table):
    """Whether an all-season way over the links joins each village to the seat of its commune."""
    links = table[(table["village"] != table["other"]) & table["all_season"]]
    count = len(places.points)
    graph = sparse.coo_array((np.ones(len(links)), (links["village"], links["other"])), shape=(count, count))
    part = connected_components(graph.tocsr(), directed=False)[1]
    return part == part[places.seats[places.commune]]


def _services(report, progress, seen, places, back, rng):
    count, households = len(report), report["households"].to_numpy()

    def share(base, slope, noise):
        return np.clip(base + slope * progress + rng.normal(0, noise, count), 0, 1)

    def counted(part):
        return np.round(households * part).astype(int)

    report["farmland"] = np.round(households * rng.uniform(0.5, 1.5, count), 1)
    report["irrigated"] = np.round(report["farmland"] * share(0.62, 0.55, 0.13), 1)
    report["canal_km"] = np.round(rng.uniform(0.3, 4, count), 2)
    report["canal_lined_km"] = np.round(report["canal_km"] * share(0.3, 0.75, 0.2), 2)
    grid = np.where(seen["on_grid"], share(0.9, 0.35, 0.05), rng.uniform(0, 0.5, count))
    report["grid"] = counted(grid)
    report["safe_power"] = np.minimum(report["grid"], counted(share(0.91, 0.4, 0.06)))
    report["hygienic"] = counted(share(0.74, 0.48, 0.09))
    report["clean"] = np.minimum(report["hygienic"], counted(share(0.1, 0.6, 0.12)))
    report["culture"] = _flipped(seen["has_culture"] & (rng.random(count) > 0.06 * back), 0.04, rng)
    masts = seen["masts"]
    away = cKDTree(masts).query(places.points)[0] if len(masts) else np.full(count, np.inf)
    report["signal"] = (away < 5500) & (rng.random(count) > 0.05) | (progress > 0.75)
    report["broadband"] = report["signal"] & (progress + rng.normal(0, 0.2, count) > 0.2)
    report["rooms"] = rng.integers(1, 5, count)
    report["rooms_weak"] = np.round(report["rooms"] * (1 - share(0.25, 0.75, 0.2))).astype(int)
    report["houses"] = households + rng.integers(0, 4, count)
    report["solid"] = np.round(report["houses"] * share(0.68, 0.45, 0.1)).astype(int)
    rest = report["houses"] - report["solid"]
    report["makeshift"] = np.round(rest * rng.uniform(0, 0.5, count)).astype(int)
    report["income"] = np.round((18 + 30 * progress + rng.normal(0, 3, count)) * 0.92**back, 1)


def _judgement(report, rng):
    count = len(report)
    rate = report["poor"] / report["households"]
    good = (rate < 0.15) & report["to_centre"]
    own = [good & (rng.random(count) < 0.9), rate < 0.2]
    report["own"] = np.select(own, ["Đạt", "Cơ bản đạt"], "Chưa đạt")
    report["recheck"] = np.where(rng.random(count) < 0.7, np.where(good, "Đạt", "Chưa đạt"), None)
    report["evidence"] = np.where(rng.random(count) < 0.6, "Biên bản họp thôn", None)
    missing = np.maximum(report["road_km"] - report["road_hard_km"], 0)
    needs = missing > 0.5
    report["need"] = np.where(needs, "Cứng hóa đường trục thôn", None)
    report["cost"] = np.where(needs, np.round(missing * rng.uniform(1400, 2200, count), -1), np.nan)
    report["note"] = None


def write_workbook(path, year, report, places, names, communes, codes, district, rng):
    """One review sheet: titles, a heading row, a row a village, the totals.

    In the last year a few communes have sent nothing, and `UNJOINED_ROWS` villages bear another name.

    Returns
    -------
    dict
        ``missing``: communes without rows; ``unjoined``: villages whose row cannot be joined by name.
    """
    last = year == YEARS[-1]
    total = len(communes)
    silent = (2 if total >= 8 else int(total >= 3)) if last else 0
    size = np.bincount(places.commune, minlength=total)
    smallest = np.argsort(size, kind="stable")[: max(silent, total // 3)]
    missing = np.sort(rng.choice(smallest, silent, replace=False))
    sent = np.flatnonzero(~np.isin(places.commune, missing))
    sent = sent[np.lexsort((sent, places.commune[sent]))]
    spelt, lost = respell(names[sent], places.commune[sent], rng, unjoined=UNJOINED_ROWS if last else 0)
    commune_spelt = respell(communes, np.arange(total), rng, share=0.35)[0]
    rows = report.iloc[sent].astype(object).to_dict("list")
    for column in ("to_centre", "culture", "signal", "broadband"):
        rows[column] = ["Có" if value else "Không" for value in rows[column]]
    _blanks(rows, len(sent), rng)
    table = []
    for place, village in enumerate(sent):
        commune = places.commune[village]
        head = [place + 1, codes[commune], commune_spelt[commune], spelt[place]]
        table.append(head + [rows[column][place] for column in COLUMNS.values() if column])
    _write(path, year, table, district)
    return {"missing": missing, "unjoined": sent[lost]}


def _blanks(rows, count, rng):
    """About one number in eighty was left out, as in every collection of sheets."""
    for column in COLUMNS.values():
        if column and column not in ("households", "population"):
            for place in np.flatnonzero(rng.random(count) < 0.012):
                rows[column][place] = None
    if count >= 20:
        for place in rng.choice(count, max(2, count // 60), replace=False):
            rows["poor"][place] = None


def _write(path, year, table, district):
    import xlsxwriter

    options = NO_FORMULAS | {"constant_memory": len(table) > 20_000}
    with xlsxwriter.Workbook(path, options) as book:
        made = datetime.datetime(year, 12, 20)
        book.set_properties({"created": made, "title": TITLES[1].format(year=year)})
        sheet = book.add_worksheet(SHEET)
        bold = book.add_format({"bold": True})
        heading = book.add_format({"bold": True, "text_wrap": True, "border": 1, "align": "center"})
        for row, title in enumerate(TITLES):
            sheet.write_string(row, 0, title.format(district=district.upper(), year=year), bold)
        start = len(TITLES) + 1
        sheet.set_column(0, 0, 5)
        sheet.set_column(1, 1, 8)
        sheet.set_column(2, 3, 22)
        sheet.set_column(4, len(COLUMNS) - 1, 11)
        for column, name in enumerate(COLUMNS):
            sheet.write_string(start, column, name, heading)
        for row, values in enumerate(table, start + 1):
            for column, value in enumerate(values):
                if value is None or value != value:
                    continue
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                else:
                    sheet.write_number(row, column, value)
        bottom = start + 1 + len(table)
        sheet.write_string(bottom, 3, TOTAL, bold)
        for column, name in enumerate(COLUMNS):
            numbers = [line[column] for line in table if isinstance(line[column], (int, float, np.number))]
            if column >= 4 and numbers and name != INCOME:
                total = float(np.nansum(np.array(numbers, dtype=float)))
                sheet.write_number(bottom, column, round(total, 2), bold)
        sheet.freeze_panes(start + 1, 4)


def _flipped(truth, share, rng):
    return truth ^ (rng.random(len(truth)) < share)
