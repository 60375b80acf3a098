"""A database on a small disk that is really filled up. Mounting it takes a root."""

from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import urlencode

import psycopg

from eventstore.verify import Verification
from tests.cast import Cast
from tests.eventstore.tools import another
from tests.fire.agreement import all_is_done
from tests.fire.crashing import until
from tests.fire.outage import leave
from tests.live.listening import cookie
from tests.live.wire import a_site, said
from tests.surroundings.small_disk import server_on, small_disk

RETRY_AFTER_S = 5
BACK_WITHIN_S = 10
"""What the product promises."""
TOKEN = "t" * 32


class Site:
    """Somebody who is signed in, and reads and writes."""

    def __init__(self, port, person, article):
        self.port, self.article = port, article
        self.cookie = f"{cookie(person)}; csrftoken={TOKEN}"

    def ask(self, path, form=None):
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Host": "localhost",
            "Cookie": self.cookie,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"csrfmiddlewaretoken": TOKEN} | form) if form else None
        line.request("POST" if form else "GET", path, body, headers)
        response = line.getresponse()
        response.read()
        line.close()
        return response.status, response.headers["Retry-After"]

    def writes(self):
        """Enough to need room soon."""
        return self.ask(f"{self.article.path}/comments", {"body": "y" * 4000})

    def reads(self):
        return {self.ask(path)[0] for path in ("/", self.article.path, "/api/articles", "/settings")}


def test_pages_are_read_and_nothing_is_lost(django_db_blocker):
    """Writes are refused, pages read. Without room for its journal PostgreSQL stops; it is started when there is room."""
    away = (503, str(RETRY_AFTER_S))
    with django_db_blocker.unblock(), small_disk() as disk, server_on(disk) as power:
        cast = Cast()
        article = cast.jake.publishes()
        with a_site() as (port, process):
            site = Site(port, cast.jake, article)
            assert (site.writes(), site.reads()) == ((302, None), {200})

            disk.fill()
            until(lambda: site.writes() == away, within_s=60)
            assert [site.writes() for _ in range(20)] == [away] * 20
            assert site.reads() == {200}
            disk.make_room()
            well_again(site)

            disk.fill()
            begin_journals_anew()
            until(lambda: power.server.cluster.postmaster() is None, within_s=60)
            assert site.writes() == away
            disk.make_room()
            power.return_()
            well_again(site)
            assert process.poll() is None, said(process)
        leave()
        assert Verification(print).run().problems == 0
        assert all_is_done()


def well_again(site):
    until(lambda: (site.writes(), site.reads()) == ((302, None), {200}), within_s=BACK_WITHIN_S)


def begin_journals_anew():
    """Until there is no room for another one."""
    with suppress(psycopg.OperationalError), another() as raw:
        while True:
            raw.execute("SELECT pg_logical_emit_message(true, 'test', 'x'), pg_switch_wal()")
