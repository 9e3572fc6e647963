"""YAML that keeps text as text and knows its lines."""

import pytest

from gis.errors import StudyError
from gis.yamltext import check_schema, parse_yaml


def parse(text):
    return parse_yaml(text.encode(), "s.yaml", error=StudyError)


def test_only_true_false_null_and_plain_numbers_are_not_text():
    data, _ = parse(
        "a: 0123\nb: no\nc: 2024-01-01\nd: 12\ne: 1.5\nf: true\ng: null\nh: '7'\ni: 1_000\nj: 12:30:45\n"
    )
    assert data == {"a": "0123", "b": "no", "c": "2024-01-01", "d": 12, "e": 1.5, "f": True, "g": None, "h": "7",
                    "i": "1_000", "j": "12:30:45"}  # fmt: skip


def test_below_fields_and_where_everything_stays_text():
    data, _ = parse("fields: {code: 101}\nwhere: {open: [true, 1]}\n")
    assert data == {"fields": {"code": "101"}, "where": {"open": ["true", "1"]}}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "yaml-key-twice", 3),
        ("a: &x 1\nb: *x\n", "yaml-alias", 2),
        ("a: 1\nb: !!python/object:os.system x\n", "yaml-tag", 2),
        ("a: 1\nb: [1, }\n", "yaml-syntax", 2),
        ("a: 1\n\tb: 2\n", "yaml-syntax", 2),
    ],
)
def test_every_fault_names_its_line(text, code, line):
    with pytest.raises(StudyError) as fault:
        parse(text)
    assert fault.value.code == code and fault.value.arguments["line"] == line


def test_deep_nesting_is_a_sentence_not_a_crash():
    for text in ("[" * 5000, "- " * 100_000 + "x"):
        with pytest.raises(StudyError) as fault:
            parse(text)
        assert fault.value.code == "yaml-too-deep"


def test_bytes_that_are_not_utf8_name_their_line():
    with pytest.raises(StudyError) as fault:
        parse_yaml("a: 1\nb: Đăk".encode("utf-16"), "s.yaml", error=StudyError)
    assert fault.value.code == "yaml-not-utf8"


def test_schema_faults_come_together_with_their_lines():
    data, lines = parse("a: 1\nlayrs: 2\nb: text\n")
    schema = {"type": "object", "additionalProperties": False, "required": ["c"],
              "properties": {"a": {"type": "string"}, "b": {}, "layers": {}}}  # fmt: skip
    with pytest.raises(StudyError) as fault:
        check_schema(data, lines, schema, "s.yaml", StudyError)
    found = {(problem.code, problem.arguments["line"]) for problem in fault.value.problems}
    assert found == {("schema-unknown-key", 2), ("schema-missing-key", 1), ("schema-wrong-type", 1)}
    assert "layrs" in fault.value.say("vi") and "layrs" in fault.value.say("en")


def test_every_missing_and_every_unknown_key_is_told_once():
    data, lines = parse("x: 1\ny: 2\n")
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["a", "b"],
        "properties": {"a": {}, "b": {}},
    }
    with pytest.raises(StudyError) as fault:
        check_schema(data, lines, schema, "s.yaml", StudyError)
    told = [(problem.code, problem.arguments["key"]) for problem in fault.value.problems]
    assert sorted(told) == [
        ("schema-missing-key", "a"), ("schema-missing-key", "b"), ("schema-unknown-key", "x"), ("schema-unknown-key", "y"),
    ]  # fmt: skip
