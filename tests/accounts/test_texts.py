"""What may be typed about accounts: how long each text may be, and which characters no text may have."""

import pytest

from eventstore.messages import BadInput
from eventstore.testing import given
from tests.accounts.story import describe, register, registered, update

DOORS = {"settings": update, "profile": describe}
NEVER = {
    "NUL": "\x00",
    "an escape": "\x1b",
    "a C1 control": "\x9b",
    "a lone surrogate": "\udfff",
    "a right-to-left override": "\u202e",
    "a noncharacter": "\ufffe",
}
LINE_BREAKS = {
    "a line feed": "\n",
    "a carriage return": "\r",
    "a tab": "\t",
    "a paragraph separator": "\u2029",
}


def problems_of(command, *past):
    return given(*past).when(command).then_rejected(BadInput).problems


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("field", ["bio", "image"])
def test_a_bio_and_an_image_have_at_most_2000_characters(door, field):
    assert given(registered()).when(door(**{field: "x" * 2000})).refusal is None
    problems = problems_of(door(**{field: "x" * 2001}), registered())
    assert problems == {field: ["is too long (maximum is 2,000 characters)"]}


def test_an_address_has_at_most_254_characters():
    domain = "@conduit.example"
    assert given().when(register(email="x" * (254 - len(domain)) + domain)).refusal is None
    problems = problems_of(register(email="x" * (255 - len(domain)) + domain))
    assert problems == {"email": ["is too long (maximum is 254 characters)"]}


@pytest.mark.parametrize("character", NEVER.values(), ids=NEVER)
@pytest.mark.parametrize("field", ["username", "email", "bio", "image"])
def test_no_text_has(field, character):
    assert field in problems_of(update(**{field: f"a{character}b"}), registered())


@pytest.mark.parametrize("character", LINE_BREAKS.values(), ids=LINE_BREAKS)
@pytest.mark.parametrize("field", ["username", "email", "image"])
def test_a_text_of_one_line_has_no(field, character):
    assert field in problems_of(update(**{field: f"a{character}b"}), registered())


@pytest.mark.parametrize("character", LINE_BREAKS.values(), ids=LINE_BREAKS)
def test_a_bio_may_have(character):
    assert given(registered()).when(update(bio=f"a{character}b")).refusal is None


@pytest.mark.parametrize(
    "image", ["javascript:alert(1)", "data:text/html,<script>", 'https://x"onerror="alert(1)']
)
def test_the_address_of_an_image_is_kept_as_given_since_it_is_only_ever_shown_as_one(image):
    [event] = given(registered()).when(update(image=image)).events
    assert event.image == image


def test_everything_that_is_wrong_is_said_at_once_by_field():
    assert problems_of(register(username="..", email="jake")).keys() == {"username", "email"}
