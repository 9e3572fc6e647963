"""The pages: one blueprint a page family, every module of this folder that has `pages` is one."""

import sys
from pathlib import Path

from flask import Flask

from gis.registry import discover

TEMPLATES = Path(__file__).parents[2] / "templates"


def create_app(settings, store=None, *, open_review=None):
    """The Flask application over one folder of studies; nothing is computed yet.

    Parameters
    ----------
    settings : Settings
        `studies` is where studies are looked for; `host`, `names` and `proxy` decide who may ask and whether
        people sign in.
    store : Store, optional
        Without one only study files are shown, and nothing can be changed.
    open_review : callable, optional
        ``open_review(path, report) -> Review`` for one study file; by default the workflows of the house.

    Returns
    -------
    Flask
        Its `extensions["shelf"]` is the `Shelf`; `shelf.warm()` starts computing what was found. Its
        `extensions["store"]` is `store`.
    """
    from gis.web import areas, assets, audits, guard, kept, limits, mapdata, menu, sessions, texts
    from gis.web.shelf import judge_stored, read_and_judge

    app = Flask(__name__, static_folder=None, template_folder=str(TEMPLATES))
    app.config.update(MAX_CONTENT_LENGTH=64 * 1024, TRAP_BAD_REQUEST_ERRORS=False, PROPAGATE_EXCEPTIONS=False)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.json.ensure_ascii = False
    app.config.update(LANGUAGE=settings.language, WORKERS=settings.workers)
    app.config["SETTINGS"] = settings
    app.config["UPLOAD_BYTES"] = settings.reader_file_mb * 1_000_000
    open_review = open_review or read_and_judge(settings)
    app.extensions["store"] = store
    app.extensions["shelf"] = areas.SeenShelf(
        settings.studies, open_review, mapdata.prepare, store=store, open_stored=store and judge_stored(store)
    )
    app.extensions["assets"] = assets.load_assets()
    guard.protect(app, settings)
    sessions.begin_with(app, settings, store)
    limits.begin_with(app)
    areas.begin_with(app)
    audits.begin_with(app)
    texts.teach(app)
    kept.begin_with(app)
    app.jinja_env.globals["menu"] = menu.menu
    discover(__name__)
    for name in sorted(sys.modules):
        if name.startswith(f"{__name__}.") and hasattr(sys.modules[name], "pages"):
            app.register_blueprint(sys.modules[name].pages)
    return app
