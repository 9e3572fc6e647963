"""Long work with real processes: it ends well, it fails, it is stopped, it is killed, and the queue goes on."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from gis import jobs
from gis.errors import MissingError, Problem, StoreError
from gis.intake.reports import problem_as_json, problem_from_json
from gis.jobs import queueing, worker, workers
from gis.labels import Label
from gis.store import audit, open_store

WHO = "Y Lan"
KINDS = "tests.jobs_kinds:KINDS"
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


def settled(store, number, states=("done", "failed", "interrupted", "cancelled"), seconds=60):
    """The job once it is in one of these states."""
    end = time.monotonic() + seconds
    while (job := jobs.get(store, number))["state"] not in states:
        assert time.monotonic() < end, job
        time.sleep(0.05)
    return job


def test_work_is_done_and_what_fails_says_why_and_none_stops_the_next(store, capfd):
    asked = {"values": [1, 2, 3]}
    numbers = [jobs.enqueue(store, "refuse", {}, who=WHO), jobs.enqueue(store, "break-down", {}, who=WHO)]
    numbers += [jobs.enqueue(store, "say-nonsense", {}, who=WHO), jobs.enqueue(store, "fly", {}, who=WHO)]
    numbers += [jobs.enqueue(store, "add-up", asked, who=WHO, study_id="dak-to")]
    with jobs.Workers(store, kinds=KINDS):
        refused, broken, nonsense, unknown, done = [settled(store, number) for number in numbers]
    assert (done["state"], done["result"], done["fraction"]) == ("done", {"sum": 6}, 1.0)
    assert (done["who"], done["study_id"], done["tries"]) == (WHO, "dak-to", 1)
    assert [job["state"] for job in (refused, broken, nonsense, unknown)] == ["failed"] * 4
    problem = problem_from_json(refused["problems"][0])
    assert "«Trường học»" in problem.say("vi") and "“School”" in problem.say("en")
    assert problem.arguments["rows"] == [1, 2]
    assert [job["problems"][0]["code"] for job in (broken, nonsense, unknown)] == [
        "jobs-broken",
        "jobs-broken",
        "jobs-unknown",
    ]
    assert "a detail" not in str(broken["problems"])
    assert "a detail for the log only" in capfd.readouterr().err


def test_progress_is_seen_while_the_work_goes_on(store):
    number = jobs.enqueue(store, "add-up", {"values": [1] * 4, "pause": 0.8}, who=WHO)
    with jobs.Workers(store, kinds=KINDS):
        seen = set()
        while (job := jobs.get(store, number))["state"] in jobs.ACTIVE:
            seen.add((job["fraction"], job["saying"] and job["saying"]["code"]))
            time.sleep(0.05)
    assert job["state"] == "done"
    assert {(0.25, "reading-file"), (0.5, "reading-file")} <= seen
    assert problem_from_json(job["saying"]).arguments["file"] == Label({"vi": "Trường", "en": "School"})


def test_running_work_stops_when_asked_and_waiting_work_never_begins(store):
    running = jobs.enqueue(store, "wait-and-listen", {}, who=WHO)
    waiting = jobs.enqueue(store, "add-up", {"values": [1]}, who=WHO)
    with jobs.Workers(store, kinds=KINDS):
        settled(store, running, ("running",))
        jobs.cancel(store, waiting, "A Blong")
        jobs.cancel(store, running, "A Blong")
        assert settled(store, running)["state"] == "cancelled"
    assert jobs.get(store, waiting)["state"] == "cancelled"
    assert jobs.get(store, waiting)["tries"] == 0
    with store.reading() as connection:
        told = audit.history(connection, action="job-cancelled")
    assert [(row["who"], row["subject"]) for row in told] == [
        ("A Blong", str(running)),
        ("A Blong", str(waiting)),
    ]


def test_work_that_does_not_hear_is_ended_with_its_process(store, monkeypatch):
    monkeypatch.setattr(workers, "CANCEL_S", 0.5)
    deaf = jobs.enqueue(store, "wait-and-hear-nothing", {}, who=WHO)
    after = jobs.enqueue(store, "add-up", {"values": [2]}, who=WHO)
    with jobs.Workers(store, kinds=KINDS):
        settled(store, deaf, ("running",))
        jobs.cancel(store, deaf, WHO)
        assert settled(store, deaf)["state"] == "cancelled"
        assert settled(store, after)["state"] == "done"


def test_work_beyond_its_time_fails_and_the_queue_goes_on(store):
    slow = jobs.enqueue(store, "wait-and-hear-nothing", {}, who=WHO)
    after = jobs.enqueue(store, "add-up", {"values": [2]}, who=WHO)
    with jobs.Workers(store, kinds=KINDS, job_seconds=1.0):
        job = settled(store, slow)
        assert settled(store, after)["state"] == "done"
    assert (job["state"], job["problems"][0]["code"]) == ("failed", "jobs-too-long")


def test_a_killed_worker_leaves_an_interrupted_job_that_can_be_run_again_but_not_for_ever(store):
    number = jobs.enqueue(store, "die", {}, who=WHO)
    after = jobs.enqueue(store, "add-up", {"values": [2]}, who=WHO)
    with jobs.Workers(store, kinds=KINDS):
        first = settled(store, number)
        assert (first["state"], first["tries"]) == ("interrupted", 1)
        assert settled(store, after)["state"] == "done"
        jobs.retry(store, number, WHO)
        second = settled(store, number, ("failed",))
    assert (second["tries"], second["problems"][0]["code"]) == (2, "jobs-died")


def test_repeatable_work_is_begun_once_more_by_itself(store, tmp_path):
    once = jobs.enqueue(store, "die-once", {"mark": str(tmp_path / "mark")}, who=WHO)
    poison = jobs.enqueue(store, "die-again", {}, who=WHO)
    with jobs.Workers(store, kinds=KINDS):
        survivor, dead = settled(store, once), settled(store, poison)
    assert (survivor["state"], survivor["tries"], survivor["result"]) == ("done", 2, {"survived": True})
    assert (dead["state"], dead["tries"], dead["problems"][0]["code"]) == ("failed", 2, "jobs-died")


def test_no_job_is_done_twice_by_several_workers(store, tmp_path):
    file = tmp_path / "lines"
    numbers = [
        jobs.enqueue(store, "write-line", {"file": str(file), "number": number}, who=WHO)
        for number in range(40)
    ]
    with jobs.Workers(store, count=2, kinds=KINDS), jobs.Workers(store, count=1, kinds=KINDS):
        for number in numbers:
            assert settled(store, number)["state"] == "done"
    lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    assert Counter(number for number, _ in lines) == Counter(map(str, range(40)))
    assert len({process for _, process in lines}) >= 2


def test_a_stopped_server_leaves_no_running_job_and_is_not_the_fault_of_the_job(store):
    number = jobs.enqueue(store, "wait-and-listen", {}, who=WHO)
    with jobs.Workers(store, kinds=KINDS):
        settled(store, number, ("running",))
    job = jobs.get(store, number)
    assert (job["state"], job["tries"]) == ("interrupted", 0)


SERVER = """
import sys, time
from gis import jobs
from gis.store import open_store
if __name__ == "__main__":
    with jobs.Workers(open_store(sys.argv[1]), kinds="tests.jobs_kinds:KINDS"):
        time.sleep(600)
