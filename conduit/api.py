"""The API, composed: the contexts' operations under /api, and what becomes of everything that they refuse."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from accounts.api import router as accounts
from accounts.commands import WrongCredentials
from blog.api import router as blog
from blog.commands import EditedMeanwhile
from conduit.api_docs import Page
from conduit.api_extras import EXTRAS, described
from conduit.api_extras.once import reused
from conduit.rate_limits import SPENT
from eventstore.api import Problem, StillUpdating, answer, refused
from eventstore.budgets import TooMany
from eventstore.dispatch import CommandIdReused
from eventstore.messages import AlreadyTaken, BadInput, Forbidden, Missing, Rejection
from eventstore.web import later

NAMES = {"tags": "tagList"}
"""What the contract calls fields of ours."""


class Once(Parser):
    """A query says each thing once."""

    def parse_querydict(
        self, data: "MultiValueDict[Any, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        for name, values in data.lists():
            if len(values) > 1:
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, name, "is there more than once")
        return dict(super().parse_querydict(data, list_fields, request))


class Api(NinjaAPI):
    _described: OpenAPISchema | None = None

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Put together once: it takes a third of a second."""
        if self._described is None:
            self._described = described(super().get_openapi_schema(**where))
        return self._described


api = Api(
    title="Conduit",
    version="2.0.0",
    description="The RealWorld API of Conduit. Every error is an object of reasons, by what they are about.",
    urls_namespace="api",
    parser=Once(),
    docs=Page(),
    docs_decorator=require_safe,
)
for extra in EXTRAS:
    api.add_decorator(extra, mode="view")
api.add_router("", accounts)
api.add_router("", blog)


@api.exception_handler(Problem)
def unfit(request: HttpRequest, problem: Problem) -> HttpResponse:
    return refused(problem.status, problem.errors)


@api.exception_handler(ValidationError)
def bad_query(request: HttpRequest, error: ValidationError) -> HttpResponse:
    said = {str(each["loc"][-1]): [str(each["msg"])] for each in error.errors}
    return refused(HTTPStatus.UNPROCESSABLE_ENTITY, said)


@api.exception_handler(Http404)
def nowhere(request: HttpRequest, error: Http404) -> HttpResponse:
    return refused(HTTPStatus.NOT_FOUND, {"path": ["not found"]})


@api.exception_handler(CommandIdReused)
def another_command(request: HttpRequest, refusal: CommandIdReused) -> HttpResponse:
    """The id of a command is made of the key, and of nothing else."""
    return reused()


@api.exception_handler(WrongCredentials)
def not_known(request: HttpRequest, refusal: WrongCredentials) -> HttpResponse:
    return refused(HTTPStatus.UNAUTHORIZED, {"credentials": ["invalid"]})


@api.exception_handler(Missing)
def missing(request: HttpRequest, refusal: Missing) -> HttpResponse:
    return refused(HTTPStatus.NOT_FOUND, {refusal.field or "path": ["not found"]})


@api.exception_handler(Forbidden)
def forbidden(request: HttpRequest, refusal: Forbidden) -> HttpResponse:
    return refused(HTTPStatus.FORBIDDEN, {refusal.field or "request": ["forbidden"]})


@api.exception_handler(AlreadyTaken)
def taken(request: HttpRequest, refusal: AlreadyTaken) -> HttpResponse:
    return refused(HTTPStatus.CONFLICT, {kind: ["has already been taken"] for kind in refusal.kinds})


@api.exception_handler(EditedMeanwhile)
def not_that_version(request: HttpRequest, refusal: EditedMeanwhile) -> HttpResponse:
    return refused(HTTPStatus.PRECONDITION_FAILED, {"article": ["was changed meanwhile"]})


@api.exception_handler(BadInput)
def invalid(request: HttpRequest, refusal: BadInput) -> HttpResponse:
    return refused(HTTPStatus.UNPROCESSABLE_ENTITY, dict(_named(refusal)))


def _named(refusal: BadInput) -> Iterator[tuple[str, list[str]]]:
    yield from ((NAMES.get(name, name), problems) for name, problems in refusal.problems.items())


@api.exception_handler(TooMany)
def one_too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    return later(refusal, refused(HTTPStatus.TOO_MANY_REQUESTS, SPENT))


@api.exception_handler(Rejection)
def rejected(request: HttpRequest, refusal: Rejection) -> HttpResponse:
    about = NAMES.get(refusal.field, refusal.field) or "request"
    return refused(HTTPStatus.UNPROCESSABLE_ENTITY, {about: [str(refusal)]})


@api.exception_handler(StillUpdating)
def still_updating(request: HttpRequest, outcome: StillUpdating) -> HttpResponse:
    response = answer(HTTPStatus.ACCEPTED, saved=["It is saved, and will be here in a moment."])
    response.headers["Retry-After"] = "1"
    return response


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """For Django to note and for `conduit.pages` to judge; the door says in JSON what comes of it."""
    raise error
