"""What a user prefers on a device that signs in anew."""

from jiafang.accounts.models import User


def choose_capacity(*, user_id: int, capacity_key: str) -> None:
    """Remember the capacity chosen last: the next sign-in begins in it. Each request asks which ones hold."""
    User.objects.filter(pk=user_id).update(capacity=capacity_key)
