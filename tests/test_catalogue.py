"""The layer catalogue and what criteria sets take from it."""

import pytest

from gis.assessments import needed_fields
from gis.catalogue import load_catalogue
from gis.criteria import list_criteria, load_criteria
from gis.errors import CatalogueError
from gis.labels import LANGUAGES
from gis.measure import check_bindings

CATALOGUE = load_catalogue()


@pytest.mark.parametrize("name", list_criteria())
def test_every_set_names_only_indicators_layers_and_arguments_that_exist(name):
    check_bindings(load_criteria(name), CATALOGUE)


@pytest.mark.parametrize(
    "name", [name for name in list_criteria() if name.startswith(("vn-", "kontum-", "sphere", "sdg"))]
)
def test_every_reported_figure_of_a_set_has_a_vietnamese_heading(name):
    fields = {**CATALOGUE["assessments"].fields, **CATALOGUE["villages"].fields}
    assert not [field for field in needed_fields(load_criteria(name)) if field not in fields]


def test_no_heading_belongs_to_two_fields_of_a_layer():
    for layer in CATALOGUE.values():
        seen = {}
        for field in layer.fields.values():
            for name in field.names:
                assert seen.setdefault(name, field.name) == field.name, (layer.id, name)


def test_every_layer_speaks_both_languages_and_says_how_it_is_cited():
    for layer in CATALOGUE.values():
        assert set(layer.label) == set(LANGUAGES) == set(layer.citation)
        assert all(set(field.label) == set(LANGUAGES) for field in layer.fields.values())


def test_roads_have_a_speed_for_every_class_surface_and_season():
    roads = CATALOGUE["roads"]
    for name in roads.vocabularies["class"]:
        for surface in roads.vocabularies["surface"]:
            assert set(roads.speeds[name][surface]) >= {"dry", "wet"}, (name, surface)


def test_a_wrong_layer_file_names_its_line(tmp_path):
    (tmp_path / "x.yaml").write_text(
        "id: x\nlabel: {vi: X, en: X}\nrole: thing\ngeometry: point\n", encoding="utf-8"
    )
    with pytest.raises(CatalogueError) as fault:
        load_catalogue(tmp_path)
    assert fault.value.arguments["line"] == 3 and "thing" in fault.value.say("vi")
