"""Sign-in as the house wants it: accounts are given out, guesses are counted, secrets are stored encrypted."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jiafang.accounts.models import User
from jiafang.accounts.services.devices import change_password, note_failed_sign_in
from jiafang.accounts.services.guesses import PASSWORD, Guess, spend_guess
from jiafang.keys.secrets import seal, unseal
from jiafang.web.accounts.signed_in import DEVICE, device_token

SEALED_AS = "second-factor"
HALF_OPEN = "half_open"  # in the session: under which password a sign-in has begun


def too_many() -> ValidationError:
    return ValidationError(_("试的次数太多了,请一小时以后再试。用过这个账号的手机和电脑不受影响。"))


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **more: Any
    ) -> None:
        if message_template != "account/messages/logged_in.txt":  # that can be seen
            super().add_message(request, level, message_template, *args, **more)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        username = str(credentials.get("username", ""))
        guess: Guess | None = spend_guess(PASSWORD, username=username, device_token=device_token(request))
        if guess is None:
            raise too_many()
        user = super().authenticate(request, **credentials)
        if user is None:
            note_failed_sign_in(username=username)
        else:
            guess.give_back()
        return user

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        request.session[HALF_OPEN] = user.get_session_auth_hash()
        response: HttpResponse | None = super().pre_login(request, user, **more)
        return response

    def set_password(self, user: User, password: str) -> None:
        """A new password ends everything that was opened with the old one, except where it was typed."""
        change_password(user=user, password=password, keep_device=self.request.session.get(DEVICE))


class SecondFactorAdapter(DefaultMFAAdapter):
    def get_totp_issuer(self) -> str:
        return _("佳访")

    def _get_site_name(self) -> str:
        return _("佳访")

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text.encode(), SEALED_AS)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text), SEALED_AS).decode()
