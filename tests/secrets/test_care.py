"""How secrets are treated: how they are compared, where chance comes from, who may read them, and where none is."""

import ast
import math
import os
import re
import secrets
import stat
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts import devices, sessions, tokens
from conduit import databases, environment, mail
from tests.eventstore.tools import ROOT
from tests.secrets.canaries import canary, found
from tests.test_architecture import PACKAGES, modules, tree

SECRET = re.compile(
    "token|secret|password|digest|signature|hash|session_key|ticket|proof|cookie", re.IGNORECASE
)
NO_SECRETS = {
    "blog/": "tokens of Markdown",
    "eventstore/importing.py": "whether a file is whole",
    "eventstore/carry_out.py": "whether a command that is sent again is the same; a command has no secret",
    "conduit/api_extras/once.py": "the same for a request; what has a password is compared as one",
    "conduit/doctor/house.py": "both are the operator's own",
    "accounts/devices.py": "what the site has signed: nobody can try",
    "accounts/sessions.py": "whether a session has changed its key since it came",
    "accounts/registration.py": "whose password was proved, and who is registering: two ids",
    "accounts/credentials.py": "two hashes of the table, neither of them anybody's word",
    "accounts/management/commands/createsuperuser.py": "whether somebody typed the same twice",
}
CHANCE = {"conduit/demo/words.py", "conduit/demo/crowd.py", "eventstore/carry_out.py"}
"""Texts of the demo, and how long to wait before another attempt."""


def compared(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Compare) and any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops):
            names = {getattr(each, "id", getattr(each, "attr", "")) for each in ast.walk(node)}
            if any(SECRET.search(name) for name in names):
                yield f"{path}:{node.lineno}: {ast.unparse(node)}"


def test_what_somebody_says_is_compared_with_a_secret_in_constant_time():
    found = [each for path in modules(*PACKAGES) for each in compared(path)]
    assert [each for each in found if not each.startswith(tuple(NO_SECRETS))] == []
    assert [place for place in NO_SECRETS if not any(each.startswith(place) for each in found)] == []


def test_chance_that_can_be_foretold_makes_no_secret():
    found = set()
    for path in modules(*PACKAGES):
        for node in ast.walk(tree(path)):
            names = (
                [alias.name for alias in getattr(node, "names", [])] if isinstance(node, ast.Import) else []
            )
            if "random" in names or (isinstance(node, ast.ImportFrom) and node.module == "random"):
                found.add(str(path))
    assert found == CHANCE


