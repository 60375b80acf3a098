"""One fact, one stream, one correlation, one word in the jump box: each with all that belongs to it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from eventstore import codec, messages, store
from eventstore.codec import FutureEvent
from eventstore.feed import public
from eventstore.inspection import causes, events, streams
from eventstore.inspection.jump import Target, jump
from eventstore.inspection.limits import TooMuch
from eventstore.inspection.privacy import HIDDEN, masked
from eventstore.inspection.streams import Change, NoDecider, NoSuchVersion
from eventstore.messages import Claim
from tests.eventstore import beans, inspected
from tests.eventstore.beans import AddBeans, BreakJar, JarBroken, JarLabelled, LabelJar
from tests.eventstore.inspected import AWAY, JAKE, JANE, MALLORY, asks
from tests.eventstore.tools import append, ask, one, order


@pytest.fixture(scope="module", autouse=True)
def _world(shared_database):
    with inspected.known():
        asks(JAKE, AddBeans(jar="a", count=2, note="mine"), LabelJar(jar="a", label="peas"))
        asks(MALLORY, BreakJar(jar="a"), address=AWAY)


@pytest.fixture(autouse=True)
def _as_it_was(rolled_back):
    """What a test adds is gone after it."""


ADDED, LABELLED, BROKEN, REPLACED = 1, 2, 3, 4


def test_a_fact_is_shown_with_its_command_and_its_neighbors():
    seen = events.fact(LABELLED)
    assert (seen.line.type, seen.line.stream, seen.line.version) == ("beans.labelled", "jar-a", 2)
    assert (seen.line.actor_id, seen.line.command_name) == (JAKE, "beans.label")
    assert seen.stored == seen.upcast == {"jar": "a", "label": "peas"}
    assert (seen.schema, seen.present, seen.trouble) == (1, 1, "")
    assert (seen.command.outcome, seen.command.actor_id) == ("accepted", JAKE)
    assert (seen.command.first_version, seen.command.last_version) == (2, 2)
    assert (seen.previous, seen.next) == (ADDED, BROKEN)


def test_the_first_and_the_last_of_a_stream_have_one_neighbor():
    assert (events.fact(ADDED).previous, events.fact(ADDED).next) == (None, LABELLED)
    assert (events.fact(BROKEN).previous, events.fact(BROKEN).next) == (LABELLED, None)


def test_a_fact_tells_what_caused_it_and_what_it_caused():
    broken, replaced = events.fact(BROKEN), events.fact(REPLACED)
    assert broken.cause is None
    assert [attempt.id for attempt in broken.caused] == [replaced.line.command_id]
    assert replaced.cause == broken.line
    assert replaced.caused == ()


@pytest.mark.parametrize("position", [0, 999, 2**63 - 1])
def test_where_there_is_no_fact_there_is_none(position):
    assert events.fact(position) is None


def test_what_no_public_fact_tells_is_private(monkeypatch):
    assert events.fact(ADDED).private == {"jar", "count", "note"}
    monkeypatch.setitem(
        public.PUBLIC, "beans.added", public.Publication(frozenset({"jar", "count"}), versions=True)
    )
    seen = events.fact(ADDED)
    assert seen.private == {"note"}
    assert masked(seen.stored, seen.private) == {"jar": "a", "count": 2, "note": HIDDEN}
    assert streams.at("jar-a").private == {"broken", "sealed", "label"}


def test_an_older_schema_is_shown_as_stored_and_as_read_today(monkeypatch):
    kind = messages.EventType("beans.labelled", 2, JarLabelled)
    monkeypatch.setitem(messages.EVENT_NAMES, "beans.labelled", kind)
    monkeypatch.setitem(messages.EVENT_TYPES, JarLabelled, kind)
    monkeypatch.setitem(
        messages.UPCASTERS, ("beans.labelled", 1), lambda data: data | {"label": data["label"].upper()}
    )
    codec.decoder.cache_clear()
    seen = events.fact(LABELLED)
    assert (seen.schema, seen.present) == (1, 2)
    assert (seen.stored["label"], seen.upcast["label"]) == ("peas", "PEAS")


def test_a_fact_that_this_code_cant_read_is_shown_as_stored(monkeypatch):
    monkeypatch.delitem(messages.EVENT_NAMES, "beans.labelled")
    codec.decoder.cache_clear()
    seen = events.fact(LABELLED)
    assert seen.stored == {"jar": "a", "label": "peas"}
    assert (seen.present, seen.upcast) == (None, None)
    assert "can't read beans.labelled" in seen.trouble
    with pytest.raises(FutureEvent):
        streams.at("jar-a")


def test_a_life_is_told_page_by_page_from_its_beginning():
    first = streams.life("jar-a", limit=2)
    assert ([fact.version for fact in first.facts], first.earlier, first.later) == ([1, 2], None, 2)
    last = streams.life("jar-a", after=first.later, limit=2)
    assert ([fact.version for fact in last.facts], last.earlier, last.later) == ([3], 3, None)
    assert streams.life("jar-a", before=last.earlier, limit=2) == first
    assert (first.version, first.foldable) == (3, True)
    assert streams.life("jar-none") is None


def test_a_stream_is_folded_to_any_version():
    labels = [streams.at("jar-a", version).data["label"] for version in range(4)]
    assert labels == [None, None, "peas", "peas"]
    now = streams.at("jar-a")
    assert (now.version, now.position, now.name, now.data["broken"]) == (3, BROKEN, "Jar", True)
    assert streams.at("jar-a", 0).position is None


def test_a_stream_is_folded_to_any_time():
    times = [events.fact(position).line.recorded_at for position in (ADDED, LABELLED)]
    moment = timedelta(microseconds=1)
    found = [
        streams.at("jar-a", time=time).version
        for time in (times[0] - moment, times[0], times[1] - moment, times[1])
    ]
    assert found == [0, 1, 1, 2]


@pytest.mark.parametrize(("stream", "version"), [("jar-a", 4), ("jar-none", None), ("jar-none", 0)])
def test_no_version_is_made_up(stream, version):
    with pytest.raises(NoSuchVersion, match="no such version"):
        streams.at(stream, version)


def test_a_stream_that_no_aggregate_knows_can_be_read_not_folded():
    store.append(order(name="beans.unheard_of"), "heap-1", 0, [beans.BeansAdded(jar="1", count=1)], ())
    assert not streams.life("heap-1").foldable
    with pytest.raises(NoDecider, match="not folded"):
        streams.at("heap-1")


def test_folding_has_an_end():
    with pytest.raises(TooMuch):
        streams.at("jar-a", patience_s=-1)


def test_two_versions_differ_in_what_changed():
    found = streams.difference("jar-a", 1, 3)
    assert found.changes == (Change("broken", False, True), Change("label", None, "peas"))
    assert (found.before.version, found.after.version) == (1, 3)
    assert streams.difference("jar-a", 2, 2).changes == ()


def test_a_correlation_is_a_tree_of_causes():
    correlation = events.fact(BROKEN).line.correlation_id
    tree = causes.tree(correlation)
    [root] = tree.roots
    assert (root.attempt.name, [fact.line.position for fact in root.facts]) == ("beans.break", [BROKEN])
    [reaction] = root.facts[0].led_to
    assert (reaction.attempt.name, [fact.line.position for fact in reaction.facts]) == (
        "beans.add",
        [REPLACED],
    )
    assert (tree.count, tree.cut) == (4, False)
    assert root.waited == timedelta()
    assert timedelta() < reaction.waited < tree.lasted
    assert causes.tree(uuid4()) is None


@pytest.mark.parametrize(("most", "count"), [(1, 1), (2, 2), (3, 2), (4, 4)])
def test_a_tree_is_cut_where_it_grows_too_large(most, count):
    tree = causes.tree(events.fact(BROKEN).line.correlation_id, most)
    assert (tree.count, tree.cut) == (count, count < 4)


def test_a_cause_that_was_cut_off_leaves_a_root():
    """Commands caused from elsewhere stand at the top."""
    found = causes.tree(events.fact(BROKEN).line.correlation_id, 2)
    assert [root.attempt.name for root in found.roots] == ["beans.break"]


def test_whatever_is_typed_leads_to_the_first_thing_it_names():
    broken = events.fact(BROKEN).line
    assert jump("3") == jump(" 3 ") == Target("event", "3")
    assert jump(str(2**63)) is jump("9" * 40) is None
    assert jump("jar-a") == Target("stream", "jar-a")
    assert (
        jump(str(broken.command_id))
        == jump(broken.command_id.hex)
        == Target("command", str(broken.command_id))
    )
    assert jump(str(broken.correlation_id)) == Target("correlation", str(broken.correlation_id))
    assert jump(str(JANE)) is None
    assert jump(str(MALLORY)) == Target("actor", str(MALLORY))


def test_an_id_leads_to_the_longest_stream_about_it():
    about = UUID(int=77)
    append(f"jar-{about}", events=[beans.BeansAdded(jar="1", count=1)] * 2)
    append(f"heap-{about}")
    assert jump(str(about)) == Target("stream", f"jar-{about}")


def test_a_time_leads_to_the_first_fact_from_then_on():
    broken = events.fact(BROKEN).line
    assert jump(broken.recorded_at.isoformat()) == Target("event", "3")
    assert jump("2001-01-01") == Target("event", "1")
    assert jump("2999-01-01") is None


def test_a_public_name_leads_to_its_stream_in_any_spelling(monkeypatch):
    append(
        "jar-b", events=[JarBroken(jar="b")], names=[Claim("label", "peas and beans"), Claim("key", "secret")]
    )
    assert jump("peas and beans") is None
    monkeypatch.setitem(
        public.PUBLIC, "beans.labelled", public.Publication(frozenset({"label"}), versions=True)
    )
    assert jump("peas and beans") == jump("Peas And BEANS") == Target("stream", "jar-b")
    assert jump("/jars/peas and beans/") == Target("stream", "jar-b")
    assert jump("secret") is None


@pytest.mark.parametrize(
    "text", ["", "  ", "nothing of that", "\0", "a\u202eb", "x" * 5000, "9" * 30, "-1", "'; --", "/"]
)
def test_what_names_nothing_leads_nowhere(text):
    assert jump(text) is None


def test_a_time_is_found_through_holes():
    for _ in range(40):
        one("SELECT nextval(pg_get_serial_sequence('eventstore_event', 'position'))")
    for version in range(3):
        append("jar-late", version)
    found = dict(ask("SELECT recorded_at, position FROM eventstore_event"))
    assert len(found) == 7
    assert max(found.values()) > 46
    assert events.positions_at(*found) == list(found.values())
