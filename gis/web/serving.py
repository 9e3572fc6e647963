"""The production server: on this computer for one person, or for others once accounts and names are there."""

import contextlib
import select
import socket
import sys

from waitress import create_server

from gis import accounts
from gis.errors import GisError, Problem
from gis.jobs import Workers
from gis.messages import say
from gis.store import open_store
from gis.store.sweeping import sweep
from gis.web import create_app
from gis.web.guard import names_of
from gis.web.memory import give_back_again, share_heaps

CAN_POLL = hasattr(select, "poll")
MOST_CONNECTED, MOST_SELECTED = 3000, 400
SILENT_S = 60
"""A connection on which nothing has come or gone for so long is closed."""
MOST_HEADER_BYTES = 64 * 1024


def run_server(settings, language):
    """Serve the studies of the settings until stopped.

    Returns
    -------
    int
        0 when stopped, 2 when it cannot listen: a port in use, or another address without what that needs.
    """
    share_heaps()
    try:
        store = open_store(settings.store, settings.store_url or None, checked=True)
    except GisError as fault:
        # Who may only read can still look at the studies; who must sign in cannot.
        print(say("web-store-closed", language, reason=fault.say(language)), file=sys.stderr)
        if accounts.required(settings):
            return 2
        store = None
    with contextlib.closing(store) if store else contextlib.nullcontext():
        missing = missing_for_others(settings, store)
        for problem in missing:
            print(problem.say(language), file=sys.stderr)
        if missing:
            return 2
        _look_after(store, language)
        return _serve(settings, store, language)


def _look_after(store, language):
    """Say why a store cannot be written, or clear what nothing in it names any more."""
    if store is None:
        return
    for problem in store.barred:
        print(problem.say(language), file=sys.stderr)
    if not store.barred:
        sweep(store, who="LangMap")


def missing_for_others(settings, store):
    """What keeps the server from opening to other machines, as problems; nothing where it is not to."""
    if not accounts.required(settings):
        return []
    found = []
    if not accounts.has_administrator(store):
        found.append(Problem("web-needs-administrator", {"host": settings.host}, "error"))
    if not (settings.proxy or settings.without_tls):
        found.append(Problem("web-needs-tls", {"host": settings.host}, "error"))
    if not names_of(settings):
        found.append(Problem("web-needs-names", {"host": settings.host}, "error"))
    return found


def waiting_room(settings, *, by_poll=CAN_POLL):
    """How many may be connected at once, and how long who says nothing; keywords of waitress.

    A browser keeps its connections open between two pages, and slow readers keep theirs for minutes; neither costs
    a thread, so there is room for many. Where the system can only `select`, as on Windows, it knows 512 sockets.
    """
    return {
        "threads": settings.threads,
        "ident": None,
        "clear_untrusted_proxy_headers": not settings.proxy,
        "asyncore_use_poll": by_poll,
        "connection_limit": MOST_CONNECTED if by_poll else MOST_SELECTED,
        "channel_timeout": SILENT_S,
        "cleanup_interval": SILENT_S // 4,
        "max_request_header_size": MOST_HEADER_BYTES,
    }


def let_many_in():
    """Ask the system for as many open files as connections need; what it grants must do."""
    try:
        import resource
    except ImportError:
        return
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTED
    if given != resource.RLIM_INFINITY and given < wanted:
        wanted = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _serve(settings, store, language):
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family)
    except OSError:
        # A port is no number to be written with a thousands sign.
        print(say("web-port-taken", language, port=str(settings.port)), file=sys.stderr)
        return 2
    app = create_app(settings, store=store)
    server = create_server(app, sockets=[listening], **waiting_room(settings))
    let_many_in()
    give_back_again()
    app.extensions["shelf"].warm()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}/"
    print(say("web-serving", language, address=address, folder=str(settings.studies)), flush=True)
    try:
        with _workers(settings, store):
            server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
    return 0


def _workers(settings, store):
    if store is None or store.barred or not settings.workers:
        return contextlib.nullcontext()
    return Workers(store, count=settings.workers, job_seconds=settings.job_seconds)
