"""Who uses the embedded server: the first to come starts it, the last to leave stops it, and whoever finds it
dead starts it again."""

import atexit
import logging
import os
import threading
from pathlib import Path

import psutil

from .account import Account, who_runs_postgres
from .cluster import Cluster
from .errors import EmbeddedPostgresError
from .locks import Presence, alone
from .places import home_for, socket_dir_for

logger = logging.getLogger(__name__)


class Server:
    def __init__(self, home: Path, *, durable: bool = True) -> None:
        wanted = home.resolve()
        self._account = who_runs_postgres(wanted / "data")
        self.home = home_for(wanted, self._account)
        self.socket_dir = socket_dir_for(self.home)
        self.cluster = Cluster(self.home, self.socket_dir, self._account, durable=durable)
        self._mutex = threading.Lock()
        self._presence: Presence | None = None
        self._postmaster: psutil.Process | None = None
        atexit.register(self.release)
        os.register_at_fork(after_in_child=self._start_afresh)

    def ensure(self, database: str | None = None) -> None:
        """Return when it takes connections; within microseconds if it does already, so ask every time."""
        with self._mutex:
            if self._postmaster is None or not _lives(self._postmaster):
                try:
                    self._join(database)
                except PermissionError as error:
                    raise EmbeddedPostgresError(
                        f"{error.filename} belongs to another account: use that, or move {self.home} away."
                    ) from error

    def release(self) -> None:
        """Leave; the last one turns off the light."""
        with self._mutex:
            if self._presence is None:
                return
            try:
                with alone(self.home / "lock"):
                    if self._presence.leave():
                        self.cluster.stop()
            except EmbeddedPostgresError as error:
                logger.warning("%s", error)
            self._presence = self._postmaster = None

    def _join(self, database: str | None) -> None:
        self._account.make_way(self.home)
        with alone(self.home / "lock"):
            if self._presence is None:
                self._presence = Presence(self.home / "users")
            if not self.cluster.answers():
                _make_private(self.socket_dir, self._account)
                self.cluster.start()
            if database is not None:
                self.cluster.ensure_database(database)
            self._postmaster = self.cluster.postmaster()

    def _start_afresh(self) -> None:
        """In a forked child the parent's locks, and the thread that may hold its mutex, are not ours."""
        self._mutex = threading.Lock()
        if self._presence is not None:
            self._presence.forget()
        self._presence = self._postmaster = None


def _make_private(folder: Path, account: Account) -> None:
    """Whoever can enter this folder is trusted as the database's superuser."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {account.uid, os.geteuid()}:
        raise EmbeddedPostgresError(f"{folder} belongs to someone else; remove it.")
    folder.chmod(0o700)
    account.give(folder)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
