"""Forgot your password? A link by mail, for whoever reads the mails of the account, for an hour and for once."""

import re
import threading
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import leaving, resetting
from accounts.commands import ChangeEmail, CloseAccount, RegisterUser
from accounts.post import post
from accounts.registration import change_password
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7
from eventstore.log import head
from eventstore.models import Command, Event
from tests.api.program import Program
from tests.cast import PASSWORD, Person
from tests.eventstore.tools import at_once
from tests.pages.reading import see, send

NEW = "a brand new password"
LINK = re.compile(r"^(http\S+)$", re.MULTILINE)
HOUR = 3600


def ask(address, browser=None, **headers):
    browser = browser or Client()
    return send(browser, see(browser.get("/password-reset")).one("form"), headers=headers, email=address)


def sent():
    """The mails that were sent since this was asked last."""
    assert post.wait(10)
    found, mail.outbox = mail.outbox, []
    return found


def link_for(person):
    ask(person.email)
    [message] = sent()
    assert message.to == [person.email]
    [link] = LINK.findall(message.body)
    return link


def path(link):
    return link.removeprefix(settings.SITE_ADDRESS)


def follow(link, browser=None):
    """A browser that has followed a good link to the form."""
    browser = browser or Client()
    response = browser.get(path(link))
    assert (response.status_code, response["Location"]) == (302, "/password-reset/new")
    return browser


def set_password(browser, password=NEW):
    return send(browser, see(browser.get("/password-reset/new")).one("form"), password=password)


def is_over(response):
    return response.status_code == 410 and see(response).one("h1").text == "This link no longer works"


def opens(person, password):
    return Client().post("/login", {"email": person.email, "password": password}).status_code == 302


def program(person):
    answer = Program().post("/users/login", {"user": {"email": person.email, "password": PASSWORD}})
    return Program(token=answer.said["user"]["token"])


def test_a_forgotten_password_is_replaced_and_whatever_was_open_ends(cast):
    jake, elsewhere, tusk = cast.jake, cast.jake.browser, program(cast.jake)
    jane = cast.jane.browser
    page = see(Client().get("/login")).one("main a[href=/password-reset]")
    assert page.text == "Forgot your password?"
    response = ask(jake.email.upper())
    assert (response.status_code, response["Location"]) == (302, "/password-reset/sent")
    assert "If there is an account" in see(Client().get("/password-reset/sent")).text
    [message] = sent()
    assert (message.to, message.subject) == ([jake.email], "Set a new password")
    assert message.from_email == "Conduit <conduit@localhost>"
    [link] = LINK.findall(message.body)
    assert link.startswith("http://localhost:8000/password-reset/link?user=")

    browser = follow(link)
    assert set_password(browser)["Location"] == "/login"
    page = see(browser.get("/login"))
    assert "Sign in with it" in page.one("[data-announce]").text
    assert browser.get("/settings").status_code == 302, "nobody is signed in by a link"
    assert send(browser, page.one("form"), email=jake.email, password=NEW).status_code == 302
    assert not opens(jake, PASSWORD)
    assert elsewhere.get("/settings").status_code == 302
    assert tusk.get("/user").status == 401
    assert jane.get("/settings").status_code == 200
    [notice] = sent()
    assert (notice.to, notice.subject) == ([jake.email], "Your password was changed")
    assert not re.search("token|user=", notice.body)


def test_who_is_signed_in_there_is_signed_out_too(cast):
    """Be it the same person, or another one whose browser it is."""
    for person in (cast.jake, cast.jane):
        browser = follow(link_for(cast.jake), person.browser)
        assert set_password(browser)["Location"] == "/login"
        assert browser.get("/settings").status_code == 302
        assert sent()


def test_everybody_is_answered_in_the_same_way_and_asks_the_database_the_same(cast):
    """Whatever is known of an address happens after the answer."""
    leaving.close(cast.mallory.id)
    answers = {}
    for address in (cast.jake.email, "nobody@conduit.example", cast.mallory.email):
        browser = Client()
        form = see(browser.get("/password-reset")).one("form")
        with CaptureQueriesContext(connection) as asked:
            response = send(browser, form, email=address)
        answers[address] = (
            [query["sql"].split("%")[0][:40] for query in asked.captured_queries],
            response.status_code,
            response.headers["Location"],
            sorted(set(response.headers) - {"X-Request-Id"}),
            response.cookies.output(),
        )
    assert len({repr(answer) for answer in answers.values()}) == 1, answers
    assert [message.to for message in sent()] == [[cast.jake.email]]


