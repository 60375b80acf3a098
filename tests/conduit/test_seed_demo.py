"""A long log from a seed: the same for the same seed, true in every row, and beside whatever is there."""

import json
import multiprocessing
from io import StringIO
from itertools import chain

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from conduit.demo import aside, history, seeding
from conduit.demo.crowd import Village
from conduit.demo.history import chapters
from eventstore import log, policy, text
from eventstore.catch_up import catch_up
from eventstore.database import rows
from eventstore.inspection.events import Line, page
from eventstore.inspection.filters import Filter
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild
from eventstore.verify import Verification
from tests.cast import Person
from tests.eventstore.tools import meanwhile

FACTS = 450
"""Five chapters, the last one cut short."""

CONTENT = b"SELECT stream, version, type, schema, data::text FROM eventstore_event ORDER BY position"
AUDIT = b"""
SELECT id, name, stream, first_version, last_version, actor_id, caused_by, outcome, reason, payload::text, digest
FROM eventstore_command ORDER BY id
"""


@pytest.fixture(autouse=True)
def _short_chapters(monkeypatch):
    monkeypatch.setattr(history, "CHAPTER", 100)


def seeded(*arguments, events=FACTS, seed=7):
    """Seeds, and what was said about it to programs."""
    out = StringIO()
    call_command(
        "seed_demo", "--events", str(events), "--seed", str(seed), "--yes", "--json", *arguments, stdout=out
    )
    return json.loads(out.getvalue())


def test_a_history_is_the_same_whoever_makes_it(monkeypatch):
    monkeypatch.setattr(history, "CHAPTER", aside.CHAPTER)  # another process knows of no short ones
    with aside.chapters(7, aside.WORTH_IT) as made:
        assert list(made) == list(chapters(7, aside.WORTH_IT))


def test_who_makes_a_history_is_gone_when_nobody_listens_any_more():
    with aside.chapters(7, 10**9) as made:
        next(made)
        [maker] = multiprocessing.active_children()
    assert not maker.is_alive()


def test_a_history_that_ends_before_its_time_is_an_error_and_what_was_written_stands(database, monkeypatch):
    written, move_on = [], seeding.Seeding._write

    def write(self, chapter):
        move_on(self, chapter)
        written.append(chapter.facts)
        for maker in multiprocessing.active_children():
            maker.kill()

    monkeypatch.setattr(seeding.Seeding, "_write", write)
    with pytest.raises(CommandError, match="ended before its time"):
        seeded(events=10**9)
    assert rows(b"SELECT count(*) FROM eventstore_event") == [(sum(written),)]


def problems():
    found = []
    Verification(found.append).run()
    return found


def content(dones):
    return [
        (done.stream, done.version + nth, *fact)
        for done in dones
        for nth, fact in enumerate(done.facts, start=1)
    ]


def test_the_same_seed_is_the_same_history():
    one, same, other = (list(chapters(seed, FACTS)) for seed in (7, 7, 8))
    assert one == same
    told = {stream for chapter in one for part in chapter.parts for stream, *_ in content(part)}
    assert told.isdisjoint(
        stream for chapter in other for part in chapter.parts for stream, *_ in content(part)
    )
    assert sum(chapter.facts for chapter in one) in {FACTS, FACTS + 1}


def test_nobody_wishes_what_can_not_be_typed():
    village = Village(7, 0)
    for wish in village.arrivals():
        text.check(wish.command)
    village.settle_in()
    for _, wish in zip(range(300), village.wishes(), strict=False):
        text.check(wish.command)


def test_people_do_everything_and_err_now_and_then():
    dones = [done for chapter in chapters(7, 3_000) for done in chain(*chapter.parts)]
    assert {done.name.partition(".")[0] for done in dones} == {"accounts", "blog"}
    assert len({done.name for done in dones}) == 13
    assert any(done.reason.startswith("NotTheAuthor: ") for done in dones)
    assert any(not done.reason and not done.facts for done in dones)


def test_what_is_written_is_that_history_and_true_in_every_row(database):
    said = seeded()
    assert (said["events"], said["new"], said["seed"]) == (log.head(), log.head(), 7)
    expected = [fact for chapter in chapters(7, FACTS) for part in chapter.parts for fact in content(part)]
    stored = [(*row[:4], json.loads(row[4])) for row in rows(CONTENT)]
    assert stored == [(*fact[:4], json.loads(fact[4])) for fact in expected]
    assert problems() == []


