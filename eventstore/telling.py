"""What facts say in plain words, and which page each of them concerns: contexts say it, tools for people repeat it.

A sentence is made of what may be shown: where a value is hidden, the sentence says "hidden".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from string import Formatter
from typing import Any, NamedTuple, TypeVar

from eventstore.messages import EVENT_NAMES, EVENT_TYPES

Data = dict[str, Any]
Sentence = str | Callable[[Data], str]

_sentences: dict[str, Sentence] = {}
_pages: dict[str, Callable[[Any], "Link | None"]] = {}
_origins: dict[type[Any], Callable[[Any], Iterable[str]]] = {}

P = TypeVar("P", bound=Callable[[Any], "Link | None"])
O = TypeVar("O", bound=Callable[[Any], Iterable[str]])  # noqa: E741


class Link(NamedTuple):
    """Where to go, and how it is called."""

    url: str
    text: str


def say(event: type[Any], sentence: Sentence) -> None:
    """Words for the facts of a class: a format of its fields ("“{title}” was published"), or a function of them."""
    _sentences[EVENT_TYPES[event].name] = sentence


def in_words(type_name: str, data: Data | None = None) -> str:
    """A fact as a sentence; without data, or where a context has said nothing, what such facts say in general."""
    kind, sentence = EVENT_NAMES.get(type_name), _sentences.get(type_name)
    if data is not None and sentence is not None:
        return sentence(data) if callable(sentence) else _Formatter().format(sentence, **data)
    if kind is None:
        return "A fact that this code does not know."
    words = " ".join((kind.cls.__doc__ or "").split())
    return kind.cls.__name__ if words.startswith(f"{kind.cls.__name__}(") else words


class _Formatter(Formatter):
    """Says nothing of what a fact leaves unsaid."""

    def get_value(self, key: Any, args: Any, kwargs: Any) -> Any:
        value = kwargs.get(key)
        return (
            ", ".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else value
        )


def concerns(*events: type[Any]) -> Callable[[P], P]:
    """The function finds the page that a fact of these classes concerns; None if there is none (any more)."""

    def register(find: P) -> P:
        _pages.update((EVENT_TYPES[event].name, find) for event in events)
        return find

    return register


def page_of(event: Any) -> Link | None:
    """The page that a fact concerns."""
    find = _pages.get(EVENT_TYPES[type(event)].name)
    return find(event) if find else None


def origins(model: type[Any]) -> Callable[[O], O]:
    """The function names the streams whose facts made a row of this model, the most telling ones first."""

    def register(find: O) -> O:
        _origins[model] = find
        return find

    return register


def origins_of(row: Any) -> list[str] | None:
    """The streams that may have made a row; None if its context has said nothing."""
    find = _origins.get(type(row))
    return None if find is None else list(dict.fromkeys(find(row)))


def kinds() -> dict[str, list[str]]:
    """Every type of fact that this code knows, by context."""
    by_context: defaultdict[str, list[str]] = defaultdict(list)
    for kind in EVENT_NAMES.values():
        by_context[kind.context].append(kind.name)
    return {context: sorted(names) for context, names in sorted(by_context.items())}
