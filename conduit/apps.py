from django.apps import AppConfig


class ConduitConfig(AppConfig):
    name = "conduit"

    def ready(self) -> None:
        from conduit import checks, told  # noqa: F401 - one is asked, one listens to what the engine tells
