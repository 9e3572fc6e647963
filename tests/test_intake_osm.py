"""OpenStreetMap extracts: what the catalogue's tags find in them, counted against the library's own way."""

import re

import pyogrio
import pytest

from foreign import codes, fails, told
from gis.catalogue import load_catalogue
from gis.errors import CatalogueError
from gis.intake import Reader
from gis.settings import Settings

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def reader():
    with Reader(Settings()) as reader:
        yield reader


@pytest.fixture(scope="module")
def extract(shared_data):
    return shared_data / "andorra" / "andorra_2013-05-28.osm.pbf"


@pytest.fixture(scope="module")
def features(extract):
    """Every feature as (layer, id, tags), read in the library's ordinary way."""
    found = []
    for layer in ("points", "lines", "multipolygons"):
        frame = pyogrio.read_dataframe(extract, layer=layer)
        named = [name for name in frame if name not in ("osm_id", "osm_way_id", "other_tags", "geometry")]
        for _, row in frame.iterrows():
            tags = {name: row[name] for name in named if isinstance(row[name], str)}
            if isinstance(row["other_tags"], str):
                tags |= dict(re.findall(r'"([^"]+)"=>"([^"]*)"', row["other_tags"]))
            own = row["osm_id"] if isinstance(row["osm_id"], str) else f"way {row['osm_way_id']}"
            found.append((layer, own, tags))
    return found


def asked(layer):
    return list(load_catalogue()[layer].osm)


def test_roads_are_all_those_made_from_the_extract_but_the_ones_not_built(reader, extract, shared_data):
    truth = pyogrio.read_dataframe(shared_data / "andorra" / "andorra_roads.gpkg")
    found = reader.vector(extract, osm=asked("roads"))
    assert found.report.rows_in == len(truth) == 1614
    built = truth[truth["highway"] != "construction"]
    assert set(found.frame["osm_id"]) == {f"way/{key}" for key in built["osm_id"]}
    assert len(found.frame) == 1612 and [code for _, code in found.report.skipped] == ["osm-not-in-use"] * 2
    assert dict(found.frame["class"].value_counts()) == dict(built["highway"].value_counts())
    lengths = found.frame.to_crs(25831).length.sum(), built.to_crs(25831).length.sum()
    assert lengths[0] == pytest.approx(lengths[1], rel=1e-9)
    assert {"asphalt", "unpaved"} <= set(found.frame["surface"].dropna())
    assert found.frame.crs.to_epsg() == 4326 and codes(found) == ["intake-osm-tags"]


def test_rivers_are_the_waterways_that_may_bar_the_way(reader, extract, shared_data):
    """Of 86 streams, 20 rivers and 5 canals 14, 5 and 3 pieces run underground; ditches, dams and banks are left out."""
    truth = pyogrio.read_dataframe(shared_data / "andorra" / "andorra_waterways.gpkg")
    found = reader.vector(extract, osm=asked("rivers"))
    assert found.report.rows_in == len(truth) == 146
    assert dict(found.frame["kind"].value_counts()) == {"stream": 72, "river": 15, "canal": 2}
    assert len(found.report.skipped) == 57


def test_communes_are_the_units_of_every_level_with_the_level_beside_the_name(reader, extract):
    found = reader.vector(extract, osm=asked("communes")).frame
    assert set(found["level"]) == {"7"} and sorted(found["name"])[:2] == ["Andorra la Vella", "Encamp"]
    assert len(found) == 6 and set(found.geometry.geom_type) == {"MultiPolygon"}


@pytest.mark.parametrize(
    "layer", ["schools", "clinics", "settlements", "culture_houses", "commune_centres", "water_points"]
)
def test_facilities_are_every_node_and_area_with_the_tags(reader, extract, features, layer):
    expected = {
        (place, key)
        for place, key, tags in features
        for entry in asked(layer)
        if place in entry["from"] and all(tags.get(name) in values for name, values in entry["tags"].items())
    }
    found = reader.vector(extract, osm=asked(layer))
    assert found.report.rows_in == len(found.frame) == len(expected)
    assert found.frame["osm_id"].is_unique
    assert {key.split("/")[1] for key in found.frame["osm_id"]} == {
        key.removeprefix("way ") for _, key in expected
    }
    assert told(found, "intake-osm-tags")["count"] == len(expected)


