"""The corpus: requests that are malformed in one place and well in all others, the same for the same seed."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes

from tests.corpus import bodies, table
from tests.corpus.addresses import Address, addresses
from tests.corpus.requests import Ask, People, Person, Sender, number

TEXTS = {**table.REFUSED, **table.ODD, **table.NUMBERS}
QUERY = (
    *("page", "feed", "next", "limit", "offset", "tag", "author", "favorited", "after", "types"),
    *("q", "o", "p", "e", "stream", "actor", "version", "since", "older", "x", "next=/x"),
)
WELL = {
    "/register": {"username": "new", "email": "new@conduit.example", "password": "long enough"},
    "/login": {"email": "nobody@conduit.example", "password": "long enough"},
    "/settings": {"username": "jane", "email": "jane@conduit.example", "bio": "", "image": ""},
    "/editor": {"title": "Title", "description": "About", "body": "Text", "tags": "tag"},
    "/editor/preview": {"body": "Text"},
    "/editor/janes": {"title": "Title", "description": "About", "body": "Text", "tags": "tag"},
    "/article/dragons/comments": {"body": "Well said."},
}
"""Forms as they are sent when nothing is wrong with them."""

HIDDEN = [("/editor", "command_id"), ("/editor/janes", "version"), ("/settings", "command_id")]
AGAIN = (
    *("/article/dragons/favorite", "/article/dragons/unfavorite"),
    *("/profile/jake/follow", "/profile/jake/unfollow"),
)
"""Asked any number of times, the world is the same."""


class Corpus(Sender):
    """All requests for these people, and this API as it describes itself."""

    def __init__(self, people: People, described: Any) -> None:
        super().__init__(people)
        self.described = described

    def all(self) -> list[Ask]:
        """Each with its own number as request id; every so many of the first have every row of the table in them. Of the
        admin's pages, which are many and alike, there is one where there are three of others."""
        asks = [
            *(*self.paths(), *self.queries(), *self.methods(), *self.headers(), *self.cookies()),
            *(
                *self.bodies(),
                *self.fields(),
                *self.ways_on(),
                *self.operations(),
                *self.openings(),
                *self.frames(),
            ),
            *(*self.streams(), *self.sockets()),
        ]
        self.chance.shuffle(asks)
        seen: Counter[tuple[str, bool]] = Counter()
        ranked = [(_next(seen, ask), ask) for ask in asks]
        ranked.sort(key=lambda each: each[0])
        return [
            ask._replace(sent=ask.sent.replace(b"@ID@", str(number(nth)).encode()))
            for nth, (_, ask) in enumerate(ranked)
        ]

    def paths(self) -> Iterator[Ask]:
        for address in addresses():
            for name in address.arguments:
                for row, text in TEXTS.items():
                    path, refused = (
                        address.filled(**{name: quote_from_bytes(text, "/")}),
                        row in table.REFUSED,
                    )
                    yield self._ask(f"path: {row}", address, "GET", path, refused=refused)
                    if refused:
                        yield self._ask(f"path to post to: {row}", address, "POST", path, refused=True)

    def queries(self) -> Iterator[Ask]:
        for address in addresses():
            for name in QUERY:
                for row, text in TEXTS.items():
                    refused = row in table.REFUSED and not address.is_probe
                    path = f"{address.filled()}?{name}={quote_from_bytes(text, '&=')}"
                    yield self._ask(f"query: {row}", address, "GET", path, refused=refused)

    def methods(self) -> Iterator[Ask]:
        for address in addresses():
            for method in table.METHODS:
                for who in (self.people.nobody, self.people.jane):
                    ask = self._ask(f"method: {method[:9]}", address, method, address.filled(), who=who)
                    yield ask._replace(appends=address.is_well_alone)

    def headers(self) -> Iterator[Ask]:
        for address in addresses():
            for row, lines in table.HEADERS.items():
                yield self._ask(f"header: {row}", address, "GET", address.filled(), lines)

    def cookies(self) -> Iterator[Ask]:
        for address in addresses():
            for row, value in table.COOKIES.items():
                for name in table.COOKIE_NAMES:
                    line = b"Cookie: " + name + b"=" + value
                    yield self._ask(f"cookie: {row}", address, "GET", address.filled(), line, who=Person())

    def bodies(self) -> Iterator[Ask]:
        for address in addresses():
            for row, (kind, body) in bodies.FORMS.items():
                for who in (self.people.nobody, self.people.jane):
                    ask = self._ask(
                        f"body: {row}", address, "POST", address.filled(), who=who, kind=kind, body=body
                    )
                    yield ask._replace(appends=address.is_well_alone)

    def fields(self) -> Iterator[Ask]:
        """Forms that are well but for one field."""
        for path, form in WELL.items():
            for name in form.keys() - {"password"}:
                for row, text in {**table.REFUSED, "too long": b"x" * 70_000}.items():
                    yield self._form(
                        f"{path} {name}: {row}", path, form | {name: text}, refused="preview" not in path
                    )
        for path, name in HIDDEN:
            for row, text in TEXTS.items():
                odd: dict[str, Any] = {**WELL[path], "username": "", "title": "", name: text}
                yield self._form(f"{path} {name}: {row}", path, odd, refused=True)

    def ways_on(self) -> Iterator[Ask]:
        """What is well, with an odd way to go on, or odd headers beside it."""
        for path in AGAIN:
            for name in ("next", "place", "page"):
                for row, text in TEXTS.items():
                    for way in (text, b"/" + text):
                        yield self._form(f"{name}: {row}", path, {name: way}, appends=True)
            for row, lines in table.HEADERS.items():
                if "request id" not in row:  # which its commands are told by
                    program = path.replace("/article/", "/api/articles/").replace(
                        "/profile/", "/api/profiles/"
                    )
                    for at in (path, program):
                        address = Address(at, ())
                        yield self._ask(
                            f"header: {row}", address, "POST", at, lines, who=self.people.jane, appends=True
                        )

    def operations(self) -> Iterator[Ask]:
        """Everything that takes JSON, by the API's own description."""
        for path, methods in self.described["paths"].items():
            for method, operation in methods.items():
                if "requestBody" in operation:
                    content = operation["requestBody"]["content"]["application/json"]
                    yield from self._operation(method.upper(), path, content["example"])

    def _operation(self, method: str, template: str, example: dict[str, Any]) -> Iterator[Ask]:
        path = template.format(slug="janes" if method == "PUT" else "dragons", username="jake", number=1)
        [about] = example
        for who in (self.people.nobody, self.people.jane):
            for kind in bodies.KINDS:
                yield self._json(f"type: {kind!r}", method, path, json.dumps(example).encode(), who, kind)
            for name in example[about]:
                for row, said in bodies.JSON.items():
                    body = said.replace(b"%s", about.encode(), 1).replace(b"%s", name.encode())
                    yield self._json(f"JSON: {row}", method, path, body, who)
                for value in bodies.VALUES:
                    if not _may_be(name, value):
                        form = {about: example[about] | {name: "@"}}
                        body = json.dumps(form).encode().replace(b'"@"', value)
                        yield self._json(f"JSON: {value!r}", method, path, body, who)

    def openings(self) -> Iterator[Ask]:
        for row, line in table.OPENINGS.items():
            for rest in (b"\r\n\r\n", b"\r\nX-Request-Id: x\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\nabc"):
                sent = line + b"\r\nHost: localhost" + rest
                yield Ask(f"opening: {row}", f"opening: {row}", "", "", sent)

    def frames(self) -> Iterator[Ask]:
        for address in addresses():
            for row, (lines, rest) in bodies.FRAMES.items():
                ask = self._ask(
                    f"frame: {row}", address, "POST", address.filled(), lines, refused=not address.is_probe
                )
                yield ask._replace(sent=ask.sent + rest)

    def streams(self) -> Iterator[Ask]:
        """The feed, asked for as it happens."""
        address, accept = Address("/api/events", ()), b"Accept: text/event-stream"
        for row, text in TEXTS.items():
            for name in ("after", "types", "limit"):
                path = f"{address.path}?{name}={quote_from_bytes(text, '&=')}"
                yield self._ask(f"stream: {row}", address, "GET", path, accept, refused=row in table.REFUSED)
            yield self._ask(
                f"stream from: {row}",
                address,
                "GET",
                address.path,
                accept + b"\r\nLast-Event-ID: " + _one_line(text),
            )

    def sockets(self) -> Iterator[Ask]:
        """Of pages that are not open: with tickets of nobody, and handshakes that are odd beside a good ticket."""
        live = Address("/live", ())
        for row, text in TEXTS.items():
            for query in (
                f"page={quote_from_bytes(text, '')}&after=1",
                f"page={self.people.ticket}&after={quote_from_bytes(text, '')}x",
            ):
                yield self._ask(f"socket: {row}", live, "GET", f"/live?{query}", _handshake(), refused=True)
        for name in table.HANDSHAKE:
            for row, value in table.ODD_LINES.items():
                lines = _handshake({name: value})
                yield self._ask(
                    f"{name.decode()}: {row}", live, "GET", f"/live?page={self.people.ticket}&after=1", lines
                )
        for row, lines in table.HEADERS.items():
            path = f"/live?page={self.people.ticket}&after=1"
            yield self._ask(f"socket: {row}", live, "GET", path, lines + b"\r\n" + _handshake())


def _handshake(odd: dict[bytes, bytes] | None = None) -> bytes:
    return b"\r\n".join(name + b": " + value for name, value in {**table.HANDSHAKE, **(odd or {})}.items())


def _one_line(text: bytes) -> bytes:
    return text.translate(None, b"\r\n")


def _may_be(name: str, value: bytes) -> bool:
    """Whether a field takes what others do not."""
    return (name == "tagList" and value in {b"[]", b'["x"]'}) or (name == "password" and b'"' in value)


def _next(seen: "Counter[tuple[str, bool]]", ask: Ask) -> int:
    """Which one of its row it is."""
    is_admin_s = ask.door == "admin"
    seen[ask.row, is_admin_s] += 3 if is_admin_s else 1
    return seen[ask.row, is_admin_s]
