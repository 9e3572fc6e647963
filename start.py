"""Sets LangMap up and starts it: `python start.py`; `python start.py test` runs the tests.

Standard library only, and only what Python 3.8 can read, so that a Python it cannot use is told what is
needed instead of failing on the syntax.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST, NEWEST = (3, 11), (3, 13)
REQUIREMENTS = {"run": ("requirements.txt",), "test": ("requirements.txt", "requirements-dev.txt")}
SAMPLE = "dak-minh-hoa"
WHEELS, BUNDLE = "wheels", "bundle.json"
"""A bundle brings its libraries in this folder, and says in this file for which Python and system they are."""

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
WINDOWS_BROWSERS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
# Another installation's Python, PROJ or GDAL folders (QGIS and PostgreSQL set them) break the libraries here.
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)

# The product's message catalogue cannot be read before its libraries are there; hence a table of its own.
SENTENCES = {
    "wrong-python": (
        "LangMap cần Python {oldest} đến {newest}; đây là Python {found}. "
        "Hãy cài Python {newest} rồi chạy lại.",
        "LangMap needs Python {oldest} to {newest}; this is Python {found}. "
        "Install Python {newest} and start again.",
    ),
    "wrong-python-bundle": (
        "Gói này cần đúng Python {newest}; đây là Python {found}. Hãy cài Python {newest} rồi chạy lại.",
        "This bundle needs Python {newest} itself; this is Python {found}. Install Python {newest} and start again.",
    ),
    "no-venv": (
        "Python này thiếu mô-đun venv. Trên Debian hoặc Ubuntu hãy chạy: sudo apt install python3-venv",
        "This Python lacks its venv module. On Debian or Ubuntu run: sudo apt install python3-venv",
    ),
    "making-venv": (
        "Đang tạo môi trường Python riêng của LangMap trong thư mục .venv …",
        "Making LangMap's own Python environment in the folder .venv …",
    ),
    "mending-venv": (
        "Môi trường trong thư mục .venv đã hỏng hoặc tạo dở; tạo lại từ đầu.",
        "The environment in the folder .venv is broken or unfinished; making it anew.",
    ),
    "venv-failed": (
        "Không tạo được môi trường Python trong {folder}.",
        "The Python environment could not be made in {folder}.",
    ),
    "installing": (
        "Đang cài {count} thư viện (chỉ lần đầu hoặc khi danh sách thay đổi; mất khoảng 1 đến 5 phút) …",
        "Installing {count} libraries (only the first time or when the list changes; about 1 to 5 minutes) …",
    ),
    "installed": ("Đã cài xong thư viện.", "The libraries are installed."),
    "installing-bundled": (
        "Đang cài {count} thư viện có sẵn trong gói (không cần mạng; mất khoảng 1 đến 3 phút) …",
        "Installing the {count} libraries of the bundle (no network needed; about 1 to 3 minutes) …",
    ),
    "bundle-failed": (
        "Chưa cài được thư viện của gói. Hãy xem các dòng trên, kiểm tra chỗ trống trên đĩa, "
        "giải nén lại gói rồi chạy lại.",
        "The libraries of the bundle could not be installed. Read the lines above, check the free disk space, "
        "unpack the bundle again, and start again.",
    ),
    "wrong-system": (
        "Gói này dành cho {wanted}; máy này chạy {found}. Hãy lấy gói đúng hệ điều hành.",
        "This bundle is for {wanted}; this computer runs {found}. Take the bundle for this system.",
    ),
    "wrong-bundle": (
        "Gói này hỏng: tệp {file} thiếu hoặc không đọc được. Hãy giải nén lại gói rồi chạy lại.",
        "This bundle is damaged: its file {file} is missing or cannot be read. Unpack it again, and start again.",
    ),
    "install-failed": (
        "Chưa cài được thư viện. Hãy xem các dòng trên, kiểm tra kết nối mạng và chỗ trống trên đĩa "
        "rồi chạy lại.",
        "The libraries could not be installed. Read the lines above, check the network connection and "
        "the free disk space, and start again.",
    ),
    "making-sample": (
        "Đang tạo huyện minh họa (dữ liệu giả định, 120 thôn) …",
        "Making the illustrative district (invented data, 120 villages) …",
    ),
    "sample-failed": ("Không tạo được huyện minh họa.", "The illustrative district could not be made."),
    "port-busy": (
        "Cổng {port} đang có chương trình khác dùng (có thể LangMap đang chạy: {address}). "
        "Hãy thử: python start.py --port {other}",
        "Port {port} is in use by another program (LangMap may be running already: {address}). "
        "Try: python start.py --port {other}",
    ),
    "starting": ("Đang khởi động máy chủ …", "Starting the server …"),
    "ready": (
        "LangMap đã sẵn sàng tại {address} – nhấn Ctrl+C để dừng.",
        "LangMap is ready at {address} – press Ctrl+C to stop.",
    ),
    "server-failed": (
        "Máy chủ đã dừng vì lỗi (mã {status}); xem các dòng trên.",
        "The server stopped with an error (code {status}); see the lines above.",
    ),
    "stopped": ("Đã dừng.", "Stopped."),
    "system-error": (
        "Không làm tiếp được vì hệ thống báo: {error}",
        "Cannot go on, the system says: {error}",
    ),
    "installing-browser": (
        "Không thấy Chromium; đang cài bằng apt-get cho các kiểm thử trên trình duyệt …",
        "No Chromium found; installing it with apt-get for the browser tests …",
    ),
    "browser-snap": (
        "Ubuntu chỉ có Chromium dạng snap, không tự cài được ở đây. Hãy chạy: sudo snap install chromium – "
        "hoặc đặt biến CHROMIUM là đường dẫn tới Chrome hay Edge.",
        "Ubuntu offers Chromium only as a snap, which is not installed from here. "
        "Run: sudo snap install chromium – or set CHROMIUM to the path of a Chrome or Edge.",
    ),
    "browser-missing": (
        "Không có Chromium, Chrome hay Edge: các kiểm thử trên trình duyệt sẽ bị bỏ qua và được nêu tên. "
        "Hãy cài một trình duyệt hoặc đặt biến CHROMIUM.",
        "There is no Chromium, Chrome or Edge: the browser tests will be skipped by name. "
        "Install one or set CHROMIUM.",
    ),
    "installing-postgres": (
        "Không thấy PostgreSQL; đang cài bằng apt-get cho các kiểm thử của kho dữ liệu …",
        "No PostgreSQL found; installing it with apt-get for the tests of the store …",
    ),
    "postgres-missing": (
        "Không có PostgreSQL: các kiểm thử cần nó sẽ bị bỏ qua và được nêu tên. Trên Debian hoặc Ubuntu "
        "hãy chạy: sudo apt install postgresql",
        "There is no PostgreSQL: the tests that need one will be skipped by name. On Debian or Ubuntu "
        "run: sudo apt install postgresql",
    ),
}


def sentences(code, **arguments):
    """The sentence of a code in Vietnamese and in English."""
    return tuple(text.format(**arguments) for text in SENTENCES[code])


def say(code, **arguments):
    """Print the sentence of a code, Vietnamese first."""
    print("\n".join(sentences(code, **arguments)), flush=True)


def bundle_of(root):
    """What the bundle in this folder is for: ``python``, ``system``; None where it is not one.

    Raises ValueError where the libraries are there and the file that says what they are for is not.
    """
    if not (root / WHEELS).is_dir():
        return None
    try:
        told = json.loads((root / WHEELS / BUNDLE).read_text(encoding="utf-8"))
        major, minor = told["python"].split(".")
        return {"python": (int(major), int(minor)), "system": str(told["system"])}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(str(root / WHEELS / BUNDLE)) from None


def limits():
    """The oldest and the newest Python that do; libraries of a bundle were built for one."""
    bundle = bundle_of(ROOT)
    return (bundle["python"], bundle["python"]) if bundle else (OLDEST, NEWEST)


def fits(version):
    """Whether LangMap runs on this version of Python, given as (major, minor, …)."""
    oldest, newest = limits()
    return oldest <= tuple(version[:2]) <= newest


def system_name():
    """The system of this computer, as a bundle names the one it is for."""
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def written(version):
    """A version as people write it: (3, 11) -> 3.11."""
    return ".".join(str(part) for part in version)


def main(argv=None):
    """Run the mode asked for; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a pipe may be set to an encoding without Vietnamese letters.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    options, rest = parse(arguments)
    try:
        bundle, (oldest, newest) = bundle_of(ROOT), limits()
    except ValueError as fault:
        say("wrong-bundle", file=fault)
        return 2
    if bundle and bundle["system"] != system_name():
        say("wrong-system", wanted=bundle["system"], found=system_name())
        return 2
    if not fits(sys.version_info):
        other = find_python()
        if other:
            return subprocess.call([*other, str(ROOT / "start.py"), *arguments])
        found = written(sys.version_info[:3])
        code = "wrong-python-bundle" if bundle else "wrong-python"
        known = {} if bundle else {"oldest": written(oldest)}
        say(code, newest=written(newest), found=found, **known)
        return 2
    try:
        return {"run": run, "test": run_tests, "setup": setup}[options.mode](options, rest)
    except KeyboardInterrupt:
        print(flush=True)
        say("stopped")
        return 130
    except OSError as error:
        say("system-error", error=error)
        return 1


