from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "jiafang.notifications"
    label = "notifications"

    def ready(self) -> None:
        from jiafang.notifications import scope  # noqa: F401  # registers the rules
        from jiafang.notifications.services import forget  # noqa: F401  # enters what goes with a person