"""


def test_workers_end_with_a_server_that_was_killed_and_say_so(store, tmp_path):
    script = tmp_path / "serve.py"
    script.write_text(SERVER, encoding="utf-8")
    number = jobs.enqueue(store, "wait-and-hear-nothing", {}, who=WHO)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen([sys.executable, str(script), str(store.folder)], env=environment)
    try:
        settled(store, number, ("running",))
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
    job = settled(store, number)
    assert (job["state"], job["tries"]) == ("interrupted", 0)


def test_after_a_restart_a_job_whose_worker_is_silent_is_interrupted(store, monkeypatch):
    monkeypatch.setattr(workers, "SILENCE_S", 1.0)
    number = jobs.enqueue(store, "add-up", {"values": [1]}, who=WHO)
    assert queueing.take(store, "a-worker-of-yesterday")["state"] == "running"
    with jobs.Workers(store, count=0, kinds=KINDS):
        assert settled(store, number)["state"] == "interrupted"


def test_a_worker_of_another_server_that_gives_signs_of_life_keeps_its_job(store, monkeypatch):
    monkeypatch.setattr(workers, "SILENCE_S", 1.5)
    monkeypatch.setattr(workers, "WATCH_S", 0.05)
    number = jobs.enqueue(store, "add-up", {"values": [1]}, who=WHO)
    job = queueing.take(store, "elsewhere")
    with jobs.Workers(store, count=0, kinds=KINDS):
        for beat in range(1, 8):
            time.sleep(0.5)
            with store.writing("elsewhere") as change:
                assert queueing.queue.move(change, job, beat=float(beat))
        assert worker.finish(store, job, state="done", result={})
    assert jobs.get(store, number)["state"] == "done"


def test_a_worker_that_lost_its_job_changes_nothing_of_it_any_more(store):
    number = jobs.enqueue(store, "add-up", {"values": [1]}, who=WHO)
    job = queueing.take(store, "slow")
    queueing.lose(store, jobs.get(store, number), repeatable=True)
    again = queueing.take(store, "quick")
    assert not worker.finish(store, job, state="done", result={"sum": 0})
    assert worker.finish(store, again, state="done", result={"sum": 1})
    assert jobs.get(store, number)["result"] == {"sum": 1}


def test_the_oldest_job_comes_first_and_none_is_taken_from_an_empty_queue(store):
    numbers = [jobs.enqueue(store, "add-up", {}, who=WHO) for _ in range(3)]
    assert [queueing.take(store, "w")["id"] for _ in range(3)] == numbers
    assert queueing.take(store, "w") is None


def test_jobs_are_listed_by_study_and_state(store):
    first = jobs.enqueue(store, "add-up", {}, who=WHO, study_id="a")
    second = jobs.enqueue(store, "add-up", {}, who=WHO, study_id="b")
    third = jobs.enqueue(store, "add-up", {}, who=WHO, study_id="a")
    queueing.take(store, "w")
    assert [job["id"] for job in jobs.listed(store, study_id="a")] == [third, first]
    assert [job["id"] for job in jobs.listed(store, states=("queued",))] == [third, second]


def test_what_has_ended_is_not_cancelled_and_what_was_done_is_not_done_again(store):
    number = jobs.enqueue(store, "add-up", {}, who=WHO)
    with pytest.raises(StoreError) as caught:
        jobs.retry(store, number, WHO)
    assert caught.value.code == "jobs-not-again"
    job = queueing.take(store, "w")
    worker.finish(store, job, state="done", result={})
    with pytest.raises(StoreError) as caught:
        jobs.cancel(store, number, WHO)
    assert caught.value.code == "jobs-over"
    with pytest.raises(StoreError):
        jobs.retry(store, number, WHO)
    for act in (jobs.cancel, jobs.retry):
        with pytest.raises(MissingError):
            act(store, 99, WHO)


def test_a_job_that_failed_starts_afresh_when_it_is_run_again(store):
    number = jobs.enqueue(store, "add-up", {}, who=WHO)
    job = queueing.take(store, "w")
    worker.finish(store, job, state="failed", problems=[Problem("jobs-memory", {}, "error")])
    jobs.retry(store, number, "A Blong")
    job = jobs.get(store, number)
    assert (job["state"], job["tries"], job["problems"], job["who"]) == ("queued", 0, None, WHO)


def test_kinds_come_from_where_they_are_named():
    assert "add-up" in jobs.load_kinds(KINDS)


def test_a_problem_says_the_same_after_it_was_kept_as_json():
    label = Label({"vi": "Trường học", "en": "School"})
    arguments = {
        "a": label,
        "b": [label, 2],
        "c": {"y", "x"},
        "d": float("inf"),
        "e": None,
        "f": 1.5,
        "g": True,
    }
    kept = problem_from_json(problem_as_json(Problem("no-such-code", arguments, "note")))
    for language in ("vi", "en"):
        assert kept.say(language) == Problem("no-such-code", arguments, "note").say(language)
