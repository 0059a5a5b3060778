"""What a user prefers on every device."""

from jiafang.accounts.models import User


def choose_capacity(*, user_id: int, capacity_key: str) -> None:
    """Remember the capacity last acted in; which ones hold is evaluated at every request."""
    User.objects.filter(pk=user_id).update(capacity=capacity_key)
