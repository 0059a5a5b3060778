"""How long things are kept: the whole list, as data.

Duties, their states and the sums of coverage are kept for good, so are audit entries, whose chain would break; neither
holds a text. Mandatory reports are kept as evidence and counted nowhere, by no rule of this list either: its runs tell
how many rows there are. Whoever still goes to a school of the district is no graduate, whichever school it is.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from jiafang.access.models import Grant
from jiafang.accounts.models import Activation, DeviceSession, User
from jiafang.campaigns.models import Appointment, Duty, FamilyWindow, PlanRun, Tier
from jiafang.care.models import CaseAction, CaseFile, CaseStep, Measure, Message, Progress, Referral, SubjectKind
from jiafang.common.clock import today
from jiafang.notifications.models import Notification
from jiafang.organization.models import (
    CareTag,
    CorrectionRequest,
    Enrollment,
    Guardianship,
    Post,
    RosterFile,
    RosterImport,
)
from jiafang.visits.models import Attachment, HeldItem, ItemKind, Note, RaisedConcern, Receipt, Visit
from jiafang.visits.services.hold import WAITING

AFTER_LEAVING = dt.timedelta(days=365)
ATTACHMENTS = dt.timedelta(days=365)
SETTLED_UPLOADS = dt.timedelta(days=30)
UPLOADS_OF_NOBODY = dt.timedelta(days=730)
ROSTER_FILES = dt.timedelta(days=7)
ROSTER_OPEN = dt.timedelta(days=30)
PLAN_LOGS = dt.timedelta(days=30)
ENDED_DEVICES = dt.timedelta(days=90)
UNUSED_DEVICES = dt.timedelta(days=730)
GRANTS = dt.timedelta(days=30)
READ_NOTIFICATIONS = dt.timedelta(days=180)

_ENDED_IMPORTS = (RosterImport.State.COMMITTED, RosterImport.State.ABANDONED)
_EMPTY_IMPORT = {"preview": {}, "plan": b"", "options": {}}
_TELLS_NAMES = ~Q(preview=b"") | ~Q(plan=b"") | ~Q(options={})

Rows = QuerySet[Any, Any]


@dataclass(frozen=True)
class Rule:
    """Rows of one kind that are due at a moment, and what becomes of them: gone, or emptied of these fields.

    `before` is told their keys: what else has to be so once they are gone.
    """

    code: str
    what: Any
    how_long: Any
    rows: Callable[[], Rows]
    due: Callable[[Rows, dt.datetime], Rows]
    emptied: Mapping[str, Any] = field(default_factory=dict)
    before: Callable[[list[Any]], object] | None = None


def _gone_students(now: dt.datetime) -> Rows:
    """Students whose last enrollment in the district ended so long ago."""
    limit = today() - AFTER_LEAVING
    still = Enrollment.unscoped.filter(Q(end=None) | Q(end__gt=limit), student_id=OuterRef("student_id"))
    return Enrollment.unscoped.filter(~Exists(still)).values("student_id")


def _about_gone_alone(rows: Rows, now: dt.datetime, duties: str = "duties") -> Rows:
    """Rows about students who have all gone; one that is also about somebody else stays."""
    gone = _gone_students(now)
    about = rows.model._meta.get_field(duties).remote_field.through._default_manager
    to_row = f"{rows.model._meta.model_name}_id"
    others = about.filter(**{to_row: OuterRef("pk")}).exclude(duty__person_id__in=gone)
    somebody = about.filter(**{to_row: OuterRef("pk")})
    # A teacher may have been a student here once.
    return rows.filter(Exists(somebody), ~Exists(others), campaign__tier=Tier.TEACHER_FAMILY)


def _answers(rows: Rows, now: dt.datetime) -> Rows:
    told = ~Q(place="") | Q(lat__isnull=False) | Q(answered_at__isnull=False)
    return _about_gone_alone(rows.filter(told), now)


def _over(now: dt.datetime) -> Q:
    states = RosterImport.State
    return Q(state__in=(states.COMMITTED, states.ABANDONED), finished_at__lt=now - ROSTER_FILES)


def _left_lying(now: dt.datetime) -> Q:
    states = RosterImport.State
    return Q(state__in=(states.FAILED, states.PREVIEWED, states.MAPPING), created_at__lt=now - ROSTER_OPEN)


def _files_of_ended(rows: Rows, now: dt.datetime) -> Rows:
    ended = RosterImport.unscoped.filter(_over(now) | _left_lying(now))
    return rows.filter(roster_import_id__in=ended.values("pk"))


def _useless_calendars(rows: Rows, now: dt.datetime) -> Rows:
    """Of accounts that are closed, or whose person holds no post and no guardianship any more."""
    day = today()
    posts = Post.unscoped.filter(Q(end=None) | Q(end__gt=day), person__user_id=OuterRef("pk"))
    wards = Guardianship.unscoped.filter(guardian__user_id=OuterRef("pk"), revoked_on=None)
    return rows.filter(Q(is_active=False) | (~Exists(posts) & ~Exists(wards)))


def _about_each(rows: Rows, now: dt.datetime) -> Rows:
    """Of a record about brothers and sisters what was written about one of them alone."""
    of_families = rows.filter(visit__campaign__tier=Tier.TEACHER_FAMILY)
    return of_families.filter(person_id__in=_gone_students(now))


def _waiting_for_nobody(rows: Rows, now: dt.datetime) -> Rows:
    """What phones sent and nobody has settled: a file as old as files get, or about students who have all gone."""
    of_gone = Duty.unscoped.filter(campaign__tier=Tier.TEACHER_FAMILY, person_id__in=_gone_students(now))
    known = Duty.unscoped.all()
    return rows.filter(
        Q(kind=ItemKind.FILE, held_at__lt=now - ATTACHMENTS)
        | Q(duty_ids__len__gt=0, duty_ids__contained_by=ArraySubquery(of_gone.values("pk")))
        | Q(~Q(duty_ids__overlap=ArraySubquery(known.values("pk"))), held_at__lt=now - UPLOADS_OF_NOBODY)
    )


def _held_no_more(keys: list[Any]) -> object:
    """The phone that sent it is told that nobody waits for it any more."""
    return Receipt.unscoped.filter(held_item__in=keys).update(held=False)


def _of_cases_of_gone(rows: Rows, now: dt.datetime) -> Rows:
    """What belongs to cases about students who have gone; that there was a case stays, as a number."""
    return rows.filter(case__subject_kind=SubjectKind.STUDENT, case__person_id__in=_gone_students(now))


_TOLD_OF_CASE = ~Q(text=b"") | ~Q(result_words=b"")
_TOLD_OF_REFERRAL = ~Q(reason=b"") | ~Q(answer=b"")

RULES = (
    Rule(
        "visit_notes",
        _("家访记录(所见、家长意见、参加的人、改动经过)"),
        _("学生毕业或离开本县满 1 年"),
        lambda: Visit.unscoped.all(),
        _about_gone_alone,
    ),
    Rule(
        "notes_of_each",
        _("同一份记录里分开写到各个孩子的话"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: Note.unscoped.all(),
        _about_each,
    ),
    Rule(
        "concerns_of_each",
        _("同一份记录里分开记下的各个孩子的困难"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: RaisedConcern.unscoped.all(),
        _about_each,
    ),
    Rule(
        "case_texts",
        _("学生的事:是什么事、结果怎样"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: CaseFile.unscoped.filter(_TOLD_OF_CASE, subject_kind=SubjectKind.STUDENT),
        lambda rows, now: rows.filter(person_id__in=_gone_students(now)),
        {"text": b"", "result_words": b""},
    ),
    Rule(
        "case_steps",
        _("学生的事:每一步的说明"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: CaseStep.unscoped.exclude(note=b""),
        _of_cases_of_gone,
        {"note": b""},
    ),
    Rule(
        "case_actions",
        _("学生的事:办理经过"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: CaseAction.unscoped.all(),
        _of_cases_of_gone,
    ),
    Rule(
        "case_messages",
        _("学生的事:留言"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: Message.unscoped.all(),
        _of_cases_of_gone,
    ),
    Rule(
        "case_referrals",
        _("学生的事:转介的原因和答复"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: Referral.unscoped.filter(_TOLD_OF_REFERRAL),
        _of_cases_of_gone,
        {"reason": b"", "answer": b""},
    ),
    Rule(
        "case_measures",
        _("学生的事:当时看起来怎样"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: Measure.unscoped.all(),
        _of_cases_of_gone,
    ),
    Rule(
        "progress",
        _("学生的成绩和出勤"),
        _("这个学生毕业或离开本县满 1 年"),
        lambda: Progress.unscoped.all(),
        lambda rows, now: rows.filter(person_id__in=_gone_students(now)),
    ),
    Rule(
        "attachments",
        _("家访的照片和语音"),
        _("上传满 1 年"),
        lambda: Attachment.unscoped.all(),
        lambda rows, now: rows.filter(added_at__lt=now - ATTACHMENTS),
    ),
    Rule(
        "settled_uploads",
        _("手机传来、没能直接收下的原文:已经处理的"),
        _("处理满 30 天"),
        lambda: HeldItem.unscoped.exclude(state__in=WAITING),
        lambda rows, now: rows.filter(settled_at__lt=now - SETTLED_UPLOADS),
    ),
    Rule(
        "waiting_uploads",
        _("手机传来、没能直接收下的原文:还没处理的"),
        _("学生毕业或离开本县满 1 年;照片和语音满 1 年;对不上任何学生的满 2 年"),
        lambda: HeldItem.unscoped.filter(state__in=WAITING),
        _waiting_for_nobody,
        before=_held_no_more,
    ),
    Rule(
        "care_tags",
        _("关爱标签"),
        _("学生毕业或离开本县满 1 年"),
        lambda: CareTag.unscoped.all(),
        lambda rows, now: rows.filter(student_id__in=_gone_students(now)),
    ),
    Rule(
        "family_answers",
        _("家长对家访时间的答复、约见地点"),
        _("学生毕业或离开本县满 1 年"),
        lambda: Appointment.unscoped.all(),
        _answers,
        {"place": "", "lat": None, "lon": None, "answer_note": "", "answered_at": None},
    ),
    Rule(
        "family_windows",
        _("家庭方便的时间"),
        _("学生毕业或离开本县满 1 年"),
        lambda: FamilyWindow.unscoped.all(),
        lambda rows, now: rows.filter(duty_id__in=Duty.unscoped.filter(person_id__in=_gone_students(now)).values("pk")),
    ),
    Rule(
        "correction_requests",
        _("家长的更正申请和学校的答复"),
        _("学生毕业或离开本县满 1 年"),
        lambda: CorrectionRequest.unscoped.all(),
        lambda rows, now: rows.filter(student_id__in=_gone_students(now)),
    ),
    Rule(
        "roster_files",
        _("上传的名册文件"),
        _("导入完成或放弃满 7 天;没有做完的满 30 天"),
        lambda: RosterFile.unscoped.all(),
        _files_of_ended,
    ),
    Rule(
        "roster_left_lying",
        _("没有做完的名册导入"),
        _("上传满 30 天,作放弃处理"),
        lambda: RosterImport.unscoped.exclude(state__in=_ENDED_IMPORTS),
        lambda rows, now: rows.filter(_left_lying(now)),
        {"state": RosterImport.State.ABANDONED, "finished_at": Now(), **_EMPTY_IMPORT},
    ),
    Rule(
        "roster_previews",
        _("名册导入的预览(姓名和改动)"),
        _("导入完成或放弃满 7 天"),
        lambda: RosterImport.unscoped.filter(_TELLS_NAMES, state__in=_ENDED_IMPORTS),
        lambda rows, now: rows.filter(_over(now)),
        _EMPTY_IMPORT,
    ),
    Rule(
        "activation_codes",
        _("账号激活码"),
        _("过期当天"),
        lambda: Activation.objects.all(),
        lambda rows, now: rows.filter(expires_at__lt=now),
    ),
    Rule(
        "sessions",
        _("登录会话"),
        _("过期当天"),
        lambda: Session.objects.all(),
        lambda rows, now: rows.filter(expire_date__lt=now),
    ),
    Rule(
        "devices",
        _("登录过的手机和电脑"),
        _("退出满 90 天,或两年没有用过"),
        lambda: DeviceSession.objects.all(),
        lambda rows, now: rows.filter(Q(ended_at__lt=now - ENDED_DEVICES) | Q(last_seen_at__lt=now - UNUSED_DEVICES)),
    ),
    Rule(
        "calendar_addresses",
        _("日历订阅地址"),
        _("账号停用,或不再担任职务、不再是家长"),
        lambda: User.objects.exclude(calendar_token=""),
        _useless_calendars,
        {"calendar_token": "", "calendar_standing": []},
    ),
    Rule(
        "plan_logs",
        _("自动排表的运行日志"),
        _("运行结束满 30 天"),
        lambda: PlanRun.unscoped.exclude(log=""),
        lambda rows, now: rows.filter(finished_at__lt=now - PLAN_LOGS),
        {"log": ""},
    ),
    Rule(
        "grants",
        _("临时查看授权"),
        _("到期满 30 天"),
        lambda: Grant.unscoped.all(),
        lambda rows, now: rows.filter(until__lt=now - GRANTS),
    ),
    Rule(
        "notifications",
        _("提醒(只有事项和位置,不含姓名和内容)"),
        _("读过满 180 天"),
        lambda: Notification.unscoped.all(),
        lambda rows, now: rows.filter(read_at__lt=now - READ_NOTIFICATIONS),
    ),
)
KEPT = (
    (_("有过多少件事(类别、层级、状态)"), _("长期保留,不含文字")),
    (_("老师、校长和学校的事(加密)"), _("长期保留;本人的资料被删除时,写他的文字一并删除")),
    (_("强制报告(加密,只有指定的人能打开)"), _("长期保留,以后可能要作证据;有多少份,这里也不显示")),
    (_("访问与覆盖的数字(多少家、何时访过)"), _("长期保留,不含文字")),
    (_("操作记录(谁在何时看过、改过什么)"), _("长期保留,不含文字;删除会使校验链中断")),
)
