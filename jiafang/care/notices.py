"""What notifications about cases say: that something waits, never what or about whom."""

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from jiafang.care.workflow import SILENCE_DAYS
from jiafang.notifications.kinds import declare


def connect() -> None:
    """Enter the codes; called once when the app is loaded."""
    for code, words in {
        "case.owned": _("有一件事交到您手上"),
        "case.asked": format_lazy(
            _("有一件事办好了,等您确认:{days} 天没有答复就算办结,以后还可以重新打开"), days=SILENCE_DAYS
        ),
        "case.asked_again": format_lazy(
            _("有一件事还等您确认:快到 {days} 天了,没有答复就算办结,以后还可以重新打开"), days=SILENCE_DAYS
        ),
        "case.denied": _("有一件事对方说还没解决"),
        "case.taken_back": _("有一件事还在办,先不用您确认"),
        "case.confirmed": _("有一件事办结了"),
        "case.escalating": _("有一件事到期还没办结,就会转到上一级"),
        "case.overdue": _("有一件事到期了,还没办结"),
        "case.escalated": _("有一件事超期,已转到上一级"),
        "case.referral_answered": _("您的转介有了答复"),
        "case.message": _("有一条新的留言"),
        "case.handed_over": _("有一件事交接给您"),
        "case.reopened": _("有一件事重新打开了"),
        "case.reminded": _("有人提醒您:有一件事等着办"),
        "case.merged": _("有一件事并入了另一件"),
        "case.joined": _("有一件事并进了您手上的一件"),
        "case.moved": _("有一件事转给别人办了"),
        "case.withdrawn": _("有一件事收回了"),
        "case.waiting": _("您说的事学校暂时没有人能办"),
        "case.shared": _("有一件事请您也看看"),
        "case.consented": _("本人同意把一件事往上报"),
        "case.due": _("有一件事的期限改了"),
        "case.record_changed": _("有一件事,走访记录里的说法改了"),
        "case.tier": _("有一件事更急了"),
        "case.silent": _("有一件事多日没有答复,已按约定办结"),
    }.items():
        declare(code, words, "case")
    declare("case.coming", _("有一件事到期还没办结,就会转到您这里"), "case_board")
    declare("case.referral", _("有一件事想请您接手"), "referral")
    declare("sealed.filed", _("有一份只有您能打开的报告"), lambda pk: reverse("sealed_report", args=[pk]))
