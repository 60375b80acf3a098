"""The whole of Conduit in one process: wakes the database, migrates it, and serves pages until Ctrl-C."""

import signal
import socket
import sys
from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from conduit.demo import loading
from conduit.environment import HOME
from conduit.listening import PortTaken, endpoint, listen, port_number
from eventstore import console
from eventstore.worker import Worker


class Command(BaseCommand):
    help = "Prepare the database and serve the site, in one process."
    told_to_stop: int | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="an IPv4 address or a name; 0.0.0.0 for all")
        parser.add_argument("--port", type=port_number, default=8000)
        parser.add_argument("--demo", action="store_true", help="fill an empty log with something to read")

    def handle(self, *, host: str, port: int, demo: bool, **_: Any) -> None:
        console.refuse_odd({"host": host})
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        listener = self.take_port(host, port)
        at_home(host, port)
        try:
            self.prepare(demo=demo)
            Worker().start()
            self.serve(listener, ready=lambda: self.welcome(host, port, demo=demo))
        except OperationalError as error:
            raise CommandError(str(error)) from None

    def stop(self, number: int, _: Any) -> None:
        """Ends what is being prepared; a server that runs has its own way to stop."""
        self.told_to_stop = 130 if number == signal.SIGINT else 0
        sys.exit(self.told_to_stop)

    def take_port(self, host: str, port: int) -> socket.socket:
        try:
            return listen(host, port)
        except PortTaken:
            raise CommandError(
                f"Port {port} is taken. Stop what uses it, or choose another one: make run PORT={port + 1}"
            ) from None
        except (OSError, UnicodeError) as error:
            raise CommandError(f"Cannot listen on {host} port {port}: {error}") from None

    def prepare(self, *, demo: bool) -> None:
        self.stdout.write("Waking the database …")
        call_command("migrate", verbosity=0, interactive=False)
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=0, interactive=False)
        if demo and loading.is_wanted():
            self.stdout.write("Publishing the demo content …")
            call_command("load_demo", stdout=StringIO())  # the sign-ins come with the address
        connections.close_all()

    def serve(self, listener: socket.socket, ready: Any) -> None:
        from daphne.server import Server  # importing it installs Twisted's reactor: other commands need none

        from conduit.asgi import application

        server = Server(
            application,
            endpoints=[endpoint(listener)],
            ready_callable=ready,
            http_timeout=120,
            server_name="",
            verbosity=0,
        )
        server.run()

    def welcome(self, host: str, port: int, *, demo: bool) -> None:
        if self.told_to_stop is not None:  # in a place where Python could only ignore it, such as a finalizer
            sys.exit(self.told_to_stop)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # which is where Twisted puts its own
        self.stdout.write(self.style.SUCCESS(f"Conduit is on {address(host, port)}") + "   (Ctrl-C stops it)")
        if demo:
            from conduit.demo import SIGN_INS

            for email, password, what in SIGN_INS:
                self.stdout.write(f"  {email} / {password}   {what}")


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0"} else host  # noqa: S104
    return f"http://{shown}:{port}"


def at_home(host: str, port: int) -> None:
    """Mails of a site for this machine lead to the port that it is on; any other has an address of its own."""
    if settings.SITE_ADDRESS == HOME:
        settings.SITE_ADDRESS = address(host, port)
