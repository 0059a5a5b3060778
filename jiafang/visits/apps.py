from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "jiafang.visits"
    label = "visits"

    def ready(self) -> None:
        from jiafang.visits import erasure, scope  # noqa: F401  # register their rules
