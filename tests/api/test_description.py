"""What the API says of itself, to programs and to people; and what its answers cost."""

import pytest
from django.test import Client

from tests.api.program import Program, described_api
from tests.pages.reading import see

OPERATIONS = {
    (method.upper(), path): operation
    for path, operations in described_api()["paths"].items()
    for method, operation in operations.items()
}
CONTRACT = {
    ("POST", "/api/users"), ("POST", "/api/users/login"), ("GET", "/api/user"), ("PUT", "/api/user"),
    ("GET", "/api/profiles/{username}"), ("POST", "/api/profiles/{username}/follow"),
    ("DELETE", "/api/profiles/{username}/follow"), ("GET", "/api/articles"), ("GET", "/api/articles/feed"),
    ("GET", "/api/articles/{slug}"), ("POST", "/api/articles"), ("PUT", "/api/articles/{slug}"),
    ("DELETE", "/api/articles/{slug}"), ("GET", "/api/articles/{slug}/comments"),
    ("POST", "/api/articles/{slug}/comments"), ("DELETE", "/api/articles/{slug}/comments/{number}"),
    ("POST", "/api/articles/{slug}/favorite"), ("DELETE", "/api/articles/{slug}/favorite"), ("GET", "/api/tags"),
}  # fmt: skip


def test_every_operation_of_the_contract_is_described():
    assert described_api()["openapi"].startswith("3.1")
    assert OPERATIONS.keys() >= CONTRACT


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=[" ".join(key) for key in OPERATIONS])
def test_every_operation_says_how_it_refuses_with_an_example_for_each(operation):
    refusals = {status for status in operation["responses"] if status >= "400"}
    assert {"400", "503"} <= refusals
    assert ("401" in refusals) or not operation.get("security")
    for status in refusals:
        content = operation["responses"][status]["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Errors"}
        assert content["example"]["errors"]
    if "requestBody" in operation:
        assert {"413", "415", "422"} <= refusals
        assert operation["requestBody"]["content"]["application/json"]["example"]


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_limits_are_those_of_the_commands():
    body = OPERATIONS["POST", "/api/articles"]["requestBody"]["content"]["application/json"]["schema"]
    article = body["properties"]["article"]["properties"]
    limits = {name: article[name]["maxLength"] for name in ("title", "description", "body")}
    assert limits == {"title": 200, "description": 500, "body": 65_536}


def test_people_have_a_page_that_needs_no_script_and_no_other_site(database):
    response = Client().get("/api/docs")
    page = see(response)
    assert response.status_code == 200
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert all(script["src"].startswith("/static/") for script in page.all("script"))
    assert len(page.all("section")) == len(OPERATIONS)
    said = page.one("main").text
    for method, path in OPERATIONS:
        assert f"{method} {path}" in said
    assert not response.cookies


def test_examples_of_answers_are_put_together_from_their_parts(database):
    page = see(Client().get("/api/docs"))
    assert '"slug": "how-to-train-your-dragon"' in page.one("main").raw_text


QUESTIONS = [
    ("/articles?limit=20", False, 2),
    ("/articles?limit=20", True, 3),
    ("/articles?tag=x", True, 3),
    ("/articles?author=jake", True, 4),
    ("/articles?tag=x&author=jake&favorited=jane", True, 5),
    ("/articles/feed", True, 3),
    ("/articles/dragon-0", True, 2),
    ("/articles/dragon-0/comments", True, 3),
    ("/profiles/jake", True, 2),
    ("/user", True, 1),
    ("/tags", False, 1),
]


def test_an_answer_costs_a_fixed_number_of_questions_however_long_it_is(cast, django_assert_num_queries):
    """The first is who asks, if there is a token."""
    jane, visitor = Program(cast.jane), Program()
    cast.jane.follows(cast.jake)
    first = cast.jake.publishes("Dragon 0", tags=("x", "y0"))
    cast.jane.favorites(first)  # a list with nothing on it costs less
    for others in (range(0), range(1, 20)):
        for nth in others:
            cast.jane.favorites(cast.jake.publishes(f"Dragon {nth}", tags=("x", f"y{nth}")))
        for _ in range(1 + len(others)):
            cast.jane.says("Yes", first)
        for path, signed_in, questions in QUESTIONS:
            with django_assert_num_queries(questions):
                assert (jane if signed_in else visitor).get(path).status == 200


def test_a_heart_costs_a_fixed_number_of_questions(cast, django_assert_max_num_queries):
    program, article = Program(cast.jane), cast.jake.publishes()
    with django_assert_max_num_queries(25):
        assert program.post(f"/articles/{article.slug}/favorite").status == 200
