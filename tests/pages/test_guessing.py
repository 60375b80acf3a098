"""Guessing passwords: how often it may be tried, by every door, and who is not kept out by it."""

import re
import time
from itertools import pairwise
from uuid import UUID

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts import credentials, devices, throttling
from accounts.commands import ChangeEmail, ChangeUsername
from accounts.registration import change_password
from accounts.sign_in import proved, sign_in
from accounts.throttling import SIGN_IN, Budget
from eventstore import dispatch as dispatching
from eventstore.acting import Acting, act
from eventstore.budgets import Limit, TooMany
from eventstore.database import execute
from eventstore.dispatch import CommandIdReused, dispatch
from eventstore.ids import uuid7
from tests.api.program import Program
from tests.cast import PASSWORD
from tests.eventstore.tools import ROOT, at_once, one, stored
from tests.pages.reading import see

WRONG = "not the password"
FEW = 10
NEVER_SAME = re.compile(r'name="(command_id|csrfmiddlewaretoken)" value="[^"]*"|[0-9a-f-]{36}')
AT_ONCE = 50
NEWCOMER = {"username": "newcomer", "email": "new@conduit.example", "password": "password123"}
OPERATE = ROOT / "docs" / "operate" / "README.md"


@pytest.fixture
def compared(monkeypatch):
    """The people whose passwords were compared."""
    seen, really = [], credentials.proof
    monkeypatch.setattr(credentials, "proof", lambda who, said: seen.append(who) or really(who, said))
    return seen


def tries(login, password=WRONG, client=None, **meta):
    return (client or Client()).post("/login", {"email": login, "password": password}, **meta)


def guess(login, times=FEW, client=None, **meta):
    return [tries(login, client=client, **meta).status_code for _ in range(times)]


def program(login, password=WRONG):
    return Program().post("/users/login", {"user": {"email": login, "password": password}})


def errors(answer):
    return answer.status_code, see(answer).one("ul.error-messages").texts("li")


def facts(name):
    return one("SELECT count(*) FROM eventstore_event WHERE type = %s", name)


# By every door


def test_after_ten_guesses_nobody_gets_in_by_any_door_and_nothing_is_compared(cast, compared):
    email, jane = cast.jake.email, cast.jane.email
    assert guess(email) == [422] * FEW
    before, tried = stored(), len(compared)
    for password in (WRONG, PASSWORD):
        page = tries(email, password)
        assert (page.status_code, 0 < int(page["Retry-After"]) <= SIGN_IN.account.seconds) == (429, True)
        assert see(page).one("ul.error-messages").texts("li") == [
            "Too many tries. Please try again in 15 minutes."
        ]
        assert see(page).one("input[name=email]")["value"] == email
        assert password not in page.content.decode()
        said = program(email, password)
        assert (said.status, said.errors) == (429, {"request": ["is one too many. Please try again later"]})
        assert int(said.headers["Retry-After"]) > 0
        admin = Client().post("/admin/login/", {"username": email, "password": password})
        assert (admin.status_code, int(admin["Retry-After"]) > 0) == (429, True)
        assert "Too many tries. Please try again in 15 minutes." in admin.content.decode()
        assert not Client().login(username=jane, password=WRONG)
    assert stored()[0] == before[0] + 2  # of Jane
    assert len(compared) == tried + 2
    assert tries(jane, PASSWORD).status_code == 302


def test_operators_can_let_everybody_in_as_the_documents_say(cast):
    [statement] = re.findall(r"^    (DELETE FROM .*;)$", OPERATE.read_text(), re.MULTILINE)
    assert guess(cast.jake.email, FEW + 1)[-1] == 429
    execute(statement.encode())
    assert tries(cast.jake.email, PASSWORD).status_code == 302


def test_fifty_guesses_at_once_count_fifty(cast, compared):
    def guesses(_):
        try:
            return throttling.spend(SIGN_IN, account="somebody") and None
        except TooMany as refusal:
            return refusal.what

    assert at_once(AT_ONCE, guesses).count(None) == FEW
    email = cast.jake.email
    answers = at_once(AT_ONCE, lambda _: sign_in(email, WRONG))
    assert len(compared) == FEW
    assert [type(each) for each in answers].count(TooMany) == AT_ONCE - FEW


