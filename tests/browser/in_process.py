"""A site in a thread of the test's own process, on its present database: for pages whose styles the other site lacks."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The address of the site."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, connections_override={})
    server.set_app(get_wsgi_application())
    thread = Thread(target=server.serve_forever, name="site", daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
