"""The code that an invented person's authenticator app would show; wired in only where JIAFANG_DEMONSTRATION is set."""

from allauth.mfa.models import Authenticator

from jiafang.accounts.models import UsedCode, User
from jiafang.accounts.services.second_factor import Type, code_at, current_steps, secret_of
from jiafang.demonstration.services.logins import LOGINS
from jiafang.organization.models import District


def code_to_show(user: User) -> str:
    """A code that is good now; empty for anybody who is not one of the invented accounts of a demonstration."""
    if user.username not in {login.username for login in LOGINS.values()}:
        return ""
    if not District.objects.filter(demonstration=True).exists():
        return ""
    app = Authenticator.objects.filter(user=user, type=Type.TOTP).first()
    if app is None:
        return ""
    steps = list(current_steps())
    used = set(UsedCode.objects.filter(user=user, step__in=steps).values_list("step", flat=True))
    return code_at(secret_of(app), next((step for step in steps if step not in used), steps[0]))