def parse(arguments):
    """The options, and what stands after `--` for pytest."""
    own, rest = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        own, rest = arguments[:cut], arguments[cut + 1 :]
    parser = argparse.ArgumentParser(prog="start.py", description="LangMap")
    parser.add_argument(
        "mode",
        nargs="?",
        default="run",
        choices=("run", "test", "setup"),
        help="run: khởi động LangMap / start LangMap; test: chạy kiểm thử / run the tests "
        "(tham số cho pytest sau -- / arguments for pytest after --); setup: chỉ cài đặt / only install",
    )
    # What the server reads from its environment is the default here, so that neither overrules the other.
    given = os.environ.get
    parser.add_argument("--host", default=given("GIS_HOST") or "127.0.0.1", help="địa chỉ / address")
    parser.add_argument("--port", type=int, default=given("GIS_PORT") or "8000", help="cổng / port")
    parser.add_argument(
        "--studies", default=given("GIS_STUDIES"), help="thư mục các nghiên cứu / folder of the studies"
    )
    parser.add_argument("--no-browser", action="store_true", help="không mở trình duyệt / open no browser")
    options = parser.parse_args(own)
    if rest and options.mode != "test":
        parser.error("-- : start.py test")
    return options, rest


def find_python():
    """Another Python on this machine that fits, newest first, as the start of a command; None without one."""
    oldest, newest = limits()
    for minor in range(newest[1], oldest[1] - 1, -1):
        name = "3.%d" % minor
        candidates = [["py", "-" + name]] if os.name == "nt" else [["python" + name]]
        for command in candidates:
            # A version manager leaves names behind that start nothing, so the name alone proves nothing.
            proof = "import sys; sys.exit(sys.version_info[:2] != (3, %d))" % minor
            if shutil.which(command[0]) and works([*command, "-c", proof]):
                return command
    return None


