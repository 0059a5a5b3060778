"""How campaigns are shown: state, what has been done, what comes next."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.access import Actor, may
from jiafang.campaigns.models import Campaign, PlanRun, Tier
from jiafang.insight.coverage import Sums
from jiafang.web.campaigns.reads import Child
from jiafang.web.components.shapes import Crumb, Job, Tone
from jiafang.web.timetable.dates import day_words, period_words

STATE_TONES: dict[str, Tone] = {
    Campaign.State.DRAFT: "neutral",
    Campaign.State.LAUNCHED: "info",
    Campaign.State.PUBLISHED: "met",
    Campaign.State.CLOSED: "declined",
}


@dataclass(frozen=True, slots=True)
class Next:
    """The one next action of a campaign."""

    label: str
    url: str
    icon: str
    post: bool = False
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    pk: int
    title: str
    url: str
    tier: str
    where: str
    period: str
    tone: Tone
    state: str
    met: int
    total: int
    overdue: int
    counted: bool
    next: Next | None


def campaign_row(campaign: Campaign, actor: Actor, sums: Sums, *, changeable: bool) -> CampaignRow:
    """A row of the list; `campaign` carries the annotations of `with_plan_state`."""
    return CampaignRow(
        pk=campaign.pk,
        title=campaign.title,
        url=reverse("campaign", args=[campaign.pk]),
        tier=campaign.get_tier_display(),
        where=where_words(campaign),
        period=period_words(campaign.start, campaign.end),
        tone=STATE_TONES[campaign.state],
        state=campaign.get_state_display(),
        met=sums.met,
        total=sums.total,
        overdue=sums.overdue,
        counted=campaign.state != Campaign.State.DRAFT and sums.total > 0,
        next=next_action(campaign, actor, sums, changeable=changeable),
    )


def where_words(campaign: Campaign) -> str:
    if campaign.school:
        return campaign.school.name
    return _("全区各校") if campaign.is_umbrella else _("教育局")


def next_action(campaign: Campaign, actor: Actor, sums: Sums, *, changeable: bool) -> Next | None:
    """What the actor should do next; None when there is nothing."""
    if campaign.state == Campaign.State.CLOSED:
        return None
    if campaign.state == Campaign.State.DRAFT:
        return _prepare(campaign, actor) if changeable else None
    if campaign.is_umbrella:
        return None
    if changeable and may(actor, "campaign.plan"):
        return _arrange(campaign, actor, sums)
    if campaign.state != Campaign.State.PUBLISHED:
        return None
    label = _("看安排表") if may(actor, "campaign.plan") else _("看我的安排")
    return Next(label, reverse("timetable", args=[campaign.pk]), "calendar-week")


def _prepare(campaign: Campaign, actor: Actor) -> Next | None:
    if may(actor, "campaign.launch"):
        if campaign.parent_id:
            return Next(_("接收并安排"), reverse("campaign_edit", args=[campaign.pk]), "arrow-right")
        return Next(_("检查并启动"), reverse("campaign_launch", args=[campaign.pk]), "player-play")
    if may(actor, "campaign.focus") and campaign.tier == Tier.TEACHER_FAMILY:
        return Next(_("填年段重点"), reverse("campaign_focus", args=[campaign.pk]), "target")
    return None


def _arrange(campaign: Campaign, actor: Actor, sums: Sums) -> Next | None:
    flags = vars(campaign)
    if flags["is_planning"]:
        return Next(_("看排表进度"), reverse("campaign_plan", args=[campaign.pk]), "clock")
    if not flags["has_timetable"]:
        return Next(_("自动排表"), reverse("campaign_plan", args=[campaign.pk]), "calendar-plus")
    if flags["has_draft"] and may(actor, "campaign.publish"):
        return Next(_("看草稿并发布"), reverse("timetable", args=[campaign.pk]), "send")
    if sums.total and not sums.due and may(actor, "campaign.launch"):
        return Next(
            _("结束活动"),
            reverse("campaign_close", args=[campaign.pk]),
            "circle-check",
            post=True,
            confirm=_("结束以后不能再排表和记录,要结束吗?"),
        )
    return Next(_("看安排表"), reverse("timetable", args=[campaign.pk]), "calendar-week")


@dataclass(frozen=True, slots=True)
class ChildRow:
    school: str
    url: str
    key: str
    state: str
    tone: Tone
    period: str
    met: int
    total: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    note: str
    state: str
    """done, now or later."""
    url: str = ""


Mark = tuple[str, str, bool]
"""A milestone: its name, a note, whether it is reached."""


def history(campaign: Campaign, sums: Sums, children: Sequence[ChildRow] = ()) -> list[Step]:
    """启动 → 排表 → 发布 → 走访 → 结束, with the days; above the schools 启动 → 各校开始 → 走访 → 结束."""
    launched, closed = campaign.launched_at, campaign.closed_at
    everybody = sums.total > 0 and not sums.due
    met = _("%(met)s / %(total)s") % {"met": sums.met, "total": sums.total} if sums.total else ""
    marks: list[Mark] = [
        (_("启动"), _on(launched), launched is not None),
        *(_by_schools(children) if campaign.is_umbrella else _arranging(campaign)),
        (_("走访"), met, everybody),
        (_("结束"), _on(closed), closed is not None),
    ]
    return _steps(marks)


def _arranging(campaign: Campaign) -> list[Mark]:
    flags, published = vars(campaign), campaign.published_at
    planned = bool(flags["has_timetable"] or published)
    note = _("正在排") if flags["is_planning"] else _("排好了") if planned else ""
    return [(_("排表"), note, planned), (_("发布"), _on(published), published is not None)]


def _by_schools(children: Sequence[ChildRow]) -> list[Mark]:
    begun = sum(1 for child in children if child.key != "not_started")
    note = _("%(begun)s / %(all)s 所") % {"begun": begun, "all": len(children)} if children else ""
    return [(_("各校开始"), note, bool(children) and begun == len(children))]


def _steps(marks: Iterable[Mark]) -> list[Step]:
    steps, current = [], False
    for label, note, done in marks:
        state = "done" if done else ("later" if current else "now")
        current = current or not done
        steps.append(Step(label, note, state))
    return steps


def _on(moment: dt.datetime | None) -> str:
    return day_words(timezone.localtime(moment).date()) if moment else ""


def setup_steps(campaign: Campaign, current: str) -> list[Step]:
    """The steps of preparing a draft."""
    names = [("campaign_edit", _("活动内容"))]
    if not campaign.is_umbrella:
        names.append(("campaign_rules", _("规则和时段")))
        if campaign.tier == Tier.TEACHER_FAMILY:
            names.append(("campaign_focus", _("年段重点")))
    names.append(("campaign_launch", _("检查并启动")))
    return _marked([(label, reverse(name, args=[campaign.pk])) for name, label in names], _position(names, current))


def first_steps() -> list[Step]:
    """The steps before the draft exists."""
    labels = [_("活动内容"), _("规则和时段"), _("年段重点"), _("检查并启动")]
    return _marked([(label, "") for label in labels], 0)


def _position(names: list[tuple[str, str]], current: str) -> int:
    return next(at for at, (name, _label) in enumerate(names) if name == current)


def _marked(labels: list[tuple[str, str]], position: int) -> list[Step]:
    states = ["done" if at < position else "now" if at == position else "later" for at in range(len(labels))]
    return [Step(label, "", state, url) for (label, url), state in zip(labels, states, strict=True)]


def step_after(campaign: Campaign, current: str) -> str:
    """The URL of the step of the preparation that follows."""
    names = ["campaign_edit", "campaign_rules", "campaign_focus", "campaign_launch"]
    if campaign.is_umbrella:
        names = ["campaign_edit", "campaign_launch"]
    elif campaign.tier != Tier.TEACHER_FAMILY:
        names.remove("campaign_focus")
    following = names[names.index(current) + 1]
    return reverse(following, args=[campaign.pk])


def trail(campaign: Campaign, *more: str) -> list[Crumb]:
    """家访活动 › this campaign › the page."""
    crumbs = [Crumb(_("家访活动"), reverse("campaign_list"))]
    crumbs.append(Crumb(campaign.title, reverse("campaign", args=[campaign.pk]) if more else ""))
    return crumbs + [Crumb(label) for label in more]


CHILD_STATES: Mapping[str, Tone] = {
    "not_started": "neutral",
    "launched": "info",
    "planned": "due",
    "running": "info",
    "done": "met",
}


def child_rows(children: Iterable[Child]) -> list[ChildRow]:
    """Each school's part: not started, planned, running, done."""
    rows = []
    for child in children:
        key = _child_state(child)
        rows.append(
            ChildRow(
                school=child.school,
                url=reverse("campaign", args=[child.campaign_id]),
                key=key,
                state=child_state_words()[key],
                tone=CHILD_STATES[key],
                period=period_words(child.start, child.end),
                met=child.sums.met,
                total=child.sums.total,
                overdue=child.sums.overdue,
            )
        )
    return rows