def test_every_wish_is_on_record_without_its_address_and_no_fact(cast):
    jake, before = cast.jake, head()
    for address in (jake.email, "nobody@conduit.example"):
        ask(address, HTTP_USER_AGENT="x")
    sent()
    rows = Command.objects.filter(name="accounts.request_password_reset").order_by("recorded_at")
    assert [(row.outcome, row.payload, row.address) for row in rows] == [
        ("accepted", {"user_id": str(jake.id)}, "127.0.0.1"),
        ("refused", {"user_id": "00000000-0000-0000-0000-000000000000"}, "127.0.0.1"),
    ]
    assert head() == before


def test_a_link_is_good_for_one_new_password(cast):
    link, later = link_for(cast.jake), link_for(cast.jake)
    first, second, third = follow(link), follow(link), follow(later)
    form = see(second.get("/password-reset/new")).one("form")
    assert set_password(first)["Location"] == "/login"
    before = head()
    assert is_over(send(second, form, password="the password of somebody else"))
    assert is_over(third.get("/password-reset/new"))
    for each in (link, later):
        assert is_over(Client().get(path(each)))
    assert is_over(Client().get("/password-reset/new"))
    assert is_over(Client().post("/password-reset/new", {"password": NEW}))
    assert head() == before
    assert opens(cast.jake, NEW)


def test_the_same_password_once_more_ends_the_link_as_well(cast):
    link = link_for(cast.jake)
    set_password(follow(link), PASSWORD)
    assert is_over(Client().get(path(link)))


def test_a_form_sent_twice_sets_one_password(cast):
    browser = follow(link_for(cast.jake))
    form = see(browser.get("/password-reset/new")).one("form")
    assert [send(browser, form, password=NEW)["Location"] for _ in range(2)] == ["/login"] * 2
    assert is_over(send(browser, form, password="yet another password"))
    assert opens(cast.jake, NEW)
    assert Event.objects.filter(type="accounts.user_password_changed").count() == 1
    assert len(sent()) == 1


def test_who_guesses_with_a_form_that_was_sent_is_told_to_wait(cast):
    browser = follow(link_for(cast.jake))
    form = see(browser.get("/password-reset/new")).one("form")
    send(browser, form, password=NEW)
    statuses = [send(browser, form, password=f"guess {nth} of many").status_code for nth in range(11)]
    assert statuses == [410] * 10 + [429]


def test_of_two_who_use_a_link_at_once_one_is_late(cast, monkeypatch):
    """Both are let meet where each has found that the link stands; who waits for the other comes too late."""
    link = link_for(cast.jake)
    browsers, both = [follow(link), follow(link)], threading.Barrier(2)
    forms = [see(browser.get("/password-reset/new")).one("form") for browser in browsers]
    with_hash = resetting.with_hash

    def meet(*arguments):
        with suppress(threading.BrokenBarrierError):
            both.wait(0.5)
        return with_hash(*arguments)

    monkeypatch.setattr(resetting, "with_hash", meet)
    answers = at_once(2, lambda nth: send(browsers[nth], forms[nth], password=f"password number {nth}"))
    assert sorted(answer.status_code for answer in answers) == [302, 410]
    assert [opens(cast.jake, f"password number {nth}") for nth in range(2)] == [
        answer.status_code == 302 for answer in answers
    ]
    assert Event.objects.filter(type="accounts.user_password_changed").count() == 1


def test_a_bad_password_is_named_and_the_link_is_still_good(cast):
    browser = follow(link_for(cast.jake))
    for password, said in (
        ("short", "password is too short (minimum is 8 characters)"),
        ("", "password can't be blank"),
    ):
        response = set_password(browser, password)
        assert response.status_code == 422
        assert see(response).texts(".error-messages > li") == [said]
        assert "value" not in see(response).one("input[name=password]")
    assert set_password(browser)["Location"] == "/login"


