"""Whoever looks for canaries finds them in every disguise, and nothing else."""

import hashlib
import html
import json
import zlib
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

from tests.secrets.canaries import HALF, Made, canary, derived, found

SECRET = canary("a secret", 'é"<&')
HALVES = [half.encode() for half in (SECRET[:HALF], SECRET[-HALF:])]
MADE = "u3Z0TqgQ1yqXy1zUdXU2iXh0s2vVd7e0X7ZlYvJ1p9s"
DISGUISES = {
    "plain": lambda it: it,
    "hex": lambda it: it.hex().encode(),
    "upper hex": lambda it: it.hex().upper().encode(),
    "base64": b64encode,
    "base64 after one": lambda it: b64encode(b"x" + it + b"yz"),
    "base64 after two": lambda it: b64encode(b"xx" + it + b"yz"),
    "URL-safe base64": urlsafe_b64encode,
    "JSON": lambda it: json.dumps(it.decode()).encode(),
    "repr": lambda it: repr(it).encode(),
    "HTML": lambda it: html.escape(it.decode()).encode(),
    "address": lambda it: quote(it.decode()).encode(),
    "signed and packed": lambda it: (
        b"." + urlsafe_b64encode(zlib.compress(b'{"a": "' + it + b'"}')).rstrip(b"=") + b":x"
    ),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_secret_is_found_and_so_is_either_half_of_it(disguise):
    wear = DISGUISES[disguise]
    made = Made()
    made.add("token", MADE)
    assert all(found(b"before " + wear(part) + b" after") for part in (SECRET.encode(), *HALVES))
    assert all(
        made.found(b"before " + wear(part) + b" after") for part in (MADE.encode(), MADE[-HALF:].encode())
    )


@pytest.mark.parametrize(
    "wear", [lambda it: "".join(f"%{ord(one):02X}" for one in it).encode(), lambda it: it.encode("utf-16")]
)
def test_so_it_is_where_every_character_is_spelled(wear):
    assert found(wear(SECRET))


def test_it_is_named():
    assert found(SECRET.encode()) == {"a secret"}


def test_nothing_else_is_found():
    made = Made()
    made.add("token", MADE)
    innocent = b"zqx7 is a mark, " + hashlib.sha256(SECRET.encode()).digest() + b64encode(bytes(range(256)))
    assert found(innocent) == made.found(innocent) == set()


def test_what_anybody_can_make_of_it_is_known():
    assert hashlib.sha256(SECRET.encode()).hexdigest().encode() in derived(SECRET)
