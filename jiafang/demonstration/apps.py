from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "jiafang.demonstration"
    label = "demonstration"
