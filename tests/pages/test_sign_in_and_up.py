"""Who are you? Signing in and signing up, where one comes back to, and what is never said."""

import pytest

from eventstore.log import head, read_all
from tests.cast import PASSWORD
from tests.pages.reading import see, send

NEWCOMER = {"username": "newcomer", "email": "new@conduit.example", "password": "password123"}
ELSEWHERE = ["//evil.example", "/\\evil.example", "\\/evil", "https://evil.example/", "javascript:alert(1)", "///evil",
             "http:evil", "%2F%2Fevil", "\t//evil", "/\t/evil", "x", "//testserver@evil", "data:text/html,x"]  # fmt: skip


def errors(response):
    assert response.status_code == 422
    return see(response).one("ul.error-messages").texts("li")


# Signing up


def test_the_form_for_newcomers(database, client):
    page = see(client.get("/register"))
    assert page.one("h1").text == "Sign up"
    assert page.one("main a[href=/login]").text == "Have an account?"
    assert page.all(".error-messages") == []
    fields = {field["name"]: field["placeholder"] for field in page.all("form [placeholder]")}
    assert fields == {"username": "Username", "email": "Email", "password": "Password"}
    autocomplete = {field["name"]: field["autocomplete"] for field in page.all("form [autocomplete]")}
    assert autocomplete == {"username": "username", "email": "email", "password": "new-password"}


def test_who_signs_up_is_signed_in_and_at_home(database, client):
    response = send(client, see(client.get("/register")).one("form"), **NEWCOMER)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert see(client.get("/")).one("nav a[href=/profile/newcomer]")
    assert client.get("/profile/newcomer").status_code == 200


def test_every_mistake_is_named_and_everything_typed_is_kept_but_the_password(database, client):
    response = send(
        client, see(client.get("/register")).one("form"), username="", email="x", password="hunter2"
    )
    assert errors(response) == [
        "username can't be blank",
        "email is not an email address",
        "password is too short (minimum is 8 characters)",
    ]
    page = see(response)
    assert page.one("input[name=email]")["value"] == "x"
    assert "hunter2" not in response.content.decode()
    assert page.one("title").text.startswith("Error: ")
    assert head() == 0


def test_nothing_typed_is_named_field_by_field(database, client):
    assert errors(client.post("/register", {})) == [
        "username can't be blank",
        "email can't be blank",
        "password can't be blank",
    ]


def test_names_that_nobody_may_have(database, client):
    for name in (
        "admin",
        "аdmin",
        "ａdmin",
        "..",
        "settings",
        "a",
        "x" * 41,
        "a b",
        "a/b",
        "<b>",
        "jаke",
        "@me",
        "a\u202eb",
    ):
        response = client.post("/register", NEWCOMER | {"username": name})
        assert all(message.startswith("username ") for message in errors(response)), name
    assert head() == 0


def test_names_of_other_scripts_are_names(database, client):
    for number, name in enumerate(("世界", "Łukasz", "Ольга", "jo.hn_doe-2")):
        answers = {"username": name, "email": f"{number}@conduit.example", "password": "password123"}
        assert client.post("/register", answers)["Location"] == "/"
        page = see(client.get("/"))
        me = page.one("nav .cx-me a")
        assert me.text == name
        assert see(client.get(me["href"])).one("h4").text == name
        client.post("/logout")


def test_a_name_and_an_address_are_one_person_s(cast, client):
    before = cast.jake and head()
    response = client.post("/register", NEWCOMER | {"username": "JAKE", "email": "Jake@Conduit.Example"})
    assert set(errors(response)) == {"username has already been taken", "email has already been taken"}
    assert head() == before


def test_a_form_sent_twice_is_one_person(database, client):
    form = see(client.get("/register")).one("form")
    for _ in range(2):
        assert send(client, form, **NEWCOMER)["Location"] == "/"
    assert see(client.get("/")).one("nav a[href=/profile/newcomer]")


def test_the_id_of_a_form_opens_no_account(database, client):
    form = see(client.get("/register")).one("form")
    send(client, form, **NEWCOMER)
    client.post("/logout")
    before = head()
    response = client.post("/register", {**form.fields, **NEWCOMER, "password": "not their password"})
    assert response.status_code == 422
    assert see(client.get("/")).one("a[href=/login]")
    assert [fact.type for fact in read_all(before)] == ["accounts.sign_in_failed"]


