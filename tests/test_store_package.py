"""A study carried to another machine and back: everything comes along, and nothing is written over unseen."""

import json
import zipfile

import pytest

from gis.errors import ConflictError, MissingError, StoreError
from gis.store import decisions, evidence, open_store, reported, studies
from gis.store.checking import check
from gis.store.package import export_study, import_study
from stores import STUDY, WHO, enter, everything, fill, layer, put_layer

OTHER = "A Blong"


@pytest.fixture
def ours(tmp_path, records_url):
    opened = open_store(tmp_path / "ours", records_url)
    fill(opened)
    yield opened
    assert check(opened, deep=True) == ()
    opened.close()


@pytest.fixture
def theirs(tmp_path):
    opened = open_store(tmp_path / "theirs")
    yield opened
    assert check(opened, deep=True) == ()
    opened.close()


def carry(source, target, tmp_path, **options):
    """Export from one store and import into another."""
    export_study(source, STUDY, tmp_path / "study.zip")
    return import_study(target, tmp_path / "study.zip", who=OTHER, **options)


def comparable(store, study=STUDY):
    found = everything(store, study)
    plain = {
        "values": [row[:7] for row in found["values"]],
        "past": sorted(
            [str(row[n]) for n in ("village_id", "value", "who", "at", "reason")] for row in found["past"]
        ),
        "current": {
            name: [row[n] for n in ("content", "kind", "entry", "file", "who", "at")]
            for name, row in found["current"].items()
        },
        "evidence": [
            [row[n] for n in ("village_id", "content", "file", "year", "who")] for row in found["evidence"]
        ],
        "decisions": [
            [row[n] for n in ("subject", "answer", "reason", "who", "at")] for row in found["decisions"]
        ],
        "runs": [[row[n] for n in ("run", "content", "headline", "who")] for row in found["runs"]],
    }
    return plain


def test_everything_of_a_study_comes_along(ours, theirs, tmp_path):
    done = carry(ours, theirs, tmp_path)
    assert (done.study, done.is_new, done.problems) == (STUDY, True, ())
    assert done.taken == {"source": 1, "value": 13, "decision": 3, "evidence": 1, "run": 1}
    assert comparable(theirs) == comparable(ours)
    with theirs.reading() as connection:
        photo = evidence.listed(connection, STUDY)[0]
    assert theirs.files.path(photo["content"], "evidence").read_bytes() == b"photo of a bridge"


def test_taking_the_same_file_in_twice_changes_nothing(ours, theirs, tmp_path):
    carry(ours, theirs, tmp_path)
    before = comparable(theirs)
    again = import_study(theirs, tmp_path / "study.zip", who=OTHER)
    assert (again.is_new, again.taken) == (False, {}) and comparable(theirs) == before
    # and back where it came from
    assert carry(theirs, ours, tmp_path).taken == {}


def test_another_id_makes_a_study_of_its_own(ours, tmp_path):
    export_study(ours, STUDY, tmp_path / "study.zip")
    done = import_study(ours, tmp_path / "study.zip", who=OTHER, as_id="dak-to-2")
    assert (done.study, done.is_new) == ("dak-to-2", True)
    assert comparable(ours, "dak-to-2") == comparable(ours)


def test_work_of_the_other_side_follows_ours_without_a_question(ours, theirs, tmp_path):
    carry(ours, theirs, tmp_path)
    newer = put_layer(theirs, layer((9, 9)), who=OTHER)
    enter(theirs, "v3", 30.0, who=OTHER)
    enter(theirs, "v99", 1.0, who=OTHER)
    with theirs.writing(OTHER) as change:
        decisions.decide(change, STUDY, "match", {"name": "Thôn 1"}, "v2")
        studies.set_recipe(change, STUDY, {"title": {"vi": "Đăk Tô 2024"}, "criteria": "sdg-access"})
    # meanwhile other things were done here
    enter(ours, "v4", 44.0)
    done = carry(theirs, ours, tmp_path)
    assert done.taken == {"recipe": 1, "source": 1, "value": 2, "decision": 1}
    with ours.reading() as connection:
        assert studies.current_version(connection, STUDY, "schools")["content"] == newer["content"]
        now = reported.entered(connection, STUDY).set_index("village_id")["value"]
        assert (now["v3"], now["v4"], now["v99"]) == (30.0, 44.0, 1.0)
        assert decisions.standing(connection, STUDY, "match")[-1]["answer"] == "v2"
        assert studies.get_study(connection, STUDY)["recipe"]["title"]["vi"] == "Đăk Tô 2024"
    # now they are behind, and follow
    assert carry(ours, theirs, tmp_path).taken == {"value": 1}
    assert comparable(theirs)["values"] == comparable(ours)["values"]


