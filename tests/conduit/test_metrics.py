"""What the engine does is counted, once each, and shown to Prometheus under the names that alerts go by."""

import signal
from urllib.request import urlopen

import pytest
from django.test import Client, RequestFactory
from prometheus_client.parser import text_string_to_metric_families

from blog.commands import DeleteArticle, FavoriteArticle
from conduit import metrics, vital_signs
from eventstore import measures, operating
from eventstore.database import execute
from eventstore.dispatch import dispatch
from eventstore.ids import uuid7
from eventstore.messages import AlreadyTaken, Rejection
from eventstore.projector import projectors
from tests.cast import Person
from tests.conduit.test_serve import free_port
from tests.eventstore.tools import manage

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch):
    monkeypatch.setattr(vital_signs.signs, "_fresh_s", 0.0)


def shown():
    """Every sample, by its name and labels."""
    text = metrics.exposition(RequestFactory().get("/metrics")).content.decode()
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def sample(samples, name, **labels):
    return samples.get((f"conduit_{name}", *sorted(labels.items())), 0.0)


@pytest.fixture
def since():
    """How much a counter has grown since this was asked for."""
    before = shown()

    def grown(name, **labels):
        return sample(shown(), name, **labels) - sample(before, name, **labels)

    return grown


def pages():
    return next(each for each in projectors if each.name == "blog.pages")


# The engine's work


def test_a_command_is_counted_by_how_it_ended(cast, since):
    article = cast.jake.publishes()
    with pytest.raises(Rejection):
        dispatch(DeleteArticle(article_id=article.id, author_id=cast.mallory.id))
    assert since("commands_total", command="blog.publish_article", outcome="accepted") == 1
    assert since("commands_total", command="blog.delete_article", outcome="refused") == 1
    assert since("commands_total", command="accounts.register_user", outcome="accepted") == 2


def test_a_command_that_was_sent_again_is_no_second_one(cast, since):
    article, id_ = cast.jake.publishes(), uuid7()
    for _ in range(3):
        dispatch(FavoriteArticle(article_id=article.id, reader_id=cast.jane.id), id=id_)
    assert since("commands_total", command="blog.favorite_article", outcome="accepted") == 1
    assert since("commands_total", command="blog.favorite_article", outcome="repeated") == 2
    assert since("events_appended_total", type="blog.article_favorited") == 1


def test_facts_are_counted_by_type_when_they_are_committed(cast, since):
    cast.jake.publishes()
    assert since("events_appended_total", type="blog.article_published") == 1
    assert since("events_appended_total", type="accounts.user_registered") == 1
    assert since("append_duration_seconds_count") == 3  # the author is one as well


def test_facts_that_were_rolled_back_are_not_counted(cast, since, monkeypatch):
    monkeypatch.setattr("accounts.registration.credentials.store", refuse, raising=True)
    with pytest.raises(ZeroDivisionError):
        Person("nobody")
    assert since("events_appended_total", type="accounts.user_registered") == 0
    assert since("append_duration_seconds_count") == 0


def refuse(*_):
    raise ZeroDivisionError


def test_a_name_that_was_taken_is_a_conflict(cast, since):
    assert cast.jake
    with pytest.raises(AlreadyTaken):
        Person("jake")
    assert since("append_conflicts_total", kind="name") == 1


def test_what_is_folded_to_decide_is_counted(cast, since):
    article = cast.jake.publishes()
    dispatch(DeleteArticle(article_id=article.id, author_id=cast.jake.id))
    assert since("aggregate_events_replayed_sum") == 1
    assert since("aggregate_events_replayed_bucket", le="1.0") >= 1


def test_projecting_is_timed_and_its_errors_are_counted(cast, since, monkeypatch):
    monkeypatch.setitem(pages()._handlers, "blog.article_published", [refuse])
    with pytest.raises(AssertionError):  # it was not shown
        cast.jake.publishes()
    assert since("projection_errors_total", projection="blog.pages") == 1
    assert since("projection_errors_total", projection="accounts.users") == 0
    assert since("projection_batch_duration_seconds_count", projection="accounts.users") >= 1


