"""On whose behalf the code runs: every command's row says who asked, from where, and in answer to what."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from eventstore.addresses import counted_as
from eventstore.ids import uuid7


def nobody() -> UUID | None:
    return None


@dataclass(frozen=True, slots=True)
class Acting:
    """The person (looked up only when a command is sent), the client's address, and the thread of causes."""

    actor: Callable[[], UUID | None] = nobody
    address: str = ""
    correlation_id: UUID = field(default_factory=uuid7)
    caused_by: int | None = None

    @property
    def peer(self) -> str:
        """Whom the address is counted as; empty if it is not known."""
        return counted_as(self.address)


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting:
    return _acting.get() or Acting()


def correlation_id() -> UUID | None:
    """The thread of causes that this code is in; None if it is in none."""
    who = _acting.get()
    return who.correlation_id if who else None


@contextmanager
def act(as_: Acting) -> Iterator[None]:
    """Sends what is dispatched inside on this behalf."""
    token = _acting.set(as_)
    try:
        yield
    finally:
        _acting.reset(token)


class ActorMiddleware:
    """Whoever is signed in is behind what a request does; their address is known since it came in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with act(replace(acting(), actor=lambda: request.user.pk)):
            return self.get_response(request)
