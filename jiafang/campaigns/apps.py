from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "jiafang.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        from django.core.checks import Tags, register

        from jiafang.campaigns import meeting, scope  # noqa: F401  # scope registers the rules
        from jiafang.campaigns.services import forget  # noqa: F401  # empties what names a home

        register(Tags.compatibility)(meeting.is_told_rightly)
