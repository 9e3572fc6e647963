"""What was freed goes back to the system."""

import subprocess
import sys

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
    if memory._trim() is None:
        pytest.skip("this C library returns memory itself")
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= 0


def test_giving_back_does_nothing_where_the_system_cannot(monkeypatch):
    monkeypatch.setattr(memory, "_trim", lambda: None)
    memory.give_back()
