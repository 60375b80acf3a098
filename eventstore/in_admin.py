"""Django admin with the log in it: list "eventstore.in_admin.AdminWithLog" where "django.contrib.admin" would be.

Not in the package `eventstore.admin`, which is imported when the site is there already, and registers with it.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import Http404, HttpRequest


class AdminWithLog(AdminConfig):
    default_site = "eventstore.in_admin.Site"

    def ready(self) -> None:
        """Groups are of no use where people have none."""
        super().ready()
        from django.contrib.admin import site
        from django.contrib.auth import get_user_model
        from django.contrib.auth.models import Group

        if site.is_registered(Group) and not hasattr(get_user_model(), "groups"):
            site.unregister(Group)


class Site(AdminSite):
    """The admin, with the pages of `eventstore.admin.site` in it."""

    site_title = site_header = "Conduit administration"
    index_title = "Administration"

    def get_urls(self) -> Any:
        from eventstore.admin.site import urls

        return [*urls(self), *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """The log's own pages stand before its tables."""
        from eventstore.admin.site import listed

        apps: Any = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "eventstore":
                app["models"] = [*listed(request), *app["models"]]
        return apps

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Passwords are changed on the settings page, by a command."""
        raise Http404
