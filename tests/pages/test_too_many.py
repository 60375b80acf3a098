"""How many may register, and how much one person may say: 429 in the door's own form, and nothing typed is lost."""

from django.test import Client

from accounts.throttling import Budget
from eventstore.budgets import Limit
from tests.api.program import Program
from tests.pages.reading import see


def test_so_many_register_from_one_address_and_the_form_keeps_what_they_typed(
    database, monkeypatch, settings
):
    few = Budget("register", peer=Limit(2, 600), generous=True)
    monkeypatch.setattr("accounts.registration.REGISTER", few)

    def joins(nth):
        said = {"username": f"new{nth}", "email": f"new{nth}@conduit.example", "password": "password123"}
        return Client().post("/register", said)

    settings.API_RATE_LIMITS = True
    assert [joins(nth).status_code for nth in range(2)] == [302] * 2
    page = joins(3)
    assert (page.status_code, int(page["Retry-After"]) > 0) == (429, True)
    assert see(page).one("input[name=username]")["value"] == "new3"
    assert "password123" not in page.content.decode()
    said = {"username": "new4", "email": "new4@conduit.example", "password": "password123"}
    assert Program().post("/users", {"user": said}).status == 429
    settings.API_RATE_LIMITS = False
    assert joins(5).status_code == 302


def test_so_many_comments_in_a_while_and_what_was_typed_stays_in_the_form(cast, monkeypatch, settings):
    monkeypatch.setattr("blog.limits.COMMENTS", Limit(2, 300))
    settings.API_RATE_LIMITS = True
    path = cast.jake.publishes().path
    jane, mallory = cast.jane.browser, cast.mallory.browser
    spoken = [jane.post(f"{path}/comments", {"body": f"No. {nth}"}) for nth in range(3)]
    assert [response.status_code for response in spoken] == [302, 302, 429]
    assert int(spoken[2]["Retry-After"]) > 0
    assert see(spoken[2]).one("textarea").text == "No. 2"
    fragment = jane.post(f"{path}/comments", {"body": "No. 3"}, headers={"HX-Request": "true"})
    assert (fragment.status_code, "Too many tries" in fragment.content.decode()) == (429, True)
    slug = path.removeprefix("/article/")
    assert Program(cast.jane).post(f"/articles/{slug}/comments", {"comment": {"body": "No. 4"}}).status == 429
    assert mallory.post(f"{path}/comments", {"body": "Hello"}).status_code == 302
