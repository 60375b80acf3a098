"""The doors for machines that watch: /healthz, /readyz and /metrics.

They are in front of everything: whoever watches comes by an address of the network, without TLS, and must be
answered when nobody else is. No session, no page, no limit is behind them.

Who may read /metrics: with METRICS_TOKEN, whoever sends `Authorization: Bearer <token>`. Without it, this
machine, on a site that is for this machine alone; on any other there may be a proxy, behind which everybody
comes from here. To everybody else there is nothing at this address.
"""

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import split_domain_port, validate_host

from conduit import health, metrics
from conduit.environment import LOCAL_HOSTS
from conduit.guards import Application, Receive, Scope, Send

LOOKS = ("GET", "HEAD")
ONLY_LOOK, PLAIN = "This address is to be looked at only.\n", "text/plain; charset=utf-8"
FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


def may_read(request: HttpRequest) -> bool:
    """Whether the metrics are for whoever asks."""
    if settings.METRICS_TOKEN:
        sent = request.META.get("HTTP_AUTHORIZATION", "")
        return compare_digest(sent.encode(errors="replace"), f"Bearer {settings.METRICS_TOKEN}".encode())
    for_this_machine = not settings.ALLOWED_ORIGINS and set(settings.ALLOWED_HOSTS) <= set(LOCAL_HOSTS)
    return for_this_machine and _is_from_here(request)


def _is_from_here(request: HttpRequest) -> bool:
    """Not through a proxy, and not by a page whose name was made to lead here."""
    host, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
    if not validate_host(host, LOCAL_HOSTS) or any(name in request.META for name in FORWARDED):
        return False
    with suppress(ValueError):
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    return False


def for_few(request: HttpRequest) -> HttpResponse:
    if may_read(request):
        return metrics.exposition(request)
    return HttpResponse("There is nothing here.\n", status=404, content_type=PLAIN)


PROBES = {"/healthz": health.alive, "/readyz": health.ready, "/metrics": for_few}


def probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, in front of everything but the request's id."""

    def respond(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        if probe is None:
            return get_response(request)
        looks = request.method in LOOKS
        response = probe(request) if looks else HttpResponseNotAllowed(LOOKS, ONLY_LOOK, content_type=PLAIN)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return respond


def apart(pages: Application, watched: Application) -> Application:
    """ASGI: probes are answered by threads of their own, also when every other one waits for the database."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await (watched if scope["path"] in PROBES else pages)(scope, receive, send)

    return respond
