"""manage.py run_projectors, with its metrics for Prometheus on a port of its own."""

from contextlib import ExitStack
from typing import Any

from django.core.management.base import CommandError, CommandParser
from prometheus_client import start_http_server

from conduit.metrics import registry
from eventstore import console
from eventstore.management.commands import run_projectors

EXAMPLE = "  manage.py run_projectors --metrics 9100    its metrics on http://127.0.0.1:9100/metrics\n"


class Command(run_projectors.Command):
    examples = run_projectors.Command.examples + EXAMPLE

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--metrics", metavar="[ADDRESS:]PORT", help="serve /metrics there, to whoever can reach it"
        )

    def handle(self, **options: Any) -> None:
        where = options.pop("metrics")
        with ExitStack() as ends:
            if where:
                server, _ = _serve(where)
                ends.callback(server.server_close)
                ends.callback(server.shutdown)
            super().handle(**options)


def _serve(where: str) -> Any:
    """Not for the network unless an address of it is named."""
    address, _, port = where.rpartition(":")
    try:
        return start_http_server(int(port), address.strip("[]") or "127.0.0.1", registry)
    except ValueError:
        raise CommandError(f"{where!r} is no port", returncode=console.USAGE) from None
    except (OSError, OverflowError) as error:
        raise CommandError(f"can't listen on {where}: {error}") from None
