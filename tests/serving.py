"""A real server over an app, for tests with a browser."""

import threading
from contextlib import contextmanager

from waitress import create_server
from waitress.wasyncore import close_all


def watched(new_page, site, study):
    """Body of a fixture: ``open_page(query, …) -> page``, the workspace once all of it is there; nothing may go wrong on it."""
    pages = []

    def open_page(query="", *, study=study, width=1366, height=768, language="vi", **options):
        page = new_page(width=width, height=height, **options)
        page.goto(f"{site}{study}/map?lang={language}{'&' if query else ''}{query}")
        page.wait_for_selector("body[data-ready]")
        page.wait_for_load_state("networkidle")
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        # an answer that asks to come again is no fault
        assert page.refused == [] and [said for said in page.faults if "503" not in said] == []
        assert [seen for seen in page.seen if seen[1] >= 400 and seen[1] != 503] == []


@contextmanager
def served(app):
    """Address of a server over `app`, without a slash at the end; it ends with the block."""
    channels = {}
    server = create_server(app, host="127.0.0.1", port=0, threads=4, map=channels)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    # Closed by the thread that waits for the sockets: it must not find one gone under its hands.
    server.trigger.pull_trigger(lambda: close_all(channels, ignore_all=True))
    thread.join(5)
    server.task_dispatcher.shutdown()
