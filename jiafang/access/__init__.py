"""The mechanism of who sees and may do what; it knows no domain word."""

from jiafang.access.actor import Actor, Capacity, system
from jiafang.access.permissions import allow, may, require
from jiafang.access.registry import CHANGE, VIEW, everything, register, scope
from jiafang.access.transaction import actor_transaction, claim, enter, reading, savepoint

__all__ = [
    "CHANGE",
    "VIEW",
    "Actor",
    "Capacity",
    "actor_transaction",
    "allow",
    "claim",
    "enter",
    "everything",
    "may",
    "reading",
    "register",
    "require",
    "savepoint",
    "scope",
    "system",
]
