"""Told to stop in the middle of a crowd: whoever was asking is answered, whole; nobody new is let in; open pages are
told; and it is over soon.
"""

import asyncio
import signal
import socket
import threading
import time
from contextlib import AsyncExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from tests.cast import Cast
from tests.eventstore.tools import another, one
from tests.fire.crashing import until
from tests.live.listening import cookie, now, ticket_for
from tests.live.processes import Server, command_of, running
from tests.live.wire import Page, a_site, broken, free_port, said

ENDS_WITHIN_S = 30
"""What the product promises."""
TOKEN = "t" * 32
ASKING, CROWD, SOCKETS = 6, 20, 30


class Asking(threading.Thread):
    """Somebody who asks once, and what came of it."""

    def __init__(self, port, path, form=None, cookies=""):
        super().__init__()
        self.request = (
            "POST" if form else "GET",
            path,
            form and urlencode({"csrfmiddlewaretoken": TOKEN} | form),
        )
        self.port, self.cookies, self.status, self.body = port, cookies, None, b""
        self.start()

    def run(self):
        line = HTTPConnection("127.0.0.1", self.port, timeout=ENDS_WITHIN_S)
        headers = {
            "Host": "localhost",
            "Cookie": self.cookies,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with suppress(OSError, HTTPException):
            line.request(*self.request, headers)
            response = line.getresponse()
            self.body = response.read()
            self.status = response.status
        line.close()


class Crowd:
    """Readers who go on asking, each on a line that is kept, until they are not let in any more."""

    def __init__(self, port, paths):
        self.port, self.paths, self.answered, self.torn = port, paths, 0, []
        self.threads = [threading.Thread(target=self._go_on, args=(nth,)) for nth in range(CROWD)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self.threads:
            thread.join()

    def _go_on(self, nth):
        line = HTTPConnection("127.0.0.1", self.port, timeout=ENDS_WITHIN_S)
        while True:
            try:
                line.request("GET", self.paths[nth % len(self.paths)], headers={"Host": "localhost"})
                response = line.getresponse()
            except (OSError, HTTPException):
                return line.close()  # it was not taken
            try:
                assert response.status == 200, response.status
                response.read()
                self.answered += 1
            except Exception as error:
                self.torn.append(error)
                return line.close()


@contextmanager
def everybody_waits():
    """Whoever looks at an article waits for this to end."""
    with another(autocommit=False) as raw:
        raw.execute("LOCK blog_article IN ACCESS EXCLUSIVE MODE")
        yield
        raw.rollback()


def refused(port):
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return False
    return True


def test_whoever_was_asking_is_answered_and_open_pages_are_told(database):
    cast = Cast()
    article, asking = cast.jake.publishes(), []
    signed_in = f"{cookie(cast.jane)}; csrftoken={TOKEN}"

    async def pages(port, process):
        async with AsyncExitStack() as stack:
            opened = [Page(port, ticket_for(article), await now()) for _ in range(SOCKETS)]
            for page in opened:
                await stack.enter_async_context(page)
            await asyncio.gather(*(page.until(lambda page: page.heard) for page in opened))
            await asyncio.to_thread(in_the_middle, port, process)
            return {await page.ends(ENDS_WITHIN_S) for page in opened}

    def in_the_middle(port, process):
        with everybody_waits():
            asking.extend(Asking(port, article.path) for _ in range(ASKING))
            asking.append(Asking(port, f"{article.path}/comments", {"body": "Just in time"}, signed_in))
            until(lambda: waiting() == ASKING + 1)
            process.send_signal(signal.SIGTERM)
            until(lambda: refused(port))

    with a_site() as (port, process):
        idle = socket.create_connection(("127.0.0.1", port))
        codes = asyncio.run(pages(port, process))
        began = time.monotonic()
        assert process.wait(ENDS_WITHIN_S) == 0, said(process)
        assert idle.recv(1) == b""
        idle.close()
        for each in asking:
            each.join()
        assert [each.status for each in asking] == [200] * ASKING + [302]
        assert all(each.body.rstrip().endswith(b"</html>") for each in asking[:ASKING])
        assert codes == {1001}
        assert time.monotonic() - began < ENDS_WITHIN_S
        assert broken(process) == [], said(process)
    assert one("SELECT count(*) FROM blog_comment") == 1


def waiting():
    return one("SELECT count(*) FROM pg_locks WHERE relation = 'blog_article'::regclass AND NOT granted")


def test_a_process_of_pages_alone_answers_whoever_was_asking(database, tmp_path):
    """As deploy/ has it, by another server."""
    article, port = Cast().jake.publishes(), free_port()
    command, settings = command_of("conduit-pages@.service", port), "tests.live.site_settings"
    server = Server(command, port, tmp_path / "log", DJANGO_SETTINGS_MODULE=settings)
    with running(server):
        with everybody_waits():
            asking = [Asking(port, article.path) for _ in range(ASKING)]
            until(lambda: waiting() == ASKING)
            server.process.terminate()
            until(lambda: refused(port))
        for each in asking:
            each.join()
        assert [each.status for each in asking] == [200] * ASKING
        assert server.process.wait(ENDS_WITHIN_S) == 0


def test_no_answer_is_torn_and_no_command_is_lost(database):
    cast = Cast()
    long = cast.jake.publishes("Long", body="All of it. " * 5000)
    with a_site() as (port, process), Crowd(port, ["/", long.path, "/api/articles"]) as crowd:
        until(lambda: crowd.answered > CROWD)
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDS_WITHIN_S) == 0, said(process)
        assert broken(process) == [], said(process)
    assert crowd.torn == []