def works(command):
    """Whether a command starts and ends well."""
    try:
        return subprocess.run(command, capture_output=True, timeout=60, env=environment()).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def environment(**more):
    """The environment for what is started from here: UTF-8 everywhere, nothing of another installation."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    kept.update(PYTHONUTF8="1", PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    kept.update(more)
    return kept


# Setting up


def setup(options, rest):
    """Install everything, also what tests and notebooks need; a bundle brings only what the product needs."""
    return prepare("run" if bundle_of(ROOT) is not None else "test")


def prepare(purpose):
    """Make the environment ready for a purpose of `REQUIREMENTS`; returns an exit status."""
    return ensure_venv(VENV) or ensure_packages(VENV, purpose)


def venv_python(venv):
    """The Python inside an environment."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def site_packages(venv):
    """The folder of an environment that its libraries lie in."""
    if os.name == "nt":
        return venv / "Lib" / "site-packages"
    return next(iter(sorted(venv.glob("lib/python3*/site-packages"))), venv / "site-packages")


def is_healthy(venv):
    """Whether an environment starts, has pip, is of a version that fits and was not left half filled."""
    if unfinished(venv).exists():
        return False
    proof = "import sys, pip; sys.exit(not %r <= sys.version_info[:2] <= %r)" % limits()
    return venv_python(venv).exists() and works([str(venv_python(venv)), "-c", proof])


