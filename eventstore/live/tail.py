"""One reader on the log for all pages that are open in this process, and the rooms that they are in.

It is woken at once by what was projected here, and looks every 100 ms for what others did, while there is anybody
to tell. Everything here happens on the event loop, but for reading and wording: that is done in one thread, in order,
so that who joins has heard everything between what their page shows and what they are told next.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import cache
from time import monotonic
from typing import Any, NamedTuple, Protocol, TypeVar

from django.utils import timezone

from eventstore import measures
from eventstore.database import is_trouble
from eventstore.live import wake
from eventstore.live.calm import Calm, Key
from eventstore.live.frames import Frame, news, too_late
from eventstore.live.missed import missed, together, worded
from eventstore.live.pages import Listening
from eventstore.live.recent import Item, Recent, latest
from eventstore.live.tells import Room
from eventstore.threads import ask

logger = logging.getLogger(__name__)

LOOK_S = 0.1
AGAIN_S = 1.0
"""Until the next try when the database is in trouble."""
BEAT_S = 20.0
"""A page that was told nothing for so long gets a sign of life, and the position reached."""
T = TypeVar("T")


class Listener(Protocol):
    """An open page, as the tail knows it."""

    listening: Listening
    told_at: float

    def tell(self, frame: Frame) -> None:
        """Sends it without waiting; who can't take it is dropped."""


class Message(NamedTuple):
    room: Room | None
    """None: everybody."""
    frame: Frame
    recorded_at: datetime | None = None
    """When the latest thing in it happened."""


class Tail:
    """Who is here, and what they are told."""

    def __init__(self, recent: Recent) -> None:
        self._recent = recent
        self._rooms: dict[Room, set[Listener]] = {}
        self._everybody: dict[Listener, list[Frame] | None] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._position: int | None = None
        self._heard = 0
        """Up to here nothing is held back from anybody."""
        self._calm = Calm()

    def __len__(self) -> int:
        return len(self._everybody)

    async def join(self, listener: Listener) -> None:
        """From now on they hear everything that comes after what their page shows."""
        if not self._tasks:
            self._begin()
        self._everybody[listener] = []  # what comes meanwhile is told after what they have missed
        for room in listener.listening.rooms:
            self._rooms.setdefault(room, set()).add(listener)
        missed = await self._in_thread(self._missed, listener.listening)
        later, self._everybody[listener] = self._everybody.get(listener), None
        if later is None:
            self._everybody.pop(listener)  # gone in the meantime
            return
        listener.told_at = monotonic()
        for frame in (missed, *later):
            listener.tell(frame)

    def leave(self, listener: Listener) -> None:
        """Whoever has left already may leave again."""
        self._everybody.pop(listener, None)
        for room in listener.listening.rooms:
            if listeners := self._rooms.get(room):
                listeners.discard(listener)
                if not listeners:
                    del self._rooms[room]
        if not self._everybody:
            self._end()

    def _begin(self) -> None:
        loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        self._position = None  # a look that was under way when the last one left may have noted one, long ago
        self._sleeper: Callable[[], None] = lambda: _call_soon(loop, self._woken.set)
        wake.call(self._sleeper)
        self._tasks = [asyncio.ensure_future(self._follow()), asyncio.ensure_future(self._beat())]

    def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            wake.forget(self._sleeper)
        self._tasks, self._position, self._calm = [], None, Calm()

    def _missed(self, listening: Listening) -> Frame:
        """In the thread, and as far as the others have heard; a page may show more than this process has looked at."""
        if self._position is None or listening.position > self._recent.end:
            self._recent.advance()
        if self._position is None:
            self._position = self._heard = self._recent.end
        return missed(self._recent, listening)

    async def _follow(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._calm.next(LOOK_S)):
                    await self._woken.wait()
            self._woken.clear()
            try:
                messages, upto = await self._in_thread(self._look)
                self._tell(messages)
                self._heard = upto  # not before: a beat with it would overtake them
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody else would read on
                _complain(error)
                await asyncio.sleep(AGAIN_S)

    def _look(self) -> tuple[list[Message], int]:
        """In the thread: what has come since the last look, in words, for the rooms where somebody is; and up to where
        that is all."""
        self._recent.advance()
        if self._position is None:
            self._position = self._recent.end
        heard = self._recent.since(self._position)
        if heard is None:
            self._position = self._recent.end
            return [Message(None, too_late(self._position))], self._position
        now = monotonic()
        found = self._calm.filter(latest(heard.items, self._rooms), now)
        upto = min(heard.position, self._calm.held_from(found) - 1)
        here = _by_room(found, self._rooms)
        messages = [Message(room, worded(items, upto), items[-1].recorded_at) for room, items in here.items()]
        self._calm.told(found, now)
        self._position = heard.position
        return messages, upto

    def _tell(self, messages: Sequence[Message]) -> None:
        """One frame to each, in however many rooms they are: with it their page has heard all up to its position."""
        now = monotonic()
        for listener, frame in self._frames(messages).items():
            self._tell_one(listener, frame, now)
        for recorded_at in filter(None, (message.recorded_at for message in messages)):
            measures.delivered(max(0.0, (timezone.now() - recorded_at).total_seconds()))

    def _frames(self, messages: Sequence[Message]) -> dict[Listener, Frame]:
        if len(messages) == 1:  # mostly; and then there is nothing to put together for each of thousands
            return dict.fromkeys(self._in(messages[0].room), messages[0].frame)
        frames: dict[Listener, tuple[Frame, ...]] = {}
        for room, frame, _ in messages:
            for listener in self._in(room):
                frames[listener] = (*frames.get(listener, ()), frame)
        in_one = cache(together)
        return {listener: in_one(theirs) for listener, theirs in frames.items()}

    def _in(self, room: Room | None) -> Collection[Listener]:
        return self._everybody if room is None else self._rooms.get(room, ())

    def _tell_one(self, listener: Listener, frame: Frame, now: float) -> None:
        waiting = self._everybody.get(listener, ())
        if waiting is None:
            listener.told_at = now
            listener.tell(frame)
        elif isinstance(waiting, list):
            waiting.append(frame)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now = monotonic()
            frame = news((), self._heard)
            for listener in tuple(self._everybody):
                if now - listener.told_at > BEAT_S:
                    self._tell_one(listener, frame, now)

    async def _in_thread(self, work: Callable[..., T], *args: Any) -> T:
        return await ask(self._thread, work, *args)


def _by_room(found: dict[Key, Item], present: Collection[Room]) -> dict[Room, list[Item]]:
    """Without the rooms that everybody has left while something was held back."""
    rooms: dict[Room, list[Item]] = {}
    for (room, _, _), item in found.items():
        if room in present:
            rooms.setdefault(room, []).append(item)
    return rooms


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody is here any more
        loop.call_soon_threadsafe(callback)


def _complain(error: Exception) -> None:
    if is_trouble(error):
        logger.warning("the live pages will look again: %s", error)
    else:
        logger.error("the live pages could not go on", exc_info=error)
