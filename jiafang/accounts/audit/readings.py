"""What can be opened about a family, in the words in which the family reads it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reading(models.TextChoices):
    """Families are told of these and of nothing else: what is sealed has a code of its own, outside this list."""

    FILE = "student.opened", _("打开了学生信息")
    PERSON = "person.opened", _("打开了个人信息")
    CORRECTING = "student.correcting", _("打开了学生信息,准备更正")
    CORRECTIONS = "corrections.listed", _("看了家长提出的更正")
    BRIEF = "brief.read", _("家访前了解情况")
    SHEET = "student.sheet", _("打开了学生的家访情况")
    VISIT = "visit.read", _("看了家访记录")
    ATTACHMENT = "attachment.opened", _("下载了家访的照片或语音")
    WRITING = "visit.writing", _("打开了家访记录表")
    AGENDA = "agenda.opened", _("看了自己的家访日程")
    CALENDAR = "calendar.fed", _("手机日历取了家访日程")
    PHONE = "phone.filled", _("把家访资料存到了手机上")
    HELD = "held.opened", _("看了待核对的家访记录")
    CLASS = "class.opened", _("看了班级名单")
    FOUND = "people.found", _("在找人里看到")
    CHOOSING = "duties.listed", _("在待访名单里看到")
    UNSEEN = "unseen.listed", _("看了还没联系到的名单")
    FAMILIES = "families.listed", _("看了各家方便的时间")
    WINDOWS = "windows.opened", _("打开了您家方便的时间")
    TIMETABLE = "timetable.opened", _("看了家访安排表")
    PLANNED = "plan.opened", _("看了排表结果")
    OPENINGS = "openings.opened", _("查了谁看过档案")
    # What hangs on a case is told without saying that there is one: the family may not be among its readers.
    CASE = "case.opened", _("看了有关情况")
    CASES = "cases.listed", _("在清单里看到")
    CASE_PLAN = "case.exported", _("打印了有关情况")
    EXPORT = "export.timetable", _("导出了家访安排表")
