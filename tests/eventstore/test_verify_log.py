"""The log verified: a whole one is found whole, and whatever is planted in one is found and named."""

import json
import tracemalloc
from contextlib import contextmanager
from fnmatch import fnmatchcase
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from eventstore import messages
from eventstore.decider import deciders
from eventstore.dispatch import dispatch
from eventstore.messages import Rejection
from eventstore.verify import Verification
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, BreakJar, LabelJar, PolishJar, PourBeans
from tests.eventstore.tools import another, manage, meanwhile, open_writer

TABLES = ("event", "command", "claim")


@pytest.fixture
def jars(shelf, follow):
    """A jar that got another label, one that broke and was replaced, and what came to nothing."""
    follow(beans.shelf, beans.replacing)
    dispatch(AddBeans(jar="a", count=5, note="for soup"))
    dispatch(LabelJar(jar="a", label="red"))
    dispatch(LabelJar(jar="a", label="blue"))
    dispatch(LabelJar(jar="b", label="red"))
    dispatch(PourBeans(jar="b", into="blue"))
    dispatch(BreakJar(jar="b"))
    dispatch(PolishJar(jar="a"))
    with pytest.raises(Rejection):
        dispatch(AddBeans(jar="b"))


def verify(**options):
    """The command's exit code, its lines on stdout, and what it complained about."""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("verify_log", stdout=out, stderr=err, **options)
    except SystemExit as end:
        code = end.code
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return code, out.getvalue().splitlines(), err.getvalue()


def problems():
    code, lines, _ = verify()
    assert code == (3 if len(lines) > 1 else 0)
    return lines[:-1]


