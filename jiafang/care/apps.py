from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "jiafang.care"
    label = "care"

    def ready(self) -> None:
        from jiafang.care import notices, scope  # noqa: F401  # scope registers the rules
        from jiafang.care.services import forget  # noqa: F401  # tells the keys about a person

        notices.connect()
