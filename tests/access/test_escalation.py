"""Staff who want more than they were granted: more rights, rows changed, what is hidden told by odd questions."""

import re

import pytest

from accounts.models import User
from blog.models import Article, Author, Comment, Tag, Tally
from eventstore.database import execute, rows
from tests.access.table import MODELS
from tests.access.test_table import filled, place, since
from tests.access.world import Anything
from tests.pages.admin import METADATA, PAYLOADS, PERSONAL, VIEWS, staff

EVERYTHING = ("accounts.add_user", "accounts.change_user", "accounts.delete_user", "blog.delete_article")
GRANTS = {
    "is_staff": "on",
    "is_superuser": "on",
    "permissions": '["eventstore.operate_projectors"]',
    "permission": "eventstore.operate_projectors",
    "user_permissions": "1",
    "groups": "1",
    "action": "delete_selected",
    "_selected_action": "1",
    "_save": "Save",
    "post": "yes",
    "username": "operator",
}


@pytest.fixture(scope="module")
def meddler(world):
    """With every permission of Django's own, and none of the log's."""
    return staff("meddler", *EVERYTHING, *VIEWS)


def tables():
    models = (User, Article, Author, Comment, Tag, Tally)
    return [list(model.objects.order_by("pk").values()) for model in models]


def addresses(world):
    for model, (_, key) in MODELS.items():
        row = filled(key, Anything(world.things))
        for end in ("", "add/", f"{row}/", f"{row}/change/", f"{row}/delete/", f"{row}/history/"):
            yield f"/admin/{model}/{end}"
    yield from (
        "/admin/auth/",
        "/admin/auth/group/add/",
        "/admin/auth/permission/add/",
        "/admin/auth/user/add/",
    )
    yield from ("/admin/accounts/user/add/?_popup=1", "/admin/password_change/", "/admin/sessions/session/")
    yield f"/admin/accounts/user/{world.things['author_id']}/password/"


@pytest.mark.parametrize("who", ["meddler", "superuser"])
def test_no_form_of_the_admin_changes_a_row_or_grants_a_right(world, meddler, who):
    browser = meddler if who == "meddler" else world.people["superuser"].browser
    before, rows_before = place(), tables()
    for path in addresses(world):
        answer = browser.post(path, GRANTS)
        assert answer.status_code in {200, 302, 403, 404, 405}, path
    assert tables() == rows_before
    facts, attempts = since(before)
    assert (facts, {outcome for _, outcome, _ in attempts}) == (0, {"refused"})


def test_nobody_grants_themselves_anything_by_the_doors_of_readers(world):
    for kind in ("clerk", "watcher"):
        person, before = (
            world.people[kind],
            rows(b"SELECT username, permissions::text FROM accounts_user ORDER BY 1"),
        )
        mine = {"username": person.name, "email": person.email, "bio": "", "image": "", "password": ""}
        assert person.browser.post("/settings", GRANTS | mine).status_code == 302
        assert rows(b"SELECT username, permissions::text FROM accounts_user ORDER BY 1") == before


LOOKUPS = [
    "email__startswith=author",
    "email=author@conduit.example",
    "email__regex=^a",
    "bio__contains=x",
    "password_version__gt=0",
    "permissions__contains=see",
    "permissions__0=eventstore.see_metadata",
    "last_signed_in_at__isnull=False",
    "tokens__digest__isnull=False",
    "tokens__name__contains=x",
    "id__gt=00000000-0000-0000-0000-000000000000",
    "pk=1",
    "username__startswith=a",
]


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_list_answers_no_question_about_a_column_that_it_hides(meddler, lookup):
    """Letter by letter, `?email__startswith=` would tell every address to whoever may see names."""
    answer = meddler.get(f"/admin/accounts/user/?{lookup}")
    assert answer.status_code == 400
    assert b"conduit.example" not in answer.content


