"""What was parked comes back when the cause is gone, or never by an operator's word; both are on record."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from eventstore import parking
from eventstore.catch_up import catch_up
from eventstore.dispatch import dispatch
from eventstore.projector import Set
from eventstore.rebuild import Rebuild
from tests.eventstore import beans
from tests.eventstore.beans import AddBeans, BreakJar, LabelJar, PourBeans, Shelf
from tests.eventstore.tools import add, another, ask, one

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture
def poison(monkeypatch):
    """Facts with so many beans can't be applied for now; returns a cure."""
    healthy = beans.shelf._handlers["beans.added"]

    def sick(event, fact):
        if event.count > 100:
            raise ZeroDivisionError(f"{event.count} beans")
        for handler in healthy:
            yield from handler(event, fact)

    monkeypatch.setitem(beans.shelf._handlers, "beans.added", [sick])
    return lambda: monkeypatch.setitem(beans.shelf._handlers, "beans.added", healthy)


def run(*arguments):
    """The command's exit code, and what it wrote or complained about."""
    out, code = StringIO(), 0
    try:
        call_command("parked_events", *arguments, stdout=out, stderr=out)
    except SystemExit as end:
        code = end.code
    except CommandError as error:
        code = error.returncode
        out.write(str(error))
    return code, out.getvalue()


def on_the_shelf():
    return dict(Shelf.objects.values_list("id", "beans"))


def parked():
    return ask("SELECT position, tries FROM eventstore_parked ORDER BY position")


def acts():
    return ask(
        "SELECT name, stream, outcome, payload FROM eventstore_command "
        "WHERE name LIKE 'eventstore.%%' ORDER BY recorded_at"
    )


def differences():
    return Rebuild(beans.shelf).run(check=True).differing


def test_what_is_parked_is_listed_by_stream(poison):
    add("bad", 1, 500, 1)
    add("worse", 900)
    catch_up()
    code, out = run("list")
    titles, bad, worse = out.splitlines()
    assert code == 0
    assert titles.split()[:4] == ["subscriber", "stream", "position", "type"]
    assert bad.split()[:6] == ["beans.shelf", "jar-bad", "2", "beans.added", "2", "2"]
    assert bad.endswith("ZeroDivisionError: 500 beans")
    assert worse.split()[1:3] == ["jar-worse", "4"]
    listed = json.loads(run("list", "--json")[1])["parked"]
    assert [(each["stream"], each["position"], each["facts"]) for each in listed] == [
        ("jar-bad", 2, 2),
        ("jar-worse", 4, 1),
    ]


def test_with_nothing_parked_there_is_nothing_to_do():
    assert run("list") == run("retry") == (0, "nothing is parked\n")


def test_a_retry_applies_what_is_parked_in_order_and_is_on_record(poison):
    add("bad", 1, 500, 1)
    catch_up()
    assert on_the_shelf() == {"bad": 1}
    poison()
    code, out = run("retry", "--reason", "the code is healthy again")
    assert (code, out.splitlines()[0]) == (0, "beans.shelf: jar-bad: 2 applied")
    assert on_the_shelf() == {"bad": 502}
    assert parked() == []
    [(name, stream, outcome, payload)] = acts()
    assert (name, stream, outcome) == ("eventstore.retry_parked", "jar-bad", "accepted")
    assert (payload["subscriber"], payload["reason"]) == ("beans.shelf", "the code is healthy again")
    assert payload["by"]
    assert dispatch(AddBeans(jar="bad")).shown
    assert on_the_shelf() == {"bad": 503}
    assert differences() == 0


def test_a_retry_goes_as_far_as_it_can(poison, monkeypatch):
    add("bad", 500, 7, 900)
    catch_up()
    poison()
    healthy = beans.shelf._handlers["beans.added"][0]
    handler = lambda event, fact: 1 / 0 if event.count == 900 else healthy(event, fact)  # noqa: E731
    monkeypatch.setitem(beans.shelf._handlers, "beans.added", [handler])
    code, out = run("retry", "beans.shelf", "jar-bad")
    assert code == 1
    assert (
        out.splitlines()[0]
        == "beans.shelf: jar-bad: 2 applied, 1 stay parked: ZeroDivisionError: division by zero"
    )
    assert parked() == [(3, 1)]
    assert on_the_shelf() == {"bad": 507}


