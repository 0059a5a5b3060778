"""Invented data for the style guide; nobody in it exists."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.access.actor import COHORT_LEAD, GUARDIAN, TEACHER, Actor, Capacity
from jiafang.web.components.shapes import (
    AgendaItem,
    Cell,
    Choice,
    Evening,
    Fault,
    Job,
    MapData,
    MapPoint,
    NavItem,
    Stop,
    Tile,
    Timetable,
    TimetableRow,
    Tone,
    Trip,
)

TONES: tuple[Tone, ...] = ("met", "due", "overdue", "unseen", "declined", "info", "neutral")

COVERAGE = [
    ("青溪镇中心小学", 412, 466, 6),
    ("石门初级中学", 388, 702, 31),
    ("云岭高级中学", 1204, 1260, 0),
    ("枫桥幼儿园", 96, 240, 12),
]

SURNAMES = "林陈黄郑吴许蔡苏叶柯"
GIVEN = ("雨桐", "子涵", "思远", "欣怡", "浩", "若曦", "嘉禾", "明轩", "安", "诗涵")


def frame(group: str) -> dict[str, object]:
    """A teacher's frame: navigation, capacities and name."""
    teacher = Actor(user_id=0, person_id=0, capacity=Capacity(kind=TEACHER, label="班主任·高一1班"), name="林晓岚")
    lead = Actor(user_id=0, person_id=0, capacity=Capacity(kind=COHORT_LEAD, label="年段长·高一"), name="林晓岚")
    parent = Actor(user_id=0, person_id=0, capacity=Capacity(kind=GUARDIAN, label="家长"), name="林晓岚")
    return {
        "actor": teacher,
        "capacities": [teacher, lead, parent],
        "nav": [
            NavItem(_("今日家访"), "?show=today&frame=sample", "calendar-event", group == "today", 3),
            NavItem(_("我的班级"), "?show=class&frame=sample", "users", group == "class"),
            NavItem(_("安排表"), "?show=timetable&frame=sample", "calendar-week", group == "timetable"),
            NavItem(_("记录"), "?show=forms&frame=sample", "notes", group == "forms"),
            NavItem(_("个案"), "?show=charts&frame=sample", "heart-handshake", group == "charts"),
            NavItem(_("名册"), "?show=files&frame=sample", "database-import", group == "files"),
        ],
    }


def chips() -> list[Choice]:
    names = ["全部", "高一", "高二", "高三"]
    return [Choice(name, f"?cohort={i}", active=i == 1) for i, name in enumerate(names)]


class VisitForm(forms.Form):
    channel = forms.ChoiceField(
        label=gettext_lazy("方式"),
        choices=[("phone", gettext_lazy("电话")), ("video", gettext_lazy("视频")), ("onsite", gettext_lazy("上门"))],
        widget=forms.RadioSelect,
    )
    phone = forms.RegexField(
        label=gettext_lazy("家长手机号"),
        regex=r"^1[3-9]\d{9}$",
        error_messages={"invalid": gettext_lazy("手机号应是 11 位数字,请再看一下。")},
        help_text=gettext_lazy("只用来联系,不会给别人看到。"),
    )
    finding = forms.CharField(
        label=gettext_lazy("聊到了什么"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "data-count": ""}),
        error_messages={"required": gettext_lazy("请写一句聊到的情况。")},
    )
    term = forms.ChoiceField(label=gettext_lazy("学期"), choices=[("1", "2025 秋"), ("2", "2026 春")], required=False)
    follow_up = forms.BooleanField(label=gettext_lazy("需要回访"), required=False)


class FilterForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("姓名或拼音"), required=False)
    cohort = forms.ChoiceField(label=gettext_lazy("年段"), choices=[("", "全部"), ("g1", "高一")], required=False)
    state = forms.ChoiceField(label=gettext_lazy("状态"), choices=[("", "全部"), ("due", "待访")], required=False)


