from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "jiafang.visits"
    label = "visits"

    def ready(self) -> None:
        from jiafang.visits import scope  # noqa: F401  # registers the rules
        from jiafang.visits.services import forget  # noqa: F401  # enters what goes with a person
