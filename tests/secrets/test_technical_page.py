"""What DEBUG shows about a bug, and what lines of the log quote of addresses."""

import json
import logging
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.test import RequestFactory, override_settings
from django.views.debug import ExceptionReporter, get_exception_reporter_class

from conduit.discretion import discreet
from conduit.json_log import JsonLines, PlainLines
from conduit.technical import STARS, Report
from tests.eventstore.tools import ROOT
from tests.secrets.canaries import canary, found

PASSWORDS = {
    "plain": canary("plain"),
    "with everything": canary("with everything", "é\"<&'\\ %\u2028"),
    "with blanks": canary("with blanks", " a very long pass phrase of many words " * 4),
    "with lines": canary("with lines", "\r\n\t"),
}
TITLE = "How to train your dragon"


def report(request, value, cls=Report):
    """Both forms of the page about a bug in the midst of work with this value."""
    try:
        fail(value)
    except ZeroDivisionError:
        about = cls(request, *sys.exc_info())
        return about.get_traceback_html() + about.get_traceback_text()


def fail(value):
    inside = {"deep": [value, value.encode(), SimpleNamespace(value=value)], "wide": ["x" * 30, value] * 3}
    assert inside
    raise ZeroDivisionError(f"no division of {value}")


def requests(password):
    """Requests with a secret in each place where one may come."""
    make = RequestFactory()
    yield "field", make.post("/login", {"password": password})
    yield "misspelt", make.post("/login", {"passwrod": password, "title": TITLE})
    yield "JSON", make.post("/api/users", json.dumps({"user": {"password": [password]}}), "application/json")
    yield "query", make.get("/password-reset/link", {"user": "x", "token": password})
    yield "header", make.get("/", headers={"X-Odd": password})
    if password.isalnum():
        yield "user information", make.get("/", headers={"Host": f"jake:{password}@localhost"})
    if password.isascii() and password.isprintable():
        yield "authorization", make.get("/", headers={"Authorization": f"Token {password}"})
        yield "cookie", make.get("/", headers={"Cookie": f'sessionid="{password}"'})


@override_settings(DEBUG=True)
def test_it_shows_no_secret_however_it_came_and_is_spelled():
    leaks = {
        (kind, place): names
        for kind, password in PASSWORDS.items()
        for place, request in requests(password)
        if (names := found(report(request, password).encode()))
    }
    assert leaks == {}


@override_settings(DEBUG=True)
def test_it_still_helps():
    request = RequestFactory().post("/editor", {"title": TITLE, "password": PASSWORDS["plain"]})
    said = report(request, f"{TITLE}, {PASSWORDS['plain']}")
    assert TITLE in said
    assert STARS in said
    assert "no division of" in said
    assert "inside" in said


@override_settings(DEBUG=True)
def test_django_s_own_would_show_them():
    """Or nothing here is tested."""
    request = RequestFactory().post("/login", {"password": PASSWORDS["plain"]})
    assert found(report(request, PASSWORDS["plain"], ExceptionReporter).encode())


def test_it_is_the_one_that_is_used():
    assert get_exception_reporter_class(RequestFactory().get("/")) is Report


@override_settings(
    DEBUG=True,
    SECRET_KEY=canary("a key") * 2,
    SECRET_KEY_FALLBACKS=[canary("another key")],
    METRICS_TOKEN=canary("metrics"),
    EMAIL_HOST_PASSWORD=canary("mail"),
)
def test_the_site_s_own_secrets_are_in_no_variable_of_it(settings):
    secrets = (
        settings.SECRET_KEY,
        settings.SECRET_KEY_FALLBACKS[0],
        settings.METRICS_TOKEN,
        settings.EMAIL_HOST_PASSWORD,
    )
    for secret in secrets:
        assert found(report(RequestFactory().get("/"), secret).encode()) == set()


def test_no_setting_has_a_secret_by_a_name_that_django_does_not_know():
    """Its page about settings leaves out what is called a key, a token, a password or the like."""
    code = (
        "import django; django.setup()\n"
        "from django.views.debug import SafeExceptionReporterFilter as Filter\n"
        "print(Filter().get_safe_settings())"
    )
    variables = {
        "DJANGO_SETTINGS_MODULE": "conduit.settings",
        "SECRET_KEY": canary("SECRET_KEY") * 2,
        "SECRET_KEY_FALLBACKS": canary("FALLBACK") * 2,
        "METRICS_TOKEN": canary("METRICS_TOKEN"),
        "EMAIL_URL": f"smtp://postman:{canary('EMAIL_URL')}@localhost:1",
        "DATABASE_URL": f"postgres://conduit:{canary('DATABASE_URL')}@localhost:1/conduit",
        "DATABASE_OWNER_URL": f"postgres://owner:{canary('DATABASE_OWNER_URL')}@localhost:1/conduit",
    }
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, check=True, timeout=60
    )
    assert b"postman" in run.stdout
    assert found(run.stdout + run.stderr) == set()


# Lines of the log


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("at postgres://jake:{0}@host/x", "at postgres://…@host/x"),
        ("Invalid HTTP_HOST header: 'jake:{0}@localhost'.", "Invalid HTTP_HOST header: '…@localhost'."),
        (
            "Referer checking failed - https://a.example/x?token={0} does",
            "Referer checking failed - https://a.example/x?… does",
        ),
        ("GET /password-reset/link?user=1&token={0} HTTP/1.1", "GET /password-reset/link?… HTTP/1.1"),
        ("smtp://a:{0}%40@host and jake@conduit.example", "smtp://…@host and jake@conduit.example"),
        ("Not Found: /article/what?", "Not Found: /article/what?"),
        ("jake@conduit.example at 12:30", "jake@conduit.example at 12:30"),
    ],
)
def test_addresses_are_quoted_without_what_is_for_few(said, written):
    text = said.format(PASSWORDS["plain"])
    assert discreet(text) == written
    for formatter in (PlainLines("{message}", style="{"), JsonLines()):
        record = logging.LogRecord("x", logging.WARNING, __file__, 1, "%s", (text,), None)
        assert found(formatter.format(record).encode()) == set()


@override_settings(ALLOWED_ORIGINS=["https://testserver"])
def test_where_a_forged_form_came_from_is_written_without_its_query(client, caplog, database):
    client.handler.enforce_csrf_checks = True
    referer = f"https://elsewhere.example/password-reset/link?token={PASSWORDS['plain']}"
    client.cookies["csrftoken"] = "a" * 32
    assert (
        client.post(
            "/login", {"csrfmiddlewaretoken": "a" * 32}, secure=True, headers={"Referer": referer}
        ).status_code
        == 403
    )
    [record] = [record for record in caplog.records if "Referer" in record.getMessage()]
    assert found(record.getMessage().encode())
    assert found(JsonLines().format(record).encode()) == set()
