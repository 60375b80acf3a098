"""The demo content: loaded through commands, once however often, and completed if it was cut short."""

from itertools import islice

from django.core.management import call_command

from conduit.demo import SIGN_INS, loading
from eventstore.log import head
from eventstore.projector import projectors
from eventstore.rebuild import Rebuild


def test_every_line_becomes_pages_that_equal_the_log(database, client, capsys):
    assert loading.is_wanted()
    call_command("load_demo")
    assert not loading.is_wanted()
    said = capsys.readouterr().out
    assert all(address in said for address, _, _ in SIGN_INS)
    assert client.get("/?page=2").content.count(b'class="article-preview"') == 9
    assert client.get("/article/slowly-please").url == "/article/in-praise-of-slow-reading"
    assert [Rebuild(projector).run(check=True).differing for projector in projectors] == [0, 0]


def test_loading_it_again_records_nothing(database):
    call_command("load_demo")
    before = head()
    call_command("load_demo")
    assert head() == before


def test_a_load_that_was_cut_short_is_completed(database, client):
    assert len(list(islice(loading.load(), 20))) == 20
    assert loading.is_wanted()
    call_command("load_demo")
    assert not loading.is_wanted()
    assert client.get("/?page=2").content.count(b'class="article-preview"') == 9


def test_everybody_that_is_printed_can_sign_in(database, client):
    call_command("load_demo")
    for address, password, _ in SIGN_INS:
        assert client.post("/login", {"email": address, "password": password}).status_code == 302
        client.post("/logout")


def test_a_log_with_something_else_in_it_is_left_alone(cast):
    assert cast.jake.id
    assert not loading.is_wanted()
