"""What the environment says is what the settings are, and what it leaves unsaid is the safe thing."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from conduit import databases, environment

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "conduit.example",
    "ALLOWED_ORIGINS": "https://conduit.example",
    "DATABASE_URL": "postgres://conduit:pa%40ss@db.example:5433/log?sslmode=require",
    "TRUSTED_PROXIES": "127.0.0.1",
    "EMAIL_URL": "smtp://mail.example:587",
}
WITHHELD = {
    *PRODUCTION,
    "DEBUG",
    "DATABASE_OWNER_URL",
    "DJANGO_SETTINGS_MODULE",
    "SITE_ADDRESS",
    "DEFAULT_FROM_EMAIL",
}
SHOWN = """
import json
from conduit import settings
names = ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "STORAGES"]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def python(*arguments, **environ):
    unsaid = {name: value for name, value in os.environ.items() if name not in WITHHELD}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=unsaid | environ, capture_output=True, text=True, check=False, timeout=60
    )


def settings(**environ):
    return json.loads(python("-c", SHOWN, **environ).stdout)


def test_unasked_there_is_no_debug_and_only_this_machine_is_served():
    unasked = settings()
    assert unasked["DEBUG"] is False
    assert unasked["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert unasked["STORAGES"]["staticfiles"]["BACKEND"] == "conduit.static.Storage"


@pytest.mark.parametrize("environ", [{}, {"DEBUG": "1", "ALLOWED_HOSTS": "conduit.example"}])
def test_plain_http_is_for_this_machine_and_for_debug(environ):
    assert settings(**environ)["SESSION_COOKIE_SECURE"] is False


@pytest.mark.parametrize("environ", [{"ALLOWED_HOSTS": "conduit.example"}, PRODUCTION])
def test_everyone_else_gets_secure_cookies_over_tls(environ):
    assert settings(**environ)["SESSION_COOKIE_SECURE"] is True
    assert settings(**environ)["SECURE_SSL_REDIRECT"] is True


def test_django_finds_nothing_to_warn_of_in_a_production_environment():
    checked = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (checked.returncode, "no issues" in checked.stdout) == (0, True), checked.stderr


def test_debug_is_a_yes_or_a_no():
    assert environment.flag("DEBUG", {"DEBUG": "True"})
    assert not environment.flag("DEBUG", {"DEBUG": "0"})
    with pytest.raises(ImproperlyConfigured, match="DEBUG must be 1 or 0"):
        environment.flag("DEBUG", {"DEBUG": "maybe"})


def test_a_number_is_whole():
    assert environment.number("PLACES", 200, {"PLACES": " 7 "}) == 7
    assert environment.number("PLACES", 200, {"PLACES": ""}) == 200
    for wrong in ("many", "-1", "1.5", "٣"):
        with pytest.raises(ImproperlyConfigured, match="PLACES must be a whole number"):
            environment.number("PLACES", 200, {"PLACES": wrong})


@pytest.mark.parametrize(
    "origin", ["conduit.example", "https://conduit.example/", "https://", "ws://conduit.example"]
)
def test_an_origin_is_scheme_and_host(origin):
    with pytest.raises(ImproperlyConfigured, match="an origin looks like"):
        environment.origins("ALLOWED_ORIGINS", {"ALLOWED_ORIGINS": origin})


def test_a_secret_key_is_made_once_and_for_its_owner_alone(tmp_path):
    file = tmp_path / "var" / "secret-key"
    made = environment.secret_key(file, {})
    assert len(made) > 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert environment.secret_key(file, {}) == made
    assert environment.secret_key(tmp_path / "other", {}) != made
    assert [path.name for path in file.parent.iterdir()] == ["secret-key"]


def test_a_key_that_is_given_is_taken(tmp_path):
    assert environment.secret_key(tmp_path / "secret-key", {"SECRET_KEY": "given"}) == "given"
    assert not (tmp_path / "secret-key").exists()


def test_a_database_url_selects_a_real_server(tmp_path):
    place = databases.from_environment(tmp_path, environ=PRODUCTION)
    assert place["ENGINE"] == "conduit.backend"
    named = [place[part] for part in ("NAME", "USER", "PASSWORD", "HOST", "PORT")]
    assert named == ["log", "conduit", "pa@ss", "db.example", "5433"]
    assert place["OPTIONS"]["sslmode"] == "require"


def test_without_one_it_is_the_embedded_server(tmp_path):
    assert databases.from_environment(tmp_path, environ={})["ENGINE"] == "conduit.embedded.backend"


@pytest.mark.parametrize("url", ["postgres://user:hunter2@[::1/name", "mysql://user:hunter2@host/name"])
def test_a_url_that_makes_no_sense_is_refused_without_quoting_its_password(url):
    with pytest.raises(ImproperlyConfigured) as refused:
        databases.from_url("DATABASE_URL", url)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_url_names_a_database():
    with pytest.raises(ImproperlyConfigured, match="names no database"):
        databases.from_url("DATABASE_URL", "postgres://host/")


def test_an_owner_without_a_server_is_a_mistake(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_OWNER_URL needs DATABASE_URL"):
        databases.from_environment(tmp_path, environ={"DATABASE_OWNER_URL": "postgres://owner@host/log"})
