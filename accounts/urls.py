"""The addresses of accounts."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("login", views.sign_in, name="login"),
    path("register", views.sign_up, name="register"),
    path("logout", views.sign_out, name="logout"),
    path("settings", views.settings, name="settings"),
    path("settings/tokens/<uuid:token_id>/revoke", views.revoke_token, name="revoke-token"),
]
