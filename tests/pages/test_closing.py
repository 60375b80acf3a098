"""Closing one's account: for good, by who knows the password; what was written stays, whatever is open ends."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiToken, Credential, Session
from eventstore.log import head
from eventstore.models import Event
from tests.api.program import Program
from tests.cast import PASSWORD
from tests.pages.reading import see, send


def form(browser):
    return see(browser.get("/settings/close")).one("main form")


def signed_in(person):
    browser = Client()
    assert browser.post("/login", {"email": person.email, "password": PASSWORD}).status_code == 302
    return browser


def test_who_closes_an_account_is_gone_everywhere_and_what_they_wrote_stays(cast):
    jake, article = cast.jake, cast.jake.publishes("Dragons")
    jake.says("Mine", article)
    here, there = signed_in(jake), signed_in(jake)
    tusk = Program(
        token=Program()
        .post("/users/login", {"user": {"email": jake.email, "password": PASSWORD}})
        .said["user"]["token"]
    )
    leads_there = see(here.get("/settings")).one("a[href=/settings/close]")
    assert leads_there.text == "Close your account"
    page = see(here.get("/settings/close"))
    assert page.one("h1").text == "Close your account"
    assert "jake" in page.one("main").text
    response = send(here, page.one("main form"), password=PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    home = see(here.get("/"))
    assert "is closed" in home.one("[data-announce]").text
    assert home.one("a[href=/login]")
    assert [browser.get("/settings").status_code for browser in (here, there)] == [302, 302]
    assert tusk.get("/user").status == 401
    assert Client().post("/login", {"email": jake.email, "password": PASSWORD}).status_code == 422
    assert Program().post("/users/login", {"user": {"email": jake.email, "password": PASSWORD}}).status == 401
    shown = see(Client().get(article.path))
    assert (shown.one("h1").text, shown.all("a.author")[0].text) == ("Dragons", "jake")
    assert "Mine" in shown.text
    assert Client().get(jake.path).status_code == 200
    assert not any(
        table.objects.filter(user_id=jake.id).exists() for table in (Session, ApiToken, Credential)
    )


def test_the_name_and_the_address_are_given_to_nobody_else(cast):
    send(cast.jake.browser, form(cast.jake.browser), password=PASSWORD)
    for taken in ({"username": "JAKE"}, {"email": cast.jake.email}):
        newcomer = {"username": "newcomer", "email": "new@conduit.example", "password": PASSWORD, **taken}
        response = Client().post("/register", newcomer)
        assert see(response).texts(".error-messages > li") == [f"{next(iter(taken))} has already been taken"]


def test_a_wrong_password_closes_nothing(cast):
    browser, before = signed_in(cast.jake), head()
    for typed, said in [("", "password can't be blank"), ("wrong", "password is not your password")]:
        response = send(browser, form(browser), password=typed)
        assert response.status_code == 422
        page = see(response)
        assert page.texts(".error-messages > li") == [said]
        assert "value" not in page.one("input[name=password]")
        assert page.one("title").text.startswith("Error: ")
    assert head() == before
    assert browser.get("/settings").status_code == 200


def test_a_browser_left_open_does_not_guess_for_long(cast):
    browser = signed_in(cast.jake)
    sent = form(browser)
    statuses = [send(browser, sent, password=f"guess {number}").status_code for number in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    response = send(browser, sent, password=PASSWORD)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert browser.get("/settings").status_code == 200


def test_sent_twice_it_is_closed_once(cast):
    browser = signed_in(cast.jake)
    sent = form(browser)
    assert send(browser, sent, password=PASSWORD)["Location"] == "/"
    assert send(browser, sent, password=PASSWORD).status_code == 302
    assert Event.objects.filter(type="accounts.account_closed").count() == 1


def test_only_who_is_signed_in_closes_only_their_own(cast):
    assert Client().get("/settings/close")["Location"] == "/login?next=/settings/close"
    assert Client().post("/settings/close", {"password": PASSWORD}).status_code == 302
    mallory = cast.mallory.browser
    extra = {"user_id": str(cast.jake.id), "username": "jake", "id": str(cast.jake.id)}
    send(mallory, form(mallory), password=PASSWORD, **extra)
    assert signed_in(cast.jake).get("/settings").status_code == 200


def test_operators_close_accounts_too(cast, capsys):
    browser = signed_in(cast.jake)
    call_command("close_account", "jake", "--yes")
    assert "The account of jake is closed." in capsys.readouterr().out
    assert browser.get("/settings").status_code == 302
    with pytest.raises(CommandError, match="--yes must be given") as refused:
        call_command("close_account", cast.jane.name)
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="nobody called nobody"):
        call_command("close_account", "nobody", "--yes")
    assert cast.jane.browser.get("/settings").status_code == 200
