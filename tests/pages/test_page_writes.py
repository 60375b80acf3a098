"""How often one person may send something by pages: 429 where it is too often, and nothing typed is lost."""

import pytest
from django.db import OperationalError
from django.test import Client

from accounts import credentials, tokens
from conduit import rate_limits
from tests.api.program import Program
from tests.cast import PASSWORD
from tests.eventstore.tools import one
from tests.pages.reading import HTMX, see


@pytest.fixture
def three(settings, monkeypatch):
    """Writes a minute, and a minute that does not end."""
    settings.API_RATE_LIMITS, settings.API_WRITES_A_MINUTE = True, 3
    monkeypatch.setattr(rate_limits, "now", lambda: 60 * 1_000 + 10)


def test_pages_and_programs_write_from_one_allowance(cast, three):
    article = cast.jake.publishes()
    jane, program = cast.jane.browser, Program(token=token_of(cast.jane))
    page, api = f"{article.path}/favorite", f"/articles/{article.slug}/favorite"
    assert (jane.post(page).status_code, program.post(api).status) == (302, 200)
    before = commands()
    assert [jane.post("/article/none/favorite").status_code for _ in range(3)] == [404, 429, 429]
    assert program.post(api).status == 429
    assert commands() == before + 1
    assert jane.get(article.path).status_code == 200
    assert cast.mallory.browser.post(page).status_code == 302


def token_of(person):
    return tokens.issue(credentials.proof(person.id, PASSWORD), "a test")


def commands():
    return one("SELECT count(*) FROM eventstore_command")


def spent(person):
    """The browser of somebody who may send nothing more in this minute."""
    browser = person.browser
    assert [browser.post("/article/none/favorite").status_code for _ in range(4)] == [404, 404, 404, 429]
    return browser


def test_what_was_typed_is_on_the_page_that_refuses_it_and_can_be_sent_from_there(cast, three, monkeypatch):
    jake = spent(cast.jake)
    said = {
        "title": 'Tall "tales"',
        "description": "<b>",
        "body": "One\n\nTwo\n",
        "tags": "a, b",
        "version": "",
    }
    page = jake.post("/editor?from=home", said)
    form = see(page).one("main form")
    assert (page.status_code, page["Retry-After"]) == (429, "50")
    assert (form["action"], form["method"]) == ("/editor?from=home", "post")
    kept = {each["name"]: each["value"] for each in form.all("input") if each["name"] in said}
    assert kept == said
    monkeypatch.setattr(rate_limits, "now", lambda: 60 * 1_001)
    published = jake.post(form["action"], kept, follow=True)
    assert see(published).one("h1").text == 'Tall "tales"'


def test_a_comment_is_kept_as_well_and_htmx_leaves_it_where_it_is(cast, three):
    path = f"{cast.jake.publishes().path}/comments"
    jane = spent(cast.jane)
    page = jane.post(path, {"body": "Well said"})
    assert (page.status_code, see(page).one("input[name=body]")["value"]) == (429, "Well said")
    fragment = jane.post(path, {"body": "Well said"}, headers=HTMX)
    assert (fragment.status_code, "Well said" in fragment.content.decode()) == (429, False)


def test_a_password_is_asked_for_again(cast, three):
    page = spent(cast.jane).post(
        "/settings", {"username": "jane", "bio": "Hello", "password": "new-password"}
    )
    form = see(page).one("main form")
    assert page.status_code == 429
    assert "new-password" not in page.content.decode().replace('autocomplete="new-password"', "")
    assert form.one("input[name=bio]")["value"] == "Hello"
    assert "required" in form.one("input[type=password]")


def test_a_form_that_might_miss_something_is_not_offered(cast, three):
    page = spent(cast.jane).post("/settings", {"bio": "Hello", "pasword": "misspelt"})
    assert (page.status_code, see(page).all("main form")) == (429, [])
    assert "misspelt" not in page.content.decode()


def test_who_is_refused_can_still_sign_out_everywhere(cast, three):
    jane = spent(cast.jane)
    assert jane.post("/settings/tokens/revoke").status_code == 302
    assert jane.post("/settings/sessions/end-others").status_code == 302
    assert jane.post("/logout").status_code == 302


def test_forged_forms_are_counted_and_not_repeated(cast, three):
    jane = cast.jane.browser
    jane.handler.enforce_csrf_checks = True
    answers = [jane.post("/logout", {"body": "Not mine"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [403] * 3 + [429] * 2
    assert see(answers[-1]).all("main form") == []


def test_who_only_reads_and_who_is_a_stranger_is_not_counted(cast, three, settings):
    jane, stranger = cast.jane.browser, Client()
    path = f"{cast.jake.publishes().path}/favorite"
    assert [jane.get("/").status_code for _ in range(5)] == [200] * 5
    assert [stranger.post(path).status_code for _ in range(5)] == [302] * 5
    assert one("SELECT count(*) FROM conduit_writecount") == 0
    settings.API_RATE_LIMITS = False
    assert [jane.post(path).status_code for _ in range(5)] == [302] * 5


def test_where_counting_is_in_trouble_writing_is_not(cast, three, monkeypatch):
    def fail(*_):
        raise OperationalError

    monkeypatch.setattr(rate_limits, "rows", fail)
    assert cast.jane.browser.post(f"{cast.jake.publishes().path}/favorite").status_code == 302
