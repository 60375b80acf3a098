"""Nothing is missing from the table: no address, no method, no operation of the API, no command, no kind of person."""

import json
from pathlib import Path

from django.contrib import admin
from django.core.management import get_commands
from django.test import Client
from django.urls import get_resolver, resolve

from conduit.probes import PROBES
from eventstore.live.pages import GUARDED
from eventstore.messages import COMMAND_TYPES
from tests.access.rules import ADMIN, API, KINDS
from tests.access.table import ALIKE, MODELS, TABLE
from tests.access.test_table import place, since

PACKAGES = {"accounts", "blog", "conduit", "eventstore"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

AT_THE_MACHINE = {
    "accounts.grant_staff": "createsuperuser",
    "accounts.grant_permissions": "grant_permissions",
    "accounts.revoke_staff": "grant_permissions",
    "accounts.change_password": "changepassword",
}
"""Whoever can run manage.py may do this: they could read and write the database as well."""

ELSEWHERE = {
    "accounts.close_account": "tests/pages/test_closing.py",
    "accounts.request_password_reset": "tests/pages/test_password_reset.py",
}
"""What takes more than a form to get to has its own tests."""

SHOW_ANYHOW = {"admin/", "admin/login/", "admin/(?P<app_label>eventstore|blog|accounts)/$"}

BY_A_POLICY = {"blog.create_author"}
BY_NOBODY = {"accounts.change_username", "accounts.change_email", "accounts.update_profile"}
"""Parts of what the settings form asks for at once; no door leads to them alone."""


def routes(patterns, before=""):
    for each in patterns:
        here = before + str(each.pattern).removeprefix("^")
        if hasattr(each, "url_patterns"):
            yield from routes(each.url_patterns, here)
        else:
            yield here


def at(world, row):
    return row.path.replace("{+", "{").format(**world.things, new="new")


def found(world, row):
    """The address that a row is about, as it is written in urls.py."""
    return resolve(at(world, row).partition("?")[0]).route


def test_every_address_has_its_rows(world):
    """But for the one that is about rooms: see test_live.py."""
    assert set(routes(get_resolver().url_patterns)) - {found(world, row) for row in TABLE} == {"live"}


def test_every_method_without_a_row_is_refused(world):
    """Even for a superuser. HEAD is a GET of which nobody sees the page, OPTIONS tells programs what there is, and
    pages of Django's own admin that only show something show it to a POST as well.
    """
    known = {}
    for row in reversed(TABLE):
        known.setdefault(found(world, row), (at(world, row), row.door, set()))[2].add(row.method)
    wrong = []
    for route, (path, door, methods) in known.items():
        if ALIKE.search(path):
            continue
        silent = {"HEAD"} if "GET" in methods else set()
        for method in sorted({*METHODS} - methods - silent):
            before, answer = place(), ask(world, method, path, door)
            facts, attempts = since(before)
            allowed = {204, 404} if (door, method) == (API, "OPTIONS") else {403, 404, 405}
            if route in SHOW_ANYHOW or route.endswith(("<path:object_id>/", "/history/")):
                allowed |= {200, 302}
            if answer.status_code not in allowed or facts or any("accepted" in key for key in attempts):
                wrong.append(f"{method} {route}: {answer.status_code}, {facts} facts, {dict(attempts)}")
    assert wrong == []


def ask(world, method, path, door):
    person = world.people["superuser"]
    if door == API:
        return Client().generic(method, path, headers={"Authorization": f"Token {person.token}"})
    return person.browser.generic(method, path)


def test_every_operation_of_the_api_has_its_row(world):
    described = json.loads(Client().get("/api/openapi.json").content)["paths"]
    operations = {
        (method.upper(), path.replace("{", "<").replace("}", ">").lstrip("/"))
        for path, item in described.items()
        for method in item
    }
    rows = {(row.method, found(world, row)) for row in TABLE if row.door == API}
    assert operations - rows == set()
    assert len(operations) > 15


def test_every_command_is_told_by_somebody():
    told = {row.tells for row in TABLE} | set(AT_THE_MACHINE) | set(ELSEWHERE) | BY_A_POLICY | BY_NOBODY
    ours = {
        kind.name
        for command, kind in COMMAND_TYPES.items()
        if command.__module__.partition(".")[0] in PACKAGES and kind.name != "eventstore.knock"
    }
    assert ours ^ (told - {""}) == set()
    assert [path for path in ELSEWHERE.values() if not Path(path).exists()] == []


def test_what_is_done_at_the_machine_is_done_by_manage_py():
    """By commands that there are; tests/accounts/test_people_from_the_command_line.py runs them."""
    assert set(AT_THE_MACHINE.values()) <= set(get_commands())


def test_every_table_of_the_admin_is_in_the_table():
    assert {f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry} == {
        *MODELS
    }


def test_every_row_is_about_every_kind_of_person():
    """But for a pair that are about different ones."""
    who = {}
    for row in TABLE:
        who.setdefault((row.method, row.path, row.tells if row.door == ADMIN else ""), set()).update(row.who)
    assert {what: set(KINDS) - kinds for what, kinds in who.items() if set(KINDS) - kinds} == {}


def test_doors_without_people_are_known():
    """Probes know nobody (tests/conduit/test_health.py, test_metrics.py); rooms are in test_live.py."""
    assert set(PROBES) == {"/healthz", "/readyz", "/metrics"}
    assert set(GUARDED) == {"log"}
