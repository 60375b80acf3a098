"""What looking leaves behind: whoever sees personal data, or takes facts along, is on record before they have them.

Records stand in the audit with everything else that was asked of the system, and so on the Commands page.
"""

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from eventstore import store
from eventstore.admin.permissions import PAYLOADS, PERSONAL_DATA, demand, may
from eventstore.carry_out import order
from eventstore.messages import command


@command("eventstore.view_personal_data", audit="what")
class ViewPersonalData:
    what: str


@command("eventstore.export_facts", audit="facts form personal_data most")
class ExportFacts:
    facts: str
    form: str
    personal_data: bool
    most: int


class Sight(NamedTuple):
    """What whoever asks may see of what was said: anything, and with what is personal; whether the page offers
    the latter, which is asked for by a button of its own."""

    payloads: bool
    personal: bool
    offered: bool

    @property
    def instead(self) -> str:
        """What stands where personal data would."""
        return (
            "hidden: personal data" if self.offered else "hidden: needs the permission to see personal data"
        )

    def about(self, private: Any) -> "Sight":
        """The same on a page with this that is private: without any of it, nothing is offered."""
        return self._replace(offered=self.offered and bool(private))


def sight(request: HttpRequest, what: str, stream: str | None = None) -> Sight:
    """What may be seen on the page about `what`; on record, if it is personal data. Raises like `wanted`."""
    allowed = wanted(request)
    if allowed.personal:
        record(ViewPersonalData(what=what), stream)
    return allowed


def wanted(request: HttpRequest) -> Sight:
    """What may be seen once it is on record: for a page that has to read first what it is asked for.

    Personal data are never part of what GET answers: they are asked for by POST. `PermissionDenied` for a POST
    that asks for anything else, or by somebody who may not.
    """
    payloads, personal = may(request, PAYLOADS), may(request, PERSONAL_DATA)
    if request.method != "POST":
        return Sight(payloads, personal=False, offered=payloads and personal)
    if request.POST.getlist("show") != ["personal"]:
        raise PermissionDenied
    demand(request, PAYLOADS, PERSONAL_DATA)
    return Sight(payloads, personal=True, offered=False)


def record(act: ViewPersonalData | ExportFacts, stream: str | None = None) -> None:
    """Durable when it returns."""
    store.record(order(act), stream, "accepted", "")
