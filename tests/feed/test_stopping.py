"""A site that is told to stop in the middle of its streams; apart, since it needs a database of its own."""

import asyncio
import signal

from tests.feed.listener import Listener, a_site, positions
from tests.feed.test_stream import aside
from tests.feed.wire import Client, a_process, said
from tests.feed.writing import hearts


def test_told_to_stop_it_stops_at_once_and_after_a_restart_nothing_is_missing(database):
    async def listen(port, process):
        async with Client(port) as jane, Client(port) as john:
            await aside(hearts, 5)
            await jane.hears(5)
            await john.hears(5)
            process.send_signal(signal.SIGTERM)
            await jane.until(lambda client: client.left)
            await john.until(lambda client: client.left)
            return jane

    async def again(jane):
        async with Listener(a_site(), "", jane.last_id) as later:
            return positions(await later.hears(5))

    with a_process() as (port, process):
        jane = asyncio.run(listen(port, process))
        process.wait(10)
        err = said(process)
    assert (process.returncode, "Traceback" in err) == (0, False), err
    hearts(5)
    assert positions(jane.told) + asyncio.run(again(jane)) == list(range(1, 11))
