from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    name = "jiafang.insight"
    label = "insight"

    def ready(self) -> None:
        from jiafang.insight import scope  # noqa: F401  # registers the rules
        from jiafang.notifications.kinds import declare

        declare("signs.waiting", _("有学生请您多看一眼"), lambda _pk: reverse("early_signs"))
