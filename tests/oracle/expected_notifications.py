"""What the pages of one's own notifications are expected to answer."""

from tests.oracle.expectation import EVERYBODY, POST, Expected, of
from tests.oracle.oracle import Oracle


def _told(oracle: Oracle, pk: int) -> bool:
    return oracle.was_told(oracle.world.told[pk])


NOTIFICATIONS = {
    "notifications": Expected(EVERYBODY),
    "notification_open": Expected(EVERYBODY, _told, of("notification"), POST),
    "notification_read": Expected(EVERYBODY, _told, of("notification"), POST),
    "notifications_read": Expected(EVERYBODY, methods=POST),
}
