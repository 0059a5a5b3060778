"""What can be done with a case on its page: the words of each verb, its form, and the use case behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiafang.access import Actor
from jiafang.care.models import CaseFile, Role
from jiafang.care.services.act import add_action
from jiafang.care.services.assign import assign_case
from jiafang.care.services.choosable import People
from jiafang.care.services.confirm import confirm_case, confirm_orally, deny_case
from jiafang.care.services.consent import consent_upward
from jiafang.care.services.hand_over import hand_over_case
from jiafang.care.services.merge import merge_cases
from jiafang.care.services.propose import propose_result
from jiafang.care.services.readers import name_reader
from jiafang.care.services.refer import refer_case
from jiafang.care.services.reopen import reopen_case
from jiafang.care.services.send import LEVEL_OF_ROLE, send_down, send_up
from jiafang.care.services.take_back import take_back_result
from jiafang.care.services.withdraw import withdraw_case
from jiafang.web.care import verb_forms
from jiafang.web.care.verb_choices import choices_of
from jiafang.web.care.verb_forms import VerbForm

Told = dict[str, Any]
Do = Callable[[Actor, int, Told], None]


@dataclass(frozen=True)
class PageVerb:
    """`title` stands on what unfolds, `button` on its button, `done` above the page that follows."""

    verb: str
    icon: str
    title: Any
    button: Any
    done: Any
    form: type[VerbForm]
    do: Do
    lead: Any = ""
    confirm: Any = ""

    def fill(self, actor: Actor, case: CaseFile, people: People, data: Any = None) -> VerbForm:
        """The form, with the people and cases that this actor may choose from now."""
        choices = choices_of(actor, case, self.verb, people)
        return self.form(data, case=case, choices=choices, auto_id=f"{self.verb}-%s")


def _act(by: Actor, pk: int, told: Told) -> None:
    told.pop("revision")
    add_action(by=by, case_id=pk, **told)


def _propose(by: Actor, pk: int, told: Told) -> None:
    propose_result(by=by, case_id=pk, **told)


def _take_back(by: Actor, pk: int, told: Told) -> None:
    take_back_result(by=by, case_id=pk, words=told["words"])


def _confirm(by: Actor, pk: int, told: Told) -> None:
    confirm_case(by=by, case_id=pk, words=told["words"])


def _confirm_orally(by: Actor, pk: int, told: Told) -> None:
    confirm_orally(by=by, case_id=pk, guardian_id=told["guardian_id"], words=told["words"])


def _deny(by: Actor, pk: int, told: Told) -> None:
    deny_case(by=by, case_id=pk, words=told["words"])


def _reopen(by: Actor, pk: int, told: Told) -> None:
    reopen_case(by=by, case_id=pk, words=told["words"])


def _withdraw(by: Actor, pk: int, told: Told) -> None:
    withdraw_case(by=by, case_id=pk, words=told["words"])


def _assign(by: Actor, pk: int, told: Told) -> None:
    role, person_id = told.pop("seat")
    assign_case(by=by, case_id=pk, to_person_id=person_id, role=role, **told)


def _hand_over(by: Actor, pk: int, told: Told) -> None:
    role, person_id = told["seat"]
    hand_over_case(by=by, case_id=pk, to_person_id=person_id, role=role)


def _send_up(by: Actor, pk: int, told: Told) -> None:
    send_up(by=by, case_id=pk, **told)


def _send_down(by: Actor, pk: int, told: Told) -> None:
    role, person_id = told.pop("seat")
    send_down(by=by, case_id=pk, to_level=LEVEL_OF_ROLE[Role(role)], to_person_id=person_id, role=role, **told)


def _merge(by: Actor, pk: int, told: Told) -> None:
    merge_cases(by=by, case_id=pk, into_id=told["into_id"], words=told["words"])


def _refer(by: Actor, pk: int, told: Told) -> None:
    role, person_id = told["seat"]
    refer_case(by=by, case_id=pk, to_person_id=person_id, to_role=role, reason=told["reason"])


def _name_reader(by: Actor, pk: int, told: Told) -> None:
    role, person_id = told["seat"]
    name_reader(by=by, case_id=pk, person_id=person_id, role=role)


def _consent(by: Actor, pk: int, told: Told) -> None:
    consent_upward(by=by, case_id=pk)


CONFIRM = PageVerb(
    "confirm",
    "circle-check",
    _("已办理,等您确认"),
    _("已解决"),
    _("谢谢,这件事办结了"),
    verb_forms.ConfirmForm,
    _confirm,
)
DENY = PageVerb(
    "deny", "refresh", _("还没解决"), _("还没解决,请接着办"), _("好的,会接着办"), verb_forms.DenyForm, _deny
)
ACT = PageVerb("act", "pencil", _("记下做了什么"), _("记下"), _("已记下"), verb_forms.ActForm, _act)
PROPOSE = PageVerb(
    "propose", "circle-check", _("办好了,请对方确认"), _("请确认"), _("已请对方确认,说解决了才算办结"),
    verb_forms.ProposeForm, _propose, lead=_("解决没有,由提出的人说了算。"),
)  # fmt: skip
TAKE_BACK = PageVerb(
    "take_back", "refresh", _("还没办好,收回结果"), _("收回结果,接着办"), _("已收回结果,接着办"),
    verb_forms.TakeBackForm, _take_back,
)  # fmt: skip
CONFIRM_ORALLY = PageVerb(
    "confirm_orally", "phone", _("家长口头确认了"), _("记下口头确认"), _("已记下,这件事办结了"),
    verb_forms.ConfirmOrallyForm, _confirm_orally,
)  # fmt: skip
ASSIGN = PageVerb("assign", "user", _("交给别人办"), _("交给他(她)"), _("已交办"), verb_forms.AssignForm, _assign)
HAND_OVER = PageVerb(
    "hand_over", "user", _("交接给别人"), _("交接给他(她)"), _("已交接"), verb_forms.HandOverForm, _hand_over,
    lead=_("办理的情况和等确认的结果一起交过去。"),
)  # fmt: skip
REFER = PageVerb(
    "refer", "heart-handshake", _("转介"), _("请他(她)接"), _("已转介,等对方答复"), verb_forms.ReferForm, _refer
)
SEND_UP = PageVerb("send_up", "flag", _("往上报"), _("往上报"), _("已往上报"), verb_forms.SendUpForm, _send_up)
SEND_DOWN = PageVerb(
    "send_down",
    "arrow-right",
    _("定下怎么办,交下去办"),
    _("交下去办"),
    _("已交下办理"),
    verb_forms.SendDownForm,
    _send_down,
)
NAME_READER = PageVerb(
    "name_reader",
    "eye",
    _("让别人也看"),
    _("让他(她)看"),
    _("已加上,他(她)会收到提醒"),
    verb_forms.NameReaderForm,
    _name_reader,
)
MERGE = PageVerb("merge", "link", _("和另一件是同一件事"), _("并过去"), _("已并入"), verb_forms.MergeForm, _merge)
REOPEN = PageVerb("reopen", "refresh", _("重新打开"), _("重新打开"), _("已重新打开"), verb_forms.ReopenForm, _reopen)
WITHDRAW = PageVerb("withdraw", "x", _("不用办了,收回"), _("收回"), _("已收回"), verb_forms.WithdrawForm, _withdraw)
CONSENT = PageVerb(
    "consent", "flag", _("同意往上报"), _("我同意"), _("好的,现在办不了的会往上报"),
    verb_forms.ConsentForm, _consent,
    lead=_("没有您同意,这件事不往上报。"),
)  # fmt: skip

# In the order in which the page offers them.
VERBS = {
    one.verb: one
    for one in (
        CONFIRM, DENY, ACT, PROPOSE, CONFIRM_ORALLY, TAKE_BACK, CONSENT, REFER, ASSIGN, HAND_OVER, SEND_UP, SEND_DOWN,
        NAME_READER, REOPEN, MERGE, WITHDRAW,
    )
}  # fmt: skip
