"""The production server: on this computer for one person, or for others once accounts and names are there."""

import contextlib
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


def run_server(settings, language):
    """Serve the studies of the settings until stopped.

    Returns
    -------
    int
        0 when stopped, 2 when it cannot listen: a port in use, or another address without what that needs.
    """
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


def _serve(settings, store, language):
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family)
    except OSError:
        # A port is no number to be written with a thousands sign.
        print(say("web-port-taken", language, port=str(settings.port)), file=sys.stderr)
        return 2
    app = create_app(settings, store=store)
    options = {"threads": settings.threads, "ident": None}
    server = create_server(
        app, sockets=[listening], clear_untrusted_proxy_headers=not settings.proxy, **options
    )
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