def faults() -> list[Fault]:
    return [
        Fault(
            "学籍号只有 15 位,可能被 Excel 截断了。请把这一列改成文本格式,再从学籍系统复制一次。",
            "学生",
            18,
            "学籍号",
            "G35052620110413",
        ),
        Fault("名册里没有“高一9班”。请先在“班级”表里加上,或改成已有的班。", "学生", 42, "班级", "高一9班"),
        Fault("和第 57 行是同一个学籍号。请留下一行。", "学生", 58, "学籍号", "G350526201203156635"),
        Fault("这个班有两位班主任:林晓岚、陈望舒。先按第一位导入,请确认。", "班级", 7, "班主任工号", serious=False),
    ]


def running_job(poll_url: str, percent: int) -> Job:
    phase = _("正在核对名册") if percent < 40 else _("正在写入,全部成功才算数")
    return Job(_("导入名册"), phase, "running", poll_url, percent, 4 * (100 - percent), "青溪镇中心小学等 4 所学校")


def done_job() -> Job:
    return Job(
        _("自动排表"),
        _("排好了 412 户,3 户暂时排不上"),
        "done",
        "",
        100,
        None,
        _("路程最多还能省 12 分钟"),
        _("看安排表"),
        "#",
    )


def failed_job() -> Job:
    return Job(
        _("导入名册"),
        _("没有导入:名册有 4 处要改"),
        "failed",
        "",
        None,
        None,
        _("原来的名册没有变。"),
        _("看看哪里要改"),
        "#",
    )


