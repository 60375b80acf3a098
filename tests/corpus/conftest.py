"""One site for all attacks, and the people in whose name they are made."""

import json
from http import HTTPStatus

import pytest

from accounts.commands import GrantStaff
from eventstore.dispatch import dispatch
from tests.cast import PASSWORD, Cast
from tests.corpus.requests import People, Person
from tests.live.listening import ticket_for
from tests.live.wire import a_site, answer

SETTINGS = "tests.corpus.site_settings"


@pytest.fixture(scope="package")
def site(fresh_database, tmp_path_factory):
    """Its port, its process, and the place for its temporary files."""
    temporary = tmp_path_factory.mktemp("tmp")
    with fresh_database("corpus"), a_site(SETTINGS, TMPDIR=str(temporary)) as (port, process):
        yield port, process, temporary


@pytest.fixture(scope="package")
def people(site):
    """Jane reads, and has an article; Ada may do everything in the admin. Jake wrote what there is."""
    cast = Cast()
    article = cast.jake.publishes("Dragons", tags=("magic",))
    cast.jake.says("Mine.", article)
    cast.jane.publishes("Janes")
    dispatch(GrantStaff(user_id=cast.mallory.id, superuser=True))
    jane, ada = (proven(site[0], person) for person in (cast.jane, cast.mallory))
    return People(Person(), jane, ada, ticket_for(article))


def proven(port, person):
    form = json.dumps({"user": {"email": person.email, "password": PASSWORD}})
    status, _, body = answer(port, "/api/users/login", "POST", form, Content_Type="application/json")
    assert status == HTTPStatus.OK, body
    return Person(person.browser.cookies["sessionid"].value, json.loads(body)["user"]["token"])
