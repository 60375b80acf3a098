"""`events` and `replay_stream`: the log from a terminal, for people and for programs, with an exit code for each end."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, ManagementUtility, call_command

from eventstore import messages, store
from eventstore.codec import decoder
from eventstore.feed import public
from eventstore.inspection import events, limits
from eventstore.log import head
from tests.eventstore import inspected
from tests.eventstore.beans import AddBeans, BreakJar, LabelJar
from tests.eventstore.inspected import AWAY, JAKE, MALLORY, asks
from tests.eventstore.tools import ask, one

ADDED, LABELLED, BROKEN, REPLACED = 1, 2, 3, 4
USAGE, TOO_MUCH = 2, 4


@pytest.fixture(scope="module", autouse=True)
def _world(shared_database):
    with inspected.known():
        asks(JAKE, AddBeans(jar="a", count=2, note="mine"), LabelJar(jar="a", label="peas"))
        asks(MALLORY, BreakJar(jar="a"), address=AWAY)


@pytest.fixture(autouse=True)
def _as_it_was(rolled_back):
    """What a test adds is gone after it."""


@pytest.fixture
def _labels_are_public(monkeypatch):
    for name in ("beans.labelled", "beans.added"):
        monkeypatch.setitem(
            public.PUBLIC, name, public.Publication(frozenset({"jar", "label"}), versions=True)
        )


class Ran:
    """A command's exit code, and what it wrote for programs and for people."""

    def __init__(self, *arguments):
        out, err, self.code = StringIO(), StringIO(), 0
        try:
            call_command(*map(str, arguments), stdout=out, stderr=err)
        except SystemExit as end:
            self.code = end.code
        except CommandError as error:
            self.code = error.returncode
            err.write(str(error))
        self.out, self.err = out.getvalue(), err.getvalue()

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def told(self):
        return json.loads(self.out)


def test_search_finds_facts_the_latest_first():
    ran = Ran("events", "search", "--json")
    assert [line["position"] for line in ran.lines] == [REPLACED, BROKEN, LABELLED, ADDED]
    broken = events.fact(BROKEN).line
    assert ran.lines[1] == {
        "position": BROKEN,
        "recorded_at": broken.recorded_at.isoformat().replace("+00:00", "Z"),
        "type": "beans.broken",
        "stream": "jar-a",
        "version": 3,
        "actor_id": str(MALLORY),
        "command_id": str(broken.command_id),
        "command_name": "beans.break",
        "correlation_id": str(broken.correlation_id),
    }
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("options", "positions"),
    [
        (["--type", "beans.labelled", "--type", "beans.broken"], [BROKEN, LABELLED]),
        (["--kind", "jar", "--after", "1", "--before", "4"], [BROKEN, LABELLED]),
        (["--stream", "jar-spare-a"], [REPLACED]),
        (["--actor", JAKE], [LABELLED, ADDED]),
        (["--since", "1h"], [REPLACED, BROKEN, LABELLED, ADDED]),
        (["--until", "1h"], []),
    ],
)
def test_search_heeds_its_filters(options, positions):
    assert [line["position"] for line in Ran("events", "search", "--json", *options).lines] == positions


def test_search_tells_how_to_go_on():
    ran = Ran("events", "search", "--limit", 3)
    head, *rows = ran.out.splitlines()
    assert head.split() == ["position", "recorded", "at", "type", "stream", "version", "actor", "command"]
    assert [row.split()[0] for row in rows] == [str(REPLACED), str(BROKEN), str(LABELLED)]
    assert f"--before {LABELLED}" in ran.err


def test_search_reads_page_after_page(monkeypatch):
    from eventstore.management.commands import events as command

    monkeypatch.setattr(command, "PAGE", 1)
    assert len(Ran("events", "search", "--json", "--limit", 3).lines) == 3
    assert len(Ran("events", "search", "--json", "--limit", 30).lines) == 4


def test_nothing_found_is_no_failure():
    ran = Ran("events", "search", "--kind", "bottle")
    assert (ran.code, ran.out, ran.err.strip()) == (0, "", "nothing is found")


