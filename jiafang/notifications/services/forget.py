"""What somebody who is erased was told to look at."""

from collections.abc import Iterable

from jiafang.keys.erasure import Subject, keys_about_person
from jiafang.notifications.models import Notification


@keys_about_person("notifications")
def keys_of_notifications(person_id: int) -> Iterable[Subject]:
    """Their own ones; those of others about them hold nothing but a code and a place."""
    Notification.unscoped.filter(person_id=person_id).delete()
    return ()