def unfinished(venv):
    """The mark that stands in an environment while libraries are being installed into it."""
    return venv / "langmap-installing"


def stamp_of(venv, purpose):
    """The file that says which requirements of a purpose are installed completely."""
    return venv / ("langmap-%s.stamp" % purpose)


def ensure_venv(venv):
    """Make the environment where it is absent or broken; returns an exit status."""
    if not is_healthy(venv):
        if importlib.util.find_spec("ensurepip") is None:
            say("no-venv")
            return 1
        if venv.exists():
            say("mending-venv")
            shutil.rmtree(str(venv))
        say("making-venv")
        # Started by a Python inside an environment, the new one must not lean on that.
        python = getattr(sys, "_base_executable", None) or sys.executable
        if subprocess.call([python, "-m", "venv", str(venv)], env=environment()) or not is_healthy(venv):
            say("venv-failed", folder=venv)
            return 1
    link_project(venv, ROOT)
    return 0


def link_project(venv, root):
    """Let every Python of the environment find the product from any folder.

    A relative path survives moving the whole folder and letters that a `.pth` file cannot hold.
    """
    folder = site_packages(venv)
    text = os.path.relpath(str(root), str(folder)) + "\n"
    link = folder / "langmap.pth"
    if not link.exists() or link.read_text(encoding="utf-8") != text:
        link.write_text(text, encoding="utf-8")


def fingerprint(root, purpose):
    """What the requirements of a purpose are now, as one short text."""
    content = b"\0".join((root / name).read_bytes().replace(b"\r\n", b"\n") for name in REQUIREMENTS[purpose])
    return hashlib.sha256(content).hexdigest()


def is_installed(venv, root, purpose):
    """Whether the requirements of a purpose were installed completely and have not changed since."""
    stamp = stamp_of(venv, purpose)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint(root, purpose)


def ensure_packages(venv, purpose):
    """Install the requirements unless they are; returns an exit status."""
    if is_installed(venv, ROOT, purpose):
        return 0
    files = [ROOT / name for name in REQUIREMENTS[purpose]]
    count = sum(count_pins(file.read_text(encoding="utf-8")) for file in files)
    bundled = bundle_of(ROOT) is not None
    say("installing-bundled" if bundled else "installing", count=count)
    # Whatever ends this early, a lost connection, a full disk or a closed window, leaves the mark behind.
    unfinished(venv).touch()
    for name in REQUIREMENTS:
        if stamp_of(venv, name).exists():
            stamp_of(venv, name).unlink()
    if pip_install(venv_python(venv), files[-1], count):
        say("bundle-failed" if bundled else "install-failed")
        return 1
    # The tests' requirements contain those of the product.
    for name in REQUIREMENTS if purpose == "test" else (purpose,):
        stamp_of(venv, name).write_text(fingerprint(ROOT, name), encoding="utf-8")
    unfinished(venv).unlink()
    say("installed")
    return 0


