"""One data folder and the PostgreSQL that runs on it. Every caller holds the home's lock.

Whose process is it? Never a pid from a file alone, which may be someone else's by now:
a process belongs to the cluster if the data folder is its working directory.
"""

import shutil
import signal
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from .account import Account
from .binaries import Binaries
from .errors import EmbeddedPostgresError
from .places import SOCKET

GENTLE, FIRM, HOPELESS = 10.0, 20.0, 120.0  # seconds of waiting for a server that does not answer
LARGEST_LOG = 5 * 1024 * 1024

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A statement carries its values, so a failed one may carry a secret: the log names errors only.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}  # only a crash of the whole machine loses data


class Cluster:
    def __init__(self, home: Path, socket_dir: Path, account: Account, *, durable: bool) -> None:
        self.data = home / "data"
        self.log = home / "server.log"
        self._socket_dir = socket_dir
        self._account = account
        self._durable = durable
        self._binaries = Binaries(home, account)

    def answers(self) -> bool:
        return self._ping() == pq.Ping.OK

    def postmaster(self) -> psutil.Process | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return next((process for process in self._residents() if process.pid == pid), None)

    def start(self) -> None:
        """Bring it up from whatever state a crash has left it in."""
        for unfinished in self.data.parent.glob("new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)  # its initdb may still be writing: then next time
        if not self.data.exists():
            self._create()
        if not self._settled():
            self._sweep()
            self._configure()
            self._launch()

    def stop(self) -> None:
        if self.postmaster():
            self._binaries.run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "60")

    def ensure_database(self, name: str) -> None:
        conninfo = make_conninfo(self._address(), dbname="postgres")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            if not known.rowcount:
                create = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
                connection.execute(create.format(sql.Identifier(name)))

    def _create(self) -> None:
        """initdb works in a folder that gets its name when it is whole; an interrupted one never does."""
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self.data.parent))
        self._account.give(fresh)
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [] if self._durable else ["--no-sync"]
        self._binaries.run("initdb", "-D", fresh, *options)
        fresh.rename(self.data)

    def _settled(self) -> bool:
        """Wait for what killed processes left behind; True if a server came up, False if nobody is left."""
        began = time.monotonic()
        while residents := self._residents():
            state, waited = self._ping(), time.monotonic() - began
            if state == pq.Ping.OK:
                return True
            if waited > HOPELESS:
                raise EmbeddedPostgresError(f"PostgreSQL does not come up; {self.log} may say why.")
            if state == pq.Ping.NO_RESPONSE and waited > GENTLE:  # its socket is gone, or its postmaster is
                _signal_all(residents, signal.SIGKILL if waited > FIRM else signal.SIGQUIT)
            time.sleep(0.05)
        return False

    def _sweep(self) -> None:
        """Remove the pid files of the dead: PostgreSQL would believe them if the pid is in use again."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self._socket_dir / f"{SOCKET}.lock").unlink(missing_ok=True)

    def _configure(self) -> None:
        settings = SETTINGS | {"unix_socket_directories": str(self._socket_dir)}
        settings |= {} if self._durable else FORGETFUL
        file = self.data / "postgresql.auto.conf"
        file.write_text("".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items()))
        self._account.give(file)

    def _launch(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.unlink()
        self.log.touch(mode=0o600)
        self._account.give(self.log)
        try:
            self._binaries.run("pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", "120")
        except EmbeddedPostgresError as error:
            last_words = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
            raise EmbeddedPostgresError(f"{error}\n{last_words}") from None

    def _residents(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if _working_directory(process) == str(self.data)]

    def _ping(self) -> int:
        return pq.PGconn.ping(self._address().encode())

    def _address(self) -> str:
        return make_conninfo(host=str(self._socket_dir), port="5432", user="postgres", connect_timeout="5")


def _working_directory(process: psutil.Process) -> str | None:
    try:
        return str(process.cwd())
    except (psutil.Error, OSError):
        return None


def _signal_all(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