def test_a_list_answers_what_it_offers(meddler):
    for query in ("is_staff__exact=1", "is_active__exact=1&q=auth", "o=-1.2", "p=0", "q=author"):
        assert meddler.get(f"/admin/accounts/user/?{query}").status_code == 200, query


ODD = [
    "q=%00",
    "q=%ED%A0%80",
    "q='%22%3B--",
    "o=%00",
    "o=99",
    "o=-",
    "o=x.y",
    "o=1.1.1.-1",
    "o=9223372036854775808",
    "p=-1",
    "p=99999999999",
    "p=x",
    "p=%D9%A3",
    "all=",
    "e=1",
    "_to_field=email",
    "_to_field=x",
    "_popup=1",
    "_changelist_filters=x",
    "is_staff__exact=x",
    "is_staff__exact=%00",
    "_facets=True",
    "is_staff__exact__x=1",
    "=",
    "__=1",
    "a__b__c=1",
    "_source_model=x",
    "pk=",
    "deleted_at__year=1e9",
]
ODD += ["q=" + "x" * 3000, "o=" + "1." * 500]


def test_odd_questions_are_answered_in_peace(world):
    """By every list, and every row's page, each its share of them; nothing breaks, and nothing is written."""
    browser, before, wrong = world.people["superuser"].browser, place(), []
    browser.raise_request_exception = False
    for nth, (model, (_, key)) in enumerate(MODELS.items()):
        for where in (f"/admin/{model}/", f"/admin/{model}/{filled(key, Anything(world.things))}/change/"):
            for odd in ODD[nth % 4 :: 4]:
                status = browser.get(f"{where}?{odd}").status_code
                wrong += [f"{where}?{odd}: {status}"] if status >= 500 else []
    assert wrong == []
    assert since(before) == (0, {})


def test_a_row_is_found_by_its_key_alone(world, meddler):
    """Not by another column, which asking would tell something of."""
    page = "/admin/accounts/user/author@conduit.example/change/?_to_field=email"
    assert meddler.get(page).status_code == 400
    assert meddler.get("/admin/accounts/user/author@conduit.example/change/").status_code == 302


def test_picking_by_typing_needs_the_right_to_see_what_is_picked(world):
    path = "/admin/autocomplete/?app_label=blog&model_name=comment&field_name=article&term=D"
    found = {
        kind: world.people[kind].browser.get(path).status_code for kind in ("clerk", "watcher", "operator")
    }
    assert found == {"clerk": 200, "watcher": 403, "operator": 403}
    for odd in (
        "term=%00",
        "app_label=blog&model_name=comment&field_name=body",
        "app_label=x&model_name=y&field_name=z",
    ):
        assert world.people["superuser"].browser.get(f"/admin/autocomplete/?{odd}").status_code in {400, 403}
    of_a_token = "/admin/autocomplete/?app_label=accounts&model_name=apitoken&field_name=user"
    assert world.people["clerk"].browser.get(of_a_token).status_code == 403


# What is personal


@pytest.fixture(scope="module")
def trusted(world):
    """By how far each is trusted: may see metadata; what was said as well; what is personal as well."""
    return {
        "metadata": staff("trusted-1", METADATA, *VIEWS),
        "payloads": staff("trusted-2", METADATA, PAYLOADS, *VIEWS),
        "personal": staff("trusted-3", METADATA, PAYLOADS, PERSONAL, *VIEWS),
    }


ADDRESS = re.compile(rb"[\w.-]+@conduit\.example")
LOG = "/admin/eventstore"


def everywhere(world):
    """Every page about the log, every search that may lead to a person, about people who have an address."""
    person = world.things["author_id"]
    for position, command, correlation in rows(
        b"SELECT position, command_id, correlation_id FROM eventstore_event JOIN eventstore_command AS command "
        b"ON command.id = command_id WHERE type = 'accounts.user_registered' ORDER BY position LIMIT 3"
    ):
        yield f"{LOG}/event/{position}/change/"
        yield f"{LOG}/command/{command}/change/"
        yield f"{LOG}/correlation/{correlation}/"
    for (refused,) in rows(b"SELECT id FROM eventstore_command WHERE outcome = 'refused' LIMIT 5"):
        yield f"{LOG}/command/{refused}/change/"
    for path in PLACES.split():
        yield path.format(log=LOG, users="/admin/accounts/user", person=person)


