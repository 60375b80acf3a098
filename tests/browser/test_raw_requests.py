"""Requests that no browser makes, to the site as it is run: every one is answered, and none is a mistake of ours."""

import socket
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse

from tests.pages.reading import see

OPENINGS = [
    b"GET /tag/%00 HTTP/1.1",
    b"GET /tag/%ED%A0%80 HTTP/1.1",
    b"GET /article/%FF%FE HTTP/1.1",
    b"GET /\xff\xfe HTTP/1.1",
    b"GET /tag/\xe4\xbd\xa0 HTTP/1.1",
    b"GET /%E2%80%AE HTTP/1.1",
    b"GET /?page=%00 HTTP/1.1",
    b"GET /?page=\xff HTTP/1.1",
    b"GET /?%ED%A0%80=1 HTTP/1.1",
    b"GET /login?next=%0d%0aSet-Cookie:x=y HTTP/1.1",
    b"GET //evil.example/ HTTP/1.1",
    b"GET http://evil.example/ HTTP/1.1",
    b"GET /article/../../etc/passwd HTTP/1.1",
    b"GET /static/../conduit/settings.py HTTP/1.1",
    b"GET /static/%2e%2e/%2e%2e/manage.py HTTP/1.1",
    b"GET /static/%00 HTTP/1.1",
    b"GET /" + b"x" * 7000 + b" HTTP/1.1",
    b"BREW / HTTP/1.1",
    b"GET / HTTP/1.0",
]
HEADERS = [
    b"Cookie: sessionid=" + b'"' + rb"\000" * 10 + b'"',
    b"Cookie: sessionid=" + b'"' + rb"\355\240\200" * 5 + b'"',
    b"Cookie: sessionid=\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff",
    b"Cookie: \x01\x02",
    b"User-Agent: \x80\x9f",
    b"Referer: \x00",
    b"Accept-Language: " + b"x," * 3000,
    b"Content-Type: text/html; charset=rot13",
    b"Content-Type: text/html; charset=idna",
    b"Content-Type: \xff",
    b"Content-Length: -1",
    b"X-Forwarded-For: '\x00",
    b"HX-Request: true\r\nHX-Current-URL: \xff",
    b"If-None-Match: \xff",
    b"Range: bytes=0-\xff",
]
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n%s\r\n--x--\r\n'
BODIES = [
    (b"multipart/form-data; boundary=x; charset=rot13", MULTIPART % b"a"),
    (b"multipart/form-data; boundary=x; charset=idna", MULTIPART % b"\xff"),
    (b"multipart/form-data; boundary=x; charset=utf-7", MULTIPART % b"+AAA-"),
    (b"multipart/form-data; boundary=\xff", MULTIPART % b"a"),
    (b"multipart/form-data", b"a"),
    (b"application/x-www-form-urlencoded; charset=utf-16", b"email=a"),
    (b"application/x-www-form-urlencoded", b"email=%ED%A0%80&password=%00"),
    (b"application/x-www-form-urlencoded", b"&".join(b"f%d=" % n for n in range(10_000))),
]


@pytest.fixture
def ask(site, database):
    """The answer to a request, byte for byte."""
    place = urlsplit(site)

    def ask(opening: bytes) -> bytes:
        sent = opening + b"\r\nHost: " + place.netloc.encode() + b"\r\nConnection: close\r\n\r\n"
        with socket.create_connection((place.hostname, place.port), timeout=10) as client:
            client.sendall(sent)
            return b"".join(iter(lambda: client.recv(65_536), b""))

    return ask


@pytest.fixture
def status(site, database):
    """The status of the answer to a request, sent byte for byte."""
    place = urlsplit(site)

    def status(opening: bytes, *headers: bytes, body: bytes = b"") -> int:
        lines = [opening, b"Host: " + place.netloc.encode(), b"Connection: close", *headers]
        with socket.create_connection((place.hostname, place.port), timeout=10) as client:
            client.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
            return int(client.recv(64).split()[1])

    return status


def test_odd_addresses_are_answered(status):
    answers = {opening: status(opening) for opening in OPENINGS}
    assert {opening: code for opening, code in answers.items() if code >= 500} == {}
    assert answers[OPENINGS[0]] == 400


def test_what_the_server_itself_refuses_has_words(ask):
    for opening, code in [
        (b"GET /a b HTTP/1.1", 400),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000, 431),
        (b"GET /?\xff HTTP/1.1", 400),
        (b"CONNECT evil.example:443 HTTP/1.1", 400),
        (b"GET / HTTP/1.1\r\nHost: evil.example", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 200000000", 413),
    ]:
        said = ask(opening)
        assert int(said.split()[1]) == code, opening[:40]
        assert see(HttpResponse(said.partition(b"\r\n\r\n")[2])).one("h1").text


def test_a_whole_address_is_an_address(ask):
    """As programs send it that take us for a proxy (RFC 9112, 3.2.2)."""
    place = b"http://localhost"
    assert ask(b"GET " + place + b"/login HTTP/1.1").startswith(b"HTTP/1.1 200")
    assert ask(b"GET " + place + b" HTTP/1.1").startswith(b"HTTP/1.1 200")
    assert ask(b"GET http://evil.example/login HTTP/1.1").startswith(b"HTTP/1.1 400")


def test_every_number_of_an_answer_has_its_name(ask):
    assert ask(b"GET /api/articles?limit=x HTTP/1.1").startswith(b"HTTP/1.1 422 Unprocessable ")


def test_the_head_of_a_stream_can_be_asked_for_alone(ask):
    said = ask(b"HEAD /api/events HTTP/1.1\r\nAccept: text/event-stream")
    assert said.startswith(b"HTTP/1.1 200")
    assert b"text/event-stream" in said
    assert ask(b"HEAD /api/events?after=x HTTP/1.1\r\nAccept: text/event-stream").startswith(b"HTTP/1.1 422")


def test_odd_headers_are_answered(status):
    answers = {header: status(b"GET / HTTP/1.1", header) for header in HEADERS}
    assert {header: code for header, code in answers.items() if code >= 500} == {}


def test_odd_bodies_are_answered(status):
    """With a token, without which nobody would read them."""
    token = b"x" * 32
    for kind, body in BODIES:
        headers = (
            b"Cookie: csrftoken=" + token,
            b"X-CSRFToken: " + token,
            b"Content-Type: " + kind,
            b"Content-Length: %d" % len(body),
        )
        assert status(b"POST /login HTTP/1.1", *headers, body=body) in {400, 413, 422}, kind


@pytest.mark.parametrize("kind", [b"multipart/form-data; boundary=x", b"multipart/form-data"])
def test_a_form_that_is_sent_to_the_api_is_told_what_is_taken_there(status, kind):
    body = b'{"user": {}}'
    headers = b"Content-Type: " + kind, b"Content-Length: %d" % len(body)
    assert status(b"POST /api/users/login HTTP/1.1", *headers, body=body) == 415


def test_an_answer_can_t_be_split(site, database):
    place = urlsplit(site)
    with socket.create_connection((place.hostname, place.port), timeout=10) as client:
        client.sendall(
            b"GET /login?next=/%0d%0aSet-Cookie:%20x=y HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        assert b"x=y" not in client.recv(65_536).partition(b"\r\n\r\n")[0]