def part(ours, theirs, tmp_path):
    """Both sides change the same four things."""
    carry(ours, theirs, tmp_path)
    for store, who, place, value in ((ours, WHO, (1, 1), 10.0), (theirs, OTHER, (2, 2), 20.0)):
        put_layer(store, layer(place), who=who)
        enter(store, "v3", value, who=who)
        with store.writing(who) as change:
            decisions.decide(change, STUDY, "match", {"name": "Thôn 1"}, f"v{value:g}")
            studies.set_recipe(change, STUDY, {"title": who, "criteria": "sdg-access"})
    enter(theirs, "v5", 55.0, who=OTHER)


def state(store):
    with store.reading() as connection:
        values = reported.entered(connection, STUDY).set_index("village_id")["value"]
        content = studies.current_version(connection, STUDY, "schools")["content"]
        return (
            len(store.files.get_vector(content)),
            store.files.get_vector(content).geometry.x[0],
            values["v3"],
            values["v5"],
            decisions.standing(connection, STUDY, "match")[-1]["answer"],
            studies.get_study(connection, STUDY)["recipe"]["title"],
        )


def test_what_both_sides_changed_is_listed_and_nothing_is_taken(ours, theirs, tmp_path):
    part(ours, theirs, tmp_path)
    before = everything(ours)
    with pytest.raises(ConflictError) as refused:
        carry(theirs, ours, tmp_path)
    told = [problem.code for problem in refused.value.problems]
    assert told == [f"package-conflict-{kind}" for kind in ("recipe", "source", "value", "decision")]
    sentence = refused.value.problems[2].say("vi")
    assert all(word in sentence for word in ("v3", "10", "20", WHO, OTHER))
    assert everything(ours) == before


@pytest.mark.parametrize("prefer", ["ours", "theirs"])
def test_a_choice_settles_conflicts_for_good_and_loses_nothing(ours, theirs, tmp_path, prefer):
    part(ours, theirs, tmp_path)
    done = carry(theirs, ours, tmp_path, prefer=prefer)
    assert len(done.problems) == 4 and {problem.severity for problem in done.problems} == {"note"}
    place, value, who = (1.0, 10.0, WHO) if prefer == "ours" else (2.0, 20.0, OTHER)
    assert state(ours) == (1, place, value, 55.0, f"v{value:g}", who)
    with ours.reading() as connection:
        past = {row["value"] for row in reported.history(connection, study_id=STUDY, village_id="v3")}
        assert {10.0, 20.0} <= past
        assert len(studies.list_versions(connection, STUDY, "schools")) == 4
    # the other side takes what was settled without being asked
    assert carry(ours, theirs, tmp_path).problems == ()
    assert state(theirs) == state(ours)
    assert carry(theirs, ours, tmp_path).taken == {}


def test_a_source_removed_there_is_removed_here_unless_it_was_changed_here(ours, theirs, tmp_path):
    carry(ours, theirs, tmp_path)
    with theirs.writing(OTHER) as change:
        studies.remove_source(change, STUDY, "schools")
    export_study(theirs, STUDY, tmp_path / "without.zip")
    put_layer(ours, layer((3, 3)))
    with pytest.raises(ConflictError):
        import_study(ours, tmp_path / "without.zip", who=OTHER)
    import_study(ours, tmp_path / "without.zip", who=OTHER, prefer="ours")
    with ours.reading() as connection:
        assert studies.current_version(connection, STUDY, "schools")["number"] == 3
    assert import_study(ours, tmp_path / "without.zip", who=OTHER).taken == {}
    assert carry(ours, theirs, tmp_path).taken == {"source": 1}
    with theirs.writing(OTHER) as change:
        studies.remove_source(change, STUDY, "schools")
    carry(theirs, ours, tmp_path)
    with ours.reading() as connection:
        assert studies.current_versions(connection, STUDY) == {}


