from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    name = "jiafang.config"
    label = "config"

    def ready(self) -> None:
        from jiafang.access import fence
        from jiafang.accounts.audit.rights import settle_rights
        from jiafang.config import wiring

        wiring.connect()
        post_migrate.connect(settle_rights, sender=apps.get_app_config("accounts"))
        # The signal of the last app that has tables: by then every table is there.
        post_migrate.connect(fence.install, sender=[app for app in apps.get_app_configs() if app.models_module][-1])
