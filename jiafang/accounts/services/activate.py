"""The first password of an account: somebody is handed a code, and sets a password of their own with it, once."""

import datetime as dt
import hmac
import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from jiafang.accounts.audit import record
from jiafang.accounts.models import Activation, User
from jiafang.common.clock import now
from jiafang.common.encrypted import keyed_hash
from jiafang.common.errors import InputFault

# Without the letters and digits that are mistaken for each other on paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10
VALID_FOR = dt.timedelta(days=30)
MOST_FAILURES = 10


def hand_out_code(*, user: User) -> str:
    """A new code for the account, which ends every code before it; call it inside a transaction."""
    code = "".join(secrets.choice(ALPHABET) for _position in range(CODE_LENGTH))
    Activation.objects.update_or_create(
        user=user,
        defaults={"code_hash": keyed_hash(code, "activation"), "expires_at": now() + VALID_FOR, "failures": 0},
    )
    return code


@dataclass(frozen=True)
class _Themselves:
    """Who activates: not signed in yet, so known by the account only."""

    user_id: int | None
    person_id: int = 0
    capacity_key: str = ""


def activate(*, username: str, code: str, password: str) -> User:
    """Set the first password; an unknown name, a wrong, used or expired code are told alike."""
    wrong = InputFault(_("用户名或激活码不对,或激活码已过期。请向学校要一个新的激活码。"), place="code")
    normalized = code.strip().upper().replace(" ", "").replace("-", "")
    with transaction.atomic(durable=True):
        held = (
            Activation.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(user__username=username.strip(), user__is_active=True)
            .first()
        )
        if held is None or held.expires_at < now() or held.failures >= MOST_FAILURES:
            raise wrong
        matches = hmac.compare_digest(held.code_hash, keyed_hash(normalized, "activation"))
        if matches:
            user = held.user
            try:
                validate_password(password, user)
            except ValidationError as error:
                raise InputFault(" ".join(error.messages), place="password") from error
            user.set_password(password)
            user.save(update_fields=["password"])
            held.delete()
            record(by=_Themselves(user.pk), action="account.activated", of=user)
            return user
        held.failures += 1
        held.save(update_fields=["failures"])
    raise wrong
