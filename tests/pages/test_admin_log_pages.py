"""What the pages about the log say: lists and the way through them, events, causes, the audit, the jump box."""

import re
from uuid import UUID

import pytest

from blog.commands import FollowAuthor
from eventstore import codec, messages, store
from eventstore.admin import paging
from eventstore.dispatch import dispatch
from tests.cast import Cast, Person
from tests.pages.admin import LOG, pages, position, recorded, superuser, world
from tests.pages.reading import see

TEXT = "You have to run."


@pytest.fixture(scope="module")
def at(fresh_database):
    with fresh_database():
        yield world(Cast())


@pytest.fixture(scope="module")
def ada(at):
    """Somebody who may see everything."""
    return superuser()


@pytest.fixture(scope="module")
def pages_of_it(at):
    return pages(at)


def step(page, text):
    """The address of a link between pages; nothing where there is no such page."""
    found = [link["href"] for link in page.all("nav.es-steps a") if text in link.text]
    return found[0] if found else ""


def test_older_means_older(ada, monkeypatch):
    """From the newest page to the oldest and back, every event once."""
    monkeypatch.setattr(paging, "SIZE", 7)
    seen, path = [], "?"
    while path:
        page = see(ada.get(f"{LOG}/event/{path}"))
        seen += [int(text) for text in page.texts("tbody th")]
        path = step(page, "Older")
    assert seen == list(range(position("true", most="max"), 0, -1))
    oldest = see(ada.get(f"{LOG}/event/{step(see(ada.get(f'{LOG}/event/')), 'Oldest')}"))
    assert [int(text) for text in oldest.texts("tbody th")] == list(range(7, 0, -1))
    assert step(oldest, "Older") == step(oldest, "Oldest") == ""
    newer = see(ada.get(f"{LOG}/event/{step(oldest, 'Newer')}"))
    assert [int(text) for text in newer.texts("tbody th")] == list(range(14, 7, -1))


def test_pages_of_commands_show_every_attempt_once(ada, monkeypatch):
    monkeypatch.setattr(paging, "SIZE", 6)
    seen, path = [], "?"
    while path:
        page = see(ada.get(f"{LOG}/command/{path}"))
        seen += [link["href"] for link in page.all("tbody th a")]
        path = step(page, "Older")
    assert len(seen) == len(set(seen)) == recorded()[1]


def test_a_page_keeps_its_filter(ada, monkeypatch):
    monkeypatch.setattr(paging, "SIZE", 1)
    page = see(ada.get(f"{LOG}/event/?kind=article"))
    older = see(ada.get(f"{LOG}/event/{step(page, 'Older')}"))
    assert [page.texts("tbody code"), older.texts("tbody code")] == [
        ["blog.article_edited"],
        ["blog.article_published"],
    ]
    assert step(older, "Older") == ""


def test_an_event_stands_between_its_neighbors_and_leads_to_its_page(at, pages_of_it, ada):
    page = see(ada.get(pages_of_it["event"]))
    links = {link.text: link["href"] for link in page.all("a")}
    assert links["← Previous in the stream"] == f"{LOG}/event/{at.published}/change/"
    assert "The last of its stream →" in page.text
    assert links["See it on the site: Dragons"] == at.article.path
    assert page.one(".es-lead").text == "Description, text and tags changed"


def test_an_event_says_what_caused_it_what_it_caused_and_what_it_does(pages_of_it, ada):
    page = see(ada.get(pages_of_it["event about a person"]))
    assert "The command accounts.register_user was accepted in" in page.text
    assert "Because of it, a policy asked for blog.create_author, which was accepted." in page.text
    assert "writes user" in page.text
    welcome = position("type = 'blog.author_created'")
    caused = see(ada.get(f"{LOG}/event/{welcome}/change/"))
    assert re.search(r"Because of event \d+, accounts.user_registered, a policy asked for it.", caused.text)


@pytest.fixture
def reworded(monkeypatch):
    """Edits are said in another schema today."""
    name = "blog.article_edited"
    kind = messages.EVENT_NAMES[name]
    monkeypatch.setitem(messages.EVENT_NAMES, name, messages.EventType(name, 2, kind.cls))
    monkeypatch.setitem(messages.UPCASTERS, (name, 1), lambda data: {**data, "body": data["body"].upper()})
    codec.decoder.cache_clear()
    yield
    codec.decoder.cache_clear()


