"""Where everything is: the contexts' pages, the admin, and a page for what is nowhere."""

from django.contrib import admin
from django.urls import include, path

from conduit import feed, pages
from conduit.api import api
from conduit.live import asking

urlpatterns = [
    path("live", asking.ask, name="live"),
    path("api/events", feed.events),
    path("api/", api.urls),
    path("", include("accounts.urls")),
    path("", include("blog.urls")),
    path("admin/", admin.site.urls),
    path("<path:nowhere>", pages.nowhere),
]

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler500 = pages.broken
