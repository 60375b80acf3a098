"""What was sent to the API: JSON, small and shallow, that says each thing once; or else what is wrong with it."""

import json
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

MOST_BYTES = 256 * 1024
DEEPEST = 20


class Problem(Exception):
    """A request that can't be answered, as its status and its error form say."""

    def __init__(self, status: int, about: str, *said: str) -> None:
        super().__init__(f"{about} {'; '.join(said)}")
        self.status, self.errors = status, {about: list(said)}


def sent(request: HttpRequest, name: str) -> dict[str, Any]:
    """What a body says under the one name that it must have: `{"article": {…}}`."""
    said = _an_object("request", _parsed(request)).get(name)
    if said is None:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, name, "can't be blank")
    return _an_object(name, said)


def _an_object(about: str, said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, about, "must be an object")
    return said


def _parsed(request: HttpRequest) -> Any:
    """A body as JSON, in UTF-8 whatever its type says of it, and without what is no JSON, such as NaN."""
    body = _body(request)
    if not body.strip():
        return {}
    kind = request.content_type or "application/json"
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "request", "must be application/json")
    try:
        return _shallow(body)
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "request", "is not valid JSON") from None
    except RecursionError:
        words = f"is nested deeper than {DEEPEST} levels"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "request", words) from None


def _body(request: HttpRequest) -> bytes:
    try:
        body = request.body
    except RequestDataTooBig:
        body = None
    if body is None or len(body) > MOST_BYTES:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request", f"is longer than {MOST_BYTES:,} bytes")
    return body


def _shallow(body: bytes) -> Any:
    """Raises `ValueError` for what is no JSON, `RecursionError` for what is too deep."""
    said = msgspec.json.decode(body)
    if _deeper_than(DEEPEST, said):
        raise RecursionError
    json.loads(body, object_pairs_hook=_once)
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, if it says each thing once: who reads the first and who reads the last would be told two things."""
    said = dict(pairs)
    if len(said) < len(pairs):
        raise Problem(HTTPStatus.BAD_REQUEST, "request", "says the same name twice")
    return said


def _deeper_than(levels: int, said: Any) -> bool:
    inside = said.values() if isinstance(said, dict) else said if isinstance(said, list) else None
    if inside is None:
        return False
    return levels == 0 or any(_deeper_than(levels - 1, each) for each in inside)