def count_pins(requirements):
    """How many libraries a requirements file names.

    >>> count_pins("# comment\\n-r other.txt\\nflask==3\\n")
    1
    """
    return sum(1 for line in requirements.splitlines() if line.strip() and line.strip()[0] not in "#-")


def pip_command(python, file):
    """The command that installs a requirements file; only ready-built libraries, nothing is compiled.

    The libraries of a bundle are taken from its folder, and nobody is asked over the network.
    """
    options = ["--only-binary", ":all:", "--progress-bar", "off"]
    if bundle_of(ROOT):
        options += ["--no-index", "--find-links", str(ROOT / WHEELS)]
    return [str(python), "-m", "pip", "install", *options, "-r", str(file)]


def pip_install(python, file, count):
    """Install a requirements file with one line of progress; on failure shows the end of what pip said."""
    process = subprocess.Popen(
        pip_command(python, file),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(),
        cwd=str(ROOT),
        encoding="utf-8",
        errors="replace",
    )
    said, seen, live = [], 0, sys.stdout.isatty()
    with process:
        for line in process.stdout:
            said = said[-30:] + [line.rstrip()]
            if line.startswith(("Collecting", "Requirement already satisfied")):
                seen += 1
            if live and line.startswith(("Collecting", "Requirement already satisfied", "Installing")):
                name = line.split()[1] if line.startswith("Collecting") else "…"
                print("\r  %d/%d %-40s" % (min(seen, count), count, name[:40]), end="", flush=True)
    if live:
        print("\r%60s\r" % "", end="", flush=True)
    if process.returncode:
        print("\n".join(said), flush=True)
    return process.returncode


# Running


def run(options, rest):
    """Set up, make the illustrative district, start the server and open the browser."""
    address = "http://%s:%d/" % (reachable(options.host), options.port)
    if answers(options.host, options.port):
        say("port-busy", port=options.port, address=address, other=options.port + 1)
        return 1
    status = prepare("run") or (0 if options.studies else ensure_sample())
    return status or serve(options, address)


def ensure_sample():
    """Make the illustrative district where it is absent; returns an exit status."""
    home = ROOT / "studies" / SAMPLE
    if home.is_dir():
        return 0
    say("making-sample")
    # Made aside and moved in one step: a district that is there is complete.
    making = home.parent / ".making"
    shutil.rmtree(str(making), ignore_errors=True)
    making.mkdir(parents=True)
    try:
        command = [str(venv_python(VENV)), *sample_command(making / SAMPLE)]
        status = subprocess.call(command, cwd=str(ROOT), env=environment())
        if status:
            say("sample-failed")
            return status
        os.replace(str(making / SAMPLE), str(home))
    finally:
        shutil.rmtree(str(making), ignore_errors=True)
    return 0


def sample_command(folder):
    """What a Python is asked, to make the illustrative district in a folder."""
    return ["-m", "gis", "sample", str(folder), "--villages", "120", "--seed", "1"]


def server_environment(options):
    """The settings that the server reads, from the options given here."""
    settings = {"GIS_HOST": options.host, "GIS_PORT": str(options.port)}
    if options.studies:
        settings["GIS_STUDIES"] = str(Path(options.studies).resolve())
    return environment(**settings)


def serve(options, address):
    """Run the server until it ends or is stopped; returns the exit status."""
    say("starting")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    command = [str(venv_python(VENV)), "server.py"]
    process = subprocess.Popen(command, cwd=str(ROOT), env=server_environment(options))
    try:
        while process.poll() is None and not answers(options.host, options.port):
            time.sleep(0.2)
        if process.poll() is None:
            say("ready", address=address)
            if not options.no_browser:
                with contextlib.suppress(webbrowser.Error):
                    webbrowser.open(address)
        status = process.wait()
    except KeyboardInterrupt:
        status = 0
        print(flush=True)
        say("stopped")
    finally:
        stop(process)
    if status:
        say("server-failed", status=status)
    return status


