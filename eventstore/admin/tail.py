"""The log as it grows: a page that listens, as the site's pages do, for whoever may see metadata and wants to.

What it hears is position, time, type, stream and version; no payload goes over the line.
"""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from eventstore.admin.permissions import METADATA
from eventstore.admin.site import page, respond
from eventstore.live.pages import GUARDED, listening
from eventstore.live.position import passed
from eventstore.live.tells import Tell, tells_everything
from eventstore.log import Fact
from eventstore.messages import EVENT_NAMES

ROOM = "log"
GUARDED[ROOM] = METADATA
LINE = "admin/eventstore/tail.html#line"


@page("tail/", name="tail", title="Live tail")
def tail(request: HttpRequest) -> HttpResponse:
    """Empty at first: from here on."""
    live = listening([ROOM], request.user.pk, passed())
    return respond(request, "tail.html", "Live tail", live=live, types=sorted(EVENT_NAMES))


@tells_everything
def a_line(fact: Fact) -> Iterator[Tell]:
    seen = fact._replace(data="")  # what is kept in mind for a while is small
    yield Tell(ROOM, "fact", str(fact.position), lambda: render_to_string(LINE, {"line": seen}).strip())
