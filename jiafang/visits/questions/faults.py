"""What is wrong in a workbook, and where: a code with its facts, in words when somebody reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.common.errors import InputFault

SURVEY = "survey"
CHOICES = "choices"

_WORDS = {
    # The file as a whole.
    "not_excel": gettext_lazy("请上传 .xlsx 或 .xls 格式的 XLSForm 文件"),
    "damaged": gettext_lazy("这个文件打不开,可能已损坏或设了密码,请重新另存一份"),
    "too_demanding": gettext_lazy("这个文件太复杂或太大,读不完,请精简后再传"),
    "no_survey": gettext_lazy("没有找到名为 survey 的工作表"),
    "no_questions": gettext_lazy("没有找到题目"),
    "too_many_questions": gettext_lazy("题目太多,一份最多 %(most)s 道"),
    "too_many_choices": gettext_lazy("选项太多,一份最多 %(most)s 个"),
    "too_deep": gettext_lazy("分组套得太深"),
    "text_too_long": gettext_lazy("%(column)s 一栏的文字太长,最多 %(most)s 字"),
    # What is not supported.
    "type": gettext_lazy("题型“%(value)s”不支持。支持的题型有:文字、整数、小数、日期、时间、单选、多选、说明和分组"),
    "metadata": gettext_lazy("“%(value)s”不需要:谁、何时填写,系统已经知道,请删去这一行"),
    "repeat": gettext_lazy("“%(value)s”(重复分组)不支持,请改用普通分组"),
    "calculation": gettext_lazy("自动计算(calculation)不支持"),
    "trigger": gettext_lazy("触发计算(trigger)不支持"),
    "expression": gettext_lazy("%(column)s 里的“%(value)s”不支持:%(why)s"),
    "dynamic_default": gettext_lazy("默认值“%(value)s”不支持:默认值里不能引用别的题目"),
    "unknown_name": gettext_lazy("%(column)s 里的“%(value)s”提到了不存在或不能填写的题目“%(name)s”"),
    "circle": gettext_lazy("“%(name)s”的显示条件绕了一圈又取决于它自己"),
    "same_name": gettext_lazy("名称“%(name)s”用了不止一次,全表的题目名称都不能相同"),
    "bad_name": gettext_lazy("名称“%(name)s”不能用:请以字母或下划线开头(不能是两个下划线),最长 %(most)s 个字符"),
    "bad_default": gettext_lazy("默认值“%(value)s”不合这道题的题型"),
    "bad_choice_name": gettext_lazy("选项的名称“%(name)s”不能用:不能有空格,最长 %(most)s 个字符"),
    "external": gettext_lazy("选项来自外部文件或外部选项表,不支持"),
    "entities": gettext_lazy("实体(entities)不支持,请删去这张工作表和 save_to 一栏"),
    # What pyxform says.
    "no_name": gettext_lazy("这道题没有名称(name)"),
    "no_type": gettext_lazy("这道题没有题型(type)"),
    "no_list": gettext_lazy("choices 工作表里没有名为“%(value)s”的选项"),
    "no_choice_name": gettext_lazy("这个选项没有名称(name)"),
    "same_choice": gettext_lazy("同一组选项里有两个名称相同"),
    "unmatched": gettext_lazy("分组的开始(begin group)和结束(end group)不成对"),
    "headers": gettext_lazy("表头有缺少或重复的栏:%(value)s"),
    "other": gettext_lazy("这里读不懂:%(value)s"),
    # What is left out without harm.
    "left_media": gettext_lazy("图片、声音和影像(%(value)s)不显示"),
    "left_appearance": gettext_lazy("外观(appearance)“%(value)s”没有用到,按通常的样子显示"),
    "left_language": gettext_lazy("语言“%(value)s”没有用到,只用中文和英文"),
    "left_column": gettext_lazy("%(value)s 一栏没有用到"),
    "left_sheet": gettext_lazy("这张工作表没有用到"),
    "left_readonly": gettext_lazy("只读(read_only)没有用到,这道题可以填写"),
    "no_label": gettext_lazy("没有文字,显示名称“%(value)s”"),
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong or left out, at a sheet and a row if it has one."""

    code: str
    sheet: str = ""
    row: int | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def message(self) -> str:
        words = str(_WORDS[self.code])
        return words % dict(self.facts) if self.facts else words

    @property
    def sentence(self) -> str:
        """The message with its place before it."""
        if self.row is not None:
            place = _("工作表 %(sheet)s 第 %(row)s 行:") % {"sheet": self.sheet, "row": self.row}
            return f"{place}{self.message}"
        if self.sheet:
            return _("工作表 %(sheet)s:") % {"sheet": self.sheet} + self.message
        return self.message

    def to_json(self) -> dict[str, object]:
        return {"code": self.code, "sheet": self.sheet, "row": self.row, "facts": dict(self.facts)}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Fault":
        return cls(**stored)  # type: ignore[arg-type]  # written by to_json


class WorkbookFault(InputFault):
    """A workbook that cannot be taken, with everything that is wrong in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].sentence, place="file")
        self.faults = list(faults)
