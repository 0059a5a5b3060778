"""Who may sign in, and what everybody did."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A sign-in. What it may do hangs on the person's posts and guardianships, never on the account."""

    username = models.CharField(_("用户名"), max_length=64, unique=True)
    is_active = models.BooleanField(_("可登录"), default=True)
    capacity = models.CharField(_("上次使用的身份"), max_length=64, blank=True)
    calendar_token = models.CharField(_("日历订阅口令"), max_length=64, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar_token"], condition=~models.Q(calendar_token=""), name="user_calendar_token_unique"
            )
        ]

    def __str__(self) -> str:
        return self.username


class Activation(models.Model):
    """A code with which somebody sets the first password of an account, once."""

    user = models.OneToOneField(User, models.CASCADE, related_name="activation")
    code_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"activation of {self.user_id}"


class AuditEntry(models.Model):
    """Who did or read what, why and when: ids only, no text of the record. Insert-only for the application."""

    at = models.DateTimeField(auto_now_add=True)
    user_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    capacity = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    why = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["object_kind", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_kind} {self.object_id}"
