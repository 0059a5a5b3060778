"""What has happened in the demonstration district by the day of its set-up: campaigns at every stage of their life."""

import datetime as dt

from jiafang.access import Actor, reading
from jiafang.access.actor import DIRECTOR, PRINCIPAL, TEACHER
from jiafang.campaigns.models import Appointment, Campaign, Channel, ChannelRule, Duty, PlanRun, Tier
from jiafang.campaigns.services.confirm import confirm_appointment
from jiafang.campaigns.services.create import create_campaign
from jiafang.campaigns.services.focus import set_focus
from jiafang.campaigns.services.launch import launch_campaign
from jiafang.campaigns.services.plan import request_plan
from jiafang.campaigns.services.publish import publish_timetable
from jiafang.campaigns.services.run_plan import run_plan
from jiafang.common.clock import at, today
from jiafang.common.errors import NotReady
from jiafang.demonstration.chance import stream
from jiafang.demonstration.services.settle import SETTING_UP
from jiafang.organization.capacities import actors_of_person
from jiafang.organization.models import (
    GradeCohort,
    Guardianship,
    Person,
    Post,
    School,
    SchoolClass,
    Stage,
    Term,
    first_year_of,
    holding,
    is_final_year,
)
from jiafang.visits.body import ParticipantDraft
from jiafang.visits.services.record import record_visit

BEGAN_DAYS_AGO = 9
DAYS_AHEAD = 24
FIRST_PLAN_SECONDS = 5
RECORDS_PER_CLASS = 7

# (finding, chips): what a teacher writes in one line after a visit.
FINDINGS = (
    ("在家能按时完成作业,比上学期主动多了。", ("study_improved", "mood_good")),
    ("爷爷奶奶照看,晚上手机用得多,已和家长约定九点半收手机。", ("phone_too_much", "with_grandparents")),
    ("家里腾出了一张安静的书桌,孩子很开心。", ("study_steady", "mood_good")),
    ("期中考后有点着急,和家长聊了怎样一起放松。", ("exam_worry", "talks_with_family")),
    ("常帮家里做饭,作息规律。", ("helps_at_home", "rhythm_good")),
    ("睡得晚,早上起不来,商量了新的作息时间。", ("sleeps_late",)),
)
NEEDS_LOOKING_AFTER = {"phone_too_much", "exam_worry", "sleeps_late"}


def bring_to_life(*, seed: int) -> SchoolClass:
    """Open the campaigns; returns a class of the senior high whose homeroom teacher has visits to come.

    The senior high's own campaign is under way: records of the last days, a published timetable from tonight
    on. The bureau's campaigns have just been launched; their plans are left to the worker.
    """
    school = _senior_high()
    director, principal = _actor_of_post(Post.Kind.DIRECTOR, DIRECTOR), _principal_of(school)
    term = Term.objects.filter(start__lte=today(), end__gte=today()).first()
    running = _family_campaign(principal, school, term)
    _write_records(running, seed)
    _plan_now(principal, running)
    around = _class_with_visits(running)
    _agree_some(running, around)
    _bureau_to_principals(director, term)
    for child in _bureau_to_families(director, term, own=school):
        _launch_and_queue(_principal_of(child.school), child)
    talks = create_campaign(
        by=principal,
        tier=Tier.PRINCIPAL_TEACHER,
        school=school,
        title="校长和老师拉家常",
        start=today(),
        end=today() + dt.timedelta(days=DAYS_AHEAD),
        term=term,
        tone="听听老师的家庭、教学和身体,有难处一起想办法。",
    )
    _launch_and_queue(principal, talks)
    return around


@reading(SETTING_UP)
def _senior_high() -> School:
    return School.unscoped.get(stages__contains=[Stage.SENIOR.value])


def _family_campaign(by: Actor, school: School, term: Term | None) -> Campaign:
    campaign = create_campaign(
        by=by,
        tier=Tier.TEACHER_FAMILY,
        school=school,
        title="“走进家门,暖在心间”秋季家访",
        start=today() - dt.timedelta(days=BEGAN_DAYS_AGO),
        end=today() + dt.timedelta(days=DAYS_AHEAD),
        term=term,
        tone="坐下来聊聊家常,听听孩子和家长的心里话。",
        basis_number="澜教〔2026〕18号",
        basis_name="关于开展立体式家访活动的通知(演示)",
        party_building=True,
    )
    with reading(SETTING_UP):
        cohorts = list(GradeCohort.unscoped.filter(school=school))
    for cohort in cohorts:
        grade = first_year_of(today()) - cohort.entry_year
        if is_final_year(cohort.stage, cohort.entry_year, today()):
            set_focus(
                by=by,
                campaign=campaign,
                cohort=cohort,
                topics="考前情绪与家庭支持",
                talking_points="问问睡得好不好、压力大不大;和家长聊怎样少比较、多陪伴。",
                notices="高考报名时间;心理热线",
                due=today() + dt.timedelta(days=14),
            )
        elif grade == 0:
            set_focus(
                by=by,
                campaign=campaign,
                cohort=cohort,
                topics="适应高中生活",
                talking_points="住校习惯不习惯、功课跟不跟得上、有没有新朋友。",
                notices="选科说明会;防溺水告知书",
            )
    return launch_campaign(by=by, campaign=campaign)


