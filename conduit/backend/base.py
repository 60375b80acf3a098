"""Django's PostgreSQL backend, with a pool that gets over a restart of the server at once.

psycopg's own check sleeps after every dead connection, so a full pool would fail request after request. Here
the first dead one empties the whole pool. And while the server is away, not everybody waits in vain for it.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

BRIEFLY_S = 0.2
"""How long one waits for a connection once somebody has waited in vain, until somebody gets one."""


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        connection = self._patiently(conn_params)
        if self.pool is None or _alive(connection):
            return connection
        self.pool.putconn(connection)
        self.pool.drain()
        return self._patiently(conn_params)

    def _patiently(self, conn_params: dict[str, Any]) -> Connection[Any]:
        """Waits as long as the pool's settings say, but briefly if somebody has just waited in vain: requests
        that queue up, each for its whole time, would keep the last one for minutes."""
        try:
            connection: Connection[Any] = super().get_new_connection(conn_params)
        except PoolTimeout:
            self.pool.timeout = BRIEFLY_S
            raise
        if self.pool is not None:
            self.pool.timeout = self.settings_dict["OPTIONS"]["pool"]["timeout"]
        return connection


def _alive(connection: Connection[Any]) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