@contextmanager
def unguarded():
    """The tables open to their owner, as an intruder would have them; guarded again afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE eventstore_{table} DISABLE TRIGGER USER")
        yield cursor.execute
        for table in TABLES[:2]:
            for trigger in ("rows_stay", "stays"):
                cursor.execute(
                    f"ALTER TABLE eventstore_{table} ENABLE ALWAYS TRIGGER eventstore_{table}_{trigger}"
                )


def plant(*statements):
    with unguarded() as execute:
        for statement in statements:
            execute(statement)


def test_a_whole_log_is_found_whole(jars):
    code, lines, err = verify()
    assert (code, err) == (0, "")
    [line] = lines
    assert line.startswith("7 events in 3 streams, 9 commands, 1 names in ")
    assert line.endswith(" s: no problems")


def test_an_empty_log_is_whole(database):
    code, [line], _ = verify()
    assert code == 0
    assert line.startswith("0 events in 0 streams, 0 commands, 0 names")


def test_what_was_rolled_back_and_what_is_being_written_are_no_problem(jars):
    with transaction.atomic():
        dispatch(AddBeans(jar="c"))
        transaction.set_rollback(True)
    with open_writer("jar-d"):
        assert problems() == []


DAMAGED_FACTS = {
    "version = 7 WHERE position = 5": [
        "event position 6, stream jar-b, version 3, type beans.broken: version 2 is missing before it",
        "event position 5, stream jar-b, version 7, type beans.poured: version 4 is missing before it",
        "event position 5, stream jar-b, version 7, type beans.poured: it stands before version 3, at 6",
        "event position 5, stream jar-b, version 7, type beans.poured: its command * led to other versions",
    ],
    "position = 100 WHERE position = 2": [
        "sequence name eventstore_event_position_seq: it stands at 7, before the last fact: *",
        "event position 3, stream jar-a, version 3, type beans.labelled: it stands before version 2, at 100",
    ],
    "position = 0 WHERE position = 1": [
        "event position 0, stream jar-a, version 1, type beans.added: no reader begins before it"
    ],
    "type = 'beans.eaten' WHERE position = 5": [
        "event position 5, stream jar-b, version 2, type beans.eaten: it can't be read: FutureEvent: *"
    ],
    "schema = 2 WHERE position = 5": [
        "event position 5, stream jar-b, version 2, type beans.poured: it can't be read: FutureEvent: *"
    ],
    "schema = 0 WHERE position = 5": [
        "event position 5, stream jar-b, version 2, type beans.poured: it can't be read: KeyError: *"
    ],
    "data = data - 'into' WHERE position = 5": [
        "event position 5, stream jar-b, version 2, type beans.poured: it can't be read: ValidationError: *`into`"
    ],
    "data = '7' WHERE position = 5": [
        "event position 5, stream jar-b, version 2, type beans.poured: it can't be read: ValidationError: *"
    ],
    "command_id = 'ffffffff-0000-0000-0000-000000000000' WHERE position = 7": [
        "event position 7, stream jar-spare-b, version 1, type beans.added: there is no command ffffffff-*",
        "command id *, name beans.add: it led to versions 1 to 1 of jar-spare-b; the log holds 0 of these facts",
    ],
    "stream = E'jar\\n\\x1b[2J' WHERE position = 7": [
        "event position 7, stream jar\\n\\x1b[[]2J, version 1, type beans.added: its command * was about *"
    ],
}
DAMAGED_COMMANDS = {
    "outcome = 'refused'": [
        "event position 7, stream jar-spare-b, version 1, type beans.added: its command * was refused",
        "command id *, name beans.add: it was refused, and says that it led to facts",
    ],
    "outcome = 'lost'": [
        "event position 7, stream jar-spare-b, version 1, type beans.added: its command * was lost",
        "command id *, name beans.add: its outcome is 'lost'",
    ],
    "last_version = 2": [
        "command id *, name beans.add: it led to versions 1 to 2 of jar-spare-b; the log holds 1 of these facts"
    ],
    "last_version = 2147483647": [
        "command id *, name beans.add: it led to versions 1 to 2147483647 of jar-spare-b; the log holds 1 *"
    ],
    "first_version = NULL": [
        "event position 7, stream jar-spare-b, version 1, type beans.added: its command * led to other versions",
        "command id *, name beans.add: it says only the first or only the last version that it led to",
    ],
    "first_version = NULL, last_version = NULL": [
        "event position 7, stream jar-spare-b, version 1, type beans.added: its command * led to other versions"
    ],
    "last_version = 0": [
        "event position 7, stream jar-spare-b, version 1, type beans.added: its command * led to other versions",
        "command id *, name beans.add: versions 1 to 0 are no range",
    ],
    "caused_by = 99": [
        "command id *, name beans.add: it was asked for because of position 99, where there is no fact"
    ],
}
DAMAGED_NAMES = {
    "DELETE FROM eventstore_claim": [
        "claim kind label, key blue, stream jar-a: the log gives the stream this name, but the stream does not hold it"
    ],
    "INSERT INTO eventstore_claim VALUES ('label', 'green', 'jar-a')": [
        "claim kind label, key green, stream jar-a: the stream holds this name, but the log does not give it"
    ],
    "INSERT INTO eventstore_claim VALUES ('label', 'green', 'jar-none')": [
        "claim kind label, key green, stream jar-none: a stream without any fact holds this name"
    ],
    "UPDATE eventstore_claim SET stream = 'jar-b'": [
        "claim kind label, key blue, stream jar-a: the log gives the stream this name, but the stream does not hold it",
        "claim kind label, key blue, stream jar-b: the stream holds this name, but the log does not give it",
    ],
}
ALTER = "ALTER TABLE eventstore_event"
DAMAGED_GUARDS = {
    "DROP TRIGGER eventstore_event_stays ON eventstore_event": [
        "trigger name eventstore_event_stays: it is missing"
    ],
    "ALTER TABLE eventstore_command DISABLE TRIGGER eventstore_command_rows_stay": [
        "trigger name eventstore_command_rows_stay: it is not ENABLE ALWAYS"
    ],
    "ALTER TABLE eventstore_command ENABLE TRIGGER eventstore_command_stays": [
        "trigger name eventstore_command_stays: it is not ENABLE ALWAYS"
    ],
    "DROP TRIGGER eventstore_event_stays ON eventstore_event; CREATE TRIGGER eventstore_event_stays BEFORE UPDATE "
    "ON eventstore_event FOR EACH STATEMENT EXECUTE FUNCTION eventstore_refuse_change(); "
    "ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER eventstore_event_stays": [
        "trigger name eventstore_event_stays: it does not refuse all that it must"
    ],
    "CREATE OR REPLACE FUNCTION eventstore_refuse_change() RETURNS trigger LANGUAGE plpgsql "
    "AS 'BEGIN RETURN NEW; END'": [
        "trigger name eventstore_command_rows_stay: it does not refuse all that it must",
        "trigger name eventstore_command_stays: it does not refuse all that it must",
        "trigger name eventstore_event_rows_stay: it does not refuse all that it must",
        "trigger name eventstore_event_stays: it does not refuse all that it must",
    ],
    f"{ALTER} DROP CONSTRAINT eventstore_event_stream_version": [
        "constraint name eventstore_event_stream_version: it is missing"
    ],
    f"{ALTER} ALTER position SET CACHE 20": [
        "sequence name eventstore_event_position_seq: its cache is 20: readers of the log rely on 1"
    ],
    f"{ALTER} ALTER position SET INCREMENT -1": [
        "sequence name eventstore_event_position_seq: it does not count up by one, for ever"
    ],
    f"{ALTER} ALTER position DROP IDENTITY": [
        "sequence name eventstore_event.position: positions are not drawn from an identity sequence"
    ],
    "SELECT setval('eventstore_event_position_seq', 6)": [
        "sequence name eventstore_event_position_seq: it stands at 6, before the last fact: *"
    ],
    "UPDATE eventstore_checkpoint SET position = 8 WHERE name = 'beans.shelf'": [
        "checkpoint name beans.shelf: it stands at 8, after the last fact (7): *"
    ],
}


def equal(lines, patterns):
    return len(lines) == len(patterns) and all(map(fnmatchcase, lines, patterns))


@pytest.mark.parametrize("planted", DAMAGED_FACTS)
def test_a_fact_that_was_changed_is_named(jars, planted):
    plant(f"UPDATE eventstore_event SET {planted}")
    found = problems()
    assert equal(found, DAMAGED_FACTS[planted]), found


@pytest.mark.parametrize("planted", DAMAGED_COMMANDS)
def test_a_command_that_was_changed_is_named(jars, planted):
    plant(f"UPDATE eventstore_command SET {planted} WHERE stream = 'jar-spare-b'")
    found = problems()
    assert equal(found, DAMAGED_COMMANDS[planted]), found


@pytest.mark.parametrize("planted", DAMAGED_NAMES)
def test_a_name_that_is_not_held_as_the_facts_have_it_is_told(jars, planted):
    plant(planted)
    found = problems()
    assert equal(found, DAMAGED_NAMES[planted]), found


@pytest.mark.parametrize("planted", DAMAGED_GUARDS)
def test_what_guards_the_log_is_missed_when_it_is_gone(jars, planted):
    with connection.cursor() as cursor:
        cursor.execute(planted)
    found = problems()
    assert equal(found, DAMAGED_GUARDS[planted]), found


@pytest.mark.parametrize(
    ("position", "found"),
    [
        (
            4,
            [
                "event position 5, stream jar-b, version 2, type beans.poured: its stream does not begin with 1",
                "command id *, name beans.label: it led to versions 1 to 1 of jar-b; the log holds 0 of these facts",
            ],
        ),
        (
            5,
            [
                "event position 6, stream jar-b, version 3, type beans.broken: version 2 is missing before it",
                "command id *, name beans.pour: it led to versions 2 to 2 of jar-b; the log holds 0 of these facts",
            ],
        ),
        (
            7,
            [
                "command id *, name beans.add: it led to versions 1 to 1 of jar-spare-b; the log holds 0 of *",
                "checkpoint name *",
            ],
        ),
    ],
)
def test_a_fact_that_is_gone_is_missed_wherever_in_its_stream_it_was(jars, position, found):
    plant(f"DELETE FROM eventstore_event WHERE position = {position}")
    lines = problems()
    assert all(any(fnmatchcase(line, pattern) for line in lines) for pattern in found), lines
    assert all(any(fnmatchcase(line, pattern) for pattern in found) for line in lines), lines


def test_a_command_that_is_gone_is_missed_by_its_facts(jars):
    plant("DELETE FROM eventstore_command WHERE stream = 'jar-spare-b'")
    found = problems()
    assert equal(
        found, ["event position 7, stream jar-spare-b, version 1, type beans.added: there is no command *"]
    )


def test_a_version_that_is_there_twice_is_named(jars):
    plant(
        f"{ALTER} DROP CONSTRAINT eventstore_event_stream_version",
        "INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at) "
        "SELECT stream, version, type, schema, data, command_id, recorded_at FROM eventstore_event WHERE position = 5",
    )
    assert equal(
        problems(),
        [
            "constraint name eventstore_event_stream_version: it is missing",
            "event position 8, stream jar-b, version 2, type beans.poured: version 3 is missing before it",
            "event position 6, stream jar-b, version 3, type beans.broken: it stands before version 2, at 8",
            "command id *, name beans.pour: it led to versions 2 to 2 of jar-b; the log holds 2 of these facts",
        ],
    )


def test_a_fact_that_its_aggregate_can_not_follow_is_named(jars, monkeypatch):
    monkeypatch.setattr(beans, "evolve", lambda jar, event: 1 / 0)
    assert [line.partition(": ")[2] for line in problems()] == [
        "it can't be read: ZeroDivisionError: division by zero"
    ] * 3


def test_the_names_of_streams_whose_commands_are_unknown_are_left_out_and_this_is_said(jars, monkeypatch):
    monkeypatch.delitem(deciders._by_command, AddBeans)
    plant("INSERT INTO eventstore_claim VALUES ('label', 'green', 'jar-a'), ('label', 'red', 'jar-b')")
    code, lines, _ = verify()
    assert code == 3
    assert lines[:-1] == [
        "claim kind label, key red, stream jar-b: the stream holds this name, but the log does not give it",
        "names of 2 streams were not compared: no aggregate here takes beans.add",
    ]


def test_an_older_schema_is_lifted_while_it_is_read(jars, monkeypatch):
    kind = messages.EVENT_NAMES["beans.sealed"]
    newer = messages.EventType(kind.name, 2, kind.cls)
    monkeypatch.setitem(messages.EVENT_NAMES, kind.name, newer)
    monkeypatch.setitem(messages.UPCASTERS, (kind.name, 1), lambda data: {"jar": data["pot"]})
    plant("""UPDATE eventstore_event SET type = 'beans.sealed', data = '{"pot": "b"}' WHERE position = 5""")
    assert problems() == []
    plant("""UPDATE eventstore_event SET data = '{"jar": "b"}' WHERE position = 5""")
    assert [line.partition(": ")[2] for line in problems()] == ["it can't be read: KeyError: 'pot'"]


def test_programs_get_one_object(jars):
    plant("UPDATE eventstore_event SET data = '7' WHERE position IN (5, 7)")
    code, [line], _ = verify(json=True, most=1)
    found = json.loads(line)
    assert (code, found["schema"], found["count"], found["events"]) == (3, 1, 2, 7)
    [problem] = found["problems"]
    assert problem["kind"] == "event"
    assert problem["name"] == {"position": 5, "stream": "jar-b", "version": 2, "type": "beans.poured"}
    assert problem["what"].startswith("it can't be read: ValidationError")


def test_no_more_is_told_than_was_asked_for_and_all_is_counted(jars):
    plant("UPDATE eventstore_event SET data = '7'")
    code, lines, _ = verify(most=2)
    assert (code, len(lines)) == (3, 3)
    assert lines[-1].endswith(": 7 problems")


def test_while_others_write_nothing_looks_wrong(jars):
    with meanwhile(lambda: dispatch(LabelJar(jar="c", label=str(uuid4())[:10]))):
        for _ in range(10):
            assert problems() == []


LONG = """
WITH command AS (
    INSERT INTO eventstore_command (id, name, stream, first_version, last_version, correlation_id, outcome,
        reason, payload, digest, address, duration_us, recorded_at)
    SELECT gen_random_uuid(), 'beans.label', 'jar-' || nth, 1, 1, gen_random_uuid(), 'accepted', '', '{}', '', '', 0,
        now()
    FROM generate_series(1, 5000) AS nth
    RETURNING id, stream
), claim AS (
    INSERT INTO eventstore_claim SELECT 'label', stream || repeat('x', 2000), stream FROM command
)
INSERT INTO eventstore_event (stream, version, type, schema, data, command_id, recorded_at)
SELECT stream, 1, 'beans.labelled', 1,
    jsonb_build_object('jar', stream, 'label', stream || repeat('x', 2000)), id, now()
FROM command
"""


def test_a_long_log_is_verified_in_little_memory(database):
    with another() as raw:
        raw.execute(LONG)
    told, pages = [], []
    tracemalloc.start()
    found = Verification(told.append, pages.append).run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (told, found.problems, found.events, found.streams, found.names) == ([], 0, 5_000, 5_000, 5_000)
    assert [page.events for page in pages] == list(range(500, 5_001, 500))
    assert peak < 7 * 1024 * 1024  # the whole log is twice that


def test_from_the_command_line_what_is_wrong_ends_in_three(cast):
    cast.jake.publishes()
    plant("UPDATE eventstore_event SET version = 2 WHERE type = 'blog.article_published'")
    process = manage("verify_log")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (3, "")
    assert "type blog.article_published: its stream does not begin with 1" in out


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (OperationalError, 1)])
def test_a_look_that_is_cut_short_says_so(database, monkeypatch, error, code):
    monkeypatch.setattr(Verification, "_commands", lambda self: _raise(error))
    ended, lines, err = verify()
    assert (ended, lines) == (code, [])
    assert "the log was not read to its end" in err


def _raise(error):
    raise error
