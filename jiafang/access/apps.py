from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "jiafang.access"
    label = "access"
