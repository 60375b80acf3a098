"""Requests: the API and the pages, middleware and all, against a bare view that returns the same bytes. Without a server:
both sides are asked in the process that measures."""

from collections.abc import Iterator
from functools import cache

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path

from bench import raw
from bench.crew import Crew
from bench.replay import fill
from bench.scale import Scale
from bench.scratch import Logs
from bench.table import Reference, Row, compare
from blog.models import Article

LIST, HOME = "/api/articles", "/"


def rows(scale: Scale, logs: Logs) -> Iterator[Row]:
    with logs.copy(scale.middle) as database, Crew(database) as crew:
        crew.do(fill)
        pairs = {
            "API: a list of 20 articles": ("list", "the home page"),
            "API: one article": ("article", "its page"),
        }
        for what, (name, page) in pairs.items():
            bare = Reference("a bare view, same bytes", crew.does(ask_bare, name, scale.seconds))
            pages = Reference(page, crew.does(ask_page, name, scale.seconds))
            yield from compare(
                what, crew.does(ask_api, name, scale.seconds), bare, pages, rounds=scale.rounds
            )


@cache
def slug() -> str:
    return Article.objects.filter(deleted_at=None).order_by("position").values_list("slug", flat=True)[0]


def address(name: str) -> str:
    return LIST if name == "list" else f"{LIST}/{slug()}"


@cache
def handler(*, bare: bool) -> BaseHandler:
    """For good: static files have plain names here, since nobody has collected them."""
    made, plain = BaseHandler(), {"staticfiles": {"BACKEND": settings.PLAIN_NAMES}}
    override_settings(STORAGES=settings.STORAGES | plain).enable()
    with override_settings(MIDDLEWARE=[] if bare else settings.MIDDLEWARE):
        made.load_middleware()
    return made


@cache
def bytes_of(name: str) -> bytes:
    return answer(address(name)).content


def answer(where: str, *, bare: tuple[object, ...] = ()) -> HttpResponse:
    request = RequestFactory().get(where, HTTP_HOST="localhost")
    if bare:
        request.urlconf = bare
    response = handler(bare=bool(bare)).get_response(request)
    assert response.status_code == 200, response.status_code
    return response


def ask_api(name: str, seconds: float) -> int:
    return raw.for_seconds(seconds, lambda: bool(answer(address(name))))


def ask_page(name: str, seconds: float) -> int:
    page = HOME if name == "list" else f"/article/{slug()}"
    return raw.for_seconds(seconds, lambda: bool(answer(page)))


def ask_bare(name: str, seconds: float) -> int:
    said = bytes_of(name)

    def same(request: HttpRequest) -> HttpResponse:
        return HttpResponse(said, content_type="application/json; charset=utf-8")

    urls = (path("same", same),)
    return raw.for_seconds(seconds, lambda: bool(answer("/same", bare=urls)))
