"""What its author has taken down: by every door it is gone, for everybody but whoever may put it back.

The feed of facts keeps what was public when it happened (blog/feed.py says so); everything else forgets it at once.
"""

import json

import pytest
from django.test import Client

from blog import live
from blog.commands import DeleteArticle, DeleteComment, EditArticle
from eventstore.dispatch import dispatch
from tests.access.test_table import place, since
from tests.cast import Person
from tests.pages.reading import HTMX

SECRET = ("Unsaid once", "Unwritten word", "unheard", "Whispered")
"""Description, body, tag and comment of what is gone; its title stays on the page that says so."""


@pytest.fixture(scope="module")
def gone(world):
    """An article with all that may be below it, at its second address, and then deleted; what its answers were tagged."""
    author, fan = world.author, world.people["other"].person
    article = author.publishes("Vanished", description=SECRET[0], body=SECRET[1], tags=(SECRET[2],))
    fan.favorites(article)
    fan.says(SECRET[3], article)
    world.people["reader"].person.follows(author)
    before = {
        path: Client().get(f"/api/articles/{article.slug}{path}").headers["ETag"]
        for path in ("", "/comments")
    }
    dispatch(EditArticle(article_id=article.id, author_id=author.id, slug="vanishing", title="Vanishing"))
    dispatch(DeleteArticle(article_id=article.id, author_id=author.id))
    return before


def people(world):
    return {
        kind: world.people[kind] for kind in ("anonymous", "author", "other", "reader", "clerk", "superuser")
    }


def test_its_page_says_that_it_is_gone_and_nothing_of_what_it_said(world, gone):
    for kind, person in people(world).items():
        for path in ("/article/vanished", "/article/vanishing"):
            for headers in ({}, HTMX, {"Conduit-Live": "1"}):
                answer = person.browser.get(path, headers=headers)
                assert (answer.status_code, told(answer)) == (410, []), (kind, path)
                assert (b"/restore" in answer.content) == (kind == "author"), (kind, path)


def told(answer):
    content = answer.getvalue().decode()
    return [text for text in SECRET if text in content]


def test_no_list_has_it(world, gone):
    lists = ["/", "/tag/unheard", "/profile/author", "/profile/other/favorites", "/?feed=following"]
    over_the_api = [
        "articles?limit=100",
        "articles?author=author",
        "articles?favorited=other",
        "articles?tag=unheard",
    ]
    over_the_api += ["articles/feed", "tags"]
    for kind, person in people(world).items():
        for path in lists:
            content = person.browser.get(path).content
            assert b"/article/vanish" not in content, (kind, path)
            assert not any(text.encode() in content for text in (SECRET[0], SECRET[1], SECRET[3])), (
                kind,
                path,
            )
        headers = {"Authorization": f"Token {person.token}"} if person.token else {}
        for path in over_the_api:
            answer = Client().get(f"/api/{path}", headers=headers)
            assert not told(answer), (kind, path)
    assert Client().get("/api/articles?favorited=other&tag=unheard").json() == {
        "articles": [],
        "articlesCount": 0,
    }


ACTS = {
    "GET /editor/{}": 404,
    "POST /editor/{}": 404,
    "POST /article/{}/favorite": 404,
    "POST /article/{}/comments": 404,
    "POST /article/{}/comments/1/delete": 404,
    "POST /article/{}/comments/1/restore": 404,
    "POST /article/{}/delete": 404,
}
API_ACTS = {
    "GET /api/articles/{}": 404,
    "PUT /api/articles/{}": 404,
    "DELETE /api/articles/{}": 404,
    "POST /api/articles/{}/favorite": 404,
    "DELETE /api/articles/{}/favorite": 404,
    "GET /api/articles/{}/comments": 404,
    "POST /api/articles/{}/comments": 404,
    "DELETE /api/articles/{}/comments/1": 404,
}


def test_nothing_can_be_done_to_it_whoever_one_is(world, gone):
    before, wrong = place(), []
    for kind in ("author", "other", "superuser"):
        person = world.people[kind]
        for how, status in {**ACTS, **API_ACTS}.items():
            method, path = how.format("vanishing").split()
            answer = ask(person, method, path)
            if answer.status_code != status or told(answer):
                wrong.append(f"{kind}: {how} gets {answer.status_code}, {told(answer)}")
    assert wrong == []
    assert since(before)[0] == 0


def ask(person, method, path):
    if path.startswith("/api"):
        body = {"data": json.dumps({"article": {"body": "x"}, "comment": {"body": "x"}})}
        headers = {"Authorization": f"Token {person.token}"}
        return Client().generic(method, path, **body, content_type="application/json", headers=headers)
    return person.browser.generic(method, path)


def test_only_its_author_puts_it_back(world):
    author = world.people["author"]
    article = author.person.publishes("Back again")
    dispatch(DeleteArticle(article_id=article.id, author_id=author.id))
    for kind, status in (("anonymous", 302), ("other", 403), ("clerk", 403), ("superuser", 403)):
        before = place()
        assert world.people[kind].browser.post(f"{article.path}/restore").status_code == status
        assert since(before)[0] == 0
    assert author.browser.post(f"{article.path}/restore").status_code == 302
    assert Client().get(article.path).status_code == 200


def test_what_a_client_remembers_of_it_is_not_confirmed(gone):
    for path, tag in gone.items():
        for slug in ("vanishing", "vanished"):
            answer = Client().get(f"/api/articles/{slug}{path}", headers={"If-None-Match": tag})
            assert answer.status_code == 404


def test_a_comment_that_was_taken_back_is_shown_nowhere(world):
    author, fan = world.people["author"], Person("whisperer")
    article = author.person.publishes("Much said")
    said = fan.says("Taken back at once", article)
    dispatch(DeleteComment(comment_id=said, author_id=fan.id))
    for person in people(world).values():
        assert b"Taken back at once" not in person.browser.get(article.path).content
        headers = {"Authorization": f"Token {person.token}"} if person.token else {}
        assert Client().get(f"/api/articles/{article.slug}/comments", headers=headers).json() == {
            "comments": []
        }
    assert live._letter(said) is None


def test_what_was_never_there_and_what_is_somebody_s_answer_alike_where_it_matters(world):
    """A token or a session that is another's, and one that never was: nobody can tell them apart."""
    other, none = world.people["other"].browser, "01a20a51-dda7-7696-b0a9-f25c18031e22"
    for path in ("/settings/tokens/{}/revoke", "/settings/sessions/{}/end"):
        kind = "token" if "tokens" in path else "session"
        theirs, nobody_s = (other.post(path.format(id_)) for id_ in (world.things[kind], none))
        assert theirs.status_code == nobody_s.status_code == 404
        assert theirs.content == nobody_s.content


def test_numbers_and_ids_that_were_guessed_lead_nowhere(world):
    """A comment by its number below another article; a token's, session's or article's id in place of another."""
    other, article = world.people["author"], world.author.publishes("Elsewhere")
    number = world.things["said"]
    for guess in (number, 0, 1, 10**18, 2**63, 2**70):
        for verb in ("delete", "restore"):
            path = f"{article.path}/comments/{guess}/{verb}"
            assert other.browser.post(path).status_code == 404, path
    for path in (f"/article/{world.article.id}", f"/editor/{world.article.id}", f"/profile/{other.id}"):
        assert other.browser.get(path).status_code == 404, path
