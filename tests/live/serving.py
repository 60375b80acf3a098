"""The site as deploy/ has it: its units' own commands, as processes, and its own nginx.conf in front of them.

Only places, ports and the name are put in. Whatever of these nginx.conf does not have any more fails the test.
"""

import os
import re
import shutil
import ssl
import subprocess
import sys
from contextlib import closing, contextmanager
from functools import cache
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil
import pytest

from tests.eventstore.tools import ROOT, environ
from tests.live.processes import DEPLOY, Server, command_of, running
from tests.live.wire import free_port

SETTINGS = "tests.browser.site_settings"
SBIN = "/usr/sbin"
METRICS_TOKEN = "for whoever watches"
NO_NGINX = "The site is to be tested behind nginx, which .ci/nginx installs."
PAGES, LIVE = (8101, 8102), (8201, 8202)
USUAL = PAGES + LIVE
"""The ports that nginx.conf and the README name."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


class Site(NamedTuple):
    """Where people find it, and the processes behind that address."""

    origin: str
    pages: list[Server]
    live: list[Server]
    plain: int = 0
    """nginx's port without TLS."""
    log: Path | None = None

    @property
    def host(self):
        return urlsplit(self.origin).netloc

    @property
    def port(self):
        return urlsplit(self.origin).port

    @property
    def behind(self):
        """What nginx says to the processes."""
        return {"Host": self.host, "X-Forwarded-Proto": urlsplit(self.origin).scheme}

    def line(self):
        """A connection to the address that everybody has."""
        if self.origin.startswith("http:"):
            return closing(HTTPConnection("localhost", self.port, timeout=30))
        return closing(HTTPSConnection("localhost", self.port, timeout=30, context=unproved()))

    def ask(self, path, method="GET", body=None, **headers):
        return answer(self.line(), method, path, body, headers)

    def ask_plain(self, path):
        return answer(closing(HTTPConnection("localhost", self.plain, timeout=30)), "GET", path, None, {})

    def ask_one(self, server, path, method="GET", body=None, **headers):
        """One of the processes, as nginx would."""
        line = closing(HTTPConnection("127.0.0.1", server.port, timeout=30))
        return answer(line, method, path, body, self.behind | headers)

    def sockets(self):
        """What nginx has open to the processes that tell pages."""
        ports = {server.port for server in self.live}
        return [
            end
            for end in psutil.net_connections("tcp")
            if end.status == "ESTABLISHED" and end.laddr.port in ports
        ]

    def visits(self):
        """What nginx has noted."""
        return self.log.read_text().splitlines()


def answer(opened, method, path, body, headers):
    with opened as line:
        line.request(method, path, body, headers)
        response = line.getresponse()
        said = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, said, response.read().decode(errors="replace"))


@cache
def unproved():
    """The certificate is our own: nobody vouches for it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def collect_static(folder):
    """As the README says; where it was put."""
    static = folder / "var" / "static"
    variables = {"STATIC_ROOT": str(static), "DJANGO_SETTINGS_MODULE": SETTINGS, "DEBUG": "0"}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput"]
    subprocess.run(command, cwd=ROOT, env=environ() | variables, check=True, capture_output=True, timeout=60)
    return static


@contextmanager
def one_process(folder, static):
    """Pages and sockets from one Daphne process, without a proxy."""
    port = free_port()
    said = variables(static, f"http://localhost:{port}")
    server = Server(command_of("conduit-live@.service", port), port, folder / "one.log", **said)
    with running(server):
        yield Site(f"http://localhost:{port}", [server], [server])


@contextmanager
def behind_nginx(folder, static):
    """Two processes for pages, two for sockets, one address."""
    port, plain = free_port(), free_port()
    said = variables(static, f"https://localhost:{port}") | {"TRUSTED_PROXIES": "127.0.0.1"}
    pages = [_server("conduit-pages@.service", folder, said) for _ in PAGES]
    live = [_server("conduit-live@.service", folder, said) for _ in LIVE]
    with running(*pages, *live), running(_nginx(folder, static, port, plain, pages, live)):
        yield Site(f"https://localhost:{port}", pages, live, plain, folder / "access.log")


def variables(static, origin):
    ours = {"ALLOWED_HOSTS": "localhost", "ALLOWED_ORIGINS": origin, "METRICS_TOKEN": METRICS_TOKEN}
    return {"STATIC_ROOT": str(static), "DJANGO_SETTINGS_MODULE": SETTINGS, **ours}


def _server(unit, folder, said):
    port = free_port()
    return Server(command_of(unit, port), port, folder / f"{port}.log", **said)


def _nginx(folder, static, port, plain, pages, live):
    ports = [server.port for server in (*pages, *live)]
    command = nginx_command(folder, configured(folder, static, port, plain, ports))
    return Server([*command, "-g", "daemon off;"], port, folder / "nginx.log")


def nginx_command(folder, config):
    """nginx, on this configuration."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:{SBIN}") or pytest.fail(NO_NGINX)
    certify(folder)
    file = folder / "nginx.conf"
    file.write_text(config)
    return [program, "-e", str(folder / "error.log"), "-c", str(file)]


def certify(folder):
    """A certificate that nobody vouches for."""
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run(["openssl", "req", "-x509", *kind, *files], check=True, capture_output=True, timeout=60)


def configured(folder, static, port, plain, ports):
    """nginx.conf for here."""
    text = (DEPLOY / "nginx.conf").read_text()
    here = {
        "user www-data;": "user root;" if os.getuid() == 0 else "",
        "conduit.example": "localhost",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx/": f"{folder}/",
        "/etc/ssl/conduit/": f"{folder}/",
        "/srv/conduit/var": f"{static.parent}",
        "/srv/conduit/deploy": str(DEPLOY),
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "http {": f"http {{ {_scratch(folder)}",
        **{f"127.0.0.1:{usual} ": f"127.0.0.1:{ours} " for usual, ours in zip(USUAL, ports, strict=True)},
    }
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    for usual, ours in here.items():
        assert usual in text, usual
        text = text.replace(usual, ours)
    return text


def _scratch(folder):
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
