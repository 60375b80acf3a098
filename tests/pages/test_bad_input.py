"""What nobody types by accident gets a message and a 4xx, by every way in, and leaves nothing behind."""

import logging
from io import StringIO
from urllib.parse import quote

import pytest
from django.test import Client

from conduit.calm_log import Calm
from eventstore.log import head
from tests.cast import PASSWORD
from tests.pages.reading import HTMX, see, send

NEVER = ["\x00", "\x07", "\x7f", "\x9f", "\u202e", "\u2066", "\uffff"]
SURROGATE = "%ED%A0%80"
FORMS = {
    "/register": {"username": "new", "email": "new@conduit.example", "password": "password123"},
    "/editor": {"title": "Title", "description": "About", "body": "Text", "tags": "tag"},
    "/article/dragons/comments": {"body": "Well said."},
    "/settings": {
        "image": "",
        "username": "jane",
        "bio": "",
        "email": "jane@conduit.example",
        "password": "",
    },
    "/editor/preview": {"body": "Text"},
}


@pytest.fixture
def jane(cast):
    cast.jake.publishes("Dragons")
    return cast.jane.browser


def test_a_character_that_is_never_valid_is_refused_in_every_address(jane):
    for character in NEVER:
        for path in (
            "/",
            "/tag/{}",
            "/article/{}",
            "/profile/{}",
            "/editor/{}",
            "/nowhere/{}",
            "/?page={}",
            "/?x={}",
        ):
            response = jane.get(path.format(quote(character)) if "{" in path else f"/{quote(character)}")
            assert response.status_code == 400
            assert "never valid (U+" in see(response).one("main").text
            assert "Content-Security-Policy" in response.headers


def test_what_is_no_utf_8_is_refused_too(jane):
    for garbage in (SURROGATE, "%FF", "%C0%80", "%E0%80%80"):
        for path in (f"/tag/{garbage}", f"/article/{garbage}", f"/profile/{garbage}", f"/{garbage}"):
            assert jane.get(path).status_code in {200, 400, 404}, path
        assert jane.get(f"/?page={garbage}").status_code in {200, 400}
        assert jane.get(f"/login?next={garbage}").status_code in {302, 400}


def test_a_character_that_is_never_valid_is_refused_in_every_header(jane):
    for name in ("HTTP_COOKIE", "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_ACCEPT", "HTTP_X_REQUEST_ID"):
        assert Client().get("/", **{name: "a\x00b"}).status_code == 400


def test_cookies_may_say_anything(jane):
    """A quoted cookie may spell any character in octal digits, past every gate that looks at the header."""
    octal = [f'"{eight * 8}"' for eight in ("\\000", "\\355\\240\\200", "\\377")]
    for value in (*octal, "x", "x" * 4000, "../../etc/passwd", '"', "\xff", ";=;"):
        for name in ("sessionid", "csrftoken", "messages", "intent"):
            for path in ("/", "/editor", "/login", "/admin/login/"):
                response = Client().get(path, headers={"cookie": f"{name}={value}"})
                assert response.status_code in {200, 302, 400}, (name, value)


@pytest.mark.parametrize("name", ["User-Agent", "X-Anything", "Content-Type", "Cookie"])
def test_headers_are_read_as_utf_8_if_they_may_be(database, name):
    """A program's name may well have an apostrophe, of which every byte alone would be a control character."""
    for text, status in (("theme=App’s “x”", 200), ("theme=a\u202eb", 400), ("theme=\x80", 400)):
        sent = text.encode().decode("latin1") if ord(max(text)) > 255 else text
        assert Client().get("/", headers={name: sent}).status_code == status, text


def test_what_was_sent_in_excess_is_refused_in_words(jane):
    form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    a_file = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n--x--\r\n'
    for body, kind, status, words in [
        (b"&".join(b"f%d=" % n for n in range(10_000)), form, 400, "more fields"),
        (b"body=" + b"x" * 600_000, form, 413, "more than this site takes"),
        (a_file, multipart, 413, "takes no files"),
    ]:
        response = jane.post("/article/dragons/comments", body, content_type=kind)
        assert response.status_code == status
        assert words in see(response).one("main").text


