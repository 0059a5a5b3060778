from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "jiafang.accounts"
    label = "accounts"

    def ready(self) -> None:
        from jiafang.accounts.audit import checks

        checks.register_all()
