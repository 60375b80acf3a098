"""Secrets sent through every input of the site: in their own fields, in misspelt ones, beside them, and in pieces.

What a person types as a title, a tag or a name is content, and public by intent; none of it is sent here. What comes as a
password, a token, a session or a link, under whatever name, is a secret.
"""

import json
from itertools import count
from urllib.parse import quote, urlencode

from tests.live.wire import TEXT, frame, handshake
from tests.secrets.browser import FORM, JSON, Browser, Ear, asked_by, reading
from tests.secrets.canaries import canary

MISSPELT = ("passwrod", "Password", "PASSWORD", "pass", "password[]", "user[password]", "user.password", "pwd",
            "new_password1", "token", "access_token", "api-token", "sessionid", "session", "authorization", "secret",
            " password", "password ", "csrftoken", "reset_link")  # fmt: skip
ODD = "é\"<&'\\ %"
"""Between the halves of passwords: whatever has to be escaped somewhere."""

PAGES = ("/login", "/register", "/settings", "/settings/close", "/password-reset", "/password-reset/new", "/editor", "/",
         "/editor/preview", "/article/{slug}", "/article/{slug}/comments", "/article/{slug}/favorite", "/nowhere",
         "/profile/jake/follow", "/admin/login/?next=/admin/", "/admin/eventstore/export/")  # fmt: skip
WRITES = (("POST", "/users", "user"), ("POST", "/users/login", "user"), ("PUT", "/user", "user"),
          ("POST", "/articles", "article"), ("PUT", "/articles/{slug}", "article"),
          ("POST", "/articles/{slug}/comments", "comment"), ("POST", "/profiles/jake/follow", "user"),
          ("POST", "/nowhere", "user"), ("DELETE", "/articles/none", "article"))  # fmt: skip
READS = ("/", "/login", "/register", "/settings", "/?page=1", "/article/{slug}", "/profile/jake", "/password-reset/link",
         "/password-reset/sent", "/live", "/api/articles", "/api/user", "/api/tags", "/api/events", "/api/openapi.json",
         "/api/articles/{slug}", "/admin/", "/admin/login/", "/admin/eventstore/event/", "/admin/eventstore/command/",
         "/admin/accounts/user/", "/healthz", "/metrics", "/static/css/conduit.css", "/nowhere")  # fmt: skip

numbers = count(1)


def fresh(where):
    """A canary of its own for every place."""
    return canary(f"{where} #{next(numbers)}")


def forms(browser, slug):
    """Every form, with secrets under names that are none, sent well and forged."""
    for path in (page.format(slug=slug) for page in PAGES):
        fields = {name: fresh(f"{path} as {name!r}") for name in MISSPELT}
        browser.post(path, fields)
        browser.post(path, fields, HX_Request="true", HX_Current_URL=_link("HX-Current-URL"))
        browser.ask("POST", path, urlencode({**fields, "password": fresh(f"{path} forged")}), FORM)
        browser.post(path, {"csrfmiddlewaretoken": fresh(f"{path} as a CSRF token")})


def odd_bodies(browser, slug):
    """The right field in a body that can't be read, or is too much."""
    for path in (
        "/login",
        "/register",
        "/settings",
        "/password-reset/new",
        "/admin/login/",
        "/api/users",
        "/api/users/login",
    ):
        secret = fresh(f"{path}, an odd body")
        part = f'--x\r\nContent-Disposition: form-data; name="password"; filename="{secret}"\r\n\r\n{secret}'
        browser.ask("POST", path, part, "multipart/form-data; boundary=x")
        browser.ask("POST", path, part + "\r\n--x--\r\n", "multipart/form-data; boundary=x")
        browser.ask("POST", path, part, f"multipart/form-data; boundary={secret}")
        browser.ask(
            "POST", path, urlencode({"password": secret}), "application/x-www-form-urlencoded; charset=utf-99"
        )
        browser.ask("POST", path, f"password={secret}", "text/plain")
        browser.ask("POST", path, f"password={secret}", secret)
        browser.ask("POST", path, json.dumps({"password": secret}), JSON)
        browser.ask("POST", path, f"password={secret}%00%ff&email=%00", FORM)
        browser.ask("POST", path, "&".join(f"password={secret}" for _ in range(300)), FORM)
        browser.ask("POST", path, f"password={secret}" + "x" * 600_000, FORM)
        browser.ask("POST", path, f"password={secret}" + "x" * 1_100_000, FORM)
        browser.ask("PATCH", path, f"password={secret}", FORM)
        browser.ask("QWERTY", path, f"password={secret}", FORM)


