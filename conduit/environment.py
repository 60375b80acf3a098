"""What the environment may say about this installation; a value that cannot be meant is refused at once."""

import os
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
MEANT_AS_YES, MEANT_AS_NO = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def flag(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    value = environ.get(name, "").strip().lower()
    if value not in MEANT_AS_YES | MEANT_AS_NO:
        raise ImproperlyConfigured(f"{name} is 1 or 0, not {value!r}.")
    return value in MEANT_AS_YES


def one_of(name: str, allowed: Collection[str], default: str, environ: Mapping[str, str] = os.environ) -> str:
    value = environ.get(name, "").strip().upper() or default
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(allowed)}, not {value!r}.")
    return value


def number(name: str, default: int, environ: Mapping[str, str] = os.environ) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name} is a whole number, not {value!r}.")
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
