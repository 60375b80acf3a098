"""Where one is signed in: which browsers, since when; ended one by one, all at once, and with what they stood for."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import leaving, queries, sessions
from accounts.commands import CloseAccount, GrantStaff, RevokeStaff
from accounts.models import Session
from accounts.registration import change_password
from accounts.sessions import SessionStore
from eventstore.dispatch import dispatch
from tests.api.program import Program
from tests.cast import PASSWORD, Person
from tests.pages.reading import see, send

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def signs_in(person, user_agent="", password=PASSWORD):
    browser = Client(headers={"user-agent": user_agent})
    answer = browser.post("/login", {"email": person.email, "password": password})
    assert answer.status_code == 302
    return browser


def stranger():
    """A browser with a session that is nobody's."""
    browser = Client()
    session = browser.session
    session["notice"] = "Said to nobody in particular."
    session.save()
    return browser


def program(person, name):
    said = {"user": {"email": person.email, "password": PASSWORD}}
    answer = Program().post("/users/login", said, **{"User-Agent": name})
    return Program(token=answer.said["user"]["token"])


def places(browser):
    return see(browser.get("/settings")).all("section[aria-labelledby=sessions] li")


def is_signed_in(browser):
    return browser.get("/settings").status_code == 200


def key(browser):
    return browser.cookies["sessionid"].value


def row(browser):
    return Session.objects.get(digest=sessions._digest(key(browser)))


