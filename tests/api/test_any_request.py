"""Whatever is sent, valid or not: every operation answers as the API says of itself, and never with a mistake.

API_EXAMPLES says how many requests for each operation, where 10 are too few.
"""

import os
from http import HTTPStatus

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, settings
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from blog import queries
from conduit.wsgi import application
from tests.api.program import Program
from tests.cast import Cast

EXAMPLES = int(os.environ.get("API_EXAMPLES", "10"))
ABOUT_WHAT_IS = {"username", "email", "profile", "idempotency-key", "conduit-after"}
"""No schema says which names are reserved, of two scripts, or one's own; what was sent before; where the log ends."""

schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
schema.config.generation.update(allow_extra_parameters=False)  # which we ignore, as everybody does


@pytest.fixture(scope="module")
def people(fresh_database):
    """Jake, his token, and Jane; whatever happens to them, the token stays good."""
    with fresh_database():
        cast = Cast()
        assert cast.jane
        yield cast, Program(cast.jake).token


@pytest.fixture
def token(people):
    return people[1]


@pytest.fixture
def world(people):
    """What there is to be found: an article with a comment, and somebody to follow."""
    jake = people[0].jake
    article = jake.publishes("Dragons", tags=("x",))
    jake.says("Yes", article)
    [comment] = queries.comments(queries.article(article.id))
    return {"slug": article.slug, "number": comment.number, "username": "jane"}


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_any_request_is_answered_as_described(case, world, token):
    if case.meta.generation.mode is GenerationMode.POSITIVE and _drawn(case) % 2:
        case.path_parameters |= {name: world[name] for name in case.path_parameters}
    assume(case.path_parameters.get("slug") != "feed")  # which is another address
    headers = {"Authorization": f"Token {token}"}
    response = case.call(headers=headers)
    case.validate_response(response, excluded_checks=list(_misjudged(response)), headers=headers)


def _misjudged(response):
    """What schemathesis can't judge, for it knows no more than the schema."""
    match response.status_code:
        case HTTPStatus.UNPROCESSABLE_ENTITY if response.json()["errors"].keys() <= ABOUT_WHAT_IS:
            yield positive_data_acceptance
        case HTTPStatus.PRECONDITION_FAILED:
            yield positive_data_acceptance
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            yield from (positive_data_acceptance, negative_data_rejection)


def _drawn(case):
    """Something that is even as often as odd: half of the requests are for what is there."""
    return len(str(case.path_parameters)) + len(str(case.body))
