"""The own child's data as headings with lines of label and value."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from jiafang.care.selectors.own_matters import OwnMatter
from jiafang.visits.models import Attachment
from jiafang.visits.selectors.own_data import OwnData

Section = tuple[str, list[tuple[str, str]]]


def sections(found: OwnData, matters: Sequence[OwnMatter] = ()) -> list[Section]:
    """Every part in the order of the file; an empty one says so."""
    child = found.child
    person = [
        (_("姓名"), child.name),
        (_("性别"), str(child.get_sex_display())),
        (_("出生日期"), child.birth_date.isoformat() if child.birth_date else ""),
        (_("学籍号"), child.registry_number or ""),
        (_("身份证件号"), _masked(child.id_number)),
        (_("联系电话"), child.phone),
        (_("您是孩子的"), found.relation),
    ]
    school = [
        (
            _period(time.start.isoformat(), time.end.isoformat() if time.end else ""),
            _with_boarding(time.where, time.boarding),
        )
        for time in found.school_times
    ]
    home = [
        (_("住址"), found.address),
        (_("村(社区)"), found.village),
        (_("方便的时间"), found.preferred_times),
        *[
            (_("%(first)s 月至 %(last)s 月住在") % {"first": first, "last": last}, place)
            for place, first, last in found.seasonal
        ],
    ]
    meetings = [
        (meeting.title, f"{meeting.state} {meeting.met_on.isoformat() if meeting.met_on else ''}".strip())
        for meeting in found.meetings
    ]
    attachments = [
        (
            str(label),
            _("%(count)s 个。只有家访的老师和学校能打开;要看或要删,请在“更正申请”里告诉学校") % {"count": count},
        )
        for kind, label in Attachment.Kind.choices
        if (count := found.attachments.get(kind))
    ]
    answers = [
        (f"{day.isoformat()} {part}", ";".join(words for words in (answer, note) if words))
        for day, part, answer, note in found.answers
    ]
    corrections = [
        (
            f"{row.asked_at:%Y-%m-%d} {row.get_about_display()}",
            ";".join(words for words in (row.wrong, row.right, str(row.get_state_display()), row.answer) if words),
        )
        for row in found.corrections
    ]
    return [
        (_("孩子"), [(label, value or _("没有记录")) for label, value in person]),
        (_("学校和班级"), school),
        (_("家庭"), [(label, value or _("没有记录")) for label, value in home]),
        (_("家访"), meetings),
        *([(_("家访的照片和语音"), attachments)] if attachments else []),
        (_("您的答复"), answers),
        (_("更正申请"), corrections),
        *([(_("和学校说的事"), [line for matter in matters for line in _matter(matter)])] if matters else []),
    ]


def _matter(matter: OwnMatter) -> list[tuple[str, str]]:
    """One matter: what it was, what was done as far as the family reads it, what was said."""
    state = ";".join(words for words in (matter.state, matter.result) if words)
    return [
        (f"{matter.on:%Y-%m-%d} {matter.category}", matter.text or _("由学校提出")),
        (_("现在"), state),
        *((f"{on:%Y-%m-%d} {kind}", text) for on, kind, text in matter.done),
        *((f"{on:%Y-%m-%d} {author}", text) for on, author, text in matter.said),
    ]


def _masked(number: str) -> str:
    """The first and last signs, enough to see whether it is right."""
    return f"{number[:4]}{'*' * (len(number) - 7)}{number[-3:]}" if len(number) > 10 else ""


def _period(start: str, end: str) -> str:
    return _("%(start)s 至 %(end)s") % {"start": start, "end": end or _("今")}


def _with_boarding(where: str, boarding: bool) -> str:
    return f"{where}({_('寄宿')})" if boarding else where
