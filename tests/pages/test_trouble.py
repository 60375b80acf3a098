"""What goes wrong has a page of ours, the right status, and nothing in it that is nobody's business."""

import logging

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.test import Client

from accounts.sessions import SessionStore
from blog import queries
from blog.views import articles
from eventstore.dispatch import TooBusy, dispatch
from eventstore.log import LogBusy
from tests.pages.reading import see, send


@pytest.fixture
def visitor():
    """Sees what a person sees: an exception is a page."""
    return Client(raise_request_exception=False)


@pytest.fixture
def breaks(monkeypatch):
    """Makes the list of tags, and with it home, fail."""

    def breaks(error, name="tags"):
        def fail(*args, **options):
            raise error

        monkeypatch.setattr(queries, name, fail)

    return breaks


def test_a_mistake_of_ours_has_a_page_that_needs_nothing(database, visitor, breaks, caplog):
    breaks(ZeroDivisionError("secret words"))
    caplog.set_level(logging.CRITICAL, "django.request")
    response = visitor.get("/")
    assert response.status_code == 500
    page = see(response)
    assert page.one("h1").text == "Our mistake"
    assert page.one("nav.navbar a.navbar-brand[href=/]")
    assert "secret words" not in response.content.decode()
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert page.all("script") == page.all("form") == []


def test_a_mistake_is_not_remembered_by_any_cache(cast, breaks):
    jane = cast.jane.browser
    jane.raise_request_exception = False
    breaks(ZeroDivisionError())
    assert jane.get("/").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, TooBusy, LogBusy])
def test_trouble_with_the_database_is_not_for_long(database, visitor, breaks, error):
    breaks(error("connection to server at 10.0.0.1 failed"))
    response = visitor.get("/")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    page = see(response)
    assert page.one("h1").text == "Back in a moment"
    assert "10.0.0.1" not in response.content.decode()
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("step", ["load", "save"])
def test_trouble_outside_of_any_view_is_the_same(cast, monkeypatch, step):
    article, jake = cast.jake.publishes(), cast.jake.browser
    jake.raise_request_exception = False

    def fail(*args, **options):
        raise OperationalError

    monkeypatch.setattr(SessionStore, step, fail)
    response = jake.post(f"{article.path}/delete")  # which leaves an offer in the session
    assert response.status_code == 503
    assert response.headers["Retry-After"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(Http404("hidden"), 404), (PermissionDenied("hidden"), 403), (SuspiciousOperation("hidden"), 400)],
)
def test_what_django_refuses_has_our_page_and_not_its_words(database, visitor, breaks, error, status):
    breaks(error)
    response = visitor.get("/")
    assert response.status_code == status
    assert see(response).one("nav.navbar")
    assert "hidden" not in response.content.decode()


def test_a_form_survives_trouble_by_going_back(cast, breaks):
    """The page says that what was typed is still there; nothing half is stored."""
    jake = cast.jake.browser
    jake.raise_request_exception = False
    form = see(jake.get("/editor")).one("#editor")
    breaks(OperationalError(), "article")
    words = {"title": "Dragons", "description": "How?", "body": "Text"}
    response = send(jake, form, **words)
    assert response.status_code == 503
    assert "Go back to find what you typed" in see(response).one("main").text


def test_sent_again_after_trouble_it_is_still_one_article(cast, monkeypatch):
    jake = cast.jake.browser
    jake.raise_request_exception = False
    form = see(jake.get("/editor")).one("#editor")
    words = {"title": "Dragons", "description": "How?", "body": "Text"}
    with monkeypatch.context() as trouble:
        trouble.setattr(queries, "article", lambda *_: (_ for _ in ()).throw(OperationalError()))
        assert send(jake, form, **words).status_code == 503
    assert send(jake, form, **words)["Location"] == "/article/dragons"
    assert see(jake.get("/")).texts(".article-preview h1") == ["Dragons"]


def test_what_is_saved_but_not_yet_shown_is_said_to_be_saved(cast, monkeypatch):
    def slowly(command, **options):
        receipt = dispatch(command, **options)
        receipt.shown = False
        return receipt

    jake = cast.jake.browser
    form = see(jake.get("/editor")).one("#editor")
    monkeypatch.setattr(articles, "dispatch", slowly)
    response = send(jake, form, title="Dragons", description="How?", body="Text")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "Your article is saved" in see(jake.get("/")).one("[data-announce]").text
