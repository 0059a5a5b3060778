from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "jiafang.retention"
    label = "retention"

    def ready(self) -> None:
        from jiafang.retention import scope  # noqa: F401
