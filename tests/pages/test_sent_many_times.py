"""A form that is sent fifty times at once does what it says once, and every answer is the same."""

import logging

import pytest
from django.test import Client

from accounts.models import User
from blog.models import Article, Comment
from eventstore.dispatch import CommandIdReused
from eventstore.ids import uuid7
from tests.cast import PASSWORD
from tests.eventstore.tools import at_once, one
from tests.pages.reading import see

TIMES = 50
REUSED = str(CommandIdReused())
WORDS = {"title": "Tea", "description": "About tea", "body": "It is *hot*.", "tags": "a, b"}
OTHER_REUSED = str(CommandIdReused())
WORDS = {**WORDS, "body": "It is *cold*."}
NEW = {"username": "jake", "email": "jake@conduit.example", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _nothing_goes_wrong_unseen(caplog):
    """A server error is logged where the test client would only raise it in one of fifty threads."""
    yield
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def again(browser):
    """Another window of the same browser."""
    window = Client(raise_request_exception=False)
    window.cookies = browser.cookies.copy()
    return window


def command_id(browser, path, form):
    """The hidden id of a form, as the page has it."""
    [found] = see(browser.get(path)).one(form).fields["command_id"]
    return found


def send_at_once(browser, path, *typed):
    """Fifty windows send at once, one after the other of what is typed; what each was answered."""
    windows = [again(browser) for _ in range(TIMES)]
    return at_once(TIMES, lambda nth: windows[nth].post(path, typed[nth % len(typed)]))


def where(answers):
    """Status and place of every answer, each once."""
    return {(answer.status_code, answer.headers.get("Location")) for answer in answers}


def facts(*types):
    return one("SELECT count(*) FROM eventstore_event WHERE type = ANY(%s)", list(types))


def all_facts():
    return one("SELECT count(*) FROM eventstore_event")


def refused_as_reused(answers):
    return all(answer.status_code == 422 and REUSED in see(answer).text for answer in answers)


def only_one_wording_stands(answers, place):
    """Of two wordings, sent by turns, one was accepted each time, and the other refused each time, in words."""
    accepted = [nth for nth, answer in enumerate(answers) if answer.status_code == 302]
    assert len({nth % 2 for nth in accepted}) == 1
    assert where([answers[nth] for nth in accepted]) == {(302, place)}
    assert len(accepted) == TIMES // 2
    assert refused_as_reused([answer for nth, answer in enumerate(answers) if nth not in accepted])
    return accepted[0] % 2


def test_an_article_is_published_once(cast):
    jake = cast.jake.browser
    sent = {**WORDS, "command_id": command_id(jake, "/editor", "#editor")}
    assert where(send_at_once(jake, "/editor", sent)) == {(302, "/article/tea")}
    assert facts("blog.article_published") == Article.objects.count() == 1
    assert jake.get("/article/tea").status_code == 200


def test_of_two_wordings_of_an_article_one_is_published_and_the_other_refused(cast):
    jake = cast.jake.browser
    wordings = [{**WORDS, "body": body, "command_id": str(uuid7())} for body in ("hot", "cold")]
    wordings[1]["command_id"] = wordings[0]["command_id"]
    answers = send_at_once(jake, "/editor", *wordings)
    stands = only_one_wording_stands(answers, "/article/tea")
    assert Article.objects.get().body == wordings[stands]["body"]
    assert facts("blog.article_published") == 1


def test_an_edit_is_made_once(cast):
    article, jake = cast.jake.publishes("Tea"), cast.jake.browser
    [version] = see(jake.get("/editor/tea")).one("#editor").fields["version"]
    sent = {**WORDS, "version": version, "command_id": command_id(jake, "/editor/tea", "#editor")}
    assert where(send_at_once(jake, "/editor/tea", sent)) == {(302, article.path)}
    assert facts("blog.article_edited") == 1
    assert Article.objects.get().version == 2


def test_a_comment_is_posted_once(cast):
    article, jane = cast.jake.publishes(), cast.jane.browser
    sent = {"body": "Well said.", "command_id": command_id(jane, article.path, "#comment-form")}
    path = f"{article.path}/comments"
    assert where(send_at_once(jane, path, sent)) == {(302, f"{article.path}#comments")}
    assert facts("blog.article_commented") == Comment.objects.count() == 1


def test_a_comment_is_posted_once_by_htmx_too_and_each_answer_shows_it(cast):
    article, jane = cast.jake.publishes(), cast.jane.browser
    sent = {"body": "Well said.", "command_id": command_id(jane, article.path, "#comment-form")}
    windows = [again(jane) for _ in range(TIMES)]
    answers = at_once(
        TIMES, lambda nth: windows[nth].post(f"{article.path}/comments", sent, headers={"HX-Request": "true"})
    )
    assert where(answers) == {(200, None)}
    assert all(see(answer).texts("p.card-text").count("Well said.") == 1 for answer in answers)
    assert facts("blog.article_commented") == 1


def test_of_two_comments_under_one_id_one_is_posted_and_the_other_refused(cast):
    article, jane = cast.jake.publishes(), cast.jane.browser
    shared = command_id(jane, article.path, "#comment-form")
    wordings = [{"body": body, "command_id": shared} for body in ("Hot.", "Cold.")]
    answers = send_at_once(jane, f"{article.path}/comments", *wordings)
    stands = only_one_wording_stands(answers, f"{article.path}#comments")
    assert Comment.objects.get().body == wordings[stands]["body"]
    assert facts("blog.article_commented") == 1


def test_somebody_registers_once_and_every_window_is_signed_in(database):
    visitor = Client()
    sent = {**NEW, "command_id": command_id(visitor, "/register", "form[action=/register]")}
    answers = send_at_once(visitor, "/register", sent)
    assert where(answers) == {(302, "/")}
    assert facts("accounts.user_registered") == facts("blog.author_created") == User.objects.count() == 1
    assert all(answer.client.get("/settings").status_code == 200 for answer in answers[::10])


def test_a_name_that_is_taken_is_refused_in_the_same_words_each_time(cast):
    assert cast.jake
    visitor, before = Client(), all_facts()
    taken = {**NEW, "email": "other@conduit.example"}
    sent = {**taken, "command_id": command_id(visitor, "/register", "form[action=/register]")}
    answers = send_at_once(visitor, "/register", sent)
    assert where(answers) == {(422, None)}
    assert {tuple(see(answer).texts(".error-messages li")) for answer in answers} == {
        ("username has already been taken",)
    }
    assert all_facts() == before


def test_who_does_not_know_the_password_can_not_register_again(database):
    visitor = Client()
    sent = {**NEW, "command_id": command_id(visitor, "/register", "form[action=/register]")}
    assert visitor.post("/register", sent).status_code == 302
    before = all_facts()
    answers = send_at_once(Client(), "/register", {**sent, "password": "some other password"})
    refused = [answer for answer in answers if answer.status_code == 422]
    assert refused_as_reused(refused)
    assert (len(refused), {answer.status_code for answer in answers}) == (10, {422, 429})
    assert all_facts() == before + facts("accounts.sign_in_failed") == before + 10


def test_settings_are_saved_once_and_nobody_is_signed_out(cast):
    jake = cast.jake.browser
    sent = {
        "username": "jacob", "email": "jacob@conduit.example", "bio": "I write.", "image": "", "password": "",
        "command_id": command_id(jake, "/settings", "form[action=/settings]"),
    }  # fmt: skip
    assert where(send_at_once(jake, "/settings", sent)) == {(302, "/profile/jacob")}
    types = ("accounts.username_changed", "accounts.user_email_changed", "accounts.profile_updated")
    assert [facts(name) for name in types] == [1, 1, 1]
    assert jake.get("/settings").status_code == 200


def test_of_two_settings_under_one_id_one_is_saved_and_the_other_refused(cast):
    jake = cast.jake.browser
    shared = command_id(jake, "/settings", "form[action=/settings]")
    wordings = [
        {"username": "jake", "email": "jake@conduit.example", "bio": bio, "command_id": shared}
        for bio in ("hot", "cold")
    ]
    answers = send_at_once(jake, "/settings", *wordings)
    stands = only_one_wording_stands(answers, "/profile/jake")
    assert User.objects.get().bio == wordings[stands]["bio"]
    assert facts("accounts.profile_updated") == 1


def test_a_new_password_is_set_once(cast):
    """Whoever it signs out meanwhile is sent to sign in, as any other session is."""
    jake = cast.jake.browser
    sent = {
        "username": "jake", "email": "jake@conduit.example", "password": "a longer password",
        "command_id": command_id(jake, "/settings", "form[action=/settings]"),
    }  # fmt: skip
    answers = send_at_once(jake, "/settings", sent)
    assert (
        (302, "/profile/jake") in where(answers) <= {(302, "/profile/jake"), (302, "/login?next=/settings")}
    )
    assert facts("accounts.user_password_changed") == 1
    signed_in = Client()
    sent = {"email": "jake@conduit.example", "password": "a longer password"}
    assert signed_in.post("/login", sent).status_code == 302


@pytest.mark.parametrize("path", ["/editor", "/register", "/settings"])
def test_an_id_that_another_command_has_used_is_refused_in_words(cast, path):
    used, browser = str(uuid7()), cast.jake.browser
    assert browser.post("/editor", {**WORDS, "command_id": used}).status_code == 302
    before = all_facts()
    visitor = Client() if path == "/register" else browser
    answer = visitor.post(path, {**WORDS, **NEW, "username": "jane", "title": "Coffee", "command_id": used})
    assert refused_as_reused([answer])
    assert all_facts() == before