PLACES = """
{log}/stream/user-{person}/ {log}/stream/user-{person}/?version=1&since=2 {log}/why/accounts.user/{person}/
{log}/why/blog.author/{person}/ {log}/event/?actor={person} {log}/event/?type=accounts.user_registered
{log}/command/?name=accounts.register_user {log}/dashboard/ {log}/tail/ {log}/jump/?q=author {log}/jump/?q={person}
/admin/ {users}/ {users}/?q=author {users}/{person}/change/ {users}/{person}/history/
"""


@pytest.mark.parametrize("who", ["metadata", "payloads", "personal"])
def test_no_page_tells_an_address_unasked(world, trusted, who):
    told = {}
    for path in everywhere(world):
        answer = trusted[who].get(path, follow=True)
        assert answer.status_code in {200, 403}, path
        if found := set(ADDRESS.findall(answer.content)):
            told[path] = found
    assert told == {}


@pytest.mark.parametrize(
    "text", ["author@conduit.example", "AUTHOR@Conduit.Example", "email:author@conduit.example", "author@"]
)
def test_the_box_does_not_say_whether_somebody_has_an_address(trusted, text):
    for who in trusted:
        known = trusted[who].get(f"{LOG}/jump/", {"q": text}).status_code
        assert known == trusted[who].get(f"{LOG}/jump/", {"q": "nobody-x@conduit.example"}).status_code == 404


def test_nothing_personal_is_taken_along_without_the_permission(world, trusted):
    before = place()
    asked = {"form": "ndjson", "personal": "1"}
    for who in ("metadata", "payloads"):
        assert trusted[who].post(f"{LOG}/export/", asked).status_code == 403
    assert {key[1] for key in since(before)[1]} == {"refused"}
    for form in ("ndjson", "fixture"):
        plain = trusted["personal"].post(f"{LOG}/export/", {"form": form}).getvalue()
        assert not ADDRESS.search(plain), form
        assert ADDRESS.search(trusted["personal"].post(f"{LOG}/export/", asked | {"form": form}).getvalue())


@pytest.mark.parametrize("one", ["reviewer", "confidant"])
def test_one_permission_is_not_another(world, one):
    """To see payloads does not tell who did what when; to see personal data shows nothing by itself."""
    browser = world.people[one].browser
    for path in everywhere(world):
        if path.startswith(LOG):
            assert browser.get(path).status_code == 403, path
    assert browser.post(f"{LOG}/export/", {"form": "ndjson"}).status_code == 403


def test_an_error_that_quotes_a_row_is_not_told_to_who_may_only_look(world, trusted):
    """What a database says of a row that it would not take has the row in it, after the first line."""
    quoted = "IntegrityError: no\nDETAIL: Key (email)=(author@conduit.example) already exists."
    name = (rows(b"SELECT min(name) FROM eventstore_checkpoint")[0][0],)
    execute(
        b"UPDATE eventstore_checkpoint SET status = 'stopped', last_error = %s WHERE name = %s",
        (quoted, *name),
    )
    try:
        pages = [
            trusted["metadata"].get(f"{LOG}/dashboard/"),
            world.people["operator"].browser.get(f"{LOG}/projectors/"),
        ]
        pages += [world.people["anonymous"].browser.get(path) for path in ("/readyz", "/healthz")]
        assert [page.status_code for page in pages[:2]] == [200, 200]
        assert [bool(ADDRESS.search(page.content)) for page in pages] == [False] * 4
    finally:
        execute(b"UPDATE eventstore_checkpoint SET status = 'running', last_error = '' WHERE name = %s", name)
