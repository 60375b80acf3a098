"""What may be typed on the blog: how long each text may be, and which characters no text may have."""

import pytest

from eventstore.messages import BadInput
from eventstore.testing import given
from tests.blog.story import commented, edit, edited, publish, published, say

CASES = [
    pytest.param(publish, (), "title", 200, id="200 in a title"),
    pytest.param(publish, (), "description", 500, id="500 in a description"),
    pytest.param(publish, (), "body", 65_536, id="65,536 in an article"),
    pytest.param(publish, (), "slug", 100, id="100 in a slug"),
    pytest.param(edit, (published(),), "title", 200, id="200 in a new title"),
    pytest.param(edit, (published(),), "description", 500, id="500 in a new description"),
    pytest.param(edit, (published(),), "body", 65_536, id="65,536 in a new text"),
    pytest.param(say, (), "body", 8_192, id="8,192 in a comment"),
]
OF_ONE_LINE = [
    (publish, "title"),
    (publish, "description"),
    (publish, "slug"),
    (edit, "title"),
    (edit, "description"),
]
OF_LINES = [(publish, "body"), (edit, "body"), (say, "body")]
NEVER_BLANK = [
    (publish, "title"),
    (publish, "description"),
    (publish, "body"),
    (edit, "title"),
    (edit, "body"),
    (say, "body"),
]

NEVER = {
    "NUL": "\x00",
    "a bell": "\x07",
    "an escape": "\x1b",
    "a delete": "\x7f",
    "a C1 control": "\x85",
    "a lone surrogate": "\ud83d",
    "a right-to-left override": "\u202e",
    "an isolate": "\u2066",
    "a noncharacter": "\uffff",
}
LINE_BREAKS = {"a line feed": "\n", "a carriage return": "\r", "a tab": "\t", "a line separator": "\u2028"}


def problems_of(command, past=()):
    return given(*past).when(command).then_rejected(BadInput).problems


@pytest.mark.parametrize(("command", "past", "field", "most"), CASES)
def test_a_text_may_be_as_long_as(command, past, field, most):
    assert given(*past).when(command(**{field: "x" * most})).refusal is None


@pytest.mark.parametrize(("command", "past", "field", "most"), CASES)
def test_a_text_may_not_be_one_character_longer(command, past, field, most):
    problems = problems_of(command(**{field: "x" * (most + 1)}), past)
    assert problems == {field: [f"is too long (maximum is {most:,} characters)"]}


def test_a_tag_has_at_most_40_characters():
    given().when(publish(tags=("x" * 40,))).then(published(tags=("x" * 40,)))
    given(published()).when(edit(tags=("x" * 40,))).then(
        edited(tags=("x" * 40,), former_tags=("dragons", "training"))
    )
    assert problems_of(publish(tags=("fine", "x" * 41))) == {
        "tags": ["is too long (maximum is 40 characters)"]
    }
    assert problems_of(edit(tags=("x" * 41,))) == {"tags": ["is too long (maximum is 40 characters)"]}


@pytest.mark.parametrize("character", NEVER.values(), ids=NEVER)
@pytest.mark.parametrize(("command", "field"), OF_ONE_LINE + OF_LINES)
def test_no_text_has(command, field, character):
    [problem] = problems_of(command(**{field: f"a{character}b"}))[field]
    assert problem.startswith("contains a character that can't be stored (U+")


@pytest.mark.parametrize("character", (NEVER | LINE_BREAKS).values(), ids=NEVER | LINE_BREAKS)
def test_no_tag_has(character):
    assert "tags" in problems_of(publish(tags=("fine", f"a{character}b")))
    assert "tags" in problems_of(edit(tags=(f"a{character}b",)))


@pytest.mark.parametrize("character", LINE_BREAKS.values(), ids=LINE_BREAKS)
@pytest.mark.parametrize(("command", "field"), OF_ONE_LINE)
def test_a_text_of_one_line_has_no(command, field, character):
    assert field in problems_of(command(**{field: f"a{character}b"}))


@pytest.mark.parametrize("character", LINE_BREAKS.values(), ids=LINE_BREAKS)
@pytest.mark.parametrize(("command", "field"), OF_LINES)
def test_articles_and_comments_may_have(command, field, character):
    past = (published(),) if command is edit else ()
    assert given(*past).when(command(**{field: f"a{character}b"})).refusal is None


def test_what_is_typed_is_kept_to_the_character():
    body = "  \tcode\r\n\N{DRAGON FACE}\u200d\N{FIRE} \u200fעברית  \n"
    given().when(publish(body=body)).then(published(body=body))
    given().when(say(body=body)).then(commented(body=body))


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\u3000"], ids=["empty", "a space", "wide spaces"])
@pytest.mark.parametrize(("command", "field"), NEVER_BLANK)
def test_blank_is_refused(command, field, blank):
    assert problems_of(command(**{field: blank})) == {field: ["can't be blank"]}


def test_everything_that_is_wrong_is_said_at_once_by_field():
    problems = problems_of(publish(title="", description="a\x00b", body="x" * 65_537, tags=("x" * 41,)))
    assert set(problems) == {"title", "description", "body", "tags"}


def test_a_refused_character_is_named_so_that_it_can_be_found():
    assert problems_of(publish(title="a\u202eb")) == {
        "title": ["contains a character that can't be stored (U+202E RIGHT-TO-LEFT OVERRIDE)"]
    }


def test_a_bad_text_is_refused_before_anything_else_is_asked():
    assert problems_of(edit(title="a\x00b")).keys() == {"title"}
