"""Who may sign in, and what everybody did."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
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
    calendar_standing = ArrayField(models.CharField(max_length=80), default=list, blank=True)

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
    standing = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    def __str__(self) -> str:
        return f"activation of {self.user_id}"


class DeviceSession(models.Model):
    """One signed-in phone or computer; the session names this row, and is dead when the row has ended.

    `standing` is what the person was when it was opened (see accounts/standing.py); `device_hash` is what the
    device is recognized by at the next sign-in, empty once its owner has thrown it out.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    label = models.CharField(max_length=80)
    device_hash = models.CharField(max_length=64, blank=True)
    second_factor = models.CharField(max_length=20, blank=True)
    standing = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "device_hash"], name="device_of_user")]

    def __str__(self) -> str:
        return f"{self.label} of {self.user_id}"


class Guesses(models.Model):
    """When somebody last tried to guess one secret of one account from one kind of device."""

    key = models.CharField(max_length=64, primary_key=True)
    at = ArrayField(models.DateTimeField())

    def __str__(self) -> str:
        return f"{len(self.at)} guesses"


class UsedCode(models.Model):
    """A code of an authenticator app that has opened the door, so that it opens none again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="used_codes")
    step = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "step"], name="a_code_is_used_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.step}"


class AuditEntry(models.Model):
    """Who did or read what, why and when: ids only, no text of the record. Insert-only for the application.

    `subjects` are the persons it is about; the seal is made with a key that the database does not have.
    """

    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    capacity = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    why = models.CharField(max_length=200, blank=True)
    subjects = ArrayField(models.BigIntegerField(), default=list)
    details = models.JSONField(default=dict)
    seal = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="audit_object"),
            GinIndex(fields=["subjects"], name="audit_subjects"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_kind} {self.object_id}"


class AuditLink(models.Model):
    """One entry's place in the chain; written by the sequencer alone, under a role of its own."""

    sequence = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.sequence}: entry {self.entry_id}"
