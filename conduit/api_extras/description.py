"""The extras as OpenAPI describes them: the headers that operations hear and say, and what they refuse for it."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from ninja.openapi.schema import OpenAPISchema

TEXT, NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}
HEARD: dict[str, tuple[dict[str, Any], str]] = {
    "X-Request-Id": (TEXT, "1 to 128 visible ASCII characters, for the logs; otherwise we make one."),
    "If-None-Match": (TEXT, "The ETag of what is known: if it has not changed, the answer is 304."),
    "If-Match": (TEXT, "The ETag of what is to be replaced: if its version has passed, the answer is 412."),
    "Idempotency-Key": (
        {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "The same request with the same key is done once, and answered with the same words for a day.",
    ),
    "Conduit-After": (
        {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
        "A Conduit-Position that the answer has to show; 503 while it does not.",
    ),
    "Prefer": (TEXT, "`wait=2`: with Conduit-After, waits for so many seconds, at most 5 (RFC 7240)."),
}
SAID: dict[str, tuple[dict[str, Any], str]] = {
    "X-Request-Id": (TEXT, "The id of the request, the client's or ours."),
    "RateLimit-Limit": (NUMBER, "How many requests of this kind may come in a minute; writes are fewer."),
    "RateLimit-Remaining": (NUMBER, "How many of them are left in this one."),
    "RateLimit-Reset": (NUMBER, "In how many seconds the next minute begins."),
    "Retry-After": (NUMBER, "In how many seconds it is worth while to ask again."),
    "ETag": (TEXT, "Another one whenever the answer differs; an article's begins with its version."),
    "Link": (TEXT, "The first, prev, next and last part of the list (RFC 8288)."),
    "Conduit-Position": (NUMBER, "Where in the log a write stands, or up to where a read shows it."),
    "Idempotent-Replayed": (TEXT, "`true` if this is the answer to an earlier request with the same key."),
    "Preference-Applied": (TEXT, "The seconds that were granted."),
}
ALWAYS = ("X-Request-Id", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
NO_KEYS, NO_TAGS = {"log_in"}, {"current_user"}
WITH_VERSION = {"publish", "edit", "favorite", "unfavorite"}
INSISTING = {"edit", "delete"}
LISTS = {"list_articles", "feed"}
DONE, FOR_NOW = {200, 201}, {202, 429, 503}

TOO_MANY = {"request": ["is one too many. Please try again later"]}
CHANGED = {"article": ["was changed meanwhile"]}
BEYOND = {"conduit-after": ["is beyond the end of the log"]}
REUSED = {"idempotency-key": ["was sent before with something else"]}


def described(schema: OpenAPISchema) -> OpenAPISchema:
    parts = schema["components"]
    parts["parameters"] = {
        name: {"name": name, "in": "header", "schema": kind, "description": text}
        for name, (kind, text) in HEARD.items()
    }
    parts["headers"] = {name: {"schema": kind, "description": text} for name, (kind, text) in SAID.items()}
    for item in schema["paths"].values():
        for method, operation in item.items():
            _add(method, operation)
    return schema


def _add(method: str, operation: dict[str, Any]) -> None:
    heard = [{"$ref": f"#/components/parameters/{name}"} for name in _heard(method, operation["operationId"])]
    operation["parameters"] = [*operation.get("parameters", ()), *heard]
    answers = {int(status): said for status, said in operation["responses"].items()}
    for status, errors in _refusals(method, operation["operationId"]):
        answers.setdefault(status, _refusal(status, errors))
    if _has_tag(method, operation["operationId"]):
        answers[304] = {"description": "Not Modified"}
    for status, said in answers.items():
        names = (*ALWAYS, *_said(method, operation["operationId"], status))
        said["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    operation["responses"] = {status: answers[status] for status in sorted(answers)}


def _has_tag(method: str, name: str) -> bool:
    return method == "get" and name not in NO_TAGS


def _heard(method: str, name: str) -> Iterator[str]:
    yield "X-Request-Id"
    if method == "get":
        yield from ("Conduit-After", "Prefer")
    elif name not in NO_KEYS:
        yield "Idempotency-Key"
    if _has_tag(method, name):
        yield "If-None-Match"
    if name in INSISTING:
        yield "If-Match"


def _refusals(method: str, name: str) -> Iterator[tuple[int, dict[str, list[str]]]]:
    yield 429, TOO_MANY
    if name in INSISTING:
        yield 412, CHANGED
    if name not in NO_KEYS:
        yield 422, BEYOND if method == "get" else REUSED


def _refusal(status: int, errors: dict[str, list[str]]) -> dict[str, Any]:
    described = {412: "Precondition Failed", 422: "Unprocessable Content", 429: "Too Many Requests"}
    content = {"schema": {"$ref": "#/components/schemas/Errors"}, "example": {"errors": errors}}
    return {"description": described[status], "content": {"application/json": content}}


def _said(method: str, name: str, status: int) -> Iterator[str]:
    if status in FOR_NOW:
        yield "Retry-After"
    yield from (_of_reads if method == "get" else _of_writes)(name, status)


def _of_reads(name: str, status: int) -> Iterator[str]:
    if status < HTTPStatus.BAD_REQUEST:
        yield "Preference-Applied"
        yield from ("ETag",) if name not in NO_TAGS else ()
        yield from ("Conduit-Position",) if name == "read" else ()
        yield from ("Link",) if name in LISTS else ()


def _of_writes(name: str, status: int) -> Iterator[str]:
    if status < HTTPStatus.BAD_REQUEST:
        yield "Conduit-Position"
    if status in DONE and name in WITH_VERSION:
        yield "ETag"
    if name not in NO_KEYS:
        yield "Idempotent-Replayed"