def test_a_listener_that_fails_harms_nobody(cast, monkeypatch, caplog):
    monkeypatch.setattr(measures.appended, "listeners", [refuse, *measures.appended.listeners])
    before = shown()
    assert cast.jake.publishes()
    grown = sample(shown(), "events_appended_total", type="blog.article_published")
    assert grown - sample(before, "events_appended_total", type="blog.article_published") == 1
    assert "a listener failed" in caplog.text


# Requests


def test_requests_are_counted_by_method_and_status_and_never_by_path(since):
    client = Client()
    client.get("/")
    client.get("/nowhere-1")
    client.get("/nowhere-2")
    client.generic("BREW", "/")
    assert since("http_requests_total", method="GET", status="200") == 1
    assert since("http_requests_total", method="GET", status="404") == 2
    assert since("http_request_duration_seconds_count", method="GET") == 3
    assert since("http_request_duration_seconds_count", method="other") == 1
    assert "nowhere" not in str(shown().keys())


def test_probes_do_not_count_themselves(since):
    Client().get("/healthz")
    assert since("http_requests_total", method="GET", status="200") == 0


# What the log says


def test_the_log_tells_its_head_and_where_everybody_is(cast):
    cast.jake.publishes()
    found = shown()
    assert sample(found, "event_head_position") == 3
    assert sample(found, "projection_position", projection="blog.pages") == 3
    assert sample(found, "projection_state", projection="blog.pages", state="running") == 1
    assert sample(found, "projection_state", projection="blog.pages", state="paused") == 0
    assert sample(found, "projection_lag_events", projection="blog.pages") == 0
    assert sample(found, "database_up") == sample(found, "ready") == 1


def test_the_log_tells_who_is_behind_and_since_when(cast):
    cast.jake.publishes()
    operating.pause("blog.pages", "for the test")
    execute(b"UPDATE eventstore_checkpoint SET position = 0 WHERE name = 'blog.pages'")
    found = shown()
    assert sample(found, "projection_state", projection="blog.pages", state="paused") == 1
    assert sample(found, "projection_lag_events", projection="blog.pages") == 2
    assert sample(found, "projection_lag_seconds", projection="blog.pages") > 0


def test_what_is_parked_is_a_dead_letter(cast, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setitem(pages()._handlers, "blog.article_published", [refuse])
        with pytest.raises(AssertionError):
            cast.jake.publishes()
    assert sample(shown(), "dead_letters", projection="blog.pages") == 1


def test_asking_takes_few_statements_however_often_it_is_asked(cast, monkeypatch):
    monkeypatch.setattr(vital_signs.signs, "_fresh_s", 60.0)
    asked = []
    monkeypatch.setattr(vital_signs.signs, "_question", lambda: asked.append(1) or vital_signs.take())
    monkeypatch.setattr(vital_signs.signs, "_answer", None)
    for _ in range(5):
        shown()
    assert asked == [1]


def test_without_the_database_the_process_still_tells_of_itself(monkeypatch):
    monkeypatch.setattr(vital_signs.signs, "_question", refuse)
    found = shown()
    assert sample(found, "database_up") == sample(found, "ready") == 0
    assert ("process_start_time_seconds",) in found
    assert ("conduit_event_head_position",) not in found


# A worker's own


def test_a_worker_serves_what_it_counts(cast):
    cast.jake.publishes()
    port = free_port()
    with manage("run_projectors", "--metrics", str(port)) as process:
        assert process.stderr.readline() == "following the log; Ctrl-C ends it\n"
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as response:
            told = response.read().decode()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert "conduit_event_head_position 3.0" in told
    assert "conduit_projection_batch_duration_seconds" in told


# Labels


BOUNDED = {"command", "outcome", "type", "kind", "projection", "state", "method", "status", "le"}
OF_THE_LIBRARY = {"generation", "implementation", "major", "minor", "patchlevel", "version"}


def test_no_label_grows_with_people_or_texts(cast):
    cast.jane.favorites(cast.jake.publishes())
    cast.jake.browser.get("/")
    labels = {label for _, *pairs in shown() for label, _ in pairs}
    assert labels - OF_THE_LIBRARY <= BOUNDED
