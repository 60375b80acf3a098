"""`manage.py serve`, run as a person runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest

from conduit.management.commands.serve import Command

ROOT = Path(__file__).resolve().parents[2]
STOPPED = [(signal.SIGTERM, {0}), (signal.SIGINT, {0, 130})]
MEGABYTE = b"x" * 1024 * 1024


@pytest.fixture(scope="module")
def environ(shared_server):
    url = f"postgres://postgres@/conduit?host={quote(str(shared_server.socket_dir), safe='')}"
    ours = {"DEBUG": "1", "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "conduit.settings"}
    return os.environ | ours | {"PYTHONUNBUFFERED": "1"}


@pytest.fixture
def port():
    return free_port()


@pytest.fixture(scope="module")
def site(environ):
    """The port of a site for all tests that leave it running."""
    port = free_port()
    with serve(environ, port) as process:
        wait_for_line(process, f"http://localhost:{port}")
        yield port
        process.terminate()
        process.communicate(timeout=20)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def serve(environ, port, *options):
    """The command as it runs; killed, should it outlive its test."""
    command = [sys.executable, "manage.py", "serve", "--port", str(port), *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environ, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_line(process, text):
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(process.stderr.read())


def get(port, path="/", headers=None):
    connection = HTTPConnection("localhost", port, timeout=10)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def send(port, head, *bodies):
    """The first line of the answer to a request of which only the beginning is ever sent."""
    with socket.create_connection(("localhost", port), timeout=10) as client:
        client.sendall(head)
        for body in bodies:
            client.sendall(body)
        return client.recv(1000).split(b"\r\n", 1)[0]


def test_a_taken_port_is_one_clear_line_and_leaves_the_database_alone(environ, port):
    nowhere = environ | {"DATABASE_URL": "postgres://nobody@/nothing?host=/nowhere"}
    with socket.create_server(("127.0.0.1", port)), serve(nowhere, port) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    assert err.startswith(f"CommandError: Port {port} is taken.")
    assert err.count("\n") == 1


def test_a_database_out_of_reach_is_a_clear_message(environ, port):
    nowhere = environ | {"DATABASE_URL": "postgres://nobody@/nothing?host=/nowhere"}
    with serve(nowhere, port) as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.startswith("CommandError: connection")
    assert "Traceback" not in err


@pytest.mark.parametrize(("number", "codes"), STOPPED)
def test_it_serves_until_it_is_told_to_stop(environ, port, number, codes):
    with serve(environ, port) as process:
        wait_for_line(process, f"http://localhost:{port}")
        assert get(port).status == 200
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert process.returncode in codes
    assert "Traceback" not in err


@pytest.mark.parametrize(("number", "codes"), STOPPED)
def test_being_stopped_half_way_is_no_accident_either(environ, port, number, codes):
    with serve(environ, port) as process:
        wait_for_line(process, "database")
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert process.returncode in codes
    assert "Traceback" not in err


@pytest.mark.parametrize(("number", "codes"), STOPPED)
def test_being_stopped_where_python_ignores_it_stops_the_start_after_all(number, codes):
    command = Command()
    with pytest.raises(SystemExit):
        command.stop(number, None)  # raised in a finalizer, it would go no further than to stderr
    with pytest.raises(SystemExit) as stopped:
        command.welcome("localhost", 8000, demo=False)
    assert stopped.value.code in codes


def test_a_root_path_header_changes_nothing(site):
    assert get(site, "/", {"Daphne-Root-Path": "/elsewhere"}).status == 200
    assert get(site, "/elsewhere/", {"Daphne-Root-Path": "/elsewhere"}).status == 404


def test_a_body_without_end_is_refused_while_it_still_comes(site):
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"100000\r\n" + MEGABYTE + b"\r\n"
    assert b"413" in send(site, head, chunk, chunk)


def test_a_body_that_announces_too_much_is_refused_before_it_comes(site):
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"
    assert b"413" in send(site, head)


def test_other_requests_go_on_meanwhile(site):
    with socket.create_connection(("localhost", site)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nslow")
        time.sleep(0.1)
        assert get(site).status == 200
