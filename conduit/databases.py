"""Which database Conduit works on: a real server by DATABASE_URL, or else the embedded one.

Every wait has an end. What a session sets survives in the pool: use SET LOCAL.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from conduit import embedded

SESSION = {
    "default_transaction_isolation": r"read\ committed",  # the log's readers and writers rely on it
    "plan_cache_mode": "force_generic_plan",  # planning an append anew took three times as long as the append
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}
MIGRATION_SESSION = (
    SESSION
    | {
        "statement_timeout": "0",  # an index may take its time, a lock may not
        "search_path": "public",  # who serves may make schemas, and must not put anything before the owner's tables
    }
)
POOL = {
    "min_size": 1,
    # eight requests, four that hash, two probes, the worker, its pulse, a rebuild, the feed, the live pages
    "max_size": 20,
    "timeout": 5,  # seconds until a request without a connection is a 503
    "max_waiting": 200,
    "reconnect_timeout": 4,  # an attempt that goes on longer would back off further, and find a restart late
}
NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def from_environment(
    home: Path, *, durable: bool = True, environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """The default database. One that is not durable is for tests only."""
    url = environ.get("DATABASE_URL")
    if not url and environ.get("DATABASE_OWNER_URL"):
        raise ImproperlyConfigured("DATABASE_OWNER_URL needs DATABASE_URL; the embedded server has one role.")
    place = from_url("DATABASE_URL", url) if url else embedded.database(home, "conduit", durable=durable)
    place["OPTIONS"] = {**place.get("OPTIONS", {}), **_options(SESSION), "pool": POOL}
    return place | {"CONN_MAX_AGE": 0, "MIGRATION": _migration(environ)}


def from_url(variable: str, url: str) -> dict[str, Any]:
    """The parts of a URL as libpq understands it, its query string as options. Errors never quote the URL."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ImproperlyConfigured(f"{variable} is no URL like postgres://user:password@host/name.") from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured(f"{variable} names no database.")
    place = {NAMES[name]: str(value) for name, value in parts.items() if name in NAMES}
    options = {name: value for name, value in parts.items() if name not in NAMES}
    return {"ENGINE": "conduit.backend", **place, "OPTIONS": options}


def takes_nobody(error: BaseException) -> bool:
    """Whether the server has no connection left. It says so before there is one to say it by its number."""
    said = str(error)
    return any(words in said for words in ("too many clients", "too many connections", "connection slots"))


def _migration(environ: Mapping[str, str]) -> dict[str, Any]:
    """How `migrate` differs from everyone else: as the owner of the tables, if that is another role."""
    owner = environ.get("DATABASE_OWNER_URL")
    place = from_url("DATABASE_OWNER_URL", owner) if owner else {"OPTIONS": {}}
    return {**place, "OPTIONS": {**place["OPTIONS"], **_options(MIGRATION_SESSION)}}


def _options(session: Mapping[str, str]) -> dict[str, Any]:
    return {
        "application_name": "conduit",
        "connect_timeout": 5,
        "tcp_user_timeout": 30_000,  # milliseconds after which a server that vanished counts as gone
        "prepare_threshold": 5,  # for the engine's cursors; the ORM's bind in the client and never prepare
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
    }
