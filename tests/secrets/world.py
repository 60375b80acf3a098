"""A site whose own keys are canaries, and its people, whose passwords are: they do all that needs a secret, and strangers
send whatever else may be one.
"""

import re
from contextlib import contextmanager
from http import HTTPStatus
from io import StringIO
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import parse_qs, quote, urlsplit

from django.core.management import call_command

from tests.eventstore.tools import place
from tests.live.listening import becomes
from tests.live.wire import a_site, said
from tests.secrets import channels, visits
from tests.secrets.browser import Browser, listening, reading
from tests.secrets.canaries import Made, canary

SETTINGS = "tests.secrets.site_settings"
CONTENT = "Wunderhorn"
"""A title, which is told everywhere: whoever does not find it looks nowhere."""

OK, CREATED, FOUND, GONE = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.FOUND, HTTPStatus.GONE
PUBLIC = ("/", "/article/{slug}", "/profile/jake", "/api/articles", "/api/articles/{slug}/comments", "/api/profiles/jane",
          "/api/events?limit=1000", "/login", "/nowhere")  # fmt: skip
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
EMAIL = "{}@conduit.example"


def variables(**more):
    """Secrets of the installation itself."""
    at = place()
    where = f"host={quote(at['host'], safe='')}&port={at['port']}"
    return {
        "SECRET_KEY": canary("SECRET_KEY") * 3,
        "SECRET_KEY_FALLBACKS": canary("SECRET_KEY_FALLBACKS") * 3,
        "METRICS_TOKEN": canary("METRICS_TOKEN"),
        "DATABASE_URL": f"postgres://{at['user']}:{canary('DATABASE_URL')}@/{at['dbname']}?{where}",
        "LOG_LEVEL": "DEBUG",
    } | more


@contextmanager
def served(**more):
    site = SimpleNamespace()
    with a_site(SETTINGS, **variables(**more)) as (site.port, process):
        try:
            yield site
        except AssertionError as failed:
            failed.add_note(said(process)[-1500:])
            raise
        process.terminate()
        out, _ = process.communicate(timeout=30)
        site.log = said(process).encode() + out.encode()