def test_an_odd_way_to_ask_is_refused_in_words(jane):
    for path, method in (
        ("/article/dragons/favorite", "get"),
        ("/article/dragons", "put"),
        ("/settings", "delete"),
    ):
        response = getattr(jane, method)(path)
        assert response.status_code == 405
        assert response.headers["Allow"]
        assert see(response).one("h1").text == "This can't be done here"


def test_what_others_did_wrong_is_a_warning_without_a_traceback(jane):
    written, calm = StringIO(), logging.StreamHandler()
    calm.setStream(written)
    calm.addFilter(Calm())
    logging.getLogger().addHandler(calm)
    try:
        jane.get("/", headers={"Host": "evil.example"})
        jane.post("/editor", {f"f{n}": "" for n in range(300)})
        jane.get("/nowhere")
    finally:
        logging.getLogger().removeHandler(calm)
    assert len(written.getvalue().splitlines()) == 3
    assert "Traceback" not in written.getvalue()


@pytest.mark.parametrize("path", FORMS)
def test_a_character_that_can_t_be_stored_is_refused_in_every_field(jane, client, path):
    browser = client if path == "/register" else jane
    before = head()
    for name in FORMS[path].keys() - {"password"}:
        for character in NEVER:
            response = browser.post(path, FORMS[path] | {name: f"a{character}b"})
            assert response.status_code == (200 if path == "/editor/preview" else 422), (name, character)
            assert "can't be stored (U+" in see(response).text
    assert head() == before


@pytest.mark.parametrize("path", FORMS)
def test_bytes_that_are_no_text_arrive_as_replacement_characters(jane, path):
    for name in FORMS[path]:
        body = "&".join(f"{key}={value}" for key, value in (FORMS[path] | {name: f"a{SURROGATE}b"}).items())
        response = jane.post(path, body, content_type="application/x-www-form-urlencoded")
        assert response.status_code in {200, 302, 422}, name


def test_line_breaks_are_refused_where_there_is_one_line(jane):
    for name in ("title", "description", "tags"):
        response = jane.post("/editor", FORMS["/editor"] | {name: "a\nb\u2028c"})
        assert response.status_code == 422 or name == "tags"


def test_signing_in_with_anything_is_refused_in_the_same_words(jane, client):
    for login in [*NEVER, "x" * 100_000, "@", "a\x00@b.c", "' OR 1=1 --"]:
        response = client.post("/login", {"email": login, "password": "p\x00" * 1000})
        assert response.status_code == 422
        assert see(response).one(".error-messages")


def test_hidden_fields_may_say_anything(jane, cast, client):
    before = head()
    for value in ("x", "\x00", "9" * 5000, "-1", "", "0" * 32, "{}", "1.5", "٣"):
        jane.post("/editor", FORMS["/editor"] | {"command_id": value, "title": ""})
        for address, fields in (
            ("/editor/dragons", FORMS["/editor"] | {"title": "", "version": value}),
            ("/article/dragons/comments", {"body": "", "command_id": value}),
            ("/settings", FORMS["/settings"] | {"username": "", "command_id": value}),
        ):
            browser = cast.jake.browser if address == "/editor/dragons" else jane
            assert browser.post(address, fields).status_code == 422, value
        assert client.post("/register", {"command_id": value}).status_code == 422
        for verb in ("favorite", "follow"):
            where = "/article/dragons" if verb == "favorite" else "/profile/jake"
            jane.post(f"{where}/{verb}", {"next": value, "place": value})
            assert jane.post(f"{where}/un{verb}", {"next": value, "place": value}).status_code == 302
            assert (
                jane.post(f"{where}/un{verb}", {"next": value, "place": value}, headers=HTMX).status_code
                == 200
            )
    assert head() > before


def test_who_sends_an_odd_hidden_id_is_told_so_and_gets_another(jane):
    response = jane.post("/editor", FORMS["/editor"] | {"command_id": "x"})
    assert response.status_code == 422
    page = see(response)
    assert "is not what this page came with" in page.one(".error-messages").text
    assert page.one("#editor").fields["title"] == ["Title"]
    assert send(jane, page.one("#editor")).status_code == 302


