"""Kinds of work for the tests of the queue, as real workers import them."""

import os
import signal
import time
from pathlib import Path

from gis.errors import IntakeError, Problem
from gis.labels import Label
from gis.registry import repeatable


def add_up(store, arguments, report):
    for number in range(len(arguments["values"])):
        report(
            number / len(arguments["values"]), "reading-file", file=Label({"vi": "Trường", "en": "School"})
        )
        time.sleep(arguments.get("pause", 0))
    return {"sum": sum(arguments["values"])}


def refuse(store, arguments, report):
    label = Label({"vi": "Trường học", "en": "School"})
    raise IntakeError(problems=[Problem("jobs-unknown", {"kind": label, "rows": (1, 2)}, "error")])


def break_down(store, arguments, report):
    raise RuntimeError("a detail for the log only")


def say_nonsense(store, arguments, report):
    return {"sum": float("nan")}


def wait_and_listen(store, arguments, report):
    while True:
        report(0.25, "reading-file", file="x")
        time.sleep(0.05)


def wait_and_hear_nothing(store, arguments, report):
    report(0.5, "reading-file", file="x")
    time.sleep(600)


def die(store, arguments, report):
    os.kill(os.getpid(), signal.SIGKILL)


@repeatable
def die_again(store, arguments, report):
    die(store, arguments, report)


@repeatable
def die_once(store, arguments, report):
    mark = Path(arguments["mark"])
    if not mark.exists():
        mark.touch()
        die(store, arguments, report)
    return {"survived": True}


def write_line(store, arguments, report):
    """Every doing of a job leaves a line of its own."""
    with open(arguments["file"], "a", encoding="utf-8") as file:
        file.write(f"{arguments['number']} {os.getpid()}\n")
    time.sleep(0.01)
    return {}


KINDS = {
    function.__name__.replace("_", "-"): function
    for function in (
        add_up, refuse, break_down, say_nonsense, wait_and_listen, wait_and_hear_nothing, die, die_again, die_once,
        write_line,
    )
}  # fmt: skip