def _write_records(campaign: Campaign, seed: int) -> None:
    """Homeroom teachers have already met some of their families on the evenings gone by."""
    random = stream(seed, "records")
    with reading(SETTING_UP):
        duties = list(
            Duty.unscoped.filter(campaign=campaign, group__isnull=False)
            .exclude(channel=ChannelRule.ONSITE)
            .select_related("group__lead", "person")
            .order_by("group", "pk")
        )
    by_group: dict[int, list[Duty]] = {}
    for duty in duties:
        by_group.setdefault(duty.group_id or 0, []).append(duty)
    for group_duties in by_group.values():
        lead = group_duties[0].group
        assert lead is not None  # filtered above
        teacher = next(a for a in actors_of_person(lead.lead) if a.kind == TEACHER)
        for evening, duty in enumerate(random.sample(group_duties, min(RECORDS_PER_CLASS, len(group_duties)))):
            finding, chips = random.choice(FINDINGS)
            begun = at(today() - dt.timedelta(days=1 + evening % (BEGAN_DAYS_AGO - 1)), dt.time(19, 10 * (evening % 6)))
            record_visit(
                by=teacher,
                campaign=campaign,
                duties=[duty],
                channel=Channel.PHONE,
                started_at=begun,
                ended_at=begun + dt.timedelta(minutes=15),
                participants=_who_took_part(duty.person),
                finding=finding,
                chips=chips,
                notices_conveyed=True,
                follow_up=bool(NEEDS_LOOKING_AFTER & set(chips)) and random.random() < 0.5,
                form_seconds=random.randint(24, 58),
            )


@reading(SETTING_UP)
def _who_took_part(student: Person) -> list[ParticipantDraft]:
    held = Guardianship.unscoped.filter(student=student, revoked_on=None).order_by("-is_primary", "pk").first()
    relation = held.get_relation_display() if held else "家长"
    return [ParticipantDraft(relation=relation, channel=Channel.PHONE, person_id=held.guardian_id if held else None)]


def _plan_now(by: Actor, campaign: Campaign) -> None:
    run = request_plan(by=by, campaign=campaign, seconds=FIRST_PLAN_SECONDS)
    run_plan(run_id=run.pk)
    with reading(SETTING_UP):
        run.refresh_from_db()
        campaign.refresh_from_db()
    if run.state != PlanRun.State.DONE:
        raise NotReady(run.log)
    publish_timetable(by=by, campaign=campaign)


@reading(SETTING_UP)
def _class_with_visits(campaign: Campaign) -> SchoolClass:
    """A class whose homeroom teacher has a visit tonight, else the next one; with two kinds of channel if possible."""
    upcoming = (
        Appointment.unscoped.filter(campaign=campaign, published=True, starts_at__gte=at(today(), dt.time(0)))
        .filter(group__school_class__cohort__entry_year=first_year_of(today()))
        .select_related("group__school_class__cohort")
        .order_by("starts_at", "pk")
        .first()
    )
    if upcoming is None or upcoming.group.school_class is None:
        raise NotReady("The demonstration's timetable has no visit to come.")
    return upcoming.group.school_class


def _agree_some(campaign: Campaign, school_class: SchoolClass) -> None:
    """The class's teacher has already telephoned with the first families."""
    with reading(SETTING_UP):
        mine = Appointment.unscoped.filter(campaign=campaign, published=True, group__school_class=school_class)
        first = list(mine.select_related("group__lead").order_by("starts_at")[:2])
    for appointment in first:
        teacher = next(a for a in actors_of_person(appointment.group.lead) if a.kind == TEACHER)
        confirm_appointment(by=teacher, appointment=appointment)


def _bureau_to_principals(by: Actor, term: Term | None) -> None:
    campaign = create_campaign(
        by=by,
        tier=Tier.BUREAU_PRINCIPAL,
        school=None,
        title="局领导干部走访校园长",
        start=today(),
        end=today() + dt.timedelta(days=DAYS_AHEAD),
        term=term,
        tone="点对点下沉,听学校的难处,带着办法去。",
        party_building=True,
    )
    _plan_now(by, launch_campaign(by=by, campaign=campaign))


def _bureau_to_families(by: Actor, term: Term | None, *, own: School) -> list[Campaign]:
    """The bureau's family campaign; returns the schools' parts but that of the school with a campaign of its own."""
    umbrella = create_campaign(
        by=by,
        tier=Tier.TEACHER_FAMILY,
        school=None,
        title="全县“百日大家访”",
        start=today(),
        end=today() + dt.timedelta(days=DAYS_AHEAD),
        term=term,
        tone="让每一个学生都能被看见。",
        basis_number="澜教〔2026〕21号",
        basis_name="关于“百日大家访”的通知(演示)",
    )
    launch_campaign(by=by, campaign=umbrella)
    with reading(SETTING_UP):
        parts = Campaign.unscoped.filter(parent=umbrella).exclude(school=own)
        return list(parts.select_related("school").order_by("pk"))


def _launch_and_queue(by: Actor, campaign: Campaign) -> None:
    launched = launch_campaign(by=by, campaign=campaign)
    request_plan(by=by, campaign=launched)


@reading(SETTING_UP)
def _actor_of_post(post_kind: str, capacity_kind: str, school: School | None = None) -> Actor:
    post = (
        Post.unscoped.filter(holding(today()), kind=post_kind, school=school)
        .select_related("person")
        .order_by("pk")
        .first()
    )
    if post is None:
        raise NotReady(f"The roster of the demonstration has nobody who is {post_kind}.")
    fitting = [a for a in actors_of_person(post.person) if a.kind == capacity_kind]
    return next(a for a in fitting if school is None or a.school_id == school.pk)


def _principal_of(school: School | None) -> Actor:
    return _actor_of_post(Post.Kind.PRINCIPAL, PRINCIPAL, school)