def test_whoever_does_not_exist_is_refused_as_often_and_in_the_same_words(cast, monkeypatch):
    few = Budget("sign-in", account=Limit(2, 900))
    monkeypatch.setattr("accounts.sign_in.SIGN_IN", few)
    dispatch(ChangeUsername(user_id=cast.jane.id, username="janet"))
    scenes = {"jane@conduit.example": "nobody@conduit.example", "JANE": "NOBODY", "ﬀ" * 9: "ﬁ" * 9}
    for known, unknown in scenes.items():
        told = [
            [
                (page.status_code, NEVER_SAME.sub("", page.content.decode()).replace(login, ""))
                for page in [tries(login) for _ in range(4)]
            ]
            for login in (known, unknown)
        ]
        assert told[0] == told[1]
        assert [status for status, _ in told[0]] == [422] * 2 + [429] * 2


@pytest.mark.parametrize("login", ["jake@conduit.example", "jake", "nobody@conduit.example", "nobody"])
def test_a_guess_costs_the_same_whoever_it_is_about(cast, monkeypatch, login):
    """One hash; and nothing is shown before the answer, since for nobody there is nothing to show."""
    cast.jake  # noqa: B018 - registered by now
    done, really = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *said: done.append("hash") or really(*said))
    monkeypatch.setattr(dispatching, "show", lambda receipt: done.append("show"))
    assert tries(login).status_code == 422
    assert done == ["hash"]


def test_the_names_of_a_person_share_a_count_in_every_spelling_and_the_address_tells_nobody_whose_it_is(cast):
    jake = cast.jake
    dispatch(ChangeUsername(user_id=jake.id, username="jacob"))
    names = ["jake", "JAKE", "ｊａｋｅ", "jacob", "Jacob"]
    assert [status for name in names for status in guess(name, 2)] == [422] * FEW
    assert [*guess("jake", 1), *guess("jacob", 1)] == [429, 429]
    assert guess(jake.email.upper(), 3) == [422] * 3
    assert guess(jake.email) == [422] * (FEW - 3) + [429] * 3


# By sending a registration again


def test_a_registration_that_is_sent_again_is_a_sign_in_and_its_guesses_are_counted_as_such(cast, database):
    form = NEWCOMER | {"command_id": str(uuid7())}
    assert Client().post("/register", form).status_code == 302
    assert [Client().post("/register", form).status_code for _ in range(12)] == [302] * 12
    before = facts("accounts.sign_in_failed")
    guesses = [Client().post("/register", form | {"password": WRONG}).status_code for _ in range(12)]
    assert guesses == [422] * 10 + [429] * 2
    assert facts("accounts.sign_in_failed") == before + 10
    assert Client().post("/register", form).status_code == 429
    login = {"email": NEWCOMER["email"], "password": NEWCOMER["password"]}
    assert Client().post("/login", login).status_code == 429


def test_where_signing_in_is_refused_a_registration_that_is_sent_again_is_no_other_door(database):
    form = NEWCOMER | {"command_id": str(uuid7())}
    assert Client().post("/register", form).status_code == 302
    login = {"email": NEWCOMER["email"], "password": WRONG}
    assert [Client().post("/login", login).status_code for _ in range(11)] == [422] * 10 + [429]
    again = Client().post("/register", form)
    assert (again.status_code, int(again["Retry-After"]) > 0) == (429, True)


def test_whoever_knows_an_account_s_id_is_not_told_its_address(cast, database):
    """A right address and a wrong one are answered alike, and as often; so is one of somebody else."""
    form = NEWCOMER | {"command_id": str(uuid7()), "password": WRONG}
    assert Client().post("/register", form | {"password": NEWCOMER["password"]}).status_code == 302
    told = [
        [errors(Client().post("/register", form | {"email": email})) for _ in range(12)]
        for email in (NEWCOMER["email"], "nobody@conduit.example", cast.jane.email)
    ]
    assert told[0] == told[1] == told[2]
    assert [status for status, _ in told[0]] == [422] * 10 + [429] * 2


