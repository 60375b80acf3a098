"""People in Django admin, to be read."""

from django.contrib import admin

from accounts.models import User
from eventstore.admin import ReadOnly


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("username", "email", "is_staff", "is_superuser", "is_active", "joined_at")
    search_fields = ("username", "email")
    ordering = ("username",)
