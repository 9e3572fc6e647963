"""What was freed goes back to the system."""

import subprocess
import sys
import threading

import pytest

from gis.web import memory

SCRIPT = """
from gis.web.memory import give_back
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4
kept, loose = [], []
for _ in range(60_000):
    loose.append(b"x" * 1500)
    kept.append(b"y" * 40)
del loose
before = resident()
give_back()
print(before - resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems return memory themselves")
def test_freed_memory_goes_back():
    # Where the C library cannot, nothing is claimed.
    if memory._glibc() is None:
        pytest.skip("this C library returns memory itself")
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= 0


def test_giving_back_does_nothing_where_the_system_cannot(monkeypatch):
    monkeypatch.setattr(memory, "_glibc", lambda: None)
    memory.give_back()


def test_heaps_are_shared_where_the_library_can_and_nothing_happens_elsewhere(monkeypatch):
    memory.share_heaps()
    monkeypatch.setattr(memory, "_glibc", lambda: None)
    memory.share_heaps()


def test_memory_is_given_back_again_and_again(monkeypatch):
    given = threading.Event()
    monkeypatch.setattr(memory, "give_back", given.set)
    memory.give_back_again(every_s=0.01)
    assert memory._glibc() is None or given.wait(10)
