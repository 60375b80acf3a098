"""Homes for embedded servers that every account may enter, which pytest's own temporary folders are not."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from conduit.embedded.lifetime import Server


@pytest.fixture
def place():
    yield from open_folder()


@pytest.fixture(scope="session")
def pristine():
    """A data folder fresh from initdb, to copy: that is four times as fast as another initdb."""
    for folder in open_folder():
        server = Server(folder / "postgres", durable=False)
        server.ensure()
        server.release()
        yield server.cluster.data


@pytest.fixture
def start(place, pristine):
    """Start the server of a home, in this process."""
    started = []

    def start(home=place / "postgres", database=None):
        server = Server(home, durable=False)
        started.append(server)
        begin_with(pristine, server)
        server.ensure(database)
        return server

    yield start
    for server in started:
        server.release()


@pytest.fixture(scope="module")
def shared_server(pristine):
    """One server for all tests of a file, with a database called conduit."""
    for folder in open_folder():
        server = Server(folder / "postgres", durable=False)
        begin_with(pristine, server)
        server.ensure("conduit")
        yield server
        server.release()


def begin_with(pristine, server):
    if not server.home.exists():
        server._account.make_way(server.home)
        subprocess.run(["cp", "-a", pristine, server.cluster.data], check=True)


def open_folder():
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="conduit test ", dir=memory if memory.exists() else None))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
