"""Settings list the programs that are signed in through the API, and end them."""

from django.test import Client

from tests.api.program import Program
from tests.cast import PASSWORD
from tests.pages.reading import see, send


def programs(browser):
    return see(browser.get("/settings")).all(".cx-programs li")


def sign_in(person, name):
    said = {"user": {"email": person.email, "password": PASSWORD}}
    answer = Program().post("/users/login", said, **{"User-Agent": name})
    return Program(token=answer.said["user"]["token"])


def test_nobody_s_program_is_listed_at_first(cast):
    page = see(cast.jake.browser.get("/settings"))
    assert page.all(".cx-programs li") == []
    assert "None." in page.text


def test_a_program_is_listed_by_the_name_that_it_gives_itself(cast):
    sign_in(cast.jake, "Tusk/1.0 <b>")
    [listed] = programs(cast.jake.browser)
    assert "Tusk/1.0 <b>" in listed.text
    assert len(listed.all("time")) == 2


def test_a_program_that_is_signed_out_is_nobody_any_more_and_the_others_stay(cast):
    tusk, elk = sign_in(cast.jake, "Tusk"), sign_in(cast.jake, "Elk")
    [row] = [row for row in programs(cast.jake.browser) if "Tusk" in row.text]
    assert send(cast.jake.browser, row.one("form"))["Location"] == "/settings"
    assert tusk.get("/user").errors == {"token": ["is invalid"]}
    assert elk.get("/user").status == 200
    assert ["Elk" in row.text for row in programs(cast.jake.browser)] == [True]


def test_only_one_s_own_programs_can_be_signed_out(cast):
    tusk = sign_in(cast.jake, "Tusk")
    path = programs(cast.jake.browser)[0].one("form")["action"]
    assert cast.mallory.browser.post(path).status_code == 404
    assert Client().post(path)["Location"].startswith("/login")
    assert cast.jake.browser.get(path).status_code == 405
    assert tusk.get("/user").status == 200


def test_a_new_password_signs_all_programs_out(cast):
    tusk = sign_in(cast.jake, "Tusk")
    jake = cast.jake.browser
    send(jake, see(jake.get("/settings")).all("main form")[0], bio="Writes.")
    assert tusk.get("/user").status == 200
    send(jake, see(jake.get("/settings")).all("main form")[0], password="another password")
    assert tusk.get("/user").status == 401
    assert jake.get("/settings").status_code == 200


def test_mistakes_in_the_form_keep_the_list(cast):
    sign_in(cast.jake, "Tusk")
    jake = cast.jake.browser
    page = see(send(jake, see(jake.get("/settings")).all("main form")[0], username=""))
    assert len(page.all(".cx-programs li")) == 1