def test_the_read_models_follow_and_policies_find_their_work_done(database):
    seeded()
    [(before,)] = rows(b"SELECT count(*) FROM eventstore_command")
    catch_up()
    policy.run_policies()
    assert rows(b"SELECT count(*) FROM eventstore_command") == [(before,)]
    assert log.head() == sum(chapter.facts for chapter in chapters(7, FACTS))
    for projector in projectors:
        assert Rebuild(projector).run(check=True).differing == 0


def test_a_rebuild_works_from_nothing(database):
    seeded(events=600)
    for projector in projectors:
        assert Rebuild(projector).run().merged
        assert Rebuild(projector).run(check=True).differing == 0


def test_the_same_seed_again_goes_on_where_it_ended(fresh_database):
    with fresh_database("whole"):
        seeded()
        whole = rows(CONTENT), rows(AUDIT)
    with fresh_database("parts"):
        assert seeded(events=30)["new"] == 30
        assert seeded(events=320)["new"] == 290
        assert seeded()["new"] == FACTS - 320
        assert seeded()["new"] == 0
        assert (sorted(rows(CONTENT)), len(rows(AUDIT))) == (sorted(whole[0]), len(whole[1]))
        assert problems() == []


def test_it_stands_beside_what_is_there_and_after_it(cast):
    article = cast.jake.publishes()
    cast.jane.favorites(article)
    before = log.head()
    seeded(events=300)
    seeded(events=300, seed=8)
    assert problems() == []
    lines = page(Filter(), limit=1000).lines
    times = [line.recorded_at for line in lines]
    assert len(lines) >= before + 600
    assert times == sorted(times, reverse=True)
    catch_up()
    cast.jane.says("Still here.", below=article)


def test_times_are_laid_over_the_days_before_now(database):
    seeded("--days", "10", events=500)
    newest, oldest = page(Filter(), limit=1).lines[0], page(Filter(), after=0, limit=1).lines[0]
    assert 9.8 < (newest.recorded_at - oldest.recorded_at).total_seconds() / 86_400 <= 10


def test_nobody_who_reads_the_log_meanwhile_misses_a_fact(database):
    seen = [0]

    def read():
        seen.extend(fact.position for fact in log.settled(seen[-1]))

    with meanwhile(read):
        seeded(events=1_500)
    read()
    assert seen == list(range(log.head() + 1))


def test_a_policys_commands_have_their_cause(database):
    seeded(events=200)
    [joined] = page(Filter(types=("accounts.user_registered",)), limit=1).lines
    [created] = page(Filter(types=("blog.author_created",)), limit=1).lines
    assert isinstance(joined, Line)
    assert created.correlation_id == joined.correlation_id
    assert page(Filter(correlation=joined.correlation_id)).lines == (created, joined)


def failure(*arguments):
    with pytest.raises(CommandError) as failed:
        call_command("seed_demo", *arguments)
    return failed.value.returncode, str(failed.value)


def test_a_name_that_is_somebody_elses_stops_it_and_what_stands_is_true(database):
    Person("crowd-7-0-3")
    code, words = failure("--events", "300", "--seed", "7", "--yes")
    assert code == 1
    assert "choose another seed" in words
    assert log.head() <= 4
    assert problems() == []


def test_nothing_is_written_behind_what_could_not_be(database, monkeypatch):
    write, written = seeding.Seeding._write_part, []

    def breaks(self, part):
        if len(written) == 4:
            raise ZeroDivisionError
        written.append(part)
        return write(self, part)

    monkeypatch.setattr(seeding.Seeding, "_write_part", breaks)
    with pytest.raises(ZeroDivisionError):
        seeded(events=1_000)
    monkeypatch.setattr(seeding.Seeding, "_write_part", write)
    assert 100 <= log.head() < 200
    assert seeded(events=1_000)["new"] > 800
    assert problems() == []


def test_in_production_it_wants_to_be_told_twice(database):
    code, words = failure("--events", "10")
    assert (code, "--yes" in words) == (2, True)
    with override_settings(DEBUG=True):
        call_command("seed_demo", "--events", "10", stdout=StringIO())
    assert log.head() in {10, 11}


@pytest.mark.parametrize(
    "arguments", [("--events", "0"), ("--events", "5", "--days", "0"), ("--events", "5", "--days", "nan")]
)
def test_what_cant_be_meant_is_a_usage_error(arguments):
    assert failure(*arguments, "--yes")[0] == 2
