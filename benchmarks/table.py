"""One shape for what is measured, one way to measure it beside its rivals, and one table.

Seconds are of the processor, of all threads and of the processes that a measurement starts: other work on the
machine disturbs them least. Standard library only, so that the environment of the rivals can read it too.
"""

import datetime
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIZES = ("quick", "usual", "large")
HEADING = ("what", "size", "rival", "ours s", "rival s", "ratio", "ours MB", "rival MB", "agreement")
WIDTHS = (34, 46, 34, 9, 9, 7, 8, 8, 0)
START, END = "<!-- table -->", "<!-- end of table -->"


@dataclass(frozen=True)
class Row:
    """A measurement beside a rival.

    Attributes
    ----------
    what, size, rival, agreement : str
        In words; `rival` is empty where there is none, `agreement` says how near the answers are.
    ours_s, rival_s : float or None
        Median seconds of the processor; None where the rival is absent.
    ours_mb, rival_mb : float or None
        The most memory of a process that does only this, megabytes; None where that was not measured.
    agrees : bool
        Whether the answers are as near as they must be.
    """

    what: str
    size: str
    ours_s: float
    rival: str = ""
    rival_s: float | None = None
    ours_mb: float | None = None
    rival_mb: float | None = None
    agreement: str = ""
    agrees: bool = True

    @property
    def cells(self):
        """The row as texts, in the order of `HEADING`."""
        ratio = None if self.rival_s is None else self.rival_s / self.ours_s
        agreement = self.agreement if self.agrees else f"DIFFERS: {self.agreement}"
        figures = (
            _figure(self.ours_s),
            _figure(self.rival_s),
            _figure(ratio),
            _whole(self.ours_mb),
            _whole(self.rival_mb),
        )
        return (self.what, self.size, self.rival or "–", *figures, agreement)


@dataclass(frozen=True)
class Absent:
    """A rival that is not on this machine, and how to get it."""

    how: str


def _figure(number):
    """Two or three digits.

    >>> [_figure(number) for number in (None, 0.0123, 0.5, 12.34, 874.4)]
    ['–', '0.012', '0.50', '12.3', '874']
    """
    if number is None:
        return "–"
    return f"{number:.{3 if number < 0.1 else 2 if number < 10 else 1 if number < 100 else 0}f}"


def _whole(number):
    return "–" if number is None else f"{number:,.0f}"


def near(off, of=""):
    """How far answers differ at most, in words.

    >>> near(0.0), near(3.21e-9, " m")
    ('equal', 'within 3.2e-09 m')
    """
    return f"within {off:.2g}{of}" if off else "equal"


def processor_seconds():
    """Seconds of the processor that this process and those it waited for have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def megabytes():
    """The most memory that this process has held; None where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1000


def here(work):
    """A function that does the work in this process, as `compared` asks for it."""

    def timed():
        started = processor_seconds()
        answer = work()
        return processor_seconds() - started, None, answer

    return timed


def told(command):
    """What a process prints as JSON in its last line; started in the folder of the project."""
    answer = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, cwd=ROOT)
    return json.loads(answer.stdout.splitlines()[-1])


def apart(module, *arguments):
    """What a module of the benchmarks says in a process of its own."""
    return told([sys.executable, "-m", f"benchmarks.{module}", *arguments])


def compared(what, size, ours, rivals, agree, turns):
    """Rows of one measurement beside its rivals, all asked in turn.

    Parameters
    ----------
    ours : function
        Returns seconds, megabytes or None, and the answer; called once more before, so that what is compiled or
        read once does not count.
    rivals : dict of str to function or Absent
        By name; one that fails is not asked again, and named as not measured.
    agree : function
        Of our answer and the rival's: whether they are near enough, and how near in words.
    turns : int
        How often each is asked; the medians are kept.
    """
    asked = {"": ours} | {name: rival for name, rival in rivals.items() if not isinstance(rival, Absent)}
    taken, answers = {name: [] for name in asked}, {}
    ours()
    for _ in range(turns):
        for name in [*asked]:
            try:
                *spent, answers[name] = asked[name]()
            except (subprocess.CalledProcessError, RuntimeError) as error:
                if not name:
                    raise
                rivals = rivals | {name: Absent(f"it failed, {str(error).splitlines()[0]}")}
                del asked[name]
            else:
                taken[name].append(spent)
    taken = {name: taken[name] for name in asked}
    seconds = {name: statistics.median(one[0] for one in each) for name, each in taken.items()}
    memory = {name: max((one[1] for one in each if one[1]), default=None) for name, each in taken.items()}
    own = {"what": what, "size": size, "ours_s": seconds[""], "ours_mb": memory[""]}
    if not rivals:
        yield Row(**own)
    for name, rival in rivals.items():
        if isinstance(rival, Absent):
            yield Row(rival=name, agreement=f"not measured: {rival.how}", **own)
            continue
        agrees, words = agree(answers[""], answers[name])
        beside = {"rival": name, "rival_s": seconds[name], "rival_mb": memory[name]}
        yield Row(agreement=words, agrees=bool(agrees), **own, **beside)


def alone(what, size, work, turns, words=lambda answer: ""):
    """The row of a measurement that has no rival; `words` says something of the answer."""
    answer, taken = work(), []
    for _ in range(turns):
        started = processor_seconds()
        answer = work()
        taken.append(processor_seconds() - started)
    return Row(what, size, statistics.median(taken), agreement=words(answer))


def plain(cells):
    """A line of the table for the screen."""
    return "  ".join(
        cell.ljust(width) if at < 3 else cell.rjust(width) if width else cell
        for at, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    ).rstrip()


def markdown(rows, when, columns=None):
    """The first columns of the table as a page has it, with the day and the machine."""
    ruler = ["---" if at < 3 or at == len(HEADING) - 1 else "--:" for at in range(len(HEADING))]
    lines = [HEADING[:columns], ruler[:columns], *(row.cells[:columns] for row in rows)]
    return "\n".join([f"{when}, {machine()}:", "", *(f"| {' | '.join(cells)} |" for cells in lines)]) + "\n"


def today():
    """The day as a page has it."""
    day = datetime.date.today()
    return f"{day.day} {day:%B %Y}"


def machine():
    """The processor, cores, memory, system and Python of this machine in words."""
    name, memory = platform.processor() or platform.machine(), ""
    if Path("/proc/cpuinfo").exists():
        names = [
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ]
        name = names[0] if names else name
        kilobytes = int(Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0])
        memory = f", {kilobytes / 2**20:.0f} GB"
    return f"{name}, {os.cpu_count()} cores{memory}, {platform.system()}, Python {platform.python_version()}"


def put_into(page, table):
    """A page with its table replaced.

    >>> put_into(f"before {START} old {END} after", "new") == f"before {START}\\nnew{END} after"
    True
    """
    before, rest = page.split(START, 1)
    return f"{before}{START}\n{table}{END}{rest.split(END, 1)[1]}"
