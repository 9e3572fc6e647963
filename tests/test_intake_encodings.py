"""Files of every Vietnamese encoding come in as the same text, and say how they were read."""

import unicodedata
import warnings

import geopandas as gpd
import pytest
from shapely import Point

from gis.intake import Reader
from legacy_text import encode

NAMES = ["Thôn Đắk Rơ Nga", "Làng Kon Hơ Drế", "Thị trấn Plei Kần", "Xã Ngọc Tụ", "Thôn Hoà Bình"]
COLUMN = "tên_xã"
OLD = ("cp1258", "tcvn3", "vni")


@pytest.fixture(scope="module")
def reader():
    with Reader() as reader:
        yield reader


def codes(found):
    return [problem.code for problem in found.report.problems]


def written(folder, codec, names=NAMES, *, cpg=None, cst=None):
    """A shapefile whose texts are the bytes of `codec`, with or without a file that says so."""
    table = {
        encode(COLUMN, codec).decode("latin-1"): [encode(name, codec).decode("latin-1") for name in names]
    }
    frame = gpd.GeoDataFrame(
        table, geometry=[Point(107.6 + n / 9, 14.7) for n in range(len(names))], crs=4326
    )
    path = folder / "a.shp"
    frame.to_file(path, engine="pyogrio", encoding="ISO-8859-1")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    for ending, said in ((".cpg", cpg), (".cst", cst)):
        if said:
            path.with_suffix(ending).write_text(said)
    return path


@pytest.mark.parametrize("codec", [*OLD, "utf-8"])
def test_names_and_field_names_come_in_without_a_word_about_their_encoding(reader, tmp_path, codec):
    found = reader.vector(written(tmp_path, codec))
    assert list(found.frame[COLUMN]) == NAMES
    assert found.report.encoding == codec
    guessed = [problem for problem in found.report.problems if problem.code == "encoding-guessed"]
    assert [problem.severity for problem in guessed] == ([] if codec == "utf-8" else ["note"])
    for problem in guessed:
        assert any(name in problem.say("vi") for name in NAMES) and codec in problem.say("en")


@pytest.mark.parametrize("codec", OLD)
def test_a_table_of_text_comes_in_by_its_letters(reader, tmp_path, codec):
    path = tmp_path / "a.csv"
    path.write_bytes(encode("mã;" + COLUMN + "\n" + "".join(f"01;{name}\n" for name in NAMES), codec))
    found = reader.table(path)
    assert found.sheets["a"] == [["mã", COLUMN], *(["01", name] for name in NAMES)]
    assert found.report.encoding == codec and codes(found) == ["encoding-guessed"]


def test_too_few_letters_load_with_a_warning_that_shows_every_reading(reader, tmp_path):
    found = reader.vector(written(tmp_path, "vni", ["Kon Mơ"]).rename(tmp_path / "a.shp"))
    assert len(found.frame) == 1
    path = tmp_path / "b.csv"
    path.write_bytes(encode("ten\nKon Mơ\n", "vni"))
    (problem,) = reader.table(path).report.problems
    assert problem.code == "encoding-guessed" and problem.severity == "warning"
    assert "Kon Mơ" in problem.say("vi") and "Kon Mô" in problem.say("vi")
    assert reader.table(path, encoding="vni").sheets["b"][1] == ["Kon Mơ"]


def test_a_careless_code_page_gives_way_to_certain_letters_and_a_true_one_is_honoured(reader, tmp_path):
    found = reader.vector(written(tmp_path, "tcvn3", cpg="ANSI 1252"))
    assert list(found.frame[COLUMN]) == NAMES and found.report.encoding == "tcvn3"
    assert "intake-cpg-differs" in codes(found)
    (tmp_path / "b").mkdir()
    french = ["Béziers", "Orléans", "Besançon", "Forêt"]
    table = {"nom": [name.encode("cp1252").decode("latin-1") for name in french]}
    path = tmp_path / "b" / "b.shp"
    gpd.GeoDataFrame(table, geometry=[Point(1, 1)] * 4, crs=4326).to_file(
        path, engine="pyogrio", encoding="ISO-8859-1"
    )
    path.with_suffix(".cpg").write_text("1252")
    found = reader.vector(path)
    assert list(found.frame["nom"]) == french and codes(found) == []


def test_a_cst_file_is_believed_like_a_cpg(reader, tmp_path):
    found = reader.vector(written(tmp_path, "vni", ["Kon Mơ"], cst="VNI-Windows"))
    assert list(found.frame[COLUMN]) == ["Kon Mơ"]
    assert found.report.encoding == "vni" and "encoding-guessed" not in codes(found)


def test_a_page_that_nobody_knows_does_not_keep_a_file_out(reader, tmp_path):
    found = reader.vector(written(tmp_path, "tcvn3", cpg="OEM of my office"))
    assert list(found.frame[COLUMN]) == NAMES and "intake-cpg-differs" in codes(found)


