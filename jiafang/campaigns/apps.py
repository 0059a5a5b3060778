from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "jiafang.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        from jiafang.campaigns import scope  # noqa: F401  # registers the rules
