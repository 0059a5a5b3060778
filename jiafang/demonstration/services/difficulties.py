"""Difficulties of the demonstration district at every stage of being dealt with, so that no board is empty."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F

from jiafang.access import Actor, actor_transaction, reading, system
from jiafang.access.actor import CADRE, COHORT_LEAD, COUNSELOR, DIRECTOR, GUARDIAN, PRINCIPAL, TEACHER
from jiafang.campaigns.models import Appointment
from jiafang.care.models import AlertTier, CaseFile, CaseStep, Category, Escalation, Resource, Role, SubjectKind
from jiafang.care.services.act import add_action
from jiafang.care.services.categories import CategoryDraft, save_category
from jiafang.care.services.confirm import confirm_case
from jiafang.care.services.escalate import announce_due, escalate_overdue
from jiafang.care.services.measure import measure
from jiafang.care.services.progress import track
from jiafang.care.services.propose import propose_result
from jiafang.care.services.raise_case import Difficulty, raise_case
from jiafang.care.services.refer import answer_referral, refer_case
from jiafang.care.services.resources import Help, save_resource
from jiafang.care.services.say import say
from jiafang.care.services.sections import add_member, save_section
from jiafang.care.services.send import send_up
from jiafang.care.services.tick import tick
from jiafang.common.clock import now, today
from jiafang.common.errors import NotReady
from jiafang.demonstration.numbers import INVENTED_MOBILE_PREFIX
from jiafang.demonstration.services.logins import HOMEROOM, SUBJECT
from jiafang.demonstration.services.settle import SETTING_UP
from jiafang.insight.models import SignRule
from jiafang.insight.services.find_signs import find_signs
from jiafang.insight.services.sign_rules import change_sign_rule
from jiafang.organization.capacities import actors_of_person
from jiafang.organization.models import Enrollment, Guardianship, Person, Post, SchoolClass, holding

ESCALATING, FINDING = system("escalation"), system("signs")
CHILDREN = 7


@dataclass(frozen=True)
class Cast:
    """Those who act, in the capacity in which they do, and the children with whose families they deal."""

    administrator: Actor
    director: Actor
    cadre: Actor
    principal: Actor
    lead: Actor
    teacher: Actor
    subject: Actor
    counselor: Actor
    parent: Actor
    own_child: Person
    children: list[Person]
    colleague: Actor
    pupil: Person
    other_principal: Actor


def bring_difficulties(*, by: Actor, around: SchoolClass, people: dict[str, Person]) -> None:
    """Cases of students of this class, of a teacher and of another school, and what is needed to deal with them.

    `people`: who signs in as what; `by`: the administrator.
    """
    cast = _cast(by, around, people)
    staff_section = _sections(cast)
    room = _where_help_is_found(cast)
    _waits_and_is_in_work(cast)
    _referred(cast, room)
    _pressing(cast)
    _asked_and_closed(cast, room)
    _of_a_teacher(cast, staff_section)
    _of_schools(cast)
    _early_signs(cast)


def _cast(by: Actor, around: SchoolClass, people: dict[str, Person]) -> Cast:
    parent = _actor(people[GUARDIAN], GUARDIAN)
    children = [child for child in _children(around) if child.pk not in parent.capacity.ward_ids]
    if len(children) < CHILDREN:
        raise NotReady("The class of the demonstration has too few children.")
    beside, elsewhere = _posts_beside(around)
    assert beside.school_class is not None  # the constraint on posts says so
    return Cast(
        administrator=by,
        director=_actor(people[DIRECTOR], DIRECTOR),
        cadre=_actor(people[CADRE], CADRE),
        principal=_actor(people[PRINCIPAL], PRINCIPAL),
        lead=_actor(people[COHORT_LEAD], COHORT_LEAD),
        teacher=_actor(people[HOMEROOM], TEACHER),
        subject=_actor(people[SUBJECT], TEACHER),
        counselor=_actor(people[COUNSELOR], COUNSELOR),
        parent=parent,
        own_child=_ward_in(around, parent),
        children=children,
        colleague=_actor(beside.person, TEACHER),
        pupil=_children(beside.school_class)[0],
        other_principal=next(one for one in actors_of_person(elsewhere.person) if one.school_id == elsewhere.school_id),
    )


@reading(SETTING_UP)
def _posts_beside(around: SchoolClass) -> tuple[Post, Post]:
    """Who leads another class of the cohort, and who another school."""
    held = Post.unscoped.filter(holding(today())).select_related("person", "school_class").order_by("pk")
    homerooms = held.filter(kind=Post.Kind.HOMEROOM_TEACHER, school_class__cohort=around.cohort_id)
    principals = held.filter(kind=Post.Kind.PRINCIPAL).exclude(school=around.cohort.school_id)
    return homerooms.exclude(school_class=around)[0], principals[0]


@reading(SETTING_UP)
def _ward_in(around: SchoolClass, parent: Actor) -> Person:
    held = Enrollment.unscoped.filter(holding(today()), school_class=around, student__in=parent.capacity.ward_ids)
    return held.select_related("student").order_by("student_id")[0].student


def _actor(person: Person, kind: str) -> Actor:
    return next(actor for actor in actors_of_person(person) if actor.kind == kind)


@reading(SETTING_UP)
def _children(around: SchoolClass) -> list[Person]:
    """Of families with whom nobody of the staff is related; who is visited next comes first."""
    staff = Guardianship.unscoped.filter(guardian__posts__isnull=False, revoked_on=None)
    can_answer = Guardianship.unscoped.filter(
        is_primary=True, is_guardian=True, may_see=True, revoked_on=None, guardian__deceased=False
    )
    enrolled = Enrollment.unscoped.filter(
        holding(today()), school_class=around, student__in=can_answer.values("student")
    ).exclude(student__in=staff.values("student"))
    children = [row.student for row in enrolled.select_related("student").order_by("student_id")]
    visits = Appointment.unscoped.filter(published=True, starts_at__gte=now(), duties__person__in=children)
    soon = list(visits.order_by("starts_at", "pk").values_list("duties__person_id", flat=True))
    return sorted(children, key=lambda child: soon.index(child.pk) if child.pk in soon else len(soon))


def _sections(cast: Cast) -> int:
    """One for buildings and supplies, to which what a school lacks goes by itself; returns the one for staff."""
    with reading(SETTING_UP):
        cadres = Post.unscoped.filter(holding(today()), kind=Post.Kind.CADRE).order_by("pk")
        other = cadres.exclude(person_id=cast.cadre.person_id).values_list("person_id", flat=True)[0]
        lacking = Category.objects.get(code="conditions")
    by, found = cast.administrator, []
    for name, duties, head in (
        ("人事与教师工作科", "教师的编制、职称、住房和生活困难", cast.cadre.person_id),
        ("装备与后勤中心", "校舍、锅炉、食堂、设备", other),
    ):
        section = save_section(by=by, name=name, duties=duties)
        add_member(by=by, section_id=section.pk, person_id=head, head=True)
        found.append(section.pk)
    told = CategoryDraft(lacking.name, tuple(lacking.subjects), section_id=found[1], order=lacking.order)
    save_category(by=by, told=told, category_id=lacking.pk)
    return found[0]


def _where_help_is_found(cast: Cast) -> Resource:
    """The bureau enters what the county has, the school its own room."""
    kind = Resource.Kind
    for told in (
        Help(
            kind.HOSPITAL,
            "县医院心理门诊(演示)",
            f"{INVENTED_MOBILE_PREFIX} 0000 0001",
            "澜城镇滨河路",
            "周一至周五上午",
        ),
        Help(
            kind.CIVIL_AFFAIRS,
            "县民政局救助科(演示)",
            f"{INVENTED_MOBILE_PREFIX} 0000 0002",
            about="临时救助、困难学生生活补助",
        ),
        Help(
            kind.VOLUNTEERS,
            "县关工委“五老”志愿者(演示)",
            f"{INVENTED_MOBILE_PREFIX} 0000 0003",
            about="周末陪伴、隔代家庭上门",
        ),
    ):
        save_resource(by=cast.administrator, told=told)
    room = Help(kind.COUNSELOR, "心悦小屋", address="综合楼二楼", hours="每天下午第四节、晚自习前", about="个别辅导")
    return save_resource(by=cast.principal, told=room)


def _raised(
    by: Actor,
    about: Person,
    category: str,
    text: str,
    *,
    days_ago: int,
    tier: str = AlertTier.GREEN,
    kind: str = SubjectKind.STUDENT,
) -> CaseFile:
    told = Difficulty(category, text, tier, subject_kind=kind, person_id=about.pk)
    return _let_days_pass(raise_case(by=by, difficulty=told), days_ago)


def _let_days_pass(case: CaseFile, days: int) -> CaseFile:
    """As if all that has become of the case so far had been so many days ago."""
    ago = dt.timedelta(days=days)
    with actor_transaction(SETTING_UP):
        CaseFile.unscoped.filter(pk=case.pk).update(
            raised_at=F("raised_at") - ago, on_this_level_since=F("on_this_level_since") - ago, due=case.due - ago
        )
        CaseStep.unscoped.filter(case=case).update(at=F("at") - ago)
    return case


def _did(by: Actor, case: CaseFile, kind: str, days_ago: int, text: str, *, at: Resource | None = None) -> None:
    """Something that was done, which those concerned may read as well."""
    on = today() - dt.timedelta(days=days_ago)
    resource_id = at.pk if at else None
    add_action(by=by, case_id=case.pk, kind=kind, on=on, text=text, resource_id=resource_id, shared=True)


def _seemed(by: Actor, case: CaseFile, days_ago: int, *, student: str, guardian: str) -> None:
    on = today() - dt.timedelta(days=days_ago)
    for who, mood in (("student", student), ("guardian", guardian)):
        measure(by=by, case_id=case.pk, who=who, mood=mood, on=on)


def _waits_and_is_in_work(cast: Cast) -> None:
    told = _raised(cast.parent, cast.own_child, "study", "数学跟不上,作业写到十一点多,想请老师看看。", days_ago=1)
    say(by=cast.parent, case_id=told.pk, text="他自己不好意思问,请老师别当着同学说。", audience=["school"])
    late = _raised(
        cast.teacher, cast.children[0], "life", "早上常迟到,说晚上睡不着,玩手机到一点多。", days_ago=9, tier="yellow"
    )
    _did(cast.teacher, late, "talk", 8, "单独聊了二十分钟,说爸妈都不在家,夜里害怕。")
    _did(cast.teacher, late, "talk_with_guardian", 6, "和奶奶通了电话,约好十点收手机、留一盏灯。")
    for item in ("counselor_saw", "family_heard"):
        tick(by=cast.teacher, case_id=late.pk, tier="yellow", item=item)
    _seemed(cast.teacher, late, 8, student="2", guardian="2")
    _seemed(cast.teacher, late, 1, student="3", guardian="3")


def _referred(cast: Cast, room: Resource) -> None:
    """One waits for the counselor's answer, one was accepted and is in the counselor's hands."""
    asked = _raised(cast.teacher, cast.children[1], "mind", "最近不太说话,体育课一个人坐着。", days_ago=2)
    _refer(cast, asked, "想请您先见一见,看看怎么帮他打开话匣子。")
    taken = _raised(cast.teacher, cast.children[2], "mind", "考试前手抖、肚子疼,请了两次假。", days_ago=12)
    referral_id = _refer(cast, taken, "考前焦虑明显,班里能做的都做了。")
    answer_referral(by=cast.counselor, referral_id=referral_id, accept=True, words="这周就约。", take_over=True)
    _did(cast.counselor, taken, "counseling", 5, "第一次辅导,学了放松呼吸,约好每周一次。", at=room)
    _seemed(cast.counselor, taken, 5, student="1", guardian="2")


def _refer(cast: Cast, case: CaseFile, reason: str) -> int:
    row = refer_case(
        by=cast.teacher,
        case_id=case.pk,
        to_person_id=cast.counselor.person_id or 0,
        to_role=Role.COUNSELOR,
        reason=reason,
    )
    return row.pk


def _pressing(cast: Cast) -> None:
    """The school is at work on it, from the class to the principal."""
    case = _raised(
        cast.teacher, cast.children[3], "family", "父亲受伤停工,孩子说想退学去打工。", days_ago=1, tier="orange"
    )
    _did(cast.teacher, case, "talk_with_guardian", 1, "和母亲见了面,家里愿意让孩子读下去,眼下缺生活费。")
    send_up(by=cast.teacher, case_id=case.pk, words="要年段一起想办法,申请临时困难补助。")
    _did(cast.lead, case, "measures_agreed", 0, "商定:本周送材料到民政救助,饭卡先由爱心基金充值,每天有人陪着聊几句。")
    for item in ("guardians_told", "team_met"):
        tick(by=cast.lead, case_id=case.pk, tier="orange", item=item)


def _asked_and_closed(cast: Cast, room: Resource) -> None:
    """One waits for the word of the family; one is over, with how it was before and after."""
    glasses = _raised(cast.teacher, cast.own_child, "health", "坐第三排还眯着眼看黑板。", days_ago=15)
    _did(cast.teacher, glasses, "talk_with_guardian", 14, "告诉了家长,约好周末去查视力。")
    propose_result(
        by=cast.teacher,
        case_id=glasses.pk,
        result="solved",
        words="已配好眼镜,座位调到第二排。",
        ask_person_id=cast.parent.person_id,
    )
    child = cast.children[4]
    calmer = _raised(cast.teacher, child, "mind", "和同学闹翻后不肯来上学。", days_ago=45, tier="yellow")
    _seemed(cast.teacher, calmer, 44, student="1", guardian="1")
    _did(cast.teacher, calmer, "visit", 43, "去家里坐了一个小时,听他把事情说完。")
    _did(cast.counselor, calmer, "counseling", 36, "和两个孩子分别谈,再一起谈,说开了。", at=room)
    _did(cast.teacher, calmer, "support", 20, "换了小组,班长每天一起走。")
    _seemed(cast.teacher, calmer, 2, student="4", guardian="5")
    for days_ago, mark, attendance in ((60, "58", "82"), (30, "66", "93"), (4, "79", "99")):
        _tracked(cast, child, days_ago, mark)
        on = today() - dt.timedelta(days=days_ago)
        track(by=cast.teacher, person_id=child.pk, kind="attendance", label="当月出勤", value=attendance, on=on)
    guardian = _first_guardian(child)
    propose_result(
        by=cast.teacher,
        case_id=calmer.pk,
        result="solved",
        words="每天按时到校,又和同学一起打球了。",
        ask_person_id=guardian.person_id,
    )
    confirm_case(by=guardian, case_id=calmer.pk, words="孩子回家话多了,谢谢老师。")


def _tracked(cast: Cast, child: Person, days_ago: int, mark: str) -> None:
    on = today() - dt.timedelta(days=days_ago)
    track(by=cast.teacher, person_id=child.pk, kind="mark", label="数学月考", value=mark, on=on)


@reading(SETTING_UP)
def _first_guardian(child: Person) -> Actor:
    held = Guardianship.unscoped.filter(student=child, is_primary=True, revoked_on=None).select_related("guardian")
    return _actor(held[0].guardian, GUARDIAN)


def _of_a_teacher(cast: Cast, section_id: int) -> None:
    """Raised by a teacher, sent up by the principal, in the hands of a section."""
    with reading(SETTING_UP):
        oneself = Person.unscoped.get(pk=cast.subject.person_id)
    home = _raised(
        cast.subject,
        oneself,
        "life",
        "租的房子离学校二十公里,孩子刚上小学,想申请周转房。",
        days_ago=11,
        kind=SubjectKind.TEACHER,
    )
    _did(cast.principal, home, "talk", 10, "谈了一次,学校没有空房,答应往上报。")
    send_up(by=cast.principal, case_id=home.pk, words="校内无周转房,请局里统筹。", section_id=section_id)
    _did(cast.cadre, home, "other", 0, "核对了申请条件,排在第二位,下个月有一套腾出来。")


def _of_schools(cast: Cast) -> None:
    """What a cadre has seen at one school waits for the director; another's boiler was repaired too late for a section.

    Of a student whom nobody has found in time it is announced that it will climb.
    """
    lacking = Difficulty(
        "teaching",
        "高一少一名物理老师,三个人分着上,课排到晚上。",
        subject_kind=SubjectKind.SCHOOL,
        school_id=cast.principal.school_id,
    )
    _let_days_pass(raise_case(by=cast.cadre, difficulty=lacking), 3)
    broken = Difficulty(
        "conditions",
        "锅炉坏了五天,孩子午饭只能吃凉的,午睡也冷。",
        "orange",
        subject_kind=SubjectKind.SCHOOL,
        school_id=cast.other_principal.school_id,
    )
    boiler = _let_days_pass(raise_case(by=cast.other_principal, difficulty=broken), 6)
    _raised(cast.colleague, cast.pupil, "life", "三天没来上课,电话没人接,家里锁着门。", days_ago=4, tier="orange")
    announce_due(by=ESCALATING)
    warned = dt.timedelta(days=3)
    with actor_transaction(SETTING_UP):
        Escalation.unscoped.filter(case=boiler).update(
            announced_at=F("announced_at") - warned, not_before=F("not_before") - warned
        )
    escalate_overdue(by=ESCALATING)
    _did(cast.director, boiler, "decision", 0, "先租临时锅炉,本周内换新,钱从校舍维修经费里出。")


def _early_signs(cast: Cast) -> None:
    """Marks of two children fall; in a district that has just begun, nobody has been met before."""
    for child, marks in ((cast.children[5], ("86", "78", "69")), (cast.children[6], ("91", "84", "80"))):
        for days_ago, mark in zip((61, 31, 5), marks, strict=True):
            _tracked(cast, child, days_ago, mark)
    with reading(SETTING_UP):
        rule = SignRule.objects.get(kind=SignRule.Kind.NO_CONTACT)
    change_sign_rule(by=cast.administrator, rule_id=rule.pk, active=False, days=rule.days, times=rule.times)
    find_signs(by=FINDING)
