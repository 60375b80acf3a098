"""Requests that somebody else's page makes a browser send: without our token, from elsewhere, as what they are not."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from eventstore.database import rows
from tests.access.rules import ADMIN, API
from tests.access.table import SOME
from tests.access.test_table import filled, place, since
from tests.access.world import Anything
from tests.pages.reading import HTMX, see

FORM, TEXT = "application/x-www-form-urlencoded", "text/plain"
ACTS = [row for row in SOME if row.method != "GET"]
OF_PAGES = [row for row in ACTS if row.door != API]
OVER_THE_API = [row for row in ACTS if row.door == API]
EVIL = "https://evil.example"

FORGERIES = {
    "a form without a token": {},
    "htmx without a token": {"headers": HTMX},
    "somebody else's token": {"token": "a" * 64},
    "an empty token": {"token": ""},
    "our token from elsewhere": {"ours": True, "headers": {"origin": EVIL}},
    "our token from nowhere": {"ours": True, "headers": {"origin": "null"}},
    "our token from another port": {"ours": True, "headers": {"origin": "http://testserver:81"}},
    "our token over TLS from elsewhere": {"ours": True, "secure": True, "headers": {"referer": f"{EVIL}/"}},
    "our token over TLS from nowhere": {"ours": True, "secure": True},
}


def strict(person):
    client = Client(enforce_csrf_checks=True)
    client.cookies = person.browser.cookies
    return client


def done_since(before):
    facts, attempts = since(before)
    return facts, [key for key in attempts if key[1] == "accepted"]


@pytest.mark.parametrize("how", FORGERIES)
def test_no_form_is_taken_from_another_page(world, how):
    """Whose browser it is does not matter: the author's for what is the author's, a superuser's for the admin."""
    forgery, wrong, before = FORGERIES[how], [], place()
    ways = {key: forgery[key] for key in ("headers", "secure") if key in forgery}
    clients = {kind: strict(world.people[kind]) for kind in ("author", "superuser")}
    tokens = {kind: a_token(client) for kind, client in clients.items()}
    for row in OF_PAGES:
        kind = "superuser" if row.door == ADMIN else "author"
        path, sends = (
            filled(row.path.replace("{+", "{"), world.things),
            filled(row.sends, Anything(world.things)),
        )
        token = tokens[kind] if "ours" in forgery else forgery.get("token")
        body = urlencode(sends | ({} if token is None else {"csrfmiddlewaretoken": token}))
        answer = clients[kind].post(path, body, content_type=FORM, **ways)
        if answer.status_code != 403:
            wrong.append(f"{row}: {answer.status_code}")
    assert wrong == []
    assert done_since(before) == (0, [])


def a_token(client):
    return see(client.get("/editor")).one("#editor").fields["csrfmiddlewaretoken"]


def test_with_our_own_token_they_are_taken(world):
    """So it was the token, and where it came from, that the others were refused for."""
    client = strict(world.people["author"])
    sent = {"csrfmiddlewaretoken": a_token(client), "body": "*tea*"}
    assert client.post("/editor/preview", sent).status_code == 200
    assert client.post("/editor/preview", sent, headers={"origin": "http://testserver"}).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", TEXT, FORM, "multipart/form-data; boundary=x", ""])
def test_a_session_s_cookie_opens_nothing_over_the_api(world, kind):
    """Whatever another page can make a browser send: it knows no cookies, and a form is no JSON."""
    wrong, before, client = [], place(), strict(world.people["author"])
    for row in OVER_THE_API:
        path, sends = (
            filled(row.path.replace("{+", "{"), world.things),
            filled(row.sends, Anything(world.things)),
        )
        for method in {row.method, "POST"}:
            answer = client.generic(
                method, path, json.dumps(sends), content_type=kind, headers={"origin": EVIL}
            )
            known = {401, 405} if "/users" not in path else {401, 405, 409, 415, 422}
            if answer.status_code not in known and not (kind == "" and "/users" in path):
                wrong.append(f"{method} {path} as {kind}: {answer.status_code}")
            if "Access-Control-Allow-Credentials" in answer.headers or answer.cookies:
                wrong.append(f"{path} lends or sets cookies")
    assert wrong == []
    if kind not in {"application/json", ""}:
        assert done_since(before) == (0, [])


OVERRIDES = [
    {"headers": {"X-HTTP-Method-Override": "DELETE"}},
    {"headers": {"X-HTTP-Method": "DELETE"}},
    {"headers": {"X-Method-Override": "DELETE"}},
    {"query_params": {"_method": "DELETE"}},
    {"data": {"_method": "DELETE"}},
]


@pytest.mark.parametrize("override", OVERRIDES, ids=str)
def test_a_method_is_what_it_is(world, override):
    before, person = place(), world.people["author"]
    token = {"Authorization": f"Token {person.token}"}
    path, of_the_api = f"/article/{world.article.slug}", f"/api/articles/{world.article.slug}"
    assert person.browser.get(path, **override).status_code == 200
    assert person.browser.post(path, **override).status_code == 405
    both = override | {"headers": token | override.get("headers", {})}
    assert Client().get(of_the_api, **both).status_code == 200
    assert Client().post(of_the_api, **both).status_code == 405
    assert since(before)[0] == 0
    assert rows(b"SELECT deleted_at FROM blog_article WHERE id = %s", (world.article.id,)) == [(None,)]


def test_a_link_to_an_act_is_no_act(world):
    """Nor is a picture's address, or one that a browser fetches ahead: GET of every act, by whom it may."""
    before = place()
    for row in OF_PAGES:
        kind = "superuser" if row.door == ADMIN else "author"
        path = filled(row.path.replace("{+", "{"), Anything(world.things))
        answer = world.people[kind].browser.get(path, headers={"Purpose": "prefetch"})
        assert answer.status_code in {200, 302, 403, 404, 405, 410}, row
    assert since(before) == (0, {})
