"""Create a campaign as a draft."""

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from jiafang.access import Actor, actor_transaction, claim, require, scope
from jiafang.access.actor import ADMINISTRATOR, DIRECTOR, SYSTEM
from jiafang.accounts.audit import record
from jiafang.campaigns.defaults import LONGEST_DAYS, ShiftDraft, default_rules, default_shifts
from jiafang.campaigns.models import Campaign, Shift, Tier
from jiafang.campaigns.rules import Rules
from jiafang.common.errors import InputFault, NotAllowed
from jiafang.common.uploads.documents import LARGEST_DOCUMENT, is_document
from jiafang.organization.models import School, Term

BUREAU_TIERS = (Tier.BUREAU_PRINCIPAL, Tier.BUREAU_TEACHER)


def create_campaign(
    *,
    by: Actor,
    tier: str,
    school: School | None,
    title: str,
    start: dt.date,
    end: dt.date,
    term: Term | None = None,
    tone: str = "",
    basis_number: str = "",
    basis_name: str = "",
    basis_file: bytes | None = None,
    basis_file_name: str = "",
    party_building: bool = False,
    rules: Rules | None = None,
    shifts: Sequence[ShiftDraft] | None = None,
) -> Campaign:
    """Make a draft with the rules and shifts given, or those that suit the tier and the stage of the school."""
    require(by, "campaign.create")
    check_dates(start, end)
    check_basis_file(basis_file)
    if not title.strip():
        raise InputFault(_("请填写活动名称"), place="title")
    with actor_transaction(by):
        _check_unit(by, tier, school)
        claim(by, school or School(pk=0), "open")
        campaign = Campaign(
            tier=tier,
            school=school,
            title=title.strip(),
            start=start,
            end=end,
            term=term,
            tone=tone,
            basis_number=basis_number,
            basis_name=basis_name,
            basis_file=basis_file,
            basis_file_name=basis_file_name,
            party_building=party_building,
            created_by_id=by.person_id or None,
        )
        if rules is not None:
            rules.check()
            campaign.rules = rules.to_json()
        elif not campaign.is_umbrella:
            campaign.rules = default_rules(tier=tier, school=school).to_json()
        campaign.save()
        if not campaign.is_umbrella:
            if shifts is None:
                shifts = default_shifts(tier=tier, school=school, start=start, end=end)
            Shift.unscoped.bulk_create(new_shifts(campaign, shifts))
        record(by=by, action="campaign.create", of=campaign)
    return campaign


def new_shifts(campaign: Campaign, drafts: Sequence[ShiftDraft]) -> list[Shift]:
    """Unsaved shifts; raises InputFault where one makes no sense."""
    seen: set[tuple[dt.date, str]] = set()
    for draft in drafts:
        if not campaign.start <= draft.date <= campaign.end:
            raise InputFault(_("%(date)s 不在活动日期内") % {"date": draft.date}, place="shifts")
        if draft.end <= draft.start:
            raise InputFault(_("%(date)s 的结束时间应晚于开始时间") % {"date": draft.date}, place="shifts")
        if (draft.date, draft.kind) in seen:
            words = _("%(date)s %(kind)s 重复了") % {"date": draft.date, "kind": Shift.Kind(draft.kind).label}
            raise InputFault(words, place="shifts")
        seen.add((draft.date, draft.kind))
    return [Shift(campaign=campaign, date=d.date, kind=d.kind, start=d.start, end=d.end) for d in drafts]


def check_dates(start: dt.date, end: dt.date) -> None:
    if end < start:
        raise InputFault(_("结束日期应不早于开始日期"), place="end")
    if (end - start).days >= LONGEST_DAYS:
        raise InputFault(_("一次活动最长一年"), place="end")


def check_basis_file(content: bytes | None) -> None:
    """The page has looked through it (web/campaigns/basis_file.py); size and kind are held to whoever calls."""
    if not content:
        return
    if len(content) > LARGEST_DOCUMENT:
        raise InputFault(_("文件太大,最多 10 MB"), place="basis_file")
    if not is_document(content):
        raise InputFault(_("只收 PDF、Word 或图片文件"), place="basis_file")


def _check_unit(by: Actor, tier: str, school: School | None) -> None:
    if tier not in Tier.values:
        raise InputFault(_("没有这个层级"), place="tier")
    if tier in BUREAU_TIERS and school is not None:
        raise InputFault(_("局领导干部走访由教育局发起,不选学校"), place="school")
    if school is None:
        if by.kind not in (ADMINISTRATOR, DIRECTOR, SYSTEM):
            raise NotAllowed("campaign of the bureau")
    elif not scope(by, School).filter(pk=school.pk).exists():
        raise NotAllowed("campaign of another school")