class World:
    """Jake writes, Jane reads, Ada runs the site; their passwords are canaries."""

    def __init__(self, port, mails, ears):
        self.port, self.made, self.mails, self.heard, self._open = port, Made(), mails, [], ears
        self.passwords = {name: canary(f"password of {name}", visits.ODD) for name in ("jake", "jane", "ada")}
        self.said = StringIO()
        self.jake, self.jane, self.ada = (Browser(port, self.heard) for _ in self.passwords)

    def visited(self):
        self.everybody_joins()
        self.slug = self.publish(CONTENT)
        stranger = Browser(self.port, self.heard)
        self.ears = {
            "the home page": listening(stranger, "/"),
            "an article's page": listening(stranger, f"/article/{self.slug}"),
            "the admin's tail": listening(self.ada, "/admin/eventstore/tail/"),
            "the feed": reading(self.port),
        }
        for ear in self.ears.values():
            self._open.callback(ear.close)
        self.known()
        self.forgotten()
        self.changed()
        visits.breaks(self.port, self.heard)
        stranger.token = self.jane.token
        for visitor in (stranger, self.jane):
            visits.forms(visitor, self.slug)
            visits.queries(visitor, self.slug)
        visits.odd_bodies(stranger, self.slug)
        visits.programs(stranger, self.slug)
        visits.headers(stranger)
        visits.lines(stranger)
        visits.guesses(self.port, self.heard, "jake", EMAIL.format("jake"))

    def everybody_joins(self):
        joining = {"username": "jake", "email": EMAIL.format("jake"), "password": self.passwords["jake"]}
        assert self.jake.post("/register", joining).status == FOUND
        joining = {"username": "jane", "email": EMAIL.format("jane"), "password": self.passwords["jane"]}
        answer = self.jane.call("POST", "/users", {"user": joining}, Idempotency_Key="jane")
        assert answer.status == CREATED, answer
        with patch.dict("os.environ", DJANGO_SUPERUSER_PASSWORD=self.passwords["ada"]):
            said = {"username": "ada", "email": EMAIL.format("ada"), "stdout": self.said}
            call_command("createsuperuser", interactive=False, **said)
        for name in self.passwords:
            self.signs_in(name)

    def signs_in(self, name):
        """By every door."""
        browser, password = getattr(self, name), self.passwords[name]
        self.signed_in(browser, "/admin/login/?next=/admin/", {"username": name, "password": password})
        self.signed_in(browser, "/login", {"email": EMAIL.format(name), "password": password})
        answer = browser.call(
            "POST", "/users/login", {"user": {"email": EMAIL.format(name), "password": password}}
        )
        assert answer.status == OK, answer
        browser.token = answer.text.partition('"token":"')[2].partition('"')[0]

    def signed_in(self, browser, path, fields):
        browser.cookies.clear()
        answer = browser.post(path, fields)
        assert answer.status in {OK, FOUND}, answer
        self.known()

    def known(self):
        """Whatever the site has made by now. Of what is signed, the signature is the secret."""
        for name in self.passwords:
            browser = getattr(self, name)
            for cookie, value in browser.cookies.items():
                self.made.add(f"{name}'s {cookie}", value.rpartition(":")[2])
            if browser.token:
                self.made.add(f"{name}'s token", browser.token)
        for token in CSRF.findall(self.heard[-1].text):
            self.made.add("a CSRF token", token)

    def publish(self, title):
        said = {"title": title, "description": "x", "body": "x", "password": visits.fresh("beside a title")}
        answer = self.jake.call("POST", "/articles", {"article": said}, Idempotency_Key=f"{len(title)}")
        assert answer.status == CREATED, answer
        return answer.text.partition('"slug":"')[2].partition('"')[0]

    def forgotten(self):
        """Jane follows a link, twice, and one that was cut short."""
        self.jane.post(
            "/password-reset", {"email": EMAIL.format("jane"), "passwrod": visits.fresh("a reset")}
        )
        self.jane.post(
            "/password-reset", {"email": visits.fresh("an address of nobody") + "@conduit.example"}
        )
        assert becomes(self.links)
        [link] = self.links()
        self.made.add("a reset link", parse_qs(urlsplit(link).query)["token"][0])
        path = link.partition("//")[2].partition("/")[2]
        assert self.jane.get(f"/{path}").status == FOUND
        self.known()
        self.kept = {f"before it is used, {name}": rows for name, rows in channels.dump().items()}
        assert self.jane.get("/password-reset/new").status == OK
        self.known()
        self.jane.post(
            "/password-reset/new", {"password": "2short", "passwrod": visits.fresh("a new password")}
        )
        self.passwords["jane"] = canary("jane's second password", visits.ODD)
        answer = self.jane.post("/password-reset/new", {"password": self.passwords["jane"]})
        assert answer.status == FOUND, answer
        assert self.jane.get(f"/{path}", Referer=link).status == GONE
        self.jane.get(f"/{path[:-3]}")
        self.signs_in("jane")

    def links(self):
        """What came by mail."""
        words = (word for file in self.mails.glob("*.log") for word in file.read_text().split())
        return [word for word in words if "token=" in word]

    def changed(self):
        """New passwords by the page, the API and the command line."""
        self.passwords["jane"] = canary("jane's third password", visits.ODD)
        fields = {"username": "jane", "email": EMAIL.format("jane"), "password": self.passwords["jane"]}
        assert self.jane.post("/settings", fields).status == FOUND
        self.passwords["jane"] = canary("jane's fourth password", visits.ODD)
        said = {"password": self.passwords["jane"], "passwrod": visits.fresh("PUT /user")}
        self.signs_in_with(canary("jane's third password", visits.ODD))
        assert self.jane.call("PUT", "/user", {"user": said}, Idempotency_Key="again").status == OK
        self.passwords["jake"] = canary("jake's second password", visits.ODD)
        with patch(
            "accounts.management.commands.changepassword.getpass", return_value=self.passwords["jake"]
        ):
            call_command("changepassword", "jake", stdout=self.said)
        self.signs_in("jane")
        self.signs_in("jake")

    def signs_in_with(self, password):
        answer = self.jane.call(
            "POST", "/users/login", {"user": {"email": EMAIL.format("jane"), "password": password}}
        )
        self.jane.token = answer.text.partition('"token":"')[2].partition('"')[0]
        self.known()

    def deaf(self):
        """Who has not heard yet that something was published."""
        heard = {name: ear.heard for name, ear in self.ears.items()}
        return [name for name, told in heard.items() if b"article" not in told and b"comment" not in told]

    def told(self):
        """Every channel of the site while it runs."""
        self.publish(f"{CONTENT} again")
        self.jake.call("POST", f"/articles/{self.slug}/comments", {"comment": {"body": CONTENT}})
        assert becomes(lambda: not self.deaf()), self.deaf()
        self.known()
        admin = Browser(self.port)
        admin.cookies = dict(self.ada.cookies)
        assert len(channels.crawl(admin)) > 30
        beside = {"form": "ndjson", "personal": "1", "password": visits.fresh("an export")}
        assert admin.post(f"/admin/eventstore/export/?token={visits.fresh('an export')}", beside).status == OK
        admin.post("/admin/eventstore/export/", {"form": "fixture", "personal": "1"})
        pages = Browser(self.port)
        for path in PUBLIC:
            pages.get(path.format(slug=self.slug))
        token = canary("METRICS_TOKEN")
        metrics = pages.get("/metrics", Authorization=f"Bearer {token}")
        assert metrics.status == OK
        told = {f"ear: {name}": ear.heard for name, ear in self.ears.items()}
        return {
            **self.kept,
            **channels.command_lines(),
            **told,
            **{f"admin: {answer.address.strip()}": answer.body for answer in admin.heard},
            **{f"public: {answer.address.strip()}": answer.body for answer in pages.heard},
            "metrics": metrics.body,
            "what commands said": self.said.getvalue().encode(),
        }


def visited_in_debug(port, world):
    """The technical pages."""
    heard = []
    jane = Browser(port, heard)
    jane.cookies, jane.token = dict(world.jane.cookies), world.jane.token
    jane.get("/settings")
    jane.post("/password-reset", {"email": EMAIL.format("jane")})
    visits.forms(jane, world.slug)
    began = len(heard)
    visits.breaks(port, heard)
    visits.breaks(port, heard, Accept="text/plain", Authorization=f"Token {visits.fresh('DEBUG')}")
    world.heard += heard
    return heard[began:]
