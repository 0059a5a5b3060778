from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "jiafang.accounts"
    label = "accounts"

    def ready(self) -> None:
        from jiafang.accounts.audit.rights import settle_rights

        post_migrate.connect(settle_rights, sender=self)
