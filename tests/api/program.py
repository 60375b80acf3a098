"""A program that uses the API: it sends JSON, and every answer is held against what the API says of itself."""

import json
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple

import jsonschema_rs
from django.test import Client

from tests.cast import PASSWORD, Person

SAYS = "application/json; charset=utf-8"


class Answer(NamedTuple):
    """A status, and what the JSON says."""

    status: int
    said: Any
    headers: Any

    @property
    def errors(self) -> Any:
        assert list(self.said) == ["errors"], self.said
        return self.said["errors"]


class Program:
    """Somebody's program, or nobody's."""

    def __init__(self, person: Person | None = None, token: str = "") -> None:
        self.token = token
        if person:
            login = {"user": {"email": person.email, "password": PASSWORD}}
            self.token = self.post("/users/login", login).said["user"]["token"]

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, said: Any = None, **headers: str) -> Answer:
        return self.ask("POST", path, said, **headers)

    def put(self, path: str, said: Any = None, **headers: str) -> Answer:
        return self.ask("PUT", path, said, **headers)

    def delete(self, path: str, said: Any = None, **headers: str) -> Answer:
        return self.ask("DELETE", path, said, **headers)

    def ask(self, method: str, path: str, said: Any = None, **headers: str) -> Answer:
        """With a body only if something is said; bytes are sent as they are."""
        known = {"Authorization": f"Token {self.token}"} if self.token else {}
        sent = said if isinstance(said, bytes) else json.dumps(said).encode()
        body: Any = {} if said is None else {"data": sent, "content_type": "application/json"}
        client = Client(raise_request_exception=False)
        response = client.generic(method, f"/api{path}", **body, headers={**known, **headers})
        return _checked(method, path, response)


def _checked(method: str, path: str, response: Any) -> Answer:
    assert not response.cookies, "the API sets no cookies"
    status, content = response.status_code, response.content
    if method != "HEAD" and status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
        assert response.headers["Content-Length"] == str(len(content))
    if not content:
        return Answer(status, None, response.headers)
    assert response.headers["Content-Type"] == SAYS
    answer = Answer(status, json.loads(content), response.headers)
    assert (status == HTTPStatus.UNAUTHORIZED) == ("WWW-Authenticate" in response.headers)
    if status >= HTTPStatus.BAD_REQUEST:
        assert all(texts and all(isinstance(text, str) for text in texts) for texts in answer.errors.values())
    if operation := _operation(method, path):
        _described(operation, answer)
    return answer


def _described(operation: dict[str, Any], answer: Answer) -> None:
    """What is answered is what OpenAPI says."""
    described = operation["responses"][str(answer.status)]
    schema = described["content"]["application/json"]["schema"]
    jsonschema_rs.validate({**schema, "components": described_api()["components"]}, answer.said)


@cache
def described_api() -> Any:
    return json.loads(Client().get("/api/openapi.json").content)


def _operation(method: str, path: str) -> dict[str, Any] | None:
    """The operation at a path, literal steps before steps that name something."""
    steps = path.partition("?")[0].split("/")
    known = described_api()["paths"].items()
    found = [(template, item) for template, item in known if _fits(template.split("/")[2:], steps[1:])]
    found.sort(key=lambda each: each[0].count("{"))
    operation: dict[str, Any] | None = found[0][1].get(method.lower()) if found else None
    return operation


def _fits(template: list[str], steps: list[str]) -> bool:
    return len(template) == len(steps) and all(
        known.startswith("{") or known == step for known, step in zip(template, steps, strict=True)
    )
