"""The one way to an administrator: entrusted at the machine itself, never by an import."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, require
from jiafang.accounts.audit import record
from jiafang.accounts.models import User
from jiafang.common.clock import today
from jiafang.common.errors import Conflict, InputFault
from jiafang.organization.care_tag_kinds import ensure_care_tag_kinds
from jiafang.organization.models import Person, Post, holding
from jiafang.organization.pinyin import spell


def entrust_administration(*, by: Actor, username: str, password: str, name: str, staff_number: str = "") -> Person:
    """Give somebody of the bureau a sign-in and the post of administrator; without a staff number, a new person."""
    require(by, "administration.entrust")
    with actor_transaction(by):
        # A new district begins here: the roster that comes next finds the kinds that mean a visit at home.
        ensure_care_tag_kinds()
        user = User(username=username.strip())
        if not user.username or User.objects.filter(username=user.username).exists():
            raise Conflict(_("用户名为空或已被使用"))
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise InputFault(" ".join(error.messages), place="password") from error
        person = _of_the_bureau(staff_number) if staff_number else _new_person(name)
        if person.user is not None:
            raise Conflict(_("%(name)s 已经有登录账号") % {"name": person.name})
        user.set_password(password)
        user.save()
        person.user = user
        person.save(update_fields=["user"])
        post, created = Post.unscoped.get_or_create(
            person=person, kind=Post.Kind.ADMINISTRATOR, end=None, defaults={"start": today()}
        )
        record(by=by, action="administration.entrusted", of=post, user=user.pk, new=created)
        return person


def _of_the_bureau(staff_number: str) -> Person:
    post = (
        Post.unscoped.filter(holding(today()), kind=Post.Kind.EMPLOYEE, school=None, staff_number=staff_number)
        .select_related("person__user")
        .first()
    )
    if post is None:
        raise InputFault(_("区教育局没有工号 %(number)s") % {"number": staff_number}, place="staff_number")
    return post.person


def _new_person(name: str) -> Person:
    if not name.strip():
        raise InputFault(_("请填写姓名"), place="name")
    pinyin, initials = spell(name.strip())
    return Person.unscoped.create(name=name.strip(), pinyin=pinyin, initials=initials)
