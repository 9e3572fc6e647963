"""A real PostgreSQL for the tests: started in a folder of its own, reached through a socket there only."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

UNPRIVILEGED = ("postgres", "nobody")
"""As whom it runs where the tests run as root, which PostgreSQL refuses to."""


def find_programs():
    """The folder that holds ``initdb`` and ``postgres``, the newest first; None without one."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    named = shutil.which("postgres")
    found += [Path(named).resolve().parent] if named else []
    return next((path for path in found if (path / "initdb").exists() and (path / "postgres").exists()), None)


class Server:
    """A running PostgreSQL; `database()` makes an empty database in it and gives its URL."""

    def __init__(self, programs):
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.other = {}
        if os.geteuid() == 0:
            self.other = {"user": _existing(UNPRIVILEGED), "extra_groups": []}
            shutil.chown(self.folder, self.other["user"])
        data = self.folder / "data"
        making = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "langmap",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        subprocess.run(making, check=True, capture_output=True, cwd=self.folder, **self.other)
        # Nothing here must survive the loss of current; what must survive a killed client does.
        options = ("fsync=off", "listen_addresses=", f"unix_socket_directories={self.folder}")
        command = [
            programs / "postgres",
            "-D",
            data,
            *(part for option in options for part in ("-c", option)),
        ]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self.other)
        self.made = 0
        self._wait()

    def database(self):
        self.made += 1
        name = f"store_{self.made}"
        self._run(f"CREATE DATABASE {name}")
        return self._url(name)

    def stop(self):
        """End it, with whoever is still connected, and remove its folder."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _url(self, name):
        return f"postgresql+psycopg://langmap@/{name}?host={self.folder}"

    def _run(self, statement):
        import psycopg

        with psycopg.connect(
            host=str(self.folder), user="langmap", dbname="postgres", autocommit=True
        ) as session:
            session.execute(statement)

    def _wait(self):
        import psycopg

        for _ in range(200):
            try:
                return self._run("SELECT 1")
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        said = (self.folder / "log").read_text(errors="replace")
        self.stop()
        raise RuntimeError(said)


def _existing(names):
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in names if name in known)
