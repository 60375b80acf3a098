"""What the log says of itself, asked when Prometheus asks: the same from every process."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from conduit import health
from conduit.vital_signs import signs
from eventstore.health import Condition
from eventstore.models import Checkpoint

Key = TypeVar("Key", bound=tuple[str, ...])

STATES = ("new", *Checkpoint.Status.values)


class LogMetrics(Collector):
    """Without the database there is one figure, which says so; asking takes `in_time.PATIENCE_S` seconds at most."""

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: registering must not ask."""
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            found = signs.ask()
        except Exception:  # noqa: BLE001 - whatever it is, there is no answer
            yield from _answering(up=False, ready=False)
            return
        yield from _answering(up=True, ready=not any(health.reasons(found)))
        yield _gauge("database_answer_seconds", "How long the answer to this took.", found.seconds)
        yield _gauge("migrations_missing", "Migrations that are still to be applied.", len(found.unapplied))
        if found.condition:
            yield from _of_the_log(found.condition)
            yield from _of_projections(found.condition)
            yield from _of_rebuilds(found.condition)


def _answering(*, up: bool, ready: bool) -> Iterator[Metric]:
    yield _gauge("database_up", "Whether the database answers in time.", up)
    yield _gauge("ready", "Whether this process would be sent readers.", ready)


def _of_the_log(found: Condition) -> Iterator[Metric]:
    writing_s = found.writer.seconds if found.writer else 0.0
    age_s = min((beat.age_s for beat in found.heartbeats), default=None)
    yield _gauge("event_head_position", "The last position in the log.", found.head)
    yield _gauge("log_writer_age_seconds", "How long the oldest append has kept readers waiting.", writing_s)
    yield _gauge(
        "workers_alive", "Workers that follow the log.", sum(beat.alive for beat in found.heartbeats)
    )
    yield _gauge("worker_heartbeat_age_seconds", "Since the last sign of life of any worker.", age_s)


def _of_projections(found: Condition) -> Iterator[Metric]:
    def each(name: str, says: str, attribute: str) -> Metric:
        values = {(one.name,): getattr(one, attribute) for one in found.standings}
        return _gauges(name, says, ("projection",), values)

    yield each("projection_position", "The last position that it has dealt with.", "position")
    yield each("projection_lag_events", "What it follows of what is before it.", "lag_events")
    yield each("projection_lag_seconds", "Since when the first of that has been there.", "lag_s")
    yield each("projection_still_seconds", "How long it has not moved, with facts before it.", "still_s")
    yield each("dead_letters", "Facts that it has parked.", "parked")
    states = {(one.name, state): one.status == state for one in found.standings for state in STATES}
    yield _gauges("projection_state", "1 for the state that it is in.", ("projection", "state"), states)


def _of_rebuilds(found: Condition) -> Iterator[Metric]:
    """Those that are asked for in the admin, while they are open."""
    open_ones = [wish for wish in found.replays if wish.open]
    progress = {(wish.projector,): wish.percent / 100 for wish in open_ones}
    silent = {(wish.projector,): wish.silent_s for wish in open_ones}
    yield _gauges("rebuild_progress_ratio", "How far its rebuild has come.", ("projection",), progress)
    yield _gauges(
        "rebuild_silent_seconds", "Since the last word of its rebuild's worker.", ("projection",), silent
    )


def _gauge(name: str, says: str, value: float | None) -> Metric:
    """Without a value it is known, and has no sample."""
    return GaugeMetricFamily(f"conduit_{name}", says, None if value is None else float(value))


def _gauges(name: str, says: str, labels: tuple[str, ...], values: Mapping[Key, float]) -> Metric:
    family = GaugeMetricFamily(f"conduit_{name}", says, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family