def test_clinics_of_andorra_are_there(reader, extract):
    found = reader.vector(extract, osm=asked("clinics"))
    assert len(found.frame) == 10 and {"hospital", "pharmacy"} <= set(found.frame["kind"])
    assert set(found.frame.geom_type) == {"Point", "MultiPolygon"}


def test_settlements_carry_name_and_population(reader, extract):
    frame = reader.vector(extract, osm=asked("settlements")).frame.set_index("name")
    assert frame.loc["Andorra la Vella", "population"] == "24678"


def test_an_entry_that_fits_two_ways_gives_a_feature_once(reader, extract):
    (clinics, *_) = asked("clinics")
    once = reader.vector(extract, osm=[clinics])
    twice = reader.vector(extract, osm=[clinics, clinics])
    assert list(twice.frame["osm_id"]) == list(once.frame["osm_id"])


def test_an_extract_for_a_layer_without_tags_says_so(reader, extract):
    fails("intake-osm-mapping", reader.vector, extract)
    fails("intake-osm-mapping", reader.vector, extract, osm=[])


def test_keys_that_are_no_names_reach_no_condition(reader, extract):
    entry = {"from": ["lines"], "tags": {'a" IS NULL OR "b': ["*"]}, "fields": {}}
    fails("intake-damaged", reader.vector, extract, osm=[entry])


def test_bridges_tunnels_and_ways_against_the_drawing_are_told_from_tags(reader, extract, features):
    found = reader.vector(extract, osm=asked("roads")).frame.set_index("osm_id")
    tags = {f"way/{key}": tags for layer, key, tags in features if layer == "lines" and "highway" in tags}
    tags = {key: tags[key] for key in found.index}

    def having(*keys):
        return {key for key, each in tags.items() if any(each.get(name, "no") != "no" for name in keys)}

    bridges = having("bridge")
    assert set(found.index[found["structure"] == "bridge"]) == bridges and len(bridges) > 20
    assert set(found.index[found["structure"] == "tunnel"]) == having("tunnel") - bridges
    assert set(found.index[found["structure"] == "ford"]) == having("ford") - having("bridge", "tunnel")
    against = {key for key, each in tags.items() if each.get("oneway") in ("-1", "reverse")}
    assert set(found.index[found["reversed"] == "yes"]) == against
    circles = {key for key, each in tags.items() if each.get("junction") == "roundabout"}
    assert circles and (found.loc[sorted(circles | against), "oneway"] == "yes").all()


def test_a_study_binds_roads_of_an_extract_to_the_catalogue(reader, extract):
    from gis.layering import bind_layer

    foreign = reader.vector(extract, osm=asked("roads"))
    entry = {"file": extract.name}
    frame, problems, counts = bind_layer(
        foreign.frame, load_catalogue()["roads"], entry, where={"layer": "roads", "file": extract.name}
    )
    assert counts["rows_used"] == 1612 and {"national", "provincial", "path"} & set(frame["class"].dropna())
    assert frame["name"].notna().any() and frame["road_id"].str.startswith("way/").all()


@pytest.mark.parametrize(
    "osm",
    [
        "[{from: [lines], tags: {}}]",
        "[{from: [roads], tags: {highway: ['*']}}]",
        "[{from: [lines], tags: {'a\"b': ['*']}}]",
        "[{from: [lines], tags: {highway: ['*']}, fields: {nonsense: name}}]",
    ],
)
def test_a_catalogue_with_a_wrong_mapping_is_refused(tmp_path, osm):
    head = "id: a\nlabel: {vi: A, en: A}\nrole: network\ngeometry: line\n"
    (tmp_path / "a.yaml").write_text(f"{head}osm: {osm}\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path)
    assert caught.value.say("vi") and caught.value.code not in caught.value.say("en")
