"""Whatever is typed after `manage.py` is answered in words and by an exit code, never by a traceback."""

import random
from argparse import _SubParsersAction

import pytest
from django.core.management import ManagementUtility, get_commands, load_command_class
from django.core.management.base import CommandError

from conduit.demo.seeding import Progress, Seeding
from conduit.listening import listen
from conduit.management.commands import serve
from eventstore import console, roles
from eventstore.inspection import following
from eventstore.log import head
from eventstore.worker import Worker
from tests.cast import Cast
from tests.corpus.requests import SEED
from tests.corpus.table import NUMBERS, ODD, REFUSED

OURS = {"conduit", "blog", "accounts", "eventstore"}
COMMANDS = {name: app for name, app in sorted(get_commands().items()) if app in OURS}
DJANGO_S = {
    *("help", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"),
}
NEEDED = {
    "login": "jane",
    "permissions": "blog.view_article",
    "seconds": "0",
    "username": "ann",
    "email": "ann@conduit.example",
}
"""What else has to be said, if it is not "1"."""

CODES = {console.OK, console.FAILED, console.USAGE, console.DIFFERENT, console.EXCEEDED, console.LOCKED}
OF_EACH, NEVER_OF_EACH = 4, 2
"""Values for each argument in a default run: odd ones, and such as no text may have."""


def texts(rows):
    """As Python hands over what was typed: bytes that are no text are halves of characters there. None is a path."""
    return [text.decode(errors="surrogateescape") for text in rows.values() if b"/" not in text]


NEVER = [*texts(REFUSED), "\udcff", "\ud800"]
PERHAPS = texts({**ODD, **NUMBERS, "huge": b"9" * 4000})


def parsers(name):
    """The words that lead to a command, or to an act of it, and what may follow."""
    parser = load_command_class(COMMANDS[name], name).create_parser("manage.py", name)
    acts = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not acts:
        yield [name], parser
    for action in acts:
        yield from (([name, act], each) for act, each in action.choices.items())


def arguments():
    """Every argument of every command: its name, and how a line is typed that is well but for it."""
    for name in COMMANDS:
        for words, parser in parsers(name):
            takes = [each for each in parser._actions if each.nargs != 0 and each.dest not in DJANGO_S]
            for one in takes:
                beside = [each for each in takes if each is one or each.required or each.dest in NEEDED]
                yield one.dest, words, [(each, each is one) for each in beside]


def typed(words, beside, odd):
    line = [*words]
    for argument, is_odd in beside:
        values = [odd if is_odd else NEEDED.get(argument.dest, "1")]
        values *= argument.nargs if isinstance(argument.nargs, int) else 1
        flag = argument.option_strings[-1:]
        line += [f"{flag[0]}={values[0]}"] if flag and len(values) == 1 else [*flag, *values]
    return line


@pytest.fixture
def run(fresh_database, monkeypatch, tmp_path, capsys):
    """The exit code of a command line, and what it said. What would go on for ever ends at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "long enough")
    monkeypatch.setattr(Worker, "run", lambda worker: None)
    monkeypatch.setattr(following, "follow", lambda *_: iter(()))
    monkeypatch.setattr(Seeding, "run", lambda seeding: Progress(0, 0, 1.0))
    monkeypatch.setattr(roles, "grant", lambda *_: None)  # roles are the whole server's
    monkeypatch.setattr("eventstore.management.commands.projection_status.sleep", stop)
    monkeypatch.setattr(serve, "listen", lambda *place: (listen(*place).close(), stop()))
    monkeypatch.setattr("builtins.input", lambda *_: "ann")
    for command in ("changepassword", "createsuperuser"):
        monkeypatch.setattr(f"accounts.management.commands.{command}.getpass", lambda *_: "long enough")

    def run(line):
        try:
            ManagementUtility(["manage.py", *line]).execute()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        except Exception as error:
            code = repr(error)
        return code, "".join(capsys.readouterr())

    with fresh_database("commands"):
        assert Cast().jane
        yield run


def stop(*_, **__):
    raise CommandError("as far as it goes")


def test_what_no_text_may_have_is_a_usage_error_and_any_other_value_has_words(run, request):
    chosen, bad, at = random.Random(SEED), [], head()
    perhaps, never = (PERHAPS, NEVER) if request.config.getoption("--stress") else (None, None)
    for _, words, beside in arguments():
        for odd in (
            *(perhaps or chosen.sample(PERHAPS, OF_EACH)),
            *(never or chosen.sample(NEVER, NEVER_OF_EACH)),
        ):
            line, codes = typed(words, beside, odd), {console.USAGE} if odd in NEVER else CODES
            code, said = run(line)
            quiet = not code or (said.strip() and head() == at)
            if code not in codes or not quiet or "Traceback" in said:
                bad.append((code, [part[:40] for part in line], said[:150]))
            at = head()
    assert not bad, "\n".join([f"{len(bad)} of them:", *map(str, bad[:60])])