def tiles() -> list[Tile]:
    pattern: list[tuple[Tone, str]] = [
        ("met", _("12 天")),
        ("met", _("3 天")),
        ("due", _("41 天")),
        ("met", _("20 天")),
        ("overdue", _("96 天")),
        ("met", _("8 天")),
        ("due", _("35 天")),
        ("unseen", _("没联系")),
        ("met", _("15 天")),
        ("met", _("27 天")),
    ]
    made = []
    for i in range(50):
        tone, note = pattern[(i * 3 + i // 10) % 10]
        name = SURNAMES[i % 10] + GIVEN[(i * 7 + i // 10) % 10]
        made.append(Tile(name, "#", tone, note, ("留守儿童",) if i % 9 == 4 else ()))
    made[33] = Tile("欧阳若曦", "#", "declined", _("这次先不"))
    return made


def agenda() -> list[AgendaItem]:
    return [
        AgendaItem(
            "18:40",
            "林雨桐",
            "met",
            _("已办好"),
            "onsite",
            _("上门"),
            "#",
            "青溪镇 下洋村",
            note="奶奶在家;想问问住校的事。",
        ),
        AgendaItem(
            "19:20",
            "陈子涵、陈子轩(兄妹)",
            "due",
            _("已和家长约好"),
            "onsite",
            _("上门"),
            "#",
            "青溪镇 上坂村",
            True,
            "13900000000",
            "#",
            "#",
            tags=("留守儿童",),
        ),
        AgendaItem(
            "20:30",
            "黄思远",
            "due",
            _("待约"),
            "phone",
            _("电话"),
            "#",
            phone="13900000001",
            brief_url="#",
            record_url="#",
        ),
        AgendaItem("昨天", "许安", "overdue", _("已逾期 1 天"), "video", _("视频"), "#", record_url="#"),
        AgendaItem("19:00", "柯嘉禾", "declined", _("这次先不家访"), "onsite", _("上门"), "#"),
    ]


def timetable(check_url: str, move_url: str) -> Timetable:
    evenings = [
        Evening("mon", "10月12日 周一", _("18:30–21:00")),
        Evening("tue", "10月13日 周二", _("18:30–21:00"), today=True),
        Evening("wed", "10月14日 周三", _("18:30–21:00")),
        Evening("thu", "10月15日 周四", _("18:30–21:00")),
        Evening("fri", "10月16日 周五", _("返家日")),
        Evening("sat", "10月17日 周六上午", _("8:30–11:30")),
    ]
    visitors = [
        ("a", "林晓岚", _("高一1班 班主任")),
        ("b", "陈望舒", _("高一2班 班主任")),
        ("c", "吴守拙", _("高一3班 班主任")),
        ("d", "郑怀瑾", _("高一4班 班主任")),
        ("e", "苏一苇", _("英语 · 走教")),
    ]

    def trip(key: str, number: int, *, fixed: bool = False, joint: str = "", with_whom: str = "") -> Trip:
        names = [SURNAMES[(number + i) % 10] + GIVEN[(number * 3 + i) % 10] for i in range(2 + number % 2)]
        places = ["下洋村", "上坂村", "青溪社区"]
        stops = [
            Stop(
                name,
                f"{18 + (40 + 35 * i) // 60}:{(40 + 35 * i) % 60:02}",
                places[(number + i) % 3],
                "onsite" if (number + i) % 3 else "phone",
                _("上门") if (number + i) % 3 else _("电话"),
                "met" if number < 3 else "due",
                "#",
                joint if i == 1 else "",
                with_whom if i == 1 else "",
            )
            for i, name in enumerate(names)
        ]
        return Trip(key, stops, "18:30–20:20", _("步行 6 分钟 · 骑车 14 分钟"), "#", fixed, check_url, move_url)

    rows = []
    for r, (key, who, note) in enumerate(visitors):
        cells = []
        for c in range(len(evenings)):
            if (r, c) in {(0, 4), (3, 1), (4, 2)}:
                cells.append(Cell(closed=_("值晚自习")))
            elif (r * 2 + c) % 3 == 0:
                joint = "A" if (r, c) in {(0, 3), (3, 3)} else ""
                cells.append(
                    Cell(
                        [trip(f"{key}{c}", r + c, fixed=(r + c) % 4 == 1, joint=joint, with_whom="陈望舒、林晓岚同去")]
                    )
                )
            else:
                cells.append(Cell())
        rows.append(TimetableRow(key, who, cells, note, "#"))
    return Timetable(evenings, rows, _("老师"), movable=True)


def verdict(evening: str) -> dict[str, object]:
    if evening == "thu":
        return {"ok": False, "conflicts": [_("陈望舒那天晚上已排了 3 户,是上限。"), _("黄思远家周四不方便。")]}
    if evening == "fri":
        return {"ok": True, "conflicts": [_("比原来多走 11 分钟。")]}
    return {"ok": True, "conflicts": []}


def map_data() -> MapData:
    stops = [
        MapPoint("陈子涵家", 25.322, 118.246, "stop", 1),
        MapPoint("黄思远家", 25.334, 118.262, "stop", 2),
        MapPoint("许安家(上坂村)", 25.318, 118.275, "stop", 3, approximate=True),
    ]
    school = MapPoint("云岭高级中学", 25.312, 118.232, "school")
    villages = [
        MapPoint("下洋村", 25.327, 118.2495, "village"),
        MapPoint("青溪社区", 25.338, 118.255, "village"),
        MapPoint("上坂村", 25.3165, 118.281, "village"),
    ]
    trip = [(p.lat, p.lng) for p in [school, *stops, school]]
    roads = [
        [(25.305, 118.22), (25.315, 118.236), (25.325, 118.25), (25.34, 118.265), (25.352, 118.27)],
        [(25.325, 118.25), (25.32, 118.265), (25.316, 118.283), (25.31, 118.3)],
    ]
    return MapData([school, *villages, *stops], trip, roads)


WEEKS = ["9月1日", "9月8日", "9月15日", "9月22日", "9月29日", "10月6日", "10月13日"]

COVERAGE_CHART = {
    "labels": WEEKS,
    "series": [
        {"name": "老师→家庭", "values": [4, 11, 23, 37, 45, 52, 66]},
        {"name": "校长→老师", "values": [0, 8, 20, 28, 50, 61, 74]},
        {"name": "局机关→学校", "values": [0, 0, 25, 25, 50, 75, 100]},
    ],
}

BEFORE_AFTER = {
    "labels": ["情绪平稳", "学习投入", "亲子沟通", "同伴关系"],
    "before": [2, 3, 1, 3],
    "after": [4, 3.5, 3, 2.5],
    "max": 5,
}

HEAT = {
    "rows": ["青溪镇中心小学", "石门初级中学", "云岭高级中学", "枫桥幼儿园"],
    "columns": WEEKS,
    "values": [
        [5, 14, 30, 48, 60, 71, 88],
        [2, 6, 15, 22, 31, 44, 55],
        [10, 31, 52, 70, 84, 92, 96],
        [0, 3, 9, 18, 27, 33, 40],
    ],
}
