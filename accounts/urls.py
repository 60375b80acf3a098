"""The addresses of accounts."""

from django.urls import path

from accounts.views import entering, forgotten, settings

urlpatterns = [
    path("login", entering.sign_in, name="login"),
    path("register", entering.sign_up, name="register"),
    path("logout", entering.sign_out, name="logout"),
    path("password-reset", forgotten.ask, name="password-reset"),
    path("password-reset/sent", forgotten.asked, name="password-reset-sent"),
    path("password-reset/link", forgotten.follow, name="password-reset-link"),
    path("password-reset/new", forgotten.set_new, name="password-reset-new"),
    path("settings", settings.settings, name="settings"),
    path("settings/sessions/<uuid:session_id>/end", settings.end_session, name="end-session"),
    path("settings/sessions/end-others", settings.end_others, name="end-others"),
    path("settings/tokens/<uuid:token_id>/revoke", settings.revoke_token, name="revoke-token"),
    path("settings/tokens/revoke", settings.revoke_tokens, name="revoke-tokens"),
    path("settings/close", settings.close_account, name="close-account"),
]
