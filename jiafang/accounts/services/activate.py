"""The first password of an account: somebody is handed a code, and sets a password of their own with it, once."""

import datetime as dt
import hmac
import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from jiafang.accounts.audit import record
from jiafang.accounts.models import Activation, User
from jiafang.accounts.services.devices import end_every_credential
from jiafang.accounts.services.guesses import ACTIVATION, spend_guess
from jiafang.accounts.services.themselves import Themselves
from jiafang.accounts.standing import standing_of, still_stands
from jiafang.common.clock import now
from jiafang.common.errors import InputFault
from jiafang.keys.masters import keyed_hash

# Without the letters and digits that are mistaken for each other on paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10
VALID_FOR = dt.timedelta(days=30)


def hand_out_code(*, user: User) -> str:
    """A new code for the account, which ends every code before it; call it inside a transaction."""
    code = "".join(secrets.choice(ALPHABET) for _position in range(CODE_LENGTH))
    Activation.objects.update_or_create(
        user=user,
        defaults={
            "code_hash": keyed_hash(code, "activation"),
            "expires_at": now() + VALID_FOR,
            "standing": standing_of(user.pk),
        },
    )
    return code


def waits_to_reopen(user: User | None) -> bool:
    """Whether a closed account has a code out with which its owner opens it again."""
    return user is not None and not user.is_active and Activation.objects.filter(user=user).exists()


def activate(*, username: str, code: str, password: str, device_token: str = "") -> User:
    """Set the first password; an unknown name, a wrong, used or expired code are told alike.

    A closed account is open again with it: closing ended every code, so this one was handed out since. This signs
    nobody in: the door does, which asks for the second factor where there is one.
    """
    wrong = InputFault(_("用户名或激活码不对,或激活码已过期。请向学校要一个新的激活码。"), place="code")
    normalized = code.strip().upper().replace(" ", "").replace("-", "")
    guess = spend_guess(ACTIVATION, username=username, device_token=device_token)
    if guess is None:
        raise InputFault(_("试的次数太多了,请一小时以后再试。"), place="code")
    with transaction.atomic(durable=True):
        held = (
            Activation.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(user__username=username.strip())
            .first()
        )
        if held is None or held.expires_at < now():
            raise wrong
        if not hmac.compare_digest(held.code_hash, keyed_hash(normalized, "activation")):
            raise wrong
        if not still_stands(held.standing, standing_of(held.user_id)):
            raise wrong
        user = held.user
        try:
            validate_password(password, user)
        except ValidationError as error:
            guess.give_back()
            raise InputFault(" ".join(error.messages), place="password") from error
        reopened = not user.is_active
        user.is_active = True
        user.set_password(password)
        user.save(update_fields=["is_active", "password"])
        end_every_credential(user=user, why="password_changed")
        record(by=Themselves(user.pk), action="account.activated", of=user, reopened=reopened)
    guess.give_back()
    return user
