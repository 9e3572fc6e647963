"""The table of rivals: what it says, whom it asks, and what the pages quote of it. No rival is needed, nothing timed."""

import doctest
import re
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import __main__ as bench
from benchmarks import rivals, table, travel
from benchmarks.table import END, HEADING, ROOT, START, Absent, Row, compared, markdown, put_into


def asked(log, name, seconds, answer, memory=None):
    """A contestant that takes the given seconds in turn."""
    seconds = iter(seconds)

    def work():
        log.append(name)
        return next(seconds), memory, answer

    return work


def rows_of(rivals, log, ours=(9, 2, 4, 3)):
    agree = lambda ours, theirs: (ours == theirs, f"{ours} and {theirs}")  # noqa: E731
    return list(compared("work", "1 M", asked(log, "ours", ours, 7, 100.0), rivals, agree, 3))


def test_rivals_are_asked_in_turn_and_medians_kept_without_our_first():
    log = []
    (row,) = rows_of({"them": asked(log, "them", (30, 60, 20), 7, 250.0)}, log)
    assert log == ["ours", *["ours", "them"] * 3]
    assert row.cells == ("work", "1 M", "them", "3.00", "30.0", "10.0", "100", "250", "7 and 7")


def test_a_row_whose_answers_differ_is_marked():
    (row,) = rows_of({"them": asked([], "them", (1, 1, 1), 8)}, [])
    assert not row.agrees and row.cells[-1] == "DIFFERS: 7 and 8"


def test_a_rival_that_is_absent_is_named_with_how_to_get_it_and_the_others_stay():
    rows = rows_of({"gone": Absent("get it so"), "them": asked([], "them", (1, 1, 1), 7)}, [])
    assert rows[0].cells == ("work", "1 M", "gone", "3.00", "–", "–", "100", "–", "not measured: get it so")
    assert rows[0].agrees and rows[1].rival_s == 1


def test_a_rival_that_is_not_installed_is_absent(monkeypatch, tmp_path):
    monkeypatch.setattr(rivals, "HOME", tmp_path)
    found = rivals.rival("pandana", {})
    assert isinstance(found, Absent) and "benchmarks.rivals" in found.how


@pytest.mark.long
@pytest.mark.skipif(travel.grass.GRASS is None, reason="GRASS (grass-core) is not installed")
@pytest.mark.parametrize("walks", [False, True], ids=["r.cost", "r.walk"])
def test_grass_finds_the_same_times_on_ground_never_tried(walks):
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    classes, pace, heights, cells = travel.ground(400, seed)
    level = np.where(np.isnan(pace), np.nan, 1).astype(np.float32)
    inputs = (level, heights) if walks else (pace, None)
    (row,) = travel.beside("invented", classes, *inputs, cells, travel.CELL_M, 1)
    assert row.agrees, (seed, row.agreement)


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        ([0, 10.09, np.inf], True),
        ([0, 10.11, np.inf], False),
        ([0, 10, 20], False),
        ([0, np.inf, np.inf], False),
    ],
)
def test_times_agree_within_a_tenth_of_a_second_where_the_same_cells_are_reached(theirs, same):
    assert travel.agree(np.array([0, 10, np.inf]), np.array(theirs))[0] == same


def test_a_page_keeps_what_stands_around_its_table():
    page = f"before\n{START}\n{END}\nafter\n"
    made = put_into(page, markdown([Row("work", "1 M", 2.0, "them", 5.0)], "1 May 2026"))
    assert made.startswith(f"before\n{START}\n1 May 2026, ") and made.endswith(f"{END}\nafter\n")
    assert "| work | 1 M | them | 2.00 | 5.00 | 2.50 | – | – |  |" in made
    assert put_into(made, "") == page


def test_examples_of_the_table_hold():
    assert doctest.testmod(table).failed == 0


def test_the_command_prints_a_row_a_measurement_and_fails_where_one_differs(monkeypatch, capsys):
    assert bench.main(["--quick", "--turns", "1", "--only", "evaluate"]) == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split("  ")[0] == HEADING[0] and row.startswith("measurements to verdicts")
    wrong = Row("work", "1 M", 1.0, "them", 1.0, agreement="other cells", agrees=False)
    monkeypatch.setattr("benchmarks.evaluate.rows", lambda size, turns, seed: [wrong])
    assert bench.main(["--only", "evaluate"]) == 1


def test_a_part_of_the_table_is_not_written_into_the_pages(capsys):
    with pytest.raises(SystemExit):
        bench.main(["--quick", "--only", "evaluate", "--write"])
    assert "--only" in capsys.readouterr().err


def cells(page, columns):
    """Rows of the table of a page."""
    inside = (ROOT / page).read_text(encoding="utf-8").split(START)[1].split(END)[0]
    rows = [line.strip("| ").split(" | ") for line in inside.splitlines() if line.startswith("|")]
    return [tuple(row[:columns]) for row in rows[2:]]


def test_what_the_readme_quotes_stands_in_the_table():
    quoted = cells("README.md", 6)
    assert len(quoted) >= 5 and set(quoted) <= set(cells("docs/speed.md", 6))


def test_benchmarks_that_pages_name_can_be_run():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    named = {name for page in pages for name in re.findall(r"-m (benchmarks[\w.]*)", page.read_text("utf-8"))}
    assert "benchmarks" in named
    for name in named - {"benchmarks"}:
        assert "__main__" in (ROOT / f"{name.replace('.', '/')}.py").read_text("utf-8"), name
    assert all(find_spec(f"benchmarks.{topic}") for topic in bench.TOPICS)
