"""The second thing to show at the door above class scope: a code of an app, a passkey, a code on paper.

The rows are allauth's (`Authenticator`), and so are passkeys and paper codes; the code of an app is checked here,
because one that has opened the door must open none again on whichever process it arrives.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction

from jiafang.accounts.audit import record
from jiafang.accounts.models import DeviceSession, UsedCode, User
from jiafang.accounts.services.activate import hand_out_code
from jiafang.accounts.services.devices import end_every_credential
from jiafang.accounts.services.themselves import Themselves
from jiafang.common.clock import now

Type = Authenticator.Type
FIRST_CLASS = (Type.TOTP, Type.WEBAUTHN)  # paper codes only stand in for one of these
SECONDS, DIGITS, SECRET_BYTES = 30, 6, 20
STEPS_AROUND = (0, -1, 1)  # phones whose clock is half a minute off


def has_second_factor(user_id: int) -> bool:
    return Authenticator.objects.filter(user_id=user_id, type__in=FIRST_CLASS).exists()


def types_of(user_id: int) -> set[str]:
    """Which kinds of second factor an account has, codes on paper included."""
    return set(Authenticator.objects.filter(user_id=user_id).values_list("type", flat=True))


def new_secret() -> str:
    """A secret for an authenticator app, in the letters that such apps take."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of one half minute."""
    # SHA-1 is what authenticator apps speak (RFC 6238); it is keyed here and short-lived.
    totp = TOTP(base64.b32decode(secret), DIGITS, SHA1(), SECONDS)  # noqa: S303
    return totp.generate(step * SECONDS).decode()


def current_steps() -> Iterator[int]:
    """The half minutes whose codes are taken now, the present one first."""
    here = int(time.time()) // SECONDS
    return (here + around for around in STEPS_AROUND)


def matching_step(secret: str, code: str) -> int | None:
    typed = code.encode()  # digits of a Chinese keyboard may be full-width
    return next((step for step in current_steps() if hmac.compare_digest(code_at(secret, step).encode(), typed)), None)


def address_for_app(*, username: str, secret: str, issuer: str) -> str:
    """What the square code says to the app."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?{query}"


def verify_code(*, user: User, code: str) -> Authenticator | None:
    """The factor that a typed code proves, used up by this; None for a wrong or used one. Count the guess before."""
    code = "".join(code.split()).replace("-", "")
    if not code.isascii() or not code.isdigit():
        return None
    with transaction.atomic(durable=True):
        of_user = {factor.type: factor for factor in Authenticator.objects.filter(user=user)}
        if len(code) == DIGITS:
            found = of_user.get(Type.TOTP)
            good = found is not None and _use_code(user, secret_of(found), code)
        else:
            found = of_user.get(Type.RECOVERY_CODES)
            good = found is not None and found.wrap().validate_code(code)
            if good:
                record(by=Themselves(user.pk), action="second_factor.paper_code_used", of=user)
    return found if good else None


def secret_of(totp: Authenticator) -> str:
    return str(get_adapter().decrypt(totp.data["secret"]))


def _use_code(user: User, secret: str, code: str) -> bool:
    step = matching_step(secret, code)
    return step is not None and use_step(user, step)


def use_step(user: User, step: int) -> bool:
    """Whether the code of this half minute had not been used before; it is now."""
    UsedCode.objects.filter(user=user, step__lt=min(current_steps())).delete()
    return UsedCode.objects.get_or_create(user=user, step=step)[1]


def set_up_app(*, user: User, secret: str, code: str, device: DeviceSession) -> list[str] | None:
    """Join an authenticator app that has shown a right code; the paper codes, when these are the first. None: wrong."""
    step = matching_step(secret, "".join(code.split()))
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        if step is None:
            return None
        keep_app(user=user, secret=secret)
        use_step(user, step)
        return _joined(user, Type.TOTP, device)


def keep_app(*, user: User, secret: str) -> None:
    """The one authenticator app of an account, its secret stored encrypted."""
    Authenticator.objects.filter(user=user, type=Type.TOTP).delete()
    UsedCode.objects.filter(user=user).delete()  # codes of another secret
    Authenticator.objects.create(user=user, type=Type.TOTP, data={"secret": get_adapter().encrypt(secret)})


def set_up_passkey(*, user: User, name: str, credential: dict[str, object], device: DeviceSession) -> list[str]:
    """Join a passkey whose answer was checked; the paper codes, when these are the first."""
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        Authenticator.objects.create(user=user, type=Type.WEBAUTHN, data={"name": name, "credential": credential})
        return _joined(user, Type.WEBAUTHN, device)


def _joined(user: User, kind: str, device: DeviceSession) -> list[str]:
    """The session that set it up has shown it; other sessions have not, and end."""
    device.second_factor = kind
    device.save(update_fields=["second_factor"])
    end_every_credential(user=user, why="second_factor_set", keep_device=device.pk)
    record(by=Themselves(user.pk), action="second_factor.set", of=user, kind=str(kind))
    if Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        return []
    return _new_paper_codes(user)


def renew_paper_codes(*, user: User) -> list[str]:
    """New codes on paper; the old ones end."""
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        if not has_second_factor(user.pk):
            return []
        Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
        record(by=Themselves(user.pk), action="second_factor.paper_codes_renewed", of=user)
        return _new_paper_codes(user)


def _new_paper_codes(user: User) -> list[str]:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def remove_factor(*, user: User, factor_id: int, must_keep_one: bool, device: DeviceSession) -> bool:
    """Take one factor away; whoever must have one keeps the last.

    It may be taken away because somebody else has it: sessions that were opened with its kind end, all but the present
    one, on which the owner has just confirmed (the view asks for it).
    """
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        held = {f.pk: f for f in Authenticator.objects.filter(user=user, type__in=FIRST_CLASS)}
        if factor_id not in held or (must_keep_one and len(held) == 1):
            return False
        removed = held.pop(factor_id)
        removed.delete()
        sessions = DeviceSession.objects.filter(user=user, ended_at=None)
        opened_with_it = sessions.filter(second_factor=removed.type) if held else sessions.exclude(second_factor="")
        opened_with_it.exclude(pk=device.pk).update(ended_at=now(), ended_why="second_factor_removed")
        if not held:
            Authenticator.objects.filter(user=user).delete()
            # Whoever comes to answer for more than a class later sets one up, also where this one was shown.
            DeviceSession.objects.filter(user=user).update(second_factor="")
        elif removed.type == Type.WEBAUTHN and all(factor.type != Type.WEBAUTHN for factor in held.values()):
            # What may lie unused for as long as only a passkey allows may do so no more.
            DeviceSession.objects.filter(pk=device.pk, second_factor=Type.WEBAUTHN).update(second_factor=Type.TOTP)
        record(by=Themselves(user.pk), action="second_factor.removed", of=user, kind=removed.type)
    return True


def reset_second_factor(*, user: User) -> str:
    """A lost phone: every factor, password and session ends; the code returned, handed over on paper, begins anew.

    The old password must not open an account that has just lost its second factor. Call it inside a transaction.
    """
    Authenticator.objects.filter(user=user).delete()
    end_every_credential(user=user, why="second_factor_reset")
    DeviceSession.objects.filter(user=user).update(device_hash="")
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return hand_out_code(user=user)