def test_a_study_that_was_deleted_here_is_not_brought_back_unasked(ours, theirs, tmp_path):
    carry(ours, theirs, tmp_path)
    with ours.writing(WHO) as change:
        studies.remove_study(change, STUDY)
    with pytest.raises(StoreError, match="deleted here"):
        carry(theirs, ours, tmp_path)
    with pytest.raises(MissingError):
        export_study(ours, STUDY, tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def test_a_file_of_another_purpose_or_shape_is_refused(ours, theirs, tmp_path):
    from gis.store.backup import backup

    backup(ours, tmp_path / "backup.zip")
    with pytest.raises(StoreError, match="not a file"):
        import_study(theirs, tmp_path / "backup.zip", who=OTHER)
    export_study(ours, STUDY, tmp_path / "study.zip")
    with zipfile.ZipFile(tmp_path / "study.zip") as archive:
        given = json.loads(archive.read("store/study.json"))
    for number, spoil in enumerate(SPOILT):
        spoilt = json.loads(json.dumps(given))
        spoil(spoilt)
        with pytest.raises(StoreError):
            import_study(theirs, repacked(tmp_path, spoilt, number), who=OTHER)
    with theirs.reading() as connection:
        assert studies.list_studies(connection) == []


SPOILT = (
    lambda given: given.pop("study"),
    lambda given: given["study"].update(id="../x"),
    lambda given: given["study"].update(recipe=[]),
    lambda given: given["sources"][0].update(content="0" * 64),
    lambda given: given["sources"][0].update(content="../../../etc/passwd"),
    lambda given: given["sources"][0].update(kind="nothing"),
    lambda given: given["sources"][0].update(states=None),
    lambda given: given["reported"][0].update(value={"a": 1}),
    lambda given: given["reported"][0].update(kind="decree"),
    lambda given: given["reported"][0].update(year="soon"),
    lambda given: given["decisions"][0].update(subject="x"),
    lambda given: given["decisions"][0].update(kind="x"),
    lambda given: given["evidence"][0].update(content=7),
    lambda given: given.update(reported=None),
    lambda given: given.update(runs=[{}]),
)


def repacked(tmp_path, given, number):
    from gis.store.archive import Archive, Writer

    target = tmp_path / f"spoilt-{number}.zip"
    with Archive(tmp_path / "study.zip", "langmap-study") as old, Writer(target, "langmap-study") as new:
        for member in old.members:
            changed = [json.dumps(given).encode()] if member.endswith("study.json") else old.pieces(member)
            new.add(member, changed)
    return target


def taken_in(store, path, study_id):
    """A study of files put into a store, as an import does it."""
    from gis.catalogue import load_catalogue
    from gis.intake import Reader
    from gis.recipe import read_recipe

    catalogue = load_catalogue()
    recipe = read_recipe(path, catalogue)
    head = {name: value for name, value in recipe.data.items() if name not in ("layers", "assessments")}
    files, found = store.files, []
    with Reader() as reader:
        for name, entry in recipe.data.get("layers", {}).items():
            if catalogue[name].role == "raster":
                read = reader.raster(recipe.file("layers", name))
                crs = read.crs.to_wkt() if read.crs else None
                content = files.put_raster(read.array, tuple(read.transform)[:6], crs, read.nodata)
                found.append((name, entry, "raster", content))
            else:
                options = {"layer": entry.get("layer"), "encoding": entry.get("encoding")}
                read = reader.vector(recipe.file("layers", name), **options)
                found.append((name, entry, "vector", files.put_vector(read.frame)))
        for number, entry in enumerate(recipe.data.get("assessments", ())):
            read = reader.table(recipe.file("assessments", number), encoding=entry.get("encoding"))
            name = f"assessments-{entry['year']}-{number}"
            found.append((name, entry, "table", files.put_table(read.sheets, read.merged)))
    with store.writing(WHO) as change:
        studies.add_study(change, study_id, head)
        for name, entry, kind, content in found:
            told = {key: value for key, value in entry.items() if key != "file"}
            told = dict(content=content, kind=kind, file=entry["file"], entry=told, report={})
            studies.add_version(change, study_id, name, **told)


def as_files(store, study_id, folder):
    """Export a study and unpack the package, as a person does; the path of the study file."""
    from gis.exports import write_study_files

    told = export_study(store, study_id, folder / "study.zip", plain=write_study_files)
    assert {problem.severity for problem in told} <= {"note"}
    with zipfile.ZipFile(folder / "study.zip") as archive:
        archive.extractall(folder / "files")
    return folder / "files" / "study.yaml"


def judged(path):
    from gis.workflows import judge, read_study

    return judge(read_study(path))


def same_judgement(one, other):
    columns = ["village_id", "criterion", "status", "value", "source", "reason"]
    findings = [review.findings.reset_index() for review in (one, other)]
    columns = [name for name in columns if name in findings[0]]
    assert findings[0][columns].equals(findings[1][columns])
    assert one.headline == other.headline


def test_the_files_of_a_package_are_an_ordinary_study_with_the_same_judgement(
    sample_study, sample_review, tmp_path
):
    store = open_store(tmp_path / "store")
    taken_in(store, sample_study, "sample")
    review = judged(as_files(store, "sample", tmp_path))
    same_judgement(sample_review, review)
    store.close()


def test_real_data_leave_the_store_as_they_came(nandurbar_study, nandurbar_review, tmp_path):
    store = open_store(tmp_path / "store")
    taken_in(store, nandurbar_study, "nandurbar")
    same_judgement(nandurbar_review, judged(as_files(store, "nandurbar", tmp_path)))
    store.close()


def test_an_entered_value_counts_in_the_files_too(sample_study, tmp_path):
    from gis.workflows import read_study

    store = open_store(tmp_path / "store")
    taken_in(store, sample_study, "sample")
    before = read_study(as_files(store, "sample", tmp_path))
    village, field = before.villages.index[3], "households"
    year = before.year
    with store.writing(WHO) as change:
        reported.enter(change, "sample", year, village, field, 977.0)
        reported.enter(change, "sample", year, village, field, 978.0, kind="recheck")
    (tmp_path / "again").mkdir()
    after = read_study(as_files(store, "sample", tmp_path / "again"))
    assert after.reported.loc[village, field] == 978.0
    others = before.reported[field].drop(village)
    assert after.reported[field].drop(village).equals(others)
    store.close()


def test_columns_and_sheets_that_a_format_cannot_hold_get_other_names_and_keep_their_binding(tmp_path):
    from types import SimpleNamespace

    from gis.exports import write_study_files
    from gis.yamltext import read_yaml

    frame = layer((108, 14)).assign(fid=["a"], Ten=["Trường"], ten=["x"], mo=[True])
    files = SimpleNamespace(
        get_vector=lambda _: frame,
        get_table=lambda _: ({"Xã A/B": [["thôn"], [1.5]], "xã a-b": [[True, None, "=1"]]}, {}),
    )
    versions = {
        "schools": {
            "kind": "vector",
            "content": "",
            "entry": {"fields": {"name": "ten"}, "encoding": "cp1258"},
        },
        "assessments-2024": {"kind": "table", "content": "", "entry": {"year": 2024, "sheet": "Xã A/B"}},
    }
    study = {"id": "dak-to", "recipe": {"title": "Đăk Tô", "criteria": "sdg-access"}, "criteria": None}
    from gis.store.reported import entered

    with open_store(tmp_path / "store").reading() as connection:
        nothing = entered(connection, "none")
    (tmp_path / "out").mkdir()
    decided = [{"name": "Thôn 1", "village": "v1"}]
    sheets, columns = write_study_files(tmp_path / "out", study, versions, nothing, files, decided)
    assert columns.arguments["columns"] == ["fid → fid_2", "ten → ten_2"]
    assert sheets.arguments["sheets"] == ["Xã A/B → Xã A-B", "xã a-b → xã a-b-2"]
    told, _ = read_yaml(tmp_path / "out" / "study.yaml")
    assert told["layers"]["schools"] == {"file": "layers/schools.gpkg", "fields": {"name": "ten_2"}}
    (sheet,) = told["assessments"]
    assert sheet.pop("matches") == [{"name": "Thôn 1", "village": "v1"}]
    assert sheet == {"file": "sheets/assessments-2024.xlsx", "year": 2024, "sheet": "Xã A-B"}
    from gis.intake import Reader

    with Reader() as reader:
        read = reader.vector(tmp_path / "out" / "layers" / "schools.gpkg").frame
        cells = reader.table(tmp_path / "out" / "sheets" / "assessments-2024.xlsx").sheets
    assert read.iloc[0][["fid_2", "Ten", "ten_2", "mo"]].tolist() == ["a", "Trường", "x", True]
    assert cells == {"Xã A-B": [["thôn"], [1.5]], "xã a-b-2": [[True, None, "=1"]]}