def test_a_retry_that_fails_again_is_counted_and_changes_nothing_else(poison):
    add("bad", 500, 1)
    catch_up()
    assert run("retry")[0] == 1
    assert parked() == [(1, 3), (2, 0)]
    assert on_the_shelf() == {}
    assert len(acts()) == 1


def test_a_fact_that_is_skipped_is_never_applied_and_those_behind_it_are(poison):
    add("bad", 1, 500, 7)
    catch_up()
    code, out = run("skip", "beans.shelf", "2", "--reason", "counted by a cat")
    assert (code, out.splitlines()[0]) == (0, "beans.shelf: jar-bad: 1 applied")
    assert on_the_shelf() == {"bad": 8}
    assert parked() == []
    [(name, _, _, payload)] = acts()
    assert (name, payload["position"], payload["reason"]) == ("eventstore.skip_parked", 2, "counted by a cat")
    poison()
    assert differences() == 0
    Rebuild(beans.shelf).run()
    assert on_the_shelf() == {"bad": 8}


@pytest.mark.parametrize(
    "arguments",
    [
        ("skip", "beans.shelf", "2", "--reason", "it only waits"),
        ("skip", "beans.shelf", "77", "--reason", "there is no such fact"),
        ("skip", "peas.bowl", "1", "--reason", "nobody is called that"),
        ("retry", "peas.bowl"),
        ("retry", "beans.shelf", "jar-good"),
    ],
    ids=lambda arguments: " ".join(arguments[:3]),
)
def test_what_is_not_parked_can_be_neither_retried_nor_skipped(arguments, poison):
    add("bad", 500, 1)
    catch_up()
    assert run(*arguments)[0] == 2
    assert parked() == [(1, 2), (2, 0)]
    assert acts() == []


@pytest.mark.parametrize(("options", "label"), [((), "poured"), (("--no-rebuild",), "")])
def test_what_other_streams_said_meanwhile_is_made_up_for_by_a_rebuild(options, label, poison, monkeypatch):
    handler = lambda event, fact: iter([Set(Shelf, event.into, label="poured")])  # noqa: E731
    monkeypatch.setitem(beans.shelf._handlers, "beans.poured", [handler])
    add("bad", 500)
    catch_up()
    dispatch(LabelJar(jar="name", label="bad"))
    dispatch(PourBeans(jar="other", into="bad"))
    poison()
    assert run("retry", *options)[0] == 0
    assert Shelf.objects.get(id="bad").label == label
    assert differences() == (label == "")


def test_a_rebuild_afterwards_leaves_out_what_is_still_parked(poison):
    add("bad", 500)
    add("worse", 900)
    catch_up()
    assert run("skip", "beans.shelf", "1", "--reason", "one of two")[0] == 0
    assert parked() == [(2, 2)]
    assert on_the_shelf() == {}


def test_a_policy_reacts_to_what_it_had_parked(follow, monkeypatch):
    follow(beans.shelf, beans.replacing)
    with monkeypatch.context() as patch:
        patch.setitem(beans.replacing._handlers, "beans.broken", [lambda event, fact: 1 / 0])
        dispatch(BreakJar(jar="1"))
    assert run("retry", "beans.replacing")[0] == 0
    assert on_the_shelf() == {"spare-1": 7}


def test_a_projector_that_is_busy_for_long_is_left_alone(poison, monkeypatch):
    monkeypatch.setattr(parking, "PATIENCE_S", 0.2)
    add("bad", 500)
    catch_up()
    with another(autocommit=False) as raw:
        raw.execute("SELECT FROM eventstore_checkpoint FOR UPDATE")
        assert run("retry")[0] == 4
    assert parked() == [(1, 2)]
    assert acts() == []


def test_the_reason_for_a_skip_is_asked_for(poison):
    with pytest.raises(CommandError, match="--reason"):
        call_command("parked_events", "skip", "beans.shelf", "1")
    assert one("SELECT count(*) FROM eventstore_skipped") == 0
