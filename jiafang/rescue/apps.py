from django.apps import AppConfig


class RescueConfig(AppConfig):
    name = "jiafang.rescue"
    label = "rescue"
