"""The embedded PostgreSQL survives whatever happens to it: here everything happens to it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from conduit.embedded import account, binaries, places
from conduit.embedded.errors import EmbeddedPostgresError
from conduit.embedded.lifetime import Server

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another account")

VISITOR = """
import sys
from pathlib import Path
from conduit.embedded.lifetime import Server
server = Server(Path(sys.argv[1]), durable=False)
server.ensure()
print(server.cluster.postmaster().pid, flush=True)
sys.stdin.read()
"""


def visit(home, code=VISITOR):
    """Another process that uses the server of a home until its stdin is closed."""
    command = [sys.executable, "-c", code, str(home)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def connect(server, database="postgres"):
    address = make_conninfo(host=str(server.socket_dir), port="5432", user="postgres", dbname=database)
    return contextlib.closing(psycopg.connect(address, autocommit=True))


def query(server, statement="SELECT 1", database="postgres"):
    with connect(server, database) as connection:
        cursor = connection.execute(statement)
        rows = cursor.fetchall() if cursor.description else [[None]]
        return rows[0][0]


def kill(visitor):
    visitor.kill()
    visitor.communicate()


def kill_postmaster(server):
    postmaster = server.cluster.postmaster()
    postmaster.kill()
    postmaster.wait(10)


def wait_until(condition, patience=20):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def test_it_starts_on_a_path_with_spaces(start, place):
    server = start(place / "a home" / "with spaces")
    assert query(server) == 1


def test_it_makes_the_database_that_is_asked_for(start):
    server = start(database="conduit")
    assert query(server, database="conduit") == 1


def test_it_is_not_durable_only_when_told_so(start):
    assert query(start(), "SHOW fsync") == "off"


def test_a_killed_postmaster_is_replaced_and_nothing_committed_is_lost(start):
    server = start()
    query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    kill_postmaster(server)
    server.ensure()
    assert query(server, "SELECT answer FROM kept") == 42


def test_backends_that_outlive_their_postmaster_are_waited_for(start, monkeypatch):
    monkeypatch.setattr("conduit.embedded.cluster.GENTLE", 0.5)
    server = start()
    with connect(server) as busy:
        busy.pgconn.send_query(
            b"SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 9) b"
        )
        kill_postmaster(server)
        server.ensure()
    assert query(server) == 1


def test_a_pid_file_whose_pid_now_belongs_to_someone_else_is_swept_away(start):
    server = start()
    pid_file = server.cluster.data / "postmaster.pid"
    written = pid_file.read_text()
    server.release()
    with subprocess.Popen(["sleep", "60"], **server._account.as_subprocess_options()) as stranger:
        pid_file.write_text(written.replace(written.split("\n", 1)[0], str(stranger.pid), 1))
        server.ensure()
        assert query(server) == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_socket_that_was_deleted_comes_back(start, monkeypatch):
    monkeypatch.setattr("conduit.embedded.cluster.GENTLE", 0.2)
    server = start()
    shutil.rmtree(server.socket_dir)
    again = start()
    assert query(again) == 1


def test_an_interrupted_initdb_leaves_nothing_behind(start, place):
    visitor = visit(place / "postgres")
    wait_until(lambda: list((place / "postgres").glob("new-*/*")))
    kill(visitor)
    server = Server(place / "postgres", durable=False)
    server.ensure()
    assert query(server) == 1
    server.release()
    start()
    assert not list(server.home.glob("new-*"))


def test_a_starter_killed_half_way_does_not_disturb_the_next(start, place):
    start().release()
    visitor = visit(place / "postgres")
    wait_until((place / "postgres/data/postmaster.pid").exists)
    kill(visitor)
    assert query(start()) == 1


def test_two_processes_that_come_at_once_share_one_server_and_the_last_stops_it(place):
    home = place / "postgres"
    first, second = visit(home), visit(home)
    pids = {int(visitor.stdout.readline()) for visitor in (first, second)}
    assert len(pids) == 1
    first.communicate()
    assert Server(home).cluster.answers()
    second.communicate()
    assert not Server(home).cluster.answers()


def test_a_user_that_was_killed_is_not_waited_for(start, place):
    server = start()
    visitor = visit(server.home)
    visitor.stdout.readline()
    kill(visitor)
    server.release()
    assert not server.cluster.answers()


def test_a_forked_child_does_not_stop_its_parents_server(place):
    fork = VISITOR.replace(
        "sys.stdin.read()",
        "import os\nchild = os.fork()\nif child: os.waitpid(child, 0); print(server.cluster.answers())",
    )
    _pid, answers = visit(place / "postgres", fork).communicate()[0].split()
    assert answers == "True"


def test_ctrl_c_reaches_the_process_but_not_the_server(place):
    visitor = visit(place / "postgres", VISITOR.replace("sys.stdin.read()", "import time; time.sleep(60)"))
    pid = int(visitor.stdout.readline())
    assert os.getpgid(pid) != os.getpgid(visitor.pid)
    assert os.getsid(pid) != os.getsid(visitor.pid)
    visitor.send_signal(signal.SIGINT)
    visitor.communicate()
    assert not Server(place / "postgres").cluster.answers()


def test_two_checkouts_have_a_server_each(start, place):
    assert query(start(place / "one"), "SHOW data_directory") != query(
        start(place / "two"), "SHOW data_directory"
    )


def test_a_path_too_long_for_a_socket_has_its_socket_elsewhere(start, place):
    server = start(place / ("long" * 30) / "postgres")
    assert place not in server.socket_dir.parents
    assert query(server) == 1
    shutil.rmtree(server.socket_dir)


def test_a_comma_would_make_two_hosts_of_one_folder():
    assert places.socket_dir_for(Path("/here,there")).parent == Path("/tmp")


def test_an_environment_meant_for_another_server_is_not_listened_to(start, monkeypatch):
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    assert start().cluster.answers()


def test_what_initdb_says_is_passed_on(start, place):
    (place / "postgres").mkdir()
    (place / "postgres" / "data").mkdir()
    with pytest.raises(EmbeddedPostgresError, match=r"pg_ctl failed in .*postgres"):
        start()


def test_a_home_of_another_account_is_a_clear_message(start, place, monkeypatch):
    monkeypatch.setattr("conduit.embedded.lifetime.alone", closed_to_us)
    with pytest.raises(EmbeddedPostgresError, match="belongs to another account"):
        start()


def closed_to_us(path):
    raise PermissionError(13, "Permission denied", str(path))


@as_root
def test_files_of_the_wheel_that_the_account_may_not_read_are_copied(start, place, monkeypatch):
    hidden = place / "hidden"
    hidden.mkdir(mode=0o700)
    wheel = copy_of_the_wheel(hidden)
    subprocess.run(["chmod", "-R", "go=", hidden], check=True)
    monkeypatch.setattr(binaries, "_wheel", lambda: wheel)
    server = start()
    assert query(server) == 1
    assert list(server.home.glob("programs-*"))


@as_root
def test_a_home_that_the_account_cannot_enter_moves_out(start, place, monkeypatch):
    monkeypatch.setattr(places, "SYSTEM_HOMES", place / "system")
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    server = start(closed / "var" / "postgres")
    assert server.home.parent == place / "system"
    assert query(server) == 1


@as_root
def test_root_with_a_tight_umask_still_lets_the_account_in(start, place):
    before = os.umask(0o077)
    try:
        assert query(start(place / "var" / "postgres")) == 1
    finally:
        os.umask(before)


@as_root
def test_an_ordinary_user_runs_it_as_themselves(place):
    nobody = account.who_runs_postgres(place / "data")
    os.chown(place, nobody.uid, nobody.gid)
    copy_of_the_wheel(place)
    as_nobody = (
        "import os\n"
        "from conduit.embedded import binaries\n"
        f"binaries._wheel = lambda: Path({str(place / binaries.WHEEL)!r})\n"
        f"os.setgroups([]); os.setgid({nobody.gid}); os.setuid({nobody.uid})\n"
        "server ="
    )
    visitor = visit(place / "postgres", VISITOR.replace("server =", as_nobody, 1))
    said, _ = visitor.communicate()
    assert int(said) > 0
    assert (place / "postgres" / "data").stat().st_uid == nobody.uid


def copy_of_the_wheel(target):
    site = binaries._wheel().parent
    for part in (binaries.PROGRAMS, Path(binaries.LIBRARIES)):
        if (site / part).exists():
            shutil.copytree(site / part, target / part, symlinks=True)
    return target / binaries.WHEEL
