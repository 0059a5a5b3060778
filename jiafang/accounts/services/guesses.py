"""How often a secret may be guessed: per account and hour, whatever the address; a known device has its own share."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction

from jiafang.accounts.models import DeviceSession, Guesses, User
from jiafang.common.clock import now
from jiafang.keys.masters import keyed_hash

MOST_PER_HOUR = 20
HOUR = dt.timedelta(hours=1)
PASSWORD, SECOND_FACTOR, ACTIVATION = "password", "second_factor", "activation"

# One statement, so that a thousand guesses at once are counted one after another.
_SPEND = """
INSERT INTO accounts_guesses AS g (key, at) VALUES (%(key)s, ARRAY[%(now)s])
ON CONFLICT (key) DO UPDATE
SET at = ARRAY(SELECT t FROM unnest(g.at) t WHERE t > %(since)s) || %(now)s
WHERE (SELECT count(*) FROM unnest(g.at) t WHERE t > %(since)s) < %(most)s
"""


@dataclass(frozen=True)
class Guess:
    """A guess that may be made now; given back when it was right."""

    key: str
    at: dt.datetime

    def give_back(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_guesses SET at = array_remove(at, %s::timestamptz) WHERE key = %s", [self.at, self.key]
            )


def spend_guess(kind: str, *, username: str, device_token: str) -> Guess | None:
    """Count one guess before it is looked at; None when there were twenty within the hour.

    An account that does not exist is counted like one that does.
    """
    name = username.strip()
    # By the account itself, found as the sign-in finds it: another spelling of its name is no new account.
    account = User.objects.filter(username__iexact=name).values_list("pk", flat=True).first()
    known = DeviceSession.objects.filter(user_id=account or 0, device_hash=device_hash(device_token) or "-").exists()
    place = device_hash(device_token) if known else ""
    key, moment = keyed_hash(f"{kind}|{account or name.casefold()}|{place}", "guess"), now()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_SPEND, {"key": key, "now": moment, "since": moment - HOUR, "most": MOST_PER_HOUR})
        return Guess(key, moment) if cursor.rowcount else None


def device_hash(device_token: str) -> str:
    return keyed_hash(device_token, "device")


def forget_old_guesses() -> int:
    """Drop the counts that no longer matter."""
    return Guesses.objects.exclude(at__len=0).filter(at__0__lt=now() - 2 * HOUR).delete()[0]
