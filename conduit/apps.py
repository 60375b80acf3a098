from django.apps import AppConfig


class ConduitConfig(AppConfig):
    name = "conduit"

    def ready(self) -> None:
        from conduit import told  # noqa: F401 - it listens to what the engine tells
