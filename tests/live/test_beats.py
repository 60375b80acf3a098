"""A sign of life says up to where a page has heard everything: it never comes before what it speaks of."""

import asyncio

import pytest

from eventstore.live import tail
from tests.live.ears import Ear, a_tail, joined, shown
from tests.live.jars import put
from tests.live.listening import aside

BEFORE_THEY_ARE_TOLD_S = 1.5
"""Longer than it takes until the next beat."""


@pytest.mark.usefixtures("jars")
def test_a_beat_does_not_overtake_the_news_that_wait_to_be_told(monkeypatch):
    monkeypatch.setattr(tail, "BEAT_S", 0.0)

    async def listen():
        busy = a_tail()
        look, in_thread = busy._look, busy._in_thread

        async def on_a_busy_loop(work, *args):
            found = await in_thread(work, *args)
            if work == look and found[0]:
                await asyncio.sleep(BEFORE_THEY_ARE_TOLD_S)
            return found

        busy._in_thread = on_a_busy_loop
        async with joined(busy, Ear("jar:1", at=await shown())) as [ear]:
            await aside(put, "1", 7)
            await ear.hears(7)
            return ear.frames

    *before, last = asyncio.run(listen())
    assert [frame for frame in before if frame["news"] or frame["at"] >= last["at"]] == []
    assert len(before) > 1
