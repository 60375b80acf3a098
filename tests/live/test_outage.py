"""PostgreSQL is stopped as if the power failed, and comes back: pages stay open, and hear what came meanwhile."""

import asyncio

import pytest
from django.db import connection

from eventstore.live import tail
from tests.cast import Cast
from tests.fire.outage import own_server
from tests.live.ears import Ear, a_tail, joined, shown
from tests.live.listening import aside

WELL_AGAIN_S = 10


@pytest.fixture
def power(request, django_db_blocker):
    if not request.config.getoption("--stress"):
        pytest.skip("a server of one's own takes many seconds: make stress")
    with django_db_blocker.unblock(), own_server() as power:
        yield power


def test_after_a_power_failure_pages_hear_what_came_meanwhile(power):
    cast = Cast()
    article, jane = cast.jake.publishes(), cast.jane
    room = f"article:{article.id}"

    async def listen():
        here, known = a_tail(), []
        async with joined(here, Ear(room, at=await shown())) as [ear]:
            for nth in range(3):
                await aside(power.fail)
                await asyncio.sleep(2 * tail.AGAIN_S)
                await aside(power.return_)
                connection.close_pool()  # another process, whose pool has nothing to do with this one's, writes
                known.append(str(await aside(jane.says, f"{nth}", article)))
                await ear.until(
                    lambda ear: ear.late or known[-1] in [key for _, _, key, _ in ear.known],
                    within_s=WELL_AGAIN_S,
                )
                if ear.late:
                    ear.look(await shown())
            return len(here)

    assert asyncio.run(listen()) == 1
