"""Who may see what of the log in the admin; and that none of its pages writes anything, or asks too much.

A statement is whatever is sent to the database, by Django or past it.
"""

import re

import pytest
from django.test import Client

from accounts.models import User
from blog.models import Article, Author, Comment, Tag, Tally
from eventstore.admin import paging
from tests.cast import Cast, Person
from tests.pages.admin import (
    LOG,
    METADATA,
    MOST_STATEMENTS,
    PAYLOADS,
    PERSONAL,
    VIEWS,
    audited,
    done,
    pages,
    rows_of,
    staff,
    statements,
    superuser,
    world,
)
from tests.pages.reading import see

TEXT = "You have to run."
SHOW = {"show": "personal"}
SEARCHED = f"{LOG}/command/?address=127.0.0.1"
HIDDEN = "hidden: needs the permission to see personal data"
FORGED = {
    "position": "1",
    "type": "blog.article_deleted",
    "stream": "article-1",
    "data": "{}",
    "_save": "Save",
}
AS_FAR_AS_A_LIMIT = re.compile(r"SELECT count\(\*\)\s+FROM \((?=.*\bLIMIT %\(limit\)s)", re.DOTALL)


@pytest.fixture(scope="module")
def at(fresh_database):
    with fresh_database():
        yield world(Cast())


@pytest.fixture(scope="module")
def people(at):
    return {
        "nothing": staff("nobody-1", "blog.view_comment"),
        "metadata": staff("meta", METADATA, *VIEWS),
        "payloads": staff("pay", METADATA, PAYLOADS, *VIEWS),
        "only personal": staff("curious", METADATA, PERSONAL, *VIEWS),
        "personal": staff("trusted", METADATA, PAYLOADS, PERSONAL, *VIEWS),
        "superuser": superuser(),
    }


@pytest.fixture(scope="module")
def everything(at):
    """The address of every page about the log."""
    found = pages(at)
    assert len(found) == 15
    return found


def answers(browser, everything):
    return {name: browser.get(path) for name, path in everything.items()}


