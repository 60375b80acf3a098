"""A page as a browser without scripts has it: parsed strictly, asked by CSS selectors, its forms filled in and sent."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.test import Client

HTMX = {"HX-Request": "true"}
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
STEP = re.compile(r"\s*(>)?\s*([^\s>]+)")
PART = re.compile(
    r":not\((?P<no>[^)]+)\)|\[(?P<name>[\w-]+)(?:(?P<how>[*^]?)=\"?(?P<value>[^\]\"]*)\"?)?\]|(?P<word>[.#]?[\w-]+)"
)


class Element:
    """One element: `.text` as it is read, `["href"]` as it is written."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None") -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    def __repr__(self) -> str:
        written = "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        return f"<{self.tag}{written}>{self.text[:80]}"

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def raw_text(self) -> str:
        return "".join(child if isinstance(child, str) else child.raw_text for child in self.children)

    @property
    def text(self) -> str:
        return " ".join(self.raw_text.split())

    def __iter__(self) -> "Iterator[Element]":
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    def all(self, selector: str) -> "list[Element]":
        """Every element inside that a selector finds: tags, classes, ids, attributes, :not(), blanks and >."""
        steps = STEP.findall(selector)
        return [element for element in self if _found(element, steps)]

    def one(self, selector: str) -> "Element":
        """The only element that a selector finds."""
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} × {selector}: {found}"
        return found[0]

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.all(selector)]

    @property
    def fields(self) -> dict[str, list[str]]:
        """What a browser would send of this form, were it sent as it is."""
        sent: dict[str, list[str]] = {}
        for field in [*self.all("input[name]"), *self.all("textarea[name]")]:
            value = (
                field.raw_text.removeprefix("\n")
                if field.tag == "textarea"
                else field.attributes.get("value", "")
            )
            sent.setdefault(field["name"], []).append(value)
        return sent


def _found(element: Element, steps: list[tuple[str, str]]) -> bool:
    *before, (child, compound) = steps
    if not _is(element, compound):
        return False
    if not before:
        return True
    above = element.parent
    while above is not None:
        if _found(above, before):
            return True
        above = None if child else above.parent
    return False


def _is(element: Element, compound: str) -> bool:
    assert "".join(part[0] for part in PART.finditer(compound)) == compound, compound
    return all(_has(element, part) for part in PART.finditer(compound))


def _has(element: Element, part: re.Match[str]) -> bool:
    match part["no"], part["name"], part["word"]:
        case str(no), _, _:
            return not _is(element, no)
        case _, str(name), _:
            return name in element and _agree(part["how"], part["value"], element[name])
        case _, _, word if word.startswith("."):
            return word[1:] in element.classes
        case _, _, word if word.startswith("#"):
            return element.attributes.get("id") == word[1:]
        case _, _, word:
            return element.tag == word


def _agree(how: str | None, asked: str | None, value: str) -> bool:
    match how:
        case "*":
            return str(asked) in value
        case "^":
            return value.startswith(str(asked))
        case _:
            return asked in {None, value}


class _Builder(HTMLParser):
    """Refuses what browsers repair: unclosed and crossed elements, an attribute or an id that is there twice."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("", {}, None)
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), f"an attribute twice: {self.get_starttag_text()}"
        if identity := attributes.get("id"):
            assert identity not in self.ids, f"two elements with id {identity}"
            self.ids.add(identity)
        element = Element(tag, attributes, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def see(response: Any) -> Element:
    """The page, or the fragment, of an answer."""
    builder = _Builder()
    builder.feed(response.content.decode())
    builder.close()
    assert builder.here is builder.root, f"<{builder.here.tag}> is never closed"
    return builder.root


def send(client: Client, form: Element, *, headers: dict[str, str] | None = None, **typed: Any) -> Any:
    """Sends a form with its hidden fields and with what is typed into the others."""
    return client.post(form["action"], {**form.fields, **typed}, headers=headers)
