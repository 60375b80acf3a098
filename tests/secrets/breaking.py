"""A site that breaks where a request asks it to: deep inside, where passwords are at hand."""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from accounts import credentials
from eventstore import carry_out

HEADER = "Break"
wanted: ContextVar[str] = ContextVar("wanted", default="")


def breaks(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: `Break: hashing` or `Break: order` with a bug, `Break: database` as when the database goes away."""
    for module, name, at in (
        (credentials, "make_password", "hashing"),
        (credentials, "check_password", "hashing"),
    ):
        setattr(module, name, _breaking(getattr(module, name), at))
    carry_out.order = _breaking(carry_out.order, "order")

    def respond(request: HttpRequest) -> HttpResponse:
        token = wanted.set(request.headers.get(HEADER, ""))
        try:
            return get_response(request)
        finally:
            wanted.reset(token)

    return respond


def _breaking(work: Callable[..., Any], at: str) -> Callable[..., Any]:
    @wraps(work)
    def broken(*arguments: Any, **options: Any) -> Any:
        if wanted.get() == at:
            raise ZeroDivisionError("a bug, planted")
        if wanted.get() == "database":
            raise OperationalError("the connection is lost")
        return work(*arguments, **options)

    return broken
