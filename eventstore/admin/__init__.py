"""The log in Django admin: to be read, by those who may; nothing can be added, changed or deleted here."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from eventstore.admin import permissions
from eventstore.admin.commands import command, command_list
from eventstore.admin.event import event
from eventstore.admin.events import event_list
from eventstore.admin.site import READING, WORKING, guard
from eventstore.models import Command, Event


class Uncounted(Paginator):  # type: ignore[type-arg]
    """A long list whose end nobody waits for: it is counted as far as anybody will page."""

    MOST = 10_000

    @property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.order_by().values_list("pk")[: self.MOST])


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whatever it shows follows from the log: not even a superuser changes it here. Each row's page says why."""

    show_full_result_count = False
    actions = None
    paginator = Uncounted
    change_form_template = "admin/eventstore/row.html"

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """By what the page offers and nothing else: a question about a column that it hides would give it away."""
        return lookup.partition("__")[0] in self.list_filter

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context["may_ask_why"] = permissions.may(request, permissions.METADATA)
        return super().render_change_form(request, context, *args, **kwargs)


class OfTheLog(ReadOnly):
    """A table of the log itself: who may see metadata may see that it is there. Its pages are our own."""

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return permissions.may(request, permissions.METADATA)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What is written once has no history."""
        return redirect("..")


@admin.register(Event)
class EventAdmin(OfTheLog):
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return guard(event_list, permissions.METADATA, READING)(request)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        return guard(event, permissions.METADATA, WORKING)(request, object_id)


@admin.register(Command)
class CommandAdmin(OfTheLog):
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return guard(command_list, permissions.METADATA, WORKING)(request)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        return guard(command, permissions.METADATA, WORKING)(request, object_id)


# Pages hang in the admin once their modules are imported; those with a title, in this order.
from eventstore.admin import correlation, dashboard, export, parked, projectors, stream, tail, why  # noqa: E402, F401
