"""What a form or a body says beyond what it is asked for changes nothing, at any door."""

import json

import pytest
from django.test import Client

from eventstore.database import rows
from tests.access.test_table import place, since

MORE_OF_ONESELF = {
    "is_staff": True,
    "is_superuser": "true",
    "is_active": False,
    "isStaff": True,
    "permissions": ["eventstore.see_metadata"],
    "id": "00000000-0000-0000-0000-000000000001",
    "user_id": "00000000-0000-0000-0000-000000000001",
    "pk": 1,
    "password_version": 99,
    "password_changed": True,
    "joined_at": "1999-01-01",
    "last_signed_in_at": "1999-01-01",
    "token": "chosen",
    "__class__": "x",
    "user": {"is_staff": True},
}
MORE_OF_AN_ARTICLE = {
    "slug": "chosen",
    "id": "00000000-0000-0000-0000-000000000001",
    "article_id": "00000000-0000-0000-0000-000000000001",
    "author": {"username": "other"},
    "author_id": "00000000-0000-0000-0000-000000000001",
    "favoritesCount": 99,
    "favorites_count": 99,
    "favorited": True,
    "createdAt": "1999-01-01T00:00:00.000Z",
    "updatedAt": "1999-01-01T00:00:00.000Z",
    "created_at": "1999-01-01",
    "written_at": "1999-01-01",
    "deleted_at": "1999-01-01",
    "version_at": 99,
    "expected_version": 99,
    "position": 1,
    "html": "<b>x</b>",
}
MORE_OF_A_COMMENT = {
    "id": 1,
    "number": 1,
    "comment_id": "00000000-0000-0000-0000-000000000001",
    "author_id": "00000000-0000-0000-0000-000000000001",
    "article_id": "00000000-0000-0000-0000-000000000001",
    "created_at": "1999-01-01",
    "createdAt": "1999-01-01",
    "deleted": True,
}
WORDS = {"title": "Assigned", "description": "d", "body": "b"}


def as_a_form(sent):
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}


def over_the_api(person, method, path, name, sent):
    headers = {"Authorization": f"Token {person.token}"} if person else {}
    body = {"data": json.dumps({**sent, name: sent}), "content_type": "application/json"}
    return Client().generic(method, f"/api{path}", **body, headers=headers)


def standing(name):
    return rows(
        b"SELECT is_staff, is_superuser, is_active, permissions::text, id::text, extract(year FROM joined_at) > 2000 "
        b"FROM accounts_user WHERE username = %s",
        (name,),
    )[0]


@pytest.mark.parametrize("door", ["page", "API"])
def test_nobody_registers_as_more_than_a_reader(world, door):
    name = f"climber-{door.lower()}"
    sent = {
        **MORE_OF_ONESELF,
        "username": name,
        "email": f"{name}@conduit.example",
        "password": "a long password",
    }
    if door == "page":
        assert Client().post("/register", as_a_form(sent)).status_code == 302
    else:
        answer = over_the_api(None, "POST", "/users", "user", sent)
        assert answer.status_code == 201
        assert answer.json()["user"]["token"] != "chosen"
    *rights, its_id, is_new = standing(name)
    assert (rights, is_new) == ([False, False, True, "[]"], True)
    assert its_id != MORE_OF_ONESELF["id"]


@pytest.mark.parametrize("door", ["page", "API"])
def test_nobody_makes_more_of_themselves(world, door):
    person = world.people["reader"]
    before, at = standing(person.name), place()
    if door == "page":
        mine = {
            "username": person.name,
            "email": person.email,
            "bio": f"by {door}",
            "image": "",
            "password": "",
        }
        assert person.browser.post("/settings", as_a_form(MORE_OF_ONESELF | mine)).status_code == 302
    else:
        answer = over_the_api(person, "PUT", "/user", "user", MORE_OF_ONESELF | {"bio": f"by {door}"})
        assert answer.status_code == 200
    assert standing(person.name) == before
    facts = rows(b"SELECT type, data->>'user_id' FROM eventstore_event ORDER BY position DESC LIMIT 1")
    assert (since(at)[0], facts) == (1, [("accounts.profile_updated", str(person.id))])


