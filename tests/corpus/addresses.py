"""Every address of the site, from the URL resolver: one that is new joins by itself."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.urls import URLPattern, get_resolver

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\([^)]*\)|[^)])*\)")
BESIDE = (
    "healthz",
    "readyz",
    "metrics",
    "api",
    "static/css/conduit.css",
    "static/nothing.css",
    "favicon.ico",
    "robots.txt",
)
"""What is answered without the resolver."""

KNOWN = {
    "slug": "dragons",
    "username": "jake",
    "number": "1",
    "tag": "magic",
    "app_label": "blog",
    "label": "blog.article",
    "content_type_id": "1",
    "stream": "article-x",
    "subscriber": "blog.articles",
    "verb": "nothing",
    "url": "nothing",
    "nowhere": "nowhere/at/all",
}
NIL = "00000000-0000-0000-0000-000000000000"


class Address(NamedTuple):
    """A path with places for arguments: "/article/{slug}"."""

    path: str
    arguments: tuple[str, ...]

    def filled(self, **odd: str) -> str:
        """With something known in each place, but for what is said."""
        return self.path.format(**{name: odd.get(name, KNOWN.get(name, NIL)) for name in self.arguments})

    @property
    def is_probe(self) -> bool:
        """For machines that watch: in front of every gate."""
        return self.door in {"healthz", "readyz", "metrics"}

    @property
    def is_well_alone(self) -> bool:
        """Whether all that is asked for stands in it, and a body is ignored."""
        return self.path.endswith(("favorite", "follow"))

    @property
    def door(self) -> str:
        first = self.path.strip("/").split("/")[0]
        return (
            first if first in {"api", "admin", "live", "healthz", "readyz", "metrics", "static"} else "page"
        )


@cache
def addresses() -> tuple[Address, ...]:
    found = {_address(pattern) for pattern in _patterns(get_resolver())}
    return tuple(sorted(found | {Address(f"/{path}", ()) for path in BESIDE}))


def _patterns(resolver: Any, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield path
        else:
            yield from _patterns(each, path)


def _address(pattern: str) -> Address:
    names = tuple(one or other for one, other in ARGUMENT.findall(pattern))
    path = ARGUMENT.sub(lambda found: f"{{{found[1] or found[2]}}}", pattern)
    return Address("/" + re.sub(r"[\^$\\]", "", path), names)