@pytest.mark.usefixtures("_labels_are_public")
def test_what_is_private_is_hidden_unless_asked_for_and_that_is_on_record():
    ran = Ran("events", "show", ADDED, "--json")
    assert ran.told["data"] == {"jar": "a", "count": "hidden", "note": "hidden"}
    assert (ran.told["command"]["address"], ran.told["command"]["outcome"]) == ("hidden", "accepted")
    assert "hidden: address, count, note" in ran.err
    assert not looks()
    ran = Ran("events", "show", ADDED, "--json", "--personal")
    assert (ran.told["data"], ran.err) == ({"jar": "a", "count": 2, "note": "mine"}, "")
    [look] = looks()
    assert "event 1, by " in look["what"]


def looks():
    return [
        payload
        for (payload,) in ask(
            "SELECT payload FROM eventstore_command WHERE name = 'eventstore.view_personal_data'"
        )
    ]


def test_show_tells_what_is_around_a_fact():
    told = Ran("events", "show", REPLACED).told
    assert told["cause"]["position"] == BROKEN
    assert (told["previous"], told["next"], told["schema"]) == (None, None, 1)
    assert [caused["name"] for caused in Ran("events", "show", BROKEN).told["caused"]] == ["beans.add"]


@pytest.mark.usefixtures("_labels_are_public")
def test_stream_tells_a_life():
    ran = Ran("events", "stream", "jar-a", "--limit", 2)
    assert [row.split()[0] for row in ran.out.splitlines()[1:]] == ["1", "2"]
    assert "--after 2" in ran.err
    facts = Ran("events", "stream", "jar-a", "--after", 1, "--json").lines
    assert [(fact["version"], fact["data"]) for fact in facts] == [
        (2, {"jar": "a", "label": "peas"}),
        (3, {"jar": "hidden", "label": "hidden"}),
    ]


def test_a_life_that_this_code_cant_read_is_told_all_the_same(monkeypatch):
    monkeypatch.delitem(messages.EVENT_NAMES, "beans.labelled")
    decoder.cache_clear()
    ran = Ran("events", "stream", "jar-a")
    assert len(ran.out.splitlines()) == 4
    assert "beans.labelled" in ran.out


def test_trace_says_how_often_a_command_was_decided_again(monkeypatch):
    append, moves = store.append, iter([store.StreamMoved("jar-b")])

    def late(*arguments):
        for moved in moves:
            raise moved
        return append(*arguments)

    monkeypatch.setattr(store, "append", late)
    asks(JAKE, AddBeans(jar="b", count=2))
    where = head()
    assert ", 1 retry  " in Ran("events", "trace", where).out
    assert Ran("events", "trace", where, "--json").told["commands"][0]["retries"] == 1


@pytest.mark.parametrize("by", ["position", "command", "correlation"])
def test_trace_shows_the_tree_that_a_fact_a_command_or_a_correlation_is_of(by):
    line = events.fact(REPLACED).line
    id_ = {"position": REPLACED, "command": line.command_id, "correlation": line.correlation_id}[by]
    first, fact, reaction, made, total = Ran("events", "trace", id_).out.splitlines()
    assert first.startswith("beans.break accepted  took ")
    assert fact == "  3 beans.broken  jar-a 3"
    assert reaction.startswith("    beans.add accepted  after ")
    assert made == "      4 beans.added  jar-spare-a 1"
    assert total.startswith("4 in ")
    told = Ran("events", "trace", id_, "--json").told
    assert (told["count"], told["cut"], len(told["commands"])) == (4, False, 1)
    assert told["commands"][0]["facts"][0]["led_to"][0]["caused_by"] == BROKEN
    assert told["commands"][0]["address"] == "hidden"


