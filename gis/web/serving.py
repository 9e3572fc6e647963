"""The production server, on this machine only; accounts must come before it opens to others."""

import socket
import sys

from waitress import create_server

from gis.messages import say
from gis.web import create_app

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def run_server(settings, language):
    """Serve the studies of the settings until stopped.

    Returns
    -------
    int
        0 when stopped, 2 when it cannot listen: at another machine's address or on a port in use.
    """
    if settings.host not in LOOPBACK:
        print(say("web-loopback-only", language, host=settings.host), file=sys.stderr)
        return 2
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family)
    except OSError:
        # A port is no number to be written with a thousands sign.
        print(say("web-port-taken", language, port=str(settings.port)), file=sys.stderr)
        return 2
    app = create_app(settings)
    server = create_server(app, sockets=[listening], threads=settings.threads, ident=None)
    app.extensions["shelf"].warm()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}/"
    print(say("web-serving", language, address=address, folder=str(settings.studies)), flush=True)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
    return 0