def all_well(found):
    return {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(found, 200)


def saying(found, *texts):
    """The pages that say one of these."""
    return [name for name, answer in found.items() if any(text in answer.content.decode() for text in texts)]


def test_strangers_and_people_who_are_not_of_the_staff_are_sent_to_sign_in(everything):
    for browser in (Client(), Person("reader").browser):
        found = answers(browser, everything).values()
        assert {answer.get("Location", "").partition("?")[0] for answer in found} == {"/admin/login/"}


def test_staff_without_the_permission_see_nothing(everything, people):
    assert {answer.status_code for answer in answers(people["nothing"], everything).values()} == {403}


def test_who_may_see_metadata_sees_every_page_but_nothing_of_what_was_said(at, everything, people):
    found = answers(people["metadata"], everything)
    assert all_well(found)
    assert saying(found, TEXT, "Ever wonder", at.email, "127.0.0.1", "es-reveal", "wings", "/dragons") == []
    assert saying(found, "Dragons") == ["why"]  # whose row one may see


def test_who_may_see_payloads_sees_what_was_said_but_nothing_personal(at, everything, people):
    found = answers(people["payloads"], everything)
    assert all_well(found)
    assert saying(found, TEXT) == ["event", "stream", "stream, compared", "why"]
    assert saying(found, at.email, "127.0.0.1", "es-reveal") == []


def test_who_may_see_personal_data_is_not_shown_them_unasked(at, everything, people):
    found = answers(people["personal"], everything)
    assert all_well(found)
    assert saying(found, at.email, "127.0.0.1") == []
    assert saying(found, "es-reveal") == [name for name in found if OFFERED.search(name)]


OFFERED = re.compile("person|^stream|command")
"""Pages on which something is personal: what edits and hearts say is public."""


@pytest.mark.parametrize(
    "name", ["event about a person", "stream of a person", "command about a person", "why of a person"]
)
def test_personal_data_are_shown_to_who_may_and_asks_and_that_is_on_record(at, everything, people, name):
    path, before = everything[name], len(audited("eventstore.view_personal_data"))
    assert HIDDEN in see(people["payloads"].get(path)).text
    answer = people["personal"].post(path, see(people["personal"].get(path)).one("form.es-reveal").fields)
    assert at.email in answer.content.decode()
    assert "That you do is on record." in see(answer).text
    [view] = audited("eventstore.view_personal_data")[before:]
    assert (view["actor"], view["what"].partition(" ")[0]) == ("trusted", name.partition(" ")[0])


def test_addresses_are_personal_data(everything, people):
    shown = people["personal"].post(everything["commands"], {"show": "personal"})
    assert "127.0.0.1" in shown.content.decode()
    before = done()
    for who in ("metadata", "payloads", "only personal"):
        refused = people[who].get(SEARCHED)
        assert (refused.status_code, "address needs the permission" in see(refused).text) == (422, True)
        assert not see(people[who].get(everything["commands"])).all("#f-address")
        assert people[who].post(SEARCHED, SHOW).status_code == 403
    assert done() == before


def test_an_address_is_not_looked_for_by_a_link(people):
    """Whose attempts they are is told by the list as by the column: the page says so, and offers the button."""
    before, answer = done(), people["personal"].get(SEARCHED)
    page = see(answer)
    assert (answer.status_code, page.all("tbody th")) == (422, [])
    assert "address is personal data" in page.one('[role="alert"]').text
    assert people["personal"].head(SEARCHED).status_code == 422
    assert done() == before
    found = people["personal"].post(SEARCHED, page.one("form.es-reveal").fields)
    assert see(found).all("tbody th")
    assert looks()[-1] == "addresses on the Commands page (address=127.0.0.1)"


def test_a_shown_address_leads_to_its_attempts_as_one_more_look(everything, people, monkeypatch):
    monkeypatch.setattr(paging, "SIZE", 2)
    browser, before = people["personal"], len(looks())
    shown = see(browser.post(f"{everything['commands']}?name=accounts.sign_in", SHOW))
    look = next(button for button in shown.all("td button") if button.text == "127.0.0.1")
    assert shown.one(f"form#{look['form']}").fields["show"] == ["personal"]
    found = see(browser.post(f"{everything['commands']}{look['formaction']}", SHOW))
    assert set(found.texts("td button")) == {"127.0.0.1"}
    older = next(step for step in found.all(".es-steps button") if "Older" in step.text)
    further = see(browser.post(f"{everything['commands']}{older['formaction']}", SHOW))
    assert set(further.texts("td button")) == {"127.0.0.1"}
    assert further.texts("tbody th")
    assert not found.all(".es-steps a")
    of = [what.removeprefix("addresses on the Commands page ") for what in looks()[before:]]
    assert of == ["(name=accounts.sign_in)", "(address=127.0.0.1)", "(address=127.0.0.1)"]


def test_a_look_is_on_record_with_what_was_understood_of_the_filter(everything, people):
    """What a program or a hurried person has put into the address is none of the audit's business."""
    path = f"{everything['commands']}?paswort=canary&outcome=refused&csrf=canary"
    assert people["personal"].post(path, SHOW).status_code == 200
    assert looks()[-1] == "addresses on the Commands page (outcome=refused)"
    before = done()
    for query in ("outcome=canary", "actor=canary", "older=1&older=canary"):
        assert people["personal"].post(f"{everything['commands']}?{query}", SHOW).status_code == 422
    assert done() == before


def looks():
    """What was looked at, in order."""
    return [view["what"] for view in audited("eventstore.view_personal_data")]


@pytest.mark.parametrize("who", ["metadata", "payloads", "only personal"])
def test_who_may_not_see_personal_data_is_refused_and_nothing_is_recorded(everything, people, who):
    before = done()
    sent = {name: people[who].post(path, {"show": "personal"}) for name, path in everything.items()}
    assert {answer.status_code for answer in sent.values()} <= {403, 405}
    assert done() == before


def test_forged_posts_are_refused_even_from_a_superuser(everything, people):
    before = done()
    sent = {name: people["superuser"].post(path, FORGED) for name, path in everything.items()}
    assert {answer.status_code for answer in sent.values()} <= {403, 405}
    assert done() == before


def test_nothing_is_added_changed_or_deleted_in_the_admin(at, people):
    browser, before = people["superuser"], (done(), rows_of_models())
    for model, row in rows_of(at).items():
        for act in ("add", f"{row}/change", f"{row}/delete"):
            assert browser.post(f"/admin/{model}/{act}/", FORGED).status_code == 403, (model, act)
        browser.post(
            f"/admin/{model}/", {"action": "delete_selected", "_selected_action": row, "post": "yes"}
        )
    assert (done(), rows_of_models()) == before


def rows_of_models():
    return [
        list(model.objects.order_by("pk").values()) for model in (Article, Author, Comment, Tag, Tally, User)
    ]


def test_a_row_of_a_read_model_has_nothing_to_type_and_says_why_it_is_so(at, people):
    for model, row in rows_of(at).items():
        if not model.startswith("eventstore/"):
            page = see(people["superuser"].get(f"/admin/{model}/{row}/change/"))
            assert [
                field for field in page.all("input[name]") if field.attributes.get("type") != "hidden"
            ] == []
            why = page.one(".object-tools a")
            assert (why.text, people["superuser"].get(why["href"]).status_code) == ("Why?", 200)


def test_a_post_without_a_token_is_refused(everything, people):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = people["superuser"].cookies
    before = done()
    assert browser.post(everything["event"], {"show": "personal"}).status_code == 403
    assert done() == before


def test_no_page_takes_more_than_twelve_statements_counts_rows_or_sorts_out_duplicates(everything, people):
    for name, path in everything.items():
        with statements() as sent:
            assert people["superuser"].get(path).status_code == 200
        assert len(sent) <= MOST_STATEMENTS, (name, sent)
        unbounded = [AS_FAR_AS_A_LIMIT.sub("", one) for one in sent]
        assert [
            one for one in unbounded if re.search(r"count\s*\(|\bdistinct\b|\boffset\b", one, re.IGNORECASE)
        ] == []


def test_a_page_of_many_lines_takes_no_more_statements_than_one_of_a_line(people, monkeypatch):
    of_people = "type=blog.article_favorited&type=blog.article_commented&type=blog.article_edited"
    for path in (f"{LOG}/event/?{of_people}", f"{LOG}/command/?name=accounts.grant_permissions"):
        with statements() as for_many:
            assert len(see(people["superuser"].get(path)).all("#content tbody tr")) > 2
        monkeypatch.setattr(paging, "SIZE", 1)
        with statements() as for_one:
            assert len(see(people["superuser"].get(path)).all("#content tbody tr")) == 1
        monkeypatch.undo()
        assert len(for_many) == len(for_one)


def test_a_list_reads_no_payload(everything, people):
    for name in ("events", "events, filtered", "commands"):
        with statements() as sent:
            people["superuser"].get(everything[name])
        of_the_log = [one for one in sent if "eventstore_" in one]
        assert of_the_log
        assert [one for one in of_the_log if re.search(r"\b(data|payload)\b", one)] == []


def test_the_index_leads_to_what_one_may_see(people):
    listed = {who: see(people[who].get("/admin/")).text for who in ("nothing", "metadata", "superuser")}
    assert ["Events" in text for text in listed.values()] == [False, True, True]
    assert "Groups" not in listed["superuser"]