def stop(process):
    """End a process that was started here, kindly, then firmly."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def reachable(host):
    """The address under which this machine reaches a server that listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


def answers(host, port):
    """Whether something listens there."""
    with contextlib.suppress(OSError), socket.create_connection((reachable(host), port), timeout=1):
        return True
    return False


# Testing


def run_tests(options, rest):
    """Set up, find or install a Chromium and a PostgreSQL, run pytest; returns its exit status."""
    status = prepare("test")
    if status:
        return status
    chromium = find_chromium()
    if not (chromium and driver_starts(VENV)):
        chromium = install_chromium() or chromium
    if not has_postgres():
        install_postgres()
    more = {"CHROMIUM": chromium} if chromium else {}
    # One process a core; the tests of a file stay together, since they share what is dear to make.
    spread = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
    command = [str(venv_python(VENV)), "-m", "pytest", *spread, *rest]
    return subprocess.call(command, cwd=str(ROOT), env=environment(**more))


def find_chromium():
    """Path of a browser of the Chromium family that starts; None without one."""
    named = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ([named] if named else []) + list(BROWSERS)]
    if os.name == "nt":
        homes = [os.environ.get(name) for name in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")]
        found += [os.path.join(home, path) for home in homes if home for path in WINDOWS_BROWSERS]
    if sys.platform == "darwin":
        found += MAC_BROWSERS
    return next((path for path in found if path and os.path.isfile(path) and starts(path)), None)


def starts(path):
    """Whether a browser is more than a stub; on Windows its presence must do, asking would open a window."""
    return os.name == "nt" or works([path, "--version"])


def driver_starts(venv):
    """Whether the program that steers the browser runs; on a bare Debian it lacks a system library."""
    driver = site_packages(venv) / "playwright" / "driver" / ("node.exe" if os.name == "nt" else "node")
    return works([str(driver), "--version"])


def install_chromium():
    """Install Chromium and a font with Vietnamese letters where this may be done; its path or None."""
    system, rights = linux_family(read_os_release()), install_rights()
    if system == "debian" and rights is not None:
        say("installing-browser")
        apt_install(rights, "chromium", "fonts-dejavu-core", "libatomic1")
        chromium = find_chromium()
        if chromium:
            return chromium
    say("browser-snap" if system == "ubuntu" else "browser-missing")
    return None


def has_postgres():
    """Whether the programs that make and run a database are on this machine."""
    return bool(shutil.which("initdb") or sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def install_postgres():
    """Install PostgreSQL where this may be done; its own service is not used by the tests."""
    rights = install_rights()
    if linux_family(read_os_release()) != "other" and rights is not None:
        say("installing-postgres")
        apt_install(rights, "postgresql")
    if not has_postgres():
        say("postgres-missing")


def apt_install(rights, *packages):
    """Bring packages of the system; `rights` is what the commands start with."""
    install = ["install", "-y", "-q", "--no-install-recommends", *packages]
    for command in (["update", "-q"], install):
        if subprocess.call([*rights, "apt-get", *command], env=environment(DEBIAN_FRONTEND="noninteractive")):
            break


def install_rights():
    """What a command must start with to install system packages here; None where that is not allowed."""
    if not hasattr(os, "geteuid") or not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if shutil.which("sudo") and works(["sudo", "-n", "true"]) else None


def read_os_release():
    """What the system says of itself; empty where it has no such file."""
    with contextlib.suppress(OSError):
        return Path("/etc/os-release").read_text(encoding="utf-8")
    return ""


def linux_family(os_release):
    """debian, ubuntu or other, from the text of /etc/os-release.

    >>> linux_family("ID=linuxmint\\nID_LIKE=\\"ubuntu debian\\"\\n")
    'ubuntu'
    """
    pairs = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    names = " ".join(pairs.get(key, "").strip('"') for key in ("ID", "ID_LIKE")).split()
    return next((name for name in ("ubuntu", "debian") if name in names), "other")


if __name__ == "__main__":
    sys.exit(main())
