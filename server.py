"""The LangMap server: ``python server.py``, then open the address it prints."""

import os
import sys

# A PROJ of another program in the environment makes every coordinate wrong or fail.
for name in ("PROJ_LIB", "PROJ_DATA"):
    os.environ.pop(name, None)

from gis.settings import SettingError, read_settings
from gis.web.serving import run_server


def main(environ=os.environ):
    """Serve the studies of the settings until stopped; returns the exit code."""
    try:
        settings = read_settings(environ)
    except SettingError as error:
        print(error.say("en" if environ.get("GIS_LANGUAGE") == "en" else "vi"), file=sys.stderr)
        return 2
    return run_server(settings, settings.language)


if __name__ == "__main__":
    sys.exit(main())
