"""Phones and computers that are signed in: opened, seen, ended."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from jiafang.accounts.audit import record
from jiafang.accounts.models import Activation, DeviceSession, User
from jiafang.accounts.services.guesses import device_hash
from jiafang.accounts.services.themselves import Themselves
from jiafang.accounts.standing import standing_of, still_stands
from jiafang.common.clock import now

SEEN_EVERY = dt.timedelta(hours=1)
IDLE = dt.timedelta(days=90)
IDLE_ABOVE_CLASS = dt.timedelta(hours=12)
IDLE_ABOVE_CLASS_WITH_PASSKEY = dt.timedelta(days=30)
PASSKEY = "webauthn"


def open_device(*, user: User, device_token: str, label: str, second_factor: str) -> DeviceSession:
    """Somebody has signed in on a device."""
    moment = now()
    with transaction.atomic():
        device = DeviceSession.objects.create(
            user=user,
            label=label,
            device_hash=device_hash(device_token),
            second_factor=second_factor,
            standing=standing_of(user.pk),
            created_at=moment,
            last_seen_at=moment,
        )
        record(by=Themselves(user.pk), action="sign_in", of=user, device=device.pk, second_factor=second_factor)
    return device


def idle_limit(device: DeviceSession, *, above_class: bool) -> dt.timedelta:
    """How long a device may lie unused before it has to sign in again."""
    if not above_class:
        return IDLE
    return IDLE_ABOVE_CLASS_WITH_PASSKEY if device.second_factor == PASSKEY else IDLE_ABOVE_CLASS


def see(device: DeviceSession, standing: list[str]) -> bool:
    """Note at most once an hour that the device is in use; whether it was noted now.

    What its owner has become since is noted at once: to lose that again ends the session as well.
    """
    moment = now()
    if device.last_seen_at >= moment - SEEN_EVERY and still_stands(standing, device.standing):
        return False
    still_open = DeviceSession.objects.filter(pk=device.pk, ended_at=None)
    return bool(still_open.update(last_seen_at=moment, standing=standing))


def open_devices(user_id: int) -> QuerySet[DeviceSession]:
    """Every device on which the account is signed in, the one used last first."""
    return DeviceSession.objects.filter(user_id=user_id, ended_at=None, last_seen_at__gt=now() - IDLE).order_by(
        "-last_seen_at", "-pk"
    )


def sign_out_device(*, device: DeviceSession) -> None:
    """The device itself has signed out; it stays known."""
    with transaction.atomic():
        if DeviceSession.objects.filter(pk=device.pk, ended_at=None).update(ended_at=now(), ended_why="sign_out"):
            record(by=Themselves(device.user_id), action="sign_out", of=device)


def note_failed_sign_in(*, username: str) -> None:
    """A wrong password for an account that exists leaves a trace."""
    user = User.objects.filter(username__iexact=username.strip()).first()
    if user is not None:
        with transaction.atomic():
            record(by=Themselves(None), action="sign_in.failed", of=user)


def end_device(*, device: DeviceSession, why: str) -> None:
    """The house ends a session; the device stays known."""
    with transaction.atomic():
        if DeviceSession.objects.filter(pk=device.pk, ended_at=None).update(ended_at=now(), ended_why=why):
            record(by=Themselves(device.user_id), action="device.ended", of=device, reason=why)


def throw_out(*, user_id: int, device_id: int | None = None, keep: int | None = None) -> int:
    """End one device of the account, or all but the one kept; they are strangers from now on."""
    rows = DeviceSession.objects.filter(user_id=user_id)
    rows = rows.filter(pk=device_id) if device_id is not None else rows.exclude(pk=keep or 0)
    with transaction.atomic():
        ended = [device.pk for device in rows.select_for_update().filter(ended_at=None)]
        tokens = list(rows.filter(pk__in=ended).exclude(device_hash="").values_list("device_hash", flat=True))
        kept = DeviceSession.objects.filter(pk=keep or 0).values_list("device_hash", flat=True)
        strangers = DeviceSession.objects.filter(user_id=user_id, device_hash__in=set(tokens) - set(kept))
        rows.filter(pk__in=ended).update(ended_at=now(), ended_why="thrown_out")
        strangers.update(device_hash="")
        for pk in ended:
            record(by=Themselves(user_id), action="device.thrown_out", of=DeviceSession(pk=pk))
    return len(ended)


def change_password(*, user: User, password: str, keep_device: int | None) -> None:
    """A new password ends everything that was opened with the old one, except the device on which it was typed."""
    with transaction.atomic(durable=True):
        user.set_password(password)
        user.save(update_fields=["password"])
        end_every_credential(user=user, why="password_changed", keep_device=keep_device)
        record(by=Themselves(user.pk), action="password.changed", of=user)


def end_every_credential(*, user: User, why: str, keep_device: int | None = None) -> None:
    """Sessions, calendar address and activation code of an account stop at once; call it inside a transaction.

    Every device but the one kept is a stranger from now on: whoever came in with the old secret on many devices must
    not guess the new one on each of them.
    """
    rows = DeviceSession.objects.filter(user=user)
    rows.filter(ended_at=None).exclude(pk=keep_device or 0).update(ended_at=now(), ended_why=why)
    kept = rows.filter(pk=keep_device or 0).values_list("device_hash", flat=True)
    rows.exclude(device_hash__in=list(kept)).update(device_hash="")
    Activation.objects.filter(user=user).delete()
    # Whatever the row in the hand says: an address may have been made since it was read.
    user.calendar_token = ""
    user.save(update_fields=["calendar_token"])
