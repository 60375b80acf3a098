"""nginx quotes a request in its log of errors, address and all: but not one whose query is a secret."""

import pytest

from tests.live.processes import Server, running
from tests.live.serving import USUAL, Site, configured, nginx_command
from tests.live.wire import free_port
from tests.secrets.canaries import canary, found


@pytest.fixture
def alone(tmp_path):
    """nginx, and nobody behind it."""
    port, plain = free_port(), free_port()
    config = configured(tmp_path, tmp_path / "var" / "static", port, plain, [free_port() for _ in USUAL])
    command = [*nginx_command(tmp_path, config), "-g", "daemon off;"]
    with running(Server(command, port, tmp_path / "nginx.log")):
        yield Site(f"https://localhost:{port}", [], [], plain)


def test_no_log_of_the_proxy_has_a_link_that_it_could_not_pass_on(alone, tmp_path):
    assert alone.ask("/article/dragons?page=1").status == 503
    assert alone.ask(f"/password-reset/link?user=x&token={canary('a link to nobody')}").status == 503
    logs = {file.name: file.read_bytes() for file in tmp_path.glob("*.log")}
    assert b"/article/dragons?page=1" in logs["error.log"]
    assert {name: found(log) for name, log in logs.items() if found(log)} == {}
