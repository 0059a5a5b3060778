"""Erasing a person: the keys of everything about them are destroyed, and with them every text (backups: ADR 0013)."""

from jiafang.access import Actor, actor_transaction, require, system
from jiafang.accounts.audit import record
from jiafang.accounts.services.forget import forget_account
from jiafang.common.errors import NotAllowed
from jiafang.keys.erasure import destroy_keys_about
from jiafang.organization.models import Person


def erase_person(*, by: Actor, person_id: int) -> dict[str, int]:
    """Erase for ever what is known of a person; how many keys of each kind were destroyed."""
    require(by, "people.erase")
    # An administrator reads no records, yet those about the person go too: the house does it, in their name.
    with actor_transaction(system("erasure")):
        person = Person.unscoped.select_related("user").select_for_update(of=("self",)).filter(pk=person_id).first()
        if person is None or person.erased_on is not None:
            raise NotAllowed("people.erase")
        if person.user is not None:
            forget_account(user=person.user, username=f"erased-{person.pk}")
        destroyed = destroy_keys_about(person.pk)
        record(by=by, action="person.erased", of=person, keys=destroyed)
    return destroyed