def test_bodies_that_are_no_forms_are_refused(jane, caplog):
    form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    caplog.set_level("CRITICAL")
    for body, content_type in [
        (b"\xff\xfe\x00", form),
        (b"{}", "application/json"),
        (b"title=x", "text/plain"),
        (b"--x\r\n", multipart),
        (b"", multipart),
        (b"", "multipart/form-data"),
        (b"--x\r\nContent-Disposition: form-data; name=\x00\r\n\r\n\x00\r\n--x--\r\n", multipart),
        (b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xed\xa0\x80\r\n--x--\r\n', multipart),
        (b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n--x--\r\n', multipart),
        (b"title=x", f"{form}; charset=utf-16"),
        (b"&".join(b"f%d=" % n for n in range(10_000)), form),
        (b"body=" + b"x" * 600_000, form),
    ]:
        for path in ("/editor", "/login", "/article/dragons/comments"):
            response = jane.post(path, body, content_type=content_type)
            assert 400 <= response.status_code < 500 or (path, response.status_code) == ("/login", 302)
            assert see(response).one("nav") or response.status_code == 302


def test_other_hosts_are_refused(database, client):
    for host in ("evil.example", "a b", "[::", "", "testserver\x00"):
        assert client.get("/", headers={"host": host}).status_code == 400
    for name in (
        "X-Forwarded-Host",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "Forwarded",
    ):
        assert client.get("/", headers={name: "DELETE"}).status_code == 200


def test_odd_numbers_in_addresses_are_nowhere(jane):
    for number in ("0", "1", "-1", str(2**63), str(2**64), "9" * 5000, "٣", "1_0"):
        for verb in ("delete", "restore"):
            assert jane.post(f"/article/dragons/comments/{number}/{verb}").status_code == 404


def test_addresses_may_be_long(jane):
    for path in ("/tag/{}", "/article/{}", "/profile/{}", "/{}", "/?feed={}"):
        assert jane.get(path.format("x" * 20_000)).status_code in {200, 404}


# Forms from elsewhere


def test_nothing_is_changed_without_a_token(cast):
    article = cast.jake.publishes("Dragons")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = cast.jake.browser.cookies
    before = head()
    addresses = [
        "/login",
        "/register",
        "/logout",
        "/settings",
        "/editor",
        "/editor/dragons",
        "/editor/preview",
    ]
    addresses += [
        f"{article.path}/{verb}" for verb in ("favorite", "unfavorite", "delete", "restore", "comments")
    ]
    addresses += [f"{article.path}/comments/1/{verb}" for verb in ("delete", "restore")]
    addresses += ["/profile/jake/follow", "/profile/jake/unfollow"]
    addresses += ["/password-reset", "/password-reset/new", "/settings/close", "/settings/tokens/revoke"]
    addresses += ["/settings/sessions/end-others", f"/settings/sessions/{cast.jake.id}/end"]
    for path in addresses:
        for headers in ({}, HTMX, {"origin": "https://evil.example"}):
            response = strict.post(path, FORMS["/editor"], headers=headers)
            assert response.status_code == 403, path
            assert see(response).one("h1").text == "This form has expired"
        assert strict.post(path, "{}", content_type="text/plain").status_code == 403, path
    assert head() == before
    assert cast.jake.browser.get("/settings").status_code == 200


def test_every_form_of_ours_brings_its_token(cast):
    cast.jake.publishes("Dragons")
    strict = Client(enforce_csrf_checks=True)
    form = see(strict.get("/login")).one("form")
    assert send(strict, form, email=cast.jane.email, password=PASSWORD).status_code == 302
    for path, selector in [("/", ".cx-heart"), ("/article/dragons", "#follow-banner")]:
        form = see(strict.get(path)).one(selector)
        fragment = see(send(strict, form, headers=HTMX))
        assert send(strict, fragment.all("form")[0]).status_code == 302, "what htmx puts in has a token too"
    assert send(strict, see(strict.get("/article/dragons")).one("#comment-form"), body="x").status_code == 302
    token = see(strict.get("/editor")).one("#editor").fields["csrfmiddlewaretoken"]
    assert strict.post("/editor/preview", {"body": "x", "csrfmiddlewaretoken": token}).status_code == 200
    assert send(strict, see(strict.get("/settings")).all("main form")[1]).status_code == 302
