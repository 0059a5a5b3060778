"""Posts by hand: who leads a class, who is paired with a school."""

import datetime as dt

from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.accounts.audit import record
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.organization.changes import PairingEnded, PostBegan, PostEnded, announce
from jiafang.organization.models import Pairing, Person, Post, School, SchoolClass, holding


def appoint_homeroom_teacher(*, by: Actor, school_class: SchoolClass, teacher: Person, on: dt.date) -> None:
    """Make a member of the school's staff the homeroom teacher; the one before keeps the history."""
    require(by, "people.correct")
    with actor_transaction(by):
        school_id = school_class.cohort.school_id
        staff = Post.unscoped.filter(holding(on), school_id=school_id, person=teacher)
        theirs = scope(by, SchoolClass).filter(pk=school_class.pk)
        if not (theirs.exists() and scope(by, Person, CHANGE).filter(pk=teacher.pk).exists()):
            raise NotAllowed("people.correct")
        claim(by, teacher, CHANGE)
        claim(by, school_class, CHANGE)
        if not staff.exists():
            raise InputFault(_("%(name)s 不是本校教职工") % {"name": teacher.name}, place="teacher")
        before = (
            Post.unscoped.select_for_update(of=("self",))
            .filter(kind=Post.Kind.HOMEROOM_TEACHER, school_class=school_class, end=None)
            .first()
        )
        if before is not None and before.person_id == teacher.pk:
            return
        changes: list[PostBegan | PostEnded] = []
        if before is not None:
            before.end = max(on, before.start)
            before.save(update_fields=["end"])
            changes.append(PostEnded(before.person_id, before.kind, school_id, school_class.pk, on))
        post = Post.unscoped.create(
            person=teacher,
            kind=Post.Kind.HOMEROOM_TEACHER,
            school_id=school_id,
            cohort=school_class.cohort,
            school_class=school_class,
            start=on,
        )
        changes.append(PostBegan(teacher.pk, post.kind, school_id, school_class.pk, on))
        announce(by, changes)
        record(by=by, action="homeroom.appointed", of=post, school_class=school_class.pk)


def pair(*, by: Actor, cadre: Person, school: School, on: dt.date) -> None:
    """Make a cadre answerable for a school."""
    require(by, "units.correct")
    with actor_transaction(by):
        claim(by, school, CHANGE)
        is_cadre = Post.unscoped.filter(
            holding(on), person=cadre, kind__in=[Post.Kind.CADRE, Post.Kind.DIRECTOR]
        ).exists()
        if not is_cadre:
            raise InputFault(_("%(name)s 不是局机关干部") % {"name": cadre.name}, place="cadre")
        pairing, created = Pairing.unscoped.get_or_create(cadre=cadre, school=school, end=None, defaults={"start": on})
        if created:
            record(by=by, action="pairing.began", of=pairing, school=school.pk)


def unpair(*, by: Actor, pairing: Pairing, on: dt.date) -> None:
    """End a pairing; its history stays."""
    require(by, "units.correct")
    with actor_transaction(by):
        claim(by, pairing, CHANGE)
        row = scope(by, Pairing, CHANGE).select_for_update(of=("self",)).filter(pk=pairing.pk, end=None).first()
        if row is None:
            raise NotAllowed("units.correct")
        row.end = max(on, row.start)
        row.save(update_fields=["end"])
        announce(by, [PairingEnded(row.cadre_id, row.school_id, on)])
        record(by=by, action="pairing.ended", of=row, school=row.school_id)
