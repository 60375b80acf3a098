"""What may be a name or an address: one identity for each look, and nothing that cannot be told apart."""

from email.utils import getaddresses

import pytest
from django.core.mail.message import sanitize_address
from hypothesis import given as whenever
from hypothesis import strategies as any_

from accounts.commands import ChangeEmail, ChangeUsername
from accounts.names import RESERVED, Address, Username, email_key
from eventstore.messages import BadInput
from eventstore.testing import given
from eventstore.text import identity
from tests.accounts.story import WHO, register, registered, update

ALLOWED = {
    "2 characters": "jo",
    "40 characters": "x" * 40,
    "capitals": "JaneDoe",
    "digits": "jake2",
    "only digits": "42",
    "underscores, hyphens and dots": "j_a-k.e",
    "accents": "jäke",
    "Cyrillic": "алиса",
    "Chinese": "李雷",
    "Korean": "한국어",
    "Hebrew": "שלום",
    "Arabic": "محمد",
    "Japanese, which mixes its own three scripts": "佐々木ひろみマリー",
}
REFUSED = {
    "1 character": ("j", "must have 2 to 40 characters"),
    "41 characters": ("x" * 41, "must have 2 to 40 characters"),
    "nothing": ("", "can't be blank"),
    "a blank": ("  ", "can't be blank"),
    "a space inside": ("jake doe", "may have letters, digits, _, - and . only"),
    "a space behind": ("jake ", "may have letters, digits, _, - and . only"),
    "an at": ("jake@doe", "may have letters, digits, _, - and . only"),
    "a slash": ("jake/doe", "may have letters, digits, _, - and . only"),
    "markup": ("<b>jake", "may have letters, digits, _, - and . only"),
    "an emoji": ("jake\N{DRAGON FACE}", "may have letters, digits, _, - and . only"),
    "a zero-width joiner": ("ja\u200dke", "may have letters, digits, _, - and . only"),
    "letters that cannot be seen": ("\u3164\u3164", "may have letters, digits, _, - and . only"),
    "an unseen letter among seen ones": ("한국\u3164", "may have letters, digits, _, - and . only"),
    "two dots": ("..", "must have a letter or a digit"),
    "only marks": ("_-.", "must have a letter or a digit"),
    "a Cyrillic а in admin": ("аdmin", "must be written in one script"),
    "a Cyrillic а in jake": ("jаke", "must be written in one script"),
    "a Greek omega": ("Ωmega", "must be written in one script"),
    "Chinese with Latin": ("李lei", "must be written in one script"),
    "Cyrillic that could be Latin": ("ѕсоре", "looks like another name, in Latin letters"),
    "Greek that could be Latin, with a number": ("ΚΑΤΕ_1", "looks like another name, in Latin letters"),
    "a word that addresses use": ("settings", "is reserved"),
    "admin": ("admin", "is reserved"),
    "admin in capitals": ("ADMIN", "is reserved"),
    "admin in fullwidth letters": ("ａｄｍｉｎ", "is reserved"),
}
ADDRESSES = [
    "jake@conduit.example",
    "j.a+k_e@mail.conduit.example",
    "o'brien/{x}=y!#$%&*?^`|~@conduit.example",
    "ジェイク@例え.テスト",
]
NO_ADDRESSES = [
    "jake",
    "jake@",
    "@conduit.example",
    "jake@conduit",
    "a@b@c.example",
    "ja ke@conduit.example",
    "jake@conduit.",
    "x0<jane@conduit.example>",
    "<jane@conduit.example>",
    "jane@conduit.example,jake@conduit.example",
    "ja,ke@conduit.example",
    "ja;ke@conduit.example",
    "jake:jane@conduit.example",
    "jake(jane)@conduit.example",
    'ja"ke@conduit.example',
    "ja\\ke@conduit.example",
    "jake@[127.0.0.1]",
    "jake@conduit..example",
    "jake@.conduit.example",
    f"jake@{'x' * 64}.example",
    "jake@conduit\N{FULLWIDTH GREATER-THAN SIGN}.example",
    "jake@jane\N{FULLWIDTH COMMERCIAL AT}conduit.example",
    "=?utf-8?q?jane?=@conduit.example",
    f"{'é' * 100}@conduit.example",
]


