"""The same backend, which wakes the embedded server before it connects to it."""

from typing import Any

from psycopg import Connection

from conduit import embedded
from conduit.backend import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        place = self.settings_dict["EMBEDDED"]
        embedded.server(place["home"], durable=place["durable"]).ensure(place["database"])
        return super().get_new_connection(conn_params)
