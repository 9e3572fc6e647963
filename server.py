"""The LangMap server: ``python server.py``, then open the address it prints."""

import os
import sys

# A PROJ of another program in the environment makes every coordinate wrong or fail.
for name in ("PROJ_LIB", "PROJ_DATA"):
    os.environ.pop(name, None)

from waitress import serve

from gis.messages import say
from gis.settings import SettingError, read_settings
from gis.web import create_app

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(environ=os.environ):
    """Serve the studies of the settings until stopped; returns the exit code."""
    language = "en" if environ.get("GIS_LANGUAGE") == "en" else "vi"
    try:
        settings = read_settings(environ)
    except SettingError as error:
        print(error.say(language), file=sys.stderr)
        return 2
    if settings.host not in LOOPBACK:
        print(say("web-loopback-only", language, host=settings.host), file=sys.stderr)
        return 2
    app = create_app(settings)
    app.extensions["shelf"].warm()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    # An address is no number to be written with a thousands sign.
    address = f"http://{host}:{settings.port}/"
    print(say("web-serving", language, address=address, folder=str(settings.studies)), flush=True)
    serve(app, host=settings.host, port=settings.port, threads=settings.threads, ident=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