def article(slug):
    return rows(
        b"SELECT slug, author.name, favorites_count, extract(year FROM created_at) > 2000, deleted_at, version, html "
        b"FROM blog_article AS article JOIN blog_author AS author ON author.id = author_id WHERE slug = %s",
        (slug,),
    )[0]


@pytest.mark.parametrize("door", ["page", "API"])
def test_nobody_chooses_more_of_an_article_than_its_words(world, door):
    person = world.people["reader"]
    words = WORDS | {"title": f"Assigned by {door}"}
    if door == "page":
        sent = as_a_form(MORE_OF_AN_ARTICLE | words)
        assert person.browser.post("/editor", sent)["Location"] == "/article/assigned-by-page"
    else:
        answer = over_the_api(person, "POST", "/articles", "article", MORE_OF_AN_ARTICLE | words)
        assert answer.json()["article"]["slug"] == "assigned-by-api"
    slug = f"assigned-by-{door.lower()}"
    expected = (slug, "reader", 0, True, None, 1, "<p>b</p>")
    assert article(slug) == expected
    changes = MORE_OF_AN_ARTICLE | {"description": "e", "title": words["title"], "body": "b"}
    if door == "page":
        assert person.browser.post(f"/editor/{slug}", as_a_form(changes)).status_code == 302
    else:
        assert over_the_api(person, "PUT", f"/articles/{slug}", "article", changes).status_code == 200
    assert article(slug) == (*expected[:5], 2, expected[6])


@pytest.mark.parametrize("door", ["page", "API"])
def test_nobody_chooses_more_of_a_comment_than_its_words(world, door):
    person, slug = world.people["reader"], world.article.slug
    sent = MORE_OF_A_COMMENT | {"body": f"Said by {door}"}
    if door == "page":
        assert person.browser.post(f"/article/{slug}/comments", as_a_form(sent)).status_code == 302
    else:
        assert over_the_api(person, "POST", f"/articles/{slug}/comments", "comment", sent).status_code == 201
    found = rows(
        b"SELECT author.name, article_id, deleted, number > 1, extract(year FROM created_at) > 2000 "
        b"FROM blog_comment AS comment JOIN blog_author AS author ON author.id = author_id WHERE body = %s",
        (sent["body"],),
    )
    assert found == [("reader", world.article.id, False, True, True)]


QUERIES = [
    "author__email=author@conduit.example",
    "author__id__gt=0",
    "author_id__isnull=0",
    "deleted_at__isnull=0",
    "deleted_at=",
    "id__in=1",
    "user__password__startswith=a",
    "body__contains=believe",
    "limit=1&order_by=-deleted_at",
    "is_staff=1",
    "__class__=x",
    "pk=1",
]


@pytest.mark.parametrize("path", ["/", "/tag/fire", "/profile/author", "/api/articles", "/api/articles/feed"])
def test_a_query_asks_for_what_is_offered_and_nothing_else(world, path):
    """No name in it reaches a table: a page is the same with it and without."""
    person = world.people["author"]
    headers = {"Authorization": f"Token {person.token}"} if path.startswith("/api") else {}

    def shown(query):
        answer = person.browser.get(f"{path}?{query}", headers=headers)
        limits = "limit=1&" if "limit=1" in query else ""
        same = person.browser.get(f"{path}?{limits}", headers=headers)
        return answer.status_code, titles(answer) == titles(same)

    assert {query: shown(query) for query in QUERIES} == dict.fromkeys(QUERIES, (200, True))


def titles(answer):
    if answer.headers["Content-Type"].startswith("application/json"):
        return [each["slug"] for each in answer.json()["articles"]]
    return answer.content.count(b"preview-link")


def test_the_id_that_stands_for_nobody_is_nobody_s(world):
    """Guesses at unknown addresses are noted under it: a form that brings it gets another."""
    nobody = "00000000-0000-0000-0000-000000000000"
    sent = {
        "username": "zero",
        "email": "zero@conduit.example",
        "password": "a long password",
        "command_id": nobody,
    }
    Client().post("/register", sent)
    assert rows(b"SELECT count(*) FROM accounts_user WHERE id = %s", (nobody,)) == [(0,)]
