"""The errors of the house; each becomes a page or a problem+json in one place (web/errors.py, api/errors.py)."""


class JiafangError(Exception):
    """Something a person can be told about, in words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputFault(JiafangError):
    """What was entered cannot be taken; `place` says where (a field, a cell, a path)."""

    def __init__(self, message: str, *, place: str = "") -> None:
        super().__init__(message)
        self.place = place


class NotAllowed(JiafangError):
    """The actor may not do this; shown as missing."""


class Conflict(JiafangError):
    """The state has moved on since it was read, or two things collide."""


class NotReady(JiafangError):
    """Something must be done first; the message says what."""
