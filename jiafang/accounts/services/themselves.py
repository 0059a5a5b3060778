"""Who acts on the own account: known by the account only, in no capacity."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Themselves:
    user_id: int | None
    person_id: int = 0
    capacity_key: str = ""