def programs(browser, slug):
    """Every write of the API: misspelt, misplaced, of the wrong shape, cut off."""
    for method, path, name in ((method, path.format(slug=slug), name) for method, path, name in WRITES):
        for said in _shapes(f"{method} {path}", name):
            browser.call(method, path, said)
        for body in _torn(f"{method} {path}", name):
            browser.ask(method, f"/api{path}", body, JSON, Authorization=f"Token {browser.token}")


def _shapes(where, name):
    secret = fresh(where)
    wrong = dict.fromkeys(MISSPELT, secret)
    yield {name: wrong}
    yield {name: {"username": "x", "email": "x@x.example", "password": [secret]}}
    yield {
        name: {
            "username": {"password": secret},
            "email": 1,
            "password": {"is": secret},
            "body": "x",
            "tagList": [],
        }
    }
    yield {name: {secret: secret}, secret: 1, "password": secret}
    yield {"password": secret, **wrong}
    yield from ({name: odd} for odd in (secret, [secret], [[secret]], {"user": {"password": secret}}))
    yield from (secret, [secret], [{"password": secret}])
    yield {name: {"password": f"{secret}\0", "email": "\0"}}
    deep = {"password": secret}
    for _ in range(30):
        deep = {name: deep}
    yield deep


def _torn(where, name):
    secret = fresh(f"{where}, torn")
    whole = json.dumps({name: {"password": secret}})
    yield from (whole[:-1], whole[:-4], whole + whole, whole.replace(":", "="), f"\ufeff{whole}")
    yield whole.encode("utf-16")
    yield f'{{"{name}": {{"password": "{secret}", "password": "{secret}"}}}}'
    yield f'{{"{name}": {{"password": "{secret}\\ud800"}}}}'
    yield f'{{"{name}": {{"password": NaN, "token": "{secret}"}}}}'
    yield whole + " " * 300_000


def queries(browser, slug):
    """Secrets that a client has put into the address, after the question mark."""
    for path in (read.format(slug=slug) for read in READS):
        asked = {name: fresh(f"GET {path}?{name}") for name in MISSPELT}
        browser.get(f"{path}{'&' if '?' in path else '?'}{urlencode(asked)}")
        browser.get(f"{path}?{quote(fresh(f'GET {path}, bare'))}")
        browser.get(f"{path}?token={fresh(f'GET {path}, broken')}%00%ff")
    browser.get(
        f"/password-reset/link?user=00000000-0000-0000-0000-000000000000&token={fresh('a forged link')}"
    )
    browser.get(f"/live?page={fresh('a forged ticket')}:x", If_None_Match='"1"')
    browser.post(
        f"/admin/eventstore/export/?token={fresh('an export')}",
        {"form": "ndjson", "password": fresh("an export")},
    )


