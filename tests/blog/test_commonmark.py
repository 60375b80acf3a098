"""Every example of the CommonMark specification becomes safe HTML, and its words stay."""

import json
import os
import re
from html import unescape
from itertools import chain
from pathlib import Path

import pytest

from blog.rendering import rendered
from tests.blog.markup import elements
from tests.blog.test_harmless import harmless

INSTALLED = "*/yuin/goldmark/_test/spec.json"
NO_EXAMPLES = "The specification's examples are not there; .ci/commonmark installs them."
CONSTRUCTS = {
    "Thematic breaks": "hr",
    "ATX headings": "h2",
    "Setext headings": "h2",
    "Indented code blocks": "pre",
    "Fenced code blocks": "pre",
    "Block quotes": "blockquote",
    "List items": "li",
    "Lists": "ul",
    "Code spans": "code",
    "Emphasis and strong emphasis": "em",
    "Links": "a",
    "Images": "img",
    "Autolinks": "a",
    "Hard line breaks": "br",
}
"""What most examples of a section are about."""


@pytest.fixture(scope="module")
def examples():
    """As the specification has them: section, Markdown and HTML."""
    named = [Path(name) for name in [os.environ.get("COMMONMARK_SPEC")] if name]
    found = next(chain(named, Path("/usr/share/gocode/src").glob(INSTALLED)), None)
    return json.loads(found.read_text()) if found else pytest.fail(NO_EXAMPLES)


def test_there_are_all_examples(examples):
    assert len(examples) >= 649
    assert set(CONSTRUCTS) <= {example["section"] for example in examples}


def test_every_example_is_harmless(examples):
    """In its own place, and within a quotation, a list and a table, which read it anew."""
    found = {}
    for example in examples:
        text = example["markdown"]
        for placed in (text, quoted(text), f"- {text}", f"| a |\n|---|\n| {text} |"):
            try:
                harmless(placed)
            except Exception as harm:
                found[example["example"], placed] = repr(harm)
    assert found == {}


def quoted(text):
    return "".join(f"> {line}" for line in text.splitlines(keepends=True))


def test_the_constructs_are_there(examples):
    """Not everything is made harmless by being left out."""
    for section, tag in CONSTRUCTS.items():
        ours = [rendered(example["markdown"]) for example in examples if example["section"] == section]
        assert sum(bool(elements(html, tag)) for html in ours) > len(ours) / 4, section


def test_no_words_are_lost(examples):
    """Every word that an example shows is shown, raw HTML included, which is shown as it was typed."""
    found = {}
    for example in examples:
        if missing := words(example["html"]) - words(rendered(example["markdown"])):
            found[example["example"]] = missing
    assert found == {}


def words(html):
    """What is read of it, tags and comments aside."""
    return set(re.findall(r"[a-z]{4,}", unescape(re.sub(r"<!--.*?-->|<[^>]*>", " ", html, flags=re.DOTALL))))