def test_what_is_made_can_not_be_guessed(database):
    """So many characters of an alphabet are so many bits."""
    made = {secrets.token_urlsafe(tokens.BITS // 8) for _ in range(50)}
    keys = {sessions.SessionStore()._get_new_session_key() for _ in range(50)}
    assert len(made) == len(keys) == 50
    assert min(map(len, made)) * math.log2(64) >= 256
    assert min(map(len, keys)) * math.log2(36) >= 160
    person = SimpleNamespace(pk=1, password_version=1)
    assert devices.remembered(person) != devices.remembered(person)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_the_key_of_an_installation_is_for_its_owner_alone(tmp_path, mask):
    before = os.umask(mask & 0o077)
    try:
        key = environment.secret_key(tmp_path / "secret-key", {})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret-key"]
    assert len(key) * math.log2(64) >= 256


PASSWORD = canary("an address of the environment")


@pytest.mark.parametrize(
    "read",
    [
        lambda: databases.from_url("DATABASE_URL", f"postgres//jake:{PASSWORD}@host/x y"),
        lambda: databases.from_url("DATABASE_URL", f"postgres://jake:{PASSWORD}@host:port:1/"),
        lambda: databases.from_url("DATABASE_URL", f"postgres://jake:{PASSWORD}@host/x?nonsense={PASSWORD}"),
        lambda: mail.from_url(f"smtpx://jake:{PASSWORD}@host"),
        lambda: mail.from_url(f"smtp://jake:{PASSWORD}@host:port"),
        lambda: mail.from_url(f"smtp://jake:{PASSWORD}@host?tls={PASSWORD}"),
        lambda: mail.from_url(f"smtp://jake:{PASSWORD}@"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_without_being_quoted(read):
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    seen, error = [], refused.value
    while error is not None:
        seen.append(str(error))
        error = None if error.__suppress_context__ else (error.__cause__ or error.__context__)
    assert found("\n".join(seen).encode()) == set()


def test_a_command_that_finds_no_database_does_not_tell_how_it_asked():
    variables = {
        "DATABASE_URL": f"postgres://conduit:{PASSWORD}@127.0.0.1:1/conduit",
        "SECRET_KEY": canary("a key of the environment") * 2,
        "LOG_LEVEL": "DEBUG",
    }
    command = [sys.executable, "manage.py", "migrate", "--traceback"]
    run = subprocess.run(
        command, cwd=ROOT, env=os.environ | variables, capture_output=True, check=False, timeout=60
    )
    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert b"connection" in said
    assert found(said) == set()


ODD = (
    "::",
    "/:",
    "a:",
    "a:,",
    "a@:",
    "@:(",
    "a:@/",
    "@",
    "@/",
    "@ ",
    "/",
    "//",
    "/?",
    "?/",
    "//@?",
    "a?",
    "'@?",
)
"""What is long and odd when it is said 100,000 times over: each of these takes part in what is looked for."""


def test_whatever_strangers_ask_for_is_searched_for_secrets_in_no_time():
    """In a process of its own: a search that takes for ever can't be interrupted."""
    code = (
        "import sys; from conduit.discretion import discreet\n"
        "for odd in sys.argv[1:]:\n"
        "    for end in ('', '@', '/@', ' @', '?', ' ?', '/?x', '/?@'):\n"
        "        for text in (odd * 100_000 + end, end + odd * 100_000): discreet(text)"
    )
    subprocess.run([sys.executable, "-c", code, *ODD], cwd=ROOT, check=True, timeout=60)


# The repository

WORD = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
TOLD = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bxox[abp]-\w+|\bsk-\w{20,}|\bAIza[\w-]{30,}"
)
MADE_ELSEWHERE = ("requirements/", "static/vendor/", "static/js/vendor/")
"""Hashes of what is installed, and scripts that others have packed."""

BITS_A_CHARACTER = 4.3
"""What words of a language, names and numbers don't reach in so short a text."""


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def chance(word):
    return -sum(count / len(word) * math.log2(count / len(word)) for count in Counter(word).values())


def random_looking(word):
    kinds = [re.search(kind, word) for kind in ("[a-z]", "[A-Z]", "[0-9]")]
    return all(kinds) and chance(word) > BITS_A_CHARACTER and not re.search("abcdefg|0123456", word)


def suspicious(text):
    yield from (match[0] for match in TOLD.finditer(text))
    yield from (word for word in WORD.findall(text) if random_looking(word))


def test_whoever_looks_for_secrets_finds_one():
    assert list(suspicious("token = 'u3Z0TqgQ1yqXy1zUdXU2iXh0s2vVd7e0X7ZlYvJ1p9s'"))
    assert list(suspicious("-----BEGIN EC PRIVATE KEY-----"))
    assert not list(
        suspicious("def test_whoever_looks_for_secrets_finds_one(): 01a20a64-1f5e-7a28-91c1-0e2eeae05cb8")
    )


EXAMPLES = {
    "accounts/api.py": 1,
    "tests/corpus/table.py": 1,
    "tests/secrets/test_canaries.py": 1,
    "tests/secrets/test_care.py": 2,
    "tests/xss/payloads.py": 2,
}
"""Words that look like secrets and are none, by file."""


def test_the_repository_has_no_secret():
    found = {}
    for name in tracked():
        text = (ROOT / name).read_bytes().decode(errors="ignore")
        words = [] if name.startswith(MADE_ELSEWHERE) else sorted(set(suspicious(text)))
        if len(words) > EXAMPLES.get(name, 0):
            found[name] = words[:5]
    assert found == {}


def test_what_an_installation_keeps_is_not_in_the_repository():
    assert [
        name for name in tracked() if re.search(r"(^|/)(var|\.env)(/|$)|secret-key|\.(pem|key|p12)$", name)
    ] == []
