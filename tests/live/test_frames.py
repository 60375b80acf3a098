"""What is sent, byte by byte."""

import asyncio
import json
import re

import pytest

from eventstore.live import missed
from eventstore.live.frames import LATE, NOTHING, TOLD, Frame, in_words, news, too_late
from eventstore.live.missed import LONGEST, MOST, together, worded
from tests.eventstore.tools import ROOT
from tests.live.wire import TEXT, read_frame


class Words:
    """A thing to tell that is in words already."""

    def __init__(self, words):
        self.words = words


def parsed(wire):
    async def read():
        stream = asyncio.StreamReader()
        stream.feed_data(wire)
        stream.feed_eof()
        found = await read_frame(stream)
        return *found, await stream.read()

    return asyncio.run(read())


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 65537, 1_000_000])
def test_a_frame_says_its_length_by_the_book(size):
    text = b"x" * size
    assert parsed(Frame(text, 1, TOLD).wire) == (TEXT, text, b"")


@pytest.mark.parametrize(("size", "head"), [(125, 2), (126, 4), (65535, 4), (65536, 10)])
def test_its_head_is_as_short_as_it_may_be(size, head):
    assert len(Frame(b"x" * size, 1, TOLD).wire) == head + size


def test_it_is_made_once():
    frame = news([Words(b"[1]")], 7)
    assert frame.wire is frame.wire


def test_what_is_told_are_the_words_and_the_position():
    frame = news([Words(b'[6,"comment","k","\xc3\xa9"]'), Words(b""), Words(b"[7]")], 7)
    assert json.loads(frame.text) == {"at": 7, "news": [[6, "comment", "k", "é"], [7]]}
    assert (frame.position, frame.outcome) == (7, TOLD)


@pytest.mark.parametrize("items", [[], [Words(b"")], [Words(b""), Words(b"")]])
def test_where_there_is_nothing_to_say_it_is_a_sign_of_life(items):
    frame = news(items, 7)
    assert (json.loads(frame.text), frame.outcome) == ({"at": 7, "news": []}, NOTHING)


def test_who_is_late_is_told_so():
    frame = too_late(7)
    assert (json.loads(frame.text), frame.position, frame.outcome) == ({"at": 7, "late": True}, 7, LATE)


def test_what_several_rooms_are_told_comes_together():
    frames = [in_words([b"[1]", b"[2]"], 7), in_words([b""], 7), in_words([b"[3]"], 7)]
    assert json.loads(together(frames).text) == {"at": 7, "news": [[1], [2], [3]]}
    assert together(frames[:1]) is frames[0]
    assert together(frames[1:2] * 2).outcome == NOTHING


def test_who_is_late_in_one_room_is_late():
    assert together([in_words([b"[1]"], 7), too_late(7)]).outcome == LATE


def test_a_message_has_an_end():
    long = [in_words([b"x" * (LONGEST // 2 + 1)], 7)] * 2
    assert together(long[:1]).outcome == TOLD
    assert together(long).outcome == LATE
    assert worded([Words(b"x" * LONGEST)], 7).outcome == LATE
    assert worded([Words(b"x" * (LONGEST - 100))], 7).outcome == TOLD
    assert worded([Words(b"1")] * MOST, 7).outcome == TOLD
    assert worded([Words(b"1")] * (MOST + 1), 7).outcome == LATE


def test_the_longest_message_is_less_than_a_page_may_leave_unread():
    """Else whoever is told it while they read the one before would be dropped for nothing."""
    source = (ROOT / "conduit" / "daphne_guard.py").read_text()  # to import it installs Twisted's reactor
    [kilobytes] = re.findall(r"^MOST_UNREAD = (\d+) \* 1024 ", source, re.MULTILINE)
    assert int(kilobytes) * 1024 >= missed.LONGEST * 2
