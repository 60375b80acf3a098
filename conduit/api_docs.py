"""The API's own page: what OpenAPI says, laid out by the server for people, without a script."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

WHO = {0: "nobody", 1: "a token", 2: "a token, or nobody"}


class Answer(NamedTuple):
    """One answer of an operation: its status, what that means, and how it looks."""

    status: str
    meaning: str
    example: str


class Entry(NamedTuple):
    """One operation, as the page tells of it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    asks: str
    parameters: list[dict[str, Any]]
    takes: str
    answers: list[Answer]


class Page(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema_url = self.get_openapi_url(api, kwargs)
        headers = api.get_openapi_schema()["components"]["parameters"].values()
        said = {"entries": _entries(api), "headers": headers, "schema_url": schema_url, "api": api}
        return render(request, "api.html", said)


@cache
def _entries(api: NinjaAPI) -> list[Entry]:
    schema = json.loads(json.dumps(api.get_openapi_schema()))
    things = schema["components"]["schemas"]
    return [
        _entry(method.upper(), path, operation, things)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]


def _entry(method: str, path: str, operation: dict[str, Any], things: dict[str, Any]) -> Entry:
    return Entry(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        asks=WHO[len(operation.get("security", []))],
        parameters=[each for each in operation["parameters"] if "$ref" not in each],
        takes=_pretty(operation["requestBody"]["content"]["application/json"]["example"])
        if "requestBody" in operation
        else "",
        answers=list(_answers(operation["responses"], things)),
    )


def _answers(responses: dict[str, Any], things: dict[str, Any]) -> Iterator[Answer]:
    for status, said in sorted(responses.items()):
        content = said.get("content", {}).get("application/json", {})
        example = content.get("example") or (_example(content["schema"], things) if content else None)
        yield Answer(status, said["description"], _pretty(example) if example else "")


def _example(schema: dict[str, Any], things: dict[str, Any]) -> Any:
    """What a schema describes, put together from the examples of its parts."""
    if "$ref" in schema:
        return _example(things[schema["$ref"].rpartition("/")[2]], things)
    if "examples" in schema:
        return schema["examples"][0]
    if "properties" in schema:
        return {name: _example(part, things) for name, part in schema["properties"].items()}
    if "items" in schema:
        return [_example(schema["items"], things)]
    return False


def _pretty(said: Any) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False)
