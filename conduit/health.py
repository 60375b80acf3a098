"""Whether this process lives, and whether it should be sent readers: for load balancers and whoever starts it.

Living needs nothing but the process. Ready needs the database, its migrations, and read models that follow the log;
what an operator has paused, and what is parked, is no reason to turn everybody away.
"""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, JsonResponse

from conduit.databases import takes_nobody
from conduit.vital_signs import VitalSigns, signs

MOST_LAG_S = 60.0
STUCK_S = 10.0
RETRY_AFTER_S = 5


def alive(request: HttpRequest) -> HttpResponse:
    """200, as long as anything is answered at all."""
    return JsonResponse({"alive": True})


def ready(request: HttpRequest) -> HttpResponse:
    """200, or 503 with the reasons; within `in_time.PATIENCE_S` seconds, whatever the database does."""
    reasons = why_not()
    if not reasons:
        return JsonResponse({"ready": True, "reasons": []})
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return JsonResponse({"ready": False, "reasons": reasons}, status=503, headers=headers)


def why_not() -> list[str]:
    """What keeps this process from being ready. Says nothing of where the database is, or what it said."""
    try:
        found = signs.ask()
    except TimeoutError:
        return ["the database does not answer"]
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no answer
        return [
            "the database takes no more connections" if takes_nobody(error) else "the database can't be asked"
        ]
    return list(reasons(found))


def reasons(found: VitalSigns) -> Iterator[str]:
    if found.unapplied or not found.condition:
        yield f"migrations are missing: {', '.join(found.unapplied)}"
        return
    for each in found.condition.standings:
        if each.lag_s > MOST_LAG_S and each.status != "paused":
            yield f"{each.name} is {each.status}, {each.lag_events:,} events and {each.lag_s:.0f} s behind"
    writer = found.condition.writer
    if writer and writer.seconds > STUCK_S:
        yield f"the head of the log is stuck: a transaction has been writing for {writer.seconds:.0f} s"
