"""The ground that an import of the demonstration's roster stands on: district, terms, villages, an administrator."""

import datetime as dt

from jiafang.access import Actor, actor_transaction, system
from jiafang.access.actor import ADMINISTRATOR
from jiafang.access.capacities import actors_of
from jiafang.accounts.audit import record
from jiafang.care.first_resources import ensure_resources
from jiafang.demonstration.model import DemoDistrict
from jiafang.demonstration.numbers import INVENTED_REGION
from jiafang.demonstration.places import CENTER
from jiafang.demonstration.services.logins import LOGINS, hashed_password, open_account
from jiafang.organization.care_tag_kinds import ensure_care_tag_kinds
from jiafang.organization.models import District, Person, Post, SchoolYear, Term, Village

ADMINISTRATOR_NAME = "演示管理员"
SETTING_UP = system("demonstration")
TERMS = (("第一学期", (0, 9, 1), (1, 1, 31)), ("第二学期", (1, 2, 1), (1, 7, 15)))


def settle(*, demo: DemoDistrict) -> Actor:
    """Found the district and its administrator, who can then import the roster; returns the administrator."""
    with actor_transaction(SETTING_UP):
        district = District.objects.create(
            code=INVENTED_REGION,
            name=demo.name,
            bureau_name=f"{demo.name}教育局",
            lat=CENTER[0],
            lon=CENTER[1],
            demonstration=True,
        )
        _terms(demo.school_year)
        Village.objects.bulk_create(
            Village(township=township.name, name=village.name, lat=village.lat, lon=village.lon)
            for township in demo.townships
            for village in township.villages
        )
        ensure_care_tag_kinds()
        ensure_resources()
        administrator = Person.unscoped.create(name=ADMINISTRATOR_NAME)
        Post.unscoped.create(person=administrator, kind=Post.Kind.ADMINISTRATOR, start=demo.today)
        user = open_account(person=administrator, login=LOGINS[ADMINISTRATOR], password=hashed_password())
        record(by=SETTING_UP, action="demonstration.settled", of=district)
    return next(actor for actor in actors_of(user.pk) if actor.kind == ADMINISTRATOR)


def _terms(first_year: int) -> None:
    year, _ = SchoolYear.objects.get_or_create(first_year=first_year)
    for name, (start_offset, *start), (end_offset, *end) in TERMS:
        Term.objects.get_or_create(
            year=year,
            name=name,
            defaults={
                "start": dt.date(first_year + start_offset, *start),
                "end": dt.date(first_year + end_offset, *end),
            },
        )