def test_who_knows_a_password_of_their_own_gets_nobody_else_s_registration(cast):
    form = NEWCOMER | {"command_id": str(uuid7())}
    assert Client().post("/register", form).status_code == 302
    browser = Client()
    answer = browser.post("/register", form | {"email": cast.jane.email, "password": PASSWORD})
    assert errors(answer) == (422, [str(CommandIdReused())])
    assert browser.get("/settings").status_code == 302


def test_who_knows_the_password_is_told_that_the_form_has_something_else_in_it(database):
    form = NEWCOMER | {"command_id": str(uuid7())}
    assert Client().post("/register", form).status_code == 302
    assert errors(Client().post("/register", form | {"username": "other"})) == (422, [str(CommandIdReused())])


def test_whoever_has_a_former_address_now_is_not_who_registered_with_it(cast):
    form = NEWCOMER | {"command_id": str(uuid7())}
    assert Client().post("/register", form).status_code == 302
    newcomer = UUID(form["command_id"])
    dispatch(ChangeEmail(user_id=newcomer, email="newer@conduit.example"))
    dispatch(ChangeEmail(user_id=cast.jane.id, email=NEWCOMER["email"]))
    answer = Client().post("/register", form | {"password": PASSWORD})
    assert errors(answer) == (422, [str(CommandIdReused())])


def test_who_comes_in_by_sending_a_registration_again_is_on_record(database):
    form = NEWCOMER | {"command_id": str(uuid7())}
    for nth in range(3):
        assert Client().post("/register", form).status_code == 302
        assert facts("accounts.signed_in") == nth


# Who is not kept out


def test_a_right_password_is_not_counted_and_takes_no_guess_back(cast):
    for _ in range(FEW + 5):
        assert tries(cast.jake.email, PASSWORD).status_code == 302
    assert guess(cast.jake.email, FEW - 1) == [422] * (FEW - 1)
    assert tries(cast.jake.email, PASSWORD).status_code == 302
    assert guess(cast.jake.email, 2) == [422, 429]


def test_fifty_right_passwords_at_once_are_never_one_too_many(cast, monkeypatch):
    """However long comparing takes, and with whichever hasher: few are compared at once."""
    email, really = cast.jake.email, credentials.proof
    monkeypatch.setattr(credentials, "proof", lambda *asked: time.sleep(0.02) or really(*asked))
    answers = at_once(AT_ONCE, lambda _: proved(email, PASSWORD))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []


def test_guesses_keep_nobody_out_who_is_signed_in_or_has_been_in_this_browser(cast):
    jake, home = cast.jake, Client()
    assert tries(jake.email, PASSWORD, home).status_code == 302
    guess(jake.email, FEW + 1)
    assert home.get("/settings").status_code == 200
    home.post("/logout")
    assert tries(jake.email, PASSWORD).status_code == 429
    assert tries(jake.email, PASSWORD, home).status_code == 302
    home.post("/logout")
    assert guess("jake", FEW + 2, home) == [422] * FEW + [429] * 2


