"""What deploy/ and the README say of running the site is so. That it serves is shown in tests/live/test_two_ways.py."""

import re
import shlex
import subprocess

from django.core.management import call_command
from django.template.loader import render_to_string

from conduit import databases, one_hop
from tests.eventstore.tools import ROOT
from tests.live.processes import DEPLOY, command_of
from tests.live.serving import LIVE, PAGES, configured, nginx_command

README = (ROOT / "README.md").read_text().partition("## Deploy it\n")[2].partition("\n## ")[0]
COMMANDS = [shlex.split(line) for line in README.splitlines() if line.startswith("    ")]
UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))
ELSEWHERE = [
    [
        "pip",
        "install",
        "--require-hashes",
        "-r",
        "requirements/run.txt",
    ],  # what `make` does, for these very tests
    ["python", "manage.py", "collectstatic", "--noinput"],  # in tests/live/test_two_ways.py
    ["python", "manage.py", "createsuperuser"],  # in tests/accounts
    ["python", "manage.py", "run_projectors"],  # in tests/fire
]


def said(program):
    """The README's commands of a program, but for those that other tests run."""
    return [command for command in COMMANDS if command[0] == program and command not in ELSEWHERE]


def test_every_command_of_the_readme_is_run_by_a_test():
    ours = [command for name in ("python", "daphne", "cp", "systemctl", "nginx") for command in said(name)]
    assert sorted(COMMANDS) == sorted(ours + ELSEWHERE)


def test_what_is_done_once(database, capsys):
    assert said("python") == [
        ["python", "manage.py", "migrate"],
        ["python", "manage.py", "check", "--deploy"],
    ]
    for _, _, *arguments in said("python"):
        call_command(*arguments)


def test_the_one_process_is_the_one_that_a_unit_runs():
    assert said("daphne") == [["daphne", *command_of("conduit-live@.service", LIVE[0])[1:]]]


def test_what_is_put_where_systemd_and_nginx_look(tmp_path):
    for folder in ("systemd/system", "nginx"):
        (tmp_path / "etc" / folder).mkdir(parents=True)
    for command in said("cp"):
        here = " ".join(command).replace(" /etc", f" {tmp_path}/etc")
        subprocess.run(here, cwd=ROOT, shell=True, check=True, timeout=20)
    assert sorted(path.name for path in (tmp_path / "etc/systemd/system").iterdir()) == UNITS
    assert (tmp_path / "etc/nginx/nginx.conf").read_text() == (DEPLOY / "nginx.conf").read_text()


def test_the_units_that_are_enabled_are_those_that_nginx_asks():
    enabled = [name.split("@") for name in said("systemctl")[0][3:]]
    assert {f"{unit}@.service" for unit, _ in enabled} < set(UNITS)
    upstreams = dict(re.findall(r"upstream (\w+) \{(.*?)\}", (DEPLOY / "nginx.conf").read_text(), re.DOTALL))
    for name, ports in (("pages", PAGES), ("live", LIVE)):
        asked = [int(port) for port in re.findall(r"server 127\.0\.0\.1:(\d+)", upstreams[name])]
        assert asked == [int(port) for unit, port in enabled if unit == f"conduit-{name}"] == list(ports)


def test_nginx_has_nothing_to_say_against_its_configuration(tmp_path):
    """`nginx -t`, which looks at the whole of it; a warning counts."""
    assert said("nginx") == [["nginx", "-t"]]
    config = configured(tmp_path, tmp_path / "static", 20443, 20080, (1, 2, 3, 4))
    told = subprocess.run(
        [*nginx_command(tmp_path, config), "-t"], check=False, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0, told.stderr
    assert [line for line in told.stderr.splitlines() if "[" in line] == []


def test_every_thread_of_a_process_finds_a_connection():
    command = command_of("conduit-pages@.service", PAGES[0])
    threads = int(command[command.index("--blocking-threads") + 1])
    assert threads == one_hop.THREADS < databases.POOL["max_size"]


def test_a_process_of_pages_is_ended_by_its_own_before_systemd_loses_patience():
    command = command_of("conduit-pages@.service", PAGES[0])
    [patience] = re.findall(
        r"^TimeoutStopSec=(\d+)$", (DEPLOY / "conduit-pages@.service").read_text(), re.MULTILINE
    )
    assert int(command[command.index("--workers-kill-timeout") + 1]) < int(patience)


def test_nginx_says_that_the_site_is_away_in_the_site_s_own_words():
    assert (DEPLOY / "away.html").read_text() == render_to_string("503.html")
