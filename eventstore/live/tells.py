"""Which room hears of which fact, and what it is told. The contexts' `live.py` fill the registry.

@tells(ArticleFavorited, ArticleUnfavorited)
def how_many_hearts(event, fact):
    yield Tell(f"hearts:{event.article_id}", "count", f"hearts-{event.article_id}", partial(hearts, event.article_id))
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from eventstore.log import Fact
from eventstore.messages import EVENT_TYPES

Room = str
"""What an open page listens to, such as "article:<uuid>"."""

Audience = Callable[[Iterable[Room]], Iterable[Room]]
"""Of the rooms that somebody is in, those that shall hear it."""

Said = str | int | None
"""What they hear, made for an anonymous reader: a text, a fragment of a page, a number; None: nothing after all."""


class Tell(NamedTuple):
    """One thing to tell: `kind` says to the page what to do with `value`, and `key` to which part of it.

    A `value` that has to be made is made when somebody is there to hear it. Of several with the same room, kind and
    key the last one is enough; with `every_s` they are told at most once in so many seconds.
    """

    room: Room | Audience
    kind: str
    key: str
    value: Callable[[], Said] | Said = ""
    every_s: float = 0.0

    def rooms(self, present: Iterable[Room]) -> Iterable[Room]:
        """The rooms that hear it, at most those where somebody is."""
        if callable(self.room):
            return self.room(present)
        return (self.room,) if self.room in present else ()

    def said(self) -> Said:
        """Made now, if it was not said at once."""
        return self.value() if callable(self.value) else self.value


Teller = Callable[[Any, Fact], Iterable[Tell]]
T = TypeVar("T", bound=Teller)

_tellers: dict[str, list[Teller]] = {}
_tellers_of_all: list[Callable[[Fact], Iterable[Tell]]] = []


def tells(*events: type[Any]) -> Callable[[T], T]:
    """Calls the function for every fact of these events, in every process that has pages open."""

    def register(teller: T) -> T:
        for event in events:
            _tellers.setdefault(EVENT_TYPES[event].name, []).append(teller)
        return teller

    return register


def tells_everything(teller: Callable[[Fact], Iterable[Tell]]) -> Callable[[Fact], Iterable[Tell]]:
    """Calls the function for every fact, of whatever type."""
    _tellers_of_all.append(teller)
    return teller


def told(fact: Fact) -> Iterator[Tell]:
    """What there is to tell of a fact. It keeps nothing of the event, whose texts may be long."""
    for of_all in _tellers_of_all:
        yield from of_all(fact)
    for teller in _tellers.get(fact.type, ()):
        yield from teller(fact.event, fact)
