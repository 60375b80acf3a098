"""What is said to a request that never becomes one: by the server itself, in the form of the door that it came to."""

from http import HTTPStatus

from csp.utils import build_policy
from django.template.loader import render_to_string

from eventstore.api import BY_A_BODY, BY_ANYTHING, JSON, refused

Headers = list[tuple[bytes, bytes]]

WORDS = {
    400: "It is not written as a browser or a program would write it.",
    408: "It took too long to arrive. Please send it again.",
    413: "That is more than this site takes in one go.",
    414: "The address is too long.",
    431: "What was sent along with it, such as cookies, is too long. It may help to delete this site's cookies.",
    500: "Something broke on our side. Please try again in a moment.",
    503: "The site is busy just now. Please try again in a moment.",
}
OF_THE_API = {
    400: BY_ANYTHING[400],
    408: {"request": ["took too long to arrive"]},
    413: BY_A_BODY[413],
    414: {"path": ["is too long"]},
    431: {"headers": ["are too long"]},
    500: {"server": ["made a mistake"]},
    503: BY_ANYTHING[503],
}


def answer(path: str, status: int) -> tuple[Headers, bytes]:
    """Headers and body: JSON for programs, a page for everybody else. Nothing of what was sent is repeated."""
    if path == "/api" or path.startswith("/api/"):
        kind, body = JSON, refused(status, OF_THE_API[status]).content
    else:
        said = {"code": status, "title": HTTPStatus(status).phrase, "words": WORDS[status]}
        kind, body = "text/html; charset=utf-8", render_to_string("refused.html", said).encode()
    return [*_headers(kind), (b"content-length", b"%d" % len(body))], body


def wire(path: str, status: int) -> bytes:
    """The same as it is sent, by whoever has a connection and nothing else; it is the last answer on it."""
    headers, body = answer(path, status)
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()
    again = [b"retry-after: 2"] if status == HTTPStatus.SERVICE_UNAVAILABLE else []
    lines = [line, *(name + b": " + value for name, value in headers), *again, b"connection: close"]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _headers(kind: str) -> Headers:
    return [
        (b"content-type", kind.encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", build_policy().encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
    ]
