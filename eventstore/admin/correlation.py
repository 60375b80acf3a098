"""A correlation: the commands that belong together, what came of each, and what that set going in turn."""

from collections.abc import Iterator
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from eventstore import telling
from eventstore.admin import people
from eventstore.admin.site import page, respond
from eventstore.inspection import causes
from eventstore.inspection.causes import CommandNode


@page("correlation/<uuid:correlation_id>/", name="correlation")
def correlation(request: HttpRequest, correlation_id: UUID) -> HttpResponse:
    """Commands and events as a tree, with how long each waited and took."""
    found = causes.tree(correlation_id)
    if found is None:
        raise Http404
    commands = list(_commands(found.roots))
    return respond(
        request,
        "correlation.html",
        "Correlation",
        tree=found,
        names=people.names(node.attempt.actor_id for node in commands),
        commands=len(commands),
        facts=sum(len(node.facts) for node in commands),
        words={fact.line.type: telling.in_words(fact.line.type) for node in commands for fact in node.facts},
    )


def _commands(nodes: list[CommandNode]) -> Iterator[CommandNode]:
    for node in nodes:
        yield node
        for fact in node.facts:
            yield from _commands(fact.led_to)
