"""A log that was exported and restored is the same log, to the last byte of every page; and nothing else passes."""

import hashlib
import json
import stat
import threading
import tracemalloc

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.middleware import csrf
from django.test import Client

from eventstore import checkpoints, importing
from eventstore.catch_up import catch_up
from eventstore.database import execute, rows
from eventstore.exporting import FORMAT, SECTIONS, export
from eventstore.importing import Import
from eventstore.models import Claim, Command, Event, Skipped
from eventstore.policy import run_policies
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild
from eventstore.verify import Verification
from tests.cast import PASSWORD, Cast, Person
from tests.eventstore.tools import manage, one
from tests.feed.writing import hearts

SHOWN = sorted(model._meta.db_table for projector in projectors for model in projector.tables)
LOG = [model._meta.db_table for model in (Command, Event, Claim, Skipped)]
DIGEST = "SELECT count(*), md5(string_agg(held::text, '|' ORDER BY held::text)) FROM {table} AS held"
DRAW = "SELECT nextval(pg_get_serial_sequence('eventstore_event', 'position')) FROM generate_series(1, 7)"


@pytest.fixture
def history(fresh_database, tmp_path, monkeypatch):
    """The export of a busy day: its file, the log that it was made from, and what that log's site showed."""
    monkeypatch.setattr(
        csrf, "_get_new_csrf_string", lambda: "r" * csrf.CSRF_SECRET_LENGTH
    )  # pages are alike
    file = tmp_path / "log.ndjson"
    with fresh_database():
        pages = a_busy_day()
        call_command("export_events", str(file), stdout=None)
        return file, contents(LOG), pages, seen(pages)


def a_busy_day():
    """With characters that JSON, COPY or both write in ways of their own."""
    cast = Cast()
    article = cast.jake.publishes(
        'Ünï \\ "quoted" 🐉', body="Line\n\n\t`back\\slash` \u2028 \\u0041 \\N", tags=("dragons",)
    )
    cast.jake.publishes("Second")
    for reader in (cast.jane, cast.mallory):
        reader.favorites(article)
        reader.follows(cast.jake)
        reader.says("So true!\n\\.\nReally \\N \\.", article)
    with pytest.raises(Exception, match="blank"):
        cast.jake.publishes("Third", body="")
    rows(DRAW.encode())
    execute(b"INSERT INTO eventstore_skipped VALUES ('nobody', 1, gen_random_uuid())")
    return ["/", article.path, "/article/second", "/profile/jake", "/profile/jake/favorites", "/?tag=dragons"]


def contents(tables):
    """Every byte of every row, as one word for each table."""
    return {table: rows(DIGEST.format(table=table).encode()) for table in tables}


def seen(pages):
    """What an anonymous reader gets, and the tables behind it."""
    answers = [Client().get(page) for page in pages]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content for answer in answers], contents(SHOWN)


def restore(file):
    call_command("import_events", str(file), stdout=None)


def refused(file):
    """The exit code and the words with which a file is refused."""
    with pytest.raises(CommandError) as refusal:
        restore(file)
    return refusal.value.returncode, str(refusal.value)


def nothing_there():
    return all(one(f"SELECT count(*) FROM {table}") == 0 for table in LOG)


def lines(file):
    return file.read_bytes().splitlines(keepends=True)


def manifest(file):
    return json.loads(lines(file)[-1])["manifest"]


def problems():
    found = []
    Verification(found.append).run()
    return found


def sealed(rows_, **changes):
    """A file of these rows with a manifest that agrees with them: what somebody makes who means to deceive."""
    said = {
        "format": FORMAT,
        "last_position": 0,
        "last_drawn": 0,
        "rows": dict.fromkeys((s.name for s in SECTIONS), 0),
    }
    for row in rows_:
        said["rows"][next(iter(json.loads(row)))] += 1
    digest = hashlib.sha256(b"".join(rows_)).hexdigest()
    return b"".join(rows_) + msgspec.json.encode({"manifest": {**said, "sha256": digest, **changes}}) + b"\n"


def test_a_restored_log_is_the_same_and_so_are_the_pages_that_follow_from_it(history, fresh_database):
    file, log, pages, shown = history
    with fresh_database():
        restore(file)
        assert contents(LOG) == log
        assert problems() == []
        for projector in projectors:
            Rebuild(projector).run()
        assert seen(pages) == shown


def test_in_a_restored_database_nothing_happens_again_and_life_goes_on(history, fresh_database):
    file, log, *_ = history
    with fresh_database():
        restore(file)
        catch_up()
        run_policies()
        assert contents(LOG) == log
        Person("newcomer").publishes("A new day")
        assert one(
            "SELECT min(position) FROM eventstore_event WHERE position > %s", manifest(file)["last_position"]
        ) == (manifest(file)["last_drawn"] + 1)
        assert problems() == []


