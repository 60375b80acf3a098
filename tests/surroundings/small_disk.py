"""A PostgreSQL on a disk of its own that is small enough to be filled up."""

import os
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.management import call_command

from conduit.embedded.lifetime import Server
from tests.fire.outage import NAME, Power, moved_to

MIB = 1024 * 1024
SIZE = 160 * MIB


class Disk:
    """What can be done to a disk."""

    def __init__(self, folder):
        self.folder, self._ballast = folder, folder / "ballast"

    def fill(self, leave=0):
        """To the last byte, or so many before it."""
        with self._ballast.open("ab", buffering=0) as ballast, suppress(OSError):
            while True:
                free = os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize
                if free <= leave:
                    return
                ballast.write(bytes(min(MIB, free - leave)))

    def make_room(self):
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk():
    """A filesystem in memory. Mounting one takes a root, if only of a namespace."""
    folder = Path(tempfile.mkdtemp(prefix="conduit-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@contextmanager
def server_on(disk):
    """Durable, as in production, and migrated; Django's connection is on it meanwhile."""
    server = Server(disk.folder / "postgres", durable=True)
    try:
        server.ensure(NAME)
        with moved_to(server):
            call_command("migrate", verbosity=0, interactive=False)
            yield Power(server)
    finally:
        disk.make_room()
        server.release()
