"""Requests as they are sent: who asks, with what proof, and what has to come of it."""

import random
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from tests.corpus.addresses import Address
from tests.corpus.bodies import FORM

SEED = 7
ENDS = ("logout", "close", "password", "sessions", "programs", "revoke", "token")
"""In an address that may end who asks: asked for by nobody."""


class Person(NamedTuple):
    """Who asks: what proves it to pages and to the API."""

    session: str = ""
    token: str = ""


class People(NamedTuple):
    """And the ticket of a page that anybody may listen for."""

    nobody: Person
    jane: Person
    ada: Person
    ticket: str


class Ask(NamedTuple):
    """A request as it is sent. `refused`: the answer has to be 4xx. `appends`: what is malformed in it is none of what
    it asks for, which may be done."""

    row: str
    label: str
    path: str
    door: str
    sent: bytes
    refused: bool = False
    appends: bool = False

    @property
    def has_no_body(self) -> bool:
        """Whether its answer has none."""
        return self.sent.startswith(b"HEAD ")


class Sender:
    """Makes requests in the names of these people, by chance where it does not matter who asks."""

    def __init__(self, people: People) -> None:
        self.people, self.chance = people, random.Random(SEED)

    def _form(
        self, row: str, path: str, form: dict[str, Any], *, refused: bool = False, appends: bool = False
    ) -> Ask:
        who, body = (
            self.people.nobody if path in {"/register", "/login"} else self.people.jane,
            urlencode(form).encode(),
        )
        made = self._ask(row, Address(path, ()), "POST", path, who=who, kind=FORM, body=body)
        return made._replace(refused=refused, appends=appends)

    def _json(
        self, row: str, method: str, path: str, body: bytes, who: Person, kind: bytes = b"application/json"
    ) -> Ask:
        return self._ask(row, Address(path, ()), method, path, who=who, kind=kind, body=body, refused=True)

    def _ask(
        self,
        row: str,
        address: Address,
        method: str,
        path: str,
        lines: bytes = b"",
        *,
        who: Person | None = None,
        kind: bytes = b"",
        body: bytes | None = None,
        refused: bool = False,
        appends: bool = False,
    ) -> Ask:
        who = self._asker(address, method, path) if who is None or _ends(method, path) else who
        head = [
            f"{method} {path} HTTP/1.1".encode("latin1"),
            *([] if lines.startswith(b"Host:") else [b"Host: localhost"]),
            b"X-Request-Id: @ID@",
            *_proofs(who, address.door, cookie=b"Cookie:" not in lines),
            *([lines] if lines else []),
            *([b"Content-Type: " + kind] if kind else []),
            *([b"Content-Length: %d" % len(body)] if body is not None else []),
        ]
        sent = b"\r\n".join(head) + b"\r\n\r\n" + (body or b"")
        return Ask(row, f"{row}: {method} {path}", address.path, address.door, sent, refused, appends)

    def _asker(self, address: Address, method: str, path: str) -> Person:
        if _ends(method, path):
            return self.people.nobody
        if address.door == "admin":
            return self.people.ada if method == "GET" else self.people.jane
        return self.chance.choice((self.people.nobody, self.people.jane, self.people.jane))


def _ends(method: str, path: str) -> bool:
    return method not in {"GET", "HEAD"} and any(word in path for word in ENDS)


def _proofs(who: Person, door: str, *, cookie: bool) -> list[bytes]:
    if door == "api":
        return [b"Authorization: Token " + who.token.encode()] if who.token else []
    token = b"x" * 32
    session = b"; sessionid=" + who.session.encode() if who.session else b""
    return [b"X-CSRFToken: " + token, *([b"Cookie: csrftoken=" + token + session] if cookie else [])]


def number(nth: int) -> UUID:
    """The id of a request, which its commands have as correlation id."""
    return UUID(int=(0xC0 << 120) + nth)