def test_stats_tell_what_there_is():
    about, exact = Ran("events", "stats", "--json").told, Ran("events", "stats", "--exact", "--json").told
    assert (about["exact"], exact["exact"]) == (False, True)
    assert about["head"] == exact["head"] >= REPLACED
    assert {each["type"]: each["facts"] for each in exact["types"]} == {
        "beans.added": 2,
        "beans.broken": 1,
        "beans.labelled": 1,
    }
    assert {table["name"] for table in about["tables"]} == {
        "eventstore_claim",
        "eventstore_command",
        "eventstore_event",
    }
    assert "head of the log: " in Ran("events", "stats").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["search", "--actor", "jake"], "--actor is no id"),
        (["search", "--since", "noon"], "--since is no time"),
        (["search", "--before", "-1"], "--before is no position"),
        (["search", "--after", "x", "--actor", "y"], "; --after is no position"),
        (["show", "999"], "there is no fact at 999"),
        (["show", "x"], "'x' is no position"),
        (["stream", "jar-none"], "there is no stream jar-none"),
        (["trace", "999"], "there is no fact at 999"),
        (["trace", "x"], "'x' is neither an id nor a position"),
        (["trace", "00000000-0000-0000-0000-00000000000f"], "there is no fact, command or correlation"),
    ],
)
def test_what_cant_be_meant_or_is_not_there_is_a_usage_error(arguments, words):
    ran = Ran("events", *arguments)
    assert (ran.code, ran.out) == (USAGE, "")
    assert words in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["events", "search", "--limit", "0"], "'0' is no whole number above 0"),
        (["events", "tail", "--seconds", "x"], "'x' is no number of seconds"),
        (["events", "eat"], "invalid choice"),
        (["events"], "required"),
        (["replay_stream", "jar-a", "--at-version", "-1"], "'-1' is no whole number"),
        (["replay_stream", "jar-a", "--at", "1h", "--at-version", "1"], "not allowed with"),
    ],
)
def test_so_is_what_the_options_dont_allow(arguments, words, capsys):
    with pytest.raises(SystemExit) as end:
        ManagementUtility(["manage.py", *arguments]).execute()
    assert end.value.code == USAGE
    assert words in capsys.readouterr().err


def test_too_much_has_its_words_and_its_code(monkeypatch):
    monkeypatch.setattr(limits, "MOST_MS", 1)
    monkeypatch.setattr(events.Picking, "pick", lambda *_, **__: one("SELECT pg_sleep(5)::text"))
    ran = Ran("events", "search")
    assert (ran.code, ran.out) == (TOO_MUCH, "")
    assert "narrow your filter" in ran.err


def test_a_stream_is_replayed_to_now_to_a_version_and_to_a_time():
    assert Ran("replay_stream", "jar-a", "--personal", "--json").told["data"]["broken"] is True
    first = Ran("replay_stream", "jar-a", "--at-version", 1, "--json").told
    assert (first["version"], first["state"], first["position"]) == (1, "Jar", ADDED)
    at = events.fact(LABELLED).line.recorded_at
    told = Ran("replay_stream", "jar-a", "--at", at.isoformat(), "--personal").out
    assert told.startswith("jar-a at version 2, ")
    assert json.loads(told.partition("\n")[2]) == {"broken": False, "label": "peas", "sealed": False}


def test_two_versions_of_a_stream_are_compared():
    ran = Ran("replay_stream", "jar-a", "--diff", 1, 3, "--personal")
    assert ran.out.splitlines() == ["broken", "- false", "+ true", "label", "- null", '+ "peas"']
    told = Ran("replay_stream", "jar-a", "--diff", 1, 3, "--json").told
    assert told["changes"] == [
        {"field": "broken", "before": "hidden", "after": "hidden"},
        {"field": "label", "before": "hidden", "after": "hidden"},
    ]
    assert "no difference" in Ran("replay_stream", "jar-a", "--diff", 2, 2).err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["jar-none"], "no such version"),
        (["jar-a", "--at-version", 9], "no such version"),
        (["jar-a", "--at", "noon"], "is no time"),
        (["jar-a", "--diff", 1, 9], "no such version"),
    ],
)
def test_what_cant_be_replayed_is_a_usage_error(arguments, words):
    ran = Ran("replay_stream", *arguments)
    assert (ran.code, ran.out) == (USAGE, "")
    assert words in ran.err


def test_facts_of_newer_code_are_no_usage_error(monkeypatch):
    monkeypatch.delitem(messages.EVENT_NAMES, "beans.labelled")
    decoder.cache_clear()
    ran = Ran("replay_stream", "jar-a")
    assert ran.code == 1
    assert "can't read beans.labelled" in ran.err


def test_a_tail_begins_with_the_last_ones_and_ends_in_time():
    ran = Ran("events", "tail", "--last", 2, "--seconds", 0, "--json")
    assert [line["position"] for line in ran.lines] == [BROKEN, REPLACED]


@pytest.mark.parametrize("command", ["events", "replay_stream"])
def test_help_shows_examples(command, capsys):
    with pytest.raises(SystemExit) as end:
        call_command(command, "--help")
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert "Examples:" in said
    assert said.count(f"manage.py {command}") >= 4
