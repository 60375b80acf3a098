"""createsuperuser and changepassword: people, when the pages are no help. Both go through commands."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from eventstore import operating
from eventstore.catch_up import catch_up
from eventstore.models import Command, Event

ADA = ("--username", "ada", "--email", "ada@conduit.example", "--noinput")
CHANGE = "accounts.management.commands.changepassword.getpass"


@pytest.fixture
def given_password(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long password")


def types():
    return list(Event.objects.order_by("position").values_list("type", flat=True))


def sign_in(browser, password):
    return browser.post("/login", {"email": "ada@conduit.example", "password": password}).status_code


def test_a_superuser_is_registered_and_granted_by_commands(database, given_password, capsys):
    call_command("createsuperuser", *ADA)
    assert types() == ["accounts.user_registered", "blog.author_created", "accounts.staff_granted"]
    assert "ada is a superuser." in capsys.readouterr().out


def test_a_superuser_may_enter_the_admin(database, given_password):
    call_command("createsuperuser", *ADA)
    browser = Client()
    assert sign_in(browser, "a long password") == 302
    assert browser.get("/admin/").status_code == 200


def test_somebody_who_has_registered_is_made_a_superuser_without_a_password(cast):
    jake = cast.jake
    call_command("createsuperuser", "--username", jake.name, "--noinput")
    assert jake.browser.get("/admin/").status_code == 200


def test_what_is_missing_is_named_when_nothing_may_be_asked(database):
    with pytest.raises(CommandError, match="--username must be given") as refused:
        call_command("createsuperuser", "--noinput")
    assert refused.value.returncode == 2


def test_a_name_that_may_not_be_is_refused_in_words(database, given_password):
    with pytest.raises(CommandError, match="username is reserved"):
        call_command("createsuperuser", "--username", "settings", "--email", "a@b.example", "--noinput")
    assert types() == []


def test_a_new_password_replaces_the_old_one_and_is_nowhere_in_the_log(database, given_password, monkeypatch):
    call_command("createsuperuser", *ADA)
    monkeypatch.setattr(CHANGE, lambda prompt: "another password")
    call_command("changepassword", "ada")
    assert types()[-1] == "accounts.user_password_changed"
    assert sign_in(Client(), "a long password") == 422
    assert sign_in(Client(), "another password") == 302
    written = [*Event.objects.values_list("data"), *Command.objects.values_list("payload", "reason")]
    assert "another password" not in str(written)


def test_a_short_password_is_refused_in_words(cast, monkeypatch):
    name = cast.jake.name
    monkeypatch.setattr(CHANGE, lambda prompt: "short")
    with pytest.raises(CommandError, match="password is too short"):
        call_command("changepassword", name)


def test_nobody_gets_no_password(database):
    with pytest.raises(CommandError, match="nobody called ghost"):
        call_command("changepassword", "ghost")


def test_permissions_are_granted_by_name_and_let_into_the_admin(cast, capsys):
    jake = cast.jake
    call_command("grant_permissions", jake.name, "blog.view_article", "eventstore.see_metadata")
    assert (
        "jake may do this in the admin: blog.view_article, eventstore.see_metadata."
        in capsys.readouterr().out
    )
    pages = {"/admin/blog/article/": 200, "/admin/eventstore/event/": 200, "/admin/accounts/user/": 403}
    assert {path: jake.browser.get(path).status_code for path in pages} == pages


def test_permissions_that_are_taken_away_take_the_admin_with_them(cast, capsys):
    jake = cast.jake
    call_command("grant_permissions", jake.name, "blog.view_article")
    call_command("grant_permissions", jake.name, "--none")
    assert "jake may do this in the admin: nothing." in capsys.readouterr().out
    assert jake.browser.get("/admin/blog/article/").status_code == 302


@pytest.fixture
def behind(cast):
    """Jake may look into the log; what rights are read from is held back from now on."""
    assert cast.jake
    call_command("grant_permissions", "jake", "eventstore.see_metadata")
    operating.pause("accounts.users", "a test")


def late(*command):
    """What a command says that has recorded something which is not so yet."""
    with pytest.raises(CommandError) as said:
        call_command(*command)
    assert said.value.returncode == 4
    return str(said.value)


@pytest.mark.parametrize(
    ("command", "recorded"),
    [
        (("grant_permissions", "jake", "--none"), "accounts.staff_revoked"),
        (("grant_permissions", "jake", "blog.view_article"), "accounts.permissions_granted"),
        (("close_account", "jake", "--yes"), "accounts.account_closed"),
        (("createsuperuser", "--username", "jake", "--noinput"), "accounts.staff_granted"),
    ],
)
def test_rights_that_are_recorded_and_not_in_force_yet_are_said_to_be_so(behind, capsys, command, recorded):
    assert "is recorded, but not in force yet" in late(*command)
    assert (types()[-1], capsys.readouterr().out) == (recorded, "")


def test_nobody_is_told_that_rights_are_gone_while_they_are_not(behind, cast, capsys):
    """Not even by asking again, which leads to no fact."""
    for _ in range(2):
        assert "not in force yet" in late("grant_permissions", "jake", "--none")
    assert types().count("accounts.staff_revoked") == 1
    operating.resume("accounts.users", "")
    catch_up()
    call_command("grant_permissions", "jake", "--none")
    assert "jake may do this in the admin: nothing." in capsys.readouterr().out
    assert cast.jake.browser.get("/admin/eventstore/event/").status_code == 302


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["jake", "blog.rule_the_world"], "there is no permission blog.rule_the_world"),
        (["jake"], "name permissions, or give --none"),
        (["jake", "blog.view_article", "--none"], "name permissions, or give --none"),
        (["nobody", "blog.view_article"], "there is nobody called nobody"),
    ],
)
def test_permissions_that_make_no_sense_are_not_granted(cast, arguments, message):
    assert cast.jake
    before = types()
    with pytest.raises(CommandError, match=message) as refused:
        call_command("grant_permissions", *arguments)
    assert refused.value.returncode == 2
    assert types() == before
