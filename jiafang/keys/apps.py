from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "jiafang.keys"
    label = "keys"