def everything(connection):
    """All that is in the database, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')
            yield from (text for (text,) in cursor.fetchall())


# What is kept


def test_no_key_stands_in_the_database_in_any_spelling(cast):
    browser = signs_in(cast.jake)
    secret = key(browser)
    kept = "\n".join(everything(connection)).lower()
    assert sessions._digest(secret).hex() in kept
    for spelling in (secret, secret.encode().hex(), secret.upper(), secret[:16]):
        assert spelling.lower() not in kept


def test_what_stands_there_signs_nobody_in(cast):
    jake = row(signs_in(cast.jake))
    for made_up in (bytes(jake.digest).hex(), str(jake.id), jake.id.hex, jake.data, str(bytes(jake.digest))):
        browser = Client()
        browser.cookies["sessionid"] = made_up
        assert not is_signed_in(browser), made_up


def test_a_session_costs_one_statement_to_read(cast):
    browser = signs_in(cast.jake)
    with CaptureQueriesContext(connection) as asked:
        browser.get("/editor")
    assert [statement["sql"].split()[0] for statement in asked.captured_queries] == ["SELECT"] * 2


def test_who_signs_in_has_a_new_key_whatever_the_browser_came_with(cast):
    """One that somebody else has put there, too, and one that is signed in already."""
    browser = stranger()
    planted = key(browser)
    for person in (cast.jane, cast.jane, cast.jake):
        browser.post("/login", {"email": person.email, "password": PASSWORD})
        old = Client()
        old.cookies["sessionid"] = planted
        assert not is_signed_in(old)
        assert key(browser) != planted
        planted = key(browser)
    browser.cookies["sessionid"] = "chosenbymallory1234567890abcdefg"
    browser.post("/login", {"email": cast.jake.email, "password": PASSWORD})
    assert key(browser) != "chosenbymallory1234567890abcdefg"


def test_a_new_password_gives_this_browser_another_key_and_keeps_what_is_known_of_it(cast):
    browser = signs_in(cast.jake, FIREFOX)
    before, was = row(browser), key(browser)
    send(browser, see(browser.get("/settings")).all("main form")[0], password="another password")
    after = row(browser)
    assert key(browser) != was
    assert (after.browser, after.began_at) == (before.browser, before.began_at)
    assert Session.objects.filter(user_id=cast.jake.id).count() == 1


def test_signing_out_leaves_nothing(cast):
    browser = signs_in(cast.jake)
    browser.post("/logout")
    assert not Session.objects.exists()


@pytest.mark.parametrize("step", ["save", "cycle_key"])
def test_a_session_that_was_ended_does_not_come_back_by_a_page_that_was_under_way(cast, step):
    browser = signs_in(cast.jake)
    store = SessionStore(key(browser))
    store["notice"] = "Said in vain."
    sessions.end_all(cast.jake.id)
    getattr(store, step)()
    store.save()
    assert not is_signed_in(browser)
    assert not Session.objects.filter(user_id=cast.jake.id).exists()


def test_expired_sessions_are_over_and_cleared_away(cast):
    gone, stays = signs_in(cast.jake), signs_in(cast.jake)
    Session.objects.filter(pk=row(gone).pk).update(expires_at=timezone.now() - MINUTE)
    assert not is_signed_in(gone)
    assert len(places(stays)) == 1
    call_command("clearsessions")
    assert [each.pk for each in Session.objects.all()] == [row(stays).pk]


# When it was last seen


@pytest.mark.parametrize(("ago", "noted"), [(9 * MINUTE, False), (11 * MINUTE, True), (-3 * HOUR, True)])
def test_a_visit_is_noted_every_ten_minutes_and_when_a_clock_was_set_back(cast, ago, noted):
    browser = signs_in(cast.jake)
    seen = timezone.now() - ago
    Session.objects.update(last_seen_at=seen)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get("/editor").status_code == 200
    assert any(statement["sql"].startswith("UPDATE") for statement in asked.captured_queries) == noted
    assert (abs(timezone.now() - row(browser).last_seen_at) < MINUTE) == noted


def test_who_can_not_be_noted_is_let_in_all_the_same(cast, monkeypatch):
    """As when a disk is full: reading goes on."""
    browser = signs_in(cast.jake)
    Session.objects.update(last_seen_at=timezone.now() - HOUR)

    def full(*arguments, **options):
        raise DatabaseError("could not extend file: No space left on device")

    with monkeypatch.context() as trouble:
        trouble.setattr("django.db.models.query.QuerySet.update", full)
        assert browser.get("/editor").status_code == 200


# What is shown of them


def test_every_browser_is_listed_in_words_and_this_one_is_marked(cast):
    here, phone, odd = (signs_in(cast.jake, who) for who in (FIREFOX, SAFARI, "<b>odd</b>"))
    signs_in(cast.jane, FIREFOX)
    assert is_signed_in(phone)
    assert is_signed_in(odd)
    listed = places(here)
    assert sorted(place.one("strong").text for place in listed) == [
        "A browser",
        "Firefox on Linux",
        "Safari on an iPhone",
    ]
    assert [
        "This browser" in place.text for place in listed if place.one("strong").text == "Firefox on Linux"
    ] == [True]
    assert [len(place.all("button")) for place in listed if "This browser" in place.text] == [0]
    assert [place.text.count("Sign out") for place in listed if "This browser" not in place.text] == [1, 1]


# Ending them


def test_one_is_ended_and_the_others_stay(cast):
    here, phone, tablet = signs_in(cast.jake, FIREFOX), signs_in(cast.jake, SAFARI), signs_in(cast.jake)
    [place] = [place for place in places(here) if "iPhone" in place.text]
    assert send(here, place.one("form"))["Location"] == "/settings"
    assert [is_signed_in(each) for each in (here, phone, tablet)] == [True, False, True]
    assert send(here, place.one("form")).status_code == 404


def test_the_one_in_use_can_be_ended_too(cast):
    here = signs_in(cast.jake)
    assert here.post(f"/settings/sessions/{row(here).pk}/end")["Location"] == "/"
    assert not is_signed_in(here)


def test_all_but_this_one_are_ended_and_programs_if_that_is_asked_for(cast):
    here, phone, tusk, jane = (
        signs_in(cast.jake),
        signs_in(cast.jake),
        program(cast.jake, "Tusk"),
        signs_in(cast.jane),
    )
    form = see(here.get("/settings")).one("form[action=/settings/sessions/end-others]")
    without = {name: value for name, value in form.fields.items() if name != "programs"}
    assert here.post(form["action"], without)["Location"] == "/settings"
    assert "signed out everywhere else" in see(here.get("/settings")).one("[data-announce]").text
    assert [is_signed_in(each) for each in (here, phone, jane)] == [True, False, True]
    assert tusk.get("/user").status == 200
    phone = signs_in(cast.jake)
    assert send(here, form)["Location"] == "/settings"
    assert [is_signed_in(each) for each in (here, phone, jane)] == [True, False, True]
    assert tusk.get("/user").status == 401


def test_all_programs_are_ended_at_once_and_only_one_s_own(cast):
    tusk, elk, hers = program(cast.jake, "Tusk"), program(cast.jake, "Elk"), program(cast.jane, "Hers")
    jake = signs_in(cast.jake)
    send(jake, see(jake.get("/settings")).one("form[action=/settings/tokens/revoke]"))
    assert [each.get("/user").status for each in (tusk, elk, hers)] == [401, 401, 200]
    assert is_signed_in(jake)


def test_only_one_s_own_can_be_ended(cast):
    jake = signs_in(cast.jake)
    path = f"/settings/sessions/{row(jake).pk}/end"
    assert cast.mallory.browser.post(path).status_code == 404
    cast.mallory.browser.post("/settings/sessions/end-others", {"programs": "1"})
    assert Client().post(path)["Location"] == "/login?next=/settings"
    assert jake.get(path).status_code == 405
    assert is_signed_in(jake)


CHANGES = {
    "a new password": lambda person: change_password(person.id, "another password"),
    "a closed account": lambda person: leaving.close(person.id),
    "a closed account, by the fact alone": lambda person: dispatch(CloseAccount(user_id=person.id)),
    "no more staff": lambda person: leaving.revoke_staff(person.id),
    "no more staff, by the fact alone": lambda person: dispatch(RevokeStaff(user_id=person.id)),
    "no more staff, by the command line": lambda person: call_command(
        "grant_permissions", person.name, "--none"
    ),
}


def test_every_session_and_every_program_ends_with_what_it_stood_for(database):
    """By the fact alone, programs go on: what was stored for them is ended by whoever asks for the fact."""
    wrong = []
    for number, (name, change) in enumerate(CHANGES.items()):
        person = Person(f"somebody-{number}")
        dispatch(GrantStaff(user_id=person.id, superuser=True))
        browser, tusk, _in_a_drawer = signs_in(person), program(person, "Tusk"), signs_in(person)
        assert browser.get("/admin/").status_code == 200
        change(person)
        if is_signed_in(browser) or browser.get("/admin/").status_code == 200:
            wrong.append(f"{name}: still signed in")
        if "fact alone" not in name and tusk.get("/user").status != 401:
            wrong.append(f"{name}: the program goes on")
        if "fact alone" not in name and Session.objects.filter(user_id=person.id).exists():
            wrong.append(f"{name}: a session is left")
        if "staff" in name and not is_signed_in(signs_in(person)):
            wrong.append(f"{name}: can't come back as a reader")
        if "staff" in name and len(sessions.of(queries.person(person.id))) != 1:
            wrong.append(f"{name}: lists what is over")
    assert wrong == []


def test_who_is_no_staff_is_not_signed_out_for_it(cast):
    browser = signs_in(cast.jake)
    leaving.revoke_staff(cast.jake.id)
    assert is_signed_in(browser)


def test_a_session_without_a_person_is_nobody_s(cast):
    browser = stranger()
    store = SessionStore(key(browser))
    assert get_user(type("Asked", (), {"session": store})).is_anonymous
    assert row(browser).user_id is None
