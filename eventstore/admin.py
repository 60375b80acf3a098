"""The log in Django admin: to be read, by those who may; nothing can be added, changed or deleted here."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest

from eventstore.models import Command, Event


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whatever it shows follows from the log: not even a superuser changes it here."""

    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class Uncounted(Paginator):  # type: ignore[type-arg]
    """A long list whose end nobody waits for: it is counted as far as anybody will page."""

    MOST = 10_000

    @property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.order_by().values_list("pk")[: self.MOST])


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("position", "recorded_at", "type", "stream", "version")
    ordering = ("-position",)
    paginator = Uncounted
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        events = super().get_queryset(request)
        return events if request.resolver_match and request.resolver_match.kwargs else events.defer("data")


@admin.register(Command)
class CommandAdmin(ReadOnly):
    list_display = ("recorded_at", "name", "outcome", "reason", "stream", "actor_id")
    list_filter = ("outcome",)
    ordering = ("-recorded_at",)
    paginator = Uncounted
    sortable_by = ()
