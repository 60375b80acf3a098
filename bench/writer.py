"""Somebody who comments over the API, in the process of those who hear it, and so by one clock."""

import json
import random
import re
import socket
from functools import cache
from http.client import HTTPConnection
from time import monotonic, time
from typing import Any, NamedTuple

from bench.pages import HOST, Page, Pages, target
from bench.texts import Texts
from eventstore.database import rows

RECORDED = b"""
SELECT position, extract(epoch FROM recorded_at)::float8 FROM eventstore_event WHERE position = ANY (%(wanted)s)
"""
ANSWERED = re.compile(rb"HTTP/1.1 201 .*\r\nConduit-Position: (\d+)\r\n.*\r\n\r\n", re.DOTALL)


class Author:
    """Signed up at a site, with an article."""

    def __init__(self, port: int) -> None:
        self._site, self._headers = HTTPConnection(HOST, port), {"Content-Type": "application/json"}
        name = f"author-{time():.6f}".replace(".", "-")
        told = {"username": name, "email": f"{name}@conduit.example", "password": "a long password"}
        self._headers["Authorization"] = f"Token {self._post('/api/users', user=told)['user']['token']}"
        words = {"title": name, "description": "Ever wonder how?", "body": "You have to believe."}
        self.slug = self._post("/api/articles", article=words)["article"]["slug"]
        self._comments, self._answer = f"/api/articles/{self.slug}/comments", b""
        self.answered, self.position = 0.0, 0
        self._site.close()
        self._site.connect()

    def _post(self, path: str, **told: Any) -> Any:
        self._site.request("POST", path, json.dumps(told), self._headers)
        return json.load(self._site.getresponse())

    @property
    def socket(self) -> socket.socket:
        return self._site.sock

    def comment(self, text: str) -> float:
        """Asks for it to be written, and does not wait for the answer; when that was."""
        said, asked = json.dumps({"comment": {"body": text}}).encode(), monotonic()
        self.position, self._answer = 0, b""
        head = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        head = (
            f"POST {self._comments} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(said)}\r\n{head}\r\n"
        )
        self.socket.sendall(head.encode() + said)
        return asked

    def read(self) -> None:
        self._answer += self.socket.recv(262_144)
        if found := ANSWERED.match(self._answer):
            self.answered, self.position = monotonic(), int(found[1])


class Fragment(NamedTuple):
    """A comment: when it was asked for, recorded, answered, and when it arrived at each page; and as it arrived."""

    asked: float
    recorded: float
    answered: float
    arrived: list[float]
    frame: bytes

    @property
    def latencies(self) -> list[float]:
        """From a moment before the commit, at which the fact was recorded."""
        return [at - self.recorded for at in self.arrived]


pages = Pages()


@cache
def author(port: int) -> Author:
    made = Author(port)
    pages.also(made.socket, made.read)
    return made


def article(port: int) -> str:
    """Where the page of the author's article listens."""
    return target(port, f"/article/{author(port).slug}")


def open_pages(port: int, target: str, number: int) -> int:
    return pages.open(port, target, number)


def open_deaf(port: int, target: str, number: int) -> int:
    """Pages that will never read what they are told."""
    return pages.open(port, target, number, deaf=True)


def close_pages() -> None:
    pages.close()


def idle(seconds: float) -> None:
    """Hears what there is to be heard, for so long."""
    pages.hear(lambda: False, until=monotonic() + seconds)


def comment_and_hear(port: int, number: int, size: int, pause_s: float) -> list[Fragment]:
    """One comment after the other, each when every page has heard the one before."""
    chance, text, found = random.Random(number), _text(size), []
    for _ in range(number):
        pages.hear(lambda: False, until=monotonic() + chance.uniform(0, pause_s))
        found.append(_one(author(port), text))
    return _recorded(found)


def hear(times: int) -> list[list[float]]:
    """When each of so many frames arrived at each page."""
    pages.arrived.clear()
    pages.hear(lambda: len(pages.arrived) >= times * len(pages.here))
    each: dict[Page, list[float]] = {}
    for arrival in pages.arrived:
        each.setdefault(arrival.page, []).append(arrival.at)
    return list(map(list, zip(*each.values(), strict=True)))


def _one(author: Author, text: str) -> tuple[int, float, float, list[float], bytes]:
    pages.arrived.clear()
    asked = author.comment(text)
    pages.hear(lambda: author.position > 0 and pages.have_heard(author.position))
    told = [arrival for arrival in pages.arrived if arrival.position >= author.position]
    return author.position, asked, author.answered, [arrival.at for arrival in told], told[0].frame


def _recorded(found: list[tuple[int, float, float, list[float], bytes]]) -> list[Fragment]:
    ahead = time() - monotonic()
    at = dict(rows(RECORDED, {"wanted": [position for position, *_ in found]}))
    return [
        Fragment(asked, at[position] - ahead, answered, arrived, frame)
        for position, asked, answered, arrived, frame in found
    ]


def _text(size: int) -> str:
    texts, said = Texts(), ""
    while len(said) < size:
        said += texts.sentence(20) + ". "
    return said[:size]
