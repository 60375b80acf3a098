"""Django's PostgreSQL backend, with a pool that gets over a restart of the server at once.

psycopg's own check sleeps after every dead connection, so a full pool would fail request after request. Here
the first dead one empties the whole pool. And while nobody gets a connection, only the first wait for long: a queue
in which each waits for five seconds is one of minutes.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

IN_VAIN_S = 0.5
"""Seconds of waiting for a connection when the last one who waited got none."""


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        connection = self._wait_for_connection(conn_params)
        if self.pool is None or _alive(connection):
            return connection
        self.pool.putconn(connection)
        self.pool.drain()
        fresh: Connection[Any] = super().get_new_connection(conn_params)
        return fresh

    def _wait_for_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        try:
            connection: Connection[Any] = super().get_new_connection(conn_params)
        except PoolTimeout:
            self.pool.timeout = min(IN_VAIN_S, self._patience())
            _forget_who_gave_up(self.pool)
            raise
        if self.pool is not None:
            self.pool.timeout = self._patience()
        return connection

    def _patience(self) -> float:
        return float(self.settings_dict["OPTIONS"]["pool"]["timeout"])


def _forget_who_gave_up(pool: ConnectionPool[Any]) -> None:
    """The pool keeps them in its queue. Once that was full of them, nobody would make it connect any more."""
    with pool._lock:  # noqa: SLF001 - it has no other way to say
        waiting = [each for each in pool._waiting if each.error is None]  # noqa: SLF001
        pool._waiting.clear()  # noqa: SLF001
        pool._waiting.extend(waiting)  # noqa: SLF001


def _alive(connection: Connection[Any]) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
