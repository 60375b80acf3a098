"""Requests that no browser makes, to the site as it is run: every one is answered, and none is a mistake of ours."""

import socket
from urllib.parse import urlsplit

import pytest

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
        assert status(b"POST /login HTTP/1.1", *headers, body=body) in {400, 422}, kind


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