@pytest.mark.parametrize("waited_s", [HOUR + 1, 30 * 24 * HOUR, -HOUR, -5 * HOUR])
def test_a_link_is_good_for_an_hour_and_not_from_the_future(cast, monkeypatch, waited_s):
    """Followed, or only used, after that; a clock that was set back makes no link live longer."""
    link = link_for(cast.jake)
    browser, now = follow(link), time.time()
    monkeypatch.setattr(time, "time", lambda: now + waited_s)
    assert is_over(Client().get(path(link)))
    assert is_over(browser.get("/password-reset/new"))
    assert is_over(browser.post("/password-reset/new", {"password": NEW}))
    monkeypatch.setattr(time, "time", lambda: now + HOUR - 5)
    assert set_password(follow(link))["Location"] == "/login"


def test_a_link_is_over_when_the_account_is_not_as_it_was(cast):
    def moved(person):
        dispatch(ChangeEmail(user_id=person.id, email=f"{person.name}@elsewhere.example"))

    changes = {
        "another password": lambda person: change_password(person.id, "another password"),
        "another address": moved,
        "a closed account": lambda person: leaving.close(person.id),
        "closed by the fact alone": lambda person: dispatch(CloseAccount(user_id=person.id)),
    }
    wrong = []
    for name, change in changes.items():
        person = Person(name.replace(" ", "-"))
        link = link_for(person)
        browser = follow(link)
        change(person)
        if not is_over(Client().get(path(link))):
            wrong.append(f"{name}: may still be followed")
        if not is_over(browser.post("/password-reset/new", {"password": NEW})):
            wrong.append(f"{name}: may still be used")
    assert wrong == []


def test_who_has_no_password_yet_sets_the_first_one(database):
    """As everybody after an import: passwords are not in the log."""
    who = uuid7()
    dispatch(RegisterUser(user_id=who, username="imported", email="imported@conduit.example"))
    ask("imported@conduit.example")
    [link] = LINK.findall(sent()[0].body)
    assert set_password(follow(link))["Location"] == "/login"
    assert is_over(Client().get(path(link)))
    assert Client().post("/login", {"email": "imported", "password": NEW}).status_code == 302


def test_a_signature_over_nobody_opens_nothing(cast):
    """Not even one of ours, made for an account that was closed at that moment."""
    leaving.close(cast.jake.id)
    for user in (cast.jake.id, uuid7()):
        token = resetting._signed("")
        assert is_over(Client().get("/password-reset/link", {"user": str(user), "token": token}))


def test_a_link_that_is_not_ours_opens_nothing(cast):
    jake, jane = (parse_qs(urlsplit(link_for(person)).query) for person in (cast.jake, cast.jane))
    [user], [token], [other] = jake["user"], jake["token"], jane["token"]
    made, signature = token.split(":")
    before = head()
    for query in (
        {"user": user, "token": other},
        {"user": jane["user"][0], "token": token},
        {"user": user, "token": token[:-1]},
        {"user": user, "token": token + "x"},
        {"user": user, "token": f"{made[:-1]}0:{signature}"},
        {"user": user, "token": f"zzzzzz:{signature}"},
        {"user": user, "token": signature},
        {"user": user, "token": ":"},
        {"user": user, "token": "é" * 50},
        {"user": user, "token": "x" * 20_000},
        {"user": user},
        {"token": token},
        {"user": "0" * 32, "token": token},
        {"user": "x", "token": token},
        {"user": "-1", "token": "-1"},
        {},
    ):
        browser = Client()
        assert is_over(browser.get("/password-reset/link", query)), query
        assert "sessionid" not in browser.cookies
    assert head() == before


def test_a_link_stays_good_when_the_key_is_changed_gently_and_ends_when_it_is_dropped(cast, settings):
    link, old = link_for(cast.jake), settings.SECRET_KEY
    settings.SECRET_KEY = "another key, for tests"
    assert is_over(Client().get(path(link)))
    settings.SECRET_KEY_FALLBACKS = [old]
    follow(link)


