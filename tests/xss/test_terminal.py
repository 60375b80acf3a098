"""What commands of the terminal print of other people's words gives the terminal no orders, and forges no lines."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.commands import UpdateProfile
from eventstore import console
from eventstore.dispatch import dispatch
from tests.eventstore.tools import another

ORDERS = {
    "colors": "\x1b[31mred\x1b[0m",
    "a clear screen": "\x1b[2J\x1b[H",
    "a title": "\x1b]0;mine\x07",
    "a link": "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "an answer": "\x1b[6n\x1b[c\x05",
    "one byte less": "\x9b31m\x9d0;mine\x9c",
    "backspaces": "safe\x08\x08\x08\x08evil",
    "the same line again": "safe\revil",
    "a form feed": "\x0b\x0c",
    "turned around": "\u202eevil\u202c \u2066x\u2069 \u200fx\u200e",
    "half a character": "\ud83d!",
    "other line breaks": "a\u2028b\u2029c\x85d",
}
FORGED = "nice\n 9  9,999  2026-01-01 00:00:00  accounts.permissions_granted  Mallory may do everything"


def printed(*arguments):
    out = StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


class Says(console.Console):
    """A command that repeats."""

    stealth_options = ("words",)

    def handle(self, *, words, **options):
        self.stdout.write(words)
        self.print_table(("words",), [[words]])
        self.print_json({"words": words})


@pytest.mark.parametrize("words", ORDERS.values(), ids=ORDERS)
def test_a_terminal_is_given_no_orders(words, monkeypatch):
    """Whatever once got into the database, by whatever way: each order is spelled out, and JSON says it exactly."""
    monkeypatch.setattr(console, "refuse_odd", lambda options: None)
    out = StringIO()
    call_command(Says(), words=words, stdout=out)
    assert {letter for letter in out.getvalue() if not letter.isprintable()} == {"\n"}
    plain, _, cell, as_json, _ = out.getvalue().split("\n")
    assert plain == cell
    assert json.loads(as_json) == {"words": words}


def test_words_of_many_languages_are_printed_as_they_are():
    words = "Ünï 你好 नमस्ते مرحبا \N{DRAGON FACE} 👩\u200d🚀 no\u00a0break"
    out = StringIO()
    call_command(Says(), words=words, stdout=out)
    assert out.getvalue().startswith(f"{words}\n")


def test_what_people_say_forges_no_line_of_the_log(cast):
    article = cast.jake.publishes()
    cast.mallory.says(FORGED, article)
    dispatch(UpdateProfile(user_id=cast.mallory.id, bio="\r\n".join([FORGED] * 2)))
    for stream in (f"article-{article.id}", f"user-{cast.mallory.id}", comment_stream()):
        lines = printed("events", "stream", stream, "--personal").splitlines()
        assert [line for line in lines if "9,999" in line and "\\n" not in line] == []
        assert [line for line in lines if line.startswith(" 9 ")] == []


def comment_stream():
    with another() as raw:
        [(stream,)] = raw.execute("SELECT stream FROM eventstore_event WHERE type = 'blog.article_commented'")
    return stream


def test_a_fact_from_before_the_gate_is_shown_in_full_and_gives_no_orders(cast):
    """As a restored log may have one: what may be typed today says nothing of what once was stored."""
    with another() as raw:
        raw.execute(
            "INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at) "
            "VALUES ('article-old', 1, 'blog.article_published', 1, %s, gen_random_uuid(), now())",
            (json.dumps({"title": "".join(words for words in ORDERS.values() if words != "\ud83d!")}),),
        )
        [(position,)] = raw.execute("SELECT max(position) FROM eventstore_event")
    for command in (("show", position), ("stream", "article-old"), ("search",), ("trace", position)):
        try:
            out = printed("events", *command)
        except Exception as refused:  # in words, such as that there is no command of that fact
            out = str(refused)
        assert {letter for letter in out if not letter.isprintable()} <= {"\n"}, command
