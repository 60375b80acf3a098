"""Django's PostgreSQL backend, with a pool that gets over a restart of the server at once.

psycopg's own check sleeps after every dead connection, so a full pool would fail request after request. Here
the first dead one empties the whole pool.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        connection: Connection[Any] = super().get_new_connection(conn_params)
        if self.pool is None or _alive(connection):
            return connection
        self.pool.putconn(connection)
        self.pool.drain()
        fresh: Connection[Any] = super().get_new_connection(conn_params)
        return fresh


def _alive(connection: Connection[Any]) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
