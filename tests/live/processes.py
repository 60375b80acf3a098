"""Servers as processes of their own, that are begun as deploy/ has it, ended, and begun again."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.eventstore.tools import ROOT, environ

DEPLOY = ROOT / "deploy"
BEGINS_WITHIN_S, ENDS_WITHIN_S = 60, 30


class Server:
    """A process that listens on a port of its own, and may be ended and begun again."""

    def __init__(self, command, port, log, **variables):
        self.command, self.port, self.log = command, port, log
        self.environ = environ() | {"DEBUG": "0", "SECRET_KEY": "only for tests"} | variables
        self.process = None

    def begin(self):
        with self.log.open("a") as errors:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environ, stdout=errors, stderr=errors, start_new_session=True
            )
        return self

    def ready(self):
        """Once somebody listens there."""
        deadline = time.monotonic() + BEGINS_WITHIN_S
        while True:
            assert self.process.poll() is None, self.log.read_text()
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def end(self, number=signal.SIGTERM):
        """With all that it has begun; its exit code."""
        if number == signal.SIGTERM:
            self.process.terminate()
        else:
            os.killpg(self.process.pid, number)
        return self.process.wait(ENDS_WITHIN_S)

    def gone(self):
        """Whatever state it is in."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(ENDS_WITHIN_S)


def command_of(unit, port):
    """What systemd would run."""
    [line] = re.findall(r"^ExecStart=(.+)$", (DEPLOY / unit).read_text(), re.MULTILINE)
    line = line.replace("%i", str(port)).replace("/srv/conduit/.venv/bin/", f"{Path(sys.executable).parent}/")
    return shlex.split(line)


@contextmanager
def running(*servers):
    with ExitStack() as stack:
        for server in servers:
            stack.callback(server.gone)
            server.begin()
        for server in servers:
            server.ready()
        yield
