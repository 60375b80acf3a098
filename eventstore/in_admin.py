"""Django admin with the log in it: list "eventstore.in_admin.AdminWithLog" where "django.contrib.admin" would be.

Not in the package `eventstore.admin`, which is imported when the site is there already, and registers with it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed

METHODS = ("GET", "HEAD", "POST")
UNUSED = {"view_on_site"}
"""It breaks on ids that are none, and nothing here says where on the site it is."""


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

        theirs = [url for url in super().get_urls() if getattr(url, "name", None) not in UNUSED]
        return [*urls(self), *theirs]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Whoever is known and may not be here is asked to sign in when they look, and refused when they act."""
        inner: Any = super().admin_view(view, cacheable)

        @wraps(inner)
        def ours(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method not in METHODS:
                return HttpResponseNotAllowed(METHODS)
            acts, known = request.method == "POST", request.user.is_authenticated
            if acts and known and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return ours

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """The log's own pages stand before its tables."""
        from eventstore.admin.site import listed

        apps: Any = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "eventstore":
                app["models"] = [*listed(request), *app["models"]]
        return apps

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Who tries too often is told so in the form."""
        from eventstore.admin.entering import SignIn
        from eventstore.web import later

        self.login_form = SignIn
        response: Any = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        return later(getattr(form, "refusal", None), response)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Passwords are changed on the settings page, by a command."""
        raise Http404
