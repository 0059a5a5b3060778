from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "jiafang.organization"
    label = "organization"

    def ready(self) -> None:
        from jiafang.organization import erasure, scope  # noqa: F401  # register their rules
