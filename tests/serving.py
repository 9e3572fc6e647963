"""A real server over an app, for tests with a browser."""

import threading
from contextlib import contextmanager

from waitress import create_server
from waitress.wasyncore import close_all


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
