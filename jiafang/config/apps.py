from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "jiafang.config"
    label = "config"

    def ready(self) -> None:
        from jiafang.config import wiring

        wiring.connect()