def test_what_the_form_does_not_ask_for_is_ignored(database, client):
    extra = {"is_staff": "1", "is_superuser": "1", "user_id": "1", "bio": "x", "image": "x"}
    assert client.post("/register", NEWCOMER | extra)["Location"] == "/"
    page = see(client.get("/profile/newcomer"))
    assert page.one(".user-info p").raw_text == ""
    assert client.get("/admin/").status_code == 302


# Signing in


def test_the_form_for_everybody_else(database, client):
    page = see(client.get("/login"))
    assert page.one("h1").text == "Sign in"
    assert page.one("main a[href=/register]").text == "Need an account?"
    assert page.all(".error-messages") == []
    fields = {field["name"]: field["placeholder"] for field in page.all("form [placeholder]")}
    assert fields == {"email": "Email", "password": "Password"}
    assert page.one("input[name=password]")["autocomplete"] == "current-password"


def test_who_signs_in_is_at_home(cast, client):
    form = see(client.get("/login")).one("form")
    response = send(client, form, email=cast.jake.email, password=PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert see(client.get("/")).one("nav a[href=/profile/jake]")


def test_an_address_may_be_spelled_in_any_case_and_a_name_will_do(cast, client):
    assert cast.jake
    for login in ("JAKE@conduit.example", "jake", "Jake", " jake@conduit.example "):
        assert client.post("/login", {"email": login, "password": PASSWORD})["Location"] == "/", login
        client.post("/logout")


def test_an_unknown_address_and_a_wrong_password_sound_the_same(cast, client):
    said = []
    for email, password in [("nobody@conduit.example", PASSWORD), (cast.jake.email, "wrong password")]:
        response = client.post("/login", {"email": email, "password": password})
        said.append(errors(response))
        page = see(response)
        assert page.one("input[name=email]")["value"] == email
        assert "value" not in page.one("input[name=password]")
        assert page.one("form")["action"] == "/login"
    assert said == [["email or password is invalid"]] * 2


def test_nothing_typed_is_named_too(database, client):
    assert errors(client.post("/login", {})) == ["email can't be blank", "password can't be blank"]


def test_who_is_signed_in_already_needs_no_form(cast):
    for path in ("/login", "/register"):
        assert cast.jake.browser.get(path)["Location"] == "/"
        assert cast.jake.browser.get(f"{path}?next=/settings")["Location"] == "/settings"


def test_a_session_has_a_new_key_after_signing_in(cast, client):
    client.session.save()  # nobody's
    before = client.cookies["sessionid"].value
    client.post("/login", {"email": cast.jake.email, "password": PASSWORD})
    assert client.cookies["sessionid"].value != before


# Where one comes back to


def test_one_comes_back_to_where_one_was(cast, client):
    for path in ("/login", "/register"):
        page = see(client.get(f"{path}?next=/tag/a%2520b%3Fpage=2"))
        assert page.one("input[name=next]")["value"] == "/tag/a%20b?page=2"
        other = page.one("main .cx-lead a")["href"]
        assert see(client.get(other)).one("input[name=next]")["value"] == "/tag/a%20b?page=2"
    form = see(client.get("/login?next=/settings")).one("form")
    failed = send(client, form, email=cast.jake.email, password="wrong")
    response = send(client, see(failed).one("form"), email=cast.jake.email, password=PASSWORD)
    assert response["Location"] == "/settings"


@pytest.mark.parametrize("door", ["/login", "/register"])
def test_nobody_is_sent_off_the_site(cast, client, door):
    assert cast.jake
    for number, address in enumerate(ELSEWHERE):
        assert client.get(door, {"next": address}).status_code == 200
        person = {"username": f"new{number}", "email": f"new{number}@conduit.example"}
        sent = {"email": cast.jake.email, "password": PASSWORD} if door == "/login" else NEWCOMER | person
        assert client.post(door, {**sent, "next": address})["Location"] == "/", address
        assert client.get(door, {"next": address})["Location"] == "/", address
        client.post("/logout")


def test_no_button_sends_anybody_off_the_site(cast, client):
    article = cast.jake.publishes()
    for address in ELSEWHERE:
        for browser in (cast.jane.browser, client):
            response = browser.post(f"{article.path}/favorite", {"next": address})
            assert response["Location"] in {article.path, f"/login?next={article.path}"}, address
            response = browser.post("/profile/jake/follow", {"next": address}, headers={"HX-Request": "true"})
            assert response.headers.get("HX-Redirect") in {None, "/login?next=/profile/jake"}, address
