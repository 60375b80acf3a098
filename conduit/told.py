"""What is written down of every request and every command, where LOG_LEVEL is INFO: who, what, how long; never what
it said.
"""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from conduit import metrics
from eventstore import measures
from eventstore.acting import acting
from eventstore.measures import Answer

of_requests = logging.getLogger("conduit.requests")
of_commands = logging.getLogger("conduit.commands")


def requests(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a line for every request, without its query, and a count."""

    def respond(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = get_response(request)
        duration_s, status = perf_counter() - began, response.status_code
        metrics.responded(request.method, status, duration_s)
        extra = {
            "method": request.method,
            "path": request.path_info,
            "status": status,
            "address": acting().address,
            "duration_s": round(duration_s, 6),
        }
        of_requests.info("%s %s %s", request.method, request.path_info, status, extra=extra)
        return response

    return respond


@measures.answered.listen
def _command(answer: Answer) -> None:
    if of_commands.isEnabledFor(logging.INFO):
        extra = answer._asdict() | {
            "causation_id": answer.caused_by,
            "duration_s": round(answer.duration_s, 6),
        }
        of_commands.info("%s %s", answer.command, answer.outcome, extra=extra)
