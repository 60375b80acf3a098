"""What is counted in this process, as Prometheus reads it. Every process counts its own work, and is asked on its own.

Labels are few and known beforehand: types, commands, projectors, outcomes; never a person, a path or a stream.
"""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from conduit.log_metrics import LogMetrics
from eventstore import measures
from eventstore.measures import Answer
from eventstore.policy import policies
from eventstore.projector import projectors

disable_created_metrics()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()
for collector in (ProcessCollector, PlatformCollector, GCCollector):
    collector(registry=registry)
registry.register(LogMetrics())

QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""Seconds: from half of an append to the longest that anybody waits."""

FACTS = (0, 1, 2, 5, 10, 20, 50, 100, 1_000, 10_000)

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


def counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(f"conduit_{name}", says, labels, registry=registry)


def histogram(name: str, says: str, *labels: str, buckets: Sequence[float] = QUICK) -> Histogram:
    return Histogram(f"conduit_{name}", says, labels, registry=registry, buckets=buckets)


commands = counter("commands_total", "Commands answered.", "command", "outcome")
command_seconds = histogram("command_duration_seconds", "From a command's arrival to its append or refusal.")
events_replayed = histogram("aggregate_events_replayed", "Facts folded to load a stream.", buckets=FACTS)
events_appended = counter("events_appended_total", "Facts appended and committed.", "type")
append_seconds = histogram("append_duration_seconds", "One append that was committed.")
append_conflicts = counter("append_conflicts_total", "Appends that the log refused.", "kind")
batch_seconds = histogram("projection_batch_duration_seconds", "Applying a batch of facts.", "projection")
projection_errors = counter("projection_errors_total", "Facts that could not be applied.", "projection")
requests = counter("http_requests_total", "Requests answered.", "method", "status")
request_seconds = histogram("http_request_duration_seconds", "From a request to its answer.", "method")
sockets = Gauge("conduit_ws_connections", "Pages that are open and listen here.", registry=registry)
resumes = counter("ws_resumes_total", "Pages that came with the position that they show.", "outcome")
delivery_seconds = histogram("live_delivery_seconds", "From a fact's record to its being told to open pages.")


@measures.answered.listen
def _answered(answer: Answer) -> None:
    commands.labels(answer.command, answer.outcome).inc()
    command_seconds.observe(answer.duration_s)


@measures.folded.listen
def _folded(facts: int) -> None:
    events_replayed.observe(facts)


@measures.appended.listen
def _appended(types: Sequence[str], duration_s: float) -> None:
    for name in types:
        events_appended.labels(name).inc()
    append_seconds.observe(duration_s)


@measures.conflicted.listen
def _conflicted(kind: str) -> None:
    append_conflicts.labels(kind).inc()


@measures.projected.listen
def _projected(subscriber: str, facts: int, duration_s: float) -> None:
    if facts:
        batch_seconds.labels(subscriber).observe(duration_s)


@measures.failed.listen
def _failed(subscriber: str) -> None:
    projection_errors.labels(subscriber).inc()


@measures.resumed.listen
def _resumed(outcome: str) -> None:
    resumes.labels(outcome).inc()


@measures.delivered.listen
def _delivered(after_s: float) -> None:
    delivery_seconds.observe(after_s)


def responded(method: str | None, status: int, duration_s: float) -> None:
    """Counts a request that was answered."""
    known = method if method in METHODS else "other"
    requests.labels(known, str(status)).inc()
    request_seconds.labels(known).observe(duration_s)


def exposition(request: HttpRequest) -> HttpResponse:
    """All of it, as text. What may count from 0 on is there before it is first counted."""
    for each in (*projectors, *policies):
        projection_errors.labels(each.name)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