def test_the_manifest_says_what_there_is(history):
    file, log, *_ = history
    said = manifest(file)
    assert list(said["rows"].values()) == [log[table][0][0] for table in LOG]
    assert said["last_drawn"] == said["last_position"] + 7
    assert said["sha256"] == hashlib.sha256(b"".join(lines(file)[:-1])).hexdigest()


def test_whatever_the_tables_of_the_log_have_is_exported():
    columns = {
        model._meta.db_table: [field.column for field in model._meta.concrete_fields if field.column]
        for model in (Command, Event, Claim, Skipped)
    }
    assert {section.table: list(section.row.__struct_fields__) for section in SECTIONS} == columns


def test_no_password_and_no_session_is_exported(history, fresh_database):
    file, *_ = history
    text = file.read_text()
    assert PASSWORD not in text
    assert "md5$" not in text
    assert {next(iter(json.loads(line))) for line in lines(file)[:-1]} == {
        section.name for section in SECTIONS
    }


def test_an_export_is_for_its_owners_eyes_and_appears_only_when_it_is_whole(database, tmp_path, monkeypatch):
    hearts(3)
    file = tmp_path / "log.ndjson"
    call_command("export_events", str(file), stdout=None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("eventstore.exporting.numbering", _fail)
        with pytest.raises(CommandError) as failed:
            call_command("export_events", str(file))
    assert failed.value.returncode == 1
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def _fail():
    raise OperationalError("the database is away")


def test_what_is_written_during_an_export_is_not_in_it(cast):
    """Not even what is written while only the first of the commands has been read."""
    cast.jake.publishes()
    before = [one(f"SELECT count(*) FROM {table}") for table in LOG]
    written = []

    def write(line):
        if not written:
            hearts(10)
        written.append(line)

    said = export(write)
    assert list(said.rows.values()) == before
    assert one("SELECT count(*) FROM eventstore_event") == said.rows["event"] + 10
    assert said.last_position == said.rows["event"]


def test_from_the_command_line_to_stdout_and_back(history, fresh_database, tmp_path):
    file, log, *_ = history
    copy = tmp_path / "copy.ndjson"
    with fresh_database():
        with manage("import_events", str(file), "--json") as process:
            said = json.loads(process.communicate(timeout=30)[0])
        assert said == {**manifest(file), "resumed_at": 0}
        with manage("export_events") as process:
            out, err = process.communicate(timeout=30)
        copy.write_text(out)
        assert lines(copy)[:-1] == lines(file)[:-1]
        assert "last position" in err
        with pytest.raises(CommandError) as usage:
            call_command("export_events", "--json")
        assert usage.value.returncode == 2
        assert contents(LOG) == log


@pytest.mark.parametrize("pieces", [1, 3, 9])
def test_an_import_that_was_interrupted_goes_on_where_it_was(history, fresh_database, monkeypatch, pieces):
    file, log, *_ = history
    monkeypatch.setattr(importing, "PIECE", 4)
    monkeypatch.setattr(importing, "PAGE", 4)

    def stop_at(at):
        if at.lines == 4 * pieces:
            raise KeyboardInterrupt

    with fresh_database(), file.open("rb") as handle:
        with pytest.raises(KeyboardInterrupt):
            Import(handle, stop_at).run()
        assert sum(one(f"SELECT count(*) FROM {table}") for table in LOG) == 4 * pieces
        again = Import(handle)
        again.run()
        assert again.resumed_at == 4 * pieces
        assert contents(LOG) == log
        assert problems() == []


def of_the_first_format(whole):
    """As files were before rows of commands told of retries."""
    rows_ = [line.replace(b',"retries":0,', b",", 1) for line in whole[:-1]]
    said = json.loads(whole[-1])["manifest"] | {
        "format": 1,
        "sha256": hashlib.sha256(b"".join(rows_)).hexdigest(),
    }
    return b"".join(rows_) + msgspec.json.encode({"manifest": said}) + b"\n"


def test_a_file_of_the_first_format_is_restored_and_known_again(history, fresh_database):
    file, log, *_ = history
    file.write_bytes(of_the_first_format(lines(file)))
    with fresh_database():
        restore(file)
        assert contents(LOG) == log
        with file.open("rb") as handle:
            again = Import(handle)
            assert again.run().format == 1
        assert again.resumed_at == sum(again.manifest.rows.values())


def test_an_import_that_was_killed_goes_on_where_it_was(fresh_database, tmp_path):
    file = tmp_path / "log.ndjson"
    with fresh_database():
        hearts(25_000)
        call_command("export_events", str(file), stdout=None)
        log = contents(LOG)
    with fresh_database():
        with manage("import_events", str(file)) as process:
            while not one("SELECT count(*) FROM eventstore_event"):
                assert process.poll() is None
            process.kill()
            process.wait(10)
        with file.open("rb") as handle:
            again = Import(handle)
            again.run()
        assert again.resumed_at in {10_000, 20_000}
        assert contents(LOG) == log


def _without_a_row(whole):
    return b"".join(whole[:5] + whole[6:])


def _with_another_letter(whole):
    return b"".join(whole).replace(b"So true", b"So frue", 1)


def _with_rows_exchanged(whole):
    return b"".join([*whole[:5], whole[6], whole[5], *whole[7:]])


def _cut_between_rows(whole):
    return b"".join(whole[:-1])


def _cut_in_the_last_line(whole):
    return b"".join(whole)[:-1]


def _with_more_after_the_end(whole):
    return b"".join([*whole, whole[0]])


def _with_a_smaller_count(whole):
    return b"".join(whole).replace(b'"skipped":1', b'"skipped":0')


def _of_another_format(whole):
    return b"".join(whole).replace(b'"format":2', b'"format":3')


WRONG = [
    (_without_a_row, "SHA-256 differs"),
    (_with_another_letter, "SHA-256 differs"),
    (_with_rows_exchanged, "SHA-256 differs"),
    (_cut_between_rows, "cut short"),
    (_cut_in_the_last_line, "cut short"),
    (_with_more_after_the_end, "cut short"),
    (_with_a_smaller_count, "its manifest says"),
    (_of_another_format, "format 3"),
    (lambda whole: b"", "cut short"),
    (lambda whole: b"\xff\x00" * 1000, "cut short"),
]


def test_a_file_that_was_changed_or_cut_short_is_refused_before_anything_is_written(history, fresh_database):
    file, *_ = history
    whole = lines(file)
    with fresh_database():
        for change, said in WRONG:
            file.write_bytes(change(whole))
            code, words = refused(file)
            assert (code, said in words) == (3, True), (change, words)
            assert nothing_there()
        file.write_bytes(b"".join(whole))
        restore(file)


def test_a_row_that_is_none_is_named_and_its_piece_is_not_written(history, fresh_database):
    file, *_ = history
    whole = lines(file)[:-1]
    nth = next(nth for nth, line in enumerate(whole) if line.startswith(b'{"event"'))
    for wrong in (
        b'{"event" : {"position": "1"}}\n',
        b'{"event" : {}}\n',
        whole[nth].replace(b'"version"', b'"nr"'),
    ):
        file.write_bytes(sealed([*whole[:nth], wrong, *whole[nth + 1 :]]))
        with fresh_database():
            code, words = refused(file)
            assert code == 3
            assert words.startswith(f"line {nth + 1} is no event")
            assert nothing_there()


def test_a_database_that_holds_something_else_is_refused_and_stays_as_it_is(history, fresh_database):
    file, *_ = history
    with fresh_database():
        Cast().jake.publishes("Somebody else's")
        before = contents(LOG)
        code, words = refused(file)
        assert code == 3
        assert "the database is neither empty nor the beginning of this file: its row 1" in words
        assert contents(LOG) == before


def test_a_database_that_holds_more_than_the_file_is_refused(history, fresh_database):
    file, *_ = history
    with fresh_database():
        restore(file)
        execute(b"INSERT INTO eventstore_skipped VALUES ('somebody', 1, gen_random_uuid())")
        assert refused(file)[0] == 3


def test_a_log_that_is_there_already_is_just_compared(history, fresh_database):
    file, log, *_ = history
    with fresh_database():
        restore(file)
        restore(file)
        assert contents(LOG) == log


def test_while_it_runs_nobody_follows_nobody_else_imports_and_the_triggers_stand(
    history, fresh_database, monkeypatch
):
    file, *_ = history
    monkeypatch.setattr(importing, "PIECE", 4)
    monkeypatch.setattr(importing, "PAGE", 4)
    monkeypatch.setattr(importing, "PATIENCE", "0.1s")
    found = []

    def look(at):
        if not found:
            elsewhere = threading.Thread(
                target=lambda: found.extend([_follow(), refused(file)[0], problems()])
            )
            elsewhere.start()
            elsewhere.join()

    def _follow():
        try:
            with transaction.atomic():
                execute(b"SET LOCAL lock_timeout = '0.1s'")
                checkpoints.lock(projectors, 0.1)
        except OperationalError:
            return "kept waiting"
        finally:
            connection.close()

    with fresh_database(), file.open("rb") as handle:
        Import(handle, look).run()
    assert found[:2] == ["kept waiting", 5]
    assert [problem for problem in found[2] if problem.kind == "trigger"] == []


def test_exporting_and_importing_take_little_memory(fresh_database, tmp_path):
    file = tmp_path / "log.ndjson"
    with fresh_database():
        hearts(20_000)
        tracemalloc.start()
        call_command("export_events", str(file), stdout=None)
        exporting = tracemalloc.get_traced_memory()[1]
    with fresh_database():
        tracemalloc.reset_peak()
        restore(file)
        importing_ = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert file.stat().st_size > 6_000_000
    assert exporting < 2_000_000
    assert importing_ < 2_000_000
