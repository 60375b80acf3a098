"""Secrets that are told by a mark, and how they are found again: as they are, and in whatever a leak would make of them.

A canary is two halves of twelve characters, each with the mark. So what was cut, escaped or encoded is found as well, and
named, wherever it is; nobody has to know beforehand which one to look for. A secret that the site has made itself has no
mark: it is looked for by its own halves.
"""

import hashlib
import re
import zlib
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterator

MARK = "zqx7"
HALF = 12
NAMES: dict[str, str] = {}
"""Which canary a half belongs to."""

PACKED = re.compile(rb"eJ[\w-]{8,}")
"""zlib in URL-safe base64: how Django packs what it signs."""


def canary(name: str, between: str = "") -> str:
    """A secret for one place, always the same. Between its halves may stand what has to be escaped."""
    said = hashlib.sha256(name.encode()).hexdigest()
    halves = [MARK + said[:8], MARK + said[8:16]]
    NAMES.update(dict.fromkeys(halves, name))
    return between.join(halves)


def _inner(skipped: int) -> bytes:
    """What the mark looks like in base64, where so many bytes of another group of three stand before it."""
    coded = b64encode(b"\0" * skipped + MARK.encode())
    first = -(-skipped * 8 // 6)
    return coded[first : (skipped + len(MARK)) * 8 // 6]


PLAIN = re.compile(rf"{MARK}[0-9a-f]{{8}}".encode(), re.IGNORECASE)
HEX = re.compile(MARK.encode().hex().encode() + rb"(?:[0-9a-f]{2}){8}", re.IGNORECASE)
PERCENT = re.compile("".join(f"%{ord(one):02x}" for one in MARK).encode(), re.IGNORECASE)
WIDE = MARK.encode("utf-16-le")
BASE64 = [_inner(skipped) for skipped in range(3)]


def found(blob: bytes) -> set[str]:
    """The canaries in it, by name."""
    return {name for text in (blob, *unpacked(blob)) for name in _found(text)}


def _found(blob: bytes) -> Iterator[str]:
    yield from (_name(match.lower()) for match in set(PLAIN.findall(blob)))
    yield from (_name(bytes.fromhex(match.decode())) + " in hex" for match in set(HEX.findall(blob)))
    if PERCENT.search(blob):
        yield "one, percent-encoded"
    if WIDE in blob:
        yield "one, in UTF-16"
    yield from (f"one in base64: {_around(blob, mark)}" for mark in BASE64 if mark in blob)


def _name(half: bytes) -> str:
    return NAMES.get(half.decode(errors="replace"), f"an unknown one, {half!r}")


def _around(blob: bytes, mark: bytes) -> str:
    at = blob.index(mark)
    return repr(blob[max(0, at - 20) : at + 30])


def unpacked(blob: bytes) -> Iterator[bytes]:
    """What was packed before it was signed: a signature hides nothing."""
    for packed in set(PACKED.findall(blob)):
        try:
            yield zlib.decompressobj().decompress(urlsafe_b64decode(packed + b"=" * (-len(packed) % 4)))
        except (ValueError, zlib.error):
            continue


class Made:
    """Secrets that the site has made: session keys, tokens, links, tickets."""

    def __init__(self) -> None:
        self._needles: dict[bytes, str] = {}

    def add(self, name: str, secret: str) -> None:
        for half in {secret[:HALF], secret[-HALF:]}:
            assert len(half) == HALF, f"{name} is too short to be a secret"
            for coded in spellings(half.encode()):
                self._needles[coded] = name

    def found(self, blob: bytes) -> set[str]:
        blobs = [blob, *unpacked(blob)]
        return {name for needle, name in self._needles.items() if any(needle in each for each in blobs)}


def spellings(secret: bytes) -> set[bytes]:
    """As it is, in hex, and in base64 wherever its first byte falls."""
    coded = {
        b64encode(b"\0" * skipped + secret)[4 if skipped else 0 :].rstrip(b"=")[:-1] for skipped in range(3)
    }
    return {secret, secret.hex().encode(), secret.hex().upper().encode(), *coded}


HASHES: list[Callable[[bytes], bytes]] = [
    lambda secret: hashlib.md5(secret).digest(),
    lambda secret: hashlib.sha1(secret).digest(),
    lambda secret: hashlib.sha256(secret).digest(),
    lambda secret: hashlib.blake2b(secret, digest_size=16).digest(),
    lambda secret: hashlib.blake2b(secret, digest_size=32).digest(),
]


def derived(secret: str) -> list[bytes]:
    """What a secret becomes by a hash without a key and without salt, which whoever guesses can make as well."""
    made = [hash_of(secret.encode()) for hash_of in HASHES]
    return [coded for digest in made for coded in (digest, digest.hex().encode())]
