"""Identifiers: time-ordered for what people make, derived for what follows from a fact."""

import os
import time
from uuid import UUID, uuid5

POLICIES = UUID("6f0c5e4e-58a8-5b3c-9a53-9f3b5a1d7a10")
VERSION = 7


def uuid7() -> UUID:
    """A new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    bits = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return UUID(int=bits & ~(0xF << 76 | 0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def is_made(some: UUID) -> bool:
    """Whether it is one of those that are made, not derived: the two never meet."""
    return some.version == VERSION


def derived(*parts: object) -> UUID:
    """The same UUID for the same parts, always."""
    return uuid5(POLICIES, ":".join(map(str, parts)))
