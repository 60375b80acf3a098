"""Settings: what one may change about oneself, and signing out."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.commands import RegisterUser
from accounts.names import Address
from accounts.registration import register
from eventstore import store
from eventstore.dispatch import CommandIdReused
from eventstore.ids import derived, uuid7
from eventstore.log import head, read_all
from tests.cast import PASSWORD
from tests.pages.reading import see, send


def form(browser):
    return see(browser.get("/settings")).all("main form")[0]


def test_settings_are_for_who_is_signed_in(database, client):
    response = client.get("/settings")
    assert (response.status_code, response["Location"]) == (302, "/login?next=/settings")
    assert client.post("/settings", {"bio": "x"}).status_code == 302


def test_the_form_begins_with_what_is_so(cast):
    page = see(cast.jake.browser.get("/settings"))
    assert page.one("h1").text == "Your Settings"
    fields = form(cast.jake.browser).fields
    assert {
        name: values for name, values in fields.items() if name not in {"csrfmiddlewaretoken", "command_id"}
    } == {
        "image": [""],
        "username": ["jake"],
        "bio": [""],
        "email": ["jake@conduit.example"],
        "password": [""],
    }


def test_the_fields_are_named_as_their_users_expect(cast):
    assert {
        field["name"]: field["placeholder"] for field in form(cast.jake.browser).all("[placeholder]")
    } == {
        "image": "URL of profile picture",
        "username": "Your Name",
        "bio": "Short bio about you",
        "email": "Email",
        "password": "New Password",
    }


def test_updating_leads_to_the_profile_and_shows_everywhere(cast):
    article = cast.jake.publishes()
    cast.jake.says("Mine", article)
    jake = cast.jake.browser
    image = 'https://x.example/j.png?size=1&shape="round"'
    response = send(jake, form(jake), username="jacob", bio="Writes.\nReads.", image=image)
    assert (response.status_code, response["Location"]) == (302, "/profile/jacob")
    page = see(jake.get(article.path))
    assert {found["src"] for found in page.all("img")} == {image}
    assert {found.text for found in page.all("a.author")} == {"jacob"}
    assert page.one("nav a[href=/profile/jacob]").text == "jacob"
    assert see(jake.get("/profile/jacob")).one(".user-info p").raw_text == "Writes.\nReads."


def test_what_is_emptied_is_gone(cast):
    jake = cast.jake.browser
    send(jake, form(jake), bio="Writes.", image="https://x.example/j.png")
    send(jake, form(jake), bio="", image="")
    page = see(jake.get("/profile/jake"))
    assert page.one(".user-info p").raw_text == ""
    assert "default-avatar.svg" in page.one(".user-img")["src"]


def test_nothing_changed_is_nothing_that_happened(cast):
    jake = cast.jake.browser
    before = head()
    assert send(jake, form(jake))["Location"] == "/profile/jake"
    assert head() == before


def test_an_empty_password_leaves_the_one_that_there_is(cast, client):
    send(cast.jake.browser, form(cast.jake.browser), bio="New")
    assert client.post("/login", {"email": cast.jake.email, "password": PASSWORD})["Location"] == "/"


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(cast, client):
    here, there = cast.jake.browser, Client()
    there.post("/login", {"email": cast.jake.email, "password": PASSWORD})
    assert there.get("/settings").status_code == 200
    assert send(here, form(here), password="another password")["Location"] == "/profile/jake"
    assert here.get("/settings").status_code == 200
    assert there.get("/settings").status_code == 302
    assert client.post("/login", {"email": cast.jake.email, "password": PASSWORD}).status_code == 422
    assert (
        client.post("/login", {"email": cast.jake.email, "password": "another password"}).status_code == 302
    )


def test_every_mistake_is_named_and_everything_typed_is_kept_but_the_password(cast):
    jake = cast.jake.browser
    before = head()
    typed = {"username": "no spaces!", "email": "nowhere", "bio": "b" * 2001, "image": "i" * 2001}
    response = send(jake, form(jake), **typed, password="short")
    assert response.status_code == 422
    page = see(response)
    assert [message.split()[0] for message in page.texts(".error-messages > li")] == [
        "image",
        "username",
        "bio",
        "email",
        "password",
    ]
    for name, value in typed.items():
        field = page.one(f"[id={name}]")
        assert (field.attributes.get("value") or field.text) == value
        assert field["aria-invalid"] == "true"
    assert "value" not in page.one("input[name=password]")
    assert "short" not in response.content.decode().replace("too short", "").replace("Short bio", "")
    assert head() == before


def test_a_name_or_an_address_that_is_somebody_s_is_refused(cast):
    jake = cast.jake.browser
    before = cast.jane and head()
    for typed, message in [
        ({"username": "JANE"}, "username has already been taken"),
        ({"email": "Jane@Conduit.Example"}, "email has already been taken"),
    ]:
        response = send(jake, form(jake), **typed)
        assert response.status_code == 422
        assert see(response).texts(".error-messages > li") == [message]
    assert head() == before


def test_the_navigation_says_who_one_is_while_a_new_name_is_refused(cast):
    jake = cast.jake.browser
    page = see(send(jake, form(jake), username="settings"))
    assert page.texts(".error-messages > li") == ["username is reserved"]
    assert page.one("nav .cx-me").text == "jake"


def test_an_address_that_no_mail_reaches_still_lets_its_owner_in_who_may_change_it(cast, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Address, "problems", lambda *_: iter(()))
        jane = RegisterUser(user_id=uuid7(), username="jane", email="x<jane@conduit.example>")
        register(jane, PASSWORD)
    browser = Client()
    assert browser.post("/login", {"email": jane.email, "password": PASSWORD}).status_code == 302
    page = see(send(browser, form(browser)))
    assert page.texts(".error-messages > li") == ["email is not an email address"]
    assert send(browser, form(browser), email="jane@conduit.example").status_code == 302
    assert form(browser).fields["email"] == ["jane@conduit.example"]


def test_a_former_name_may_be_taken_back(cast):
    jake = cast.jake.browser
    send(jake, form(jake), username="jacob")
    assert send(jake, form(jake), username="jake")["Location"] == "/profile/jake"


def test_a_form_sent_twice_is_one_change(cast):
    jake = cast.jake.browser
    page = form(jake)
    answers = [send(jake, page, bio="Twice", password="another password")["Location"] for _ in range(2)]
    assert answers == ["/profile/jake"] * 2
    assert jake.get("/settings").status_code == 200


def test_another_password_with_the_same_form_is_refused_in_words_and_set_when_it_is_sent_once_more(cast):
    jake, client = cast.jake.browser, Client()
    page = form(jake)
    assert send(jake, page, password="another password").status_code == 302
    refused = send(jake, page, password="a third password")
    assert refused.status_code == 422
    assert see(refused).texts(".error-messages > li") == [str(CommandIdReused())]
    assert send(jake, see(refused).all("main form")[0], password="a third password").status_code == 302
    assert (
        client.post("/login", {"email": cast.jake.email, "password": "a third password"}).status_code == 302
    )


@pytest.mark.parametrize("version", [None, 1, 3, 4, 5])
def test_only_an_id_such_as_forms_make_is_taken_from_a_page(cast, version):
    """Whoever could choose another would take it from what follows from a fact that is still to come."""
    chosen = UUID(int=uuid4().int, version=version) if version else UUID(int=1)
    jake = cast.jake.browser
    assert send(jake, form(jake), bio="Mine", command_id=str(chosen)).status_code == 302
    assert store.known(chosen) is None
    made = uuid7()
    assert send(jake, form(jake), bio="Still mine", command_id=str(made)).status_code == 302
    assert store.known(made).outcome == "accepted"


def test_nobody_takes_the_author_from_who_registers_next(cast):
    jake = cast.jake.browser
    for ahead in range(1, 6):
        taken = derived(head() + ahead, "blog.create_author", 0)
        send(jake, form(jake), command_id=str(taken))
    newcomer = {"username": "newcomer", "email": "new@conduit.example", "password": PASSWORD}
    assert Client().post("/register", newcomer).status_code == 302
    assert [fact.type for fact in read_all()] == ["accounts.user_registered", "blog.author_created"] * 2


def test_what_the_form_does_not_ask_for_is_ignored(cast):
    jake = cast.jake.browser
    extra = {"is_staff": "on", "is_superuser": "1", "id": "1", "user_id": str(cast.jane.id), "is_active": ""}
    assert send(jake, form(jake), bio="Mine", **extra)["Location"] == "/profile/jake"
    assert see(jake.get("/profile/jane")).one(".user-info p").raw_text == ""
    assert jake.get("/admin/").status_code == 302


def test_signing_out_leads_home_and_ends_the_session(cast):
    jake = cast.jake.browser
    forms = see(jake.get("/settings")).all("main form")
    button = forms[1].one("button.btn-outline-danger")
    assert button.text == "Or click here to logout."
    session = jake.cookies["sessionid"].value
    response = send(jake, forms[1])
    assert (response.status_code, response["Location"]) == (302, "/")
    assert see(jake.get("/")).one("a[href=/login]")
    jake.cookies["sessionid"] = session
    assert jake.get("/settings").status_code == 302
