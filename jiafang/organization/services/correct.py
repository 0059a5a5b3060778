"""Correcting what the roster says of a person, a household, a school or a village, one at a time."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts.audit import record
from jiafang.common.errors import Conflict, InputFault, NotAllowed
from jiafang.keys.masters import keyed_hash
from jiafang.organization.changes import GuardianshipEnded, announce
from jiafang.organization.models import Guardianship, Household, Person, School, Village
from jiafang.organization.pinyin import spell


def correct_person(
    *, by: Actor, person: Person, name: str, sex: str, birth_date: dt.date | None, phone: str, has_smartphone: bool
) -> None:
    """Correct the plain facts of a person; the audit entry names the fields, not the values."""
    require(by, "people.correct")
    with actor_transaction(by):
        claim(by, person, CHANGE)
        row = scope(by, Person, CHANGE).select_for_update(of=("self",)).filter(pk=person.pk).first()
        if row is None:
            raise NotAllowed("people.correct")
        if not name.strip():
            raise InputFault(_("请填写姓名"), place="name")
        wanted = {
            "name": name.strip(),
            "sex": sex,
            "birth_date": birth_date,
            "phone": phone,
            "has_smartphone": has_smartphone,
        }
        changed = [field for field, value in wanted.items() if getattr(row, field) != value]
        if not changed:
            return
        for field in changed:
            setattr(row, field, wanted[field])
        row.pinyin, row.initials = spell(row.name)
        row.phone_hash = keyed_hash(row.phone, "phone")
        row.save()
        record(by=by, action="person.corrected", of=row, fields=changed)


def correct_household(
    *,
    by: Actor,
    household: Household,
    address: str,
    village: Village | None,
    lat: float | None,
    lon: float | None,
    preferred_times: str,
) -> None:
    """Correct where a household lives; a point is whole or missing."""
    require(by, "people.correct")
    if (lat is None) != (lon is None):
        raise InputFault(_("纬度和经度要一起填,或都不填"), place="lon" if lon is None else "lat")
    with actor_transaction(by):
        claim(by, household, CHANGE)
        row = scope(by, Household, CHANGE).select_for_update(of=("self",)).filter(pk=household.pk).first()
        if row is None:
            raise NotAllowed("people.correct")
        row.address, row.village, row.lat, row.lon = address.strip(), village, lat, lon
        row.address_hash = keyed_hash(row.address, "address")
        row.preferred_times = preferred_times.strip()
        row.save()
        record(by=by, action="household.corrected", of=row)


def revoke_guardianship(*, by: Actor, guardianship: Guardianship, on: dt.date) -> None:
    """End what a guardian may see and be told of a student; it holds from the next request on.

    No import gives the child back: only `restore_guardianship` does.
    """
    require(by, "people.correct")
    _of_somebody_else(by, guardianship)
    with actor_transaction(by):
        claim(by, guardianship, CHANGE)
        row = scope(by, Guardianship, CHANGE).select_for_update(of=("self",)).filter(pk=guardianship.pk).first()
        if row is None or row.revoked_on is not None:
            raise NotAllowed("people.correct")
        row.revoked_on = on
        row.is_primary = False
        row.save(update_fields=["revoked_on", "is_primary"])
        announce(by, [GuardianshipEnded(row.guardian_id, row.student_id, on)])
        record(by=by, action="guardianship.revoked", of=row, student=row.student_id, guardian=row.guardian_id)


def restore_guardianship(*, by: Actor, guardianship: Guardianship) -> None:
    """Give a guardian back what was revoked, unless the student has been given to them anew."""
    require(by, "guardianship.restore")
    _of_somebody_else(by, guardianship)
    with actor_transaction(by):
        claim(by, guardianship, CHANGE)
        row = scope(by, Guardianship, CHANGE).select_for_update(of=("self",)).filter(pk=guardianship.pk).first()
        if row is None or row.revoked_on is None:
            raise NotAllowed("guardianship.restore")
        same = Guardianship.unscoped.filter(guardian=row.guardian_id, student=row.student_id, revoked_on=None)
        if same.exists():
            raise Conflict(_("这位家长已经重新联系上这个孩子"))
        row.revoked_on = None
        row.save(update_fields=["revoked_on"])
        record(by=by, action="guardianship.restored", of=row, student=row.student_id, guardian=row.guardian_id)


def _of_somebody_else(by: Actor, guardianship: Guardianship) -> None:
    if guardianship.guardian_id == by.person_id:
        raise Conflict(_("自己和孩子的关系,请由别的有权更正的人来办"))


def correct_school(
    *,
    by: Actor,
    school: School,
    township: str,
    address: str,
    lat: float | None,
    lon: float | None,
    cohort_lead_label: str,
    homeroom_label: str,
) -> None:
    """Correct where a school is and what it calls its posts."""
    require(by, "units.correct")
    if (lat is None) != (lon is None):
        raise InputFault(_("纬度和经度要一起填,或都不填"), place="lon" if lon is None else "lat")
    with actor_transaction(by):
        claim(by, school, CHANGE)
        row = scope(by, School, CHANGE).select_for_update(of=("self",)).filter(pk=school.pk).first()
        if row is None:
            raise NotAllowed("units.correct")
        row.township, row.address, row.lat, row.lon = township.strip(), address.strip(), lat, lon
        row.cohort_lead_label = cohort_lead_label.strip() or row.cohort_lead_label
        row.homeroom_label = homeroom_label.strip() or row.homeroom_label
        row.save()
        record(by=by, action="school.corrected", of=row)


def set_village_point(*, by: Actor, village: Village, lat: float, lon: float) -> None:
    """Set where a village is, once for every household without a point of its own (WGS-84)."""
    require(by, "units.correct")
    with actor_transaction(by):
        row = Village.objects.select_for_update().get(pk=village.pk)
        row.lat, row.lon = lat, lon
        row.save(update_fields=["lat", "lon"])
        record(by=by, action="village.placed", of=row)