def test_what_was_stored_and_what_is_read_today_stand_side_by_side(reworded, pages_of_it, ada):
    stored, today = see(ada.get(pages_of_it["event"])).all(".es-side-by-side > div")
    assert "As it was stored, in schema 1" in stored.text
    assert "body You have to run." in stored.text
    assert "As it is read today, in schema 2" in today.text
    assert "body YOU HAVE TO RUN." in today.text


def test_a_fact_from_the_future_is_shown_as_it_is_stored(pages_of_it, ada, monkeypatch):
    monkeypatch.delitem(messages.EVENT_NAMES, "blog.article_edited")
    codec.decoder.cache_clear()
    page = see(ada.get(pages_of_it["event"]))
    assert "this code can't read blog.article_edited in schema 1" in page.text
    assert TEXT in page.text
    for name in ("stream", "why", "events", "correlation"):
        assert ada.get(pages_of_it[name]).status_code == 200
    codec.decoder.cache_clear()


def test_a_correlation_is_a_tree_from_command_to_event_to_policy_to_command(at, ada):
    path = see(ada.get(f"{LOG}/event/{at.registered}/change/")).one("a[href*=correlation]")["href"]
    page = see(ada.get(path))
    chain = page.all(".es-branches > li > .es-branches > li > .es-branches > li > .es-branches > li > p a")
    assert [link.text for link in chain] == ["blog.author_created"]
    assert "2 commands, 2 events" in page.text
    assert re.search(r"blog.create_author accepted after [\d.]+ m?s, took [\d.]+ ms", page.text)


def test_the_audit_says_how_often_a_command_was_decided_again(at, ada, monkeypatch):
    busy, append, moves = Person("busy"), store.append, iter([store.StreamMoved("follow")] * 2)

    def late(*arguments):
        for moved in moves:
            raise moved
        return append(*arguments)

    monkeypatch.setattr(store, "append", late)
    dispatch(FollowAuthor(author_id=UUID(at.jake), follower_id=busy.id))
    row = see(ada.get(f"{LOG}/command/?name=blog.follow_author")).all("tbody tr")[0]
    assert "2 retries" in row.text
    page = see(ada.get(row.one("th a")["href"]))
    assert "2: its stream had moved meanwhile, or a name was taken" in page.text
    [correlation] = [link["href"] for link in page.all("a") if "/correlation/" in link["href"]]
    assert ", 2 retries" in see(ada.get(correlation)).text


def test_the_audit_shows_refusals_with_their_reason_and_failed_sign_ins(ada):
    rows = see(ada.get(f"{LOG}/command/")).texts("tbody tr")
    [refused] = [row for row in rows if "blog.delete_article" in row]
    assert "refused NotTheAuthor: " in refused
    assert refused.split()[-1].startswith("…")
    [failed] = [row for row in rows if "accounts.sign_in_failed" in row]
    assert "accounts.sign_in accepted accounts.sign_in_failed nobody" in failed
    only = see(ada.get(f"{LOG}/command/?outcome=refused")).texts("tbody tr")
    assert only == [refused]


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("{published}", "event/{published}/change/"),
        ("{stream}", "stream/{stream}/"),
        ("{article.id}", "stream/{stream}/"),
        ("{article.slug}", "stream/{stream}/"),
        ("{command}", "command/{command}/change/"),
        ("{correlation}", "correlation/{correlation}/"),
        ("2026-01-01", "event/1/change/"),
    ],
)
def test_the_box_leads_anywhere(at, ada, text, leads_to):
    asked, wanted = text.format(**at._asdict()), leads_to.format(**at._asdict())
    assert ada.get(f"{LOG}/jump/", {"q": asked})["Location"] == f"{LOG}/{wanted}"


def test_the_box_knows_usernames_and_actors_but_no_addresses(at, ada):
    jump = f"{LOG}/jump/"
    assert ada.get(jump, {"q": "jake"})["Location"] == f"{LOG}/stream/user-{at.jake}/"
    assert ada.get(jump, {"q": at.email}).status_code == 404


@pytest.mark.parametrize("name", ["events, filtered", "commands, refused", "stream"])
def test_every_link_of_a_page_leads_somewhere(pages_of_it, ada, name):
    links = {link["href"] for link in see(ada.get(pages_of_it[name])).all("#content a")}
    assert len(links) > 5
    found = {
        link: ada.get(link if link.startswith("/") else pages_of_it[name].partition("?")[0] + link)
        for link in links
    }
    assert {link: answer.status_code for link, answer in found.items() if answer.status_code != 200} == {}
