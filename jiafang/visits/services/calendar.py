"""The private address of a calendar feed: given once, kept as a hash, ended at will."""

import secrets

from jiafang.access import Actor, actor_transaction
from jiafang.accounts import audit
from jiafang.accounts.models import User
from jiafang.accounts.standing import standing_of
from jiafang.common.errors import NotAllowed
from jiafang.keys.masters import keyed_hash

PURPOSE = "calendar"


def issue_calendar_token(*, by: Actor) -> str:
    """A new token; the address used until now stops at once."""
    token = secrets.token_urlsafe(24)
    _keep(by, keyed_hash(token, PURPOSE), "calendar.issue")
    return token


def revoke_calendar_token(*, by: Actor) -> None:
    """The address stops at once."""
    _keep(by, "", "calendar.revoke")


def _keep(by: Actor, kept: str, action: str) -> None:
    if by.user_id is None:
        raise NotAllowed(action)
    with actor_transaction(by):
        user = User.objects.select_for_update().get(pk=by.user_id)
        user.calendar_token = kept
        user.calendar_standing = standing_of(user.pk)
        user.save(update_fields=["calendar_token", "calendar_standing"])
        audit.record(by=by, action=action, of=user)


def user_of_token(token: str) -> User | None:
    """Whose feed this is, if the account still opens."""
    return User.objects.filter(calendar_token=keyed_hash(token, PURPOSE), is_active=True).first() if token else None


def has_calendar(actor: Actor) -> bool:
    """Whether an address is out."""
    return actor.user_id is not None and User.objects.filter(pk=actor.user_id).exclude(calendar_token="").exists()
