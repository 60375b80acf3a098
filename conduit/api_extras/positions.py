"""Every write says where in the log it stands: at its last fact, or at the end if there was nothing to record."""

from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from conduit.api_extras.operations import WRITING, Run
from eventstore.api_headers import POSITION
from eventstore.log import head


def positioned(run: Run) -> Run:
    @wraps(run)
    def respond(request: HttpRequest, **steps: Any) -> HttpResponse:
        response = run(request, **steps)
        if request.method in WRITING and response.status_code < HTTPStatus.BAD_REQUEST:
            response.headers["Conduit-Position"] = str(request.META.get(POSITION) or head())
        return response

    return respond
