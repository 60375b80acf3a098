"""What the environment may say about this installation; a value that cannot be meant is refused at once."""

import os
import secrets
from collections.abc import Collection, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
UNIX = "unix"
HOME = "http://localhost:8000"
MEANT_AS_YES, MEANT_AS_NO = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def flag(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    value = environ.get(name, "").strip().lower()
    if value not in MEANT_AS_YES | MEANT_AS_NO:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in MEANT_AS_YES


def one_of(name: str, allowed: Collection[str], default: str, environ: Mapping[str, str] = os.environ) -> str:
    value = environ.get(name, "").strip().upper() or default
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def number(name: str, default: int, environ: Mapping[str, str] = os.environ) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str, default: list[str], environ: Mapping[str, str] = os.environ) -> list[str]:
    return [word.strip() for word in environ.get(name, "").split(",") if word.strip()] or default


def origins(name: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Scheme, host and port, as a browser spells them: https://conduit.example."""
    found = words(name, [], environ)
    for origin in found:
        parts = urlsplit(origin)
        if (
            parts.scheme not in {"http", "https"}
            or origin != f"{parts.scheme}://{parts.netloc}"
            or not parts.netloc
        ):
            raise ImproperlyConfigured(
                f"{name} has {origin!r}; an origin looks like https://conduit.example."
            )
    return found


def site_address(
    allowed_origins: list[str], hosts: list[str], environ: Mapping[str, str] = os.environ
) -> str:
    """Where the site is found: as it is said, else its first origin, else the first of its names."""
    if said := origins("SITE_ADDRESS", environ) or allowed_origins:
        return said[0]
    name = hosts[0].lstrip(".")
    return HOME if name in {*LOCAL_HOSTS, "*"} else f"https://{name}"


def sender(name: str, address: str, environ: Mapping[str, str] = os.environ) -> str:
    """Whom mails come from."""
    return environ.get(name, "").strip() or f"Conduit <conduit@{urlsplit(address).hostname}>"


def proxies(name: str, environ: Mapping[str, str] = os.environ) -> list[Any]:
    """Networks whose word is taken for where a request comes from; "unix" for a socket of the file system."""
    try:
        return [word if word == UNIX else ip_network(word) for word in words(name, [], environ)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}. It has addresses such as 10.0.0.7, networks such as 10.0.0.0/8, or {UNIX}."
        ) from None


def secret_key(file: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The given key, or one of this installation's own: random, made once, readable by its owner alone."""
    if given := environ.get("SECRET_KEY"):
        return given
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _create_whole(file, secrets.token_urlsafe(64))
    return file.read_text()


def _create_whole(file: Path, text: str) -> None:
    """Two processes may start at once: both end up with the key of the one that came first."""
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
    try:
        os.link(unfinished, file)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