def headers(browser):
    """Where secrets belong, and where a careless client puts them."""
    doors = (
        "/",
        "/settings",
        "/login",
        "/api/user",
        "/api/articles",
        "/api/events",
        "/admin/",
        "/live",
        "/metrics",
        "/nowhere",
    )
    for path in doors:
        for scheme in ("Token", "Bearer", "Basic", "Digest", ""):
            browser.get(path, Authorization=f"{scheme} {fresh(f'{path}, {scheme}')}".strip())
        browser.get(
            path, Cookie="; ".join(f"{name}={fresh(f'{path}, cookie {name}')}" for name in _cookies())
        )
        browser.get(path, Cookie=fresh(f"{path}, a bare cookie"))
        browser.get(path, Cookie=f"sessionid={fresh(f'{path}, odd cookie')}\x01")
        for name in (
            "X-CSRFToken",
            "X-Api-Key",
            "Proxy-Authorization",
            "X-Auth-Token",
            "X-Forwarded-Authorization",
        ):
            browser.get(path, **{name: fresh(f"{path}, {name}")})
        for name in ("Referer", "HX-Current-URL", "HX-Target"):
            browser.get(path, **{name: _link(f"{path}, {name}")})
        for name in (
            "If-Match",
            "If-None-Match",
            "Last-Event-ID",
            "Idempotency-Key",
            "Conduit-After",
            "Range",
            "Accept",
        ):
            browser.get(path, **{name: fresh(f"{path}, {name}")})
    for path in ("/login", "/settings", "/editor"):
        browser.ask(
            "POST",
            path,
            "x=1",
            FORM,
            Referer=_link(f"{path}, forged"),
            X_CSRFToken=fresh(f"{path}, X-CSRFToken"),
        )
    browser.ask("GET", f"/?{fresh('a long address')}{'x' * 70_000}")
    browser.ask("GET", "/", Authorization=f"Token {fresh('a long header')}{'x' * 70_000}")
    browser.ask(
        "GET", f"http://jake:{fresh('user information')}@localhost/?password={fresh('an absolute address')}"
    )


def _cookies():
    return ("sessionid", "csrftoken", "known_device", "token", "password")


def _link(where):
    return f"http://localhost/password-reset/link?user=x&token={fresh(f'{where}, a link')}"


def lines(browser):
    """On connections that stay: sockets, let in or not, and the feed."""
    odd = f"page={fresh('a socket, page')}&after=0&token={fresh('a socket, token')}"
    proof = {
        "Cookie": f"sessionid={fresh('a socket, session')}",
        "Authorization": f"Token {fresh('a socket, header')}",
    }
    good = asked_by(browser.get("/").text)
    for query in (odd, good, f"{good}&token={fresh('a good socket')}"):
        ear = Ear(
            browser.port,
            handshake(browser.port, query, Sec_WebSocket_Protocol=fresh("a socket, protocol"), **proof),
        )
        ear.say(frame(TEXT, json.dumps({"password": fresh("a message")}).encode()))
        ear.close()
    for name in ("token", "password", "after"):
        reading(browser.port, f"{name}={fresh('a stream')}", **proof).close()


def guesses(port, heard, name, email):
    """Passwords that are wrong, for somebody and for nobody, until there were too many; and typed in the wrong field."""
    browser = Browser(port, heard)
    for login in (email, name, f"no-{email}"):
        for path, field in (("/login", "email"), ("/admin/login/?next=/admin/", "username")):
            browser.post(path, {field: login, "password": canary(f"{path}, wrong #{next(numbers)}", ODD)})
        for _ in range(12 if login == email else 2):
            said = {"email": login, "password": canary(f"API, wrong #{next(numbers)}", ODD)}
            browser.call("POST", "/users/login", {"user": said})
    browser.call(
        "POST", "/users/login", {"user": {"email": fresh("as a login"), "password": fresh("with a login")}}
    )


def breaks(port, heard, **headers):
    """Right fields, in the moment when something breaks. Every answer is 500 or 503."""
    browser = Browser(port, heard)
    for at in ("hashing", "order", "database"):

        def secret(where, at=at):
            return canary(f"{where}, broken at {at}", ODD)

        email = f"{at}{next(numbers)}@conduit.example"
        said = {"email": email, "password": secret("/login")}
        joining = {"username": f"new{at}", "email": email, "password": secret("/register")}
        beside = f"token={fresh('beside, in the query')}&passwrod={fresh('beside, misspelt')}"
        broken = {"Break": at, "Referer": _link("broken"), **headers}
        browser.post(f"/login?{beside}", {**said, "passwrod": fresh("misspelt and broken")}, **broken)
        browser.post("/register", joining, **broken)
        browser.post(
            "/admin/login/?next=/admin/", {"username": email, "password": secret("/admin")}, **broken
        )
        browser.call(
            "POST", "/users/login", {"user": said | {"Password": fresh("beside, in JSON")}}, **broken
        )
        browser.call("POST", "/users", {"user": joining | {"password": secret("/api/users")}}, **broken)
        browser.call(
            "POST", "/users", {"user": joining}, Idempotency_Key=fresh("a key that breaks"), **broken
        )
