from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import checks, feed, projectors, sessions, telling  # noqa: F401
        from accounts.aggregates import user
        from eventstore.decider import deciders

        deciders.register(user, user.UserCommand)
