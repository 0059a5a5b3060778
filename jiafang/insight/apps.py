from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "jiafang.insight"
    label = "insight"

    def ready(self) -> None:
        from jiafang.insight import scope  # noqa: F401  # registers the rules
