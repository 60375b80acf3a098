"""A projector is a pure function from a fact to row changes; it reads no table, no clock, no settings.

articles = Projector("blog.articles", tables=[Article, Favorite])

@articles.on(ArticleFavorited)
def fill_a_heart(event, fact):
    yield Put(Favorite, article_id=event.article_id, reader_id=event.reader_id)
    yield Add(Article, event.article_id, favorites_count=1)
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from django.db import models

from eventstore.changes import Add, Change, Changes, Drop, Put, Set
from eventstore.log import Fact
from eventstore.messages import EVENT_NAMES, EVENT_TYPES

__all__ = ["Add", "Change", "Changes", "Drop", "Projector", "Put", "Set", "projectors"]

Handler = Callable[[Any, Fact], Iterable[Any]]
H = TypeVar("H", bound=Handler)


class Following:
    """What projectors and policies share: a name, and the types of fact that they follow."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._handlers: dict[str, list[Handler]] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"

    def on(self, *events: type[Any]) -> Callable[[H], H]:
        """Calls the function for every fact of these events."""

        def register(handler: H) -> H:
            for event in events:
                self._handlers.setdefault(EVENT_TYPES[event].name, []).append(handler)
            return handler

        return register

    def follows(self, type_name: str) -> bool:
        """Whether a fact of this type concerns it, or may: one of its contexts that only newer code knows."""
        if type_name in EVENT_NAMES:
            return type_name in self._handlers
        return type_name.partition(".")[0] in self.contexts()

    def among(self, types: Iterable[str]) -> list[str]:
        """Those of these types of fact that it follows."""
        return list(filter(self.follows, types))

    def contexts(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self._handlers)

    def _ask(self, fact: Fact) -> Iterator[Any]:
        event = fact.event
        for handler in self._handlers[fact.type]:
            yield from handler(event, fact)


class Projector(Following):
    """Keeps the rows of some tables, which nobody else writes; each is a fold of the log.

    `tells_rights`: what people may do is read from these rows. Nobody loses a right while it stands still, so that in
    the admin superusers alone may hold it back.
    """

    def __init__(
        self, name: str, tables: Iterable[type[models.Model]], *, tells_rights: bool = False
    ) -> None:
        super().__init__(name)
        self.tables, self.tells_rights = tuple(tables), tells_rights
        projectors.append(self)

    def project(self, fact: Fact) -> Changes:
        """What the fact does to the tables; `codec.FutureEvent` for one that the code is too old to read."""
        return self._ask(fact) if self.follows(fact.type) else iter(())


projectors: list[Projector] = []
