"""What every context's JSON face needs: what was sent, who asks, how to answer, and how OpenAPI describes it all.

An operation asks in this order: who is it (401), what is it about (404), whose is it (403), what was sent (422).
"""

import re
from collections import ChainMap
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, get_args

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja.security import APIKeyHeader
from pydantic import Field
from typing_extensions import TypedDict

from eventstore.api_bodies import MOST_BYTES
from eventstore.api_bodies import Problem as Problem
from eventstore.api_bodies import sent as sent
from eventstore.carry_out import Receipt
from eventstore.text import LINE_BREAKS, NEVER, Text

JSON = "application/json; charset=utf-8"
SCHEMES = {"token", "bearer"}
NOBODY_S = "?"
"""Too short for any token."""


class StillUpdating(Exception):
    """What was asked for is recorded and stands; it will be shown in a moment."""


class Errors(TypedDict):
    """What is wrong, by what it is about."""

    errors: dict[str, list[str]]


class Saved(TypedDict):
    """What stands, though reading does not show it yet."""

    saved: list[str]


# Answers


def answer(status: int = 200, /, **parts: Any) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(parts), content_type=JSON, status=status)


def done() -> HttpResponse:
    """204: there is nothing to say."""
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    del response.headers["Content-Type"]
    return response


def refused(status: int, errors: Mapping[str, list[str]]) -> HttpResponse:
    """The one form of every error."""
    response = answer(status, errors=errors)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Token"
    return response


def shown(receipt: Receipt) -> Receipt:
    """The receipt of a command that reads can show by now; otherwise the client is told that it stands."""
    if not receipt.shown:
        raise StillUpdating
    return receipt


def moment(at: datetime) -> str:
    """ISO 8601 in UTC, always with milliseconds: 2016-02-18T03:22:56.637Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Who asks


def sent_token(request: HttpRequest) -> str:
    """The token in `Authorization: Token …` or `Bearer …`; empty if there is none, nobody's in any other scheme."""
    said = str(request.META.get("HTTP_AUTHORIZATION", "")).strip()
    scheme, _, token = said.partition(" ")
    if scheme.lower() in SCHEMES:
        return token.strip()
    return NOBODY_S if said else ""


def anybody(request: Any) -> Any:
    """Whoever it is; but a token that is sent must be good."""
    if sent_token(request) and not request.user.is_authenticated:
        raise Problem(HTTPStatus.UNAUTHORIZED, "token", "is invalid")
    return request.user


class Token(APIKeyHeader):
    """Known by a token that registering or logging in gave: `Authorization: Token …`, or `Bearer …`."""

    param_name = "Authorization"
    openapi_description = "`Token`, a blank, and the token that registering or logging in gave"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        if not sent_token(request):
            raise Problem(HTTPStatus.UNAUTHORIZED, "token", "is missing")
        return anybody(request)


# How OpenAPI describes it

Refusals = Mapping[int, dict[str, list[str]]]

BY_ANYTHING: Refusals = {400: {"request": ["is not valid"]}, 503: {"server": ["is away for a moment"]}}
BY_A_TOKEN: Refusals = {401: {"token": ["is invalid"]}}
BY_NO_TOKEN: Refusals = {401: {"token": ["is missing"]}}
BY_A_BODY: Refusals = {
    400: {"request": ["is not valid JSON"]},
    413: {"request": [f"is longer than {MOST_BYTES:,} bytes"]},
    415: {"request": ["must be application/json"]},
    422: {"request": ["must be an object"]},
}
LATER = {HTTPStatus.ACCEPTED.value: Saved}


def operation(
    gives: Mapping[int, Any],
    *refuses: Refusals,
    needs_token: bool = False,
    knows_token: bool = False,
    takes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The arguments of a route: what it answers, how it refuses, whose token it asks for, which body it takes.

    The body is described here and read by the operation itself, when it is time to: see the order above.
    """
    tokens = BY_NO_TOKEN if needs_token else BY_A_TOKEN if knows_token else {}
    refusals = ChainMap(
        {}, *map(dict, refuses), dict(tokens), dict(BY_A_BODY) if takes else {}, dict(BY_ANYTHING)
    )
    extra: dict[str, Any] = {"responses": {status: _example(refusals[status]) for status in sorted(refusals)}}
    if takes:
        extra["requestBody"] = {"required": True, "content": {"application/json": takes}}
    if knows_token:
        extra["security"] = [{}, {Token.__name__: []}]
    return {
        "response": {**gives, **dict.fromkeys(sorted(refusals), Errors)},
        "auth": TOKEN if needs_token else anybody if knows_token else None,
        "openapi_extra": extra,
    }


TOKEN = Token()


def _spelled(characters: re.Pattern[str]) -> str:
    """The inside of a class of characters, without the halves of characters that no JSON can hold."""
    inside = characters.pattern[1:-1].replace("\ud800-\udfff", "")
    return "".join(one if one == "-" else f"\\u{ord(one):04x}" for one in inside)


NAME = {"minLength": 1, "pattern": f"^[^/{_spelled(NEVER)}]+$"}
Step = Annotated[str, Field(json_schema_extra=NAME)]
"""A step of a path that names something."""

Word = Annotated[str, Field(json_schema_extra={"pattern": f"^[^{_spelled(NEVER)}]*$"})]
"""A text in a query."""


def _example(errors: Mapping[str, list[str]]) -> dict[str, Any]:
    return {"content": {"application/json": {"example": {"errors": errors}}}}


def body(name: str, *required: str, example: Mapping[str, Any], **kinds: Any) -> dict[str, Any]:
    """The schema and an example of a body `{name: {…}}`, whose fields are texts of commands, or JSON Schemas."""
    properties = {
        field: kind if isinstance(kind, dict) else text_schema(kind) for field, kind in kinds.items()
    }
    inner = {"type": "object", "properties": properties, "required": list(required)}
    outer = {"type": "object", "properties": {name: inner}, "required": [name]}
    return {"schema": outer, "example": {name: example}}


def text_schema(kind: Any, **more: Any) -> dict[str, Any]:
    """A command's text as JSON Schema: the same limits."""
    [rule] = [rule for rule in get_args(kind) if isinstance(rule, Text)]
    never = _spelled(NEVER) + ("" if rule.lines else _spelled(LINE_BREAKS))
    pattern = f"^[^{never}]*$" if rule.blank else rf"^[^{never}]*[^{never}\s][^{never}]*$"
    return {"type": "string", "maxLength": rule.most, "pattern": pattern, **more}
