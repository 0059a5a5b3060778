"""Opening accounts: who may sign in, and the code with which each sets a first password."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jiafang.access import CHANGE, Actor, actor_transaction, claim, require, scope
from jiafang.access.actor import ADMINISTRATOR, SYSTEM
from jiafang.accounts.audit import record
from jiafang.accounts.models import User
from jiafang.accounts.services.activate import hand_out_code
from jiafang.accounts.services.devices import end_every_credential
from jiafang.accounts.services.second_factor import reset_second_factor
from jiafang.common.clock import today
from jiafang.common.errors import NotAllowed, NotReady
from jiafang.organization.changes import CodeHandedOut, announce
from jiafang.organization.models import Enrollment, Guardianship, Person, Post, holding

# Those who lead a school, and the counselor, to whom cases are referred that its leaders need not read.
_NOT_THE_SCHOOLS_TO_TOUCH = (
    Post.Kind.PRINCIPAL,
    Post.Kind.DEPUTY_PRINCIPAL,
    Post.Kind.MORAL_DEPUTY,
    Post.Kind.COUNSELOR,
)


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """What is handed to a person on paper; the code is shown this once and kept nowhere."""

    name: str
    username: str
    code: str


def open_accounts(*, by: Actor, people: Sequence[Person], renew: bool = False) -> list[OpenedAccount]:
    """Open an account for each person without one; with `renew`, those with one get a new code as well.

    With a new code its owner opens a closed account again, unless the person has left.
    The user name is the mobile number where there is one that nobody else signs in with, else `j` and a number.
    """
    require(by, "accounts.open")
    with actor_transaction(by):
        claim(by, people, CHANGE)
        rows = list(
            scope(by, Person, CHANGE)
            .select_for_update(of=("self",))
            .select_related("user")
            .filter(pk__in=[p.pk for p in people], deceased=False)
            .order_by("pinyin", "pk")
        )
        if len(rows) != len({p.pk for p in people}):
            raise NotAllowed("accounts.open")
        _require_not_above(by, rows)
        phones = [p.phone for p in rows if p.phone]
        taken = set(User.objects.filter(username__in=phones).values_list("username", flat=True))
        opened = []
        _tell_of_codes(by, [person for person in rows if person.user is not None and renew])
        for person in rows:
            if person.user is not None and not renew:
                continue
            if person.user is None:
                username = person.phone if person.phone and person.phone not in taken else f"j{person.pk}"
                taken.add(username)
                person.user = User.objects.create_user(username=username)
                person.save(update_fields=["user"])
            elif not person.user.is_active:
                _require_not_left(person)
            opened.append(OpenedAccount(person.name, person.user.username, hand_out_code(user=person.user)))
            record(by=by, action="account.opened", of=person.user, person=person.pk)
        return opened


def people_above(by: Actor) -> QuerySet[Post, Any]:
    """The ids of people whose sign-in a school may not touch: they lead it, counsel there, or answer to others as well.

    Whoever holds a code can act as the person: the principal of a cadre's child must not become that cadre.
    """
    elsewhere = ~Q(school_id=by.school_id) | Q(school=None) | Q(kind__in=_NOT_THE_SCHOOLS_TO_TOUCH)
    return Post.unscoped.filter(elsewhere, holding(today())).values("person_id")


def _require_not_above(by: Actor, people: Sequence[Person]) -> None:
    if by.kind in (ADMINISTRATOR, SYSTEM):
        return
    if people_above(by).filter(person__in=people).exists():
        raise NotReady(_("其中有校领导、心理教师、局里的人或在别的学校任职的人,请由教育局管理员办理。"))
    if _with_a_child_elsewhere(by, [person for person in people if person.user_id]).exists():
        raise NotReady(_("这位家长还有孩子在别的学校,请由教育局管理员办理。"))


def _tell_of_codes(by: Actor, people: Sequence[Person]) -> None:
    """What somebody keeps from their school must not be opened with the code that the school hands out."""
    if by.capacity.school_id is not None:
        announce(by, [CodeHandedOut(person.pk) for person in people])


def _require_not_left(person: Person) -> None:
    """A closed account opens again for who has something to do here: a post today, or a child."""
    posts = Post.unscoped.filter(holding(today()), person=person)
    wards = Guardianship.unscoped.filter(guardian=person, revoked_on=None, may_see=True)
    if person.erased_on is not None or not (posts.exists() or wards.exists()):
        raise NotReady(
            _("%(name)s 已经离开:现在没有职务,也不是哪个孩子的家长。停用的账号不再启用。") % {"name": person.name}
        )


def _with_a_child_elsewhere(by: Actor, people: Sequence[Person]) -> QuerySet[Guardianship, Any]:
    """Guardianships of children at other schools: the account that shows them is not this school's to take over."""
    enrolled = Enrollment.unscoped.filter(holding(today())).exclude(school_class__cohort__school_id=by.school_id)
    held = Guardianship.unscoped.filter(guardian__in=people, revoked_on=None, may_see=True)
    return held.filter(student_id__in=enrolled.values("student_id"))


def close_account(*, by: Actor, person: Person) -> None:
    """Stop a person's sign-in at once; posts and records stay as they are."""
    require(by, "accounts.open")
    with actor_transaction(by):
        claim(by, person, CHANGE)
        row = scope(by, Person, CHANGE).select_related("user").filter(pk=person.pk, user__isnull=False).first()
        if row is None or row.user is None:
            raise NotAllowed("accounts.open")
        _require_not_above(by, [row])
        row.user.is_active = False
        row.user.set_unusable_password()
        row.user.save(update_fields=["is_active", "password"])
        end_every_credential(user=row.user, why="account_closed")
        record(by=by, action="account.closed", of=row.user, person=row.pk)


def reset_sign_in(*, by: Actor, person: Person) -> OpenedAccount:
    """A lost phone: password, second factor and sessions end, and a code on paper begins anew; not for oneself."""
    require(by, "accounts.open")
    with actor_transaction(by):
        # Whether somebody is above is asked of posts that the actor may not see.
        claim(by, person, CHANGE)
        row = scope(by, Person, CHANGE).select_related("user").filter(pk=person.pk, user__is_active=True).first()
        if row is None or row.user is None:
            raise NotAllowed("accounts.open")
        if row.pk == by.person_id:
            raise NotReady(_("不能给自己重设,请找另一位管理员办理。"))
        _require_not_above(by, [row])
        _tell_of_codes(by, [row])
        code = reset_second_factor(user=row.user)
        record(by=by, action="second_factor.reset", of=row.user, person=row.pk)
        return OpenedAccount(row.name, row.user.username, code)
