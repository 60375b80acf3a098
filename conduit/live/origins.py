"""A browser says which page opens a socket; only pages of this very site may: scheme, host and port."""

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from conduit.environment import LOCAL_HOSTS
from conduit.guards import Application, Receive, Scope, Send

PATH = "/live"


def ours_only(application: Application) -> Application:
    """Refuses with 403 whoever names no origin or another one, or wants a socket elsewhere."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == PATH and _is_ours(scope):
            await application(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})

    return respond


def _is_ours(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin1").lower()
    if settings.ALLOWED_ORIGINS:
        return origin in settings.ALLOWED_ORIGINS
    host = headers.get(b"host", b"").decode("latin1").lower()
    scheme = "https" if settings.BEHIND_TLS else "http"
    return origin == f"{scheme}://{host}" and _is_known(host)


def _is_known(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS or LOCAL_HOSTS)