def test_a_browser_is_known_for_who_signed_in_there_with_the_password_of_now_and_no_other(cast):
    jake, stranger = cast.jake, Client()
    assert tries(jake.email, PASSWORD, stranger).status_code == 302
    cookie = stranger.cookies[devices.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert jake.email not in cookie.value
    guess(jake.email, FEW + 1)
    guess(cast.jane.email, FEW + 1)
    wrong = [cookie.value[:-1] + "x", "x" * 9, "", "ü", devices.remembered(devices.User(id=cast.jane.id))]
    for value in wrong:
        browser = Client()
        browser.cookies[devices.COOKIE] = value
        assert tries(jake.email, PASSWORD, browser).status_code == 429, value
    stranger.post("/logout")
    assert tries(cast.jane.email, PASSWORD, stranger).status_code == 429
    change_password(jake.id, "another password")
    assert tries(jake.email, "another password", stranger).status_code == 429


def test_every_way_to_sign_in_remembers_the_browser(cast, client):
    newcomer = {"username": "newcomer", "email": "new@conduit.example", "password": "password123"}
    assert devices.COOKIE in client.post("/register", newcomer).cookies
    assert devices.COOKIE in tries(cast.jake.email, PASSWORD).cookies
    assert devices.COOKIE not in tries(cast.jake.email).cookies
    assert devices.COOKIE not in client.get("/").cookies


# From one address, and in all


def test_one_address_guesses_a_hundred_times_and_a_network_of_ipv6_is_one_address(cast, monkeypatch):
    few = Budget("sign-in", peer=Limit(5, 900), account=Limit(10, 900), everybody=Limit(100, 60))
    monkeypatch.setattr("accounts.sign_in.SIGN_IN", few)
    assert SIGN_IN.peer == Limit(100, 900)
    houses = [f"2001:db8:1:2::{nth}" for nth in range(1, 8)]
    assert [guess(f"n{nth}", 1, REMOTE_ADDR=at)[0] for nth, at in enumerate(houses)] == [422] * 5 + [429] * 2
    assert tries(cast.jake.email, PASSWORD, REMOTE_ADDR=houses[0]).status_code == 429
    assert tries(cast.jake.email, PASSWORD, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302
    for _ in range(6):
        assert tries(cast.jake.email, PASSWORD, REMOTE_ADDR="203.0.113.7").status_code == 302
    lies = {"REMOTE_ADDR": "203.0.113.8", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert [
        guess(f"m{nth}", 1, **lies | {"HTTP_X_FORWARDED_FOR": f"203.0.113.{nth}"})[0] for nth in range(6)
    ] == [
        *[422] * 5,
        429,
    ]


def test_all_networks_that_may_be_one_owner_s_guess_eight_times_as_often_as_one_and_leave_the_rest_to_others(
    cast, monkeypatch
):
    few = Budget("sign-in", peer=Limit(2, 900), account=Limit(10, 900), everybody=Limit(18, 60))
    monkeypatch.setattr("accounts.sign_in.SIGN_IN", few)
    houses = [f"2001:db8:1:{nth:x}::1" for nth in range(20)]
    guesses = [guess(f"n{nth}", 1, REMOTE_ADDR=at)[0] for nth, at in enumerate(houses)]
    assert guesses == [422] * 16 + [429] * 4
    assert tries(cast.jake.email, PASSWORD, REMOTE_ADDR="2001:db8:1:ffff::1").status_code == 429
    assert tries(cast.jake.email, PASSWORD, REMOTE_ADDR="2001:db8:2::1").status_code == 302
    assert guess("somebody", 3, REMOTE_ADDR="2001:db8:2::1") == [422] * 2 + [429]


def test_nobody_is_counted_by_an_address_that_is_not_known(cast, monkeypatch):
    few = Budget("sign-in", peer=Limit(2, 900), account=Limit(10, 900))
    with act(Acting(address="")):
        for nth in range(5):
            throttling.spend(few, account=f"n{nth}")


def test_all_guesses_together_have_an_end_which_a_known_browser_does_not_meet(cast, monkeypatch):
    few = Budget("sign-in", account=Limit(10, 900), everybody=Limit(5, 60))
    monkeypatch.setattr("accounts.sign_in.SIGN_IN", few)
    home = Client()
    assert tries(cast.jake.email, PASSWORD, home).status_code == 302
    home.post("/logout")
    assert [guess(f"n{nth}", 1)[0] for nth in range(7)] == [422] * 5 + [429] * 2
    assert tries(cast.jake.email, PASSWORD).status_code == 429
    assert tries(cast.jake.email, PASSWORD, home).status_code == 302


def test_the_narrower_a_counter_the_earlier_it_is_asked():
    assert SIGN_IN.account == throttling.KNOWN_DEVICE.account == Limit(FEW, 900)
    names = [counter.what for counter in SIGN_IN.counters("somebody", "203.0.113.7")]
    assert names == ["sign-in peer", "sign-in account", "sign-in all"]
    names = [counter.what for counter in SIGN_IN.counters("somebody", "2001:db8:1:2::1")]
    assert names == ["sign-in peer", "sign-in account", "sign-in estate", "sign-in all"]
    budgets = [SIGN_IN, throttling.RESET, throttling.KNOWN_DEVICE, throttling.CONFIRM]
    assert all(each.account and each.account.most <= FEW for each in budgets)
    assert all(
        a.most <= b.most for each in budgets for a, b in pairwise(filter(None, (each.account, each.peer)))
    )
