"""Clients that send whatever they are told to, keep their cookies, and remember what they were answered."""

import json
import socket
from contextlib import suppress
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlencode

from tests.live.wire import handshake

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PATIENCE_S = 30


class Answer(NamedTuple):
    """What was answered, and the address that the browser was at: it may be led back there."""

    address: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def label(self):
        return f"{self.address[:60]} -> {self.status}"

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def whole(self):
        """Headers and all."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers).encode() + b"\n\n" + self.body

    def header(self, name):
        return ", ".join(value for each, value in self.headers if each.lower() == name.lower())


class Browser:
    """One visitor. Every answer is kept in `heard`, which visitors may share."""

    def __init__(self, port, heard=None):
        self.port, self.cookies, self.token = port, {}, ""
        self.heard = [] if heard is None else heard

    def ask(self, method, path, body=None, kind="", **headers):
        """A header's name has _ for -; `kind` is the body's type."""
        sent = {"Host": "localhost", **self.proof(), **({"Content-Type": kind} if kind else {})}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        line = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        body = body.encode() if isinstance(body, str) else body
        for name, value in sent.items():
            line.putheader(name, value)
        if body is not None:
            line.putheader("Content-Length", str(len(body)))
        line.endheaders(body)
        response = line.getresponse()
        address = f"{method} {path} {headers.get('HX_Current_URL', '')}"
        answer = Answer(address, response.status, response.getheaders(), response.read())
        line.close()
        self._remember(answer)
        self.heard.append(answer)
        return answer

    def proof(self):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookies} if cookies else {}

    def _remember(self, answer):
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                for each, morsel in SimpleCookie(value).items():
                    self.cookies[each] = morsel.value

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, fields, **headers):
        """A form, with the token that it needs."""
        if "csrftoken" not in self.cookies:
            self.get("/login")
        said = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}
        return self.ask("POST", path, urlencode(said), FORM, **headers)

    def call(self, method, path, said, **headers):
        """The API, with a token if there is one."""
        proof = {"Authorization": f"Token {self.token}"} if self.token else {}
        return self.ask(method, f"/api{path}", json.dumps(said), JSON, **proof | headers)


class Ear:
    """Hears what is said on a connection, byte for byte, until it is closed."""

    def __init__(self, port, request):
        self.heard = b""
        self._line = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self._line.sendall(request)
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        self._line.settimeout(None)
        with suppress(OSError):
            while part := self._line.recv(65536):
                self.heard += part

    def say(self, data):
        with suppress(OSError):
            self._line.sendall(data)

    def close(self):
        with suppress(OSError):  # the other side may have ended it
            self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_S)
        self._line.close()


def listening(browser, path):
    """On the socket of somebody's page."""
    query = asked_by(browser.get(path).text)
    return Ear(browser.port, handshake(browser.port, query, **browser.proof()))


def asked_by(page):
    """What a page asks its socket for."""
    return urlencode({"page": _between(page, 'data-live="', '"'), "after": _between(page, 'data-at="', '"')})


def reading(port, query="after=0", **headers):
    """The feed, from its beginning."""
    said = {"Host": f"localhost:{port}", "Accept": "text/event-stream", **headers}
    lines = (f"{name}: {value}\r\n" for name, value in said.items())
    return Ear(port, f"GET /api/events?{query} HTTP/1.1\r\n{''.join(lines)}\r\n".encode())


def _between(text, before, after):
    return text.partition(before)[2].partition(after)[0]
