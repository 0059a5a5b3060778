"""Destroying the keys of everything about somebody: what was sealed with them can never be read again."""

from collections.abc import Callable, Iterable

from jiafang.keys.datakeys import forget_keys
from jiafang.keys.models import DataKey

Subject = tuple[str, str]  # purpose of the key, whose key
Finder = Callable[[int], Iterable[Subject]]
_finders: dict[str, Finder] = {}


def keys_about_person(name: str) -> Callable[[Finder], Finder]:
    """Enter a function that tells under which keys texts about a person lie; it also removes what is found by hash."""

    def enter(finder: Finder) -> Finder:
        _finders[name] = finder
        return finder

    return enter


def destroy_keys_about(person_id: int) -> dict[str, int]:
    """Destroy every key under which something about the person lies; how many of each purpose.

    Call it inside a transaction. Rows are locked before keys, as everywhere.
    """
    subjects = sorted({subject for finder in _finders.values() for subject in finder(person_id)})
    destroyed: dict[str, int] = {}
    for purpose, subject in subjects:
        count = destroy_keys(purpose, [subject])
        if count:
            destroyed[purpose] = destroyed.get(purpose, 0) + count
    forget_keys()
    return destroyed


def destroy_keys(purpose: str, subjects: Iterable[str]) -> int:
    """Empty the keys of these subjects, retired ones as well; a mark stays that tells erased from lost."""
    keys = DataKey.objects.filter(purpose=purpose, subject__in=list(subjects)).exclude(state=DataKey.State.ERASED)
    ids = list(keys.order_by("pk").select_for_update().values_list("pk", flat=True))
    return DataKey.objects.filter(pk__in=ids).update(state=DataKey.State.ERASED, wrapped=b"", master="")
