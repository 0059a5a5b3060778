"""The base of every row that not everybody may see."""

from django.db import models


class Scoped(models.Model):
    """A model read through `access.scope`; its only manager is named so that going around the gate shows."""

    unscoped = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"
        default_manager_name = "unscoped"
