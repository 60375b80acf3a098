"""Where a request comes from: the address of the connection, or what a proxy that we trust says of it.

Every hop appends to X-Forwarded-For whom it heard from, so it is read from its end: as long as trusted proxies speak, the
address before theirs is true. What a client wrote there itself stands further left, and is never reached.

Behind TLS without TRUSTED_PROXIES everybody has the proxy's address: then nobody's is known.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from conduit.environment import UNIX
from eventstore.addresses import parsed


def address(meta: Mapping[str, Any]) -> str:
    """The address of whoever sent a request, by its META; empty if it is not known."""
    return _known(str(meta.get("REMOTE_ADDR", "")), str(meta.get("HTTP_X_FORWARDED_FOR", "")))


def address_of(scope: Mapping[str, Any]) -> str:
    """The same for the scope of an ASGI connection."""
    forwarded = [value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return _known(str((scope.get("client") or [""])[0]), ",".join(forwarded))


def _known(remote: str, forwarded: str) -> str:
    if not settings.TRUSTED_PROXIES:
        return "" if settings.BEHIND_TLS else str(parsed(remote) or "")
    if not _is_trusted(remote):
        return str(parsed(remote) or "")
    client = ""
    for hop in reversed(forwarded.split(",")):
        client = str(parsed(hop) or "")
        if not client or not _is_trusted(client):
            break
    return client


def _is_trusted(hop: str) -> bool:
    """Whether what it says of the hop before it is believed. A socket of the file system has no address."""
    if not hop:
        return UNIX in settings.TRUSTED_PROXIES
    found = parsed(hop)
    return found is not None and any(found in each for each in settings.TRUSTED_PROXIES if each != UNIX)
