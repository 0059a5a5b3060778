"""The account of somebody who is erased."""

from allauth.mfa.models import Authenticator

from jiafang.accounts.models import DeviceSession, User
from jiafang.accounts.services.devices import end_every_credential


def forget_account(*, user: User, username: str) -> None:
    """Nobody signs in with it any more, and neither it nor its devices tell whose it was; inside a transaction."""
    end_every_credential(user=user, why="erased")
    Authenticator.objects.filter(user=user).delete()
    DeviceSession.objects.filter(user=user).update(label="", device_hash="")
    user.is_active = False
    user.username = username
    user.set_unusable_password()
    user.save(update_fields=["is_active", "username", "password"])