def problems_of(command):
    return given(registered()).when(command).then_rejected(BadInput).problems


@pytest.mark.parametrize("username", ALLOWED.values(), ids=ALLOWED)
def test_a_username_may_have(username):
    assert given().when(register(username=username)).refusal is None


@pytest.mark.parametrize(("username", "why"), REFUSED.values(), ids=REFUSED)
def test_a_username_may_not_have(username, why):
    problems = given().when(register(username=username)).then_rejected(BadInput).problems
    assert why in problems["username"]


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_no_username_is_the_reserved_word(word):
    assert list(Username().problems(word)) == ["is reserved"]


def test_reserved_words_may_be_parts_of_a_name():
    assert given().when(register(username="admin.jake")).refusal is None


@pytest.mark.parametrize(
    "door",
    [lambda to: ChangeUsername(**WHO, username=to), lambda to: update(username=to)],
    ids=["by itself", "in the settings"],
)
def test_a_name_that_is_changed_obeys_the_same_rules(door):
    assert problems_of(door("..")) == {"username": ["must have a letter or a digit"]}
    assert problems_of(door("ａdmin")) == {"username": ["is reserved"]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jake", "JAKE"),
        ("jake", "ｊａｋｅ"),
        ("strasse", "straße"),
        ("fish", "\N{LATIN SMALL LIGATURE FI}sh"),
        ("jäke", "JÄKE"),
    ],
    ids=["capitals", "fullwidth", "sharp s", "ligature", "accents"],
)
def test_spellings_of_one_look_are_one_name(one, other):
    assert identity(one) == identity(other)


@pytest.mark.parametrize(("one", "other"), [("jake", "jane"), ("jake", "jäke"), ("jake", "ja.ke")])
def test_names_that_differ_to_the_eye_are_different(one, other):
    assert identity(one) != identity(other)


@whenever(any_.text(max_size=40))
def test_the_identity_of_an_identity_is_itself(username):
    assert identity(identity(username)) == identity(username)


@whenever(any_.text(min_size=2, max_size=40))
def test_an_allowed_name_can_always_be_seen_and_stands_in_an_address(username):
    if not list(Username().problems(username)):
        assert any(character.isalnum() for character in username)
        assert not set(username) & set(" /?#%&\\\"'<>@\x00\n\u3164")
        assert username.strip(".")


@pytest.mark.parametrize("email", ADDRESSES)
def test_an_address_has_something_an_at_and_a_domain_with_a_dot(email):
    assert given().when(register(email=email)).refusal is None


@pytest.mark.parametrize("email", NO_ADDRESSES)
def test_what_is_no_address_is_refused(email):
    problems = given().when(register(email=email)).then_rejected(BadInput).problems
    assert problems == {"email": ["is not an email address"]}


@whenever(any_.text('ab.@<>()[],;:=?\\"é世＠＞．、', min_size=3, max_size=20))
def test_mail_to_an_allowed_address_goes_to_it_alone(email):
    if not list(Address().problems(email)):
        [(name, to)] = getaddresses([sanitize_address(email, "utf-8")])
        assert (name, to.count("@")) == ("", 1)
        assert to == email or not email.isascii()


@pytest.mark.parametrize(
    "door",
    [lambda to: ChangeEmail(**WHO, email=to), lambda to: update(email=to)],
    ids=["by itself", "in the settings"],
)
def test_an_address_that_is_changed_obeys_the_same_rules(door):
    assert problems_of(door("jake")) == {"email": ["is not an email address"]}


def test_addresses_are_one_whatever_their_letter_case():
    assert email_key("Jake@Conduit.Example") == email_key("jake@conduit.example")