def child_state_words() -> dict[str, str]:
    return {
        "not_started": _("还没开始"),
        "launched": _("已启动,还没排表"),
        "planned": _("已排表,还没发布"),
        "running": _("走访中"),
        "done": _("已完成"),
    }


def _child_state(child: Child) -> str:
    if child.state == Campaign.State.CLOSED or (child.sums.total and not child.sums.due):
        return "done"
    if child.state == Campaign.State.PUBLISHED:
        return "running"
    if child.state == Campaign.State.LAUNCHED:
        return "planned" if child.has_timetable else "launched"
    return "not_started"


RUN_STATES = {
    PlanRun.State.QUEUED: "waiting",
    PlanRun.State.RUNNING: "running",
    PlanRun.State.DONE: "done",
    PlanRun.State.STALE: "failed",
    PlanRun.State.CANCELLED: "failed",
    PlanRun.State.FAILED: "failed",
}


def plan_job(run: PlanRun) -> Job:
    """A run of the planner as its panel shows it."""
    progress = run.progress or {}
    fraction = progress.get("fraction")
    done = run.state == PlanRun.State.DONE
    return Job(
        title=_("自动排表"),
        phase=_phase(run, str(progress.get("phase", ""))),
        state=RUN_STATES[PlanRun.State(run.state)],  # type: ignore[arg-type]  # the table holds the literals
        poll_url=reverse("plan_progress", args=[run.pk]),
        percent=min(99, int(100 * fraction)) if fraction is not None else None,
        seconds_left=progress.get("seconds_left"),
        result_label=_("看结果") if done else "",
        result_url=reverse("plan_run", args=[run.pk]) if done else "",
    )


def _phase(run: PlanRun, phase: str) -> str:
    if run.state != PlanRun.State.RUNNING:
        return run.get_state_display()
    words = {
        "reading": _("正在读名册和时间"),
        "first plan": _("正在排出第一版"),
        "trips": _("正在比较路线,让老师少跑路"),
        "trips and calls together": _("正在把上门和电话合在一起看"),
        "saving": _("正在写进安排表"),
    }
    return words.get(phase) or phase or run.get_state_display()
