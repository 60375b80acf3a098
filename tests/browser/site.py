"""The site as it is run, in a process of its own, on whatever database has the name that it was started with."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]

MAILS = "mails"
"""The folder, beside the site's static files, in which its mails arrive."""

SITE = "site"
"""What its databases are told from others by."""

WELL_AGAIN_S = 10
"""What the site promises, once its database is back."""


@contextmanager
def swept(address: str, fresh_database: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """A fresh database for the site, which has noticed that it is there: its last one is gone, maybe for long."""
    with fresh_database(SITE) as name:
        _await(address)
        yield name


def _await(address: str) -> None:
    deadline = time.monotonic() + WELL_AGAIN_S
    while True:
        try:
            with urlopen(address):
                return
        except HTTPError as error:
            error.close()
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def serving(static: Path) -> Iterator[str]:
    """The address of a site on Django's present database."""
    with a_process(static) as (address, process):
        yield address
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def a_process(static: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The address of a site, and its process, which is killed if it is still there in the end."""
    port = _free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    log = static.with_name("server.log")
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=ROOT, env=_environ(static), stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        address = f"http://localhost:{port}"
        assert process.stdout
        assert any(address in line for line in process.stdout), log.read_text()
        try:
            yield address, process
        finally:
            process.kill()
            process.communicate(timeout=20)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _environ(static: Path) -> dict[str, str]:
    ours = {
        "DJANGO_SETTINGS_MODULE": "tests.browser.site_settings",
        "DATABASE_URL": _database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "STATIC_ROOT": str(static),
        "EMAIL_URL": f"file://{static.with_name(MAILS)}",
        "DEBUG": "0",
        "PYTHONUNBUFFERED": "1",
    }
    return {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"} | ours


def _database_url() -> str:
    place = connection.settings_dict
    who = quote(place["USER"]) + (f":{quote(place['PASSWORD'])}" if place["PASSWORD"] else "")
    return (
        f"postgres://{who}@/{quote(place['NAME'])}?host={quote(place['HOST'], safe='')}&port={place['PORT']}"
    )
