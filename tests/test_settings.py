"""Settings: typed, named in the error, read once."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from gis.settings import SettingError, Settings, read_settings


def test_an_empty_environment_gives_the_defaults():
    assert read_settings({}) == Settings()
    assert read_settings({"PATH": "/bin", "GIS_PORT": ""}) == Settings()


def test_values_have_the_type_of_their_setting():
    settings = read_settings(
        {"GIS_STUDIES": "/data/studies", "GIS_READER_SECONDS": "2.5", "GIS_READER_NAMESPACE": "no"}
    )
    assert settings.studies == Path("/data/studies")
    assert settings.reader_seconds == 2.5
    assert settings.reader_namespace is False


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("GIS_PROT", "9000", "setting-unknown"),
        ("GIS_PORT", "many", "setting-number"),
        ("GIS_READER_SECONDS", "nan", "setting-number"),
        ("GIS_READER_SECONDS", "inf", "setting-number"),
        ("GIS_PORT", "0", "setting-too-small"),
        ("GIS_PORT", "70000", "setting-too-large"),
        ("GIS_LANGUAGE", "fr", "setting-choice"),
        ("GIS_READER_NAMESPACE", "maybe", "setting-yes-no"),
    ],
)
def test_a_wrong_value_is_refused_and_named_in_both_languages(name, text, code):
    with pytest.raises(SettingError) as caught:
        read_settings({name: text})
    assert caught.value.code == code
    for language in ("vi", "en"):
        assert name in caught.value.say(language)
        assert code not in caught.value.say(language)
    assert isinstance(caught.value, ValueError)


def test_settings_never_change():
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_says_what_it_means_and_its_default_is_allowed(setting):
    assert setting.metadata["meaning"]
    name = f"GIS_{setting.name.upper()}"
    assert getattr(read_settings({name: str(setting.default)}), setting.name) == setting.default
