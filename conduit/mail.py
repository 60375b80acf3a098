"""How mails are sent, by one address: `EMAIL_URL`.

`smtp://user:password@host:587?tls=1` (STARTTLS), `smtps://…` (TLS from the start), `console:` (mails are printed),
`file:///folder`. A site for this machine alone prints its mails; any other sends none unless it is told how.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from conduit.environment import MEANT_AS_NO, MEANT_AS_YES

BACKENDS = {scheme: f"django.core.mail.backends.{name}.EmailBackend" for scheme, name in {
    "smtp": "smtp", "smtps": "smtp", "console": "console", "file": "filebased", "none": "dummy",
}.items()}  # fmt: skip
PORTS = {"smtp": 25, "smtps": 465}
LOOKS_LIKE = "it looks like smtp://user:password@host:587?tls=1"


class Mail(NamedTuple):
    """What Django's settings of mail are to say."""

    backend: str
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    folder: str | None = None


def from_environment(*, at_home: bool, environ: Mapping[str, str] = os.environ) -> Mail:
    """As `EMAIL_URL` says; without it, printed if the site is for this machine alone, else not sent at all."""
    return from_url(environ.get("EMAIL_URL", "").strip() or ("console:" if at_home else "none:"))


def from_url(url: str) -> Mail:
    """Raises `ImproperlyConfigured`, without the password, for what can't be meant."""
    try:
        parts = urlsplit(url)
        backend, port = BACKENDS[parts.scheme], parts.port
        options = {
            name: values[-1]
            for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
        }
    except (KeyError, ValueError):
        raise ImproperlyConfigured(f"EMAIL_URL makes no sense: {LOOKS_LIKE}") from None
    if parts.scheme == "file":
        return Mail(backend, folder=unquote(parts.path))
    if parts.scheme not in PORTS:
        return Mail(backend)
    wanted = options.pop("tls", "0").lower()
    if not parts.hostname or options or wanted not in MEANT_AS_YES | MEANT_AS_NO:
        raise ImproperlyConfigured(f"EMAIL_URL makes no sense: {LOOKS_LIKE}")
    return Mail(
        backend,
        parts.hostname,
        port or PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        starttls=parts.scheme == "smtp" and wanted in MEANT_AS_YES,
        tls=parts.scheme == "smtps",
    )
