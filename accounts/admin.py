"""People in Django admin, to be read. What is personal is on record when it is seen: on the pages of the log."""

from collections.abc import Iterator

from django.contrib import admin

from accounts.models import User
from eventstore.admin import ReadOnly
from eventstore.telling import origins


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("username", "is_staff", "is_superuser", "is_active", "joined_at")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("username",)
    ordering = ("username",)
    exclude = ("email", "last_signed_in_at")


@origins(User)
def of_a_person(person: User) -> Iterator[str]:
    yield f"user-{person.id}"