def test_rows_of_another_encoding_among_utf8_are_read_by_their_own_letters(reader, tmp_path):
    path = tmp_path / "a.csv"
    lines = [name.encode() for name in NAMES] + [encode(name, "tcvn3") for name in NAMES[:3]]
    path.write_bytes(b"\n".join([b"ten", *lines]))
    found = reader.table(path)
    assert [row[0] for row in found.sheets["a"][1:]] == NAMES + NAMES[:3]
    (mixed,) = [problem for problem in found.report.problems if problem.code == "encoding-mixed"]
    assert mixed.arguments["rows"] == [7, 8, 9]


def test_capitals_of_a_capitals_font_are_told(reader, tmp_path):
    found = reader.vector(written(tmp_path, "tcvn3", ["THỊ TRẤN ĐẮK TÔ", "XÃ NGỌC TỤ", "XÃ ĐẮK HÀ"]))
    assert found.frame[COLUMN][0] == "THị TRấN ĐắK TÔ" and "encoding-capitals-lost" in codes(found)


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp"])
def test_parted_letters_come_in_composed(reader, tmp_path, suffix):
    parted = {
        unicodedata.normalize("NFD", COLUMN)[:9]: [unicodedata.normalize("NFD", name) for name in NAMES]
    }
    frame = gpd.GeoDataFrame(parted, geometry=[Point(107.6, 14.7)] * len(NAMES), crs=4326)
    path = tmp_path / f"a{suffix}"
    with warnings.catch_warnings():
        # The width of a field name of a shapefile may cut it.
        warnings.simplefilter("ignore", RuntimeWarning)
        frame.to_file(path, engine="pyogrio")
    found = reader.vector(path)
    column = unicodedata.normalize("NFC", unicodedata.normalize("NFD", COLUMN)[:9])
    assert list(found.frame[column]) == NAMES


def test_parted_letters_of_sheets_come_in_composed(reader, tmp_path):
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("t").write(0, 0, unicodedata.normalize("NFD", NAMES[0]))
    (tmp_path / "b.csv").write_text(unicodedata.normalize("NFD", NAMES[0]), encoding="utf-8")
    for path in sorted(tmp_path.iterdir()):
        (rows,) = reader.table(path).sheets.values()
        assert rows == [[NAMES[0]]]


def mangled(text, codec):
    """The text as a program shows it that takes the bytes for Western European ones."""
    return encode(text, codec).decode("latin-1" if codec == "tcvn3" else "cp1252")


@pytest.mark.parametrize("codec", ["tcvn3", "vni", "utf-8"])
def test_a_sheet_typed_in_an_old_font_is_restored_and_told(reader, tmp_path, codec):
    import xlsxwriter

    names = [name for name in NAMES if codec != "utf-8" or mangles(name)]
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("t")
        for row, name in enumerate(names):
            sheet.write(row, 0, mangled(name, codec))
            sheet.write(row, 1, 5)
    found = reader.table(tmp_path / "a.xlsx")
    assert found.sheets["t"] == [[name, 5.0] for name in names]
    (problem,) = found.report.problems
    assert (
        problem.code == "encoding-restored" and problem.severity == "warning" and codec in problem.say("vi")
    )
    kept = reader.table(tmp_path / "a.xlsx", encoding="utf-8")
    assert kept.sheets["t"][0][0] == mangled(names[0], codec) and codes(kept) == []


def mangles(name):
    """Whether every byte of the name is a letter of cp1252, so that it survives the wrong reading."""
    try:
        return bool(name.encode().decode("cp1252"))
    except UnicodeDecodeError:
        return False


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_a_layer_that_kept_letters_of_an_old_font_is_restored(reader, tmp_path, suffix):
    table = {mangled(COLUMN, "tcvn3"): [mangled(name, "tcvn3") for name in NAMES]}
    frame = gpd.GeoDataFrame(table, geometry=[Point(107.6, 14.7)] * len(NAMES), crs=4326)
    frame.to_file(tmp_path / f"a{suffix}", engine="pyogrio")
    found = reader.vector(tmp_path / f"a{suffix}")
    assert list(found.frame[COLUMN]) == NAMES and codes(found) == ["encoding-restored"]


@pytest.mark.parametrize("names", [NAMES, ["Thôn Hoà Bình", "Xã Tân Lâm", "Làng Mô"], ["Béziers", "Orléans"]])
def test_true_letters_are_never_restored(reader, tmp_path, names):
    frame = gpd.GeoDataFrame({"ten": names}, geometry=[Point(107.6, 14.7)] * len(names), crs=4326)
    frame.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    found = reader.vector(tmp_path / "a.gpkg")
    assert list(found.frame["ten"]) == names and codes(found) == []
