from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "jiafang.organization"
    label = "organization"

    def ready(self) -> None:
        from jiafang.organization import scope  # noqa: F401  # registers the rules
        from jiafang.organization.services import forget  # noqa: F401  # enters what goes with a person