def test_where_a_link_leads_to_is_a_setting_and_no_request_s(database, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_ADDRESS = "https://conduit.example"
    for number, headers in enumerate(
        (
            {"host": "evil.example"},
            {"host": "conduit.example:1234"},
            {"x-forwarded-host": "evil.example"},
            {"forwarded": "host=evil.example;proto=http"},
            {"origin": "http://testserver", "referer": "http://evil.example/"},
        )
    ):
        person, browser = Person(f"jake-{number}"), Client(headers=headers)
        assert browser.post("/password-reset", {"email": person.email}).status_code == 302, headers
        [message] = sent()
        assert re.findall(r"https?://[^/\s]+", message.body) == ["https://conduit.example"] * 2, headers
        assert "evil" not in message.message().as_string()


def test_the_link_is_in_no_address_no_referrer_no_log_and_no_table(cast, caplog):
    caplog.set_level("DEBUG")
    link = link_for(cast.jake)
    browser = Client()
    answer = browser.get(path(link))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "token" not in answer["Location"]
    secret = parse_qs(urlsplit(link).query)["token"][0]
    signature = secret.split(":")[1]
    assert signature not in browser.get(answer["Location"]).content.decode()
    set_password(browser)
    gone = Client().get(path(link))
    assert gone.headers["Referrer-Policy"] == "no-referrer"
    assert signature not in gone.content.decode()
    sent()
    assert signature not in caplog.text
    assert NEW not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', [f"%{signature}%"]
            )
            assert cursor.fetchone() == (0,), table


def test_following_a_link_gives_the_browser_another_session(cast, client):
    """Whoever has put a session of their own into somebody's browser is not let in with them."""
    client.session.save()  # nobody's
    planted = client.cookies["sessionid"].value
    follow(link_for(cast.jake), client)
    assert client.cookies["sessionid"].value != planted
    mallory = Client()
    mallory.cookies["sessionid"] = planted
    assert is_over(mallory.get("/password-reset/new"))


def test_an_address_that_is_none_is_named_and_kept(database, client):
    for typed, said in (("", "email can't be blank"), ("jake", "email is not an email address")):
        response = client.post("/password-reset", {"email": typed})
        assert response.status_code == 422
        page = see(response)
        assert page.texts(".error-messages > li") == [said]
        assert page.one("input[name=email]")["value"] == typed
        assert page.one("title").text.startswith("Error: ")
    assert sent() == []


def test_asking_again_and_again_sends_few_mails_and_says_the_same(cast):
    answers = {ask(cast.jake.email)["Location"] for _ in range(8)}
    assert answers == {"/password-reset/sent"}
    assert len(sent()) == 3


def test_one_place_that_asks_for_many_is_told_to_wait(database):
    statuses = [ask(f"nobody-{number}@conduit.example").status_code for number in range(25)]
    sent()
    assert statuses == [302] * 20 + [429] * 5
    response = ask("one-more@conduit.example")
    assert int(response.headers["Retry-After"]) > 0
    assert see(response).one(".error-messages li").text


def test_a_mail_that_can_not_be_sent_is_logged_without_its_address_and_the_answer_is_the_same(
    cast, monkeypatch, caplog
):
    def refuse(self, messages):
        raise ConnectionRefusedError(f"no mail for {messages[0].to} with {messages[0].body}")

    with monkeypatch.context() as trouble:
        trouble.setattr(EmailBackend, "send_messages", refuse)
        assert ask(cast.jake.email)["Location"] == "/password-reset/sent"
        assert sent() == []
    [line] = [record for record in caplog.records if record.name == "accounts.post"]
    assert line.getMessage() == "a mail was not sent: ConnectionRefusedError"
    assert line.exc_info is None
    assert cast.jake.email not in caplog.text
    assert link_for(cast.jake), "the next one is sent"


def test_a_site_that_prints_its_mails_says_where_to_look(client, settings):
    path = "/password-reset/sent"
    assert "terminal" not in see(client.get(path)).text
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "printed in the terminal where it runs" in see(client.get(path)).text


def test_a_site_without_mail_says_so(cast, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    page = see(client.get("/password-reset"))
    assert "sends no mail" in page.one("main").text
    assert page.all("main form") == []
    assert client.post("/password-reset", {"email": cast.jake.email}).status_code == 200
    assert not Command.objects.filter(name="accounts.request_password_reset").exists()
