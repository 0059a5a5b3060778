"""The forms of a campaign: what it is, its rules, its evenings, its focus per cohort."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.campaigns.models import ChannelRule, Shift, Tier
from jiafang.campaigns.rules import Rules
from jiafang.common.errors import Conflict, InputFault, NotReady
from jiafang.common.uploads import ACCEPTED
from jiafang.web.campaigns.basis_file import read_basis
from jiafang.web.timetable.dates import PARTS_OF_DAY, day_with_weekday, time_range

EVERYWHERE = "all"
LONGEST_CAMPAIGN = dt.timedelta(days=200)


def accepted(form: forms.BaseForm, call: Callable[[], object]) -> bool:
    """Whether the service took it; its fault is told at the field it names, else above the form."""
    try:
        call()
    except InputFault as fault:
        form.add_error(fault.place if fault.place in form.fields else None, fault.message)
    except (Conflict, NotReady) as error:
        form.add_error(None, error.message)
    return form.is_valid()


def date_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options)


def time_field(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({"type": "time", "step": "300"}, format="%H:%M"))


class AboutForm(forms.Form):
    """What the campaign is; the tier and the school are chosen once, when it is made."""

    title = forms.CharField(
        label=gettext_lazy("活动名称"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("不填就按学期和层级取名"),
    )
    start = date_field(gettext_lazy("开始"))
    end = date_field(gettext_lazy("结束"))
    tone = forms.CharField(
        label=gettext_lazy("给老师的话"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3, "data-count": ""}),
        help_text=gettext_lazy("例如:带着关心去,拉拉家常,多听少说"),
    )
    party_building = forms.BooleanField(label=gettext_lazy("党建引领活动"), required=False)
    basis_number = forms.CharField(label=gettext_lazy("文号"), max_length=100, required=False)
    basis_name = forms.CharField(label=gettext_lazy("文件名称"), max_length=200, required=False)
    basis_file = forms.FileField(
        label=gettext_lazy("文件"),
        required=False,
        widget=forms.FileInput({"accept": ACCEPTED}),
        help_text=gettext_lazy("PDF、Word、JPG 或 PNG,10 MB 以内"),
    )

    def clean_basis_file(self) -> tuple[bytes, str] | None:
        upload = self.cleaned_data.get("basis_file")
        if not upload:
            return None
        try:
            return read_basis(upload)
        except InputFault as fault:
            raise forms.ValidationError(fault.message) from fault

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            self.add_error("end", _("结束日期不能早于开始日期"))
        elif start and end and end - start > LONGEST_CAMPAIGN:
            self.add_error("end", _("一次活动最多 %(days)s 天,可以分几次办") % {"days": LONGEST_CAMPAIGN.days})
        return data

    @property
    def fields_for_service(self) -> dict[str, Any]:
        """What `create_campaign` and `edit_campaign` take."""
        data = self.cleaned_data
        taken: dict[str, Any] = {
            name: data[name]
            for name in ("title", "start", "end", "tone", "party_building", "basis_number", "basis_name")
            if name in data
        }
        if data.get("basis_file"):
            taken["basis_file"], taken["basis_file_name"] = data["basis_file"]
        return taken


class NewCampaignForm(AboutForm):
    """A new campaign: which tier, for which school, when."""

    tier = forms.ChoiceField(label=gettext_lazy("哪一级的家访"), widget=forms.RadioSelect)
    school = forms.ChoiceField(label=gettext_lazy("哪些学校"))
    field_order = ("tier", "school", "title", "start", "end")

    def __init__(self, *args: Any, tiers: Sequence[Tier], schools: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tier, school = self.fields["tier"], self.fields["school"]
        assert isinstance(tier, forms.ChoiceField)
        assert isinstance(school, forms.ChoiceField)
        tier.choices = [(t.value, t.label) for t in tiers]
        if not schools:
            del self.fields["school"]
        else:
            everywhere = _("全区每所学校各一份,由学校定时间")
            school.choices = [(EVERYWHERE, everywhere), *((str(pk), name) for pk, name in schools)]
            school.help_text = _("局机关走访不用选学校")


class RulesForm(forms.Form):
    """How the visits are made; the usual three first, the rest folded away."""

    default_channel = forms.ChoiceField(
        label=gettext_lazy("大多数家庭怎么访"), choices=ChannelRule.choices, widget=forms.RadioSelect
    )
    onsite_for_tags = forms.BooleanField(label=gettext_lazy("有关爱标签的孩子一定上门"), required=False)
    two_visitors_onsite = forms.BooleanField(label=gettext_lazy("上门至少两位老师同行"), required=False)
    siblings_together = forms.BooleanField(label=gettext_lazy("兄弟姐妹一起访,不重复上门"), required=False)
    max_stops_per_trip = forms.IntegerField(label=gettext_lazy("一次出门最多去几家"))
    onsite_minutes = forms.IntegerField(label=gettext_lazy("上门一家大约几分钟"))
    remote_minutes = forms.IntegerField(label=gettext_lazy("打一个电话大约几分钟"))
    max_units_per_shift = forms.IntegerField(
        label=gettext_lazy("一位老师一个时段的工作量上限"),
        help_text=gettext_lazy("下面两项加起来不超过它,比如上门算 2、电话算 1、上限 6"),
    )
    onsite_units = forms.IntegerField(label=gettext_lazy("上门一家算几份"))
    remote_units = forms.IntegerField(label=gettext_lazy("打一个电话算几份"))
    max_groups_per_trip = forms.IntegerField(label=gettext_lazy("最多几个班的老师拼一辆车"))
    speed_kmh = forms.FloatField(label=gettext_lazy("路上平均时速(公里)"))
    people_per_school = forms.IntegerField(
        label=gettext_lazy("每所学校走访几位教师"), help_text=gettext_lazy("0 表示全部")
    )

    USUAL = ("default_channel", "onsite_for_tags", "two_visitors_onsite", "siblings_together")

    def __init__(self, *args: Any, tier: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if tier != Tier.TEACHER_FAMILY:
            del self.fields["siblings_together"]
            del self.fields["onsite_for_tags"]
        if tier != Tier.BUREAU_TEACHER:
            del self.fields["people_per_school"]

    @property
    def usual(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in self.USUAL]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.USUAL]

    def rules(self, before: Rules) -> Rules:
        """The rules with what was filled in."""
        return Rules.from_json(before.to_json() | self.cleaned_data)


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """One evening or half-day as it stands in the campaign."""

    date: dt.date
    kind: str
    start: dt.time
    end: dt.time

    @property
    def key(self) -> str:
        return f"{self.date.isoformat()}.{self.kind}"


@dataclass(frozen=True, slots=True)
class ShiftBox:
    value: str
    checked: bool
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class ShiftDay:
    label: str
    note: str
    free: bool
    boxes: list[ShiftBox]


class ShiftsForm(forms.Form):
    """Which evenings and half-days are used: days down, parts of the day across, one time for each part."""

    morning_start = time_field(gettext_lazy("上午从"))
    morning_end = time_field(gettext_lazy("到"))
    afternoon_start = time_field(gettext_lazy("下午从"))
    afternoon_end = time_field(gettext_lazy("到"))
    evening_start = time_field(gettext_lazy("晚上从"))
    evening_end = time_field(gettext_lazy("到"))
    shift = forms.MultipleChoiceField(required=False)
    despite = forms.BooleanField(
        label=gettext_lazy("仍然取消这些时段"),
        required=False,
        help_text=gettext_lazy("他们马上会看到“学校取消了,会另约时间”;保存后请重新排表。"),
    )

    USUAL_TIMES = {
        Shift.Kind.MORNING: (dt.time(9, 0), dt.time(11, 30)),
        Shift.Kind.AFTERNOON: (dt.time(14, 30), dt.time(17, 30)),
        Shift.Kind.EVENING: (dt.time(18, 30), dt.time(21, 0)),
    }

    def __init__(
        self,
        data: Any = None,
        *,
        start: dt.date,
        end: dt.date,
        current: Iterable[ShiftLine],
        special_days: dict[dt.date, str],
    ) -> None:
        self.current = {line.key: line for line in current}
        self.days = [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]
        self.special_days = special_days
        self.times = {kind: self._usual_time(kind) for kind in Shift.Kind}
        initial: dict[str, Any] = {"shift": list(self.current)}
        for kind, (begins, ends) in self.times.items():
            initial |= {f"{kind}_start": begins, f"{kind}_end": ends}
        super().__init__(data, initial=initial)
        chooser = self.fields["shift"]
        assert isinstance(chooser, forms.MultipleChoiceField)
        chooser.choices = [(key, key) for day in self.days for key in self._keys(day)]

    def _usual_time(self, kind: Shift.Kind) -> tuple[dt.time, dt.time]:
        """The time that most shifts of the kind have."""
        times = [(line.start, line.end) for line in self.current.values() if line.kind == kind]
        return max(set(times), key=lambda t: (times.count(t), t)) if times else self.USUAL_TIMES[kind]

    @staticmethod
    def _keys(day: dt.date) -> list[str]:
        return [f"{day.isoformat()}.{kind.value}" for kind in Shift.Kind]

    @property
    def parts(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [(str(PARTS_OF_DAY[kind]), self[f"{kind}_start"], self[f"{kind}_end"]) for kind in Shift.Kind]

    @property
    def part_names(self) -> list[str]:
        return [str(PARTS_OF_DAY[kind]) for kind in Shift.Kind]

    @property
    def weeks(self) -> list[list[ShiftDay]]:
        """The days of the campaign, week by week."""
        chosen = set(self["shift"].value() or [])
        weeks: list[list[ShiftDay]] = []
        for day in self.days:
            if not weeks or day.weekday() == 0:
                weeks.append([])
            weeks[-1].append(self._day(day, chosen))
        return weeks

    def _day(self, day: dt.date, chosen: set[str]) -> ShiftDay:
        boxes = []
        for kind, key in zip(Shift.Kind, self._keys(day), strict=True):
            line = self.current.get(key)
            differs = line is not None and (line.start, line.end) != self.times[kind]
            boxes.append(
                ShiftBox(
                    value=key,
                    checked=key in chosen,
                    label=f"{day_with_weekday(day)} {PARTS_OF_DAY[kind]}",
                    note=time_range(line.start, line.end) if line and differs else "",
                )
            )
        return ShiftDay(day_with_weekday(day), self.special_days.get(day, ""), day.weekday() >= 5, boxes)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for kind in Shift.Kind:
            begins, ends = data.get(f"{kind}_start"), data.get(f"{kind}_end")
            if begins and ends and ends <= begins:
                self.add_error(f"{kind}_end", _("要晚于开始的时间"))
        if not data.get("shift"):
            self.add_error(None, _("请至少选一个晚上或半天"))
        return data

    def lines(self) -> list[ShiftLine]:
        """What was chosen. A shift keeps a time of its own unless the time of its part was changed."""
        chosen = []
        for key in self.cleaned_data["shift"]:
            day, kind = key.split(".")
            before = self.current.get(key)
            times = (self.cleaned_data[f"{kind}_start"], self.cleaned_data[f"{kind}_end"])
            if before and times == self.times[Shift.Kind(kind)]:
                times = (before.start, before.end)
            chosen.append(ShiftLine(dt.date.fromisoformat(day), kind, *times))
        return chosen


class FocusForm(forms.Form):
    """What one cohort's visits are about."""

    topics = forms.CharField(
        label=gettext_lazy("家访重点"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    talking_points = forms.CharField(
        label=gettext_lazy("谈话要点"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    notices = forms.CharField(
        label=gettext_lazy("要告知家长的事"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
    )
    due = date_field(gettext_lazy("在这天前访完"), required=False)

    def __init__(self, *args: Any, start: dt.date, end: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.start, self.end = start, end

    def clean_due(self) -> dt.date | None:
        due: dt.date | None = self.cleaned_data["due"]
        if due and not self.start <= due <= self.end:
            raise forms.ValidationError(_("要在活动的日期之内"))
        return due

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("topics") and any(data.get(name) for name in ("talking_points", "notices", "due")):
            self.add_error("topics", _("请写一句这个年段的家访重点"))
        return data


class WindowsForm(forms.Form):
    """When a family can be met: for each evening none, or the earliest and latest start."""

    def __init__(
        self,
        data: Any = None,
        *,
        shifts: Sequence[tuple[int, str, dt.time, dt.time]],
        windows: dict[int, tuple[dt.time, dt.time]],
    ) -> None:
        super().__init__(data)
        self.shifts = shifts
        for pk, label, start, end in shifts:
            earliest, latest = windows.get(pk, (start, end))
            self.fields[f"on_{pk}"] = forms.BooleanField(label=label, required=False, initial=pk in windows)
            self.fields[f"from_{pk}"] = time_field(_("最早几点"))
            self.fields[f"to_{pk}"] = time_field(_("最晚几点开始"))
            for name, value in ((f"from_{pk}", earliest), (f"to_{pk}", latest)):
                self.fields[name].required = False
                self.fields[name].initial = value

    @property
    def lines(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField, str]]:
        return [
            (self[f"on_{pk}"], self[f"from_{pk}"], self[f"to_{pk}"], time_range(start, end))
            for pk, _label, start, end in self.shifts
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for pk, _label, start, end in self.shifts:
            if not data.get(f"on_{pk}"):
                continue
            earliest, latest = data.get(f"from_{pk}"), data.get(f"to_{pk}")
            if earliest is None or latest is None:
                self.add_error(f"from_{pk}", _("请填最早和最晚几点"))
            elif latest < earliest:
                self.add_error(f"to_{pk}", _("最晚不能早于最早"))
            elif earliest < start or latest > end:
                self.add_error(f"from_{pk}", _("要在这个时段之内"))
        return data

    def windows(self) -> list[tuple[int, dt.time, dt.time]]:
        """(shift, earliest, latest) of the evenings ticked; none means every evening suits."""
        data = self.cleaned_data
        return [(pk, data[f"from_{pk}"], data[f"to_{pk}"]) for pk, *_rest in self.shifts if data.get(f"on_{pk}")]
